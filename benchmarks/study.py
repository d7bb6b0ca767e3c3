#!/usr/bin/env python3
"""Compare arms over seeds: ``python benchmarks/study.py`` runs every cell and writes tables, curves and a page.

A cell is one arm on one suite with one seed, run by ``benchmarks/run.py`` in a process and a folder of its own. Cells
that are done are kept, a cell that was killed goes on where it was, one that failed is tried again. Every cell has the
same training problems in the same order, the same number of rollouts and the same held-out problems. Some kinds of
problem stay out of training and are measured apart, and validation problems choose the best weights of a run.
"""

import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the checkout, not benchmarks/: see run.py

import tyro
from rich.console import Console

from agents.arms import ARMS
from agents.registry import make_agent, named_agent
from benchmarks.cells import Budget, Cell, give_up, run_cells
from benchmarks.files import check_folder, make_own_folder
from benchmarks.plan import Plan
from benchmarks.study_head import without_home
from benchmarks.study_page import as_json, write_page
from benchmarks.study_records import Study
from benchmarks.study_results import load_study
from benchmarks.suite_files import suite_settings, suites_by_name
from benchmarks.suites import Suite
from benchmarks.validation import Validation
from benchmarks.weights import check_weights, weights_of, weights_options
from pmd_envs.command_line import read_options
from pmd_envs.errors import ConfigError, PMDError

USUAL_ARMS = (
    *("frozen", "rlvr", "rlvr-dr_grpo", "rlvr-dapo", "sdpo", "sdpo+grpo", "sdpo-anchored", "pmd", "pmd-anchored"),
    *("pmd-transient", "pmd-experience", "pmd-experience+insight", "pmd-frozen-memory", "memory-prompt"),
    *("pmd-shuffled", "pmd-filler", "ema-kl", "pmd-scripted"),
)
"""With five seeds a night's work for two cores."""
ALL = "all"
ALL_ARMS = ("frozen", "rlvr", "sdpo", "pmd", *(name for name in ARMS if name != "rlvr-grpo"))
QUICK_ARMS = ("rlvr", "sdpo", "pmd")
TIERS = ("silent-easy", "silent-medium", "silent-hard")
SEEDS, QUICK_SEEDS = 5, 2
PAGE = "results.md"
"""In the folder of the cells: the project's own pages, of many nights, are not replaced by whoever tries this out."""


@dataclass(frozen=True)
class Options:
    """Run arms over seeds at equal rollouts, and compare them.

    Examples:
      python benchmarks/study.py --quick
      python benchmarks/study.py --arms sdpo pmd pmd-shuffled --seeds 3 --suites silent-hard
      python benchmarks/study.py --policy smollm2 --suites my-suite.toml --arms rlvr sdpo pmd --unseen 0

    Exit status: 0 done, 1 a run failed too often (the others are done), 2 a mistake, 130 stopped with Ctrl-C.
    """

    suites: tuple[str, ...] = TIERS
    """Environments and budgets: names, or TOML files."""
    arms: tuple[str, ...] | None = None
    """Which arms, by name, or all; by default the methods, their parts and the placebos (18 arms)."""
    seeds: int | None = None
    """How many seeds; five by default."""
    first_seed: int = 0
    """The first of them; others than before show whether a result holds up."""
    policy: str = "nano"
    """As for run.py."""
    lora: int | None = None
    """As for run.py; arms that train nothing go without."""
    recompute: bool = False
    """As for run.py."""
    dtype: str = "auto"
    """As for run.py."""
    steps: int | None = None
    """Training batches, if not the suites'."""
    validate_every: int = 10
    """Batches between two looks at validation problems, which choose the best weights; 0 never looks."""
    unseen: int = 24
    """Test problems of each environment of kinds that are kept out of training; 0 trains on all kinds."""
    split: str = "test"
    """Held-out problems are taken from here: test or validation."""
    quick: bool = False
    """Only rlvr, sdpo and pmd with two seeds, where nothing else is asked for."""
    out: Path = Path("runs/study")
    """Folder of the cells, by suite; a study that was stopped goes on."""
    page: Path | None = None
    """The page to write, with its figures beside it: results.md in the folder of the cells, if not told."""
    threads: int | None = None
    """Processor threads of each cell: 1 for nano, which gains little by more, else as many as there are cores."""
    cores: int = os.cpu_count() or 1
    """Processor cores in all: so many cells run side by side as fit into them."""
    tries: int = 3
    """How often a cell may fail, counted over all calls."""
    json: bool = False
    """Print the results as JSON, and everything else to stderr."""


