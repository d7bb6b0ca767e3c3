"""Whether something failed for want of space on a disk: every library says so in another way."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from safetensors import SafetensorError

from benchmarks.files import NO_SPACE

_NEARLY_FULL = 32 * 2**20
"""Bytes; a checkpoint of nano takes about as much."""
_TORCH_WRITES = ("PytorchStreamWriter failed writing", "inline_container.cc")
"""What torch.save says of whatever keeps it from writing."""


def is_full(error: BaseException, near: Path) -> bool:
    """Whether writing failed because the disk of a folder, or the share that one may use of it, is full."""
    return any(_says_so(cause, near) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it was raised from: a memory names its file, for example."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


def _says_so(error: BaseException, near: Path) -> bool:
    if isinstance(error, OSError):
        return error.errno in NO_SPACE
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    if isinstance(error, SafetensorError):
        number = re.search(r"os error (\d+)", str(error))
        return number is not None and int(number[1]) in NO_SPACE
    return any(said in str(error) for said in _TORCH_WRITES) and _is_nearly_full(near)


def _is_nearly_full(near: Path) -> bool:
    folder = next(place for place in (near, *near.absolute().parents) if place.is_dir())
    return shutil.disk_usage(folder).free < _NEARLY_FULL
