"""Divisors, primes and remainders of whole numbers.

    What is the greatest common divisor of 84 and 36?

    Remainder: 84 - 2 * 36 = 12
    Remainder: 36 - 3 * 12 = 0
    #### 12

There are five kinds in ten levels: greatest common divisors by repeated division (from level 1), the largest prime
factor (from 2), least common multiples (from 3), and remainders of products (from 4) and of powers (from 5). The
remainder of a product is never 0, which would be the best guess.
"""

import math
import random
from fractions import Fraction
from typing import ClassVar

from pmd_envs.families.math500_kinds import Numbers, Work, bracketed, divided, plain
from pmd_envs.families.worked_family import Exercise, WorkedFamily

_PRIMES = tuple(n for n in range(2, 150) if all(n % d for d in range(2, n)))


def _remainder(label: str, value: Fraction, divisor: Fraction | int, work: Work) -> Fraction:
    times = value // divisor
    return work.step(label, f"{plain(value)} - {bracketed(times)} * {plain(divisor)}", value - times * divisor)


def _draw_gcd(rng: random.Random, level: int) -> Numbers:
    common, largest = rng.randint(2, 8 + 4 * level), 4 + 2 * level
    while True:
        one, other = rng.randint(3, largest + 3), rng.randint(2, largest)
        if one > other and math.gcd(one, other) == 1:
            return one * common, other * common


def _ask_gcd(numbers: Numbers) -> str:
    return f"What is the greatest common divisor of {numbers[0]} and {numbers[1]}?"


def _solve_gcd(numbers: Numbers, work: Work) -> Fraction:
    large, small = Fraction(numbers[0]), Fraction(numbers[1])
    while True:
        rest = _remainder("Remainder", large, small, work)
        if not 0 < rest < small:  # zero, or a slip that ends it here
            return small
        large, small = small, rest


def _draw_lcm(rng: random.Random, level: int) -> Numbers:
    one, other = _draw_gcd(rng, max(1, level // 2))
    return one, other


def _ask_lcm(numbers: Numbers) -> str:
    return f"What is the least common multiple of {numbers[0]} and {numbers[1]}?"


def _solve_lcm(numbers: Numbers, work: Work) -> Fraction:
    common = _solve_gcd(numbers, work)
    part = work.step("Without the common divisor", f"{numbers[0]} / {plain(common)}", divided(numbers[0], common))
    return work.step("Multiple", f"{bracketed(part)} * {numbers[1]}", part * numbers[1])


def _draw_product(rng: random.Random, level: int) -> Numbers:
    divisor = rng.choice([prime for prime in _PRIMES if 7 <= prime <= 10 + 5 * level])
    factors = [rng.randint(11, 20 + 15 * level) for _ in range(2 + level // 4)]
    # A remainder of 0 would be the best guess of all: no factor is a multiple of the prime.
    return (divisor, *(factor if factor % divisor else factor + 1 for factor in factors))


def _ask_product(numbers: Numbers) -> str:
    return f"What is the remainder when {' * '.join(map(str, numbers[1:]))} is divided by {numbers[0]}?"


def _solve_product(numbers: Numbers, work: Work) -> Fraction:
    divisor, *factors = numbers
    first, *others = [_remainder("Remainder of a factor", Fraction(factor), divisor, work) for factor in factors]
    for other in others:
        product = work.step("Product", f"{plain(first)} * {plain(other)}", first * other)
        first = _remainder("Its remainder", product, divisor, work)
    return first


def _draw_factors(rng: random.Random, level: int) -> Numbers:
    """Prime factors in order, the largest last."""
    last = rng.randrange(4 + level // 2, 10 + 2 * level)
    smaller = sorted(rng.randrange(min(last, 2 + level // 2)) for _ in range(1 + level // 2))
    return tuple(_PRIMES[index] for index in (*smaller, last))


def _ask_factors(numbers: Numbers) -> str:
    return f"What is the largest prime factor of {math.prod(numbers)}?"


def _solve_factors(numbers: Numbers, work: Work) -> Fraction:
    left = Fraction(math.prod(numbers))
    for prime in numbers[:-1]:
        left = work.step(f"Without the factor {prime}", f"{plain(left)} / {prime}", left / prime)
    return left


def _draw_power(rng: random.Random, level: int) -> Numbers:
    divisor = rng.choice([prime for prime in _PRIMES if 7 <= prime <= 8 * level])
    return rng.randint(2, divisor - 1), rng.choice((2, 4, 8, 16)[: level // 2]), divisor


def _ask_power(numbers: Numbers) -> str:
    base, exponent, divisor = numbers
    return f"What is the remainder when {base}^{exponent} is divided by {divisor}?"


def _solve_power(numbers: Numbers, work: Work) -> Fraction:
    base, exponent, divisor = numbers
    reached, value = 1, Fraction(base)
    while reached < exponent:
        square = work.step(f"Power {2 * reached}", f"{bracketed(value)} * {bracketed(value)}", value * value)
        value = _remainder("Its remainder", square, divisor, work)
        reached *= 2
    return value


class NumberTheory(WorkedFamily):
    """Divide without a remainder, or find the remainder."""

    name: ClassVar[str] = "NumberTheory"
    exercises: ClassVar[tuple[Exercise, ...]] = (
        Exercise(
            "gcd", range(1, 11),
            "Divide the larger by the smaller and go on with divisor and remainder until it is zero.",
            _draw_gcd, _ask_gcd, _solve_gcd,
        ),
        Exercise(
            "largest prime factor", range(2, 11),
            "Divide by the smallest prime that goes, again and again, until a prime is left.",
            _draw_factors, _ask_factors, _solve_factors,
        ),
        Exercise(
            "lcm", range(3, 11),
            "Find the greatest common divisor, divide one number by it, and multiply by the other.",
            _draw_lcm, _ask_lcm, _solve_lcm,
        ),
        Exercise(
            "remainder of a product", range(4, 11),
            "Take the remainder of each factor first, and of each product after it.",
            _draw_product, _ask_product, _solve_product,
        ),
        Exercise(
            "remainder of a power", range(5, 11), "Square again and again, and take the remainder after each square.",
            _draw_power, _ask_power, _solve_power,
        ),
    )  # fmt: skip
