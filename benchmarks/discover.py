#!/usr/bin/env python3
"""Test-time self-distillation: ``python benchmarks/discover.py`` tells how soon each agent solves a hard problem.

Hard problems are those that the untrained policy hardly ever solves, found by sampling. Each agent then starts afresh
on each of them, with each seed, and makes attempts in batches; agents that train learn from every batch without a
success. discovery@k is the share of problems and seeds that were solved within k attempts. ``frozen`` is best of k: the
same attempts without learning.
"""

import json
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the checkout, not benchmarks/: see run.py

import torch
import tyro
from rich.console import Console
from rich.table import Table

from agents.arms import ARMS
from agents.discovery import Search, search
from agents.policies import load_policy
from agents.policy import Policy, Sampling
from agents.registry import labelled, make_agent
from agents.rollout import Rollout
from agents.train import TrainConfig
from agents.update import Optim
from benchmarks.evaluate import Problems, evaluate, lanes
from benchmarks.evaluation_cache import digest_weights
from benchmarks.files import append, make_own_folder, read_lines
from benchmarks.screen import Screen
from benchmarks.statistics import discovery_at_k
from benchmarks.suites import EnvChoice
from pmd_envs import Task
from pmd_envs.command_line import read_options
from pmd_envs.env_ids import known_id
from pmd_envs.errors import ConfigError, PMDError
from pmd_envs.records import Json

LONGEST_SEARCH = 40
"""Problems that are looked at for each hard one that is wanted."""
# What the SDPO paper trains with at test time (its table 12): reverse KL on 20 tokens, a slow teacher.
TEST_TIME = {"alpha": 1.0, "top_k": 20, "teacher_rate": 0.01}


@dataclass(frozen=True)
class Options:
    """Find hard problems of one environment, and measure how soon agents solve them.

    Examples:
      python benchmarks/discover.py --env pmd/KnightsKnaves-v0 --difficulty 5 --attempts 512 --seeds 5
      python benchmarks/discover.py --agents frozen sdpo --indices 3 17

    Exit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.
    """

    env: str = "pmd/GSM8K-v0"
    """Where the problems are from."""
    difficulty: int = 3
    """Level of the generated problems."""
    agents: tuple[str, ...] = ("frozen", "sdpo", "pmd")
    """Agents and arms, each alone."""
    policy: str = "nano"
    """nano, smollm2, a folder with a model, or a Hugging Face id."""
    indices: tuple[int, ...] = ()
    """Problems of the train split by number; by default hard ones are looked for."""
    problems: int = 5
    """How many hard problems are looked for."""
    screen: int = 64
    """Attempts at each problem while looking."""
    below: float = 0.05
    """Share solved below which a problem is hard."""
    attempts: int = 256
    """Attempts at each problem, at most."""
    batch: int = 16
    """Attempts between two updates."""
    seeds: int = 3
    """Seeds 0 to this - 1, each of which starts anew on every problem."""
    lr: float = 1e-4
    """Learning rate."""
    max_new_tokens: int = 96
    """Longest answer."""
    device: str = "auto"
    """auto, cpu or cuda."""
    threads: int | None = None
    """Processor threads."""
    out: Annotated[Path | None, tyro.conf.arg(help="Folder for searches.jsonl; the same command goes on there.")] = None
    json: bool = False
    """Print the results as JSON, and everything else to stderr."""


def check(options: Options) -> None:
    """Refuse numbers that make no sense.

    Raises:
        ConfigError: One of them is out of range.
    """
    for name in ("problems", "screen", "attempts", "batch", "seeds", "max_new_tokens", "threads"):
        value = getattr(options, name)
        if value is not None and value < 1:
            raise ConfigError(f"--{name.replace('_', '-')} {value} is below 1")
    if not 0 < options.lr < math.inf:
        raise ConfigError(f"--lr {options.lr} is no learning rate above 0")
    if options.attempts % options.batch:
        raise ConfigError(f"--attempts {options.attempts} is not a multiple of --batch {options.batch}")
    if not 0 < options.below <= 1:
        raise ConfigError(f"--below {options.below} is not a share above 0 and up to 1")


def main() -> int:
    """Search and print; a caller's mistake is one line and exit status 2."""
    options = read_options(Options, tyro.cli)
    try:
        Discovery(options, Screen(Console(stderr=options.json))).run()
    except PMDError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("error: stopped; with --out the same command goes on from the last finished search\n")
        return 130
    return 0


