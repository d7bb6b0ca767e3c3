"""Tasks drawn by a family's own generator.

Problems are drawn from ``Random("family/difficulty/split/index/attempt")`` and belong to the split that the hash of
their content says, so that no problem can be in two splits, whatever the seed.
"""

import hashlib
import random
import re
from copy import copy
from functools import lru_cache

import numpy as np

from pmd_envs.errors import ConfigError, DatasetError, unknown
from pmd_envs.family import Family
from pmd_envs.kinds import choose_kinds
from pmd_envs.records import Split, Task
from pmd_envs.task_source import index_within, task_of

_ATTEMPTS = 2000
_INDEX_RANGE = 2**31  # indices of generated tasks
_ID = re.compile(r"(?P<prefix>.+)/d(?P<level>0|[1-9][0-9]{0,9})/(?P<index>0|[1-9][0-9]{0,9})")


def split_of(content: str) -> Split:
    """The split a problem belongs to: one tenth test, one tenth validation, the rest train."""
    bucket = hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest()[0] % 10
    return "test" if bucket == 0 else "validation" if bucket == 1 else "train"


def level_of(task_id: str) -> int:
    """The difficulty of a generated task.

    Raises:
        ConfigError: The id is not that of a generated task.
    """
    found = _ID.fullmatch(task_id)
    if found is None:
        raise ConfigError(f"task id {task_id!r} is not that of a generated task, which ends in d<difficulty>/<index>")
    return int(found["level"])


class GeneratedSource:
    """Problems drawn by the family itself, of all kinds or (:mod:`pmd_envs.kinds`) of some."""

    name = "generated"
    size: int | None = None

    def __init__(self, family: Family, split: Split, difficulty: int | None, kinds: str | None = None) -> None:
        self._family = family.in_split(split)
        self._split = split
        self._levels = family.difficulties if difficulty is None else (int(difficulty),)
        self.asked = self._levels
        """The levels that kinds were chosen over."""
        self._kinds: dict[int, tuple[str, ...]] | None = None
        scope, part = f"{family.scope}/generated", ""
        drawn = family.difficulties
        if not set(self._levels) & set(family.added):
            drawn = tuple(level for level in drawn if level not in family.added)
        if kinds is not None:
            self._kinds = dict(choose_kinds(family, self._levels, kinds))
            self._levels = drawn = tuple(self._kinds)
            part = f"/{kinds}" if len(self.asked) == 1 else f"/{kinds}-of-all"  # a level alone may choose others
        self._prefix = f"{scope}/{split}{part}"
        self.fingerprint = _fingerprint(family, f"{scope}{part}", tuple((level, self._of(level)) for level in drawn))

    @property
    def levels(self) -> tuple[int, ...]:
        """Those that tasks are drawn from."""
        return self._levels

    @property
    def known(self) -> tuple[int, ...]:
        """Those that a task id may name: all of the family, or all that have some of the chosen kinds."""
        return self._family.difficulties if self._kinds is None else tuple(self._kinds)

    def at_level(self, level: int) -> "GeneratedSource":
        """The same tasks under the same ids, but drawn from one of the :attr:`known` levels alone."""
        narrowed = copy(self)
        narrowed._levels = (level,)
        return narrowed

    def draw(self, rng: np.random.Generator) -> Task:
        """A task at random, of a random level where none was asked for."""
        return self.at(int(rng.integers(_INDEX_RANGE)))

    def at(self, index: int) -> Task:
        """Task ``index``; with several levels they take turns."""
        index = index_within(index, _INDEX_RANGE, self._prefix)
        return self._make(self._levels[index % len(self._levels)], index)

    def by_id(self, task_id: str) -> Task:
        """The task whose id this is."""
        found = _ID.fullmatch(str(task_id))
        if found is None or found["prefix"] != self._prefix:
            raise ConfigError(f"task id {task_id!r} is not of the form {self._prefix}/d<difficulty>/<index>")
        level, index = int(found["level"]), int(found["index"])
        if level not in self.known:
            raise unknown(f"difficulty of {self._family.name}", level, self.known)
        return self._make(level, index)

    def _make(self, level: int, index: int) -> Task:
        return _generate(self._family, self._split, self._prefix, self.fingerprint, level, index, self._of(level))

    def _of(self, level: int) -> tuple[str, ...] | None:
        return None if self._kinds is None else self._kinds[level]


@lru_cache(maxsize=256)
def _fingerprint(family: Family, scope: str, drawn: tuple[tuple[int, tuple[str, ...] | None], ...]) -> str:
    """Hash of what a generator makes, by some draws of each level and its kinds; the same for every split."""
    digest = hashlib.sha256(f"{scope}{family.revision}".encode())
    for level, kinds in () if family.revision else drawn:
        for index in range(1 if level in family.added else 2):  # harder ones take longer to draw
            problem = family.generate_wanted(random.Random(f"fingerprint/{index}"), level, kinds, lambda _: True)
            assert problem is not None
            digest.update(problem.prompt.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


@lru_cache(maxsize=4096)
def _generate(  # noqa: PLR0913  all that decides a task
    family: Family,
    split: Split,
    prefix: str,
    fingerprint: str,
    level: int,
    index: int,
    kinds: tuple[str, ...] | None,
) -> Task:
    """A generated task. Kept for a while: groups, evaluations and clones ask for the same ones again."""
    task_id = f"{prefix}/d{level}/{index}"

    def wanted(content: str) -> bool:
        return split_of(content) == split

    rng = random.Random(f"{task_id}/0")
    for attempt in range(_ATTEMPTS):
        if attempt:
            rng.seed(f"{task_id}/{attempt}")  # half of what another generator would cost, which is seeded twice
        problem = family.generate_wanted(rng, level, kinds, wanted)
        if problem is not None:
            return task_of(problem, task_id, family, split, fingerprint)
    raise DatasetError(
        f"{family.name} at difficulty {level} has no problem of the split {split!r} "
        f"in {_ATTEMPTS} draws: it has too few different problems"
    )
