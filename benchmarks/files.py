"""Files that a killed process cannot break: written as a whole, or line by line."""

import errno
import json
import os
from collections.abc import Iterable
from pathlib import Path
from secrets import token_hex

from pmd_envs.errors import ConfigError
from pmd_envs.lines import end_of_lines
from pmd_envs.records import Json

TRAIN_AGAIN = "put back a copy of it, or delete the run's checkpoint folder, and --resume trains from the first step"
"""What to do about a file of a run without which its checkpoint is of no use."""
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
"""What the system says where a disk, or the share of it that somebody may use, is full."""


def make_folder(path: Path) -> None:
    """Make the folder that a file goes into: before a long measurement, so that it is not lost for want of one.

    Raises:
        ConfigError: It cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"the folder of {path} cannot be made: {error.strerror or error}") from error


def check_folder(path: Path, option: str = "--out") -> None:
    """Refuse a folder that can be none, since it or one above it is a file; nothing is made.

    Args:
        path: The folder.
        option: Which named it.

    Raises:
        ConfigError: It is, or its name cannot be one.
    """
    try:
        there = next((place for place in (path, *path.absolute().parents) if place.exists()), path)
    except OSError as error:
        raise ConfigError(f"{option} {path!s:.80} cannot be a folder: {error.strerror or error}") from error
    if there.exists() and not there.is_dir():
        raise ConfigError(
            f"{option} {path} cannot be a folder: {there} is a file; name another place, such as runs/name"
        )


def make_own_folder(path: Path, option: str = "--out") -> None:
    """Make the folder that a command writes to, and those above it.

    Args:
        path: The folder.
        option: Which named it.

    Raises:
        ConfigError: It cannot be made, or is there and cannot be written to.
    """
    check_folder(path, option)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in NO_SPACE:
            raise
        raise ConfigError(f"the folder {path} cannot be made: {error.strerror or error}; name another place") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ConfigError(f"the folder {path} cannot be written to; name another place")


def write_text(path: Path, text: str) -> None:
    """Write a file as a whole or not at all, also where several processes write it: one of theirs stays."""
    new = path.with_name(f"{path.name}.{token_hex(8)}.new")
    try:
        new.write_text(text)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def append(path: Path, rows: Iterable[dict[str, Json] | dict[str, float]]) -> None:
    """Add JSON lines, in the place of a last one that a killed process cut."""
    with path.open("a+b") as found:
        end = found.seek(0, os.SEEK_END)
        whole = end_of_lines(found, end)
        if whole < end:  # or else what another process adds just now would be cut
            found.truncate(whole)
    with path.open("a") as file:
        for row in rows:
            file.write(json.dumps(row) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_lines(path: Path) -> list[dict[str, float]]:
    """All whole JSON lines; a last line cut by a killed process is left out."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def keep_lines_before(path: Path, step: int) -> None:
    """Drop the lines of steps that the checkpoint does not have, and a last one that a killed process cut.

    Steps only rise, so these are the file's end: it is cut, and read line by line, since episodes can be gigabytes.

    Raises:
        ConfigError: A line before that is none of a step.
    """
    if not path.exists():
        return
    with path.open("r+b") as file:
        kept = 0
        for number, line in enumerate(file, 1):
            if step == 0 or not line.endswith(b"\n") or _step_of(line, number, path) >= step:
                break
            kept += len(line)
        else:
            return
        file.truncate(kept)
        os.fsync(file.fileno())


def _step_of(line: bytes, number: int, path: Path) -> int:
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path} cannot be read: its line {number} is none of a training step; {TRAIN_AGAIN}"
        ) from error
