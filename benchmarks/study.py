"""Compare arms over seeds: ``python benchmarks/study.py`` runs every cell and writes tables, curves and a page.

A cell is one arm with one seed, run by ``benchmarks/run.py`` in a process and a folder of its own. Cells that are done
are kept, a cell that was killed goes on where it was, one that failed is tried again. Every cell has the same training
problems in the same order, the same number of rollouts and the same held-out problems.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the checkout, not benchmarks/: see run.py

import tyro
from rich.console import Console

from agents.arms import ARMS
from agents.registry import make_agent
from benchmarks.cells import Budget, Cell, run_cells
from benchmarks.study_page import write_page
from benchmarks.study_results import load_study
from benchmarks.suite_files import find_suite
from pmd_envs.errors import ConfigError, PMDError

MAIN_ARMS = ("frozen", "rlvr", "sdpo", "pmd")
QUICK_ARMS = ("rlvr", "sdpo", "pmd")


@dataclass(frozen=True)
class Options:
    """Run arms over seeds at equal rollouts, and compare them."""

    suite: str = "default"
    """Environments and budget."""
    arms: tuple[str, ...] = (*MAIN_ARMS, *(name for name in ARMS if name != "rlvr-grpo"))
    """Which arms; all by default."""
    seeds: int = 5
    """Seeds 0 to this - 1."""
    steps: int | None = None
    """Training batches, if not the suite's."""
    split: str = "test"
    """Held-out problems are taken from here: test or validation."""
    quick: bool = False
    """Only rlvr, sdpo and pmd, with two seeds."""
    out: Path = Path("runs/study")
    """Folder of the cells; a study that was stopped goes on."""
    page: Path | None = None
    """The page to write; by default results.md in the folder. Its figures are written beside it."""
    threads: int = os.cpu_count() or 1
    """Processor threads of each cell."""
    cores: int = os.cpu_count() or 1
    """Processor cores in all: so many cells run side by side as fit into them."""
    tries: int = 3
    """How often a cell may fail, counted over all calls."""


def main() -> int:
    """Run what is missing and write the page; a caller's mistake is one line and exit status 2."""
    options = tyro.cli(Options)
    console = Console()
    try:
        failed = run_cells(list(cells(options)), Budget(options.cores, options.threads, options.tries), console)
        study = load_study(options.out, chosen_arms(options), range(chosen_seeds(options)))
        page = options.page or options.out / "results.md"
        write_page(study, page)
        console.print(f"page: {page}", markup=False, highlight=False)
    except PMDError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("error: stopped; the same command goes on from here\n")
        return 130
    for cell in failed:
        sys.stderr.write(f"error: {cell.name} failed {cell.failures} times: see {cell.log} and {cell.attempts}\n")
    return 1 if failed else 0


def chosen_arms(options: Options) -> tuple[str, ...]:
    """The arms to run, checked by name before anything starts."""
    arms = QUICK_ARMS if options.quick else options.arms
    for arm in arms:
        make_agent(arm, {})
    return arms


def chosen_seeds(options: Options) -> int:
    """How many seeds to run."""
    if options.seeds < 1:
        raise ConfigError(f"--seeds {options.seeds} is below 1")
    return 2 if options.quick else options.seeds


def cells(options: Options) -> Iterator[Cell]:
    """Seed after seed, so that a study that is stopped has compared all arms on the first seeds."""
    suite = find_suite(options.suite)
    steps = suite.steps if options.steps is None else options.steps
    for seed in range(chosen_seeds(options)):
        for arm in chosen_arms(options):
            agent = make_agent(arm, {})
            chosen = ["--agent", arm, "--suite", options.suite, "--seed", str(seed), "--split", options.split]
            chosen += ["--steps", str(options.steps)] if options.steps is not None else []
            yield Cell(
                f"{arm}, seed {seed}",
                options.out / arm / f"seed{seed}",
                (*chosen, "--no-post", "--cache", str(options.out / "evaluations")),
                steps if agent.trains else 0,
                1 + agent.trains + agent.uses_memory,
            )


if __name__ == "__main__":
    sys.exit(main())
