"""Files of lines to which a process adds that may be killed, and others after it."""

import json
import os
import sys
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl

_BLOCK = 2**16


def end_of_lines(file: BinaryIO, end: int) -> int:
    """Bytes up to the end of the last whole line before ``end``."""
    while end:
        start = max(end - _BLOCK, 0)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def add_object(path: Path, text: str, begins: str) -> None:
    """Add a line that is a JSON object, behind the last one and never joined to it.

    A last line without an end is ended, since all of it may be there, but for an object that was torn: that is cut.
    Several processes may add to a file, one after the other; on Windows nobody keeps them apart.

    Args:
        path: The file.
        text: The line.
        begins: What each such line begins with. Only that is cut: the rest may be anybody's.
    """
    line, ours = f"{text}\n".encode(), begins.encode()
    with path.open("a+b") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)  # or else what another one is about to end would look torn
        end = file.seek(0, os.SEEK_END)
        whole = end_of_lines(file, end)
        if whole < end:
            file.seek(whole)
            rest = file.read(end - whole)
            if is_torn(rest, ours):
                file.truncate(whole)
            else:
                line = b"\n" + line
        file.write(line)


def is_torn(rest: bytes, begins: bytes) -> bool:
    """Whether what stands behind the last line break is a part of an object that begins so."""
    return (rest.startswith(begins) or begins.startswith(rest)) and not _is_json(rest)


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
