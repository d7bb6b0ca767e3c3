"""The driver inside the child process: it runs the program, makes the calls and reports what came back.

It is shipped to the child as compiled code and imports almost nothing, because every program pays for its
start. It never sees an expected value. A program that walks the frames can find the token and write what it
likes to the result channel, and gains nothing by it: what counts are the values, which are compared elsewhere.

Values travel as JSON in which whatever JSON would blur carries a tag: ``(1, 2.0)`` becomes
``{"tuple": [1, {"float": "0x1.0000000000000p+1"}]}``. Only exact types are encoded; an instance of a
subclass may lie about its equality, so it becomes ``{"opaque": "ItsClass"}``.
"""

import os
import sys
from _json import encode_basestring_ascii
from collections.abc import Callable, Iterable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pmd_envs.records import Json

PROGRAM = "<solution>"
MAX_DEPTH = 60
MAX_ITEMS = 20_000
MAX_MESSAGE = 200
PLAIN_INT = 1 << 53


class TooLarge(Exception):  # noqa: N818 (internal signal, not an error of a caller)
    """A value is too deep or has too many items to be reported."""


def encode(value: object) -> "Json":
    """Turn a value into tagged JSON; raise :class:`TooLarge` beyond the caps."""
    return _encode(value, [MAX_ITEMS], 0)


def _encode(value: object, room: list[int], depth: int) -> "Json":
    room[0] -= 1
    if room[0] < 0 or depth > MAX_DEPTH:
        raise TooLarge
    kind = type(value)
    if kind in _SCALARS:
        return _SCALARS[kind](value)
    if kind is dict:
        return {"dict": [_items(pair, room, depth) for pair in value.items()]}  # type: ignore[attr-defined]
    if kind is list:
        return _items(value, room, depth)  # type: ignore[arg-type]
    if kind in _GROUPS:
        return {_GROUPS[kind]: _items(value, room, depth)}  # type: ignore[arg-type]
    return {"opaque": str(kind.__name__)[:40]}


def _items(values: Iterable[object], room: list[int], depth: int) -> "list[Json]":
    return [_encode(value, room, depth + 1) for value in values]


def _encode_int(value: int) -> "Json":
    return value if -PLAIN_INT < value < PLAIN_INT else {"int": hex(value)}


def _encode_str(value: str) -> "Json":
    try:
        value.encode()
    except UnicodeEncodeError:  # two lone surrogates would come back as one character
        return {"str": value.encode("utf-8", "surrogatepass").hex()}
    return value


_SCALARS: "dict[type, Callable[[object], Json]]" = {
    type(None): lambda value: None,  # noqa: ARG005
    bool: lambda value: value,  # type: ignore[dict-item, return-value]
    int: _encode_int,  # type: ignore[dict-item]
    str: _encode_str,  # type: ignore[dict-item]
    float: lambda value: {"float": value.hex()},  # type: ignore[attr-defined]
    bytes: lambda value: {"bytes": value.hex()},  # type: ignore[attr-defined]
}
_GROUPS: dict[type, str] = {tuple: "tuple", set: "set", frozenset: "frozenset"}


def dump(tree: "Json") -> str:
    """JSON text of tagged JSON (the json module would double the start-up time)."""
    if isinstance(tree, str):
        return str(encode_basestring_ascii(tree))
    if isinstance(tree, list):
        return "[" + ",".join([dump(item) for item in tree]) + "]"
    if isinstance(tree, dict):
        return "{" + ",".join([f"{encode_basestring_ascii(k)}:{dump(v)}" for k, v in tree.items()]) + "}"
    return "null" if tree is None else str(tree).lower()


def describe(error: BaseException) -> str:
    """``NameError: name 'y' is not defined (line 2)``, whatever the exception does when it is shown."""
    name = type(error).__name__
    try:
        text = str(error.msg) if isinstance(error, SyntaxError) else str(error)
    except Exception:  # noqa: BLE001 (the exception's own __str__ is part of the program)
        text = ""
    line = error.lineno if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None and not isinstance(error, SyntaxError):
        if trace.tb_frame.f_code.co_filename == PROGRAM:
            line = trace.tb_lineno
        trace = trace.tb_next
    message = " ".join(text[:MAX_MESSAGE].split())
    return name + (f": {message}" if message else "") + (f" (line {line})" if line else "")


def outcome(function: Callable[..., object], args: tuple[object, ...]) -> "dict[str, Json]":
    """Call the function and say what it returned or raised."""
    try:
        return {"value": encode(function(*args))}
    except TooLarge:
        return {"value": {"opaque": "huge"}}
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 (any exit from the program is its result)
        return {"error": describe(error)}


def load(program: str, entry_point: str, scope: dict[str, object]) -> Callable[..., object]:
    """Run the program's top level in ``scope`` and return the function it defines."""
    exec(compile(program, PROGRAM, "exec", dont_inherit=True), scope)
    function = scope.get(entry_point)
    if not callable(function):
        raise NameError(f"the program defines no function {entry_point}")
    return function


def serve(job: tuple[str, str, tuple[tuple[object, ...], ...]], token: str, isolation: list[str]) -> None:
    """Answer every call on what was standard output, then say the token and end the process."""
    program, entry_point, calls = job
    channel = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)

    def send(tree: "Json", write: Callable[[int, bytes], int] = os.write) -> None:
        data = dump(tree).encode() + b"\n"
        while data:
            data = data[write(channel, data) :]

    send({"isolation": [*isolation]})
    try:
        module = sys.modules["solution"] = type(sys)("solution")
        function = load(program, entry_point, module.__dict__)
    except BaseException as error:  # noqa: BLE001 (sys.exit at the top level included)
        send({"load": describe(error)})
        os._exit(0)
    for args in calls:
        send(outcome(function, args))
    send({"token": token})
    os._exit(0)
