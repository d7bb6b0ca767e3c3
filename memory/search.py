"""Looking things up in a memory by meaning, at every level: what the command line's ``search`` does."""

from dataclasses import dataclass

from memory.database import Database
from memory.embedding import Embedder
from memory.novelty import unpack
from memory.records import Item
from memory.rows import select_ids, visible
from memory.vectors import VectorCache

_BLOCK = 1024
"""Vectors read at once."""


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
        scored: list[tuple[float, int]] = []
        while block := rows.fetchmany(_BLOCK):
            cosines = unpack(block, "item", len(wanted)) @ wanted
            scored += [(round(float(cosine), 6), int(row[0])) for cosine, row in zip(cosines, block, strict=True)]
        best = sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:count]
        items = select_ids(connection, [item_id for _, item_id in best], as_of)
    return [Hit(items[item_id], similarity) for similarity, item_id in best]