class Discovery:
    """All searches of one call."""

    def __init__(self, options: Options, screen: Screen) -> None:
        check(options)
        self.options, self.screen = options, screen
        if options.threads is not None:
            torch.set_num_threads(options.threads)
        kwargs: Mapping[str, Json] = {
            "difficulty": options.difficulty,
            "granularity": "episode",
            "source": "generated",
        }
        self.choice = EnvChoice(known_id(options.env), kwargs)
        self.agents = {name: self._agent_settings(name) for name in options.agents}
        self.sampling = Sampling(max_new_tokens=options.max_new_tokens)
        self.part = Problems.open(self.choice, "train", max((*options.indices, 0)) + 1)
        if options.out is not None:
            make_own_folder(options.out)
        self.policy: Policy = load_policy(options.policy, options.device)
        self.weights = digest_weights(self.policy.model.state_dict())

    def _agent_settings(self, name: str) -> dict[str, object]:
        """The published settings, for agents that have such knobs; what makes an arm one is not touched."""
        agent = make_agent(name, {})
        fixed = ARMS[name].settings if name in ARMS else {}
        knobs: dict[str, object] = {
            key: value for key, value in TEST_TIME.items() if key in vars(agent) and key not in fixed
        }
        make_agent(name, knobs)
        return knobs

    def run(self) -> None:
        """Find the problems, search on each with each agent and seed, print the table."""
        tasks = self._tasks()
        found = {
            name: [self._search(name, task, seed) for task in tasks for seed in range(self.options.seeds)]
            for name in self.agents
        }
        counts = [k for k in (2**n for n in range(4, 24)) if k < self.options.attempts] + [self.options.attempts]
        results = {
            name: [discovery_at_k([s.solved_at for s in searches], k) for k in counts]
            for name, searches in found.items()
        }
        self.screen.console.print(self._table(counts, results, len(tasks)))
        if self.options.json:
            shown = {"problems": [task.id for task in tasks], "k": counts, "discovery": results}
            sys.stdout.write(json.dumps(shown, indent=2) + "\n")

    def _tasks(self) -> list[Task]:
        """Those asked for, or the first that the untrained policy solves too seldom."""
        if self.options.indices:
            return [self.part.env.dataset.at(index) for index in self.options.indices]
        wanted, tried = self.options.problems, 0
        hard: list[Task] = []
        while len(hard) < wanted:
            if tried >= LONGEST_SEARCH * wanted:
                asked = self.options
                raise ConfigError(
                    f"only {len(hard)} of {tried} problems of {self.choice.id} at difficulty {asked.difficulty} are "
                    f"solved in less than {asked.below:.0%} of {asked.screen} attempts: take a higher --difficulty or "
                    "--below"
                )
            some = Problems(
                self.choice, "train", self.part.env, tuple(self.part.env.dataset.at(tried + i) for i in range(wanted))
            )
            rollout = Rollout(self.options.screen, self.sampling, seed=7_919)  # apart from the searches' own seeds
            with self.screen.counting("looking for hard problems", wanted * self.options.screen) as advance:
                groups = evaluate(self.policy, [some], rollout, policy_step=tried, advance=advance)
            hard += [g.task for g in groups if sum(e.solved for e in g.episodes) / len(g.episodes) < self.options.below]
            tried += wanted
        self.screen.say(f"hard problems: {wanted} of the first {tried}")
        return hard[:wanted]

    def _search(self, name: str, task: Task, seed: int) -> Search:
        """One search, or what an earlier call wrote down of it."""
        options = self.options
        agent = make_agent(name, self.agents[name])
        settings = json.loads(json.dumps(asdict(agent)))  # type: ignore[call-overload]  # agents are dataclasses
        asked: dict[str, Json] = {
            "agent": name, "task_id": task.id, "seed": seed, "policy": options.policy, "attempts": options.attempts,
            "batch": options.batch, "lr": options.lr, "max_new_tokens": options.max_new_tokens,
            "weights": self.weights, "fingerprint": task.fingerprint, "settings": settings,
        }  # fmt: skip
        log = options.out / "searches.jsonl" if options.out is not None else None
        for row in read_lines(log) if log is not None else ():
            if row.items() >= asked.items():
                return Search(task.id, int(row["made"]), None if row["solved_at"] is None else int(row["solved_at"]))
        config = TrainConfig(
            options.attempts // options.batch,
            Rollout(options.batch, self.sampling, seed),
            Optim(lr=options.lr, warmup=0),
            drift_every=0,
        )
        env = lanes([self.part], [options.batch])
        learner = self._fresh()
        try:
            with (
                tempfile.TemporaryDirectory() as folder,
                self.screen.counting(f"{name}, {task.id}, seed {seed}", options.attempts) as advance,
            ):
                memory = Path(folder) / "memory.sqlite"
                done = search(agent, learner, task, env, config, memory, advance)
        finally:
            env.close()
        if log is not None:
            append(log, [{**asked, "made": done.attempts, "solved_at": done.solved_at}])
        return done

    def _fresh(self) -> Policy:
        """The policy as it was loaded, free to change."""
        learner = self.policy.twin()
        learner.model.requires_grad_(True)
        return learner

    def _table(self, counts: Sequence[int], results: Mapping[str, Sequence[float]], problems: int) -> Table:
        options = self.options
        title = (
            f"discovery@k on {problems} problems of {self.choice.id}, difficulty {options.difficulty}, "
            f"{options.seeds} seeds, batches of {options.batch}"
        )
        table = Table(title=title)
        table.add_column("agent")
        for k in counts:
            table.add_column(f"@{k}", justify="right")
        for name, shares in results.items():
            table.add_row(labelled(name), *(f"{share:.3f}" for share in shares))
        return table


if __name__ == "__main__":
    sys.exit(main())
