"""Finding behaviors: all of them as one matrix, searched by a matrix product.

At 500 to 100,000 behaviors nothing beats that. The default embedder gives a short question few n-grams, and of the
matrix only the rows of those are read, which is what takes the time. The matrix holds removed behaviors too, so that it
answers for any policy step, and is read again only when some process changed the bank.
"""

import sqlite3
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memory.errors import MemoryStoreError
from memory.meta import number, put_number
from memory.novelty import Vectors, unpack

_NEVER = np.iinfo(np.int64).max
_VERSION = "bank_version"
_EQUAL = 1e-6
"""Cosines are rounded to this: how they are added up, which depends on their place, would choose between equals."""
_BLOCK = 1024
"""Behaviors scored at once: so many scores stay in the processor's cache."""


@dataclass(frozen=True)
class _Matrix:
    version: int
    ids: NDArray[np.int64]  # (N,)
    written: NDArray[np.int64]  # (N,)
    removed: NDArray[np.int64]  # (N,)
    keys: Vectors  # (d, N)

    def visible(self, as_of: int | None) -> NDArray[np.bool_]:
        if as_of is None:
            return np.equal(self.removed, _NEVER)
        return np.logical_and(self.written <= as_of, self.removed > as_of)


class Bank:
    """The behaviors of one file, as one process last saw them."""

    def __init__(self) -> None:
        self._matrix: _Matrix | None = None

    def nearest(
        self, connection: sqlite3.Connection, queries: Vectors, count: int, as_of: int | None
    ) -> list[list[int]]:
        """Ids of the ``count`` visible behaviors nearest to each query, best first."""
        matrix = self._current(connection, queries.shape[-1])
        visible = matrix.visible(as_of)
        count = min(count, int(visible.sum()))
        if count <= 0:
            return [[] for _ in queries]
        hidden = ~visible
        found = []
        for query in queries:
            scores = _scores(query, matrix.keys)
            scores[hidden] = -2.0
            found.append(_best(scores, matrix.ids, count))
        return found

    def _current(self, connection: sqlite3.Connection, dimension: int) -> _Matrix:
        version = bank_version(connection)
        if self._matrix is None or self._matrix.version != version:
            self._matrix = _load(connection, version, dimension)
        return self._matrix


def bank_version(connection: sqlite3.Connection) -> int:
    """A number that changes with every change to the bank."""
    return number(connection, _VERSION)


def bank_changed(connection: sqlite3.Connection) -> None:
    """Tell every process to read the bank again."""
    put_number(connection, _VERSION, bank_version(connection) + 1)


def _scores(query: Vectors, keys: Vectors) -> Vectors:
    """Cosines of one query with every key, (N,)."""
    used = np.flatnonzero(query)
    if len(used) > len(query) // 2:
        return np.asarray(query @ keys, dtype=np.float32)
    weights, scores = query[used], np.empty(keys.shape[1], dtype=np.float32)
    for start in range(0, len(scores), _BLOCK):
        scores[start : start + _BLOCK] = weights @ keys[used, start : start + _BLOCK]
    return scores


def _best(scores: Vectors, ids: NDArray[np.int64], count: int) -> list[int]:
    """Of equals the oldest; what differs in the last bits only is equal."""
    last = np.partition(scores, len(scores) - count)[len(scores) - count]
    top = np.flatnonzero(scores >= last - 2 * _EQUAL)  # all that may round to the last one's score
    rounded = np.rint(scores[top].astype(np.float64) / _EQUAL)
    return [int(ids[row]) for row in top[np.lexsort((ids[top], -rounded))[:count]]]


def _load(connection: sqlite3.Connection, version: int, dimension: int) -> _Matrix:
    rows = connection.execute(
        "SELECT id, written_step, removed_step, retrieval_key FROM items WHERE level = 'behavior' ORDER BY id"
    ).fetchall()
    for item_id, *steps, _ in rows:
        if not all(isinstance(step, int) or step is None for step in steps):
            raise MemoryStoreError(f"item {item_id} is damaged: its policy steps are {steps!r:.60}")
    keys = unpack([(row[0], row[3]) for row in rows], "item", dimension) if rows else np.zeros((0, 0), dtype=np.float32)
    return _Matrix(
        version=version,
        ids=np.array([row[0] for row in rows], dtype=np.int64),
        written=np.array([row[1] for row in rows], dtype=np.int64),
        removed=np.array([_NEVER if row[2] is None else row[2] for row in rows], dtype=np.int64),
        keys=np.ascontiguousarray(keys.T),
    )
