"""Exact roots of rational numbers."""

from fractions import Fraction
from math import isqrt, log2

from pmd_envs.math.polynomials import Beyond, Sum

_TRIAL = 10_000
_FLOAT_BITS = 40
"""Bits of a root that are worked out in floating point."""


def square_root(value: Fraction) -> Sum:
    """The principal square root of a rational number."""
    if value == 0:
        return {}
    outside, inside = _squarefree(abs(value.numerator) * value.denominator)
    return {((), inside, int(value < 0)): Fraction(outside, value.denominator)}


def _squarefree(number: int) -> tuple[int, int]:
    """``number`` as ``outside**2 * inside`` with nothing square inside."""
    root = isqrt(number)
    if root * root == number:
        return root, 1
    outside, inside, prime = 1, 1, 2
    while prime <= _TRIAL and prime * prime <= number:
        number, power = _divided_out(number, prime)
        outside *= prime ** (power // 2)
        inside *= prime ** (power % 2)
        prime += 1 + prime % 2
    root = isqrt(number)
    if root * root == number:
        return outside * root, inside
    # What is left has no prime factor up to 10,000, so below its cube it holds no square but a whole one.
    if number >= _TRIAL**3:
        raise Beyond("a number under a root is too large")
    return outside, inside * number


def _divided_out(number: int, prime: int) -> tuple[int, int]:
    """What is left of a number without a prime, and how often that was in it, by ever higher powers of the prime."""
    if number % prime:
        return number, 0
    squared, half = _divided_out(number, prime * prime)
    rest, last = divmod(squared, prime)
    return (squared, 2 * half) if last else (rest, 2 * half + 1)


def perfect_root(value: Fraction, degree: int) -> Fraction | None:
    """The real root of a number if it is rational: of a negative number, only odd roots."""
    if value < 0:
        positive = perfect_root(-value, degree) if degree % 2 else None
        return None if positive is None else -positive
    parts = [_integer_root(part, degree) for part in (value.numerator, value.denominator)]
    top, bottom = parts
    return None if top is None or bottom is None else Fraction(top, bottom)


def _integer_root(value: int, degree: int) -> int | None:
    """The whole ``degree``-th root of a natural number, by Newton's method from above."""
    if degree > value.bit_length():
        return value if value in (0, 1) else None
    if degree == 1:
        return value
    guess = _root_from_above(value, degree)
    while True:
        power = guess ** (degree - 1)
        if power * guess <= value:
            return guess if power * guess == value else None
        # At least one less, so that it ends.
        guess = min(guess - 1, ((degree - 1) * guess + value // power) // degree)


def _root_from_above(value: int, degree: int) -> int:
    """A number that is little larger than the root: by floating-point logarithms, so that few steps are left."""
    size = log2(value) / degree
    shift = max(0, int(size) - _FLOAT_BITS)
    # The logarithm is right to about 1e-15 of itself, which is at most MAX_ROOT_BITS.
    return (int(2.0 ** (size - shift) * (1 + 1e-9)) + 1) << shift
