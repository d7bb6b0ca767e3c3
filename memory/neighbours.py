"""Who leaves a large level: :func:`memory.novelty.most_redundant` without comparing all with all for every newcomer.

Each item's nearest neighbour is kept. A newcomer is compared with all, which its gate needs anyway, and when one
leaves, those look for another neighbour whose nearest it was. To begin with, all are compared with all.
"""

import numpy as np
from numpy.typing import NDArray

from memory.novelty import Vectors, redundancy

FEW = 512
"""Up to so many comparing all with all takes some milliseconds, and costs less than keeping book."""
_NOBODY = -2.0
_BLOCK = 1024


class Neighbours:
    """The nearest neighbour of each vector, in the order of their rows; vectors come and go."""

    def __init__(self, vectors: Vectors) -> None:
        self._cosines, self._rows = _nearest(vectors, np.arange(len(vectors)))

    def most_redundant(self, near: Vectors) -> int:
        """Row of the vector whose nearest neighbour is nearest; ``near`` are the cosines with a newcomer."""
        return redundancy(np.maximum(self._cosines, near))

    def append(self, near: Vectors) -> None:
        """The newcomer, of which ``near`` are the cosines, becomes the last row."""
        closer = near > self._cosines
        self._cosines[closer], self._rows[closer] = near[closer], len(near)
        nearest = int(near.argmax()) if len(near) else -1
        self._cosines = np.append(self._cosines, near[nearest] if len(near) else np.float32(_NOBODY))
        self._rows = np.append(self._rows, nearest)

    def pop(self, row: int, vectors: Vectors) -> None:
        """A row leaves; ``vectors`` are those that stay."""
        left = np.delete(self._rows, row) == row
        self._cosines, self._rows = np.delete(self._cosines, row), np.delete(self._rows, row)
        self._rows[self._rows > row] -= 1
        alone = np.flatnonzero(left)
        self._cosines[alone], self._rows[alone] = _nearest(vectors, alone)


def _nearest(vectors: Vectors, rows: NDArray[np.int64]) -> tuple[Vectors, NDArray[np.int64]]:
    """Of some rows the cosine with the nearest other one, and its row; in blocks, without a square matrix."""
    best, who = np.full(len(rows), _NOBODY, dtype=np.float32), np.full(len(rows), -1, dtype=np.int64)
    for start in range(0, len(rows), _BLOCK):
        part = rows[start : start + _BLOCK]
        block, each = vectors[part] @ vectors.T, np.arange(len(part))
        block[each, part] = _NOBODY
        nearest = block.argmax(axis=1)
        best[start : start + _BLOCK], who[start : start + _BLOCK] = block[each, nearest], nearest
    return best, who
