"""What the command line says of a memory, for programs: objects of plain values that become JSON."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TypeAlias

from memory.inspection import Listing
from memory.records import Behavior, Experience, Insight, Item, Level
from memory.reports import Counts
from memory.search import Hit

Document: TypeAlias = dict[str, object]
_LEVELS: dict[type[Item], Level] = {Experience: "experience", Insight: "insight", Behavior: "behavior"}


def of_item(item: Item) -> Document:
    """An item with its level and its provenance."""
    return {"level": _LEVELS[type(item)], **asdict(item)}


def of_listing(found: Listing) -> Document:
    """How many items there are, and the first of them."""
    return {"count": found.count, "items": [of_item(item) for item in found.items]}


def of_hit(hit: Hit) -> Document:
    """An item with the cosine of its text and the query."""
    return {"similarity": hit.similarity, **of_item(hit.item)}


def of_growth(curve: Iterable[tuple[int, Counts]]) -> list[Document]:
    """Items at each level after every step that changed something."""
    return [{"step": step, **asdict(counts), "total": counts.total} for step, counts in curve]
