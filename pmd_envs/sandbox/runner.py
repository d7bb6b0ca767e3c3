r"""Run a program in a process of its own and bring back the values of some calls.

The verdict is computed here, from values: the child never learns what was expected. A run is complete only
when a value came back for every call and, after the last one, the token that this run alone knew. A program
that exits, hangs, eats memory or writes rubbish gives an incomplete run, never an exception and never a hang;
only a machine that cannot start or confine a process raises :class:`~pmd_envs.errors.VerifierError`.

    >>> result = run_calls("def solve(x):\n    return x + 1", "solve", [(1,), (5,)])
    >>> [outcome.value for outcome in result.outcomes], result.complete
    ([2, 6], True)
"""

import json
import marshal
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType

from pmd_envs.errors import ConfigError, VerifierError
from pmd_envs.records import Json
from pmd_envs.sandbox.filters import seccomp_program
from pmd_envs.sandbox.values import canonical

MAX_ERROR = 300
BOOT = """
import marshal, sys
def boot():
    parts, limits, job, token = marshal.load(sys.stdin.buffer)
    scope = {"__name__": "driver"}
    for part in parts:
        exec(part, scope)
    scope["serve"](job, token, scope["confine"](*limits))
boot()
"""


@dataclass(frozen=True)
class Limits:
    """What one program may use."""

    cpu_seconds: int = 1
    """Processor time: the limit that stops endless loops, whatever else the machine is doing."""
    wall_seconds: float = 6.0
    """Time by the clock, for programs that sleep."""
    memory_bytes: int = 512 * 2**20
    output_bytes: int = 2**20
    """All returned values together, as text."""
    file_bytes: int = 2**20
    """The largest file that it may write in its working folder."""


@dataclass(frozen=True)
class Outcome:
    """What one call came to: a value as tagged JSON, or what it raised."""

    value: Json = None
    error: str = ""


@dataclass(frozen=True)
class RunResult:
    """What a program did with its calls."""

    outcomes: tuple[Outcome, ...]
    """One for each call that was answered, in order."""
    complete: bool
    """Every call was answered and the driver reached its end."""
    failure: str
    """Why the run is not complete, in words; empty when it is."""
    loaded: bool
    """False when the program already failed before the first call; ``failure`` is then its error."""
    isolation: tuple[str, ...]
    """The layers of confinement that were in force."""


def run_calls(
    program: str, entry_point: str, calls: Sequence[tuple[object, ...]], limits: Limits = Limits()
) -> RunResult:
    """Run ``program`` in a fresh process, call its ``entry_point`` with each of ``calls``, report the values.

    Safe to call from many threads at once. Arguments are built from Python's own plain types.
    """
    token = secrets.token_hex(16)
    confinement = (limits.cpu_seconds, limits.memory_bytes, limits.file_bytes, seccomp_program())
    job: object = (program, entry_point, tuple(calls))
    try:
        request = marshal.dumps((_driver(), confinement, job, token))  # type: ignore[arg-type]  # checked by marshal
    except ValueError as error:
        raise ConfigError("calls take None, bool, int, float, str, bytes, list, tuple, dict and set") from error
    with tempfile.TemporaryDirectory(prefix="pmd-", ignore_cleanup_errors=True) as folder:
        data, stopped, status = _converse(request, folder, token, limits)
    return _read(data, token, len(calls), stopped or _ending(status, limits))


@cache
def _driver() -> tuple[CodeType, ...]:
    """The child's modules, compiled once for all runs."""
    files = [Path(__file__).with_name(name) for name in ("confine.py", "child.py")]
    return tuple(compile(file.read_text("utf-8"), file.name, "exec", dont_inherit=True) for file in files)


def _converse(request: bytes, folder: str, token: str, limits: Limits) -> tuple[bytes, str, int]:
    """Start the child, send the request, read until the token; leave no process of its group behind."""
    # The fixed hash seed gives a program that iterates over a set of strings the same verdict every time.
    command = [sys.executable, "-P", "-s", "-S", "-B", "-c", BOOT]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={"PYTHONHASHSEED": "0"},
            start_new_session=True,
            bufsize=0,
        )
    except OSError as error:
        raise VerifierError(f"could not start {sys.executable} to run a program: {error}") from error
    with process:
        try:
            data, stopped = _exchange(process, request, token, limits)
        finally:
            # Before the leader is reaped its group id cannot belong to anybody else.
            os.killpg(process.pid, signal.SIGKILL)
        return data, stopped, process.wait()


def _exchange(process: subprocess.Popen[bytes], request: bytes, token: str, limits: Limits) -> tuple[bytes, str]:
    """Everything the child says, and why reading was stopped if it was not the child that stopped."""
    assert process.stdin is not None
    assert process.stdout is not None
    deadline = time.monotonic() + limits.wall_seconds
    try:
        with process.stdin:
            _write(process.stdin.fileno(), request)
    except BrokenPipeError:
        return b"", ""
    last_line = f'{{"token":"{token}"}}\n'.encode()
    fd = process.stdout.fileno()
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    data = bytearray()
    while not data.endswith(last_line):
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            return bytes(data), f"did not finish within {limits.wall_seconds:g} s"
        chunk = os.read(fd, 65536)
        if not chunk:
            break
        data += chunk
        if len(data) > limits.output_bytes:
            return bytes(data), "returned more than can be read"
    return bytes(data), ""


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _ending(status: int, limits: Limits) -> str:
    """Why a child that said no token ended."""
    if status == -signal.SIGXCPU:
        return f"did not finish within {limits.cpu_seconds} s"
    return "ended the process"


def _read(data: bytes, token: str, expected: int, ending: str) -> RunResult:
    """Turn the child's lines into outcomes. Whatever does not look like the driver's own ends the list."""
    lines = data.split(b"\n")[:-1]
    isolation = _parse(lines[0] if lines else b"").get("isolation")
    if not isinstance(isolation, list):
        raise VerifierError(f"the process for a program broke before the program ran ({ending})")
    layers = tuple(str(layer) for layer in isolation)
    outcomes: list[Outcome] = []
    for line in lines[1:]:
        message = _parse(line)
        if isinstance(message.get("load"), str) and not outcomes:
            return RunResult((), False, str(message["load"])[:MAX_ERROR], False, layers)
        if message == {"token": token} and len(outcomes) == expected:
            return RunResult(tuple(outcomes), True, "", True, layers)
        outcome = _outcome(message)
        if outcome is None or len(outcomes) == expected:
            ending = "wrote to the result channel"
            break
        outcomes.append(outcome)
    return RunResult(tuple(outcomes), False, ending, True, layers)


def _parse(line: bytes) -> dict[str, Json]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _outcome(message: dict[str, Json]) -> Outcome | None:
    if list(message) == ["error"] and isinstance(message["error"], str):
        return Outcome(error=message["error"][:MAX_ERROR])
    if list(message) != ["value"]:
        return None
    try:
        canonical(message["value"])
    except ValueError:
        return None
    return Outcome(value=message["value"])
