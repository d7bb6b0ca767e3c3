"""What one step changes about the items of a memory, written down together.

A step of 256 attempts evicts nearly as many, half of them its own. Told one by one, SQLite would spend more time on
being told than on writing. So the gate works on the live items as they stand here, and what came and went is written
at the end, inside the transaction that they were read in.
"""

import json
import sqlite3
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from memory.ids import keep_last_id, last_id
from memory.neighbours import FEW, Neighbours
from memory.novelty import Vectors, cosines, most_redundant, pack, unpack
from memory.records import Provenance
from memory.rows import LEVEL_OF, Kind, NewItem, RemovedFor, storable

_INSERT = (
    "INSERT INTO items (id, level, kind, subject_id, title, body, feedback, score, provenance, vector, retrieval_key,"
    " written_step, removed_step, removed_for) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_NO_VECTORS: Vectors = np.zeros((0, 0), dtype=np.float32)


@dataclass
class Living:
    """The live items of a kind, of one problem or (behaviors) of all, oldest first."""

    ids: list[int]
    titles: list[str]
    vectors: Vectors
    """(n, d)."""
    neighbours: Neighbours | None = None
    """Kept from when they are first needed, where there are many."""

    def __len__(self) -> int:
        return len(self.ids)

    def append(self, item_id: int, item: NewItem) -> None:
        """The newest."""
        if self.neighbours is not None:
            self.neighbours.append(cosines(item.vector, self.vectors))
        self.ids.append(item_id)
        self.titles.append(item.title)
        self.vectors = np.concatenate([self.vectors.reshape(-1, len(item.vector)), item.vector[None]])

    def pop(self, place: int) -> int:
        """Take one out, and give its id."""
        del self.titles[place]
        self.vectors = self.without(place)
        if self.neighbours is not None:
            self.neighbours.pop(place, self.vectors)
        return self.ids.pop(place)

    def most_redundant(self, near: Vectors) -> int:
        """The place of the one that makes room for a newcomer with these cosines."""
        if len(self) <= FEW:
            return most_redundant(self.vectors, near)
        self.neighbours = self.neighbours or Neighbours(self.vectors)
        return self.neighbours.most_redundant(near)

    def without(self, place: int) -> Vectors:
        """The vectors of all others."""
        return np.concatenate([self.vectors[:place], self.vectors[place + 1 :]])


class Draft:
    """Items that come and go at one policy step."""

    def __init__(self, connection: sqlite3.Connection, step: int) -> None:
        """The connection is inside a write transaction, which lasts until :meth:`write`."""
        self._connection, self._step = connection, step
        self._last = last_id(connection)
        self._new: dict[int, NewItem] = {}
        self._gone: dict[int, RemovedFor] = {}
        self._living: dict[tuple[Kind, str | None], Living] = {}

    def living(self, kind: Kind, subject_id: str | None, dimension: int | None = None) -> Living:
        """The live items of a kind, of one problem or (behaviors) of all, as they stand in the draft.

        With the ``dimension`` that their vectors should have, it is noticed if none of them does.
        """
        key = kind, subject_id
        if key not in self._living:
            self._living[key] = _living(self._connection, kind, subject_id, dimension)
        return self._living[key]

    def add(self, item: NewItem) -> int:
        """An item that comes, and its id."""
        self._last += 1
        self._new[self._last] = item
        living = self._living.get((item.kind, item.subject_id))
        if living is not None:
            living.append(self._last, item)
        return self._last

    def remove(self, item_id: int, why: RemovedFor) -> None:
        """End an item's range of steps; it stays readable for earlier steps."""
        self._gone[item_id] = why

    def body(self, item_id: int) -> str:
        """What an item says."""
        if item_id in self._new:
            return storable(self._new[item_id].body)
        return str(self._connection.execute("SELECT body FROM items WHERE id = ?", (item_id,)).fetchone()[0])

    def write(self) -> None:
        """Write what there is so far."""
        step = self._step
        removed = [(step, why, item_id) for item_id, why in self._gone.items() if item_id not in self._new]
        # An item written at a later step by another process ends where it began, not before.
        self._connection.executemany(
            "UPDATE items SET removed_step = max(?, written_step), removed_for = ? WHERE id = ?", removed
        )
        vectors = _packed([item.vector for item in self._new.values()])
        self._connection.executemany(
            _INSERT,
            [
                (*_row(item_id, item, vector), step, step if item_id in self._gone else None, self._gone.get(item_id))
                for (item_id, item), vector in zip(self._new.items(), vectors, strict=True)
            ],
        )
        if self._new:
            keep_last_id(self._connection, self._last)
        self._new, self._gone = {}, {}


def _living(connection: sqlite3.Connection, kind: Kind, subject_id: str | None, dimension: int | None) -> Living:
    where = "subject_id = :subject" if subject_id is not None else "level = 'behavior'"
    rows = connection.execute(
        f"SELECT id, title, vector FROM items WHERE {where} AND kind = :kind AND removed_step IS NULL ORDER BY id",
        {"subject": subject_id, "kind": kind},
    ).fetchall()
    vectors = unpack([(row[0], row[2]) for row in rows], "item", dimension) if rows else _NO_VECTORS
    return Living([row[0] for row in rows], [row[1] for row in rows], vectors)


def _packed(vectors: list[Vectors]) -> list[bytes]:
    """:func:`memory.novelty.pack` for many at once."""
    return [row.tobytes() for row in np.stack(vectors).astype("<f2")] if vectors else []


def _row(item_id: int, item: NewItem, vector: bytes) -> tuple[object, ...]:
    origin = item.provenance
    return (
        item_id,
        LEVEL_OF[item.kind],
        item.kind,
        item.subject_id,
        storable(item.title),
        storable(item.body),
        None if item.feedback is None else storable(item.feedback),
        origin.reward,
        _written(origin),
        vector,
        None if item.retrieval_key is None else pack(item.retrieval_key),
    )


def _written(origin: Provenance) -> str:
    about = _about(origin.subject_ids, origin.families, origin.split, origin.fingerprints)
    return f'{about}, "episodes": {json.dumps(origin.episode_ids)}, "policy_step": {int(origin.policy_step)}}}'


@lru_cache(maxsize=1024)
def _about(subjects: tuple[str, ...], families: tuple[str, ...], split: str, fingerprints: tuple[str, ...]) -> str:
    """The part that the attempts at a problem share, but for the closing brace."""
    return json.dumps({"subjects": subjects, "families": families, "split": split, "fingerprints": fingerprints})[:-1]
