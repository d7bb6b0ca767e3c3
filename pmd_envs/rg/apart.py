"""Entries of some data sets of reasoning-gym, made in another process.

Some generators go through a set of strings, whose order differs from process to process: so would their problems. Two
run programs, which print, write files or draw random numbers. One seeds the global generator of NumPy, from which other
threads may be drawing, and one now and then looks for a tenth of nine colours. These generators work in a child process
whose string hashes are always the same, whose randomness depends on the request, whose output goes nowhere, which works
in a folder of its own, and which gives up after a while. One child serves all threads of a process; it ends with it,
because its input closes.
"""

import atexit
import json
import os
import random
import signal
import subprocess
import sys
import threading
import zlib
from contextlib import chdir, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from pmd_envs.errors import DatasetError, PMDError

_RUN_PROGRAMS = frozenset({"codeio"})
APART = _RUN_PROGRAMS | {
    *("arc_1d", "bf", "isomorphic_strings", "knight_swap", "list_functions", "polynomial_multiplication"),
    *("pool_matrix", "ransom_note", "word_ladder"),
}
"""The data sets that this is for."""
CPU_SECONDS = 20.0
"""Processor time after which an entry is given up."""
WALL_SECONDS = 300.0
"""Time by the clock after which it is, for what waits."""
_ATTEMPTS = 2  # somebody may kill a child
_PROGRAM = "from pmd_envs.rg.apart import serve; serve()"


class _Child:
    """The process, and one request at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, request: bytes) -> bytes:
        """The line that answers a request; empty if there is no process that does."""
        with self.lock:
            for _ in range(_ATTEMPTS):
                process = self.process = self.process or _start()
                assert process.stdin is not None
                assert process.stdout is not None
                try:
                    process.stdin.write(request)
                    process.stdin.flush()
                    answer = process.stdout.readline()
                except BrokenPipeError:
                    answer = b""
                except BaseException:  # such as Ctrl-C: the answer would come to the next request
                    self._end()
                    raise
                if answer.endswith(b"\n"):
                    return answer
                self._end()
        return b""

    def _end(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            _close(process)
            process.wait()

    def close(self) -> None:
        """End the process; another request starts a new one."""
        with self.lock:
            self._end()

    def after_fork(self) -> None:
        """In a forked process: leave the parent's child alone."""
        if self.process is not None:
            _close(self.process)
            self.process.returncode = 0
        self.__init__()  # type: ignore[misc]  # as new, with a lock that nobody holds


def _start() -> subprocess.Popen[bytes]:
    found_in = os.pathsep.join(str(Path(path).absolute()) for path in sys.path)
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": found_in}
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # Ctrl-C is for us
        )
    except OSError as error:
        raise DatasetError(f"cannot start a process that makes problems of reasoning-gym: {error}") from error


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):  # what is left to be written to it
                pipe.close()


_CHILD = _Child()


def made_apart(name: str, level: int, index: int) -> dict[str, Any]:
    """An entry of a data set as the package makes it, with lists for tuples.

    Raises:
        DatasetError: The generator fails, or its process does.
    """
    answer = _CHILD.ask(f"{json.dumps([name, level, index])}\n".encode())
    if not answer:
        raise DatasetError(f"the process that makes entry {index} of {name} at level {level} ends without an answer")
    item, error = json.loads(answer)
    if error:
        raise DatasetError(error)
    made: dict[str, Any] = item
    return made


class _TookTooLong(Exception):  # noqa: N818  it says what happened
    """An entry that used up its time."""


def _give_up(*_: object) -> None:
    raise _TookTooLong


def serve() -> None:
    """In the child process: answer a request a line until there are no more.

    Programs may read and print as well: they get nothing, and nobody sees it.
    """
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, _give_up)
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    with TemporaryDirectory() as folder, chdir(folder):  # some programs write files
        for line in requests:
            answers.write(f"{_answer(line)}\n")
            answers.flush()


def _answer(line: str) -> str:
    """The entry that is asked for and an empty text, or nothing and what is wrong, as JSON."""
    name, level, index = json.loads(line)
    try:
        made = _made(name, level, index)
        if name in _RUN_PROGRAMS and made != _made(name, level, index):
            return json.dumps(
                [None, f"entry {index} of {name} at level {level} is another one each time, as times are"]
            )
    except PMDError as failure:
        return json.dumps([None, str(failure)])
    except _TookTooLong:
        return json.dumps([None, f"entry {index} of {name} at level {level} takes too long"])
    except SystemExit:
        return json.dumps([None, f"entry {index} of {name} at level {level} ends its process"])
    return f'[{made}, ""]'


def _made(name: str, level: int, index: int) -> str:
    """An entry as JSON. Programs may draw numbers: it is the same whatever was asked before it."""
    from pmd_envs.rg.entries import data_set, made_here

    data_set(name, level)  # opening it may take long
    random.seed(f"{name}/{level}/{index}")
    np.random.seed(zlib.crc32(f"{name}/{level}/{index}".encode()))
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
    try:
        made = made_here(name, level, index)
    finally:
        for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL):
            signal.setitimer(timer, 0)
    return json.dumps(made, default=str)  # notes may be NumPy's or sympy's numbers


atexit.register(_CHILD.close)
os.register_at_fork(after_in_child=_CHILD.after_fork)
