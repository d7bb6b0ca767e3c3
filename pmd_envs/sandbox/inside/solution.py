"""The side that nobody trusts: it runs the program and does what the driver asks, one operation after the other.

It never sees an expected value. A program that finds the channel and writes to it can only say values, which are
compared elsewhere; objects that cannot cross stay here, and the driver holds their numbers.
"""

import atexit
import importlib
import marshal
import operator
import os
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from types import CellType, FunctionType, ModuleType

from .confine import set_limits
from .program import describe, outcome, pick, start, trace_of
from .values import DEEP, MANY, Decoder, Encoder, TooLarge
from .wire import Ended, receive, send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pmd_envs.records import Json

MUTABLE = (list, dict, set, bytearray)


def _call(function: Callable[..., object], args: list[object], kwargs: dict[str, object]) -> object:
    return function(*args, **kwargs)


OPERATIONS: dict[str, Callable[..., object]] = {
    "call": _call,
    **{f.__name__: f for f in (getattr, setattr, iter, next, len, str, repr, bool, int, float, hash, isinstance, dir)},
    **{name: getattr(operator, name) for name in ("getitem", "setitem", "delitem", "eq", "ne", "lt", "le", "gt", "ge")},
    **{name: getattr(operator, name) for name in ("add", "sub", "mul", "neg", "or_", "and_")},
}


def serve(channel: socket.socket, stdin: int, stdout: int) -> None:
    """Answer the driver until it hangs up."""
    program = _Program(channel, stdin, stdout)
    while True:
        try:
            request = receive(channel)
        except Ended:
            os._exit(0)
        reply = program.answer(request)
        try:
            send(channel, reply)
        except Ended:
            os._exit(0)


class _Program:
    def __init__(self, channel: socket.socket, stdin: int, stdout: int) -> None:
        self.channel = channel
        self.pipes = (stdin, stdout)
        self.module = ModuleType("solution")
        self.objects: list[object] = []
        self.decoder = Decoder(self._give)

    def answer(self, request: "dict[str, object]") -> "dict[str, object]":
        """Do one thing and say what came of it."""
        action: Callable[..., dict[str, object]] = getattr(self, f"do_{request.pop('do')}")
        try:
            return action(**request)
        except TooLarge:
            return {"error": {"type": "ValueError", "text": "the value is too large or too deep to be judged"}}
        except BaseException as error:  # noqa: BLE001 (sys.exit included: any exit is the program's result)
            return {"error": {"type": type(error).__name__, "text": describe(error), "trace": trace_of(error)}}

    def do_load(self, program: str, limits: list[int], names: list[str]) -> "dict[str, object]":
        """Run the top level; say which of ``names`` it defines, and what they are."""
        set_limits(limits)
        for fd in self.pipes:
            os.close(fd)
        self.module = start(program, "solution")
        scope = self.module.__dict__
        return {"names": {name: self._named(scope[name]) for name in names if name in scope}}

    def _named(self, value: object) -> "Json":
        """A value of the program's own, or the word for what the driver makes a class of itself."""
        is_exception = isinstance(value, type) and issubclass(value, BaseException)
        return "exception" if is_exception else {"value": self._encode(value)}

    def do_script(self, program: str, limits: list[int]) -> "dict[str, object]":
        """Run the program as a script on the pipes that stand for standard input and output."""
        set_limits(limits)
        for target, fd in enumerate(self.pipes):
            os.dup2(fd, target)
            os.close(fd)
        sys.stdin = open(0, encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
        sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", errors="surrogateescape")  # type: ignore[misc]  # noqa: SIM115
        code: object = None
        try:
            start(program, "__main__")
        except SystemExit as stop:
            code = stop.code
        finally:
            _wind_up()
        return {"done": code if code is None or type(code) is int else 1}

    def do_call(self, entry: str, args: "list[Json]") -> "dict[str, object]":
        """Call the entry point with values and answer with a value of ordinary size."""
        given = tuple(self.decoder.decode(arg) for arg in args)
        return dict(outcome(pick(self.module.__dict__, entry), given))

    def do_apply(self, operation: str, args: "list[Json]", in_place: bool = False) -> "dict[str, object]":
        """Apply an operation to values and to objects that stayed here."""
        given = [self.decoder.decode(arg) for arg in args]
        reply: dict[str, object] = {"value": self._encode(OPERATIONS[operation](*given))}
        if in_place:
            inputs = given[1]
            assert isinstance(inputs, list)
            reply["changed"] = [self._encode(arg) if type(arg) in MUTABLE else None for arg in inputs]
        return reply

    def do_tests(self, source: str, secret: str) -> "dict[str, object]":
        """Run whole tests here, for shapes that cannot be run from outside; weaker evidence."""
        exec(compile(source, "<tests>", "exec", dont_inherit=True), self.module.__dict__)
        return {"secret": secret}

    def _encode(self, value: object) -> "Json":
        try:
            return Encoder(self._keep, MANY, DEEP).encode(value)
        except RecursionError as error:
            raise TooLarge from error

    def _keep(self, value: object) -> "Json":
        self.objects.append(value)
        return {"remote": [len(self.objects) - 1, str(type(value).__name__)[:40]]}

    def _give(self, tag: str, content: "str | list[Json]") -> object:
        """What the driver sent that is no plain value: a number of ours, or a function of the tests."""
        if tag == "remote":
            return self.objects[content[0]]  # type: ignore[index]
        if tag == "imported":
            module, name = list(content)
            return getattr(importlib.import_module(str(module)), str(name))
        if tag == "function":
            code, defaults, cells = list(content)
            given = self.decoder.decode(defaults), self.decoder.decode(cells)
            return _function(str(code), *given, self.module.__dict__)  # type: ignore[arg-type]
        raise ValueError(f"unknown tag {tag!r}")


def _function(code: str, defaults: Sequence[object], cells: Sequence[object], scope: dict[str, object]) -> FunctionType:
    """A function of the tests, which see the program's names."""
    body = marshal.loads(bytes.fromhex(code))
    return FunctionType(body, scope, None, tuple(defaults), tuple(CellType(cell) for cell in cells))


def _wind_up() -> None:
    """What Python does at the end of a script: wait for threads, run exit handlers, flush."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in {id(stream): stream for stream in (sys.stdout, sys.__stdout__) if stream}.values():
        stream.flush()
    os.close(1)  # the reader waits for the end
