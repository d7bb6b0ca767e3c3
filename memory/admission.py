"""The gate that every level shares: reject what is there already, make room when it is full."""

import sqlite3
from typing import Literal

from memory.novelty import cosines, is_novel, most_redundant, stacked
from memory.rows import NewItem, Stored, insert, remove

Admission = Literal["duplicate", "admitted", "replaced"]


def admit(
    connection: sqlite3.Connection, item: NewItem, stored: list[Stored], cap: int, gate: float, step: int
) -> Admission:
    """Write ``item`` unless it is a duplicate, evicting the most redundant one when ``stored`` is full.

    Args:
        connection: Inside a write transaction.
        item: The newcomer.
        stored: The live items it is compared with, oldest first; kept up to date here.
        cap: How many may live.
        gate: Cosine from which the newcomer is a duplicate.
        step: The policy step of the change.
    """
    vectors = stacked([other.vector for other in stored], len(item.vector))
    near = cosines(item.vector, vectors)
    if not is_novel(near, gate):
        return "duplicate"
    full = len(stored) >= cap
    if full:
        evicted = stored.pop(most_redundant(vectors, near))
        remove(connection, evicted.id, step, "evicted")
    stored.append(Stored(insert(connection, item, step), item.title, item.vector))
    return "replaced" if full else "admitted"
