"""What a run remembered, from its ``memory.sqlite``: insights and behaviors, to be read by people.

The file is part of the run folder's format and may come from a stranger: it is opened read-only, nothing in its schema
is trusted, a query that does not end (of a view, say) is ended, and only the newest texts are taken, cut to a length.
"""

import math
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

MEMORY_FILE = "memory.sqlite"
MAX_MEMORY_BYTES = 1_000_000_000
LEVELS = ("behavior", "insight")
MOST = 100
"""Items of each level."""
_LENGTH = 2_000
_LARGEST = 20_000_000
"""Bytes of a value or a row that SQLite may make."""
_OPERATIONS = 100_000_000
"""Of SQLite in a query, some seconds; a memory of a gigabyte takes about a third of them."""
_QUERY = """
SELECT level, substr(kind, 1, 200), substr(title, 1, 200), substr(body, 1, ?), score, written_step FROM items
WHERE level = ? AND removed_step IS NULL ORDER BY written_step DESC, id DESC LIMIT ?
"""


@dataclass(frozen=True)
class Learned:
    """An insight or a behavior."""

    level: str
    kind: str
    title: str
    body: str
    score: float
    step: int


def read_learned(folder: Path) -> tuple[Learned, ...]:
    """The newest items; none where there is no memory, or none that this version can read."""
    path = folder / MEMORY_FILE
    if not path.is_file() or path.stat().st_size > MAX_MEMORY_BYTES:
        return ()
    try:
        with closing(_open(path)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA query_only = ON")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST)
            connection.set_progress_handler(lambda: 1, _OPERATIONS)
            rows = [row for level in LEVELS for row in connection.execute(_QUERY, (_LENGTH, level, MOST))]
        return tuple(
            Learned(str(level), str(kind), str(title), str(body), float(score), int(step))
            for level, kind, title, body, score, step in rows
            if math.isfinite(float(score))  # others are not JSON, in which they would be kept
        )
    except (sqlite3.Error, ValueError, TypeError, OverflowError):
        return ()  # it is shown for interest only, and decides nothing


def _open(path: Path) -> sqlite3.Connection:
    """A connection for reading.

    SQLite puts files beside one that has a write-ahead log, even to read it, and cannot where the folder is not to be
    written to. If no log has anything in it nobody writes at the moment, and the file is read as it is.
    """
    log = path.with_name(f"{path.name}-wal")
    is_written = log.exists() and log.stat().st_size > 0
    how = "mode=ro" if is_written else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True)
