"""The SQLite file: opening it, and bringing it to the newest layout.

``PRAGMA user_version`` counts the migrations that a file has seen, ``application_id`` marks it as ours. Entries
are append-only; triggers hold that against every program, not only this one.
"""

import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from leaderboard.entry import Entry, answers_of
from leaderboard.episodes import read_episode
from leaderboard.errors import UnusableError
from leaderboard.evidence import pack_problems, problem_scores, unpack_lines, unpack_problems
from leaderboard.standings import TABLES, add

APPLICATION_ID = 0x504D4447  # "PMDG"
BUSY_SECONDS = 30.0
USUAL_NAME = "leaderboard.sqlite"
_DAMAGE = (zlib.error, UnicodeDecodeError)
"""What else tells of it: parts that were kept, and names in the schema, which SQLite quotes as they are."""


def _create_entries(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE entries ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " run_id TEXT NOT NULL,"
        " content TEXT NOT NULL,"
        " posted TEXT NOT NULL,"
        " document TEXT NOT NULL,"
        " curve BLOB,"
        " UNIQUE (run_id, content)) STRICT"
    )
    for change in ("UPDATE", "DELETE"):
        connection.execute(
            f"CREATE TRIGGER entries_no_{change.lower()} BEFORE {change} ON entries "
            "BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END"
        )


def _create_standings(connection: sqlite3.Connection) -> None:
    """Since version 2 the episodes are kept and every entry has a summary."""
    for statement in TABLES.split(";"):
        connection.execute(statement)
    for table in ("evidence", "verifications"):
        for change in ("UPDATE", "DELETE"):
            connection.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    connection.execute("DROP TRIGGER entries_no_update")
    connection.execute("UPDATE entries SET document = json_set(document, '$.report.chain', ''), curve = NULL")
    connection.execute(
        "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries "
        "BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END"
    )
    for entry_id, document in connection.execute("SELECT id, document FROM entries ORDER BY id").fetchall():
        add(connection, entry_id, Entry.from_json(document), NO_EVIDENCE)


def _mark_samples(connection: sqlite3.Connection) -> None:
    """Since version 3 all answers are scored again; of larger runs that were posted before, only some had been."""
    connection.execute(
        "UPDATE standings SET mark = ? WHERE mark = ''"
        " AND entry_id IN (SELECT id FROM entries"
        "  WHERE json_extract(document, '$.rescored') < json_extract(document, '$.episodes'))"
        " AND entry_id NOT IN (SELECT entry_id FROM verifications WHERE changed = 0)",
        (SAMPLED,),
    )


def _tell_runs_apart(connection: sqlite3.Connection) -> None:
    """Since version 4 runs of other settings stand beside one of the same name, which they had displaced."""
    named = connection.execute(
        "SELECT board, entry_id, document FROM standings JOIN entries ON id = entry_id"
        " WHERE (board, standings.run_id) IN (SELECT board, run_id FROM standings WHERE newest = 0) ORDER BY entry_id"
    )
    newest: dict[tuple[str, str, str], int] = {}
    for board, entry_id, document in named:
        entry = Entry.from_json(document)
        newest[board, entry.report.run_id, entry.settings] = entry_id
    connection.executemany("UPDATE standings SET newest = 1 WHERE entry_id = ?", [(i,) for i in newest.values()])


def _number_no_samples(connection: sqlite3.Connection) -> None:
    """Since version 5 a copy is known whose samples were numbered anew."""
    for entry_id, document in connection.execute("SELECT id, document FROM entries").fetchall():
        if lines := _lines_of(connection, entry_id):
            episodes = [read_episode(line, number) for number, line in enumerate(lines, start=1)]
            answers = answers_of(Entry.from_json(document).headline, episodes)
            connection.execute("UPDATE standings SET answers = ? WHERE entry_id = ?", (answers, entry_id))


def _tell_what_asks_the_same(connection: sqlite3.Connection) -> None:
    """Since version 6 the problems of an entry say which of them ask the same, as far as their data is here."""
    connection.execute("DROP TRIGGER evidence_no_update")
    kept = connection.execute("SELECT entry_id, content FROM evidence WHERE part = 'problems'").fetchall()
    for entry_id, content in kept:
        if any(problem.asks for problem in unpack_problems(content)):
            continue  # posted by a version that knew, and perhaps where there was more data
        found = pack_problems(problem_scores(_lines_of(connection, entry_id)))
        connection.execute(
            "UPDATE evidence SET content = ? WHERE entry_id = ? AND part = 'problems'", (found, entry_id)
        )
    connection.execute(
        "CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence "
        "BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END"
    )


def _lines_of(connection: sqlite3.Connection, entry_id: int) -> list[bytes]:
    """The episodes of an entry, as they were; none where an older version did not keep them."""
    parts = connection.execute(
        "SELECT content FROM evidence WHERE entry_id = ? AND part = 'episodes' ORDER BY number", (entry_id,)
    )
    return [line for (content,) in parts for line in unpack_lines(content)]


