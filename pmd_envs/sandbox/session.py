"""The processes of one verdict, from this side: a program, good for one run, and a driver, which runs its tests."""

import contextlib
import os
import select
import signal
import socket
import time
from typing import cast

from pmd_envs.records import Json
from pmd_envs.sandbox.inside.wire import Ended, Wire
from pmd_envs.sandbox.server import Gone

GRACE_SECONDS = 1.0
FORK_SECONDS = 20.0
END_SECONDS = 10.0


class Child:
    """A forked process that waits for its orders.

    Args:
        session: Our end of the socket over which its descriptors arrive.
        count: How many descriptors arrive, that of the process first.
    """

    def __init__(self, session: socket.socket, count: int) -> None:
        self.session = session
        self._count = count
        self._fds: list[int] = []

    def meet(self) -> list[int]:
        """Its descriptors, waited for the first time."""
        if not self._fds:
            self.session.settimeout(FORK_SECONDS)
            try:
                data, self._fds, _, _ = socket.recv_fds(self.session, 1, self._count)
            except OSError as error:
                raise Gone(str(error)) from error
            if not data or len(self._fds) != self._count:
                raise Gone("the server started no process")
        return self._fds

    def end(self) -> None:
        """Kill it and wait until it is gone, with all that it has started."""
        self.session.close()
        if self._fds:
            with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
                signal.pidfd_send_signal(self._fds[0], signal.SIGKILL)
            ended = select.poll()
            ended.register(self._fds[0], select.POLLIN)
            ended.poll(END_SECONDS * 1000)
        self.drop()

    def drop(self) -> None:
        """Let go of it; an idle one ends when everybody has."""
        self.session.close()
        for fd in self._fds:
            os.close(fd)
        self._fds = []


class Program(Child):
    """A process for one program."""

    def __init__(self, session: socket.socket) -> None:
        super().__init__(session, 4)

    def hand_on(self, receiver: Wire, job: dict[str, object]) -> None:
        """Give a driver a job and everything that leads to this program; the server tells the session how it ended."""
        _, *ends = self.meet()
        receiver.send(job, [*ends, self.session.fileno()])
        del self._fds[1:]
        for fd in ends:  # a copy kept here would hide the end of its input
            os.close(fd)


class Driver(Child):
    """A process that runs tests, one job after the other."""

    def __init__(self, session: socket.socket) -> None:
        super().__init__(session, 1)
        self._wire = Wire(session)

    def start(self, job: dict[str, object], program: Program, seconds: float) -> None:
        """Hand over a job.

        Raises:
            Gone: A process was not there or broke off.
        """
        self.meet()
        self.session.settimeout(seconds + GRACE_SECONDS)
        try:
            program.hand_on(self._wire, job)
        except Ended as end:
            raise Gone("a driver broke off") from end

    def report(self, seconds: float) -> dict[str, Json]:
        """The report on the job, or no key but ``failure`` and ``tired`` if it took too long.

        Raises:
            Gone: A process broke off.
        """
        try:
            return cast("dict[str, Json]", self._wire.receive(time.monotonic() + seconds + GRACE_SECONDS))
        except Ended as end:
            if str(end) == "time":
                return {"failure": f"did not finish within {seconds:g} s", "tired": True}
            raise Gone("a driver broke off") from end