def main() -> int:
    """Run what is missing and write the page; a caller's mistake is one line and exit status 2."""
    options = read_options(Options, tyro.cli)
    console = Console(stderr=options.json)
    try:
        budget = Budget(options.cores, chosen_threads(options), options.tries)
        made = list(cells(options))
        make_own_folder(options.out)
        failed = run_cells(made, budget, console)
        studies = _studies(options, failed)
        if studies:
            page = options.page or options.out / PAGE
            write_page(studies, page, command_of(options))
            console.print(f"page: {page}", markup=False, highlight=False)
            if options.json:
                sys.stdout.write(json.dumps(as_json(studies), indent=2) + "\n")
    except PMDError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("error: stopped; the same command goes on from here\n")
        return 130
    return give_up(failed)


def _studies(options: Options, failed: Sequence[Cell]) -> list[Study]:
    """The suites on which an arm is complete; where runs failed that may not be so for all of them."""
    found = []
    for suite in chosen_suites(options).values():
        try:
            found.append(load_study(options.out / suite.name, chosen_arms(options), chosen_seeds(options)))
        except ConfigError as error:
            if not failed:
                raise
            sys.stderr.write(f"error: {error}\n")
    return found


def command_of(options: Options) -> str:
    """The command that makes the same cells, wherever they are kept."""
    words = ["python", "benchmarks/study.py"]
    names = (
        "suites",
        "arms",
        "seeds",
        "first_seed",
        "policy",
        "lora",
        "dtype",
        "steps",
        "validate_every",
        "unseen",
        "split",
    )
    for name in names:
        value = getattr(options, name)
        if value != getattr(Options, name):
            values = value if isinstance(value, tuple) else (value,)
            words += [f"--{name.replace('_', '-')}", *(without_home(str(one)) for one in values)]
    return shlex.join([*words, "--quick"] if options.quick else words)


def chosen_suites(options: Options) -> dict[str, Suite]:
    """The suites by what run.py is told, checked before anything starts."""
    return {asked: replace(suite, unseen=options.unseen) for asked, suite in suites_by_name(options.suites).items()}


def chosen_arms(options: Options) -> tuple[str, ...]:
    """The arms to run, checked by name before anything starts."""
    arms = options.arms if options.arms is not None else QUICK_ARMS if options.quick else USUAL_ARMS
    arms = ALL_ARMS if arms == (ALL,) else arms
    for arm in arms:
        make_agent(arm, {})
    return arms


def chosen_threads(options: Options) -> int:
    """Processor threads of each cell."""
    if options.threads is not None:
        return options.threads
    return 1 if options.policy == "nano" else options.cores


def chosen_seeds(options: Options) -> range:
    """The seeds to run."""
    seeds = options.seeds if options.seeds is not None else QUICK_SEEDS if options.quick else SEEDS
    if seeds < 1:
        raise ConfigError(f"--seeds {seeds} is below 1")
    if options.first_seed < 0:
        raise ConfigError(f"--first-seed {options.first_seed} is below 0")
    return range(options.first_seed, options.first_seed + seeds)


def cells(options: Options) -> Iterator[Cell]:
    """Seed after seed, so that a study that is stopped has compared all arms on the first seeds."""
    check_weights(options)
    check_folder(options.out)
    suites, arms = chosen_suites(options), chosen_arms(options)
    Validation(options.validate_every)  # refuses what run.py would
    for seed in chosen_seeds(options):
        for name, suite in suites.items():
            for arm in arms:
                yield _cell(options, name, suite, arm, seed)


def _cell(options: Options, name: str, suite: Suite, arm: str, seed: int) -> Cell:
    """One run.

    Raises:
        ConfigError: Its folder holds a run with other settings.
    """
    named = named_agent(arm, suite_settings(suite, arm))
    agent = named.agent
    chosen = ["--agent", arm, "--suite", name, "--seed", str(seed), "--split", options.split]
    chosen += ["--policy", options.policy, "--unseen", str(options.unseen)]
    chosen += ["--steps", str(options.steps)] if options.steps is not None else []
    looks = bool(options.validate_every) and agent.trains
    chosen += ["--validate-every", str(options.validate_every)] if looks else []
    steps = suite.steps if options.steps is None else options.steps
    asked = replace(suite, steps=steps)
    looking = Validation(options.validate_every if looks else 0)
    plan = Plan(named, weights_of(options, agent), asked, seed, options.split, looking)
    folder = options.out / suite.name / arm / f"seed{seed}"
    chosen += [*weights_options(options, agent), "--no-post", "--cache", str(options.out / "evaluations")]
    return plan.cell(f"{arm} on {suite.name}, seed {seed}", folder, tuple(chosen))


if __name__ == "__main__":
    sys.exit(main())
