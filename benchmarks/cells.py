"""Running many runs: side by side within a budget of cores, each in a process and a folder of its own.

A cell that is done is kept, one that was killed goes on where it was, one that failed is written down and tried again,
a few times in all. Cells end with the process that started them, even if that is killed.
"""

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from agents.folder_lock import is_held
from benchmarks.files import append, read_lines
from benchmarks.pace import Pace
from pmd_envs.errors import ConfigError
from pmd_envs.records import Json

RUN = Path(__file__).resolve().parent / "run.py"
IN_USE = 75
"""Exit status of ``run.py`` when another process works in its folder (EX_TEMPFAIL)."""
MISTAKE = 2
POLL = 0.2  # seconds
SILENCE = 600.0
"""Seconds after which a file is told how far runs are, if none has ended meanwhile."""
# Linux sends a child this signal (9, SIGKILL) when its parent dies (option 1, PR_SET_PDEATHSIG).
_BOUND = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); "
    "os.getppid() == int(sys.argv[1]) or sys.exit(1); os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
)


@dataclass(frozen=True)
class Cell:
    """One run of a study or a matrix."""

    name: str
    """As people read it."""
    folder: Path
    options: tuple[str, ...]
    """Options of ``run.py`` that decide what it computes."""
    steps: int = 0
    """Training batches, of which progress is told."""
    evaluations: int = 1

    @property
    def is_done(self) -> bool:
        """Whether its report is written."""
        return (self.folder / "report.json").exists()

    @property
    def log(self) -> Path:
        """What its process printed."""
        return self.folder.with_name(f"{self.folder.name}.log")

    @property
    def attempts(self) -> Path:
        """How its failed tries ended, one JSON line for each."""
        return self.folder.with_name(f"{self.folder.name}.attempts.jsonl")

    @property
    def failures(self) -> int:
        """How often it has failed so far, in this or earlier processes."""
        return len(read_lines(self.attempts))

    @property
    def work(self) -> int:
        """Steps and evaluations in all."""
        return self.steps + self.evaluations

    def progress(self) -> int:
        """Steps and evaluations that are finished."""
        try:
            steps = (self.folder / "metrics.jsonl").read_bytes().count(b"\n")
        except FileNotFoundError:
            steps = 0
        return steps + len(list((self.folder / "evaluation").glob("*.jsonl")))

    @property
    def finished(self) -> int:
        """Of :attr:`work`."""
        return self.work if self.is_done else min(self.progress(), self.work)


@dataclass(frozen=True)
class Budget:
    """What the cells may use."""

    cores: int = 1
    threads: int = 1
    """Of each cell; so many cells run at once as fit into the cores."""
    tries: int = 3
    """How often a cell may fail, over all processes."""

    def __post_init__(self) -> None:
        for name in ("cores", "threads", "tries"):
            if getattr(self, name) < 1:
                raise ConfigError(f"--{name} {getattr(self, name)} is below 1")
        if self.threads > self.cores:
            raise ConfigError(f"--threads {self.threads} of one cell is more than --cores {self.cores}")

    @property
    def at_once(self) -> int:
        """How many cells run side by side."""
        return self.cores // self.threads


