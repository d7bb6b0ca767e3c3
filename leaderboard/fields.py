"""Reading JSON written by somebody else: every value is asked for by name and type.

An error says where the value stands (``rows[1].overall.k``) and what is wrong with it. Names that end up in
tables are limited to short printable text, so that nothing in a report can steer a terminal.
"""

import json
import math
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Never

from leaderboard.errors import ReportError
from pmd_envs.records import Json

NAME_LENGTH = 200
LARGEST = 2**53
DEEPEST = 64
"""Lists and objects within each other. Writing and comparing deeper ones would run out of Python's stack."""


def printable(text: str, keep: str = "") -> str:
    """The text with whatever is not to be printed, or steers a terminal, as an escape; ``keep`` stays as it is."""
    return "".join(char if char.isprintable() or char in keep else ascii(char)[1:-1] for char in text)


def is_name(text: str) -> bool:
    """Whether a text is short and printable, so that it may stand in a table or an error as it is."""
    return len(text) <= NAME_LENGTH and text.isprintable()


def _no_constant(text: str) -> Never:
    raise ValueError(f"{text} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"the number {text:.40} is too large")
    return value


def _check_depth(value: Json, deepest: int) -> None:
    level: list[Json] = [value]
    for _ in range(deepest + 1):
        inner = [list(one.values()) if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [item for items in inner for item in items]
        if not level:
            return
    raise ValueError(f"lists and objects are nested more than {deepest} deep")


def parse(text: str | bytes, source: str, deepest: int = DEEPEST) -> "Fields":
    """Read one JSON object. NaN and infinities, which are not JSON, are errors, and so is what nests too deep."""
    try:
        value: Json = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        _check_depth(value, deepest)
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{source} is not valid JSON: {error}") from error
    return Fields(value, source)


@contextmanager
def opened(path: Path, limit: int) -> Iterator[BinaryIO]:
    """A file of at most ``limit`` bytes; a larger one is refused before a byte of it is read.

    Pipes and devices, which may never end, are refused as well.
    """
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise ReportError(f"cannot read {path}: it is not a regular file")
            if about.st_size > limit:
                raise ReportError(f"{path} is larger than {limit:,} bytes: it has {about.st_size:,}")
            yield file
    except OSError as error:
        raise ReportError(f"cannot read {path}: {error.strerror or error}") from error


def read_bytes(path: Path, limit: int) -> bytes:
    """All of a file, see :func:`opened`."""
    with opened(path, limit) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ReportError(f"{path} is larger than {limit:,} bytes")
    return content


class Fields:
    """One JSON object, read field by field."""

    def __init__(self, value: Json, source: str, where: str = "") -> None:
        self._source, self._where = source, where
        if not isinstance(value, dict):
            raise ReportError(f"{source}: {where or 'the file'} is not a JSON object")
        self._values: dict[str, Json] = value
        self._asked: set[str] = set()

    def _path(self, name: str) -> str:
        shown = name if is_name(name) else f"{name!r:.80}"  # names may be a stranger's words too
        return f"{self._where}.{shown}" if self._where else shown

    def wrong(self, name: str, problem: str) -> ReportError:
        """An error about one field of this object."""
        return ReportError(f"{self._source}: {self._path(name)} {problem}")

    def json(self, name: str) -> Json:
        """Any value."""
        self._asked.add(name)
        if name not in self._values:
            raise self.wrong(name, "is missing")
        return self._values[name]

    def text(self, name: str) -> str:
        """Any text, the empty one included."""
        value = self.json(name)
        if not isinstance(value, str):
            raise self.wrong(name, f"is {value!r:.80}, not a text")
        return value

    def name(self, name: str) -> str:
        """Short printable text that is not empty."""
        value = self.text(name)
        if not value.strip():
            raise self.wrong(name, "is empty")
        if not is_name(value):
            raise self.wrong(name, f"is {value!r:.80}, not a printable text of at most {NAME_LENGTH} characters")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.json(name)
        if not isinstance(value, bool):
            raise self.wrong(name, f"is {value!r:.80}, not true or false")
        return value

    def whole(self, name: str, least: int = 0) -> int:
        """An integer from ``least`` to :data:`LARGEST`."""
        value = self.json(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= LARGEST:
            raise self.wrong(name, f"is {value!r:.80}, not a whole number from {least} to 2^53")
        return value

    def whole_or_none(self, name: str) -> int | None:
        """A whole number from 0, or null."""
        return None if self.json(name) is None else self.whole(name)

    def number(self, name: str) -> float:
        """A number from 0 to :data:`LARGEST`."""
        value = self.json(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.wrong(name, f"is {value!r:.80}, not a number")
        if not 0 <= value <= LARGEST:
            raise self.wrong(name, f"is {value!r:.80}, not a number from 0 to 2^53")
        return float(value)

    def share(self, name: str) -> float:
        """A number between 0 and 1."""
        value = self.number(name)
        if value > 1:
            raise self.wrong(name, f"is {value!r}, not between 0 and 1")
        return value

    def share_or_none(self, name: str) -> float | None:
        """A number between 0 and 1, or null."""
        return None if self.json(name) is None else self.share(name)

    def object(self, name: str) -> "Fields":
        """A JSON object."""
        return Fields(self.json(name), self._source, self._path(name))

    def objects(self, name: str) -> "list[Fields]":
        """A list of JSON objects."""
        value = self.json(name)
        if not isinstance(value, list):
            raise self.wrong(name, f"is {value!r:.80}, not a list")
        return [Fields(item, self._source, f"{self._path(name)}[{index}]") for index, item in enumerate(value)]

    def has(self, name: str) -> bool:
        """Whether the field is there, for those that older files lack."""
        return name in self._values

    def texts(self, name: str) -> dict[str, str]:
        """An object whose values are texts; empty where it is missing."""
        if not self.has(name):
            return {}
        inner = self.object(name)
        return {key: inner.text(key) for key in inner.names()}

    def list_of_names(self, name: str) -> tuple[str, ...]:
        """A list of short printable texts; empty where it is missing."""
        if not self.has(name):
            return ()
        value = self.json(name)
        if not isinstance(value, list):
            raise self.wrong(name, f"is {value!r:.80}, not a list")
        return tuple(Fields({name: item}, self._source, self._where).name(name) for item in value)

    def values(self) -> dict[str, Json]:
        """The whole object as it is, for settings that nobody here interprets."""
        self._asked.update(self._values)
        return self._values

    def names(self) -> tuple[str, ...]:
        """Names of the fields, for objects whose names are data."""
        return tuple(self._values)

    def finish(self) -> None:
        """Refuse fields that nobody asked for: they are typing errors or another format."""
        extra = sorted(set(self._values) - self._asked)
        if extra:
            raise self.wrong(extra[0], "is not a field of this format")
