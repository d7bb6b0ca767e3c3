"""The shapes that answers come in: several values in one, points, labels, matrices in plain text."""

from collections.abc import Sequence

from pmd_envs.math.limits import MAX_ITEMS, TooBig
from pmd_envs.math.regions import is_variable
from pmd_envs.math.syntax import Apply, Name, Node, Number, apply, is_op, names_in, number, total
from pmd_envs.math.units import split_unit

COLLECTIONS = ("list", "or", "and", "set")
_FUNCTION_NAMES = frozenset("fghFGHPQpq")


def spread(node: Node) -> Node:
    """An answer with a plus-minus sign as the list of its two values."""
    if isinstance(node, Apply) and node.op in ("list", "set", "or", "and"):
        return apply(node.op, *(value for item in node.args for value in elements(_spread_one(item))))
    return _spread_one(node)


def _spread_one(node: Node) -> Node:
    if not _has_sign(node):
        return node
    above, below = _choose(node, 1), _choose(node, -1)
    return apply("list", above, below)


def _has_sign(node: Node) -> bool:
    return isinstance(node, Apply) and (node.op in ("pm", "mp") or any(_has_sign(arg) for arg in node.args))


def _choose(node: Node, sign: int) -> Node:
    """One of the two readings; all signs of an answer are read together."""
    if not isinstance(node, Apply):
        return node
    args = [_choose(arg, sign) for arg in node.args]
    if node.op in ("pm", "mp"):
        return args[0] if (node.op == "pm") == (sign > 0) else apply("neg", args[0])
    return apply(node.op, *args)


def elements(node: Node) -> Sequence[Node]:
    """The elements of a collection, through collections inside it."""
    if not isinstance(node, Apply) or node.op not in COLLECTIONS:
        return (node,)
    found = [inner for item in node.args for inner in (elements(item) if item is not node else (item,))]
    if len(found) > MAX_ITEMS:
        raise TooBig("it has too many elements")
    return found


def as_matrix(node: Node) -> Node:
    """``[[1, 2], [3, 4]]`` as a matrix."""
    if isinstance(node, Apply) and node.op == "[]" and all(is_op(arg, "[]") for arg in node.args):
        return apply("matrix", *(apply("row", *arg.args) for arg in node.args if isinstance(arg, Apply)))
    return node


def as_point(node: Node) -> Node | None:
    """``x = 1, y = 2`` as the point (1, 2)."""
    if not is_op(node, "list", "and"):
        return None
    names: list[str] = []
    values: list[Node] = []
    for item in elements(node):
        parts = binary(item)
        if parts is None or parts[1] != "=" or not isinstance(parts[0], Name):
            return None
        names.append(parts[0].text)
        values.append(parts[2])
    return apply("()", *values) if names == sorted(set(names)) else None


def is_label(node: Node) -> bool:
    """Whether the left side of an equation only names what the right side is: ``x``, ``f(2)``, ``AB``."""
    if is_variable(node):
        return True
    if not isinstance(node, Apply):
        return False
    if node.op == "mul":
        first, *rest = node.args
        named = isinstance(first, Name) and first.text in _FUNCTION_NAMES and len(rest) == 1
        return named or all(is_variable(arg) for arg in node.args)
    if node.op == "()":
        names = [arg.text for arg in node.args if isinstance(arg, Name) and is_variable(arg)]
        return len(names) == len(node.args) and names == sorted(set(names))
    return node.op in ("abs", "sin", "cos", "tan") and is_variable(node.args[0])


def labelled(label: Node) -> frozenset[str]:
    """The names that a label defines: of ``f(x)`` only ``f``."""
    if isinstance(label, Apply) and label.op == "mul" and names_in(label.args[0]) <= _FUNCTION_NAMES:
        return names_in(label.args[0])
    return names_in(label)


def binary(node: Node) -> tuple[Node, str, Node] | None:
    """The sides and the sign of a relation between two."""
    if not isinstance(node, Apply) or node.op != "relation" or len(node.args) != 3:
        return None
    left, sign, right = node.args
    return (left, sign.text, right) if isinstance(sign, Name) else None


def difference(left: Node, right: Node) -> Node:
    """What is zero where two sides are equal."""
    return total(left, apply("neg", right))


def is_worked_out(node: Node) -> bool:
    """Whether an answer is one number as a person writes it as a result, perhaps with a unit or after other steps."""
    node = split_unit(node).value
    if isinstance(node, Number | Name):
        return True
    if node.op == "relation":
        return is_worked_out(node.args[-1])
    if node.op in ("neg", "percent", "degree", "set", "[]"):
        return len(node.args) == 1 and is_worked_out(node.args[0])
    if node.op == "div":
        top, bottom = (arg.args[0] if is_op(arg, "neg") and isinstance(arg, Apply) else arg for arg in node.args)
        whole = [part.value for part in (top, bottom) if isinstance(part, Number) and part.value.denominator == 1]
        return len(whole) == len(node.args) and (whole[0] / (whole[1] or 1)).denominator > 1
    if node.op == "mul":
        rest = [arg for arg in node.args if not _is_unit(arg) and not _is_power_of_ten(arg)]
        return len(rest) == 1 and is_worked_out(rest[0])
    return False


def is_result(node: Node) -> bool:
    """Whether an answer is a worked-out number and nothing else but its unit and a label such as ``x`` or ``f(3)``."""
    if isinstance(node, Apply) and node.op == "relation":
        *labels, result = node.args[::2]
        return all(is_label(label) for label in labels) and is_worked_out(result)
    return all(is_result(item) for item in elements(node)) if is_op(node, *COLLECTIONS) else is_worked_out(node)


def _is_unit(node: Node) -> bool:
    node = node.args[0] if isinstance(node, Apply) and node.op == "pow" else node
    return isinstance(node, Name) and node.word


def _is_power_of_ten(node: Node) -> bool:
    return isinstance(node, Apply) and node.op == "pow" and node.args[0] == number(10)


def without_percent(node: Node) -> Node:
    """28 for 28%."""
    return node.args[0] if isinstance(node, Apply) and node.op == "percent" else node
