"""Landlock: Python's own files are readable, /tmp is writable, nothing else is there, whatever is mounted."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from .linux import syscall

CREATE, ADD, RESTRICT = 444, 445, 446
WRITE_FILE, READ_FILE, READ_DIR, ALL_OF_FIRST_VERSION = 2, 4, 8, (1 << 13) - 1
EXECUTE, REFER, TRUNCATE, DEVICE_CALLS = 1, 1 << 13, 1 << 14, 1 << 15
BIND_TCP, CONNECT_TCP = 1, 2
ABSTRACT_SOCKETS, SIGNALS = 1, 2
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


class RuleSet:
    """A set of rules, prepared once and applied in every child.

    Args:
        readable: Files, and folders of which everything below may be read.
        writable: The folder with the place where a program's own is mounted; nothing, where there is none. A rule for
            the folder itself would have to be added to the same set for each program.
    """

    def __init__(self, readable: Iterable[str], writable: str) -> None:
        self.version = syscall(CREATE, None, 0, 1)
        files = ALL_OF_FIRST_VERSION | (REFER if self.version >= 2 else 0)
        files |= (TRUNCATE if self.version >= 3 else 0) | (DEVICE_CALLS if self.version >= 5 else 0)
        handled = [files]
        if self.version >= 4:
            handled.append(BIND_TCP | CONNECT_TCP)
        if self.version >= 6:
            handled.append(ABSTRACT_SOCKETS | SIGNALS)
        record = b"".join(part.to_bytes(8, sys.byteorder) for part in handled)
        self.fd = syscall(CREATE, record, len(record), 0)
        for path in readable:
            self._allow(path, READ_FILE | READ_DIR)
        for path in DEVICES:
            self._allow(path, READ_FILE | WRITE_FILE)
        if writable:
            self._allow(writable, files & ~(EXECUTE | DEVICE_CALLS))

    def _allow(self, path: str, access: int) -> None:
        """Add one path; one that is not there needs no rule, and a file has no entries to be read."""
        if not Path(path).is_dir():
            access &= ~READ_DIR
        try:
            fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            return
        syscall(ADD, self.fd, 1, access.to_bytes(8, sys.byteorder) + fd.to_bytes(4, sys.byteorder), 0)
        os.close(fd)

    def apply(self) -> None:
        """Restrict this process for good."""
        syscall(RESTRICT, self.fd, 0)
        os.close(self.fd)
