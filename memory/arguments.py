"""Whole numbers as callers pass them: those of numpy too, and nothing that SQLite would store as something else."""

from operator import index
from typing import SupportsIndex

from memory.errors import MemoryUseError


def whole(value: SupportsIndex, name: str) -> int:
    """``value`` as an int.

    SQLite stores an integer of numpy as bytes, and a step of 1.5 compares to steps in ways that nobody means: both
    would only be noticed when the file is read.
    """
    try:
        return index(value)
    except TypeError:
        raise MemoryUseError(f"{name} is a whole number, not {value!r:.60}") from None


def whole_if_any(value: SupportsIndex | None, name: str) -> int | None:
    """The same, where there may be none."""
    return None if value is None else whole(value, name)
