"""Opening the file, and the two kinds of transaction.

Several processes may hold one memory open. Readers see one snapshot for a whole question and never block;
writers take the write lock at once (``IMMEDIATE``) and hold it briefly, so that they queue up instead of
failing half-way. A killed writer leaves nothing behind: SQLite rolls its transaction back.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

from memory.errors import MemoryStoreError, MemoryUseError
from memory.opening import open_for_reading
from memory.schema import APPLICATION_ID, MIGRATIONS, READABLE, VERSION

Mode = Literal["r", "rw"]
BUSY_SECONDS = 30.0
_PAGE = 8192
"""Bytes. An attempt with its vector takes about 1,600, of which SQLite's usual 4,096 hold two and waste the rest."""


class Database:
    """One connection to one memory file."""

    def __init__(self, path: Path, mode: Mode) -> None:
        if mode not in ("r", "rw"):
            raise MemoryUseError(f"unknown mode {mode!r}. Known: r, rw.")
        self.path = path
        self.mode = mode
        _require_openable(path, mode)
        try:
            self._connection = _open(path, mode)
        except sqlite3.DatabaseError as error:
            raise MemoryStoreError(f"{path} cannot be opened as a memory: {error}") from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One unchanging view of the file."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, one writer at a time."""
        if self.mode == "r":
            raise MemoryStoreError(f"{self.path} is open for reading only: open it with mode='rw' to write")
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        try:
            with _transaction(self._connection, begin):
                yield self._connection
        except sqlite3.IntegrityError:
            raise  # a broken promise of ours, not of the file's
        except sqlite3.DatabaseError as error:
            raise MemoryStoreError(f"{self.path}: {error}") from error
        except OverflowError as error:
            raise MemoryUseError(f"a number is beyond the 64 bits that {self.path} counts with: {error}") from error


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _require_openable(path: Path, mode: Mode) -> None:
    if path.is_dir():
        raise MemoryStoreError(f"{path} is a folder, not a memory file")
    if mode == "r" and not path.exists():
        raise MemoryStoreError(f"no memory file at {path}")
    if not path.parent.is_dir():
        raise MemoryStoreError(f"no folder {path.parent} to put a memory file in")


def _open(path: Path, mode: Mode) -> sqlite3.Connection:
    connection = open_for_reading(path, BUSY_SECONDS) if mode == "r" else _open_for_writing(path)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        _require_ours(connection, path)
        if mode == "rw":
            connection.execute(f"PRAGMA page_size = {_PAGE}")  # decides about new files only
            _use_wal(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            _migrate(connection, path)
        elif _pragma(connection, "user_version") < READABLE:
            raise MemoryStoreError(
                f"{path} was never completed or is older than this code: open it once with mode='rw'"
            )
    except BaseException:
        connection.close()
        raise
    return connection


def _open_for_writing(path: Path) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode=rwc"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    with closing(connection.execute(f"PRAGMA {name}")) as cursor:
        return int(cursor.fetchone()[0])


def _require_ours(connection: sqlite3.Connection, path: Path) -> None:
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and _pragma(connection, "application_id") != APPLICATION_ID:
        raise MemoryStoreError(f"{path} is an SQLite file of something else, not a memory")
    version = _pragma(connection, "user_version")
    if version > VERSION:
        raise MemoryStoreError(
            f"{path} was written by a newer version of this code (format {version}, this code reads up to {VERSION})"
        )


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite does not wait by itself when two processes do it at once."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _pragma(connection, "user_version") == VERSION:
        return
    with _transaction(connection, "BEGIN IMMEDIATE"):
        _require_ours(connection, path)  # again: another process may have been first
        for migration in MIGRATIONS[_pragma(connection, "user_version") :]:
            migration(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
