"""The tables, and how a file of an older version becomes one of this version.

Every item is one row of one table, whatever its level, so that history, counters and rewinding are written
once. ``written_step`` and ``removed_step`` say in which range of policy steps a row holds; rows are never
deleted except by a rewind.
"""

import sqlite3
from collections.abc import Callable

APPLICATION_ID = 0x504D4431
"""Marks the file as a memory (``PRAGMA application_id``)."""


def _create(connection: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";"):
        if statement.strip():
            connection.execute(statement)


def _count_what_follows(connection: sqlite3.Connection) -> None:
    """Successes used to be those of the attempts that a teacher graded, which say nothing of what it was shown."""
    connection.execute("ALTER TABLE credits ADD COLUMN followed INTEGER NOT NULL DEFAULT 0")
    connection.execute("UPDATE credits SET succeeded = 0")
    connection.execute(_SHOWINGS)
    connection.execute("CREATE INDEX showings_by_step ON showings (step)")


def _find_the_living(connection: sqlite3.Connection) -> None:
    """What lives of a problem is read with every group, from among ever more that was evicted."""
    connection.execute("DROP INDEX items_of_subject")
    connection.execute(
        "CREATE INDEX items_of_subject ON items (subject_id, removed_step, kind) WHERE subject_id IS NOT NULL"
    )


def _index_less(connection: sqlite3.Connection) -> None:
    """Every index is written with every attempt, of which most are soon evicted."""
    connection.execute("DROP INDEX items_live_by_kind")
    connection.execute("DROP INDEX items_by_step")
    connection.execute("CREATE INDEX items_living ON items (level, kind, removed_step) WHERE removed_step IS NULL")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    _create,
    _count_what_follows,
    _find_the_living,
    _index_less,
)
"""Entry ``n`` takes a file from version ``n`` to ``n + 1``. Only ever appended to."""
VERSION = len(MIGRATIONS)
READABLE = 2
"""Files from this version on can be read as they are: what came later makes reading them faster."""

_TABLES = """
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE subjects (
    id TEXT PRIMARY KEY,
    family TEXT NOT NULL,
    split TEXT NOT NULL CHECK (split NOT IN ('test', 'validation')),
    prompt TEXT NOT NULL,
    gold TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    vector BLOB NOT NULL,
    written_step INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE groups (
    subject_id TEXT NOT NULL REFERENCES subjects (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    successes INTEGER NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (subject_id, step)
) WITHOUT ROWID;

CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    level TEXT NOT NULL CHECK (level IN ('experience', 'insight', 'behavior')),
    kind TEXT NOT NULL CHECK (kind IN ('success', 'failure', 'strategy', 'lesson', 'behavior')),
    subject_id TEXT REFERENCES subjects (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    feedback TEXT,
    score REAL NOT NULL,
    provenance TEXT NOT NULL,
    vector BLOB NOT NULL,
    retrieval_key BLOB,
    written_step INTEGER NOT NULL,
    removed_step INTEGER,
    removed_for TEXT CHECK (removed_for IN ('evicted', 'updated', 'removed')),
    CHECK ((subject_id IS NULL) = (level = 'behavior')),
    CHECK ((retrieval_key IS NOT NULL) = (level = 'behavior')),
    CHECK ((removed_step IS NULL) = (removed_for IS NULL))
);
CREATE INDEX items_of_subject ON items (subject_id, kind) WHERE subject_id IS NOT NULL;
CREATE INDEX items_live_by_kind ON items (kind, removed_step);
CREATE INDEX items_by_step ON items (written_step);
CREATE INDEX items_timeline ON items (level, written_step, removed_step);

CREATE TABLE credits (
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    shown INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    PRIMARY KEY (item_id, step)
) WITHOUT ROWID;
CREATE INDEX credits_by_step ON credits (step)
"""

_SHOWINGS = """
CREATE TABLE showings (
    subject_id TEXT NOT NULL REFERENCES subjects (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    PRIMARY KEY (subject_id, step, item_id)
) WITHOUT ROWID
"""
"""Which items teachers of a problem were shown at which step. An item is never older than its showings, so that what
rewinds the one rewinds the other."""
