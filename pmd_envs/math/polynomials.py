"""Exact sums of products: polynomials with rational coefficients in variables, pi, i and square roots.

A term is ``coefficient * powers * sqrt(radicand) * i**imaginary`` with a square-free radicand, so that equal sums have
equal forms. ``Work`` counts products of terms, so that no expression costs more than a moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import TypeAlias

from pmd_envs.math.limits import MAX_BITS, MAX_TERMS, MAX_WORK, NotRead, TooBig

Powers: TypeAlias = tuple[tuple[str, int], ...]
Term: TypeAlias = tuple[Powers, int, int]
"""Powers of names, the number under the square root, and whether ``i`` is a factor."""
Sum: TypeAlias = Mapping[Term, Fraction]

UNIT: Term = ((), 1, 0)
ZERO: Sum = {}
ONE: Sum = {UNIT: Fraction(1)}


class Beyond(NotRead):
    """An expression that has no exact form here; it may still be compared numerically."""


@dataclass
class Work:
    """How much one comparison may still do, and those that it shares its work with."""

    left: int = MAX_WORK
    shared: "Work | None" = None

    def spend(self, amount: int) -> None:
        """Count work.

        Raises:
            Beyond: The comparison costs too much this way.
        """
        self.left -= amount
        if self.left < 0:
            raise Beyond("it takes too long to multiply out")
        if self.shared is not None:
            self.shared.spend(amount)


def constant(value: Fraction | int) -> Sum:
    """A number as a sum."""
    return {UNIT: Fraction(value)} if value else ZERO


def variable(name: str) -> Sum:
    """A name as a sum."""
    return {(((name, 1),), 1, 0): Fraction(1)}


def imaginary() -> Sum:
    """The imaginary unit."""
    return {((), 1, 1): Fraction(1)}


def rational(value: Sum) -> Fraction | None:
    """The value of a sum that is a plain number."""
    if not value:
        return Fraction(0)
    return value[UNIT] if len(value) == 1 and UNIT in value else None


def check_size(value: Fraction) -> Fraction:
    """Refuse numbers that nobody would write out."""
    if value.numerator.bit_length() + value.denominator.bit_length() > MAX_BITS:
        raise TooBig("a number in it is too large")
    return value


def add(left: Sum, right: Sum) -> Sum:
    """The sum of two sums."""
    result = dict(left)
    for term, coefficient in right.items():
        value = result.get(term, Fraction(0)) + coefficient
        if value:
            result[term] = check_size(value)
        else:
            result.pop(term, None)
    if len(result) > MAX_TERMS:
        raise Beyond("it has too many terms")
    return result


def scale(value: Sum, factor: Fraction) -> Sum:
    """A sum times a number."""
    return {term: check_size(coefficient * factor) for term, coefficient in value.items()} if factor else ZERO


def multiply(left: Sum, right: Sum, work: Work) -> Sum:
    """The product of two sums."""
    result: dict[Term, Fraction] = {}
    for (powers, radicand, unit), coefficient in left.items():
        size = coefficient.numerator.bit_length() + coefficient.denominator.bit_length()
        work.spend(len(right) * (1 + size // 1000))
        for (others, other, second), factor in right.items():
            shared = gcd(radicand, other)
            value = coefficient * factor * shared * (-1 if unit and second else 1)
            term = (_merge(powers, others), radicand // shared * (other // shared), unit ^ second)
            result[term] = check_size(result.get(term, Fraction(0)) + value)
    if len(result) > MAX_TERMS:
        raise Beyond("it has too many terms")
    return {term: value for term, value in result.items() if value}


def _merge(left: Powers, right: Powers) -> Powers:
    if not left or not right:
        return left or right
    powers = dict(left)
    for name, power in right:
        powers[name] = powers.get(name, 0) + power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def raise_to(value: Sum, exponent: int, work: Work) -> Sum:
    """A natural power of a sum, by squaring; numbers are checked before anything is computed."""
    bits = max((max(c.numerator.bit_length(), c.denominator.bit_length()) for c in value.values()), default=0)
    if (bits - 1) * exponent > MAX_BITS:
        raise TooBig("a power in it is too large")
    if len(value) == 1:
        return _power_of_term(value, exponent)
    if exponent > MAX_TERMS:
        raise Beyond("a power in it is too large to multiply out")
    result = ONE
    while exponent:
        if exponent & 1:
            result = multiply(result, value, work)
        exponent >>= 1
        if exponent:
            value = multiply(value, value, work)
    return result


def _power_of_term(value: Sum, exponent: int) -> Sum:
    (((powers, radicand, unit), coefficient),) = value.items()
    if radicand.bit_length() * exponent > MAX_BITS:
        raise TooBig("a power in it is too large")
    factor = coefficient**exponent * radicand ** (exponent // 2) * (1, 1, -1, -1)[exponent % 4 if unit else 0]
    raised = tuple((name, power * exponent) for name, power in powers) if exponent else ()
    return {(raised, radicand if exponent % 2 else 1, unit * (exponent % 2)): check_size(Fraction(factor))}
