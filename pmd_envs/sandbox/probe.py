"""What a program can really do here, found by letting one try it: the answer to ``python -m pmd_envs.sandbox check``.

Nothing is concluded from the layers that are switched on. A probe is a program of ours in an ordinary session; the
host offers it a file, a folder, sockets and its own process, and looks at what the program gets.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pmd_envs.errors import VerifierError
from pmd_envs.records import Json
from pmd_envs.sandbox.inside.root import installed
from pmd_envs.sandbox.pool import Limits, Sandbox
from pmd_envs.sandbox.probe_programs import FILL, REACH

if TYPE_CHECKING:
    from os import PathLike

NETWORK, FILES = "the network", "the file system"
LIMITS = Limits(cpu_seconds=2, wall_seconds=10.0, memory_bytes=512 * 2**20)
SHORT = Limits(cpu_seconds=20, wall_seconds=0.4)
TMP_BYTES, MANY_TASKS, LATE_SECONDS, SIGNAL_SECONDS = 64 * 2**20, 200, 3.0, 0.3
LONGEST_FOLDER = 60
"""What leaves room for the names of sockets, whose paths have at most 107 bytes."""


@dataclass(frozen=True)
class Finding:
    """One thing that was tried."""

    name: str
    held: bool
    detail: str
    required: bool = False
    """Without it no program that nobody vouches for is run."""


def reachable(sandbox: Sandbox) -> tuple[str, ...]:
    """Which of the two things that a program must not reach it can reach.

    Raises:
        VerifierError: That could not be tried.
    """
    try:
        return _reachable(sandbox)
    except OSError as error:
        raise VerifierError(f"what programs can reach here could not be tried: {error}") from error


def _reachable(sandbox: Sandbox) -> tuple[str, ...]:
    return tuple(finding.name for finding in (_network(sandbox), _files(sandbox)) if not finding.held)


def check(sandbox: Sandbox, only: Collection[str] = ()) -> list[Finding]:
    """Try everything, or the probes of these names."""
    return [probe(sandbox) for name, probe in _probes().items() if not only or name in only]


def _probes() -> dict[str, Callable[[Sandbox], Finding]]:
    return {
        NETWORK: _network,
        FILES: _files,
        "installed packages": _packages,
        "other sockets": _other_sockets,
        "other processes": _processes,
        "mounts": _mounts,
        "other programs": _programs,
        "new processes": _forks,
        "threads": _threads,
        "memory": _memory,
        "disk space": _disk,
        "time": _time,
    }


def _ask(sandbox: Sandbox, program: str, entry: str, *args: Json, limits: Limits = LIMITS) -> dict[str, Json]:
    """What one function of a probe returned, or how it ended."""
    job: dict[str, object] = {"kind": "calls", "program": program, "entry": entry, "calls": [list(args)]}
    report = sandbox.run_unchecked(job, limits)
    replies = report.get("replies")
    if isinstance(replies, list) and replies and isinstance(replies[0], dict):
        return replies[0]
    return {"failure": report.get("failure") or report.get("load")}


def _reaching(name: str, reply: dict[str, Json], required: bool = False) -> Finding:
    """A finding from a list of what worked."""
    reached = reply.get("value")
    if not isinstance(reached, list):
        if required:
            raise VerifierError(f"the check of {name} did not come to its end: {reply}")
        return Finding(name, False, f"the probe did not return: {reply.get('failure') or reply.get('error')}")
    return Finding(name, not reached, "nothing" if not reached else ", ".join(map(str, reached)), required)


@contextmanager
def _listeners(folder: "PathLike[str]") -> Iterator[list[Json]]:
    """Sockets of every kind that a program could find, and their addresses."""
    path, name = f"{folder}/socket", f"\0{folder}"
    with ExitStack() as stack:
        stream, datagrams = (socket.socket(socket.AF_INET, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM))
        local, abstract = (socket.socket(socket.AF_UNIX) for _ in range(2))
        local_datagrams, abstract_datagrams = (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2))
        for end, address in (
            (stream, ("127.0.0.1", 0)),
            (datagrams, ("127.0.0.1", 0)),
            (local, path),
            (abstract, name),
            (local_datagrams, f"{path}-datagrams"),
            (abstract_datagrams, f"{name}-d"),
        ):
            stack.enter_context(end).bind(address)
        for end in (stream, local, abstract):
            end.listen()
        yield [stream.getsockname()[1], datagrams.getsockname()[1], path, name]


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that any user may use, so that only the isolation keeps a program out."""
    usual = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(
        prefix="pmd-", dir=usual if len(os.fsencode(usual)) < LONGEST_FOLDER else "/tmp"
    ) as name:
        Path(name).chmod(0o777)
        yield Path(name)


