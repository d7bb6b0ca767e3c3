"""The memory over policy steps: how it grew, and taking it back to an earlier step."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator

from memory.bank import bank_changed
from memory.errors import MemoryStoreError
from memory.ids import keep_last_id, last_id
from memory.records import LEVELS
from memory.reports import Counts
from memory.rows import visible


def count(connection: sqlite3.Connection, as_of: int | None) -> Counts:
    """Visible items at each level."""
    rows = connection.execute(
        f"SELECT i.level, count(*) FROM items i WHERE {visible(as_of)} GROUP BY i.level", {"as_of": as_of}
    )
    return Counts(**dict(rows.fetchall()))


def growth(connection: sqlite3.Connection) -> list[tuple[int, Counts]]:
    """Items at each level after every step that changed something."""
    rows = connection.execute(
        "SELECT written_step, level, count(*) FROM items GROUP BY 1, 2 UNION ALL "
        "SELECT removed_step, level, -count(*) FROM items WHERE removed_step IS NOT NULL GROUP BY 1, 2"
    )
    changes: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for step, level, change in rows:
        if not isinstance(step, int):
            raise MemoryStoreError(f"an item of level {level!r} is damaged: its policy step is {step!r:.40}")
        changes[step].append((str(level), int(change)))
    held, curve = {"experience": 0, "insight": 0, "behavior": 0}, []
    for step in sorted(changes):
        for level, change in changes[step]:
            held[level] += change
        curve.append((step, Counts(**held)))
    return curve


def last_step(connection: sqlite3.Connection) -> int | None:
    """The last policy step of which something was noted; None in an empty memory."""
    steps = connection.execute(
        "SELECT max(written_step) FROM items UNION ALL SELECT max(removed_step) FROM items"
        " UNION ALL SELECT max(step) FROM groups"
    )
    return max((step for (step,) in steps if isinstance(step, int)), default=None)


def notes_of_steps(connection: sqlite3.Connection, steps: Iterable[int]) -> Iterator[str]:
    """What is to be said of steps that somebody asks for and that a memory does not have."""
    last = last_step(connection)
    for step in steps:
        if last is None:
            yield f"there is no step {step}: nothing was written yet"
        elif step > last:
            yield f"there is no step {step} yet: the last one is {last}"
        elif step < 0:
            yield f"step {step} is before the first, when the memory was empty: the last one is {last}"


def rewind(connection: sqlite3.Connection, step: int) -> None:
    """Forget what was written after ``step`` and undo the removals after it."""
    keep_last_id(connection, last_id(connection))
    connection.execute("DELETE FROM credits WHERE step > ?", (step,))
    connection.execute("DELETE FROM showings WHERE step > ?", (step,))
    connection.execute("DELETE FROM groups WHERE step > ?", (step,))
    for level in sorted(LEVELS):  # what is looked up by its step is indexed level by level
        connection.execute("DELETE FROM items WHERE level = ? AND written_step > ?", (level, step))
    connection.execute("UPDATE items SET removed_step = NULL, removed_for = NULL WHERE removed_step > ?", (step,))
    connection.execute("DELETE FROM subjects WHERE written_step > ?", (step,))
    bank_changed(connection)
