"""Tests as code of the driver: asserts that keep both sides for the feedback, and which names are the program's."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from types import CodeType

from .functions import BEGIN, FAIL, SETTLE, WAITING
from .handed import BUILTINS, Settling

LEFT, RIGHT, SINCE = "__left__", "__right__", "__since__"
OPERATORS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is"}
# Names that tests take from the standard library: the program's own versions of them could make anything equal.
# fmt: off
MODULES = frozenset((
    "bisect", "cmath", "collections", "copy", "datetime", "decimal", "fractions", "functools", "heapq", "itertools",
    "json", "math", "operator", "random", "re", "statistics", "string",
))
# fmt: on
CLASSES = {
    **dict.fromkeys(("Counter", "OrderedDict", "defaultdict", "deque"), "collections"),
    "Decimal": "decimal",
    "Fraction": "fractions",
    "deepcopy": "copy",
    "isclose": "math",
}
MAX_SOURCE = 200
POWERFUL = {"exec", "eval", "compile", "globals", "vars", "setattr", "delattr", "open", "input", "breakpoint"}


class _Asserts(ast.NodeTransformer):
    """``assert a == b`` becomes code that reports a, b and its own number when it fails.

    What calls have changed of their arguments is seen from the next statement on. A function of the tests that runs in
    the middle of a statement settles only what was changed since it began.

    Args:
        settling: Where that is.
    """

    def __init__(self, settling: Settling) -> None:
        self.tests: list[ast.expr] = []
        self._settling = settling
        self._in_function = False

    def visit(self, node: ast.AST) -> "ast.AST | list[ast.stmt]":
        """A node in its new form, and behind a statement with a call what settles it."""
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) or not self._settling.at(node):
            return super().visit(node)  # type: ignore[no-any-return]
        assert isinstance(node, ast.stmt)
        caught = self._settling.used_by_handlers(node)
        yields = any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in _header(node))
        behind = _begin(node) if yields else self._settle(node, self._settling.used(node))
        found = super().visit(node)
        if isinstance(node, (ast.Try, ast.TryStar)):
            for handler, used in zip(node.handlers, caught, strict=True):
                handler.body.insert(0, self._settle(node, used))
        for block in _later_blocks(node):
            block.insert(0, behind)
        return [*(found if isinstance(found, list) else [found]), behind]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        before, self._in_function = self._in_function, True
        self.generic_visit(node)
        self._in_function = before
        if self._settling.shares:
            node.body.insert(ast.get_docstring(node, clean=False) is not None, _begin(node))
        return node

    def _settle(self, node: ast.stmt, used: bool) -> ast.stmt:
        since = [ast.Name(SINCE, ast.Load())] if self._in_function else []
        call = ast.Call(ast.Name(SETTLE, ast.Load()), [ast.Constant(used), *since], [])
        settle = ast.If(ast.Name(WAITING, ast.Load()), [ast.Expr(call)], [])
        return ast.fix_missing_locations(ast.copy_location(settle, node))

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        test = node.test
        number = len(self.tests)
        self.tests.append(test)
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in OPERATORS:
            sides = (LEFT, test.left), (RIGHT, test.comparators[0])
            found: list[ast.stmt] = [ast.Assign([ast.Name(name, ast.Store())], side) for name, side in sides]
            names = [ast.Name(name, ast.Load()) for name, _ in sides]
            again = ast.Compare(names[0], test.ops, [names[1]])
            operator = OPERATORS[type(test.ops[0])]
        else:
            found, names, again, operator = [], [], test, ""  # type: ignore[assignment]
        failed = ast.Call(ast.Name(FAIL, ast.Load()), [ast.Constant(number), ast.Constant(operator), *names], [])
        found.append(ast.If(ast.UnaryOp(ast.Not(), again), [ast.Expr(failed)], []))
        return [ast.fix_missing_locations(ast.copy_location(statement, node)) for statement in found]


@dataclass(frozen=True)
class Names:
    """The names that tests use, by where they come from."""

    program: frozenset[str]
    """Names that have to be the program's."""
    library: dict[str, str]
    """Names of the standard library that were not imported, with their module ('' for modules)."""
    replaced: bool = False
    """Whether the names of the program are Python's own too: those that it does not define are Python's."""


