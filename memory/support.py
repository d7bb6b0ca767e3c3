"""Insights that stand alone lose their place: an optional rule, and an arm of the studies.

A strategy that was read off one lucky success is often wrong, and then stays. An insight is supported by another
problem if an insight of the same kind about that problem says nearly the same. One that is supported goes all the same
if, after teachers had read it, none of many attempts was right (:mod:`memory.utility`). What counts as nearly the same,
and how many attempts are many, is ours: no paper has such a rule.
"""

import sqlite3
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memory.draft import Draft
from memory.novelty import Vectors, unpack
from memory.reports import Caps

_BLOCK = 1024
_LIVE = """
    SELECT i.id, i.subject_id, i.vector, coalesce(sum(c.followed), 0), coalesce(sum(c.succeeded), 0)
    FROM items i LEFT JOIN credits c ON c.item_id = i.id
    WHERE i.level = 'insight' AND i.kind = ? AND i.removed_step IS NULL GROUP BY i.id ORDER BY i.id
"""


@dataclass(frozen=True)
class Pruned:
    """How many insights lost their place, and why."""

    alone: int = 0
    """No other problem had led to the same."""
    fruitless: int = 0
    """Supported, but none of the attempts that followed their showings was right."""


def prune(connection: sqlite3.Connection, caps: Caps, step: int) -> Pruned:
    """Remove insights that are about one problem only, and those that nothing good followed.

    Args:
        connection: Inside a write transaction.
        caps: Which insights say nearly the same, and after how many failures an insight goes.
        step: The policy step of the change.
    """
    alone = fruitless = 0
    draft = Draft(connection, step)
    for kind in ("strategy", "lesson"):
        rows = connection.execute(_LIVE, (kind,)).fetchall()
        if not rows:
            continue
        vectors = unpack([(row[0], row[2]) for row in rows], "item")
        supported = _supported(vectors, [str(row[1]) for row in rows], caps.support)
        for (item_id, _, _, followed, succeeded), is_supported in zip(rows, supported, strict=True):
            if not is_supported:
                alone += 1
            elif followed >= caps.fruitless and not succeeded:
                fruitless += 1
            else:
                continue
            draft.remove(int(item_id), "removed")
    draft.write()
    return Pruned(alone, fruitless)


def _supported(vectors: Vectors, subjects: list[str], threshold: float) -> NDArray[np.bool_]:
    """Whether each has a neighbour of another problem; in blocks, so that a large memory needs no square matrix."""
    _, owners = np.unique(np.array(subjects), return_inverse=True)
    found = np.zeros(len(vectors), dtype=np.bool_)
    for start in range(0, len(vectors), _BLOCK):
        rows = slice(start, start + _BLOCK)
        near = vectors[rows] @ vectors.T >= threshold
        found[rows] = (near & (owners[rows, None] != owners[None])).any(axis=1)
    return found
