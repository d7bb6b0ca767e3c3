"""Problems of reasoning-gym, made once.

One seed for all of them: an entry is named by its data set, its curriculum level and its index. Entries that took long
to make are kept in the user's cache folder (``PMD_CACHE_DIR``, else the platform's), by the version of the package.
"""

import importlib
import json
import logging
import os
import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Protocol, TypeAlias

import numpy as np
from platformdirs import user_cache_path

from pmd_envs.errors import ConfigError, DatasetError
from pmd_envs.rg.apart import APART, made_apart

SEED = 0
_SIZE = 1_000_000
_SIZES = {"word_ladder": 20_000, "acre": 10_000}  # the most it allows; all of it is made at once
_SLOW_SECONDS = 0.05
_LOG = logging.getLogger("pmd_envs")
_GENERATING = threading.Lock()

Metadata: TypeAlias = Mapping[str, Any]  # what a generator notes for its scorer, another form for each data set


@dataclass(frozen=True)
class Entry:
    """One problem as reasoning-gym makes it."""

    question: str
    answer: str | None
    """None where the package accepts many answers and gives none."""
    metadata: Metadata

    def as_dict(self) -> dict[str, Any]:
        """In the form that reasoning-gym's own scorers take."""
        return {"question": self.question, "answer": self.answer, "metadata": self.metadata}


class DataSet(Protocol):
    """What we use of a data set of reasoning-gym."""

    def __getitem__(self, index: int) -> dict[str, Any]: ...

    def score_answer(self, answer: str, entry: dict[str, Any]) -> float:
        """What the package pays for an answer."""
        ...


def size_of(name: str) -> int:
    """How many entries a data set is taken to have."""
    return _SIZES.get(name, _SIZE)


@cache
def package_version() -> str:
    """The version of reasoning-gym, which is imported to see that it works: registering its ids does not do that.

    Raises:
        ConfigError: It is not installed, or cannot be imported.
    """
    try:
        with _global_randomness_kept():
            importlib.import_module("reasoning_gym.factory")
        return version("reasoning-gym")
    except Exception as error:  # what breaks another package's import may raise anything
        raise ConfigError(
            f"reasoning-gym cannot be used ({type(error).__name__}: {error}); install it with: "
            "pip install 'reasoning-gym>=0.1.25,<0.2'"
        ) from error


@cache
def data_set(name: str, level: int) -> DataSet:
    """A data set of reasoning-gym at a level of its curriculum (0 without one: its own defaults).

    Raises:
        ConfigError: The installed package has no such data set, or not at this level.
    """
    factory = importlib.import_module("reasoning_gym.factory")
    settings = {"seed": SEED, "size": size_of(name)}
    if name not in factory.DATASETS:
        raise ConfigError(f"reasoning-gym {version('reasoning-gym')} has no data set {name!r}")
    made, config = factory.DATASETS[name]
    try:
        if name in factory.CURRICULA:
            curriculum = factory.CURRICULA[name]()
            curriculum.set_global_level(level)
            opened: DataSet = made(config=curriculum.generate_configuration(settings))
        else:
            opened = made(config=config(**settings))
    except AssertionError as error:
        if level > 0:
            raise ConfigError(f"level {level} of {name} does not work in reasoning-gym: {error}") from error
        opened = made(config=config(**settings))  # its checks refuse its own easiest level
    return opened


@lru_cache(maxsize=512)
def entry_at(name: str, level: int, index: int) -> Entry:
    """Entry ``index`` of a data set at a level.

    Raises:
        DatasetError: The generator fails.
    """
    kept = _cache_file(name, level, index)
    found = _read(kept)
    if found is not None:
        return found
    began = time.monotonic()
    item = made_apart(name, level, index) if name in APART else made_here(name, level, index)
    notes = {key: value for key, value in item["metadata"].items() if key != "difficulty"}  # the same for a whole level
    made = Entry(str(item["question"]), None if item["answer"] is None else str(item["answer"]), notes)
    if time.monotonic() - began >= _SLOW_SECONDS:
        _keep(made, kept)
    return made


def made_here(name: str, level: int, index: int) -> dict[str, Any]:
    """An entry as the package makes it in this process.

    Raises:
        DatasetError: The generator fails.
    """
    try:
        with _global_randomness_kept():
            return data_set(name, level)[index]
    except (ArithmeticError, AssertionError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise DatasetError(f"reasoning-gym cannot make entry {index} of {name} at level {level}: {error}") from error


@contextmanager
def _global_randomness_kept() -> Iterator[None]:
    """Some generators seed Python's or NumPy's global generator, which belongs to whoever called us.

    One thread at a time, since two of them would draw from each other's seed.
    """
    with _GENERATING:
        python, numpy = random.getstate(), np.random.get_state()
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)


def _cache_file(name: str, level: int, index: int) -> Path:
    folder = os.environ.get("PMD_CACHE_DIR")
    root = Path(folder) if folder else user_cache_path("pmd-envs")
    where = "-apart" if name in APART else ""
    return root / f"reasoning-gym-{package_version()}" / f"{name}-{level}{where}" / f"{index}.json"


def _read(kept: Path) -> Entry | None:
    try:
        match json.loads(kept.read_bytes()):
            case {"question": str(question), "answer": (str() | None) as answer, "metadata": dict(metadata)}:
                return Entry(question, answer, metadata)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        _LOG.warning("%s cannot be read and is made again: %s", kept, error)
    return None


def _keep(entry: Entry, kept: Path) -> None:
    """Write an entry, whole or not at all. One whose notes are not JSON is made anew in every process."""
    try:
        text = json.dumps(entry.as_dict())
    except (TypeError, ValueError):
        return
    if json.loads(text) != entry.as_dict():
        return
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", encoding="utf-8", dir=kept.parent, delete=False) as file:
            file.write(text)
        Path(file.name).replace(kept)
    except OSError as error:
        _LOG.warning("%s cannot be kept: %s", kept, error)
