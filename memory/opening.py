"""Opening a memory file for reading without leaving anything beside it, in folders too that cannot be written to.

A memory has a write-ahead log, and even to read one SQLite puts two files beside it. A reader cannot take them away
again, and where it may not make them it finds the file closed to it.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

_KEPT_OUT = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


class Reading(sqlite3.Connection):
    """A connection for reading, after which the folder is as it was."""

    beside: Path | None = None
    """The file, if nothing was beside it."""

    def close(self) -> None:
        """Let go of the file."""
        super().close()
        if self.beside is not None:
            _tidy(self.beside)


def open_for_reading(path: Path, timeout: float) -> sqlite3.Connection:
    """A connection to a file that exists.

    Args:
        path: The file.
        timeout: Seconds to wait for another process.

    Raises:
        sqlite3.DatabaseError: It is no SQLite file, or must not be read.
    """
    alone = not (_log(path).exists() or _journal(path).exists())
    try:
        connection = _connect(path, "mode=ro", timeout)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _KEPT_OUT:
            raise
        if _is_filled(_log(path)) or _is_filled(_journal(path)):
            said = f"{error}; a file beside it holds changes, to read which the folder {path.parent} has to be writable"
            raise sqlite3.OperationalError(said) from error
        return _connect(path, "mode=ro&immutable=1", timeout)  # nobody can change it here
    connection.beside = path if alone else None
    return connection


def _connect(path: Path, how: str, timeout: float) -> Reading:
    uri = f"{path.resolve().as_uri()}?{how}"
    connection = sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None, factory=Reading)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # not before this is the file opened
    except BaseException:
        connection.close()
        raise
    return connection


def _tidy(path: Path) -> None:
    """Have SQLite remove an empty log if nobody uses it: the last one to close the file does, if it may write."""
    if not _log(path).exists() or _is_filled(_log(path)):
        return
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)) as last:
        last.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _log(path: Path) -> Path:
    return path.resolve().with_name(f"{path.resolve().name}-wal")


def _journal(path: Path) -> Path:
    return path.resolve().with_name(f"{path.resolve().name}-journal")


def _is_filled(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
