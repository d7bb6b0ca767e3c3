#!/usr/bin/env python3
"""Run agents on suites or environments with several seeds: ``python benchmarks/matrix.py --agents rlvr pmd``.

Every combination is a cell, run by ``benchmarks/run.py`` in a process and a folder of its own, several at a time. The
same command goes on where it was stopped, in whatever way. The results are those of an uninterrupted matrix.
"""

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the checkout, not benchmarks/: see run.py

import torch
import tyro
from rich.console import Console

from agents.policies import check_device, load_policy
from agents.policy import Policy
from agents.registry import make_agent, named_agent
from agents.served import PREFIX, Limits, ServedPolicy
from benchmarks.cells import Budget, Cell, give_up, run_cells
from benchmarks.estimate import estimate, trial
from benchmarks.files import check_folder, make_own_folder
from benchmarks.matrix_columns import Column, columns
from benchmarks.matrix_page import as_json, write_results
from benchmarks.matrix_results import TARGET, read_matrix
from benchmarks.pace import duration
from benchmarks.plan import Plan, open_problems
from benchmarks.published import require_published
from benchmarks.suite_files import Environments, suite_settings
from benchmarks.validation import Validation
from benchmarks.weights import check_weights, weights_of, weights_options
from leaderboard import Leaderboard, LeaderboardError
from leaderboard.progress import rescore_before
from leaderboard.store import usual_database
from pmd_envs.command_line import read_options
from pmd_envs.errors import ConfigError, PMDError
from pmd_envs.records import Json

Key = tuple[str, str, int]
"""Name of the column (a suite or an environment), agent and seed."""


@dataclass(frozen=True)
class Options:
    """Run agents on suites, or on single environments, with several seeds, and compare them.

    Examples:
      python benchmarks/matrix.py --agents frozen rlvr pmd --suites quick --seeds 3
      python benchmarks/matrix.py --agents rlvr pmd --env pmd/GSM8K-v0 pmd/KnightsKnaves-v0 --difficulty 2 --seeds 5
      python benchmarks/matrix.py --agents sdpo pmd --suites gsm8k my-suite.toml --seeds 5 --cores 16 --threads 2
      python benchmarks/matrix.py --suites paper --policy Qwen/Qwen3-8B --dry-run

    Exit status: 0 done, 1 a run failed too often (the others are done), 2 a mistake, 130 stopped with Ctrl-C.
    """

    agents: tuple[str, ...] = ("frozen", "rlvr", "sdpo", "pmd")
    """Agents and arms; the first is the baseline of comparisons."""
    suites: tuple[str, ...] = ("quick",)
    """Names of suites or groups of them, or TOML files. Each run trains on all environments of its suite."""
    env: Annotated[tuple[tuple[str, ...], ...], tyro.conf.UseAppendAction] = ()
    """Environments, each in runs of its own with the budget of every suite in --suites, instead of the suites' own."""
    difficulty: int | None = None
    """With --env: level of the generated problems."""
    source: str = "auto"
    """With --env: auto, local, hub or generated."""
    granularity: str = "episode"
    """With --env: whether a turn is a whole response (episode) or one step."""
    seeds: int = 3
    """Seeds 0 to this - 1."""
    policy: str = "nano"
    """As for run.py."""
    split: str = "test"
    """Held-out problems are taken from here: test or validation."""
    steps: int | None = None
    """Training batches, if not the suites'."""
    validate_every: int = 0
    """Batches between two looks at validation problems: the learning curve. With 0 that is of training rewards."""
    lora: int | None = None
    """As for run.py; arms that train nothing go without."""
    recompute: bool = False
    """As for run.py."""
    dtype: str = "auto"
    """As for run.py."""
    device: str = "auto"
    """auto, cpu or cuda."""
    cores: int = os.cpu_count() or 1
    """Processor cores in all: so many runs at once as fit into them."""
    threads: int = 1
    """Processor threads of each run; with one, results repeat bit by bit, with more nearly always."""
    tries: int = 3
    """How often a run may fail, counted over all calls."""
    target: float = TARGET
    """Score on the learning curve, 0 to 1, of which the results say after how many rollouts it was reached."""
    out: Path = Path("runs/matrix")
    """Folder of the runs and results."""
    post: bool = False
    """Post the runs that are done to the leaderboard."""
    leaderboard: Path = field(default_factory=usual_database)
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
    for name, value in (("--seeds", options.seeds), ("--steps", options.steps)):
        if value is not None and value < 1:
            raise ConfigError(f"{name} {value} is below 1")
    if not 0 <= options.target <= 1:
        raise ConfigError(f"--target {options.target} is not a score: those are from 0 to 1")
    if () in options.env:
        raise ConfigError("--env names no environment")
    check_folder(options.out)
    check_device(options.device)
    _limits(options)  # refuses what run.py would
    Validation(options.validate_every)  # likewise
    check_weights(options)


def _limits(options: Options) -> Limits:
    """Those of one run: a server sees all that are under way at once."""
    pace, budget = options.requests_per_minute, Budget(options.cores, options.threads, options.tries)
    return Limits(options.requests_at_once, None if pace is None else pace / budget.at_once)


