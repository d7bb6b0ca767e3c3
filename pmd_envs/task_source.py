"""What a source of tasks is, whether a family draws them or they were published."""

import operator
from typing import Protocol

import numpy as np

from pmd_envs.errors import ConfigError
from pmd_envs.family import Family
from pmd_envs.records import Problem, Split, Task

MAX_PROBLEM = 16_384
"""Characters of a problem that an observation holds."""


class TaskSource(Protocol):
    """A family's tasks of one split."""

    name: str
    """``generated``, ``local`` or ``hub``."""
    fingerprint: str
    """Hash of the data, or of what the generator makes."""
    size: int | None
    """Number of tasks; None where there is no end to them."""

    def draw(self, rng: np.random.Generator) -> Task:
        """A task at random."""
        ...

    def at(self, index: int) -> Task:
        """The task with this index.

        Raises:
            ConfigError: It is no integer, or there is no task with it.
        """
        ...

    def by_id(self, task_id: str) -> Task:
        """The task with this id."""
        ...


def index_within(value: object, size: int, prefix: str) -> int:
    """An index as a plain ``int``: ``True`` and NumPy's integers equal one, and would be kept in its place."""
    try:
        if isinstance(value, bool):
            raise TypeError
        index = operator.index(value)  # type: ignore[arg-type]  # that it may be anything is what is asked here
    except TypeError:
        raise ConfigError(f"index {value!r} is not an integer, such as 0, of {prefix}") from None
    if not 0 <= index < size:
        raise ConfigError(f"index {index} is outside 0..{size - 1} of {prefix}")
    return index


def task_of(problem: Problem, task_id: str, family: Family, split: Split, fingerprint: str) -> Task:
    """A problem as the task that environments hand out."""
    return Task(task_id, family.name, split, problem.prompt, problem.gold, problem.facts, fingerprint)
