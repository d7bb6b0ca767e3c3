"""Nodes that take more than their operands to build."""

from fractions import Fraction

from pmd_envs.math.limits import NotRead
from pmd_envs.math.syntax import Apply, Name, Node, Number, apply, is_op, product

_BASES = range(2, 37)


def relate(left: Node, sign: str, right: Node) -> Node:
    """A relation; one more of it makes a chain.

    A relation on the right can only come from brackets. It is no value, and chains inside chains would take as many
    comparisons as their lengths multiplied.
    """
    if is_op(right, "relation"):
        raise NotRead("a relation stands where a value should")
    chain = left.args if isinstance(left, Apply) and left.op == "relation" else (left,)
    return apply("relation", *chain, Name(sign), right)


def function(name: str, base: Node | None, value: Node) -> Node:
    """A function of a value."""
    if name == "log":
        # Which base a bare log has depends on the author, so it equals no particular one.
        return apply("log", Name("log base") if base is None else base, value)
    if base is not None:
        raise NotRead(f"{name} with a subscript")
    if name == "ln":
        return apply("log", Name("e"), value)
    return apply("pow", Name("e"), value) if name == "exp" else apply(name, value)


def has_value(node: Node) -> bool:
    """Whether a number or variable is among the factors, so that words after it can be its unit."""
    if isinstance(node, Apply):
        return any(has_value(arg) for arg in node.args)
    return isinstance(node, Number) or not node.word


def plain_fraction(node: Node) -> bool:
    """Whether a node is one number over another."""
    return isinstance(node, Apply) and node.op == "div" and all(isinstance(arg, Number) for arg in node.args)


def mixed(left: Node, fraction: Node) -> Node:
    r"""``2\frac{1}{3}``; nobody writes ``4\frac{10}{3}``, so that is not guessed at."""
    assert isinstance(fraction, Apply)
    factors = left.args if isinstance(left, Apply) and left.op == "mul" else (left,)
    whole, (top, bottom) = factors[-1], fraction.args
    if isinstance(whole, Apply) and whole.op == "neg":
        positive = apply("neg", mixed(whole.args[0], fraction))
        return positive if len(factors) == 1 else product(apply("mul", *factors[:-1]), positive)
    assert isinstance(top, Number)
    assert isinstance(bottom, Number)
    if not isinstance(whole, Number) or whole.value.denominator != 1 or not 0 < top.value < bottom.value:
        raise NotRead("a number stands beside a fraction that does not make it a mixed number")
    value = Number(whole.value + top.value / bottom.value)
    return value if len(factors) == 1 else product(apply("mul", *factors[:-1]), value)


def subscript(left: Node, digits: str, below: Node) -> Node:
    """A number with a subscript is written in that base; a name with one is another name."""
    if isinstance(left, Name) and isinstance(below, Name | Number):
        return Name(f"{left.text}_{below.value if isinstance(below, Number) else below.text}")
    if not isinstance(left, Number) or not isinstance(below, Number) or below.value not in _BASES:
        raise NotRead("a subscript is neither the base of a number nor part of a name")
    base = int(below.value)
    try:
        return Number(Fraction(int(digits or str(left.value), base)), base=base)
    except ValueError:
        raise NotRead(f"{digits} is no number in base {base}") from None
