"""What is new: the gate before every level, and who leaves when a level is full.

A newcomer whose cosine with a stored item of its kind reaches the threshold is a duplicate. When a level is
full the most redundant stored item goes: the one with the nearest neighbour, the newcomer included, and of
equals the oldest. So what remains covers the most ground.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.float32]
"""One text a row, L2-normalised; or a single row."""


def quantise(vectors: Vectors) -> Vectors:
    """Round as the file does, so that a vector is the same before and after it was stored."""
    return vectors.astype(np.float16).astype(np.float32)


def pack(vector: Vectors) -> bytes:
    """A vector as the file keeps it."""
    return vector.astype("<f2").tobytes()


def unpack(blob: bytes) -> Vectors:
    """The inverse of :func:`pack`."""
    return np.frombuffer(blob, dtype="<f2").astype(np.float32)


def is_novel(vector: Vectors, stored: list[Vectors], threshold: float) -> bool:
    """Whether no stored vector is as near as ``threshold``."""
    return not stored or float((np.stack(stored) @ vector).max()) < threshold


def most_redundant(stored: list[Vectors], newcomer: Vectors) -> int:
    """Position of the stored vector (oldest first) whose nearest neighbour is nearest."""
    matrix = np.stack([*stored, newcomer])
    nearest = np.empty(len(stored), dtype=np.float32)
    for start in range(0, len(stored), 1024):  # in blocks, so that a large bank needs no square matrix
        block = matrix[start : min(start + 1024, len(stored))] @ matrix.T
        rows = np.arange(len(block))
        block[rows, start + rows] = -2.0
        nearest[start : start + len(block)] = block.max(axis=1)
    # A pair sees its cosine from both sides; without rounding the last bit would choose between them.
    return int(np.argmax(nearest.round(5)))
