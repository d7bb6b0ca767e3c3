"""Ids of items, of which none is given twice.

A process that was shown items may come back with their ids after another one has rewound the memory. Were the ids of
what was forgotten given to what came next, it would credit or remove something that it never saw. So the file keeps the
last id that it ever gave; one from before it did so has it from its items.
"""

import sqlite3

from memory.meta import number, put_number

_LAST = "last_id"


def last_id(connection: sqlite3.Connection) -> int:
    """The last id that was ever given."""
    held = connection.execute("SELECT coalesce(max(id), 0) FROM items").fetchone()[0]
    return max(int(held), number(connection, _LAST))


def keep_last_id(connection: sqlite3.Connection, last: int) -> None:
    """Note the last id inside a write transaction: it outlasts its item."""
    put_number(connection, _LAST, last)
