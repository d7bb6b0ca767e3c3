"""What an answer means, as a small tree: the only thing that comparison ever sees.

Operators of expressions: ``add mul neg div pow root fact abs floor ceil binom log percent degree pm mp`` and the names
of functions such as ``sin``. Operators of answers: ``list or and`` (alternatives without brackets), ``set``, ``()``
``[]`` ``(]`` ``[)`` (tuple or interval), ``union cap minus``, ``relation`` (operands with the signs between them
as names) and ``matrix`` of ``row``.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from pmd_envs.math.limits import MAX_DEPTH, TooBig


@dataclass(frozen=True)
class Number:
    """An exact value and how it was written."""

    value: Fraction
    places: int | None = field(default=None, compare=False)
    """Digits after the point, if it was a decimal."""
    base: int = 10
    """Numbers in different bases are different answers."""
    depth: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Name:
    """A variable, a constant (``pi``, ``e``, ``i``, ``oo``) or, after a number, perhaps a unit."""

    text: str
    word: bool = field(default=False, compare=False)
    """Whether it is prose rather than a variable: a unit if it follows a number."""
    depth: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Apply:
    """An operator and what it is applied to."""

    op: str
    args: "tuple[Node, ...]"
    depth: int = field(compare=False, repr=False)


Node: TypeAlias = Number | Name | Apply


def apply(op: str, *args: Node) -> Apply:
    """An operator applied; refuses trees that are too deep to walk through."""
    depth = 1 + max((arg.depth for arg in args), default=0)
    if depth > 2 * MAX_DEPTH:
        raise TooBig("it is nested too deeply")
    return Apply(op, args, depth)


def number(value: int | Fraction) -> Number:
    """An integer or fraction as a node."""
    return Number(Fraction(value))


def product(left: Node, right: Node) -> Apply:
    """A product, flat however many factors it has."""
    factors = left.args if isinstance(left, Apply) and left.op == "mul" else (left,)
    return apply("mul", *factors, right)


def total(left: Node, right: Node) -> Apply:
    """A sum, flat however many terms it has."""
    terms = left.args if isinstance(left, Apply) and left.op == "add" else (left,)
    return apply("add", *terms, right)


def is_op(node: Node, *ops: str) -> bool:
    """Whether a node is one of these operators."""
    return isinstance(node, Apply) and node.op in ops


def names_in(node: Node) -> frozenset[str]:
    """All names in a tree, constants included."""
    if isinstance(node, Name):
        return frozenset({node.text})
    if isinstance(node, Number):
        return frozenset()
    return frozenset().union(*(names_in(arg) for arg in node.args))
