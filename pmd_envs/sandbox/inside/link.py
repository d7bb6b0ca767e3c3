"""The driver's end of the channel to the program: calls go over, values and exceptions come back.

Nothing that comes over is trusted to be what our side of the program would have sent: a reply that makes no sense
ends the run.
"""

import builtins
import importlib
import json
import socket
import sys
import time
from collections import deque
from collections.abc import Sequence
from types import BuiltinFunctionType, FunctionType, ModuleType

from .changes import Changes
from .derived import IMMUTABLE, derived, original
from .foresee import Call
from .functions import NotSendable, Parcel
from .remote import SAYINGS, Remote, number_of
from .values import DEEP, MANY, MUTABLE, Decoder, Encoder, TooLarge
from .wire import Ended, Wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pmd_envs.records import Json

STOPS = (StopIteration, StopAsyncIteration, GeneratorExit)
MAX_AHEAD = 2**14
FUNCTIONS = ("function", "method", "builtin_function_or_method", "type", "partial")


class ProgramError(Exception):
    """An exception of the program that is none of Python's own."""


class _Sender(Encoder):
    """Sends the program's own immutable values back as what they are."""

    def _other(self, value: object, depth: int) -> "Json":
        remote = original(value) if isinstance(value, IMMUTABLE) else None
        return {"remote": [number_of(remote), ""]} if remote else super()._other(value, depth)


