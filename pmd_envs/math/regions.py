"""Subsets of the real line: intervals, unions and solved inequalities in one form."""

from dataclasses import dataclass

from pmd_envs.math.syntax import Apply, Name, Node, Number, apply, is_op, names_in

_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!=", "=": "="}
CONSTANT_NAMES = frozenset({"pi", "e", "i", "oo"})
INFINITE = Name("oo")


@dataclass(frozen=True)
class Interval:
    """From ``low`` to ``high``; an end at infinity is open."""

    low: Node
    high: Node
    low_closed: bool = False
    high_closed: bool = False


@dataclass(frozen=True)
class Region:
    """A union of intervals, perhaps as the condition on a variable."""

    intervals: tuple[Interval, ...]
    name: str = ""


EVERYTHING = Interval(apply("neg", INFINITE), INFINITE)


def region_of(node: Node) -> Region | None:
    """The region that an answer describes, or ``None`` if it describes none or is not solved."""
    if isinstance(node, Name):
        return {"reals": Region((EVERYTHING,)), "{}": Region(())}.get(node.text)
    if isinstance(node, Number):
        return None
    if node.op in ("()", "[]", "(]", "[)") and len(node.args) == 2:
        return _between(node.op, *node.args)
    rules = {"relation": _solved, "union": _union, "or": _union, "and": _both, "minus": _punctured, "set": _points}
    return rules[node.op](node) if node.op in rules else None


def _between(brackets: str, low: Node, high: Node) -> Region:
    closed = brackets[0] == "[" and not _infinite(low), brackets[1] == "]" and not _infinite(high)
    return Region((Interval(low, high, *closed),))


def _both(node: Apply) -> Region | None:
    return _intersection([region_of(arg) for arg in node.args])


def _infinite(node: Node) -> bool:
    return node == INFINITE or (isinstance(node, Apply) and node.op == "neg" and node.args == (INFINITE,))


def _union(node: Apply) -> Region | None:
    parts = [region_of(arg) for arg in node.args]
    found = [part for part in parts if part is not None]
    names = {part.name for part in found}
    if len(found) < len(parts) or len(names) > 1:
        return None
    return Region(tuple(interval for part in found for interval in part.intervals), names.pop())


def _points(node: Apply) -> Region | None:
    return Region(tuple(Interval(point, point, True, True) for point in node.args))


def _punctured(node: Apply) -> Region | None:
    """All numbers but one."""
    whole, without = region_of(node.args[0]), node.args[1]
    if (
        whole != Region((EVERYTHING,))
        or not isinstance(without, Apply)
        or without.op != "set"
        or len(without.args) != 1
    ):
        return None
    return _around(without.args[0])


def _around(point: Node, name: str = "") -> Region:
    return Region((Interval(EVERYTHING.low, point), Interval(point, INFINITE)), name)


def _solved(node: Apply) -> Region | None:
    """``x < 3``, ``1 < x <= 2``, ``x in (1, 2)``: a variable between numbers."""
    operands, signs = node.args[0::2], [sign.text for sign in node.args[1::2] if isinstance(sign, Name)]
    places = [at for at, operand in enumerate(operands) if is_variable(operand)]
    if len(places) != 1 or any(has_variables(operand) for at, operand in enumerate(operands) if at != places[0]):
        return None
    name, at = operands[places[0]], places[0]
    assert isinstance(name, Name)
    if signs == ["in"]:
        inner = region_of(operands[1]) if at == 0 else None
        return None if inner is None or inner.name else Region(inner.intervals, name.text)
    parts: list[Region | None] = []
    for index, sign in enumerate(signs):
        if index not in (at - 1, at) or sign not in _FLIPPED:
            return None
        bound = operands[index] if index == at - 1 else operands[index + 1]
        if len(signs) > 1 and _infinite(bound):
            continue  # "2 <= x < oo" says no more than "2 <= x"
        parts.append(_half_line(name.text, _FLIPPED[sign] if index == at - 1 else sign, bound))
    return _intersection(parts)


def _half_line(name: str, sign: str, bound: Node) -> Region | None:
    if sign == "!=":
        return _around(bound, name)
    if sign in (">", ">="):
        return Region((Interval(bound, INFINITE, low_closed=sign == ">="),), name)
    if sign in ("<", "<="):
        return Region((Interval(EVERYTHING.low, bound, high_closed=sign == "<="),), name)
    return None


def _intersection(parts: "list[Region | None]") -> Region | None:
    """One part, or a lower and an upper bound on the same variable."""
    found = [part for part in parts if part is not None and len(part.intervals) == 1]
    if len(found) == len(parts) == 1:
        return found[0]
    if len(parts) == 1:
        return parts[0]
    if len(found) != 2 or len(parts) != 2 or found[0].name != found[1].name:
        return None
    one, other = (part.intervals[0] for part in found)
    if not _infinite(one.high):
        one, other = other, one
    if not _infinite(one.high) or not _infinite(other.low) or _infinite(one.low) or _infinite(other.high):
        return None
    return Region((Interval(one.low, other.high, one.low_closed, other.high_closed),), found[0].name)


def is_variable(node: Node) -> bool:
    """Whether a node is one variable."""
    return isinstance(node, Name) and node.text not in CONSTANT_NAMES and node.text not in ("reals", "{}")


def has_variables(node: Node) -> bool:
    """Whether a tree holds a variable; brackets of an interval do not count."""
    return bool(names_in(node) - CONSTANT_NAMES - {"reals", "{}", "log base"}) and not is_op(node, "relation")
