"""The trusted side of the program's functions and objects: calls go over, values come back.

An object that cannot cross stays in the program's process; here it is a :class:`Remote`. It can be called, asked
for attributes and items, iterated, and compared with another one, but a comparison or an operation with a plain
value is never sent over: that value may be the expected one, and the answer would be the program's word.
"""

import builtins
import importlib
import marshal
import socket
import time
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType

from .values import DEEP, MANY, Decoder, Encoder
from .wire import Ended, receive, send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pmd_envs.records import Json

STOPS = (StopIteration, StopAsyncIteration, GeneratorExit)


class ProgramError(Exception):
    """An exception of the program that is none of Python's own."""


class NotSendable(Exception):  # noqa: N818 (a shape of a test, found out on the way)
    """A test hands the program something that cannot cross."""


class Link:
    """The driver's end of the channel to the program."""

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self.channel = channel
        self.deadline = deadline
        self.exceptions: dict[str, type[Exception]] = {}
        self.last_call: tuple[str, object] | None = None
        """The last call of a function of the program, as text, and its result."""
        self.error = ""
        """The last exception that came over, in words."""
        self.ended = ""
        """Why the program answers no more."""
        self.in_place = False
        self.compared = False
        """Whether two of the program's objects were compared by the program's own methods."""
        self.decoder = Decoder(self._give)

    def ask(self, **request: object) -> "dict[str, Json]":
        """One request and its reply."""
        self.channel.settimeout(max(self.deadline - time.monotonic(), 0.000_001))
        try:
            send(self.channel, request)
            return receive(self.channel, self.deadline)  # type: ignore[return-value]
        except Ended as end:
            self.ended = str(end)
            raise

    def apply(self, operation: str, *args: object) -> object:
        """The result of an operation in the program's process; its exceptions are raised here."""
        trees = [self.encode(arg) for arg in args]
        in_place = self.in_place and operation == "call"
        reply = self.ask(do="apply", operation=operation, args=trees, in_place=in_place)
        if "error" in reply:
            self._raise(reply["error"], operation)
        if in_place:
            self._copy_back(args[1], reply.get("changed"))
        return self.read(reply)

    def read(self, reply: "dict[str, Json]") -> object:
        """The value of a reply."""
        try:
            return self.decoder.decode(reply["value"])
        except (KeyError, ValueError, RecursionError) as error:
            raise Ended("rubbish") from error

    def _copy_back(self, args: object, changed: "Json") -> None:
        """A call that is a statement of its own may have been made to change its arguments."""
        if not isinstance(args, list) or not isinstance(changed, list):
            return
        for arg, tree in zip(args, changed, strict=False):
            new = None if tree is None else self.read({"value": tree})
            if type(new) is not type(arg):
                continue
            if isinstance(arg, (list, bytearray)):
                arg[:] = new  # type: ignore[call-overload]
            elif isinstance(arg, (dict, set)):
                arg.clear()
                arg.update(new)  # type: ignore[call-overload, arg-type]

    def _raise(self, error: "Json", operation: str) -> None:
        details = error if isinstance(error, dict) else {}
        name, text, trace = (str(details.get(key, "")) for key in ("type", "text", "trace"))
        if not (operation == "next" and name == "StopIteration"):
            self.error = text + (f"\n{trace}" if trace else "")
        kind = self.exceptions.get(name) or getattr(builtins, name, None)
        if not isinstance(kind, type) or not issubclass(kind, Exception) or name.startswith("Unicode"):
            kind = ProgramError
        # Raised by a call, these would end a test's own loops early.
        if issubclass(kind, STOPS) and operation != "next":
            kind = RuntimeError
        raise kind(text.partition(": ")[2].rpartition(" (line ")[0] or text)

    def encode(self, value: object) -> "Json":
        """What is sent over."""
        return Encoder(self._keep, MANY, DEEP).encode(value)

    def _keep(self, value: object) -> "Json":
        if isinstance(value, Remote):
            return {"remote": [number_of(value), ""]}
        if isinstance(value, FunctionType):
            cells = [cell.cell_contents for cell in value.__closure__ or ()]
            code = marshal.dumps(value.__code__).hex()
            return {"function": [code, self.encode(list(value.__defaults__ or ())), self.encode(cells)]}
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
        known = isinstance(value, (BuiltinFunctionType, type)) and module not in (None, "tests")
        if known and getattr(importlib.import_module(str(module)), name, None) is value:
            return {"imported": [str(module), name]}
        raise NotSendable(type(value).__name__)

    def _give(self, tag: str, content: "str | list[Json]") -> object:
        if tag == "remote" and len(content) == 2 and type(content[0]) is int:
            return Remote(self, content[0], str(content[1])[:40])
        raise ValueError(f"unknown tag {tag!r}")


