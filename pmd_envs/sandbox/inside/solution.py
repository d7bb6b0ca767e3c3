"""The side that nobody trusts: it runs the program and does what the driver asks, one operation after the other.

It never sees an expected value. A program that finds the channel and writes to it can only say values, which are
compared elsewhere; objects that cannot cross stay here, and the driver holds their numbers.
"""

import _sitebuiltins
import atexit
import builtins
import contextlib
import copy
import importlib
import operator
import os
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from types import FunctionType, ModuleType

from .confine import set_limits
from .functions import unpacked
from .program import describe, outcome, pick, start, trace_of
from .remote import BINARY, ORDER, UNARY
from .values import DEEP, MANY, MUTABLE, Decoder, Encoder, TooLarge, stored
from .wire import Ended, Wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pmd_envs.records import Json

# What the site module, which does not run here, adds for scripts.
builtins.exit, builtins.quit = (_sitebuiltins.Quitter(name, "Ctrl-D (i.e. EOF)") for name in ("exit", "quit"))
REHEARSAL: "tuple[dict[str, Json], ...]" = (
    {"do": "load", "program": "def f(x):\n    return x", "limits": []},
    {"do": "names", "names": ["f"]},
    {"do": "calls", "calls": [{"name": "f", "args": [1], "kwargs": {"dict": []}}], "end": False},
)


def _call(function: Callable[..., object], args: list[object], kwargs: dict[str, object]) -> object:
    return function(*args, **kwargs)


def _reflected(function: Callable[[object, object], object]) -> Callable[[object, object], object]:
    return lambda right, left: function(left, right)


BINARY_OPERATIONS: dict[str, Callable[[object, object], object]] = {
    name: getattr(operator, f"__{name}__") for name in BINARY
}
OPERATIONS: dict[str, Callable[..., object]] = {
    "call": _call,
    "plain": stored,
    "enter": lambda manager: type(manager).__enter__(manager),
    "exit": lambda manager, kind: type(manager).__exit__(manager, kind, kind and kind(), None),
    **{f.__name__: f for f in (getattr, setattr, delattr, iter, next, len, str, repr, bool, int, float, hash, abs)},
    **{f.__name__: f for f in (isinstance, reversed, round, format, copy.copy, copy.deepcopy)},
    **{name: getattr(operator, name) for name in ("getitem", "setitem", "delitem", "contains", "index")},
    **{name: getattr(operator, name) for name in (*ORDER, *UNARY)},
    **BINARY_OPERATIONS,
    **{f"r{name}": _reflected(function) for name, function in BINARY_OPERATIONS.items()},
}


class _Whole(Encoder):
    """Keeps an instance of a subclass of what we know, and tells what its base class stores."""

    def _other(self, value: object, depth: int) -> "Json":
        tree = super()._other(value, depth)
        if not (isinstance(tree, dict) and "sub" in tree):
            return tree
        return {"derived": [*self.keep(value)["remote"][:1], *tree["sub"]]}  # type: ignore[call-overload,index,misc]


