"""The leaderboard itself: post runs, read boards, write the page, build everything again from run folders.

The database is an index. Whatever it holds can be made again from the run folders, and a run is verified before
it is written, outside the transaction, since scoring may take a while.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from leaderboard.database import clear, connect, transaction
from leaderboard.entry import REPORT_FILE, Entry, Rescore, read_curve
from leaderboard.errors import LeaderboardError, ReportError
from leaderboard.page import write_page
from leaderboard.ranking import Board, StoredEntry, boards
from leaderboard.rescoring import rescore


@dataclass(frozen=True)
class Posted:
    """Where a run ended up."""

    entry_id: int
    board: str
    rank: int | None
    """None: the run has no row after training and without memory, or a newer entry replaced this one."""
    of: int
    """How many runs are ranked on its board."""
    already: bool
    """The same run with the same content was there before; nothing was written."""


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild took, and what it left out and why."""

    entries: int
    refused: tuple[tuple[Path, str], ...]


class Leaderboard:
    """A leaderboard in one SQLite file, which the first post creates."""

    def __init__(self, path: Path, rescore: Rescore = rescore) -> None:
        self.path = path
        self._rescore = rescore

    def post(self, folder: Path) -> Posted:
        """Verify a run folder and add it.

        Raises:
            ReportError: A file of the run is missing, damaged or of another format.
            RefusedError: Its scores cannot be reproduced or confirmed.
            StoreError: The database cannot be used.
        """
        entry, curve = Entry.from_run(folder, self._rescore), read_curve(folder)
        with connect(self.path, create=True) as connection, transaction(connection):
            entry_id = _find(connection, entry)
            already = entry_id is not None
            if entry_id is None:
                entry_id = _insert(connection, entry, curve)
            return _posted(_read_all(connection), entry_id, already)

    def boards(self) -> tuple[Board, ...]:
        """All boards, by suite."""
        with connect(self.path, create=False) as connection:
            return boards(_read_all(connection))

    def export(self, folder: Path) -> Path:
        """Write the boards as one static page; its path."""
        with connect(self.path, create=False) as connection:
            return write_page(boards(_read_all(connection)), _read_curves(connection), folder)

    def rebuild(self, runs: Path) -> Rebuilt:
        """Replace the index by the run folders below ``runs``, oldest first, all at once or not at all.

        Raises:
            ReportError: There is no run folder, or none that may be ranked.
        """
        verified, refused = self._verify_all(runs)
        if not verified:
            reasons = "; ".join(reason for _, reason in refused) or "it holds no report.json"
            raise ReportError(f"nothing to rebuild from {runs}: {reasons}")
        verified.sort(key=lambda pair: (pair[0].report.created, pair[0].report.run_id, pair[0].content))
        with connect(self.path, create=True) as connection, transaction(connection):
            clear(connection)
            for entry, curve in verified:
                if _find(connection, entry) is None:
                    _insert(connection, entry, curve)
            return Rebuilt(len(_read_all(connection)), tuple(refused))

    def _verify_all(self, runs: Path) -> tuple[list[tuple[Entry, bytes | None]], list[tuple[Path, str]]]:
        verified: list[tuple[Entry, bytes | None]] = []
        refused: list[tuple[Path, str]] = []
        for report in sorted(runs.rglob(REPORT_FILE)):
            folder = report.parent
            try:
                verified.append((Entry.from_run(folder, self._rescore), read_curve(folder)))
            except LeaderboardError as error:
                refused.append((folder, str(error)))
        return verified, refused


def _find(connection: sqlite3.Connection, entry: Entry) -> int | None:
    row = connection.execute(
        "SELECT id FROM entries WHERE run_id = ? AND content = ?", (entry.report.run_id, entry.content)
    ).fetchone()
    return None if row is None else int(row[0])


def _insert(connection: sqlite3.Connection, entry: Entry, curve: bytes | None) -> int:
    cursor = connection.execute(
        "INSERT INTO entries (run_id, content, posted, document, curve) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (entry.report.run_id, entry.content, datetime.now(UTC).isoformat("T", "seconds"), entry.to_json(), curve),
    )
    return int(cursor.fetchone()[0])


def _read_all(connection: sqlite3.Connection) -> list[StoredEntry]:
    rows = connection.execute("SELECT id, posted, document FROM entries ORDER BY id")
    return [StoredEntry(entry_id, posted, Entry.from_json(document)) for entry_id, posted, document in rows]


def _read_curves(connection: sqlite3.Connection) -> dict[int, bytes]:
    return dict(connection.execute("SELECT id, curve FROM entries WHERE curve IS NOT NULL"))


def _posted(stored: Sequence[StoredEntry], entry_id: int, already: bool) -> Posted:
    key = next(item.entry.board for item in stored if item.id == entry_id)
    board = next(board for board in boards(stored) if board.key == key)
    ranks = [standing.rank for standing in board.standings if standing.stored.id == entry_id]
    return Posted(entry_id, key, ranks[0] if ranks else None, board.ranked, already)
