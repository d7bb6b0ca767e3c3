#!/usr/bin/env python3
"""Train an agent, measure it on held-out problems and post the result: ``python benchmarks/run.py --agent pmd``."""

import errno
import json
import os
import shutil
import sqlite3
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

# A script started by its path finds the folder it lies in first: benchmarks/, whose statistics.py would then stand in
# for the standard library's. The checkout takes that place, first of all: our top-level packages have common names, and
# a stranger's installed `agents` must not be imported instead.
if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import torch
import tyro
from rich.console import Console
from safetensors import SafetensorError

from agents.agent import Agent
from agents.policies import load_policy
from agents.registry import make_agent, shown_name
from agents.served import PREFIX, Limits, ServedPolicy, ServerError
from benchmarks.cells import IN_USE
from benchmarks.estimate import estimate, trial
from benchmarks.evaluation_cache import EvaluationCache
from benchmarks.folder import RunFolder
from benchmarks.listing import listed, listing
from benchmarks.lock import InUseError
from benchmarks.runner import Plan, Run, open_problems, open_unseen
from benchmarks.screen import Screen
from benchmarks.suite_files import Environments, find_suite, suite_settings
from benchmarks.suites import Suite
from benchmarks.validation import Validation
from leaderboard import Leaderboard, LeaderboardError
from leaderboard.progress import rescore_before
from pmd_envs.command_line import read_options
from pmd_envs.errors import ConfigError, PMDError, unknown
from pmd_envs.records import Json

NEARLY_FULL = 32 * 2**20  # bytes; a checkpoint of nano takes about as much


@dataclass(frozen=True)
class Options:
    """Train an agent on verifiable reasoning tasks, measure it on held-out problems, post the result.

    Examples:
      python benchmarks/run.py --agent pmd
      python benchmarks/run.py --agent rlvr --set variant=dapo --seed 1
      python benchmarks/run.py --agent sdpo --env pmd/GSM8K-v0 --difficulty 3 --steps 100
      python benchmarks/run.py --agent pmd --resume
      python benchmarks/run.py --agent pmd --suite my-suite.toml --dry-run
      python benchmarks/run.py --agent frozen --policy openai:qwen3-8b@http://127.0.0.1:8000/v1

    Exit status: 0 done (also if the leaderboard refuses the run), 1 a served model did not answer, 2 a mistake, 75
    another process works in the run's folder, 130 stopped with Ctrl-C.
    """

    agent: str = "pmd"
    """frozen, rlvr, sdpo, pmd, an arm such as pmd-transient, a plug-in's name, or package.module:Class."""
    suite: str = "default"
    """Environments and budget: a name, or a TOML file."""
    env: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """Use these environments instead of the suite's; may be given several times."""
    difficulty: int | None = None
    """With --env: level of the generated problems."""
    source: str = "auto"
    """With --env: auto, local, hub or generated."""
    granularity: str = "episode"
    """With --env: whether a turn is a whole response (episode) or one step."""
    split: str = "test"
    """Held-out problems are taken from here: test or validation."""
    policy: str = "nano"
    """nano, smollm2, a folder with a model, a Hugging Face id, or openai:MODEL@URL, which can only be evaluated."""
    steps: int | None = None
    """Training batches, if not the suite's."""
    validate_every: int = 0
    """Batches between two looks at validation problems, of which the best weights get a row too; 0 never looks."""
    unseen: int | None = None
    """Test problems of each environment of kinds that training lacks, if not the suite's number."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """A knob of the agent as NAME=VALUE; may be given several times."""
    seed: int = 0
    """Decides everything random."""
    out: Path | None = None
    """Run folder; by default runs/AGENT-POLICY-seedS, with a number if that is taken."""
    resume: bool = False
    """Go on with a run that was stopped."""
    device: str = "auto"
    """auto, cpu or cuda."""
    threads: int | None = None
    """Processor threads; results repeat bit by bit for the same number."""
    leaderboard: Path = Path(os.environ.get("PMD_LEADERBOARD", "leaderboard.sqlite"))
    """Database that the result is posted to."""
    post: bool = True
    """Whether it is posted at all."""
    list: bool = False
    """Print the environments, agents, suites and policies there are, and do nothing else."""
    cache: Path | None = None
    """Folder of evaluations of untrained policies, which runs with the same settings share."""
    dry_run: bool = False
    """Say what the run would take, and do not start it."""
    json: bool = False
    """Print the report, or the estimate of --dry-run, or the --list, as JSON, and everything else to stderr."""
    requests_at_once: int = 8
    """With a served policy: requests side by side."""
    requests_per_minute: float | None = None
    """With a served policy: requests started in a minute, at most."""


def main() -> int:
    """Run, and turn a caller's mistakes into one line and exit status 2."""
    options = read_options(Options, tyro.cli)
    console = Console(stderr=options.json)
    try:
        run(options, Screen(console))
    except InUseError as error:
        return _fail(str(error), status=IN_USE)
    except ServerError as error:
        return _fail(str(error), status=1)
    except PMDError as error:
        return _fail(str(error))
    except (OSError, RuntimeError, sqlite3.Error, SafetensorError) as error:
        if not _disk_is_full(error, options.out or Path()):
            raise
        return _fail(f"the disk of {options.out or Path('runs')} is full; free some space, then go on with --resume")
    except KeyboardInterrupt:
        return _fail("stopped; the same command with --resume goes on from the last finished step", status=130)
    return 0