class Remote:
    """An object that lives in the program's process."""

    _pmd_state: tuple[Link, int, str, str]

    def __init__(self, link: Link, number: int, kind: str, name: str = "") -> None:
        object.__setattr__(self, "_pmd_state", (link, number, kind, name))

    def _pmd_ask(self, operation: str, *args: object) -> object:
        return self._pmd_state[0].apply(operation, self, *args)

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Call it over there; the call as text is kept for the feedback."""
        link, _, kind, name = self._pmd_state
        shown = [short(arg) for arg in args] + [f"{key}={short(value)}" for key, value in kwargs.items()]
        text = f"{name or kind}({', '.join(shown)})"
        link.last_call = (text, None)
        result = self._pmd_ask("call", list(args), kwargs)
        link.last_call = (text, result)
        return result

    def __getattr__(self, name: str) -> object:
        result = self._pmd_ask("getattr", name)
        if isinstance(result, Remote):
            link, number, kind, _ = result._pmd_state
            return Remote(link, number, kind, name)
        return result

    def __setattr__(self, name: str, value: object) -> None:
        self._pmd_ask("setattr", name, value)

    def __getitem__(self, key: object) -> object:
        return self._pmd_ask("getitem", key)

    def __setitem__(self, key: object, value: object) -> None:
        self._pmd_ask("setitem", key, value)

    def __iter__(self) -> Iterator[object]:
        iterator = self._pmd_ask("iter")
        if not isinstance(iterator, Remote):
            return iter(())
        return iterator

    def __next__(self) -> object:
        return self._pmd_ask("next")

    def __len__(self) -> int:
        return _int(self._pmd_ask("len"))

    def __bool__(self) -> bool:
        return self._pmd_ask("bool") is True

    def __int__(self) -> int:
        return _int(self._pmd_ask("int"))

    def __float__(self) -> float:
        value = self._pmd_ask("float")
        return value if type(value) is float else float("nan")

    def __str__(self) -> str:
        return _text(self._pmd_ask("str"))

    def __repr__(self) -> str:
        return f"<{self._pmd_state[2]} object>"

    __hash__ = object.__hash__

    def _pmd_compare(self, operation: str, other: object) -> object:
        if not isinstance(other, Remote):
            return NotImplemented
        if number_of(other) == number_of(self) and operation == "eq":
            return True
        self._pmd_state[0].compared = True
        return self._pmd_ask(operation, other)

    def __eq__(self, other: object) -> bool:
        return self._pmd_compare("eq", other)  # type: ignore[return-value]

    def __lt__(self, other: object) -> object:
        return self._pmd_compare("lt", other)

    def __le__(self, other: object) -> object:
        return self._pmd_compare("le", other)

    def __gt__(self, other: object) -> object:
        return self._pmd_compare("gt", other)

    def __ge__(self, other: object) -> object:
        return self._pmd_compare("ge", other)

    def __add__(self, other: object) -> object:
        return self._pmd_compare("add", other)

    def __sub__(self, other: object) -> object:
        return self._pmd_compare("sub", other)

    def __mul__(self, other: object) -> object:
        return self._pmd_compare("mul", other)


# An attribute of the class would hide the program's own.
Remote.__doc__ = property(lambda remote: remote._pmd_ask("getattr", "__doc__"))  # type: ignore[assignment]


def number_of(remote: Remote) -> int:
    """Which object it is, for the program's side."""
    return int(remote._pmd_state[1])


def text_of(value: object) -> str:
    """``repr``, of the program's objects by their own method."""
    return _text(value._pmd_ask("repr")) if isinstance(value, Remote) else repr(value)


def is_instance(value: object, kinds: object) -> bool:
    """``isinstance`` that also knows classes of the program."""
    for kind in kinds if isinstance(kinds, tuple) else (kinds,):
        if isinstance(kind, Remote):
            if isinstance(value, Remote) and value._pmd_ask("isinstance", kind) is True:
                return True
        elif isinstance(value, kind):
            return True
    return False


def _int(value: object) -> int:
    if type(value) is not int:
        raise TypeError("the program's answer is no int")
    return value


def _text(value: object) -> str:
    if type(value) is not str:
        raise TypeError("the program's answer is no str")
    return value


def short(value: object, limit: int = 300) -> str:
    """A value as a person would type it, cut to a length. Only plain values and remote objects come here."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # integers of more than 4,300 digits, deep lists
        text = f"<a very large {type(value).__name__}>"
    return text if len(text) <= limit else f"{text[: limit - 20]}... ({len(text)} characters)"
