"""Exact values of expressions, as quotients of the sums of :mod:`pmd_envs.math.polynomials`.

Two quotients are equal iff their cross products are. What the sums cannot express (sines, logarithms, odd roots)
stands in them as a name of its own, so that equal such parts still cancel; a difference that remains
proves nothing then, and :func:`same` says ``None``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import comb, factorial

from pmd_envs.math.limits import MAX_FACTORIAL, MAX_ROOT_BITS, TooBig
from pmd_envs.math.polynomials import (
    ONE,
    Beyond,
    Sum,
    Work,
    add,
    constant,
    imaginary,
    multiply,
    raise_to,
    rational,
    scale,
    variable,
)
from pmd_envs.math.roots import perfect_root, square_root
from pmd_envs.math.syntax import Name, Node, Number

_OPAQUE = "\x00"
"""First letter of the names that stand for parts without an exact form."""
_DEGREE = Fraction(1, 180)
_BITS_OF_WORK = 10
"""So many bits of a number under a root, or of one to be shown, cost as much as a product of two terms."""


@dataclass(frozen=True)
class Quotient:
    """``top / bottom``, not reduced."""

    top: Sum
    bottom: Sum


def same(left: Node, right: Node, shared: Work | None = None) -> bool | None:
    """Whether two expressions are equal, or ``None`` if exact means do not tell.

    Raises:
        TooBig: One of them asks for unreasonable work.
    """
    work = Work(shared=shared)
    try:
        one, other = _Exact(work).value(left), _Exact(work).value(right)
        difference = subtract(multiply(one.top, other.bottom, work), multiply(other.top, one.bottom, work))
    except Beyond:
        return None
    if not difference:
        return True
    return None if any(not _independent(part) for part in (one.top, one.bottom, other.top, other.bottom)) else False


def value_of(node: Node, shared: Work | None = None) -> Fraction | None:
    """The rational value of an expression, if it has one that exact means find.

    Raises:
        TooBig: It asks for unreasonable work.
    """
    try:
        quotient = _Exact(Work(shared=shared)).value(node)
    except Beyond:
        return None
    top, bottom = rational(quotient.top), rational(quotient.bottom)
    return None if top is None or not bottom else top / bottom


def same_zeros(left: Node, right: Node, shared: Work | None = None) -> bool | None:
    """Whether two expressions are multiples of each other, so that setting them to zero says the same."""
    work = Work(shared=shared)
    try:
        one, other = _Exact(work).value(left).top, _Exact(work).value(right).top
    except Beyond:
        return None
    if not one or not other:
        return not one and not other
    powers = max(powers for powers, _, _ in one)
    factors: list[Sum] = [
        {((), term[1], term[2]): value for term, value in part.items() if term[0] == powers} for part in (one, other)
    ]
    try:
        if factors[1] and not subtract(multiply(one, factors[1], work), multiply(other, factors[0], work)):
            return True
    except Beyond:
        return None
    return False if _independent(one) and _independent(other) else None


def ratio_sign(left: Node, right: Node, shared: Work | None = None) -> int:
    """The sign of the constant by which two expressions differ; 0 if there is none."""
    work = Work(shared=shared)
    try:
        one, other = _Exact(work).value(left), _Exact(work).value(right)
        crossed = multiply(one.top, other.bottom, work), multiply(other.top, one.bottom, work)
    except Beyond:
        return 0
    leading = max(crossed[0], default=None)
    if leading is None or leading not in crossed[1]:
        return 0
    factor = crossed[0][leading] / crossed[1][leading]
    return 0 if subtract(crossed[0], scale(crossed[1], factor)) else (1 if factor > 0 else -1)


def subtract(left: Sum, right: Sum) -> Sum:
    """The difference of two sums."""
    return add(left, scale(right, Fraction(-1)))


def _independent(value: Sum) -> bool:
    """Whether a sum that is not zero as written cannot be zero: no opaque parts, and not both pi and e."""
    names = {name for powers, _, _ in value for name, _ in powers}
    return not any(name.startswith(_OPAQUE) for name in names) and "e" not in names


def _size(value: Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()


class _Exact:
    """Evaluates one tree, spending from a shared amount of work."""

    def __init__(self, work: Work) -> None:
        self.work = work

    def value(self, node: Node) -> Quotient:
        self.work.spend(1)
        if isinstance(node, Number):
            return Quotient(constant(node.value), ONE)
        if isinstance(node, Name):
            if node.text in ("oo", "{}", "reals"):
                raise Beyond(f"{node.text} is not a number")
            return Quotient(imaginary() if node.text == "i" else variable(node.text), ONE)
        rule = _RULES.get(node.op)
        if rule is None:
            return self.opaque(node.op, node.args)
        return rule(self, node.args)

    def opaque(self, op: str, args: Sequence[Node]) -> Quotient:
        """A part without an exact form, named after its operator and the forms of what it is applied to.

        The name is a digest, so that it stays short however large the numbers in it are and however often parts are
        put inside each other.
        """
        digest = sha256(op.encode())
        for arg in args:
            digest.update(f"({self.form(self.value(arg))})".encode())
        return Quotient(variable(_OPAQUE + digest.hexdigest()), ONE)

    def form(self, value: Quotient) -> str:
        bottom = rational(value.bottom)
        if bottom:
            return self.show(scale(value.top, 1 / bottom))
        leading = value.bottom[max(value.bottom)] if value.bottom else Fraction(1)
        return "/".join(self.show(scale(part, 1 / leading)) for part in (value.top, value.bottom))

    def show(self, value: Sum) -> str:
        """A sum as text. Its numbers are hexadecimal: Python writes no long ones in base ten, and those slowly."""
        self.work.spend(sum(_size(coefficient) // _BITS_OF_WORK for coefficient in value.values()))
        return "+".join(
            f"{coefficient.numerator:x}/{coefficient.denominator:x}*{term[0]}{term[1]:x}{'i' * term[2]}"
            for term, coefficient in sorted(value.items())
        )

    def plus(self, args: Sequence[Node]) -> Quotient:
        result = self.value(args[0])
        for arg in args[1:]:
            other = self.value(arg)
            if result.bottom == other.bottom:
                result = Quotient(add(result.top, other.top), result.bottom)
                continue
            crossed = add(multiply(result.top, other.bottom, self.work), multiply(other.top, result.bottom, self.work))
            result = Quotient(crossed, multiply(result.bottom, other.bottom, self.work))
        return result

    def times(self, args: Sequence[Node]) -> Quotient:
        result = self.value(args[0])
        for arg in args[1:]:
            other = self.value(arg)
            result = Quotient(
                multiply(result.top, other.top, self.work), multiply(result.bottom, other.bottom, self.work)
            )
        return result

    def negative(self, args: Sequence[Node]) -> Quotient:
        value = self.value(args[0])
        return Quotient(scale(value.top, Fraction(-1)), value.bottom)

    def over(self, args: Sequence[Node]) -> Quotient:
        top, bottom = self.value(args[0]), self.value(args[1])
        if not bottom.top:
            raise Beyond("it divides by zero")
        number = rational(bottom.top)
        if number and bottom.bottom == ONE:
            return Quotient(scale(top.top, 1 / number), top.bottom)
        return Quotient(multiply(top.top, bottom.bottom, self.work), multiply(top.bottom, bottom.top, self.work))

    def power(self, args: Sequence[Node]) -> Quotient:
        exponent = self.number(args[1])
        if exponent is None:
            return self.opaque("pow", args)
        if exponent.denominator != 1:
            return self.fractional(args[0], exponent)
        base = self.value(args[0])
        top, bottom = (base.top, base.bottom) if exponent >= 0 else (base.bottom, base.top)
        if not bottom:
            raise Beyond("it divides by zero")
        size = abs(exponent.numerator)
        return Quotient(raise_to(top, size, self.work), raise_to(bottom, size, self.work))

    def fractional(self, base: Node, exponent: Fraction) -> Quotient:
        """``x**(p/q)`` is the root of a power; only roots of numbers have an exact form."""
        root = self.root_of(base, exponent.denominator)
        top, bottom = (root.top, root.bottom) if exponent > 0 else (root.bottom, root.top)
        if not bottom:
            raise Beyond("it divides by zero")
        size = abs(exponent.numerator)
        return Quotient(raise_to(top, size, self.work), raise_to(bottom, size, self.work))

    def root(self, args: Sequence[Node]) -> Quotient:
        degree = self.number(args[1])
        if degree is None or degree.denominator != 1 or degree < 1:
            return self.opaque("root", args)
        return self.root_of(args[0], int(degree))

    def root_of(self, node: Node, degree: int) -> Quotient:
        number = self.number(node)
        if number is None:
            return self.opaque("root", (node, Number(Fraction(degree))))
        if _size(number) > MAX_ROOT_BITS:
            raise Beyond("a number under a root is too large")
        self.work.spend(_size(number) // _BITS_OF_WORK)
        if degree == 2:
            return Quotient(square_root(number), ONE)
        exact = perfect_root(number, degree)
        if exact is None:
            return self.opaque("root", (node, Number(Fraction(degree))))
        return Quotient(constant(exact), ONE)

    def number(self, node: Node) -> Fraction | None:
        value = self.value(node)
        top, bottom = rational(value.top), rational(value.bottom)
        return None if top is None or not bottom else top / bottom

    def magnitude(self, args: Sequence[Node]) -> Quotient:
        number = self.number(args[0])
        return self.opaque("abs", args) if number is None else Quotient(constant(abs(number)), ONE)

    def factorial(self, args: Sequence[Node]) -> Quotient:
        number = self.number(args[0])
        if number is None or number.denominator != 1 or number < 0:
            return self.opaque("fact", args)
        if number > MAX_FACTORIAL:
            raise TooBig("a factorial in it is too large")
        return Quotient(constant(factorial(int(number))), ONE)

    def binomial(self, args: Sequence[Node]) -> Quotient:
        upper, lower = self.number(args[0]), self.number(args[1])
        if upper is None or lower is None or upper.denominator != 1 or lower.denominator != 1 or min(upper, lower) < 0:
            return self.opaque("binom", args)
        if upper > MAX_FACTORIAL:
            raise TooBig("a binomial coefficient in it is too large")
        return Quotient(constant(comb(int(upper), int(lower))), ONE)

    def rounded(self, op: str, args: Sequence[Node]) -> Quotient:
        number = self.number(args[0])
        if number is None:
            return self.opaque(op, args)
        return Quotient(constant(number.__floor__() if op == "floor" else number.__ceil__()), ONE)

    def percent(self, args: Sequence[Node]) -> Quotient:
        value = self.value(args[0])
        return Quotient(scale(value.top, Fraction(1, 100)), value.bottom)

    def degrees(self, args: Sequence[Node]) -> Quotient:
        value = self.value(args[0])
        return Quotient(scale(multiply(value.top, variable("pi"), self.work), _DEGREE), value.bottom)


_RULES: dict[str, Callable[[_Exact, Sequence[Node]], Quotient]] = {
    "add": _Exact.plus,
    "mul": _Exact.times,
    "neg": _Exact.negative,
    "div": _Exact.over,
    "pow": _Exact.power,
    "root": _Exact.root,
    "abs": _Exact.magnitude,
    "fact": _Exact.factorial,
    "binom": _Exact.binomial,
    "floor": lambda exact, args: exact.rounded("floor", args),
    "ceil": lambda exact, args: exact.rounded("ceil", args),
    "percent": _Exact.percent,
    "degree": _Exact.degrees,
}
