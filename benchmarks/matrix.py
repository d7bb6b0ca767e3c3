#!/usr/bin/env python3
"""Run agents on suites with several seeds: ``python benchmarks/matrix.py --agents rlvr pmd --suites gsm8k logic``.

Every combination is a cell, run by ``benchmarks/run.py`` in a process and a folder of its own, several at a time. The
same command goes on where it was stopped, in whatever way. The results are those of an uninterrupted matrix.
"""

import json
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the checkout, not benchmarks/: see run.py

import torch
import tyro
from rich.console import Console

from agents.policies import load_policy
from agents.policy import Policy
from agents.registry import make_agent
from agents.served import PREFIX, Limits, ServedPolicy
from benchmarks.cells import Budget, Cell, give_up, run_cells
from benchmarks.estimate import duration, estimate, trial
from benchmarks.matrix_page import as_json, write_results
from benchmarks.matrix_results import TARGET, read_matrix
from benchmarks.runner import open_problems
from benchmarks.suite_files import suite_settings, suites_by_name
from leaderboard import Leaderboard, LeaderboardError
from pmd_envs.command_line import read_options
from pmd_envs.errors import ConfigError, PMDError
from pmd_envs.records import Json

Key = tuple[str, str, int]
"""Suite, agent and seed."""


@dataclass(frozen=True)
class Options:
    """Run agents on suites with several seeds, and compare them.

    Examples:
      python benchmarks/matrix.py --agents frozen rlvr pmd --suites quick --seeds 3
      python benchmarks/matrix.py --agents sdpo pmd --suites gsm8k my-suite.toml --seeds 5 --cores 16 --threads 2
      python benchmarks/matrix.py --suites paper --policy Qwen/Qwen3-8B --dry-run

    Exit status: 0 done, 1 a run failed too often (the others are done), 2 a mistake, 130 stopped with Ctrl-C.
    """

    agents: tuple[str, ...] = ("frozen", "rlvr", "sdpo", "pmd")
    """Agents and arms; the first is the baseline of comparisons."""
    suites: tuple[str, ...] = ("quick",)
    """Names of suites or groups of them, or TOML files."""
    seeds: int = 3
    """Seeds 0 to this - 1."""
    policy: str = "nano"
    """As for run.py."""
    split: str = "test"
    """Held-out problems are taken from here: test or validation."""
    steps: int | None = None
    """Training batches, if not the suites'."""
    device: str = "auto"
    """auto, cpu or cuda."""
    cores: int = os.cpu_count() or 1
    """Processor cores in all: so many runs at once as fit into them."""
    threads: int = 1
    """Processor threads of each run; results repeat bit by bit for the same number."""
    tries: int = 3
    """How often a run may fail, counted over all calls."""
    target: float = TARGET
    """Training reward, 0 to 1, of which the results say after how many rollouts it was reached."""
    out: Path = Path("runs/matrix")
    """Folder of the runs and results."""
    post: bool = False
    """Post the runs that are done to the leaderboard."""
    leaderboard: Path = Path(os.environ.get("PMD_LEADERBOARD", "leaderboard.sqlite"))
    """Database that they are posted to."""
    requests_at_once: int = 8
    """With a served policy: requests of each run side by side."""
    requests_per_minute: float | None = None
    """With a served policy: requests started in a minute, at most, by all runs together."""
    dry_run: bool = False
    """Say what each agent would take on each suite, and do not start anything."""
    json: bool = False
    """Print the results (or with --dry-run the estimates) as JSON, and everything else to stderr."""


def main() -> int:
    """Run what is missing and write the results; a caller's mistake is one line and exit status 2."""
    options = read_options(Options, tyro.cli)
    console = Console(stderr=options.json)
    try:
        check(options)
        return _dry_run(options, console) if options.dry_run else _run(options, console)
    except PMDError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("error: stopped; the same command goes on from here\n")
        return 130


def check(options: Options) -> None:
    """Refuse numbers that make no sense, before anything starts.

    Raises:
        ConfigError: One of them is out of range.
    """
    if options.seeds < 1:
        raise ConfigError(f"--seeds {options.seeds} is below 1")
    if not 0 <= options.target <= 1:
        raise ConfigError(f"--target {options.target} is not a reward: those are from 0 to 1")
    _limits(options)  # refuses what run.py would


