"""The fork server: process 1 of its own namespaces, which never sees a program or a test.

It forks two kinds of children, before any text reaches them: programs, each in a PID namespace of its own and good
for one run, and drivers, which run tests. Both get their orders over sockets that the server only hands on.
"""

import contextlib
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable

from . import driver, linux, root, solution
from .confine import Plan, confine
from .wire import DRIVER

# fmt: off
PRELOADED = (
    "array", "bisect", "cmath", "collections", "copy", "dataclasses", "datetime", "decimal", "enum", "fractions",
    "functools", "heapq", "itertools", "json", "math", "operator", "random", "re", "statistics", "string", "threading",
    "time", "typing",
)
# fmt: on
ALMOST_A_SECOND = 0.7  # the shortest limit is a second; on a busy machine less than that is accounted for


def main() -> None:
    """Enter the isolation and serve sessions until the other side hangs up."""
    control = socket.socket(fileno=int(sys.argv[2]))
    without = json.loads(sys.argv[3])
    for name in PRELOADED:
        __import__(name)
    try:
        held = root.enter(without)
        server = Server(control, Plan.make(held, without))
    except OSError as error:
        control.send(json.dumps({"error": str(error)}).encode())
        os._exit(1)
    control.send(json.dumps({"layers": server.plan.held}).encode())
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    driver.warm_up()
    gc.collect()
    gc.freeze()
    server.serve()


class Server:
    """Forks sessions and buries their programs."""

    def __init__(self, control: socket.socket, plan: Plan) -> None:
        self.control = control
        self.plan = plan
        self.own = os.pidfd_open(os.getpid())
        self.poll = select.poll()
        self.poll.register(control, select.POLLIN)
        self.living: dict[int, tuple[int, int]] = {}
        """From the descriptor of a process to its id and to where its end is reported (-1: nowhere)."""

    def serve(self) -> None:
        """Answer until the other side is gone; process 1 takes everything with it."""
        while True:
            for fd, _ in self.poll.poll():
                if fd in self.living:
                    self._bury(fd)
                    continue
                order, fds, _, _ = socket.recv_fds(self.control, 16, 1)
                if not order:
                    os._exit(0)
                with socket.socket(fileno=fds[0]) as session, contextlib.suppress(OSError):
                    # On an error the other side finds its session closed.
                    self._start_driver(session) if order == DRIVER else self._start_program(session)

    def _start_driver(self, session: socket.socket) -> None:
        """Fork a process for tests, which takes jobs over the session itself."""
        child = self._fork((session.fileno(),), _run_driver, own_pids=False)
        self._watch(child, -1)
        pidfd = os.pidfd_open(child)
        socket.send_fds(session, [b"+"], [pidfd])
        os.close(pidfd)

    def _start_program(self, session: socket.socket) -> None:
        """Fork a process for a program and hand over the ends of everything that leads to it."""
        ours, theirs = socket.socketpair()
        stdin, stdout, status = os.pipe(), os.pipe(), os.pipe()
        try:
            child = self._fork((theirs.fileno(), stdin[0], stdout[1]), _run_program, root.PID in self.plan.held)
            self._watch(child, os.dup(status[1]))
            pidfd = os.pidfd_open(child)
            socket.send_fds(session, [b"+"], [pidfd, ours.fileno(), stdin[1], stdout[0], status[0]])
            os.close(pidfd)
        finally:
            ours.close()
            theirs.close()
            for fd in (*stdin, *stdout, *status):
                os.close(fd)

    def _fork(self, keep: tuple[int, ...], run: Callable[[Plan, list[int]], None], own_pids: bool) -> int:
        if own_pids:
            linux.unshare(linux.CLONE_NEWPID)
        try:
            child = os.fork()
            if child == 0:
                try:
                    run(self.plan, _only(keep, self.plan))
                finally:
                    os._exit(1)
        finally:
            if own_pids:
                linux.checked(linux.LIBC.setns(self.own, linux.CLONE_NEWPID))
        return child

    def _watch(self, child: int, report: int) -> None:
        fd = os.pidfd_open(child)
        self.living[fd] = child, report
        self.poll.register(fd, select.POLLIN)

    def _bury(self, fd: int) -> None:
        """Reap a child and report how it ended."""
        child, report = self.living.pop(fd)
        self.poll.unregister(fd)
        os.close(fd)
        if report >= 0:  # where it has no PID namespace, its session is what it leaves behind
            with contextlib.suppress(OSError):
                os.killpg(child, signal.SIGKILL)
        _, status, usage = os.wait4(child, 0)
        if report < 0:
            return
        number, seconds = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, usage.ru_utime + usage.ru_stime
        words = f"signal {signal.Signals(number).name}" if number else f"code {os.WEXITSTATUS(status)}"
        if number in (signal.SIGXCPU, signal.SIGKILL) and seconds >= ALMOST_A_SECOND:
            words = f"time {max(1, round(seconds))}"
        with contextlib.suppress(OSError):  # nobody may wait for it any more
            os.write(report, words.encode())
        os.close(report)


def _only(keep: tuple[int, ...], plan: Plan) -> list[int]:
    """Close every descriptor but these, the standard ones and the rules; move them to the front."""
    rules = [plan.rules.fd] if plan.rules else []
    high = [os.dup2(fd, 1000 + place, inheritable=False) for place, fd in enumerate([*keep, *rules])]
    low = [os.dup2(fd, 3 + place, inheritable=False) for place, fd in enumerate(high)]
    os.closerange(3 + len(low), 65536)
    if plan.rules:
        plan.rules.fd = low.pop()
    return low


def _run_program(plan: Plan, fds: list[int]) -> None:
    confine(plan, folder=True)
    solution.serve(socket.socket(fileno=fds[0]), fds[1], fds[2])


def _run_driver(plan: Plan, fds: list[int]) -> None:
    confine(plan, folder=False)
    driver.serve(socket.socket(fileno=fds[0]))