class TestCode:
    """One test, ready to run, with its asserts replaced."""

    def __init__(self, tree: ast.Module, settling: Settling) -> None:
        asserts = _Asserts(settling)
        code = asserts.visit(tree)
        assert isinstance(code, ast.Module)
        self.code: CodeType = compile(code, "<tests>", "exec", dont_inherit=True)
        self._tests = asserts.tests

    def source(self, number: int) -> str:
        """The text of an assert."""
        return ast.unparse(self._tests[number])[:MAX_SOURCE]


def _begin(node: ast.stmt) -> ast.stmt:
    """What a function does before it settles anything, and again when it goes on after a ``yield``."""
    begin = ast.Assign([ast.Name(SINCE, ast.Store())], ast.Call(ast.Name(BEGIN, ast.Load()), [], []))
    return ast.fix_missing_locations(ast.copy_location(begin, node))


def _header(node: ast.stmt) -> Iterator[ast.AST]:
    """What a statement evaluates itself, without the statements inside it."""
    for part in ast.iter_child_nodes(node):
        if not isinstance(part, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            yield from ast.walk(part)


def _later_blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    """The blocks of a statement that may begin with a call behind them."""
    if isinstance(node, ast.Match):
        return [case.body for case in node.cases]
    names = ("finalbody",) if isinstance(node, (ast.Try, ast.TryStar)) else ("body", "orelse")
    return [block for name in names if (block := getattr(node, name, []))]


def asks_which(nodes: list[ast.AST]) -> bool:
    """Whether tests ask if two objects are one."""
    return any(_identity(node) for node in nodes)


def names_by_assert(nodes: list[ast.AST]) -> list[set[str]]:
    """All names that each assert uses."""
    asserts = [node for node in nodes if isinstance(node, ast.Assert)]
    return [{node.id for node in ast.walk(one) if isinstance(node, ast.Name)} for one in asserts]


def _identity(node: ast.AST) -> bool:
    """``a is b`` of two things that are no constants."""
    if not isinstance(node, ast.Compare) or not any(isinstance(operator, (ast.Is, ast.IsNot)) for operator in node.ops):
        return False
    return not any(isinstance(side, ast.Constant) for side in (node.left, *node.comparators))


def names_of(nodes: list[ast.AST], entry: str | None) -> Names:
    """Which names come from the program and which from the standard library.

    A name of Python's own is the program's only if the tests name nothing else that could be tested.
    """
    free = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    free -= _bound(nodes)
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    library = {name: CLASSES[name] for name in free & set(CLASSES)}
    library |= dict.fromkeys((free & MODULES) - called, "")
    program = free - set(library) - BUILTINS
    replaced = not program and entry is None
    if replaced:
        program = free & called
    if entry is not None:
        program |= {entry}
        library.pop(entry, None)
    return Names(frozenset(program), library, replaced)


def tested(names: Names, defined: Collection[str]) -> set[str]:
    """The names that are taken from a program that defines these.

    Where all of them are Python's own too, those of the library are what it was asked for, and with them builtins are
    what the tests compare with.
    """
    own = set(defined) - BUILTINS
    return own if names.replaced and own else set(defined)


def _bound(nodes: list[ast.AST]) -> set[str]:
    """Names that the tests themselves define, anywhere."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def splits(nodes: list[ast.AST], program: frozenset[str]) -> bool:
    """Whether tests can be run from outside: no coroutines, and no classes derived from the program's."""
    for node in nodes:
        if isinstance(node, (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)):
            return False
        if isinstance(node, ast.Name) and node.id == "asyncio":
            return False
        if isinstance(node, ast.ClassDef):
            used = {inner.id for base in node.bases for inner in ast.walk(base) if isinstance(inner, ast.Name)}
            if used & program:
                return False
    return True


def leaves_nothing(nodes: list[ast.AST]) -> bool:
    """Whether tests cannot have changed the process that runs them for the tests that come after."""
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Global)):
            return False
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            return False
        if isinstance(node, ast.Name) and node.id in POWERFUL:
            return False
        if isinstance(node, ast.Attribute) and node.attr.startswith("__"):
            return False
    return True