def _limits(options: Options) -> Limits:
    """Those of one run: a server sees all that are under way at once."""
    pace, budget = options.requests_per_minute, Budget(options.cores, options.threads, options.tries)
    return Limits(options.requests_at_once, None if pace is None else pace / budget.at_once)


def _run(options: Options, console: Console) -> int:
    made = cells(options)
    failed = run_cells(list(made.values()), Budget(options.cores, options.threads, options.tries), console)
    folders = {key: cell.folder for key, cell in made.items()}
    names = tuple(suite.name for suite in suites_by_name(options.suites).values())
    matrix = read_matrix(folders, names, options.agents, options.seeds, options.target)
    page = write_results(matrix, options.out)
    if options.post:
        _post(options, made, console)
    if options.json:
        sys.stdout.write(json.dumps(as_json(matrix), indent=2) + "\n")
    console.print(f"page: {page}", markup=False, highlight=False)
    return give_up(failed)


def cells(options: Options) -> dict[Key, Cell]:
    """Seed after seed, so that a matrix that is stopped has compared everything on the first seeds."""
    made = {}
    agents = {name: make_agent(name, {}) for name in options.agents}
    suites = suites_by_name(options.suites)
    for seed in range(options.seeds):
        for asked, suite in suites.items():
            for name, agent in agents.items():
                steps = suite.steps if options.steps is None else options.steps
                made[suite.name, name, seed] = Cell(
                    f"{name} on {suite.name}, seed {seed}",
                    options.out / _safe(suite.name) / _safe(f"{name}-{suite.name}-seed{seed}"),
                    _options(options, name, asked, seed),
                    steps if agent.trains else 0,
                    1 + agent.trains + agent.uses_memory,
                )
    return made


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() or c in "+.-_" else "-" for c in name).lstrip(".")


def _options(options: Options, agent: str, suite: str, seed: int) -> tuple[str, ...]:
    asked = {
        "--agent": agent,
        "--suite": suite,
        "--seed": str(seed),
        "--policy": options.policy,
        "--split": options.split,
        "--device": options.device,
        "--cache": str(options.out / "evaluations"),
    }
    if options.steps is not None:
        asked["--steps"] = str(options.steps)
    if options.policy.startswith(PREFIX):
        limits = _limits(options)
        asked["--requests-at-once"] = str(limits.at_once)
        if limits.per_minute is not None:
            asked["--requests-per-minute"] = str(limits.per_minute)
    return (*(text for pair in asked.items() for text in pair), "--no-post")


def _post(options: Options, made: dict[Key, Cell], console: Console) -> None:
    board = Leaderboard(options.leaderboard)
    for cell in made.values():
        if cell.is_done:
            try:
                board.post(cell.folder)
            except LeaderboardError as error:
                console.print(f"not posted: {cell.name}: {error}", markup=False, highlight=False)


def _dry_run(options: Options, console: Console) -> int:
    """One trial for each suite, from which the estimates for all agents are made."""
    budget = Budget(options.cores, options.threads, options.tries)
    torch.set_num_threads(options.threads)
    policy: Policy | ServedPolicy
    if options.policy.startswith(PREFIX):
        policy = ServedPolicy.named(options.policy, _limits(options))
    else:
        policy = load_policy(options.policy, options.device)
    found: list[dict[str, Json]] = []
    seconds = 0.0
    for suite in suites_by_name(options.suites).values():
        asked = suite if options.steps is None else replace(suite, steps=options.steps)
        training, held_out = open_problems(asked, options.split)
        tried = None if isinstance(policy, ServedPolicy) else trial(policy, asked, training)
        for name in options.agents:
            agent = make_agent(name, suite_settings(asked, name))
            one = estimate(asked, agent, policy, held_out, tried)
            seconds += (one.seconds or 0.0) * options.seeds
            found.append({"agent": name, "suite": suite.name, "seeds": options.seeds, **one.as_json()})
            console.print(f"{name} on {suite.name}, each of {options.seeds} seeds: {one}", markup=False)
    console.print(f"all of them: about {duration(seconds / budget.at_once)}, {budget.at_once} at a time", markup=False)
    if options.json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
