r"""Programs with one fault: what is left after a slip of the hand in one place.

    >>> [fault.program for fault in faults("def f(n):\n    return n > 3") if fault.name == "comparison"]
    ['def f(n):\n    return n < 3', 'def f(n):\n    return n >= 3']

The text is edited in place, so that everything but the fault stays as it was written. Whether a fault matters is for
the caller to find out, by running the program.
"""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

FAULTS = ("constant", "operator", "comparison", "return", "off_by_one")

_OPERATORS: dict[type[ast.AST], tuple[str, tuple[str, ...]]] = {
    ast.Add: ("+", ("-",)),
    ast.Sub: ("-", ("+",)),
    ast.Mult: ("*", ("+",)),
    ast.Div: ("/", ("*",)),
    ast.FloorDiv: ("//", ("%", "*")),
    ast.Mod: ("%", ("//",)),
    ast.And: ("and", ("or",)),
    ast.Or: ("or", ("and",)),
    ast.Lt: ("<", ("<=", ">")),
    ast.LtE: ("<=", ("<", ">=")),
    ast.Gt: (">", (">=", "<")),
    ast.GtE: (">=", (">", "<=")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}


@dataclass(frozen=True)
class Fault:
    """A program that differs from the right one in one place."""

    name: str
    """One of :data:`FAULTS`."""
    program: str


@dataclass(frozen=True)
class _Edit:
    name: str
    start: int
    end: int
    text: str


class _Source:
    """A program with the places of its nodes, which Python counts in bytes."""

    def __init__(self, program: str) -> None:
        self.bytes = program.encode()
        self._starts = [0]
        for line in self.bytes.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Where the text of a node begins and ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._starts[node.lineno - 1] + node.col_offset, self._starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: ast.expr) -> str:
        """What stands there."""
        start, end = self.span(node)
        return self.bytes[start:end].decode()

    def edited(self, edit: _Edit) -> str:
        """The program with one edit."""
        return (self.bytes[: edit.start] + edit.text.encode() + self.bytes[edit.end :]).decode()

    def between(self, name: str, left: ast.expr, right: ast.expr, operator: ast.AST) -> Iterator[_Edit]:
        """Edits that put another operator between two operands."""
        if type(operator) not in _OPERATORS:
            return
        symbol, others = _OPERATORS[type(operator)]
        gap, end = self.span(left)[1], self.span(right)[0]
        start = self.bytes.find(symbol.encode(), gap, end)
        if start >= 0:
            for other in others:
                yield _Edit(name, start, start + len(symbol), other)


def faults(program: str) -> tuple[Fault, ...]:
    """Every single fault of a program that we know how to make, in the order of the text; none if it is no program."""
    tree = _parse(program)
    if tree is None:
        return ()
    source = _Source(program)
    edits = sorted(_edits(source, tree), key=lambda edit: (edit.start, edit.name, edit.text))
    made = (Fault(edit.name, source.edited(edit)) for edit in edits)
    return tuple(fault for fault in made if _parse(fault.program) is not None)


def _parse(program: str) -> ast.Module | None:
    with warnings.catch_warnings(action="ignore"):
        try:
            return ast.parse(program)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _edits(source: _Source, tree: ast.Module) -> Iterator[_Edit]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            yield from _constant(source, node)
        elif isinstance(node, ast.BinOp):
            yield from source.between("operator", node.left, node.right, node.op)
        elif isinstance(node, ast.BoolOp):
            yield from source.between("operator", node.values[0], node.values[1], node.op)
        elif isinstance(node, ast.Compare):
            yield from source.between("comparison", node.left, node.comparators[0], node.ops[0])
        elif isinstance(node, ast.Return) and node.value is not None:
            yield from _return(source, tree, node.value)
        elif isinstance(node, (ast.Call, ast.Slice)):
            yield from _off_by_one(source, node)


def _constant(source: _Source, node: ast.Constant) -> Iterator[_Edit]:
    """One more or one less, or the other truth value."""
    start, end = source.span(node)
    if isinstance(node.value, bool):
        yield _Edit("constant", start, end, str(not node.value))
    elif isinstance(node.value, int) and source.text(node).isdecimal():
        for number in {node.value + 1, max(node.value - 1, 0)} - {node.value}:
            yield _Edit("constant", start, end, str(number))


def _return(source: _Source, tree: ast.Module, value: ast.expr) -> Iterator[_Edit]:
    """Another value than the one to return: a part of it, its opposite, or another variable."""
    start, end = source.span(value)
    if isinstance(value, ast.BinOp):
        yield _Edit("return", start, end, source.text(value.left))
    elif isinstance(value, ast.Compare):
        yield _Edit("return", start, end, f"not {source.text(value)}")
    elif isinstance(value, ast.Call) and value.args and not isinstance(value.args[0], (ast.Starred, ast.GeneratorExp)):
        yield _Edit("return", start, end, source.text(value.args[0]))
    elif isinstance(value, ast.Name):
        stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        for name in sorted(stored - {value.id}):
            yield _Edit("return", start, end, name)


def _off_by_one(source: _Source, node: "ast.Call | ast.Slice") -> Iterator[_Edit]:
    """The end of a range or the border of a slice, one too far or one too short."""
    borders: list[ast.expr | None] = []
    if isinstance(node, ast.Slice):
        borders = [node.lower, node.upper]
    elif isinstance(node.func, ast.Name) and node.func.id == "range" and node.args:
        borders = [node.args[min(1, len(node.args) - 1)]]
    for border in borders:
        if isinstance(border, (ast.Name, ast.Call)):
            for change in (" + 1", " - 1"):
                yield _Edit("off_by_one", source.span(border)[1], source.span(border)[1], change)
        elif isinstance(border, ast.BinOp) and isinstance(border.op, (ast.Add, ast.Sub)):
            yield _Edit("off_by_one", *source.span(border), source.text(border.left))
