"""Sandboxes: sessions for many threads at once, up to one for each core, from a server that is kept alive."""

import atexit
import contextlib
import os
import subprocess
import threading
import weakref
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from pmd_envs.errors import VerifierError, unknown
from pmd_envs.records import Json
from pmd_envs.sandbox.inside.root import LAYERS, LIMITS
from pmd_envs.sandbox.inside.wire import DRIVER, PROGRAM
from pmd_envs.sandbox.server import Gone, Server, start
from pmd_envs.sandbox.session import Driver, Program
from pmd_envs.sandbox.turns import Turns

CANARY: dict[str, object] = {"kind": "calls", "program": "def f():\n    return 7", "entry": "f", "calls": [[]]}
CANARY_SECONDS = 20.0
REVIVE_SECONDS = 0.2
MOST_SPARE = 32
MOST_TRIALS = 5


class _Untried(Exception):  # noqa: N818 (caught here: the isolation is tried, and the run begins again)
    """Another server has come, of which it is not known yet what programs can reach on it."""


@dataclass(frozen=True)
class Limits:
    """What one program may use."""

    cpu_seconds: int = 1
    """Processor time: the limit that stops endless loops, whatever else the machine is doing."""
    wall_seconds: float = 6.0
    """Time by the clock, for programs that sleep."""
    memory_bytes: int = 1024 * 2**20
    file_bytes: int = 16 * 2**20
    """The largest file that it may write in its private folder."""

    def as_list(self) -> list[int]:
        """As the processes inside take them."""
        return [self.cpu_seconds, self.memory_bytes, self.file_bytes]


