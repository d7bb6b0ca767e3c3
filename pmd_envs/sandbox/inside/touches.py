"""What functions of tests may change of a value that they see under some name: all of it, or only parts far down.

``log.append(x)`` may change ``log`` itself and what is in it; ``row = grid[0]`` gives another name to a part one step
down, so that nothing is lost with a copy of ``grid`` if its rows cannot change. What is only read, as in ``len(log)``
or ``grid[0][1] > 2``, is left as it is.
"""

import ast
from collections.abc import Iterable, Iterator

from .values import MUTABLE

# Functions that leave what they are given as it is.
# fmt: off
READERS = frozenset((
    "abs", "all", "any", "bool", "dict", "enumerate", "frozenset", "isinstance", "len", "list", "max", "min", "range",
    "repr", "reversed", "set", "sorted", "str", "sum", "tuple", "type", "zip",
))
MEASURES = frozenset(("abs", "all", "any", "bool", "isinstance", "len", "range", "repr", "str", "type"))
"""Those whose result holds no part of it."""
# fmt: on
CHOICES = frozenset(("max", "min", "sum"))
"""Those whose result may be one of several things that they are given."""
ALIASED: dict[type[ast.AST], str] = {
    **dict.fromkeys((ast.Return, ast.Yield, ast.YieldFrom, ast.Assign, ast.AnnAssign, ast.NamedExpr), "value"),
    ast.Lambda: "body",
    ast.withitem: "context_expr",
    ast.Match: "subject",
}
"""What gives another name to a value, or to a part of it, or lets others see it."""
HELD: dict[type[ast.AST], tuple[str, ...]] = {
    **dict.fromkeys((ast.Compare, ast.UnaryOp, ast.JoinedStr, ast.Lambda), ()),
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.GeneratorExp), ("elt",)),
    ast.IfExp: ("body", "orelse"),
}
"""Which parts of an expression its value may be, or hold; of others any."""
Parts = Iterator[tuple[str, int]]
"""Names, each with how many steps down from its value."""


def touched(nodes: Iterable[ast.AST]) -> dict[str, int]:
    """From how many steps down on functions of the tests may change the values of names."""
    bodies = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.Lambda))]
    found: dict[str, int] = {}
    for name, steps in (part for body in bodies for node in ast.walk(body) for part in _touched(node)):
        found[name] = min(steps, found.get(name, steps))
    return found


def may_change(value: object, steps: int) -> bool:
    """Whether a value holds anything that can be changed so many steps down or further."""
    if steps <= 0 and isinstance(value, MUTABLE):
        return True
    if not isinstance(value, (*MUTABLE, tuple, frozenset)) or isinstance(value, bytearray):
        return False
    inside = [*value, *value.values()] if isinstance(value, dict) else value
    return any(may_change(part, steps - 1) for part in inside)


def _touched(node: ast.AST) -> Parts:
    if isinstance(node, ast.Attribute) or (isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)):
        yield from _parts(node.value)
    elif isinstance(node, ast.Call):
        yield from _given(node)
    elif isinstance(node, (ast.For, ast.comprehension)):
        yield from _below(node.iter)
    elif isinstance(node, ast.arguments):  # a function inside may change its defaults
        for default in (*node.defaults, *node.kw_defaults):
            yield from _parts(default) if default else ()
    elif isinstance(node, ast.AugAssign):
        yield from _parts(node.target)
        yield from _below(node.value)
    elif (field := ALIASED.get(type(node))) and getattr(node, field):
        yield from _parts(getattr(node, field))


def _given(call: ast.Call) -> Parts:
    """What a call may change: all that it is given, unless it is known to read it."""
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    if not _reads(call):
        yield from (part for value in values for part in _parts(value))
    elif call.keywords:  # a key is a function, which sees the parts
        yield from (part for value in values for part in _below(value))


def _reads(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in READERS


def _parts(value: ast.AST) -> Parts:
    """What the value of an expression may be, or hold."""
    if isinstance(value, ast.Name):
        yield value.id, 0
    elif isinstance(value, ast.Subscript):
        yield from _below(value.value)
    elif isinstance(value, ast.BinOp):
        yield from (part for side in (value.left, value.right) for part in _below(side))
    elif isinstance(value, ast.Call):
        yield from _result(value)
    elif type(value) in HELD:
        yield from (part for field in HELD[type(value)] for part in _parts(getattr(value, field)))
    else:
        yield from (part for inner in ast.iter_child_nodes(value) for part in _parts(inner))


def _result(call: ast.Call) -> Parts:
    """What a call may give back of what it is given. Where it may change that, this has been counted."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name in READERS - MEASURES:
        whole = name in CHOICES and len(call.args) > 1
        yield from (part for arg in call.args for part in (_parts(arg) if whole else _below(arg)))
        yield from (part for keyword in call.keywords for part in _parts(keyword.value))


def _below(value: ast.AST) -> Parts:
    """What the parts of an expression's value may be: those of a new object are no further down than it is."""
    step = 1 if _is_path(value) else 0
    return ((name, steps + step) for name, steps in _parts(value))


def _is_path(value: ast.AST) -> bool:
    """``grid`` or ``grid[0][1]``: no new object."""
    while isinstance(value, ast.Subscript) and not isinstance(value.slice, ast.Slice):
        value = value.value
    return isinstance(value, ast.Name)
