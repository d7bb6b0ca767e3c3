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
import threading

from . import driver, linux, root, solution
from .confine import Plan, confine, limit_files
from .wire import DRIVER

# fmt: off
PRELOADED = (
    "array", "bisect", "cmath", "collections", "copy", "dataclasses", "datetime", "decimal", "enum", "fractions",
    "functools", "heapq", "itertools", "json", "math", "operator", "random", "re", "statistics", "string", "threading",
    "time", "typing",
)
# fmt: on
REHEARSALS = 20  # after some of them Python has specialised its code
UNUSED_SECONDS = 0.01  # a program that is not wanted at once has time to rehearse
SESSION, RULES, MANY_FILES = 1000, 1001, 2**16
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
    _warm_up()
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
        """From the descriptor of a process to its id and the session that is told of its end (-1: none)."""

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
                try:
                    child = self._fork(fds[0], order == DRIVER)
                except OSError:  # the other side finds its session closed
                    os.close(fds[0])
                else:
                    self._watch(child, fds[0], order == DRIVER)

    def _fork(self, session: int, driving: bool) -> int:
        """A child of the kind that was ordered; a program's is process 1 of a PID namespace of its own."""
        own_pids = not driving and root.PID in self.plan.held
        if own_pids:
            linux.unshare(linux.CLONE_NEWPID)
        try:
            child = os.fork()
            if child == 0:
                try:
                    (_run_driver if driving else _run_program)(self.plan, _only(session, self.plan))
                finally:
                    os._exit(1)
        finally:
            if own_pids:
                linux.checked(linux.LIBC.setns(self.own, linux.CLONE_NEWPID))
        return child

    def _watch(self, child: int, session: int, driving: bool) -> None:
        fd = os.pidfd_open(child)
        if driving:
            os.close(session)
        self.living[fd] = child, -1 if driving else session
        self.poll.register(fd, select.POLLIN)

    def _bury(self, fd: int) -> None:
        """Reap a child and report how it ended."""
        child, session = self.living.pop(fd)
        self.poll.unregister(fd)
        os.close(fd)
        if session >= 0:  # where it has no PID namespace, its session is what it leaves behind
            with contextlib.suppress(OSError):
                os.killpg(child, signal.SIGKILL)
        _, status, usage = os.wait4(child, 0)
        if session < 0:
            return
        with contextlib.suppress(OSError):  # nobody may wait for it any more
            os.write(session, _ending(status, usage.ru_utime + usage.ru_stime).encode())
        os.close(session)


def _ending(status: int, seconds: float) -> str:
    """How a process ended, for the driver."""
    if not os.WIFSIGNALED(status):
        return f"code {os.WEXITSTATUS(status)}"
    number = os.WTERMSIG(status)
    if number in (signal.SIGXCPU, signal.SIGKILL) and seconds >= ALMOST_A_SECOND:
        return f"time {max(1, round(seconds))}"
    named = {known.value: known.name for known in signal.Signals}
    return f"signal {named.get(number, number)}"  # real-time signals have no names


def _only(session: int, plan: Plan) -> socket.socket:
    """Close every descriptor but the standard ones, the session and the rules."""
    os.dup2(session, SESSION, inheritable=False)
    if plan.rules:
        os.dup2(plan.rules.fd, RULES, inheritable=False)
        plan.rules.fd = RULES
    os.closerange(3, SESSION)
    os.closerange(RULES + 1 if plan.rules else RULES, MANY_FILES)
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=SESSION)


def _run_program(plan: Plan, session: socket.socket) -> None:
    """Make ready for a program and hand over the ends of everything that leads to it."""
    (ours, theirs), stdin, stdout = socket.socketpair(), os.pipe(), os.pipe()
    myself = os.pidfd_open(os.getpid())
    threading.main_thread()._set_native_id()  # type: ignore[attr-defined]
    confine(plan, folder=True)
    socket.send_fds(session, [b"+"], [myself, ours.fileno(), stdin[1], stdout[0]])
    limit_files(plan)
    for fd in (myself, stdin[1], stdout[0]):
        os.close(fd)
    ours.close()
    session.close()
    if not select.select([theirs], [], [], UNUSED_SECONDS)[0]:
        solution.rehearse(*socket.socketpair())
    solution.Solution(theirs, (stdin[0], stdout[1])).serve()


def _run_driver(plan: Plan, session: socket.socket) -> None:
    myself = os.pidfd_open(os.getpid())
    confine(plan, folder=False)
    socket.send_fds(session, [b"+"], [myself])
    limit_files(plan)
    os.close(myself)
    driver.serve(session)


def _warm_up() -> None:
    """Do in the server what children would each have to do first."""
    driver.warm_up()
    for _ in range(REHEARSALS):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            solution.rehearse(ours, theirs)
