"""Linear equations with a whole solution: one unknown on one or both sides, or two unknowns.

    Solve 5x + 7 = 2x + 22 for x.

    x on the left: 5 - 2 = 3
    Number on the right: 22 - 7 = 15
    x: 15 / 3 = 5
    #### 5

There are four kinds in ten levels: x on one side (levels 1 to 4) or on both (3 to 6), a bracket to open (6 to 8),
and two unknowns (8 to 10). The solution is a whole number, positive up to level 4 and of either sign after that.
"""

import random
from fractions import Fraction
from typing import ClassVar

from pmd_envs.families.math500_kinds import Numbers, Work, bracketed, divided, linear
from pmd_envs.families.worked_family import Exercise, WorkedFamily


def _unknown(rng: random.Random, level: int) -> int:
    """A solution: positive at first, of either sign later."""
    size = rng.randint(2, 8 + 4 * level)
    return size if level <= 4 else rng.choice((-1, 1)) * size


def _minus(left: Fraction | int, right: Fraction | int) -> str:
    """A difference as a step writes it, where what is taken away may be negative."""
    return f"{bracketed(left)} - {bracketed(right)}"


def _draw_one_side(rng: random.Random, level: int) -> Numbers:
    times, x = rng.randint(2, 5 + 2 * level), _unknown(rng, level)
    plus = rng.randint(1, 10 * level) * (1 if level <= 2 else rng.choice((-1, 1)))
    return times, plus, times * x + plus


def _ask_one_side(numbers: Numbers) -> str:
    times, plus, right = numbers
    return f"Solve {linear(times, plus)} = {right} for x."


def _solve_one_side(numbers: Numbers, work: Work) -> Fraction:
    times, plus, right = numbers
    rest = work.step(f"{times}x", _minus(right, plus), right - plus)
    return work.step("x", f"{bracketed(rest)} / {times}", divided(rest, times))


def _draw_both_sides(rng: random.Random, level: int) -> Numbers:
    x, other = _unknown(rng, level), rng.randint(2, 3 + level)
    times, plus = other + rng.randint(2, 3 + level), rng.randint(1, 10 * level)
    return times, plus, other, (times - other) * x + plus


def _ask_both_sides(numbers: Numbers) -> str:
    times, plus, other, right = numbers
    return f"Solve {linear(times, plus)} = {linear(other, right)} for x."


def _solve_both_sides(numbers: Numbers, work: Work) -> Fraction:
    times, plus, other, right = numbers
    left = work.step("x on the left", f"{times} - {other}", times - other)
    rest = work.step("Number on the right", _minus(right, plus), right - plus)
    return work.step("x", f"{bracketed(rest)} / {bracketed(left)}", divided(rest, left))


def _draw_bracket(rng: random.Random, level: int) -> Numbers:
    x, other = _unknown(rng, level), rng.randint(2, 9)
    times, plus = other + rng.randint(2, level), rng.randint(2, 3 * level)
    return times, plus, other, times * (x + plus) - other * x


def _ask_bracket(numbers: Numbers) -> str:
    times, plus, other, right = numbers
    return f"Solve {times}({linear(1, plus)}) = {linear(other, right)} for x."


def _solve_bracket(numbers: Numbers, work: Work) -> Fraction:
    times, plus, other, right = numbers
    opened = work.step("Number on the left", f"{times} * {plus}", times * plus)
    left = work.step("x on the left", f"{times} - {other}", times - other)
    rest = work.step("Number on the right", _minus(right, opened), right - opened)
    return work.step("x", f"{bracketed(rest)} / {bracketed(left)}", divided(rest, left))


def _draw_two_unknowns(rng: random.Random, level: int) -> Numbers:
    x, y, one = _unknown(rng, level), _unknown(rng, level), rng.randint(2, 4 * level - 27)
    two = one + rng.randint(2, level)
    return x + y, two, one, two * x + one * y


def _ask_two_unknowns(numbers: Numbers) -> str:
    total, two, one, other = numbers
    return f"It is x + y = {total} and {two}x + {one}y = {other}. What is x?"


def _solve_two_unknowns(numbers: Numbers, work: Work) -> Fraction:
    total, two, one, other = numbers
    times = work.step(f"{one}x + {one}y", f"{one} * {bracketed(total)}", one * total)
    left = work.step("x on the left", f"{two} - {one}", two - one)
    rest = work.step("Number on the right", _minus(other, times), other - times)
    return work.step("x", f"{bracketed(rest)} / {bracketed(left)}", divided(rest, left))


class LinearEquations(WorkedFamily):
    """Solve an equation."""

    name: ClassVar[str] = "LinearEquations"
    exercises: ClassVar[tuple[Exercise, ...]] = (
        Exercise(
            "one side", range(1, 5),
            "Take the number beside x away from the other side, then divide by the factor of x.",
            _draw_one_side, _ask_one_side, _solve_one_side,
        ),
        Exercise(
            "both sides", range(3, 7), "Bring every x to the left and every number to the right, then divide.",
            _draw_both_sides, _ask_both_sides, _solve_both_sides,
        ),
        Exercise(
            "bracket", range(6, 9), "Open the bracket, bring every x to the left and every number right, then divide.",
            _draw_bracket, _ask_bracket, _solve_bracket,
        ),
        Exercise(
            "two unknowns", range(8, 11),
            "Multiply the first equation until y falls out of the difference, then divide.",
            _draw_two_unknowns, _ask_two_unknowns, _solve_two_unknowns,
        ),
    )  # fmt: skip