SAMPLED = "only a sample of its answers was scored again when it was posted: python -m leaderboard verify scores all"
NO_EVIDENCE = "posted to an older version, which did not keep the episodes: python -m leaderboard rebuild reads them"
MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    _create_entries,
    _create_standings,
    _mark_samples,
    _tell_runs_apart,
    _number_no_samples,
    _tell_what_asks_the_same,
)
"""Add new ones at the end; never change one that was released."""


@contextmanager
def connect(path: Path, *, create: bool) -> Iterator[sqlite3.Connection]:
    """An open connection to an up-to-date file.

    Raises:
        UnusableError: The file is missing (unless ``create``), not ours, or newer than this program.
    """
    if not create and not path.exists():
        raise UnusableError(f"there is no leaderboard at {path}: post a run first, or name another file with --db")
    _check_place(path)
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            _prepare(connection, path)
            yield connection
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise UnusableError(f"cannot use {path} as a leaderboard: {error}") from error
    except _DAMAGE as error:
        raise UnusableError(f"cannot use {path} as a leaderboard: it is damaged ({error})") from error


def check_usable(path: Path) -> None:
    """Refuse what nothing could be posted to. A file that is not there is not made.

    Raises:
        UnusableError: As for :func:`connect`.
    """
    if path.exists():
        with connect(path, create=False):
            return
    _check_place(path)


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise UnusableError(f"{path} is a folder, not a leaderboard: name a file in it, such as {path / USUAL_NAME}")
    if not path.parent.is_dir():
        raise UnusableError(f"cannot create {path}: there is no directory {path.parent}")
    if not path.exists() and not os.access(path.parent, os.W_OK):
        raise UnusableError(f"cannot create {path}: the directory {path.parent} cannot be written to")


def bring_up_to_date(path: Path, *, create: bool = False) -> None:
    """Make an older file one that :func:`reading` takes; one that may not be written is left as it is.

    Raises:
        UnusableError: As for :func:`connect`.
    """
    if not path.exists() or _may_write(path):
        with connect(path, create=create):
            pass


def _may_write(path: Path) -> bool:
    """SQLite writes into the folder of a file too."""
    effective = os.access in os.supports_effective_ids
    return all(os.access(place, os.W_OK, effective_ids=effective) for place in (path, path.resolve().parent))


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """One unchanging view of an up-to-date file, for pages: nothing is written, and no writer is waited for.

    Raises:
        UnusableError: The file is missing, not ours, or of another version.
    """
    if not path.exists():
        raise UnusableError(f"there is no leaderboard at {path}: post a run first, or name another file with --db")
    try:
        place = path.resolve()
        connection = sqlite3.connect(f"{place.as_uri()}?{_how(place)}", uri=True, timeout=BUSY_SECONDS)
        connection.isolation_level = None
        try:
            with transaction(connection, "DEFERRED"):
                _check_owner(connection, path)
                version = _pragma(connection, "user_version")
                if version < len(MIGRATIONS):
                    raise UnusableError(f"{path} is of an older version, and may not be written to bring it up to date")
                _check_version(version, path)
                yield connection
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise UnusableError(f"cannot use {path} as a leaderboard: {error}") from error
    except _DAMAGE as error:
        raise UnusableError(f"cannot use {path} as a leaderboard: it is damaged ({error})") from error


def _how(path: Path) -> str:
    """How SQLite is to open a file for reading.

    It puts files beside one even to read it. Where it cannot, and no log is there, nobody writes at the moment, and the
    file is read as it is.
    """
    is_written = path.with_name(f"{path.name}-wal").exists()
    return "mode=ro" if is_written or _may_write(path) else "mode=ro&immutable=1"


@contextmanager
def transaction(connection: sqlite3.Connection, mode: str = "IMMEDIATE") -> Iterator[None]:
    """All changes inside, or none. Takes the write lock at once, so that what is read stays true."""
    connection.execute(f"BEGIN {mode}")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # on a full disk SQLite has rolled back by itself
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def rewriting(connection: sqlite3.Connection) -> Iterator[None]:
    """Lifts what holds entries and evidence as they are, to read their files again; use it inside a transaction."""
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    yield
    for _, statement in triggers:
        connection.execute(statement)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    with transaction(connection, "DEFERRED"):  # one view of the file, and not a byte of a stranger's changes
        _check_owner(connection, path)
    _use_wal(connection)
    with transaction(connection):
        version = _pragma(connection, "user_version")
        _check_version(version, path)
        if version < len(MIGRATIONS):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            _migrate(connection, since=version)


def _check_version(version: int, path: Path) -> None:
    if version > len(MIGRATIONS):
        raise UnusableError(
            f"{path} has layout {version}, this program knows up to {len(MIGRATIONS)}: use a newer PMD Gym"
        )


def _migrate(connection: sqlite3.Connection, since: int) -> None:
    for migration in MIGRATIONS[since:]:
        migration(connection)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _check_owner(connection: sqlite3.Connection, path: Path) -> None:
    if _pragma(connection, "application_id") == APPLICATION_ID:
        return
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
        raise UnusableError(f"{path} is an SQLite file of another program, not a leaderboard")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite does not wait for other processes here, so two that start at once need this loop."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
