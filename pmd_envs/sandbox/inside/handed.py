"""What tests hand to calls, and where they see what calls have made of it: behind the statement with the call."""

import ast
import builtins
from collections.abc import Collection, Iterable, Iterator, Sequence

from .touches import READERS

BUILTINS = frozenset(dir(builtins))
CALL_LATER = frozenset(("map", "filter", "iter"))
"""Python's own that call what they are given when their result is used; modules may do so as well."""
ONE_BY_ONE = frozenset(("enumerate", "reversed", "zip"))
"""Those that take what a generator gives only when their own result is used."""
ENDS = (ast.Return, ast.Raise, ast.Pass, ast.Break, ast.Continue)
NAMING = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)
SILENT = (*ENDS, *NAMING)
"""Statements behind which nothing is settled: nothing runs there, or their caller settles, or they call nothing."""


class Settling:
    """Where tests see what calls have changed, and whether it may decide what the tests compare it with.

    Args:
        trees: All tests.
        nodes: All their nodes.
        program: The program's names.
        library: Names of the standard library.
    """

    def __init__(
        self, trees: Sequence[ast.AST], nodes: Sequence[ast.AST], program: Collection[str], library: Collection[str]
    ) -> None:
        self.shares = bool(handed_over(trees, program))
        """Whether tests may look again at what they hand over."""
        self._program = program
        values = list(_passed_on(nodes))
        own = {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        self._elsewhere = any(self._may_reach(value, own) for value in values) or self._called_later(nodes, library)
        """Whether calls may be made by other statements than those in which they stand."""
        self._mixed = self._elsewhere and any(map(_makes_more, values))
        """Whether a function of the tests makes more of a result than to return it."""

    def at(self, node: ast.AST) -> bool:
        """Whether something may have changed behind this statement."""
        if not self.shares or not isinstance(node, ast.stmt) or isinstance(node, SILENT):
            return False
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return False
        return self._elsewhere or any(isinstance(inner, ast.Call) and not _copies(inner) for inner in ast.walk(node))

    def used(self, node: ast.stmt) -> bool:
        """Whether tests use the result of a call in a statement, so that they may compare it with what it changed."""
        return self._mixed or not (isinstance(node, ast.Expr) and self._drops(node.value))

    def used_by_handlers(self, node: ast.stmt) -> list[bool]:
        """The same for each handler of a ``try``, of a call that raised: an exception is its result."""
        if not isinstance(node, (ast.Try, ast.TryStar)):
            return []
        return [self._mixed or handler.name is not None for handler in node.handlers]

    def _drops(self, value: ast.expr) -> bool:
        """Whether nothing is done with the result of a call."""
        if not isinstance(value, ast.Call) or self._parts(value):
            return False
        return not self._elsewhere or not any(isinstance(inner, ast.Call) for inner in _below(value))

    def _parts(self, value: ast.expr) -> set[str]:
        """What is handed to calls inside an expression other than a call that is all of it."""
        return handed_over(ast.iter_child_nodes(value) if isinstance(value, ast.Call) else [value], self._program)

    def _may_reach(self, value: ast.expr, own: set[str]) -> bool:
        """Whether an expression may hand something to the program: functions of the tests do so by their own calls."""
        calls = [node for node in ast.walk(value) if isinstance(node, ast.Call) and not _is_pythons(node)]
        return any(handed_over([call], self._program) for call in calls if _called(call) not in own)

    def _called_later(self, nodes: Sequence[ast.AST], library: Collection[str]) -> bool:
        """Whether functions that may call others later are handed something."""
        aliases = (node for node in nodes if isinstance(node, ast.alias))
        known = {(alias.asname or alias.name).partition(".")[0] for alias in aliases} | CALL_LATER | set(library)
        calls = (node for node in nodes if isinstance(node, ast.Call) and not _copies(node))
        return any(handed_over([call], self._program) for call in calls if _root(call.func) in known)


def handed_over(nodes: Iterable[ast.AST], program: Collection[str]) -> set[str]:
    """Names of what calls are given that tests may look at again."""
    calls = (inner for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Call) and not _copies(inner))
    given = [value for call in calls for value in (*call.args, *(keyword.value for keyword in call.keywords))]
    names: set[str] = set()
    while given:
        value = given.pop()
        if isinstance(value, ast.Name):
            names.add(value.id)
        elif not isinstance(value, ast.Call):
            given += ast.iter_child_nodes(value)  # type: ignore[arg-type]
        elif not _copies(value):  # what that is given was counted; it may give a part of what it belongs to
            given.append(value.func)
    return names - BUILTINS - set(program)


def _copies(call: ast.Call) -> bool:
    """Whether a call leaves what it is given as it is, and hands it to nobody."""
    name = _called(call) or getattr(call.func, "attr", "")
    return name in ("copy", "deepcopy") or (_called(call) in READERS and not call.keywords)


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _is_pythons(call: ast.Call) -> bool:
    return _called(call) in BUILTINS - CALL_LATER


def _makes_more(value: ast.expr) -> bool:
    """Whether an expression is more than one call."""
    inside = _below(value) if isinstance(value, ast.Call) else ast.walk(value)
    return any(isinstance(node, ast.Call) and not _is_pythons(node) for node in inside)


def _passed_on(nodes: Sequence[ast.AST]) -> Iterator[ast.expr]:
    """What functions and generators give to the statement that asks for it, before anything is settled."""
    emptied = {id(arg) for node in nodes if isinstance(node, ast.Call) and _empties(node) for arg in node.args}
    for node in nodes:
        if isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)) and node.value:
            yield node.value
        elif isinstance(node, ast.Lambda):
            yield node.body
        elif isinstance(node, ast.GeneratorExp) and id(node) not in emptied:
            yield node.elt


def _empties(call: ast.Call) -> bool:
    """Whether a call takes all that a generator gives."""
    return _called(call) in READERS - ONE_BY_ONE or (isinstance(call.func, ast.Attribute) and call.func.attr == "join")


def _below(node: ast.AST) -> Iterable[ast.AST]:
    return (inner for part in ast.iter_child_nodes(node) for inner in ast.walk(part))


def _root(node: ast.AST) -> str:
    """The name at the beginning of ``a.b.c``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
