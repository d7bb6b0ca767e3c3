"""Tasks that are the rows of a published data set."""

import re
from difflib import get_close_matches
from typing import Literal, Self

import numpy as np

from pmd_envs.contract import made_by
from pmd_envs.datasets import fingerprint as rows_fingerprint
from pmd_envs.datasets import read_rows
from pmd_envs.errors import ConfigError, DatasetError
from pmd_envs.family import Family
from pmd_envs.records import Problem, Split, Task
from pmd_envs.task_source import MAX_PROBLEM, index_within, task_of

_ID = re.compile(r"(?P<prefix>.+)/(?P<index>0|[1-9][0-9]{0,9})")


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
        index = index_within(index, len(self._rows), self._prefix)
        row = self._rows[index]
        try:
            problem = made_by(self._family, "from_row", Problem, row)
        except KeyError as error:
            (name, *_) = error.args or ("",)
            if name in row:
                raise
            near = get_close_matches(str(name), row, n=1, cutoff=0.4)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise DatasetError(
                f"row {index} of {self._prefix} has no {name!r}.{hint} It has: {', '.join(row)}."
            ) from error
        if len(problem.prompt) > MAX_PROBLEM:  # whoever read the observation would not be asked all of it
            found = f"row {index} of {self._prefix} has a problem of {len(problem.prompt)} characters"
            raise DatasetError(f"{found}, and an observation holds {MAX_PROBLEM}")
        return task_of(problem, f"{self._prefix}/{index}", self._family, self._split, self.fingerprint)

    def by_id(self, task_id: str) -> Task:
        """The row whose id this is."""
        found = _ID.fullmatch(str(task_id))
        if found is None or found["prefix"] != self._prefix:
            raise ConfigError(f"task id {task_id!r} is not of the form {self._prefix}/<row>")
        return self.at(int(found["index"]))
