"""Where tasks come from: a family's own generator, or a published data set.

A source gives the same task for the same id in every process.
"""

import logging
import os
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from pmd_envs.datasets import has_local, missing_local
from pmd_envs.errors import ConfigError, DatasetError, unknown
from pmd_envs.family import Family
from pmd_envs.generated import GeneratedSource
from pmd_envs.kinds import Kinds
from pmd_envs.published import DatasetSource
from pmd_envs.records import SPLITS, Split
from pmd_envs.task_source import TaskSource

SourceName = Literal["auto", "local", "hub", "generated"]
_LOG = logging.getLogger("pmd_envs")


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
    if isinstance(difficulty, bool) or difficulty not in (None, *family.difficulties):  # True would be level 1
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