def _disk_is_full(error: BaseException, near: Path) -> bool:
    """Whether writing failed for want of space: every library says so in another way."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    folder = next(place for place in (near, *near.absolute().parents) if place.exists())
    return shutil.disk_usage(folder).free < NEARLY_FULL


def _fail(message: str, status: int = 2) -> int:
    sys.stderr.write(f"error: {message}\n")
    return status


def run(options: Options, screen: Screen) -> None:
    """Do the run that the options describe."""
    if options.list:
        _print_json(dict(listed())) if options.json else sys.stdout.write(f"{listing()}\n")
        return
    if options.threads is not None:
        torch.set_num_threads(_positive("--threads", options.threads))
    suite = choose_suite(options)
    given = dict(parse_setting(text) for text in options.set)
    agent = make_agent(options.agent, suite_settings(suite, options.agent) | given)
    if options.split not in ("test", "validation"):
        raise unknown("split", options.split, ("test", "validation"))
    if options.device not in ("auto", "cpu", "cuda"):
        raise unknown("device", options.device, ("auto", "cpu", "cuda"))
    plan = Plan(
        shown_name(options.agent, agent),
        agent,
        options.policy,
        suite,
        options.seed,
        options.split,
        Validation(options.validate_every),
    )
    served = choose_served(options, agent)
    training, held_out = open_problems(suite, options.split)
    unseen = open_unseen(suite, options.split)
    policy = served or load_policy(options.policy, options.device)
    if options.dry_run:
        tried = None if isinstance(policy, ServedPolicy) else trial(policy, suite, training)
        found = estimate(suite, agent, policy, held_out, tried, plan.validation)
        _print_json(found.as_json()) if options.json else screen.say(f"{options.agent} on {suite.name}: {found}")
        return
    folder = RunFolder(choose_folder(options), plan.config, resume=options.resume)
    screen.say(f"{options.agent}: {plan.steps} training steps with {options.policy} on {len(suite.envs)} environments")
    screen.say(f"run folder: {folder.path}")
    cache = EvaluationCache(options.cache) if options.cache is not None else None
    work = Run(plan, policy, training, held_out, folder, screen, cache, unseen)
    report = work.execute()
    screen.results(report, work.unseen_rows)
    if options.post:
        post(options, folder.path, screen)
    if options.json:
        _print_json(asdict(report))


def _print_json(value: dict[str, Json]) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def choose_served(options: Options, agent: Agent) -> ServedPolicy | None:
    """The policy, if somebody else serves it: such a one answers, and cannot be trained."""
    if not options.policy.startswith(PREFIX):
        return None
    policy = ServedPolicy.named(options.policy, Limits(options.requests_at_once, options.requests_per_minute))
    if agent.trains or agent.uses_memory:
        raise ConfigError(
            f"--agent {options.agent} trains, and {options.policy!r} is served by somebody else and can only be "
            "evaluated: use --agent frozen"
        )
    return policy


def choose_suite(options: Options) -> Suite:
    """The suite, with what the command line changes in it."""
    chosen = Environments(options.env, options.difficulty, options.source, options.granularity)
    suite = chosen.with_budget(find_suite(options.suite))
    if options.steps is not None:
        suite = replace(suite, steps=_positive("--steps", options.steps))
    if options.unseen is not None:
        suite = replace(suite, unseen=options.unseen)
    return suite


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise ConfigError(f"{name} {value} is below 1")
    return value


def parse_setting(text: str) -> tuple[str, object]:
    """``NAME=VALUE``; the value is JSON where it can be (numbers, true, null), else text."""
    name, found, value = text.partition("=")
    if not found or not name:
        raise ConfigError(f"--set {text!r} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def choose_folder(options: Options) -> Path:
    """The folder asked for, or a free one of the usual name (with --resume: the last one of that name)."""
    if options.out is not None:
        return options.out
    name = options.policy.partition("@")[0].removeprefix(PREFIX)
    policy = "".join(c if c.isalnum() or c in ".-" else "-" for c in Path(name).name)
    agent = options.agent.rpartition(":")[2]
    base = Path("runs") / f"{agent}-{policy}-seed{options.seed}"
    taken = 1
    while _numbered(base, taken).exists():
        taken += 1
    return _numbered(base, max(taken - 1, 1) if options.resume else taken)


def _numbered(base: Path, number: int) -> Path:
    return base if number == 1 else base.with_name(f"{base.name}-{number}")


def post(options: Options, folder: Path, screen: Screen) -> None:
    """Post the run and write the page; a refusal is said, and the run is kept."""
    board = Leaderboard(options.leaderboard, rescore_before(screen.console))
    try:
        posted = board.post(folder)
    except LeaderboardError as error:
        screen.say(f"not posted to {options.leaderboard}: {error}")
        return
    unranked = f"not ranked: {posted.mark}" if posted.mark else "not ranked"
    rank = f"rank {posted.rank} of {posted.of}" if posted.rank is not None else unranked
    screen.say(f"leaderboard: entry {posted.entry_id}, {rank} ({options.leaderboard})")
    screen.say(f"page: {board.export(Path('leaderboard_page')).resolve()}")


if __name__ == "__main__":
    sys.exit(main())