class Solution:
    """One program, before and after its text has come.

    Args:
        channel: A socket that leads to the driver.
        pipes: What becomes the standard input and output of a script.
    """

    def __init__(self, channel: socket.socket, pipes: Sequence[int]) -> None:
        self.wire = Wire(channel)
        self.pipes = pipes
        self.module = ModuleType("solution")
        self.loaded: dict[str, object] = {}
        """The error that the program's top level raised, if it did."""
        self.named: dict[str, object] = {}
        """What the program defined of the names that tests use."""
        self.objects: list[object] = []
        self.numbers: dict[int, int] = {}
        """From the address of an object, which is kept alive, to its number."""
        self.kept = False
        """Whether a value had to stay here, at least in part, since this was last set."""
        self.together: list[FunctionType] = []
        """The functions of the tests that came with the one that is being read."""
        self.decoder = Decoder(self._give)

    def serve(self) -> None:
        """Answer the driver until it hangs up."""
        try:
            while True:
                self.step()
        except Ended:
            os._exit(0)

    def step(self) -> None:
        """Answer one request."""
        request = self.wire.receive()
        if request["do"] == "load":  # what came of it is asked for next
            self.loaded = self.answer(request)
        elif request["do"] == "calls":
            calls = request["calls"]
            assert isinstance(calls, list)
            self._foreseen(calls, request["end"] is True)
        else:
            self.wire.send(self.answer(request))

    def _foreseen(self, calls: "list[dict[str, object]]", end: bool) -> None:
        """Answer calls one after the other, up to one after which tests may ask for something else."""
        for call in calls:
            reply = self.answer({"do": "foreseen", **call})
            self.wire.send(reply)
            if "last" in reply or "error" in reply:
                return
        if end:
            os._exit(0)

    def answer(self, request: "dict[str, object]") -> "dict[str, object]":
        """Do one thing and say what came of it."""
        action: Callable[..., dict[str, object]] = getattr(self, f"do_{request.pop('do')}")
        return self._outcome(lambda: action(**request))

    def _outcome(self, action: "Callable[[], dict[str, object]]") -> "dict[str, object]":
        try:
            return action()
        except TooLarge:
            return {"error": {"kinds": ["ValueError"], "text": "the value is too large or too deep to be judged"}}
        except BaseException as error:  # noqa: BLE001 (sys.exit included: any exit is the program's result)
            return {"error": self._raised(error)}

    def _raised(self, error: BaseException) -> "dict[str, Json]":
        """What tests may want to know of an exception: its class and its bases, its text, arguments and attributes."""
        kinds: list[Json] = [kind.__name__ for kind in type(error).__mro__]
        found: dict[str, Json] = {"kinds": kinds, "text": describe(error), "trace": trace_of(error)}
        try:
            found["value"] = self._encode(list(error.args))
        except TooLarge:
            found["value"] = []
        if type(error).__module__ != "builtins":
            found["object"] = self._keep(error)
        return found

    def do_load(self, program: str, limits: list[int], given: str = "") -> "dict[str, object]":
        """Run the top level."""
        set_limits(limits)
        for fd in self.pipes:
            os.close(fd)
        self.module = start(program, "solution", given)
        return {}

    def do_names(self, names: list[str]) -> "dict[str, object]":
        """Which of ``names`` the program defines, and what they are."""
        if self.loaded:
            return self.loaded
        scope = self.module.__dict__
        self.named = {name: scope[name] for name in names if name in scope}
        return {"names": {name: self._named(value) for name, value in self.named.items()}}

    def _named(self, value: object) -> "Json":
        """A value of the program's own, or the bases of what the driver makes a class of itself."""
        if isinstance(value, type) and issubclass(value, Exception):
            return {"exception": [kind.__name__ for kind in value.__mro__[1:]]}
        return {"value": self._encode(value)}

    def do_script(self, program: str, limits: list[int], given: str = "") -> "dict[str, object]":
        """Run the program as a script on the pipes that stand for standard input and output."""
        set_limits(limits)
        for target, fd in enumerate(self.pipes):
            os.dup2(fd, target)
            os.close(fd)
        sys.stdin = open(0, encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
        sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", errors="surrogateescape")  # type: ignore[misc]  # noqa: SIM115
        code: object = None
        try:
            start(program, "__main__", given)
        except SystemExit as stop:
            code = stop.code
        finally:
            _wind_up()
        return {"done": code if code is None or type(code) is int else 1}

    def do_call(self, entry: str, args: "list[Json]") -> "dict[str, object]":
        """Call the entry point with values and answer with a value of ordinary size."""
        given = tuple(self.decoder.decode(arg) for arg in args)
        return dict(outcome(pick(self.module.__dict__, entry), given))

    def do_apply(self, operation: str, args: "list[Json]", shared: bool = False) -> "dict[str, object]":
        """Apply an operation to values and to objects that stayed here; of ``shared`` values say what has changed."""
        given = [self.decoder.decode(arg) for arg in args]
        if not shared:
            return {"value": self._encode(OPERATIONS[operation](*given))}
        _, listed, named = given
        inputs = [*listed, *named.values()]  # type: ignore[misc,attr-defined]
        before = [self._encode(value) if type(value) in MUTABLE else None for value in inputs]
        reply = self._outcome(lambda: {"value": self._encode(OPERATIONS[operation](*given))})
        after = [self._encode(value) if type(value) in MUTABLE else None for value in inputs]
        if before != after:
            reply["changed"] = [new if new != old else None for old, new in zip(before, after, strict=True)]
        return reply

    def do_foreseen(self, name: str, args: "list[Json]", kwargs: "Json") -> "dict[str, object]":
        """Call what the program defined under a name; the last such call if tests may ask about its result."""
        given = [self.decoder.decode(arg) for arg in (args, kwargs)]
        self.kept = False
        value = self._encode(_call(self.named[name], *given))  # type: ignore[arg-type]
        return {"value": value, "last": True} if self.kept else {"value": value}

    def do_tests(self, source: str, secret: str) -> "dict[str, object]":
        """Run whole tests here, for shapes that cannot be run from outside; weaker evidence."""
        exec(compile(source, "<tests>", "exec", dont_inherit=True), self.module.__dict__)
        return {"secret": secret}

    def _encode(self, value: object) -> "Json":
        try:
            return _Whole(self._keep, MANY, DEEP).encode(value)
        except RecursionError as error:
            raise TooLarge from error

    def _keep(self, value: object) -> "Json":
        self.kept = True
        number = self.numbers.setdefault(id(value), len(self.objects))
        if number == len(self.objects):
            self.objects.append(value)
        return {"remote": [number, str(type(value).__name__)[:40]]}

    def _give(self, tag: str, content: "str | list[Json]") -> object:
        """What the driver sent that is no plain value: a number of ours, or a function of the tests."""
        if tag == "remote":
            return self.objects[content[0]]  # type: ignore[index]
        if tag == "imported":
            module, name = list(content)
            imported = importlib.import_module(str(module))
            return getattr(imported, str(name)) if name else imported
        if tag == "function":
            return unpacked(list(content), self.module.__dict__, self._decode_with)
        if tag == "again":
            return self.together[content[0]]  # type: ignore[index]
        raise ValueError(f"unknown tag {tag!r}")

    def _decode_with(self, tree: "Json", together: list[FunctionType]) -> object:
        self.together = together
        return self.decoder.decode(tree)


def rehearse(ours: socket.socket, theirs: socket.socket) -> None:
    """Run a small program on a channel of which both ends are here.

    What is slow the first time in a process, pages that it still shares above all, is then done before a text arrives.
    """
    driver, solution = Wire(ours), Solution(theirs, ())
    for request in REHEARSAL:
        driver.send(request)
        solution.step()
        if request["do"] != "load":
            driver.receive()
    del sys.modules["solution"]


def _wind_up() -> None:
    """What Python does at the end of a script: wait for threads, run exit handlers, flush."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in {id(stream): stream for stream in (sys.stdout, sys.__stdout__) if stream}.values():
        if not getattr(stream, "closed", False):
            stream.flush()
    with contextlib.suppress(OSError):  # the reader waits for the end, which the script may have brought about itself
        os.close(1)
