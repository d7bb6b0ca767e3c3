"""A program from the blocks of one response: one block, and what it uses of those before it."""

import ast
import builtins
from collections.abc import Callable, Iterable, Sequence

Parse = Callable[[str], ast.Module | None]
_KNOWN = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}


def with_earlier(block: str, earlier: Sequence[str], parse: Parse) -> str:
    """A block below the imports, functions, classes and constants of earlier blocks whose names it uses and lacks.

    Nothing else of them runs: calls that show a result, tests and earlier attempts at the same function stay out.
    """
    tree = parse(block) if earlier else None
    if tree is None or _looks_ahead(tree):
        return block
    statements = [statement for other in map(parse, earlier) if other is not None for statement in other.body]
    wanted = _wanted(_lacking(tree), statements)
    try:
        return "\n".join([*map(ast.unparse, wanted), block])
    except (RecursionError, ValueError):  # too deep, or an integer of more digits than Python writes
        return block


def _looks_ahead(tree: ast.Module) -> bool:
    """Whether it begins with ``from __future__ import``, before which nothing may stand."""
    return any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)


def _wanted(lacking: set[str], statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The last of the statements that gives each of the names, and what these statements lack, in their order."""
    giving = {name: index for index, statement in enumerate(statements) for name in _given(statement)}
    unknown = lacking - giving.keys()  # a star may stand for any of these
    taken = {index for index, statement in enumerate(statements) if unknown and _is_star(statement)}
    todo = set(lacking)
    while todo:
        index = giving.get(todo.pop())
        if index is not None and index not in taken:
            taken.add(index)
            todo |= _lacking(statements[index])
    return [statements[index] for index in sorted(taken)]


def _given(statement: ast.stmt) -> Iterable[str]:
    """The names that a statement of the top level is there to define."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [statement.name]
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return [_imported(alias) for alias in statement.names]
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return [
            node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ]
    return []


def _lacking(tree: ast.AST) -> set[str]:
    """The names that are read somewhere and given nowhere, nor by Python."""
    read: set[str] = set()
    given: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else given).add(node.id)
        elif isinstance(node, ast.alias):
            given.add(_imported(node))
        elif isinstance(node, ast.arg):
            given.add(node.arg)
        elif isinstance(name := getattr(node, "name", None), str):  # of functions, classes, exceptions and patterns
            given.add(name)
    return read - given - _KNOWN


def _is_star(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*"


def _imported(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]