def _network(sandbox: Sandbox) -> Finding:
    with _folder() as folder, _listeners(folder) as addresses:
        for name in ("socket", "socket-datagrams"):
            Path(folder, name).chmod(0o777)
        return _reaching(NETWORK, _ask(sandbox, REACH, "network", *addresses), required=True)


def _files(sandbox: Sandbox) -> Finding:
    with _folder() as folder:
        Path(folder, "secret").write_text("x")
        readable: list[Json] = [f"{folder}/secret", __file__, "/etc/passwd", "/proc/self/status"]
        return _reaching(FILES, _ask(sandbox, REACH, "files", str(folder), readable), required=True)


def _packages(sandbox: Sandbox) -> Finding:
    """Whether a program sees what is installed for the interpreter; one module of each folder is tried."""
    found: dict[str, str] = {}
    for folder in installed():
        names = sorted(path.parent.name for path in Path(folder).glob("*/__init__.py"))
        found[folder] = next((name for name in names if name not in sys.stdlib_module_names), "")
    folders: list[Json] = [folder for folder, module in found.items() if module]
    modules: list[Json] = [module for module in found.values() if module]
    return _reaching("installed packages", _ask(sandbox, REACH, "packages", folders, modules))


def _processes(sandbox: Sandbox) -> Finding:
    """Whether a program sees or signals us, or ends a process of ours as the owner of a file."""
    command = [sys.executable, "-I", "-S", "-c", "input()"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as victim:
        reply = _ask(sandbox, REACH, "processes", os.getpid(), victim.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            victim.wait(SIGNAL_SECONDS)
        reached = reply.get("value")
        if victim.poll() is not None and isinstance(reached, list):
            reached.append("signals the owner of a file")
        victim.kill()
    return _reaching("other processes", reply)


def _other_sockets(sandbox: Sandbox) -> Finding:
    return _reaching("other sockets", _ask(sandbox, REACH, "other_sockets"))


def _mounts(sandbox: Sandbox) -> Finding:
    return _reaching("mounts", _ask(sandbox, REACH, "mounts"))


def _programs(sandbox: Sandbox) -> Finding:
    return _reaching("other programs", _ask(sandbox, REACH, "programs"))


def _amount(name: str, reply: dict[str, Json], limit: int, unit: str) -> Finding:
    """A finding from how much a program got."""
    got = reply.get("value")
    if not isinstance(got, int):
        return Finding(name, False, f"the probe did not return: {reply.get('failure') or reply.get('error')}")
    return Finding(name, got < limit, f"{got} {unit}" + ("" if got < limit else " and no end"))


def _forks(sandbox: Sandbox) -> Finding:
    return _amount("new processes", _ask(sandbox, FILL, "forks", MANY_TASKS), MANY_TASKS, "processes")


def _threads(sandbox: Sandbox) -> Finding:
    return _amount("threads", _ask(sandbox, FILL, "threads", MANY_TASKS), MANY_TASKS, "threads")


def _memory(sandbox: Sandbox) -> Finding:
    size = 2 * LIMITS.memory_bytes
    return _amount("memory", _ask(sandbox, FILL, "memory", size), size, "bytes")


def _disk(sandbox: Sandbox) -> Finding:
    return _amount("disk space", _ask(sandbox, FILL, "disk", TMP_BYTES), TMP_BYTES, "bytes")


def _time(sandbox: Sandbox) -> Finding:
    started = time.monotonic()
    reply = _ask(sandbox, FILL, "forever", limits=SHORT)
    seconds = time.monotonic() - started
    return Finding("time", seconds < LATE_SECONDS, f"an endless loop {reply.get('failure')}")
