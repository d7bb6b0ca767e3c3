"""The gate that every level shares: reject what is there already, make room when it is full."""

from typing import Literal

from memory.draft import Draft
from memory.novelty import cosines, is_novel, most_redundant
from memory.rows import NewItem

Admission = Literal["duplicate", "admitted", "replaced"]


def admit(draft: Draft, item: NewItem, cap: int, gate: float) -> Admission:
    """Write ``item`` unless it is a duplicate, evicting the most redundant of its like when they are too many.

    Args:
        draft: Where its like live: the items of its kind, of its problem or (behaviors) of all.
        item: The newcomer.
        cap: How many may live.
        gate: Cosine from which the newcomer is a duplicate.
    """
    living = draft.living(item.kind, item.subject_id, len(item.vector))
    near = cosines(item.vector, living.vectors)
    if not is_novel(near, gate, item.vector):
        return "duplicate"
    full = len(living) >= cap
    if full:
        draft.remove(living.pop(most_redundant(living.vectors, near)), "evicted")
    draft.add(item)
    return "replaced" if full else "admitted"