class Sandbox:
    """Runs jobs, each in two fresh confined processes. Safe for threads and across ``os.fork``.

    Args:
        without: Layers to leave out, for tests of what then is missing.
        unsafe: Run programs although the network or the file system is not isolated; every result says so.
    """

    def __init__(self, without: Collection[str] = (), *, unsafe: bool = False) -> None:
        wrong = sorted(set(without) - set(LAYERS))
        if wrong:
            raise unknown("layer", wrong[0], LAYERS)
        self.without = frozenset(without)
        self.unsafe = unsafe
        self._cores = cores()
        self._reset()
        _ALL.add(self)

    def _reset(self) -> None:
        self._lock = threading.RLock()
        self._trying = threading.Lock()
        self._turns = Turns(self._cores)
        self._server: Server | None = None
        self._programs: deque[Program] = deque()
        self._drivers: deque[Driver] = deque()
        self._missing: tuple[str, ...] | None = None

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that the server says it has; what they are worth is tried by :mod:`pmd_envs.sandbox.probe`."""
        with self._lock:
            return self._running().layers

    @property
    def missing(self) -> tuple[str, ...]:
        """What of the network and the file system a program can reach, found by trying, once for each server."""
        found = self._missing
        if found is not None:
            return found
        with self._trying:
            for _ in range(MOST_TRIALS):
                found = self._missing
                if found is not None:
                    return found
                self._try()
        raise VerifierError("the process that runs programs broke down again and again")

    def _try(self) -> None:
        """Find out what is missing, and remember it if the server was the same from beginning to end."""
        from pmd_envs.sandbox.probe import reachable

        with self._lock:
            server = self._running()
        found = reachable(self)
        with self._lock:
            if self._server is server:
                self._missing = found

    @property
    def unsafe_note(self) -> str:
        """What every verdict has to say of programs that are run in spite of missing isolation; else nothing."""
        return f"unsafe: {' and '.join(self.missing)} not isolated" if self.unsafe and self.missing else ""

    def run(self, job: dict[str, object], limits: Limits) -> dict[str, Json]:
        """The driver's report on a job.

        Raises:
            VerifierError: The isolation is not what it has to be, or the machinery broke twice.
        """
        return self._carry_out(job, limits, tried=True)

    def run_unchecked(self, job: dict[str, object], limits: Limits) -> dict[str, Json]:
        """As :meth:`run` for programs of our own, whatever the isolation is."""
        return self._carry_out(job, limits, tried=False)

    def _carry_out(self, job: dict[str, object], limits: Limits, *, tried: bool) -> dict[str, Json]:
        """Two attempts, each on a server whose isolation was ``tried``, if that is asked for."""
        caps = [] if LIMITS in self.without else limits.as_list()
        full = {**job, "limits": caps, "seconds": limits.wall_seconds}
        broken = 0
        for _ in range(MOST_TRIALS):
            if tried:
                self._require_isolation()
            with self._turns, contextlib.suppress(_Untried):
                try:
                    return self._attempt(full, limits.wall_seconds, tried=tried)
                except Gone:
                    self._revive()
                    broken += 1
                if broken == 2:
                    break
        with self._turns:
            if broken == 2 and self._healthy():
                return {"failure": "broke off its judgement twice"}
        raise VerifierError("the process that runs programs broke down and could not be restarted")

    def _require_isolation(self) -> None:
        missing = self.missing
        if missing and not self.unsafe:
            raise VerifierError(
                f"programs are not run here, because they could reach {' and '.join(missing)}: see "
                "python -m pmd_envs.sandbox check"
            )

    def _attempt(self, job: dict[str, object], seconds: float, *, tried: bool = False) -> dict[str, Json]:
        """One run with a fresh program and a driver, which is kept if it is as good as new."""
        driver, program = self._take(tried)
        report: dict[str, Json] = {}
        try:
            driver.start(job, program, seconds)
            report = driver.report(seconds)
        finally:
            program.end()
            if report.pop("tired", True):
                driver.end()
            else:
                with self._lock:
                    self._drivers.append(driver)
        self._order()
        return report

    def _healthy(self) -> bool:
        """Whether a program that cannot fail gets through: then it was the other one's fault."""
        job = {**CANARY, "limits": Limits().as_list(), "seconds": CANARY_SECONDS}
        try:
            return self._attempt(job, CANARY_SECONDS).get("replies") == [{"value": 7}]
        except Gone:
            return False

    def _running(self) -> Server:
        if self._server is None:
            self._server = start(self.without)
        return self._server

    def _take(self, tried: bool) -> tuple[Driver, Program]:
        """Processes that wait already, if there are any; with ``tried``, of a server whose isolation was tried."""
        with self._lock:
            server = self._running()
            if tried and (self._missing is None or (self._missing and not self.unsafe)):
                raise _Untried
            driver = self._drivers.pop() if self._drivers else Driver(server.request(DRIVER))
            program = self._programs.popleft() if self._programs else Program(server.request(PROGRAM))
            return driver, program

    def _order(self) -> None:
        """Have the next processes made ready, when nobody waits for the present ones any more.

        Programs are ordered several at a time, when there is no more than one left for each core: a short burst of
        verdicts then finds them ready, and the server, each time it forks, pays only once for pages that it shares.
        """
        with self._lock, contextlib.suppress(Gone):  # noticed by whoever needs the next one
            if self._server is None:
                return
            if not self._drivers:
                self._drivers.append(Driver(self._server.request(DRIVER)))
            if len(self._programs) > self._cores:
                return
            for _ in range(min(2 * self._cores, MOST_SPARE)):
                self._programs.append(Program(self._server.request(PROGRAM)))

    def _revive(self) -> None:
        """Start another server if this one is gone."""
        with self._lock:
            if self._server is None:
                return
            try:
                self._server.process.wait(REVIVE_SECONDS)
            except subprocess.TimeoutExpired:
                return
            self.close()

    def close(self) -> None:
        """End all processes. The next job starts them again."""
        with self._lock:
            for child in (*self._programs, *self._drivers):
                child.drop()
            self._programs.clear()
            self._drivers.clear()
            self._missing = None
            if self._server is not None:
                self._server.stop()
                self._server = None

    def _forked(self) -> None:
        """In a forked copy of our process: the server and its sessions belong to the original."""
        for child in (*self._programs, *self._drivers):
            child.drop()
        if self._server is not None:
            self._server.forget()
        self._reset()


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_ALL: "weakref.WeakSet[Sandbox]" = weakref.WeakSet()
_DEFAULT: list[Sandbox] = []


def default_sandbox() -> Sandbox:
    """The sandbox of this process that everything uses unless told otherwise."""
    if not _DEFAULT:
        _DEFAULT.append(Sandbox())
    return _DEFAULT[0]


def allow_unsafe() -> None:
    """From now on run programs even where the network or the file system is not isolated.

    Every result is marked, and marked results do not belong on a leaderboard.
    """
    default_sandbox().unsafe = True


def _close_all() -> None:
    for sandbox in list(_ALL):
        sandbox.close()


def _forget_all() -> None:
    for sandbox in list(_ALL):
        sandbox._forked()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_forget_all)
