"""Which calls of the program tests will make, as far as their text says so.

Such calls can be asked for together, which saves waiting for one result before the next is asked for. The program
learns no more than it would: its inputs, a little earlier.
"""

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass

# Functions whose calls with plain values ask the program for nothing.
PURE = frozenset(
    (
        "abs",
        "bool",
        "dict",
        "float",
        "int",
        "len",
        "list",
        "max",
        "min",
        "round",
        "set",
        "sorted",
        "str",
        "sum",
        "tuple",
    )
)
PLAIN_NODES = (
    *(ast.Compare, ast.UnaryOp, ast.BinOp, ast.Call, ast.Name, ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict),
    *(ast.keyword, ast.operator, ast.unaryop, ast.cmpop, ast.expr_context),
)


@dataclass(frozen=True)
class Call:
    """A call of something that the program defines, with constants."""

    name: str
    args: tuple[object, ...]
    kwargs: dict[str, object]


def foreseen(tests: Sequence[list[ast.AST]], names: Collection[str]) -> list[Call]:
    """The calls of the first tests, given by all their nodes, up to one that does not plainly say what it calls."""
    calls: list[Call] = []
    for nodes in tests:
        call = _only_call(nodes, names)
        if call is None:
            break
        calls.append(call)
    return calls


def _only_call(nodes: list[ast.AST], names: Collection[str]) -> Call | None:
    """The call of an assert that makes exactly one, whatever comes of it."""
    module, *nodes = nodes
    if not (isinstance(module, ast.Module) and len(module.body) == 1 and isinstance(module.body[0], ast.Assert)):
        return None
    del nodes[0]  # the assert
    if not all(isinstance(node, PLAIN_NODES) for node in nodes):
        return None
    if any(isinstance(node, ast.Compare) and len(node.ops) > 1 for node in nodes):  # may stop half-way
        return None
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    functions = [node.func.id for node in calls if isinstance(node.func, ast.Name)]
    used = [node.id for node in nodes if isinstance(node, ast.Name)]
    wanted = [name for name in used if name in names]
    if len(wanted) != 1 or sorted(used) != sorted(functions) or not set(used) - set(wanted) <= PURE:
        return None
    return _constant(next(call for call in calls if isinstance(call.func, ast.Name) and call.func.id == wanted[0]))


def _constant(call: ast.Call) -> Call | None:
    """The call, if all that it is given is written out. The order of a set depends on how it is made."""
    if any(isinstance(node, ast.Set) for node in ast.walk(call)):
        return None
    try:
        args = tuple(map(ast.literal_eval, call.args))
        kwargs = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg}
    except (ValueError, TypeError, RecursionError):  # a variable, or a key that cannot be one
        return None
    assert isinstance(call.func, ast.Name)
    return Call(call.func.id, args, kwargs) if len(kwargs) == len(call.keywords) else None
