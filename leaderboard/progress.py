"""Scoring again in front of somebody who waits: a bar, once it takes longer than a moment."""

import time
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from leaderboard.entry import Rescore
from leaderboard.episodes import EvaluatedEpisode
from leaderboard.rescoring import rescore

PATIENCE = 2.0
"""Seconds before anything is shown."""
TITLE = "scoring answers again"


def rescore_before(console: Console, patience: float = PATIENCE) -> Rescore:
    """:func:`rescore` with a bar on ``console``, and in a file with a line that says what takes time."""

    def rescore_shown(episodes: Sequence[EvaluatedEpisode]) -> list[float]:
        bar = _Bar(console, patience)
        try:
            return rescore(episodes, bar.watch)
        finally:
            bar.stop()

    return rescore_shown


class _Bar:
    def __init__(self, console: Console, patience: float) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True)
        self._console = console
        self._task: TaskID | None = None
        self._from = time.monotonic() + patience

    def watch(self, done: int, total: int) -> None:
        if self._task is None:
            if time.monotonic() < self._from:
                return
            self._task = self._progress.add_task(TITLE, total=total)
            if self._console.is_terminal:
                self._progress.start()
            else:
                self._console.print(f"{TITLE}: {done:,} of {total:,} so far", markup=False, highlight=False)
        self._progress.update(self._task, completed=done)

    def stop(self) -> None:
        if self._task is not None and self._console.is_terminal:
            self._progress.stop()
