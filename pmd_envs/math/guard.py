"""Numeric comparison in child processes that can be killed.

A few children are kept for the whole process and shared by its threads; each answers one request at a time. One that
uses up its time is killed and replaced, and its request has no answer. A forked process starts its own children,
and all end with the process that started them: their input closes.
"""

import atexit
import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from pmd_envs.errors import VerifierError
from pmd_envs.math.syntax import Name, Node, Number

CPU_SECONDS = 0.8
"""Processor time of one comparison."""
VERDICT_SECONDS = 1.6
"""Processor time of all comparisons of one verdict."""
WALL_SECONDS = 30.0
"""Time by the clock after which a child that did not even get its processor time counts as broken."""
MEMORY_BYTES = 512 * 2**20
MAX_CHILDREN = 4
_START_SECONDS = 120.0
_END_SECONDS = 5.0
_ATTEMPTS = 2
_LEAST_SECONDS = 0.001
_BOOT = """
import runpy, sys
program, packages = sys.argv[1:3]
del sys.argv[1:3]
sys.path.append(packages)
runpy.run_path(program, run_name="__main__")
"""
_KEPT_ENVIRONMENT = ("LD_LIBRARY_PATH", "PATH")


class TookTooLong(Exception):  # noqa: N818  it says what happened
    """A comparison that used up its time or memory."""


@dataclass
class Allowance:
    """Processor time that the comparisons of one verdict may still take; every one costs at least a little."""

    left: float = VERDICT_SECONDS

    def spend(self, seconds: float) -> None:
        """Count what one comparison took."""
        self.left -= max(seconds, _LEAST_SECONDS)


def compare_numerically(left: Node, right: Node, allowance: Allowance | None = None) -> bool | None:
    """Whether two expressions agree at every point where both have a value; ``None`` if there is none.

    Raises:
        TookTooLong: It cannot be decided within the limits.
        VerifierError: No child process can be started.
    """
    allowance = Allowance() if allowance is None else allowance
    if allowance.left <= 0:
        raise TookTooLong
    seconds = min(CPU_SECONDS, allowance.left)
    request = json.dumps([_as_json(left), _as_json(right), seconds]) + "\n"
    answer, took = _POOL.ask(request.encode())
    allowance.spend(took)
    return answer


def _as_json(node: Node) -> list[object]:
    if isinstance(node, Number):
        return ["n", _show(node.value)]
    if isinstance(node, Name):
        return ["v", node.text]
    return [node.op, *(_as_json(arg) for arg in node.args)]


def _show(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


class _Child:
    """One child process and the pipes to it."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("mpmath")
        if spec is None or spec.origin is None:
            raise VerifierError("comparing expressions needs the package mpmath: pip install mpmath")
        # Without the user's environment and the current folder; mpmath comes from where this process would find it.
        arguments = (Path(__file__).with_name("numeric.py"), Path(spec.origin).parent.parent, MEMORY_BYTES)
        command = [sys.executable, "-P", "-s", "-B", "-c", _BOOT, *map(str, arguments)]
        environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise VerifierError(f"cannot start a process for comparing expressions: {error}") from error
        if self._read_line(_START_SECONDS) != b"ready":
            self.close()
            raise VerifierError("the process for comparing expressions does not start")

    def ask(self, request: bytes) -> tuple[bool | None, float]:
        """Send one request and wait for its answer; also how much processor time it took."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(request)
        except BrokenPipeError:
            raise EOFError from None
        answer, _, seconds = self._read_line(WALL_SECONDS).partition(b" ")
        if answer not in (b"true", b"false", b"null") or not seconds:
            raise TookTooLong if self._used_up() else EOFError
        return {b"true": True, b"false": False}.get(answer), float(seconds)

    def _used_up(self) -> bool:
        """Whether the child ended by its own work; somebody else's signal and a stuck machine are not a verdict."""
        try:
            ending = self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return -ending in (signal.SIGPROF, signal.SIGABRT, signal.SIGSEGV)

    def _read_line(self, seconds: float) -> bytes:
        """What the child writes, up to the end of the line; less if it dies or takes too long."""
        assert self.process.stdout is not None
        poll = select.poll()
        poll.register(self.process.stdout, select.POLLIN)
        end, data = time.monotonic() + seconds, b""
        while not data.endswith(b"\n"):
            left = end - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                return data
            part = os.read(self.process.stdout.fileno(), 4096)
            if not part:
                return data
            data += part
        return data[:-1]

    def close(self) -> None:
        """Kill the child and leave nothing of it."""
        self.process.kill()
        self.forget()
        self.process.wait()

    def forget(self) -> None:
        """Close this process's ends of the pipes."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class _Pool:
    """The children of this process."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.free = threading.Condition()
        self.idle: list[_Child] = []
        self.everyone: set[_Child] = set()
        self.starting = 0

    def ask(self, request: bytes) -> tuple[bool | None, float]:
        for _ in range(_ATTEMPTS):
            child = self._take()
            try:
                answer = child.ask(request)
            except EOFError:
                # That was not the work's fault, so another child may try.
                self._discard(child)
            except BaseException:
                self._discard(child)
                raise
            else:
                self._give_back(child)
                return answer
        raise VerifierError("the processes for comparing expressions are killed or get no processor time")

    def _take(self) -> _Child:
        with self.free:
            while not self.idle and len(self.everyone) + self.starting >= MAX_CHILDREN:
                self.free.wait()
            if self.idle:
                return self.idle.pop()
            self.starting += 1
        try:
            child = _Child()
        except BaseException:
            with self.free:
                self.starting -= 1
                self.free.notify()
            raise
        with self.free:
            self.starting -= 1
            self.everyone.add(child)
        return child

    def _give_back(self, child: _Child) -> None:
        with self.free:
            self.idle.append(child)
            self.free.notify()

    def _discard(self, child: _Child) -> None:
        child.close()
        with self.free:
            self.everyone.discard(child)
            self.free.notify()

    def close(self) -> None:
        """End every child."""
        with self.free:
            children, self.everyone, self.idle = self.everyone, set(), []
        for child in children:
            child.close()

    def after_fork(self) -> None:
        """In a forked process: let go of the parent's children without ending them."""
        for child in self.everyone:
            child.forget()
            child.process.returncode = 0
        self.reset()


_POOL = _Pool()


def close() -> None:
    """End the child processes of this process; the next comparison starts new ones."""
    _POOL.close()


atexit.register(close)
os.register_at_fork(after_in_child=_POOL.after_fork)
