"""What people look up in a memory, which may be larger than the computer's: no more is read than is shown.

Items are counted and put in order by an index of steps, without their texts; then they are read one by one.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from memory.records import LEVELS, Item, Level
from memory.rows import select, visible

_ABOUT: Mapping[Level, str] = {
    "experience": "i.subject_id FROM items i",
    "insight": "i.subject_id FROM items i",
    "behavior": "j.value FROM items i, json_each(i.provenance, '$.subjects') j",
}


@dataclass(frozen=True)
class Listing:
    """The newest of the items that were asked for."""

    count: int
    """Of all of them."""
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Totals:
    """How much a memory holds, and what followed when it was shown (:mod:`memory.utility`)."""

    items: int
    problems: int
    """That some item is about."""
    shown: int
    followed: int
    succeeded: int


def listing(
    connection: sqlite3.Connection, level: Level, as_of: int | None, limit: int, absent_at: int | None = None
) -> Listing:
    """The ``limit`` newest visible items of a level, of all or of those that were not visible at ``absent_at``."""
    where, values = _which(level, as_of, absent_at)
    count = connection.execute(f"SELECT count(*) FROM items i WHERE {where}", values).fetchone()[0]
    return Listing(int(count), tuple(each(connection, level, as_of, limit, absent_at)))


def each(
    connection: sqlite3.Connection,
    level: Level,
    as_of: int | None,
    limit: int | None = None,
    absent_at: int | None = None,
) -> Iterator[Item]:
    """The same, one at a time, and without a limit all of them. The transaction has to outlast the iterator."""
    where, values = _which(level, as_of, absent_at)
    ids = connection.execute(
        f"SELECT i.id FROM items i WHERE {where} ORDER BY i.written_step DESC, i.id DESC LIMIT :limit",
        {**values, "limit": -1 if limit is None else limit},
    )
    for (item_id,) in ids:
        yield from select(connection, "i.id = :id", as_of, id=item_id)


def totals(connection: sqlite3.Connection, as_of: int | None) -> Totals:
    """Of all visible items."""
    items, problems, seen = 0, set[str](), [0, 0, 0]
    until = "" if as_of is None else "AND c.step <= :as_of"
    for level in sorted(LEVELS):
        where, values = _which(level, as_of, None)
        items += connection.execute(f"SELECT count(*) FROM items i WHERE {where}", values).fetchone()[0]
        about = connection.execute(f"SELECT DISTINCT {_ABOUT[level]} WHERE {where}", values)
        problems.update(row[0] for row in about)
        counted = connection.execute(
            "SELECT coalesce(sum(c.shown), 0), coalesce(sum(c.followed), 0), coalesce(sum(c.succeeded), 0)"
            f" FROM credits c WHERE c.item_id IN (SELECT i.id FROM items i WHERE {where}) {until}",
            values,
        ).fetchone()
        seen = [total + more for total, more in zip(seen, counted, strict=True)]
    return Totals(items, len(problems), *seen)


def _which(level: Level, as_of: int | None, absent_at: int | None) -> tuple[str, dict[str, object]]:
    """The condition for items ``i`` of a level, and the values of its parameters."""
    where = f"i.level = :level AND {visible(as_of)}"
    if absent_at is not None:
        where += f" AND NOT ({visible(absent_at, step='absent_at')})"
    return where, {"level": level, "as_of": as_of, "absent_at": absent_at}
