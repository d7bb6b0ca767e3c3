"""The trusted side of one verdict: it runs the tests, in a process that never holds the program's objects.

It sees tests and expected values and hands the program nothing but calls. It is confined like the program, so that
neither the tests of a stranger's data set nor the values that a program returns can do anything but fail.
"""

import builtins
import importlib
import json
import os
import random
import resource
import select
import socket
import time
from collections.abc import Callable

from .confine import set_limits
from .functions import BEGIN, FAIL, SETTLE, WAITING, NotSendable
from .link import Link, bases_of
from .pipes import pump
from .remote import is_instance, text_of
from .reports import TOO_LONG, reported, send_report
from .rewrite import TestCode, tested
from .suite import Suite, suite_of
from .values import Encoder, listed
from .wire import Ended, Wire
from .words import raised, said, short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pmd_envs.records import Json

CPU_SECONDS = 3600
TIRED_SECONDS, TIRED_BYTES = 20.0, 256 * 2**20
MEMORY = 2**31
STATUS_WAIT = 1.0


class Failed(AssertionError):  # noqa: N818 (a verdict, not an error of ours)
    """A test that is not true, in words."""


def serve(session: socket.socket) -> None:
    """Carry out jobs, each with the ends of a fresh program, until the other side hangs up."""
    set_limits((CPU_SECONDS, MEMORY, 0))
    wire = Wire(session)
    while True:
        try:
            driver = _Driver(*wire.receive_with(4))
        except Ended:
            os._exit(0)
        report = driver.report()
        report["tired"] = driver.tired or time.process_time() > TIRED_SECONDS or _resident() > TIRED_BYTES
        send_report(wire, report)
        driver.close()


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def warm_up() -> None:
    """Do once in the server what is slow the first time in a process."""
    (code,) = Suite(["assert f(1) == 2"], None, 1).codes
    exec(code.code, {"f": lambda x: x + 1, FAIL: None})
    random.seed(0)
    json.loads(json.dumps(Encoder().encode([(1, 2.5), "x", {"a": None}])))


