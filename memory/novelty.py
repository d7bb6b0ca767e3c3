"""What is new: the gate before every level, and who leaves when a level is full.

A newcomer whose cosine with a stored item of its kind reaches the threshold is a duplicate. When a level is
full the most redundant stored item goes: the one with the nearest neighbour, the newcomer included, and of
equals the oldest. So what remains covers the most ground.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from memory.errors import MemoryStoreError, MemoryUseError

Vectors: TypeAlias = NDArray[np.float32]
"""One text a row, L2-normalised; or a single row."""

_NEARLY_ONE = 0.99
_EQUAL = 1e-5
"""By this much the order in which a cosine is added up may change it, and no more."""


def quantise(vectors: Vectors) -> Vectors:
    """Round as the file does, so that a vector is the same before and after it was stored."""
    with np.errstate(over="ignore"):
        rounded = vectors.astype(np.float16).astype(np.float32)
    if not _are_finite(rounded).all():
        raise MemoryUseError("a vector of the embedder is not finite, or is far from being normalised")
    return rounded


def pack(vector: Vectors) -> bytes:
    """A vector as the file keeps it."""
    return vector.astype("<f2").tobytes()


def unpack(rows: Sequence[tuple[object, object]], what: str, dimension: int | None = None) -> Vectors:
    """The inverse of :func:`pack` for rows of an id and a blob, (n, d).

    Args:
        rows: At least one.
        what: The ids' noun, to name the row that is damaged.
        dimension: That of the vectors; without it, what most of the rows have is right.
    """
    blobs = [blob if isinstance(blob, bytes) else b"" for _, blob in rows]
    sizes = Counter(map(len, blobs))
    size = sizes.most_common(1)[0][0] if dimension is None else 2 * dimension
    if set(sizes) != {size} or not size or size % 2:
        wrong = next((key for (key, _), blob in zip(rows, blobs, strict=True) if len(blob) != size), rows[0][0])
        raise MemoryStoreError(f"{what} {wrong} is damaged: its vector has a wrong size")
    vectors = np.frombuffer(b"".join(blobs), dtype="<f2").astype(np.float32).reshape(len(blobs), -1)
    finite = _are_finite(vectors)
    if not finite.all():
        raise MemoryStoreError(f"{what} {rows[int(finite.argmin())][0]} is damaged: its vector is not finite")
    return vectors


def _are_finite(vectors: Vectors) -> NDArray[np.bool_]:
    """Of each row, by its sum: quicker than looking at each number, and halves are too small to overflow it."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.isfinite(vectors.sum(axis=-1)))


def cosines(vector: Vectors, stored: Vectors) -> Vectors:
    """Of a vector with each stored one, ``(n,)``; without any, ``stored`` may have no columns either."""
    return np.asarray(stored @ vector, dtype=np.float32) if len(stored) else np.zeros(0, dtype=np.float32)


def is_novel(near: Vectors, threshold: float, vector: Vectors) -> bool:
    """Whether none of the newcomer's cosines with stored vectors reaches ``threshold``.

    Rounding leaves a vector's cosine with itself at some ten-thousandths around 1; a copy is one all the same.
    """
    own = float(vector @ vector)
    if _NEARLY_ONE < threshold <= 1 and own > _NEARLY_ONE:
        threshold = min(threshold, own - _EQUAL)
    return not len(near) or float(near.max()) < threshold


def most_redundant(stored: Vectors, near: Vectors) -> int:
    """Row of the stored vector (oldest first) whose nearest neighbour is nearest.

    Args:
        stored: (n, d), n at least 1.
        near: (n,) their cosines with the newcomer, which is a neighbour too.
    """
    nearest = near.copy()
    for start in range(0, len(stored), 1024):  # in blocks, so that a large bank needs no square matrix
        block = stored[start : start + 1024] @ stored.T
        block.reshape(-1)[start :: len(stored) + 1] = -2.0  # each with itself
        rows = slice(start, start + len(block))
        np.maximum(near[rows], np.maximum.reduce(block, axis=1), out=nearest[rows])
    return redundancy(nearest)


def redundancy(nearest: Vectors) -> int:
    """Row of the vector with the nearest neighbour, by the cosines of all with theirs; of equals the first.

    A pair sees its cosine from both sides; without rounding the last bit would choose between them.
    """
    return int(nearest.round(5).argmax())
