"""Exact roots of rational numbers."""

from fractions import Fraction
from math import isqrt

from pmd_envs.math.polynomials import Beyond, Sum

_TRIAL = 10_000


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
        power = 0
        while number % prime == 0:
            number //= prime
            power += 1
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


def perfect_root(value: Fraction, degree: int) -> Fraction | None:
    """The real root of a number if it is rational: of a negative number, only odd roots."""
    if value < 0:
        positive = perfect_root(-value, degree) if degree % 2 else None
        return None if positive is None else -positive
    parts = [_integer_root(part, degree) for part in (value.numerator, value.denominator)]
    top, bottom = parts
    return None if top is None or bottom is None else Fraction(top, bottom)


def _integer_root(value: int, degree: int) -> int | None:
    """The whole ``degree``-th root of a natural number, by bisection."""
    if degree > value.bit_length():
        return value if value in (0, 1) else None
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low < high:
        middle = (low + high) // 2
        if middle**degree < value:
            low = middle + 1
        else:
            high = middle
    return low if low**degree == value else None
