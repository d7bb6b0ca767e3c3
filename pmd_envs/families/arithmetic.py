"""Chains of sums and products of whole numbers, from 4 + 5 to brackets times brackets.

    Compute 7 * 8 + 5 * 4 - 6.

    Product 1: 7 * 8 = 56
    Product 2: 5 * 4 = 20
    Sum: 56 + 20 = 76
    Sum: 76 - 6 = 70
    #### 70

There are three kinds, in ten levels of longer chains and larger numbers: sums and differences (from level 1), sums of
products (from level 3), and a product of two brackets (from level 5). A wrong equation is told what it comes to only
if it has fewer numbers than the question: else a step that repeats the question would be told the answer.
"""

import random
import re
from fractions import Fraction
from typing import ClassVar

from pmd_envs.families.math500_kinds import Numbers, Work, bracketed, plain
from pmd_envs.families.worked_family import Exercise, WorkedFamily
from pmd_envs.records import Task

_NUMBER = re.compile(r"[0-9]+")
_LARGEST = (9, 20, 50, 99, 99, 300, 300, 999, 999, 9999)
"""The largest number of a sum by level, level 1 first."""


def _terms(level: int) -> int:
    return 2 + level // 2


def _draw_sum(rng: random.Random, level: int) -> Numbers:
    largest = _LARGEST[level - 1]
    numbers = [rng.randint(2, largest)]
    while len(numbers) < _terms(level):
        number, room = rng.randint(2, largest), sum(numbers)
        numbers.append(-number if number <= room and rng.random() < 0.5 else number)
    return tuple(numbers)


def _signed(parts: list[tuple[int, str]]) -> str:
    """The parts of a sum with their signs; the first one is never negative."""
    return parts[0][1] + "".join(f" {'-' if sign < 0 else '+'} {text}" for sign, text in parts[1:])


def _add_up(values: list[Fraction], work: Work) -> Fraction:
    total = values[0]
    for value in values[1:]:
        sign = "-" if value < 0 else "+"
        total = work.step("Sum", f"{bracketed(total)} {sign} {plain(abs(value))}", total + value)
    return total


def _ask_sum(numbers: Numbers) -> str:
    return f"Compute {_signed([(number, str(abs(number))) for number in numbers])}."


def _solve_sum(numbers: Numbers, work: Work) -> Fraction:
    return _add_up([Fraction(number) for number in numbers], work)


def _draw_products(rng: random.Random, level: int) -> Numbers:
    """Pairs of factors one after the other; the sign of a product is that of its first factor."""
    largest = 5 + 3 * level
    pairs: list[int] = [rng.randint(5, largest), rng.randint(5, largest)]
    for _ in range(level // 3):
        pairs += [rng.choice((-1, 1)) * rng.randint(2, largest), rng.randint(2, largest)]
    return (*pairs, rng.choice((-1, 1)) * rng.randint(2, 9 * level))


def _pairs(numbers: Numbers) -> list[tuple[int, int]]:
    return list(zip(numbers[:-1:2], numbers[1:-1:2], strict=True))


def _ask_products(numbers: Numbers) -> str:
    parts = [(one, f"{abs(one)} * {other}") for one, other in _pairs(numbers)]
    return f"Compute {_signed([*parts, (numbers[-1], str(abs(numbers[-1])))])}."


def _solve_products(numbers: Numbers, work: Work) -> Fraction:
    values = []
    for number, (one, other) in enumerate(_pairs(numbers), 1):
        product = work.step(f"Product {number}", f"{abs(one)} * {other}", abs(one) * other)
        values.append(-product if one < 0 else product)
    return _add_up([*values, Fraction(numbers[-1])], work)


def _draw_brackets(rng: random.Random, level: int) -> Numbers:
    largest = 4 * level
    one, two = rng.randint(3, largest), rng.randint(3, largest)
    other, part = rng.randint(9, largest), rng.randint(2, 7)
    return one, two, other, part, rng.choice((-1, 1)) * rng.randint(2, 30 * level)


def _ask_brackets(numbers: Numbers) -> str:
    one, two, other, part, last = numbers
    return f"Compute ({one} + {two}) * ({other} - {part}) {'-' if last < 0 else '+'} {abs(last)}."


def _solve_brackets(numbers: Numbers, work: Work) -> Fraction:
    one, two, other, part, last = numbers
    first = work.step("First bracket", f"{one} + {two}", one + two)
    second = work.step("Second bracket", f"{other} - {part}", other - part)
    product = work.step("Product", f"{bracketed(first)} * {bracketed(second)}", first * second)
    return _add_up([product, Fraction(last)], work)


class Arithmetic(WorkedFamily):
    """Compute an expression."""

    name: ClassVar[str] = "Arithmetic"
    exercises: ClassVar[tuple[Exercise, ...]] = (
        Exercise("sum", range(1, 11), "Add and subtract from left to right.", _draw_sum, _ask_sum, _solve_sum),
        Exercise(
            "products", range(3, 11), "Work out the products first, then add and subtract from left to right.",
            _draw_products, _ask_products, _solve_products,
        ),
        Exercise(
            "brackets", range(5, 11), "Work out both brackets, multiply them, and add or subtract the last number.",
            _draw_brackets, _ask_brackets, _solve_brackets,
        ),
    )  # fmt: skip

    def numbers_asked(self, task: Task) -> int:
        """All numbers of the question."""
        return len(_NUMBER.findall(task.prompt))
