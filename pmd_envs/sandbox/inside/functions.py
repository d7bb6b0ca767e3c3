"""Functions of the tests that the program is handed: what they need is sent along, if copies of it will do.

Over there such a function sees the program's names, modules that the tests imported, other functions of the tests and
plain values. One that changes something of the tests cannot be sent: what it did to a copy would be lost.
"""

import dis
import marshal
from collections.abc import Callable, Iterator, Sequence
from types import CellType, CodeType, FunctionType

from .touches import may_change

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pmd_envs.records import Json

FAIL, SETTLE, BEGIN, WAITING = "__fail__", "__settle__", "__begin__", "__waiting__"
"""Names of ours in the code of tests: what an assert does that is not true, what follows on calls, what a function
begins with, and what there is to settle."""
OURS = frozenset((FAIL, SETTLE, BEGIN, WAITING))


class NotSendable(Exception):  # noqa: N818 (a shape of a test, found out on the way)
    """A test hands the program something that cannot cross."""


class Parcel:
    """A function with what it needs, ready to be sent.

    Args:
        function: Of the tests.
        touched: What functions of the tests may change of the values of names.
        defined: The program's names, which mean the same over there.
    """

    def __init__(self, function: FunctionType, touched: dict[str, int], defined: "dict[str, object]") -> None:
        self.functions = [function]
        self.names: dict[str, object] = {}
        self._touched = touched
        for one in self.functions:  # grows
            for value in (*self._cells(one), *self._defaults(one), *self._globals(one, defined)):
                if isinstance(value, FunctionType) and value.__globals__ is function.__globals__:
                    self.functions += [value] if value not in self.functions else []

    def number(self, function: FunctionType) -> int:
        """The place of a function that comes with this one."""
        if function not in self.functions:
            raise NotSendable("a function in a collection")
        return self.functions.index(function)

    def _cells(self, function: FunctionType) -> list[object]:
        names = function.__code__.co_freevars
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
        for name, value in zip(names, cells, strict=True):
            self._refuse_changes(name, value)
        return cells

    def _defaults(self, function: FunctionType) -> list[object]:
        if vars(function):
            raise NotSendable("a function with attributes")
        values, code = function.__defaults__ or (), function.__code__
        named = dict(zip(code.co_varnames[: code.co_argcount][::-1], values[::-1], strict=False))
        named |= function.__kwdefaults__ or {}
        for name, value in named.items():
            self._refuse_changes(name, value)
        return list(named.values())

    def _globals(self, function: FunctionType, defined: "dict[str, object]") -> list[object]:
        found: dict[str, object] = {}
        scope = function.__globals__
        for code in _codes(function.__code__):
            for step in dis.get_instructions(code):
                name = str(step.argval)
                if step.opname in ("STORE_GLOBAL", "DELETE_GLOBAL") or (
                    step.opname in ("STORE_DEREF", "DELETE_DEREF") and name in function.__code__.co_freevars
                ):
                    raise NotSendable(f"a function that sets {name}")
                if step.opname in ("LOAD_GLOBAL", "LOAD_NAME") and name in scope and name not in OURS:
                    found[name] = scope[name]
        for name, value in list(found.items()):
            if name in defined and defined[name] is value:
                del found[name]
                continue
            self._refuse_changes(name, value)
        self.names |= found
        return list(found.values())

    def _refuse_changes(self, name: str, value: object) -> None:
        if name in self._touched and may_change(value, self._touched[name]):
            raise NotSendable(f"a function that may change {name}")

    def packed(self, encode: "Callable[[object], Json]") -> "list[Json]":
        """As tagged JSON can hold it."""
        bodies: list[Json] = [
            [
                marshal.dumps(one.__code__).hex(),
                encode(list(one.__defaults__ or ())),
                encode(dict(one.__kwdefaults__ or {})),
                encode([cell.cell_contents for cell in one.__closure__ or ()]),
            ]
            for one in self.functions
        ]
        return [bodies, encode(self.names)]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _fail(*_: object) -> None:
    raise AssertionError


def unpacked(
    content: "Sequence[Any]", scope: dict[str, object], decode: "Callable[[Json, list[FunctionType]], Any]"
) -> FunctionType:
    """The function of a parcel, over there. ``decode`` is told of the functions that came together."""
    bodies, names = content
    seen = scope if names == {"dict": []} else dict(scope)
    seen |= {FAIL: _fail, SETTLE: lambda *_: None, BEGIN: lambda: 0, WAITING: ()}
    made: list[FunctionType] = []
    for code, *_ in bodies:
        body = marshal.loads(bytes.fromhex(code))
        made.append(FunctionType(body, seen, None, None, tuple(CellType() for _ in body.co_freevars)))
    for function, (_, defaults, named, cells) in zip(made, bodies, strict=True):
        function.__defaults__ = tuple(decode(defaults, made))
        function.__kwdefaults__ = decode(named, made)
        for cell, value in zip(function.__closure__ or (), decode(cells, made), strict=True):
            cell.cell_contents = value
    seen.update(decode(names, made))
    return made[0]
