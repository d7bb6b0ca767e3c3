"""One process at a time in the folder of a run or a training: the folder itself is locked, and no file left behind."""

import fcntl
import os
from pathlib import Path
from typing import Self

from pmd_envs.errors import ConfigError


class InUseError(ConfigError):
    """Another process is working in the folder."""


class FolderLock:
    """Held until it is released or the process ends, however it ends.

    Raises:
        InUseError: Another process has it.
    """

    def __init__(self, folder: Path) -> None:
        self._file: int | None = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.release()
            raise InUseError(f"{folder} is in use by another process: wait for it, or choose another folder") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Let others into the folder."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def is_held(folder: Path) -> bool:
    """Whether a process is working in the folder now."""
    if not folder.is_dir():
        return False
    try:
        FolderLock(folder).release()
    except InUseError:
        return True
    return False
