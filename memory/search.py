"""Looking things up in a memory by meaning, at every level: what the command line's ``search`` does."""

from dataclasses import dataclass

import numpy as np

from memory.database import Database
from memory.embedding import Embedder
from memory.novelty import unpack
from memory.records import Item
from memory.rows import select_ids, visible
from memory.vectors import VectorCache


@dataclass(frozen=True)
class Hit:
    """An item and the cosine of its text with the query."""

    item: Item
    similarity: float


def search(database: Database, embedder: Embedder, query: str, count: int, as_of: int | None) -> list[Hit]:
    """The ``count`` visible items whose texts are nearest to ``query``, best first."""
    wanted = VectorCache(database, embedder).of_texts([query])[0]
    with database.reading() as connection:
        rows = connection.execute(f"SELECT i.id, i.vector FROM items i WHERE {visible(as_of)}", {"as_of": as_of})
        scored = [(round(float(np.dot(unpack(blob), wanted)), 6), int(item_id)) for item_id, blob in rows]
        best = sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:count]
        items = select_ids(connection, [item_id for _, item_id in best], as_of)
    return [Hit(items[item_id], similarity) for similarity, item_id in best]
