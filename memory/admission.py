"""The gate that every level shares: reject what is there already, make room when it is full."""

from collections import Counter

import numpy as np

from memory.draft import Draft
from memory.novelty import cosines, is_novel
from memory.rows import NewItem


def admit(draft: Draft, item: NewItem, cap: int, gate: float) -> Counter[str]:
    """Write ``item`` unless it is a duplicate, evicting the most redundant of its like while they are too many.

    More than one goes where the cap is lower than it was. Counts ``admitted``, ``evicted`` and ``duplicate``.

    Args:
        draft: Where its like live: the items of its kind, of its problem or (behaviors) of all.
        item: The newcomer.
        cap: How many may live.
        gate: Cosine from which the newcomer is a duplicate.
    """
    living = draft.living(item.kind, item.subject_id, len(item.vector))
    near = cosines(item.vector, living.vectors)
    if not is_novel(near, gate, item.vector):
        return Counter(duplicate=1)
    evicted = 0
    while len(living) >= cap:
        row = living.most_redundant(near)
        draft.remove(living.pop(row), "evicted")
        near, evicted = np.delete(near, row), evicted + 1
    draft.add(item)
    return Counter(admitted=1, evicted=evicted)
