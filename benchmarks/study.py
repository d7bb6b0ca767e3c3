"""Compare arms over seeds: ``python benchmarks/study.py`` runs every cell and writes tables, curves and a page.

A cell is one arm with one seed, run by ``benchmarks/run.py`` in a process and a folder of its own. Cells that are done
are kept, a cell that was killed goes on where it was, one that failed is tried again. Every cell has the same training
problems in the same order, the same number of rollouts and the same held-out problems.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the checkout, not benchmarks/: see run.py

import tyro
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from agents.arms import ARMS
from agents.registry import make_agent
from benchmarks.study_page import write_page
from benchmarks.study_results import load_study
from benchmarks.suites import SUITES
from pmd_envs.errors import ConfigError, PMDError, unknown

RUN = Path(__file__).resolve().parent / "run.py"
MAIN_ARMS = ("frozen", "rlvr", "sdpo", "pmd")
QUICK_ARMS = ("rlvr", "sdpo", "pmd")
TRIES = 3


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
    threads: int | None = None
    """Processor threads of each cell."""


@dataclass(frozen=True)
class Cell:
    """One arm with one seed."""

    arm: str
    seed: int
    folder: Path

    @property
    def is_done(self) -> bool:
        """Whether its report is written."""
        return (self.folder / "report.json").exists()


def main() -> int:
    """Run what is missing and write the page; a caller's mistake is one line and exit status 2."""
    options = tyro.cli(Options)
    console = Console()
    try:
        failed = run_cells(options, console)
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
        sys.stderr.write(f"error: {cell.arm} with seed {cell.seed} failed {TRIES} times: see {_log(cell)}\n")
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
    for seed in range(chosen_seeds(options)):
        for arm in chosen_arms(options):
            yield Cell(arm, seed, options.out / arm / f"seed{seed}")


def run_cells(options: Options, console: Console) -> list[Cell]:
    """Run the cells that are not done, one after another; those that keep failing are returned."""
    if options.suite not in SUITES:
        raise unknown("suite", options.suite, SUITES)
    todo = list(cells(options))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    failed = []
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as progress:
        bar = progress.add_task("study", total=len(todo))
        for cell in todo:
            progress.update(bar, description=f"{cell.arm}, seed {cell.seed}")
            if not (cell.is_done or any(_run(cell, options) for _ in range(TRIES))):
                failed.append(cell)
            progress.advance(bar)
    return failed


def _run(cell: Cell, options: Options) -> bool:
    """Run or resume one cell; whether it is done now."""
    command = [sys.executable, str(RUN), "--agent", cell.arm, "--suite", options.suite, "--seed", str(cell.seed)]
    command += ["--split", options.split, "--out", str(cell.folder), "--no-post"]
    if options.steps is not None:
        command += ["--steps", str(options.steps)]
    if options.threads is not None:
        command += ["--threads", str(options.threads)]
    if (cell.folder / "config.json").exists():
        command.append("--resume")
    _log(cell).parent.mkdir(parents=True, exist_ok=True)
    with _log(cell).open("a") as log:
        done = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode == 2:  # a mistake in the command: no try will mend it
        raise ConfigError(f"{cell.arm} with seed {cell.seed}: {_log(cell).read_text().strip().splitlines()[-1]}")
    return done.returncode == 0 and cell.is_done


def _log(cell: Cell) -> Path:
    return cell.folder.with_name(f"{cell.folder.name}.log")


if __name__ == "__main__":
    sys.exit(main())
