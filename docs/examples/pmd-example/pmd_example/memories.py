"""A memory under a name of its own: a place to start from."""

from memory import Memory


class SmallMemory(Memory):
    """The memory of PMD Gym; override what should differ."""
