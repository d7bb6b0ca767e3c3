"""The leaderboard itself: post runs, read boards, write the pages, score everything again, build it anew.

The database is an index. Whatever it holds can be made again from the run folders, and a run is verified before
it is written, outside the transaction, since scoring may take a while.
"""

import math
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from leaderboard.database import clear, connect, transaction
from leaderboard.duplicates import check_duplicate
from leaderboard.entry import REPORT_FILE, Entry, Rescore
from leaderboard.errors import LeaderboardError, ReportError
from leaderboard.evidence import Evidence
from leaderboard.export import write_site
from leaderboard.ranking import Board, StoredEntry, boards
from leaderboard.rescoring import rescore
from leaderboard.reverification import Verification, verify_all
from leaderboard.standings import add, rank_of


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
    mark: str = ""
    """Why it is shown without a rank, if it was marked."""


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

    def post(self, folder: Path, *, replace: bool = True) -> Posted:
        """Verify a run folder and add it. Without ``replace`` a run that is on its board is not superseded.

        Raises:
            ReportError: A file of the run is missing, damaged, too large or of another format.
            RefusedError: Its scores cannot be reproduced or confirmed, or it is a copy.
            StoreError: The database cannot be used.
        """
        return self.add(Entry.from_run(folder, self._rescore), folder, replace=replace)

    def add(self, entry: Entry, folder: Path, *, replace: bool) -> Posted:
        """Add what the run folder ``folder`` was verified to be; otherwise as :meth:`post`."""
        evidence = Evidence.from_run(folder, entry)
        with connect(self.path, create=True) as connection, transaction(connection):
            entry_id = _find(connection, entry)
            already = entry_id is not None
            if entry_id is None:
                mark = check_duplicate(connection, entry, replace=replace)
                entry_id = insert(connection, entry, evidence, mark)
            return _posted(connection, entry_id, already)

    def boards(self) -> tuple[Board, ...]:
        """All boards, by suite."""
        with connect(self.path, create=False) as connection:
            return boards(_read_all(connection))

    def export(self, folder: Path) -> Path:
        """Write everything as pages that need no server; the path of the first one."""
        with connect(self.path, create=False):
            pass  # brings an older file up to date
        return write_site(self.path, folder)

    def verify(self) -> tuple[Verification, ...]:
        """Score all episodes of all entries again and note what changed; an entry with changes loses its rank."""
        with connect(self.path, create=False) as connection:
            return verify_all(connection, self._rescore)

    def rebuild(self, runs: Path) -> Rebuilt:
        """Replace the index by the run folders below ``runs``, all at once or not at all.

        The answers that the old index had first come first, so that whoever gave them keeps the rank; what it did not
        have comes after them, in the order in which the reports say that they were made.

        Raises:
            ReportError: There is no run folder, or none that may be ranked.
        """
        verified, refused = self._verify_all(runs)
        if not verified:
            reasons = "; ".join(reason for _, reason in refused) or "it holds no report.json"
            raise ReportError(f"nothing to rebuild from {runs}: {reasons}")
        with connect(self.path, create=True) as connection, transaction(connection):
            first = _first_entries(connection)
            clear(connection)
            for entry, folder in sorted(verified, key=lambda pair: _turn(pair[0], first)):
                if _find(connection, entry) is not None:
                    continue
                try:
                    mark = check_duplicate(connection, entry, replace=True)
                    insert(connection, entry, Evidence.from_run(folder, entry), mark)
                except LeaderboardError as error:
                    refused.append((folder, str(error)))
            entries = connection.execute("SELECT count(*) FROM entries").fetchone()[0]
            return Rebuilt(int(entries), tuple(refused))

    def _verify_all(self, runs: Path) -> tuple[list[tuple[Entry, Path]], list[tuple[Path, str]]]:
        verified: list[tuple[Entry, Path]] = []
        refused: list[tuple[Path, str]] = []
        for report in sorted(runs.rglob(REPORT_FILE)):
            folder = report.parent
            try:
                verified.append((Entry.from_run(folder, self._rescore), folder))
            except LeaderboardError as error:
                refused.append((folder, str(error)))
        return verified, refused


def _first_entries(connection: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """Of every run, and of what it answered, the first entry."""
    found = connection.execute("SELECT run_id, answers, entry_id FROM standings ORDER BY entry_id DESC")
    return {(run_id, answers): int(entry_id) for run_id, answers, entry_id in found}


def _turn(entry: Entry, first: Mapping[tuple[str, str], int]) -> tuple[float, str, str, str]:
    """When an entry is added to a new index: a report can say of itself that it is older than it is."""
    report = entry.report
    return first.get((report.run_id, entry.answers), math.inf), report.created, report.run_id, entry.content


def _find(connection: sqlite3.Connection, entry: Entry) -> int | None:
    row = connection.execute(
        "SELECT id FROM entries WHERE run_id = ? AND content = ?", (entry.report.run_id, entry.content)
    ).fetchone()
    return None if row is None else int(row[0])


def insert(connection: sqlite3.Connection, entry: Entry, evidence: Evidence, mark: str) -> int:
    """Add a verified entry with its evidence; call it inside a transaction."""
    posted = datetime.now(UTC).isoformat("T", "seconds")
    entry_id = int(
        connection.execute(
            "INSERT INTO entries (run_id, content, posted, document) VALUES (?, ?, ?, ?) RETURNING id",
            (entry.report.run_id, entry.content, posted, entry.to_json()),
        ).fetchone()[0]
    )
    connection.executemany("INSERT INTO evidence VALUES (?, ?, ?, ?)", [(entry_id, *part) for part in evidence.parts()])
    add(connection, entry_id, entry, mark)
    return entry_id


def _read_all(connection: sqlite3.Connection) -> list[StoredEntry]:
    rows = connection.execute(
        "SELECT id, posted, document, mark FROM entries JOIN standings ON entry_id = id ORDER BY id"
    )
    return [StoredEntry(entry_id, posted, Entry.from_json(text), mark) for entry_id, posted, text, mark in rows]


def _posted(connection: sqlite3.Connection, entry_id: int, already: bool) -> Posted:
    rank, of = rank_of(connection, entry_id)
    board, mark = connection.execute("SELECT board, mark FROM standings WHERE entry_id = ?", (entry_id,)).fetchone()
    return Posted(entry_id, board, rank, of, already, mark)
