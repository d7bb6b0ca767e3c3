"""The leaderboard itself: post runs, read boards, write the pages, score everything again, read the run folders again.

The database is an index. Whatever it holds can be made again from the run folders, and a run is verified before
it is written, outside the transaction, since scoring may take a while. What it holds of runs whose folders are
elsewhere stays.
"""

import math
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from leaderboard.database import (
    USUAL_NAME,
    bring_up_to_date,
    check_usable,
    connect,
    reading,
    rewriting,
    transaction,
)
from leaderboard.duplicates import check_duplicate
from leaderboard.entry import REPORT_FILE, Entry, Rescore
from leaderboard.errors import LeaderboardError, ReportError
from leaderboard.evidence import Evidence
from leaderboard.export import write_site
from leaderboard.ranking import Board, StoredEntry, boards
from leaderboard.rescoring import rescore
from leaderboard.reverification import Verification, confirm, verify_all
from leaderboard.standings import add, rank_of, renew


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
    """How many there are now."""
    refused: tuple[tuple[Path, str], ...]
    kept: int = 0
    """Entries that stayed as they were, since no folder that was taken holds them."""


def usual_database() -> Path:
    """The database where nobody names another one: an empty ``PMD_LEADERBOARD`` names none."""
    return Path(os.environ.get("PMD_LEADERBOARD") or USUAL_NAME)


class Leaderboard:
    """A leaderboard in one SQLite file, which the first post creates."""

    def __init__(self, path: Path, rescore: Rescore = rescore) -> None:
        self.path = path
        self._rescore = rescore

    def check(self) -> None:
        """Refuse a file that nothing could be posted to; one that is missing is not made.

        Raises:
            StoreError: The database cannot be used.
        """
        check_usable(self.path)

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
        bring_up_to_date(self.path)
        with reading(self.path) as connection:
            return boards(_read_all(connection))

    def export(self, folder: Path) -> Path:
        """Write everything as pages that need no server; the path of the first one."""
        bring_up_to_date(self.path)
        return write_site(self.path, folder)

    def verify(self) -> tuple[Verification, ...]:
        """Score all episodes of all entries again and note what changed; an entry with changes loses its rank."""
        with connect(self.path, create=False) as connection:
            return verify_all(connection, self._rescore)

    def rebuild(self, *runs: Path) -> Rebuilt:
        """Read all run folders below some directories again, all at once or not at all; no entry is removed.

        Entries of these folders are made anew where they stand, so that whoever gave an answer first keeps the rank;
        what the index did not have comes after all others, in the order in which the reports say that they were made.

        Raises:
            ReportError: A directory is missing, or there is no run folder, or none that may be ranked.
        """
        verified, refused = self._verify_all(runs)
        if not verified:
            reasons = "; ".join(reason for _, reason in refused) or "it holds no report.json"
            raise ReportError(f"nothing to rebuild from {', '.join(map(str, runs))}: {reasons}")
        with connect(self.path, create=True) as connection, transaction(connection), rewriting(connection):
            made: set[int] = set()
            for entry, folder in sorted(verified, key=lambda pair: _turn(connection, pair[0])):
                if _find(connection, entry) in made:
                    continue
                try:
                    made.add(_take(connection, entry, Evidence.from_run(folder, entry)))
                except LeaderboardError as error:
                    refused.append((folder, str(error)))
            entries = int(connection.execute("SELECT count(*) FROM entries").fetchone()[0])
            return Rebuilt(entries, tuple(refused), entries - len(made))

    def _verify_all(self, runs: Sequence[Path]) -> tuple[list[tuple[Entry, Path]], list[tuple[Path, str]]]:
        verified: list[tuple[Entry, Path]] = []
        refused: list[tuple[Path, str]] = []
        for folder in _run_folders(runs):
            try:
                verified.append((Entry.from_run(folder, self._rescore), folder))
            except LeaderboardError as error:
                refused.append((folder, str(error)))
        return verified, refused


def _run_folders(directories: Sequence[Path]) -> list[Path]:
    """All run folders below, each once though one directory may hold another."""
    found: dict[Path, Path] = {}
    for directory in directories:
        if not directory.is_dir():
            raise ReportError(f"nothing to rebuild from {directory}: there is no such directory")
        for report in directory.rglob(REPORT_FILE):
            found.setdefault(report.parent.resolve(), report.parent)
    return sorted(found.values())


def _turn(connection: sqlite3.Connection, entry: Entry) -> tuple[float, str, str, str]:
    """When an entry is made: those that the index has first, for a report can say of itself that it is older."""
    known, report = _find(connection, entry), entry.report
    return math.inf if known is None else known, report.created, report.run_id, entry.content


def _take(connection: sqlite3.Connection, entry: Entry, evidence: Evidence) -> int:
    """Make an entry anew, or add it; its number."""
    entry_id = _find(connection, entry)
    if entry_id is None:
        return insert(connection, entry, evidence, check_duplicate(connection, entry, replace=True))
    connection.execute("UPDATE entries SET document = ? WHERE id = ?", (entry.to_json(), entry_id))
    # What the folder has lost since, nobody could read again.
    gone = {name for name, read in (("training", evidence.training), ("learned", evidence.learned)) if not read}
    parts = [(entry_id, *part) for part in evidence.parts() if part[0] not in gone]
    connection.executemany("INSERT OR REPLACE INTO evidence VALUES (?, ?, ?, ?)", parts)
    renew(connection, entry_id, entry)
    confirm(connection, entry_id, entry)
    return entry_id


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