class _Driver:
    def __init__(self, job: "dict[str, object]", fds: list[int]) -> None:
        self.job = job
        self.seconds = float(str(job["seconds"]))
        self.link = Link(
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=fds[0]), time.monotonic() + self.seconds
        )
        self.fds = {"source": fds[1], "sink": fds[2], "status": fds[3]}
        self.running: TestCode | None = None
        self.tired = False
        """Whether the tests may have left something behind in this process, which then is not used again."""

    def close(self) -> None:
        """Hang up."""
        self.link.channel.close()
        for name in list(self.fds):
            self._close(name)

    def _close(self, name: str) -> None:
        os.close(self.fds.pop(name))

    def report(self) -> "dict[str, object]":
        """Carry out the job; a program that dies, hangs or talks rubbish is part of the report."""
        action: Callable[[], dict[str, object]] = getattr(self, f"do_{self.job['kind']}")
        try:
            return action()
        except Ended as end:
            return {"failure": self.ending(str(end))}

    def load(self, names: list[str]) -> "dict[str, Json]":
        """Start the program."""
        self._start()
        self.link.ask_names(names)
        return self.link.loaded(names)

    def _start(self) -> None:
        self.link.start(str(self.job["program"]), self.job["limits"], self._given)

    @property
    def _given(self) -> str:
        return str(self.job.get("given", ""))

    def ending(self, reason: str) -> str:
        """Why there was no answer."""
        if reason == "time":
            return f"did not finish within {self.seconds:g} s"
        if reason == "size":
            return TOO_LONG
        if reason == "rubbish":
            return "wrote to the result channel"
        ready, _, _ = select.select([self.fds["status"]], [], [], STATUS_WAIT)
        words = os.read(self.fds["status"], 100).decode().split() if ready else []
        if words and words[0] == "time":
            return f"did not finish within {words[1]} s"
        if words and words[0] == "signal":
            return f"crashed with signal {words[1]}"
        return "ended the process"

    def do_calls(self) -> "dict[str, object]":
        """Calls of the entry point, whose values are compared by whoever asked."""
        replies: list[Json] = []
        calls, entry = self.job["calls"], self.job["entry"]
        assert isinstance(calls, list)
        loaded = self.load([str(entry)])
        if "error" in loaded or not loaded["names"]:
            return {"load": raised(loaded) or f"NameError: the program defines no function {entry}"}
        for args in calls:
            try:
                replies.append(reported(self.link.ask(do="call", entry=entry, args=args)))
            except Ended as end:
                return {"replies": replies, "failure": self.ending(str(end))}
        return {"replies": replies, "failure": ""}

    def do_script(self) -> "dict[str, object]":
        """One run as a script: what it printed, and how it ended."""
        self.link.channel.settimeout(self.seconds)
        order = {"do": "script", "program": self.job["program"], "limits": self.job["limits"], "given": self._given}
        self.link.wire.send(order)
        given = str(self.job["stdin"]).encode("utf-8", "surrogateescape")
        output = pump(self.fds.pop("source"), self.fds["sink"], given, self.link.deadline)
        try:
            reply = self.link.wire.receive(self.link.deadline)
        except Ended as end:
            # A script may leave by os._exit after its last line: then its output counts.
            failure = self.ending(str(end))
            return {"output": output, "failure": "" if failure == "ended the process" else failure}
        if "error" in reply:
            return {"output": output, "failure": f"raised {raised(reply)}"}  # type: ignore[arg-type]
        code = reply.get("done")
        return {"output": output, "failure": f"exited with code {code}" if code else ""}

    def do_tests(self) -> "dict[str, object]":
        """Run tests in order up to the first failure."""
        sources, entry = self.job["tests"], self.job["entry"]
        assert isinstance(sources, list)
        try:
            public = int(str(self.job["public"]))
            self._start()
            suite = suite_of([str(source) for source in sources], None if entry is None else str(entry), public)
            if not suite.names.program:
                return {"aimless": True}
            if not suite.splits:
                return {"unsplittable": True}
            self.tired = not suite.leaves_nothing
            self.link.shares, self.link.touched = suite.settling.shares, suite.touched
            names = sorted(suite.names.program)
            self.link.ask_names(names)
            self._foresee(suite, 0)
            codes = suite.codes  # while the program works
        except (SyntaxError, ValueError) as error:
            return {"invalid": str(error)}
        except RecursionError:  # Python reads deeper ones than we take apart
            return {"unsplittable": True}
        loaded = self.link.loaded(names)
        if failure := _unusable(loaded, suite):
            return {"load": failure}
        defined = loaded["names"]
        assert isinstance(defined, dict)
        defined = {name: defined[name] for name in tested(suite.names, defined)}
        weak = suite.trusts({name for name, what in defined.items() if bases_of(what) is None})
        return self._judge(suite, codes, self._scope(defined, suite.names.library), weak)

    def _foresee(self, suite: Suite, index: int) -> None:
        """Ask for what can be asked for together from this test on."""
        if index in suite.ahead:
            calls = suite.ahead[index]
            self.link.foresee(calls, end=index + len(calls) == suite.count)

    def _judge(self, suite: Suite, codes: list[TestCode], scope: dict[str, object], weak: bool) -> "dict[str, object]":
        """Run the tests up to the first that is not true."""
        for index, code in enumerate(codes):
            self.link.last_call, self.link.error = None, ""
            try:
                if index:
                    self._foresee(suite, index)
                failure = self._run(code, scope)
            except NotSendable:
                return {"unsplittable": True}
            if failure:
                return {"failed": index, "failure": failure, "weak": weak or self.link.compared}
        return {"failed": None, "weak": weak or self.link.compared}

    def _scope(self, defined: "dict[str, Json]", library: dict[str, str]) -> dict[str, object]:
        """The names that tests see: Python's own, those of the library, and the program's from over there."""
        scope: dict[str, object] = {"__name__": "tests", FAIL: self._fail}
        changes = self.link.changes
        scope |= {SETTLE: self.link.settle, BEGIN: changes.begin, WAITING: changes.waiting}
        own = {"isinstance": is_instance, "repr": text_of}
        scope["__builtins__"] = {**vars(builtins), **own}
        for name, module in library.items():
            imported = importlib.import_module(module or name)
            scope[name] = getattr(imported, name) if module else imported
        scope |= self.link.define(defined)
        self.link.scope = scope
        return scope

    def _run(self, code: TestCode, scope: dict[str, object]) -> str:
        """What is wrong with one test, if anything."""
        random.seed(0)
        try:
            self.running = code
            self.link.settle(True)
            exec(code.code, scope)
        except Failed as failed:
            return str(failed)
        except Ended as end:
            return f"{self._called()} {self.ending(str(end))}"
        except NotSendable:
            raise
        except BaseException as error:  # noqa: BLE001 (whatever a test raises, it has not passed)
            if self.link.error:
                return f"{self._called()} raised {self.link.error}"
            return f"{type(error).__name__}: {said(error)}{self._returned()}"
        # A test may have caught what told us of the program's end.
        return f"{self._called()} {self.ending(self.link.ended)}" if self.link.ended else ""

    def _called(self) -> str:
        return self.link.last_call[0] if self.link.last_call else "the program"

    def _returned(self) -> str:
        call = self.link.last_call
        return f"; {call[0]} returned {short(call[1])}" if call else ""

    def _fail(self, number: int, operator: str, *sides: object) -> None:
        """Say why an assert is not true: input, expected and actual output where it has them."""
        call = self.link.last_call
        assert self.running is not None
        source = self.running.source(number)
        if not sides or not call:
            raise Failed(f"assert {source}{self._returned()}")
        for value, other in (sides, sides[::-1]):
            if value is call[1] and operator == "==":
                if self.job.get("tuples_pass") and listed(value) == other:
                    return
                raise Failed(f"{call[0]} returned {short(value)}, expected {short(other)}")
        left, right = map(short, sides)
        raise Failed(f"assert {source}: {left} {operator} {right} is not true{self._returned()}")

    def do_inside(self) -> "dict[str, object]":
        """Run the tests next to the program; that they reached their end is told by a secret."""
        loaded = self.load([])
        if "error" in loaded:
            return {"load": raised(loaded)}
        secret = os.urandom(16).hex()
        sources = self.job["tests"]
        assert isinstance(sources, list)
        for index, source in enumerate(sources):
            reply = self.link.ask(do="tests", source=source, secret=secret)
            if reply.get("secret") != secret:
                return {"failed": index, "failure": f"raised {raised(reply)}", "weak": True}
        return {"failed": None, "weak": True}


def _unusable(loaded: "dict[str, Json]", suite: Suite) -> str:
    """Why there is nothing to test, if that is so."""
    if "error" in loaded:
        return raised(loaded) or "the program could not be started"
    defined = loaded["names"]
    assert isinstance(defined, dict)
    if suite.entry is not None and suite.entry not in defined:
        return f"NameError: the program defines no function {suite.entry}"
    if suite.names.replaced and not defined:
        return f"NameError: the program defines nothing that the tests call: {', '.join(sorted(suite.names.program))}"
    return ""