@dataclass
class _Running:
    """A cell under way; without a process it is somebody else's."""

    cell: Cell
    process: subprocess.Popen[bytes] | None
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls, cell: Cell, budget: Budget) -> "_Running":
        if is_held(cell.folder):
            return cls(cell, None)
        command = [str(RUN), *cell.options, "--out", str(cell.folder), "--threads", str(budget.threads)]
        if (cell.folder / "config.json").exists():
            command.append("--resume")
        bound = ["-c", _BOUND, str(os.getpid())] if sys.platform == "linux" else []
        cell.log.parent.mkdir(parents=True, exist_ok=True)
        with cell.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *bound, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        return cls(cell, process)

    def status(self) -> int | None:
        """The exit status once it has ended; :data:`IN_USE` for a cell that somebody else has let go of."""
        if self.process is None:
            return None if is_held(self.cell.folder) else IN_USE
        return self.process.poll()

    def stop(self) -> None:
        """End the process; what it has made durable stays."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=10)
            self.process.kill()
            self.process.wait()


def run_cells(cells: Sequence[Cell], budget: Budget, console: Console) -> list[Cell]:
    """Run the cells that are not done, the first ones first; those that have failed too often are returned.

    Raises:
        ConfigError: A cell refused its options, which no further try can mend.
    """
    failed = [cell for cell in cells if not cell.is_done and cell.failures >= budget.tries]
    waiting = deque(cell for cell in cells if not cell.is_done and cell not in failed)
    running: list[_Running] = []
    with _Screen(console, cells, failed) as screen:
        try:
            while waiting or running:
                while waiting and len(running) < budget.at_once:
                    running.append(_Running.start(waiting.popleft(), budget))
                time.sleep(POLL)
                for one in list(running):
                    status = one.status()
                    screen.show(one.cell)
                    if status is None:
                        continue
                    running.remove(one)
                    if _ended(one, status):
                        screen.finish(one.cell)
                    elif one.cell.failures < budget.tries:
                        waiting.append(one.cell)
                    else:
                        failed.append(one.cell)
                        screen.drop(one.cell)
                screen.tell([one.cell for one in running])
        finally:
            for one in running:
                one.stop()
    return failed


def give_up(failed: Sequence[Cell]) -> int:
    """Say where to look for what went wrong; the exit status."""
    for cell in failed:
        sys.stderr.write(f"error: {cell.name} failed {cell.failures} times: see {cell.log} and {cell.attempts}\n")
    return 1 if failed else 0


def _ended(one: _Running, status: int) -> bool:
    """Whether the cell is done; a failure is written down."""
    cell = one.cell
    if cell.is_done and status in (0, IN_USE):
        return True
    if status == IN_USE:
        return False
    said = cell.log.read_text(errors="replace").strip().splitlines()
    reason = said[-1] if said else "it said nothing"
    if status == MISTAKE:
        raise ConfigError(f"{cell.name}: {reason.removeprefix('error: ')}")
    seconds = round(time.monotonic() - one.began, 1)
    failure: dict[str, Json] = {"try": cell.failures + 1, "status": status, "seconds": seconds, "reason": reason[:500]}
    append(cell.attempts, [failure])
    return False


class _Screen:
    """A bar for all cells, and one for each that is under way, with the time left. A file is told the same in lines."""

    def __init__(self, console: Console, cells: Sequence[Cell], failed: Sequence[Cell]) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console)
        self._console, self._cells = console, [cell for cell in cells if cell not in failed]
        self._runs = len(cells)
        self._done = sum(cell.is_done for cell in cells)
        self._all = self._progress.add_task("all runs", total=self._runs, completed=self._done)
        self._bars: dict[Cell, TaskID] = {}
        self._began = self._told = time.monotonic()
        self._before = {cell: cell.finished for cell in cells}
        """Work of earlier processes."""
        self._since: dict[Cell, float] = {}
        """When a cell began in this process."""

    def __enter__(self) -> "_Screen":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, cell: Cell) -> None:
        """How far a cell is."""
        if cell not in self._bars:
            self._since.setdefault(cell, time.monotonic())
            self._bars[cell] = self._progress.add_task(cell.name, total=cell.work, completed=cell.finished)
        else:
            self._progress.update(self._bars[cell], completed=cell.finished)

    def finish(self, cell: Cell) -> None:
        """A cell is done."""
        self._progress.remove_task(self._bars.pop(cell))
        self._progress.advance(self._all)
        self._done += 1
        self._tell(f"done: {cell.name} ({self._done} of {self._runs} runs, {self._pace(self._cells, self._began)})")

    def drop(self, cell: Cell) -> None:
        """A cell has failed too often: nobody waits for what is left of it."""
        self._progress.remove_task(self._bars.pop(cell))
        self._cells.remove(cell)

    def tell(self, running: Sequence[Cell]) -> None:
        """Say how far the cells under way are, if nothing was said for long."""
        if time.monotonic() - self._told >= SILENCE:
            for cell in running:
                pace = self._pace([cell], self._since[cell])
                self._tell(f"under way: {cell.name} ({cell.finished} of {cell.work} steps and evaluations, {pace})")

    def _pace(self, cells: Sequence[Cell], since: float) -> Pace:
        before, now = sum(self._before[cell] for cell in cells), sum(cell.finished for cell in cells)
        return Pace(max(now - before, 0), sum(cell.work for cell in cells) - now, time.monotonic() - since)

    def _tell(self, text: str) -> None:
        self._told = time.monotonic()
        if not self._console.is_terminal:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)