def chosen_columns(options: Options) -> tuple[Column, ...]:
    """What the agents are run on."""
    ids = tuple(env for group in options.env for env in group)
    chosen = Environments(ids, options.difficulty, options.source, options.granularity)
    made = columns(options.suites, chosen, options.steps)
    for column in made:
        require_published(column.suite, options.split)
    return made


def _run(options: Options, console: Console) -> int:
    chosen = chosen_columns(options)
    made = cells(options, chosen)
    if options.post:
        Leaderboard(options.leaderboard).check()
    make_own_folder(options.out)
    failed = run_cells(list(made.values()), Budget(options.cores, options.threads, options.tries), console)
    folders = {key: cell.folder for key, cell in made.items()}
    names = tuple(column.name for column in chosen)
    matrix = read_matrix(folders, names, tuple(dict.fromkeys(options.agents)), options.seeds, options.target)
    page = write_results(matrix, options.out)
    if options.post:
        _post(options, made, console)
    if options.json:
        sys.stdout.write(json.dumps(as_json(matrix), indent=2) + "\n")
    console.print(f"page: {page}", markup=False, highlight=False)
    return give_up(failed)


def cells(options: Options, chosen: tuple[Column, ...]) -> dict[Key, Cell]:
    """Seed after seed, so that a matrix that is stopped has compared everything on the first seeds.

    Raises:
        ConfigError: Two runs would share a folder, or a folder holds a run with other settings.
    """
    made: dict[Key, Cell] = {}
    taken: dict[str, str] = {}
    for seed in range(options.seeds):
        for column in chosen:
            for name in dict.fromkeys(options.agents):
                cell = made[column.name, name, seed] = _cell(options, column, name, seed)
                place = str(cell.folder).casefold()  # which some file systems do not tell apart either
                if place in taken:
                    raise ConfigError(f"{taken[place]} and {cell.name} would both be in {cell.folder}: rename one")
                taken[place] = cell.name
    return made


def _cell(options: Options, column: Column, name: str, seed: int) -> Cell:
    named = named_agent(name, suite_settings(column.suite, name))
    agent = named.agent
    looks = options.validate_every if agent.trains else 0
    plan = Plan(named, weights_of(options, agent), column.suite, seed, options.split, Validation(looks))
    folder = options.out / column.place / column.run_name(name, seed)
    asked = (*column.options, *_options(options, name, seed, looks), *weights_options(options, agent))
    return plan.cell(f"{name} on {column.name}, seed {seed}", folder, asked)


def _options(options: Options, agent: str, seed: int, looks: int) -> tuple[str, ...]:
    asked = {
        "--agent": agent,
        "--seed": str(seed),
        "--policy": options.policy,
        "--split": options.split,
        "--device": options.device,
        "--cache": str(options.out / "evaluations"),
    }
    if options.steps is not None:
        asked["--steps"] = str(options.steps)
    if looks:
        asked["--validate-every"] = str(looks)
    if options.policy.startswith(PREFIX):
        limits = _limits(options)
        asked["--requests-at-once"] = str(limits.at_once)
        if limits.per_minute is not None:
            asked["--requests-per-minute"] = str(limits.per_minute)
    return (*(text for pair in asked.items() for text in pair), "--no-post")


def _post(options: Options, made: dict[Key, Cell], console: Console) -> None:
    board = Leaderboard(options.leaderboard, rescore_before(console))
    posted, before = 0, 0
    for cell in made.values():
        if cell.is_done:
            try:
                before += board.post(cell.folder).already
                posted += 1
            except LeaderboardError as error:
                console.print(f"not posted: {cell.name}: {error}", markup=False, highlight=False)
    again = f", {before} of them there before" if before else ""
    said = f"leaderboard: {posted} runs posted to {options.leaderboard}{again}"
    console.print(said, markup=False, highlight=False, soft_wrap=True)


def _dry_run(options: Options, console: Console) -> int:
    """One trial for each column, from which the estimates for all agents are made."""
    budget = Budget(options.cores, options.threads, options.tries)
    torch.set_num_threads(options.threads)
    policy: Policy | ServedPolicy
    if options.policy.startswith(PREFIX):
        policy = ServedPolicy.named(options.policy, _limits(options))
    else:
        policy = load_policy(options.policy, options.device, options.dtype)
    found: list[dict[str, Json]] = []
    seconds = 0.0
    for column in chosen_columns(options):
        training, held_out = open_problems(column.suite, options.split)
        tried = None if isinstance(policy, ServedPolicy) else trial(policy, column.suite, training)
        for name in dict.fromkeys(options.agents):
            agent = make_agent(name, suite_settings(column.suite, name))
            one = estimate(column.suite, agent, policy, held_out, tried, Validation(options.validate_every))
            seconds += (one.seconds or 0.0) * options.seeds
            found.append({"agent": name, "suite": column.name, "seeds": options.seeds, **one.as_json()})
            console.print(f"{name} on {column.name}, each of {options.seeds} seeds: {one}", markup=False)
    console.print(f"all of them: about {duration(seconds / budget.at_once)}, {budget.at_once} at a time", markup=False)
    if options.json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