class Link:
    """Requests and their replies, and what became of them.

    Args:
        channel: A socket that leads to the program.
        deadline: When to give up, on the monotonic clock.
    """

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self.channel = channel
        self.deadline = deadline
        self.wire = Wire(channel)
        self._ahead: deque[str] = deque()
        """The functions of calls that were asked for before the tests come to them."""
        self.exceptions: dict[str, type[BaseException]] = {}
        self.last_call: tuple[str, object] | None = None
        """The last call of a function of the program, as text, and its result."""
        self.error = ""
        """The last exception that came over, in words."""
        self.ended = ""
        """Why the program answers no more."""
        self.shares = False
        """Whether tests may hold on to what they hand over."""
        self.touched: dict[str, int] = {}
        """What functions of the tests may change of the values of names."""
        self.scope: dict[str, object] = {}
        """The names that the tests see."""
        self.compared = False
        """Whether the program's own methods judged objects of its own, or it may be judged by what it has changed."""
        self.changes = Changes(lambda tree: self.read({"value": tree}))
        self._defined: dict[str, object] = {}
        self.done = 0
        """How often the program was asked for more than what an object says of itself."""
        self.decoder = Decoder(self._give)
        self._remotes: dict[int, Remote] = {}
        self._values: dict[int, object] = {}

    def ask(self, **request: object) -> "dict[str, Json]":
        """One request and its reply."""
        self._send(request)
        return self._receive()

    def _send(self, request: dict[str, object]) -> None:
        self.channel.settimeout(max(self.deadline - time.monotonic(), 0.000_001))
        try:
            self.wire.send(request)
        except Ended as end:
            self.ended = str(end)
            raise

    def _receive(self) -> "dict[str, Json]":
        try:
            return self.wire.receive(self.deadline)  # type: ignore[return-value]
        except Ended as end:
            self.ended = str(end)
            raise

    def start(self, program: str, limits: object, given: str) -> None:
        """Send the program and what is given to it, which start while we go on."""
        self._send({"do": "load", "program": program, "limits": limits, "given": given})

    def loaded(self, names: list[str]) -> "dict[str, Json]":
        """What the program defines of the names that it was asked for, and of no other, or an error."""
        reply = self._receive()
        defined = reply.get("names")
        if "error" not in reply and not (isinstance(defined, dict) and defined.keys() <= set(names)):
            raise Ended("rubbish")
        return reply

    def foresee(self, calls: Sequence[Call], end: bool) -> None:
        """Ask for calls that tests will make one after the other, so that no call waits for the result before it.

        The program stops at the first that raises or returns more than plain values, since tests may then ask for
        something else in between. Else, at the ``end`` of the tests, it may go. Calls that are too long to lie in the
        socket's buffer are asked for in their turn.
        """
        self._foreseen("")
        try:
            messages: list[dict[str, Json]] = [
                {"name": call.name, "args": self.encode(list(call.args)), "kwargs": self.encode(call.kwargs)}
                for call in calls
            ]
        except TooLarge:  # the test will say so
            return
        if messages and len(json.dumps(messages)) <= MAX_AHEAD:
            self._ahead.extend(call.name for call in calls)
            self._send({"do": "calls", "calls": messages, "end": end})

    def ask_names(self, names: list[str]) -> None:
        """Ask what the program defines of these names."""
        self._send({"do": "names", "names": names})

    def _foreseen(self, name: str) -> "dict[str, Json] | None":
        """The reply to the next call of a function, if it was asked for already.

        What lies before it are calls of names that turned out to be no functions of the program but, for example,
        exceptions, of which there is a class on this side.
        """
        while self._ahead:
            expected = self._ahead.popleft()
            reply = self._receive()
            if "last" in reply or "error" in reply:
                self._ahead.clear()
            if expected == name:
                return reply
        return None

    def apply(self, operation: str, *args: object) -> object:
        """The result of an operation in the program's process; its exceptions are raised here."""
        self.done += operation not in SAYINGS
        inputs = self._inputs(args) if self.shares and operation == "call" else []
        if self.changes.waiting and self.changes.touch(inputs):
            self.settle(True)
        trees = [self.encode(arg) for arg in args]
        name = args[0]._pmd_state[3] if self._ahead and isinstance(args[0], Remote) else ""
        reply = self._foreseen(name)
        if reply is None:
            reply = self.ask(do="apply", operation=operation, args=trees, shared=bool(inputs))
        changed = reply.get("changed")
        if isinstance(changed, list):
            self.changes.add(inputs, changed)
        if "error" in reply:
            self._raise(reply["error"], operation)
        return self.read(reply)

    @staticmethod
    def _inputs(args: Sequence[object]) -> list[object]:
        """The arguments of a call, if some of them can change."""
        _, listed, named = args
        assert isinstance(listed, list)
        assert isinstance(named, dict)
        inputs = [*listed, *named.values()]
        return inputs if any(type(value) in MUTABLE for value in inputs) else []

    def read(self, reply: "dict[str, Json]") -> object:
        """The value of a reply."""
        try:
            return self.decoder.decode(reply["value"])
        except (KeyError, ValueError, RecursionError) as error:
            raise Ended("rubbish") from error

    def define(self, defined: "dict[str, Json]") -> dict[str, object]:
        """What the program defines, by name, as tests see it."""
        kinds = {name: bases for name, what in defined.items() if (bases := bases_of(what)) is not None}
        for name in sorted(kinds, key=lambda name: len(kinds[name])):  # bases come before what is derived
            base = self._known(kinds[name]) or Exception
            self.exceptions[name] = type(name, (base,), {})
        scope: dict[str, object] = dict(self.exceptions)
        for name in defined.keys() - kinds.keys():
            what = defined[name]
            value = self.read(what if isinstance(what, dict) else {})
            if isinstance(value, Remote):
                value = self._remotes[number_of(value)] = Remote(self, number_of(value), name, name)
            scope[name] = value
        self._defined = scope
        return scope

    def named(self, value: object, name: str) -> object:
        """A function or class of the program with the name under which the tests know it."""
        if isinstance(value, Remote) and value._pmd_state[2] in FUNCTIONS:
            return Remote(self, number_of(value), value._pmd_state[2], name)
        return value

    def settle(self, used: bool, since: int = 0) -> None:
        """Change the arguments of calls as the program did, which tests notice only when a statement is through.

        What is compared in one statement with a result is then never what the program has made of it. Where the result
        is ``used`` and an argument is looked at again, it may be.
        """
        if self.changes.waiting:
            self.compared |= self.changes.settle(since) and used

    def _raise(self, error: "Json", operation: str) -> None:
        """Raise here what was raised there: the nearest class that is known here, with the same arguments."""
        details = error if isinstance(error, dict) else {}
        text, trace = (str(details.get(key, "")) for key in ("text", "trace"))
        kinds = details.get("kinds")
        if not (operation == "next" and isinstance(kinds, list) and "StopIteration" in kinds[:1]):
            self.error = (text or "an exception") + (f"\n{trace}" if trace else "")
        kind = self._known(kinds) or ProgramError
        # Raised by a call, these would end a test's own loops early.
        if issubclass(kind, STOPS) and operation != "next":
            kind = RuntimeError
        args = self.read(details) if "value" in details else None
        message = text.partition(": ")[2].rpartition(" (line ")[0] or text
        if "object" in details:
            kind = _showing(kind, self.read({"value": details["object"]}))
        raise kind(*args) if isinstance(args, list) else kind(message)

    def _known(self, kinds: "Json") -> type[BaseException] | None:
        """The first class of a list that the tests or Python know under that name."""
        for name in kinds if isinstance(kinds, list) else []:
            kind = self.exceptions.get(str(name)) or getattr(builtins, str(name), None)
            # The constructors of Unicode errors want more than a message.
            if isinstance(kind, type) and issubclass(kind, BaseException) and not str(name).startswith("Unicode"):
                return kind
        return None

    def encode(self, value: object) -> "Json":
        """What is sent over."""
        return _Sender(self._keep, MANY, DEEP).encode(value)

    def _keep(self, value: object, parcel: Parcel | None = None) -> "Json":
        if isinstance(value, Remote):
            return {"remote": [number_of(value), ""]}
        if isinstance(value, FunctionType) and value.__globals__ is self.scope:
            return {"again": [parcel.number(value)]} if parcel else {"function": self._packed(value)}
        if isinstance(value, ModuleType) and sys.modules.get(value.__name__) is value:
            return {"imported": [value.__name__, ""]}
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
        known = isinstance(value, (BuiltinFunctionType, FunctionType, type)) and module not in (None, "tests")
        if known and getattr(importlib.import_module(str(module)), name, None) is value:
            return {"imported": [str(module), name]}
        raise NotSendable(type(value).__name__)

    def _packed(self, function: FunctionType) -> "list[Json]":
        """A function of the tests with what it needs."""
        parcel = Parcel(function, self.touched, self._defined)
        return parcel.packed(lambda value: _Sender(lambda part: self._keep(part, parcel), MANY, DEEP).encode(value))

    def _give(self, tag: str, content: "str | list[Json]") -> object:
        """One object of the program is one object here, so that ``is`` means something."""
        if tag == "remote" and len(content) == 2 and type(content[0]) is int:
            return self._remote(content[0], str(content[1])[:40])
        if tag == "derived" and len(content) == 3 and type(content[0]) is int:
            number, name, tree = list(content)
            if number not in self._values:
                value = derived(self.decoder.decode(tree), self._remote(number, str(name)[:40]))  # type: ignore[arg-type]
                if not isinstance(value, IMMUTABLE):
                    return value
                self._values[number] = value  # type: ignore[index]
            return self._values[number]  # type: ignore[index]
        raise ValueError(f"unknown tag {tag!r}")

    def _remote(self, number: int, kind: str) -> Remote:
        if number not in self._remotes:
            self._remotes[number] = Remote(self, number, kind)
        return self._remotes[number]


def bases_of(what: "Json") -> "list[Json] | None":
    """The names of the bases, where the program says that one of its names is an exception class."""
    bases = what.get("exception") if isinstance(what, dict) else None
    return bases if isinstance(bases, list) else None


def _showing(kind: type[BaseException], original: object) -> type[BaseException]:
    """A class whose instances have the attributes and the text of the program's own exception."""
    own = {"__getattr__": lambda _, name: getattr(original, name), "__str__": lambda _: str(original)}
    return type(kind.__name__, (kind,), own) if isinstance(original, Remote) else kind
