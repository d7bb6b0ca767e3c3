"""What a run remembered, from its ``memory.sqlite``: insights and behaviors, to be read by people.

The file is part of the run folder's format and may come from a stranger: it is opened read-only, nothing in its schema
is trusted, and only the newest texts are taken, cut to a length.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from memory.opening import open_for_reading

MEMORY_FILE = "memory.sqlite"
MAX_MEMORY_BYTES = 1_000_000_000
LEVELS = ("behavior", "insight")
MOST = 100
"""Items of each level."""
_LENGTH = 2_000
_SECONDS = 5.0
"""To wait for a run that writes."""
_QUERY = """
SELECT level, kind, substr(title, 1, 200), substr(body, 1, ?), score, written_step FROM items
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
        with closing(open_for_reading(path, _SECONDS)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA query_only = ON")
            rows = [row for level in LEVELS for row in connection.execute(_QUERY, (_LENGTH, level, MOST))]
        return tuple(
            Learned(str(level), str(kind), str(title), str(body), float(score), int(step))
            for level, kind, title, body, score, step in rows
        )
    except (sqlite3.Error, ValueError, TypeError):
        return ()  # it is shown for interest only, and decides nothing
