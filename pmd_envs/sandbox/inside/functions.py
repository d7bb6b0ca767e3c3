"""Functions of the tests that the program is handed: what they need is sent along, if copies of it will do.

Over there such a function sees the program's names, modules that the tests imported, other functions of the tests and
plain values. One that changes something of the tests cannot be sent: what it did to a copy would be lost.
"""

import ast
import dis
import marshal
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import CellType, CodeType, FunctionType

from .values import MUTABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pmd_envs.records import Json

FAIL, SETTLE = "__fail__", "__settle__"
"""Names of ours in the code of tests: what an assert does that is not true, and what follows on calls."""
# Functions that leave what they are given as it is.
# fmt: off
READERS = frozenset((
    "abs", "all", "any", "bool", "dict", "enumerate", "frozenset", "isinstance", "len", "list", "max", "min", "range",
    "repr", "reversed", "set", "sorted", "str", "sum", "tuple", "type", "zip",
))
# fmt: on


class NotSendable(Exception):  # noqa: N818 (a shape of a test, found out on the way)
    """A test hands the program something that cannot cross."""


def touched(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Names of things that functions of the tests may change: whose methods they call, whose items they set."""
    bodies = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.Lambda))]
    return frozenset(name for body in bodies for node in ast.walk(body) for name in _touched(node))


def _touched(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.Attribute, ast.Subscript)) and (isinstance(node, ast.Attribute) or _written(node)):
        yield from _names([node.value])
    elif isinstance(node, ast.Call):
        if not (isinstance(node.func, ast.Name) and node.func.id in READERS):
            yield from _names([*node.args, *(keyword.value for keyword in node.keywords)])
    elif isinstance(node, ast.AugAssign):
        yield from _names([node.target])
    elif isinstance(node, (ast.Return, ast.Lambda, ast.Assign, ast.For)):  # another name for it, or for a part of it
        value = getattr(node, {ast.Lambda: "body", ast.For: "iter"}.get(type(node), "value"))
        yield from _names([value] if isinstance(value, ast.Name) else [])


def _written(node: ast.Subscript) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _names(values: Iterable[ast.AST]) -> Iterator[str]:
    return (node.id for value in values for node in ast.walk(value) if isinstance(node, ast.Name))


class Parcel:
    """A function with what it needs, ready to be sent.

    Args:
        function: Of the tests.
        touched: Names of what functions of the tests may change.
        defined: The program's names, which mean the same over there.
    """

    def __init__(self, function: FunctionType, touched: frozenset[str], defined: "dict[str, object]") -> None:
        self.functions = [function]
        self.names: dict[str, object] = {}
        self._touched = touched
        for one in self.functions:  # grows
            for value in (*self._cells(one), *self._globals(one, defined)):
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
                if step.opname in ("LOAD_GLOBAL", "LOAD_NAME") and name in scope and name not in (FAIL, SETTLE):
                    found[name] = scope[name]
        for name, value in list(found.items()):
            if name in defined and defined[name] is value:
                del found[name]
                continue
            self._refuse_changes(name, value)
        self.names |= found
        return list(found.values())

    def _refuse_changes(self, name: str, value: object) -> None:
        if isinstance(value, MUTABLE) and name in self._touched:
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
    seen |= {FAIL: _fail, SETTLE: lambda *_: None}
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
