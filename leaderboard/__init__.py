"""A local leaderboard: runs that can be repeated, whose scores were confirmed, ranked with their intervals.

    from leaderboard import Leaderboard
    posted = Leaderboard(Path("leaderboard.sqlite")).post(Path("runs/pmd-nano-seed0"))
    print(posted.rank, "of", posted.of)

Runs are folders with ``report.json`` and ``evaluation.jsonl``. On the command line: ``python -m leaderboard``.
"""

from leaderboard.entry import Entry
from leaderboard.errors import LeaderboardError, RefusedError, ReportError, StoreError
from leaderboard.ranking import Board, Standing, StoredEntry
from leaderboard.store import Leaderboard, Posted, Rebuilt

__all__ = [
    "Board",
    "Entry",
    "Leaderboard",
    "LeaderboardError",
    "Posted",
    "Rebuilt",
    "RefusedError",
    "ReportError",
    "Standing",
    "StoreError",
    "StoredEntry",
]
