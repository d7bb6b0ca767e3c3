"""Numbers that a file keeps about itself, by name."""

import sqlite3

from memory.errors import MemoryStoreError


def number(connection: sqlite3.Connection, name: str) -> int:
    """A number, 0 where there is none yet."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    try:
        return int(row[0]) if row else 0
    except ValueError as error:
        raise MemoryStoreError(f"the memory is damaged: its {name} is {row[0]!r:.40}") from error


def put_number(connection: sqlite3.Connection, name: str, value: int) -> None:
    """Keep a number, whatever it was."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, str(value)))
