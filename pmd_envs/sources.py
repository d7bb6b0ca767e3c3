"""Where tasks come from: a family's own generator, or a published data set.

A source gives the same task for the same id in every process. Generated problems are drawn from
``Random("family/difficulty/split/index/attempt")`` and belong to the split that the hash of their content says,
so that no problem can be in two splits, whatever the seed.
"""

import hashlib
import logging
import operator
import os
import random
import re
from copy import copy
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol, Self, get_args

import numpy as np

from pmd_envs.datasets import fingerprint as rows_fingerprint
from pmd_envs.datasets import has_local, missing_local, read_rows
from pmd_envs.errors import ConfigError, DatasetError, unknown
from pmd_envs.family import Family
from pmd_envs.kinds import Kinds, choose_kinds
from pmd_envs.records import SPLITS, Problem, Split, Task

SourceName = Literal["auto", "local", "hub", "generated"]
_LOG = logging.getLogger("pmd_envs")
_ATTEMPTS = 2000
_INDEX_RANGE = 2**31  # indices of generated tasks
_GENERATED_ID = re.compile(r"(?P<prefix>.+)/d(?P<level>0|[1-9][0-9]{0,9})/(?P<index>0|[1-9][0-9]{0,9})")
_ROW_ID = re.compile(r"(?P<prefix>.+)/(?P<index>0|[1-9][0-9]{0,9})")


def split_of(content: str) -> Split:
    """The split a problem belongs to: one tenth test, one tenth validation, the rest train."""
    bucket = hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest()[0] % 10
    return "test" if bucket == 0 else "validation" if bucket == 1 else "train"


def level_of(task_id: str) -> int:
    """The difficulty of a generated task.

    Raises:
        ConfigError: The id is not that of a generated task.
    """
    found = _GENERATED_ID.fullmatch(task_id)
    if found is None:
        raise ConfigError(f"task id {task_id!r} is not that of a generated task, which ends in d<difficulty>/<index>")
    return int(found["level"])


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


def _index(value: object, size: int, prefix: str) -> int:
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
        index = _index(index, _INDEX_RANGE, self._prefix)
        return self._make(self._levels[index % len(self._levels)], index)

    def by_id(self, task_id: str) -> Task:
        """The task whose id this is."""
        found = _GENERATED_ID.fullmatch(str(task_id))
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
            return _task(problem, task_id, family, split, fingerprint)
    raise DatasetError(
        f"{family.name} at difficulty {level} has no problem of the split {split!r} "
        f"in {_ATTEMPTS} draws: it has too few different problems"
    )


class DatasetSource:
    """Rows of a published data set."""

    def __init__(self, family: Family, split: Split, where: Literal["local", "hub"]) -> None:
        if family.dataset is None:
            raise ConfigError(f"{family.name} has no published data set; use source='generated'")
        self.name: str = where
        self._family = family
        self._split = split
        self._rows = read_rows(family.dataset, split, where)
        if not self._rows:
            raise DatasetError(f"the {split!r} split of {family.dataset.folder} ({where}) has no rows")
        self._prefix = f"{family.scope}/data/{split}"
        self.fingerprint = rows_fingerprint(self._rows)
        self.size: int | None = len(self._rows)

    def __deepcopy__(self, memo: object) -> Self:
        """Itself: no row of it is ever changed, and there may be thousands."""
        return self

    def draw(self, rng: np.random.Generator) -> Task:
        """A row at random."""
        return self.at(int(rng.integers(len(self._rows))))

    def at(self, index: int) -> Task:
        """Row ``index``."""
        index = _index(index, len(self._rows), self._prefix)
        problem = self._family.from_row(self._rows[index])
        return _task(problem, f"{self._prefix}/{index}", self._family, self._split, self.fingerprint)

    def by_id(self, task_id: str) -> Task:
        """The row whose id this is."""
        found = _ROW_ID.fullmatch(str(task_id))
        if found is None or found["prefix"] != self._prefix:
            raise ConfigError(f"task id {task_id!r} is not of the form {self._prefix}/<row>")
        return self.at(int(found["index"]))


def _task(problem: Problem, task_id: str, family: Family, split: Split, fingerprint: str) -> Task:
    return Task(task_id, family.name, split, problem.prompt, problem.gold, problem.facts, fingerprint)


def open_source(
    family: Family, split: str, difficulty: int | None, source: str, kinds: str | None = None
) -> TaskSource:
    """The tasks of ``split``, from the place that ``source`` names.

    ``auto`` takes the local data, then the hub, then (with one log message) the generator. Asking for a
    difficulty, or for ``seen`` or ``unseen`` kinds, asks for the generator, since published rows have none.

    Raises:
        ConfigError: Unknown split, difficulty, source or kinds.
        DatasetError: ``source`` forces data that cannot be read.
    """
    if split not in SPLITS:
        raise unknown("split", split, SPLITS)
    if source not in get_args(SourceName):
        raise unknown("source", source, get_args(SourceName))
    if difficulty is not None and difficulty not in family.difficulties:
        raise unknown(f"difficulty of {family.name}", difficulty, family.difficulties)
    if kinds is not None and kinds not in get_args(Kinds):
        raise unknown("kinds", kinds, get_args(Kinds))
    if difficulty is not None and source in ("local", "hub"):
        raise ConfigError(f"difficulty={difficulty} needs source='generated': published rows have no level")
    if kinds is not None and source in ("local", "hub"):
        raise ConfigError(f"kinds={kinds!r} needs source='generated': published rows have no kind")
    root = os.environ.get("PMD_DATA_DIR")
    return _open(family, split, difficulty, source, kinds, str(Path(root).resolve()) if root else None)


@lru_cache(maxsize=256)  # three splits of every id fit in
def _open(
    family: Family,
    split: Split,
    difficulty: int | None,
    source: SourceName,
    kinds: str | None,
    data_dir: str | None,
) -> TaskSource:
    """Opened once: environments of one kind share their source (``data_dir`` only tells the openings apart)."""
    del data_dir
    if source == "local" or source == "hub":
        return DatasetSource(family, split, source)
    if source == "generated" or family.dataset is None or difficulty is not None or kinds is not None:
        return GeneratedSource(family, split, difficulty, kinds)
    return _open_auto(family, split)


def _open_auto(family: Family, split: Split) -> TaskSource:
    data = family.dataset
    assert data is not None
    try:
        return DatasetSource(family, split, "local" if has_local(data, split) or has_local(data) else "hub")
    except DatasetError as error:
        missing = missing_local(data, split)
        _LOG.warning(
            "%s: no published data (%s); using generated problems. %s, or pass "
            "source='generated' to choose this on purpose.",
            family.name,
            error,
            f"Put {' and '.join(missing)} into PMD_DATA_DIR" if missing else "Set PMD_DATA_DIR",
        )
        return GeneratedSource(family, split, None)
