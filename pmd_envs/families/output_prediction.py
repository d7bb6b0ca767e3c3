"""Follow a small generated program and say what it prints.

    What does this program print?

    x = 3
    for i in range(4):
        x = x * 2 + i
    print(x)

    i = 0: 3 * 2 + 0 = 6
    i = 1: 6 * 2 + 1 = 13
    i = 2: 13 * 2 + 2 = 28
    i = 3: 28 * 2 + 3 = 59
    #### 59

No program is ever run here: each exercise knows what its own programs do, and writes that down line by line.
"""

import random
from fractions import Fraction
from typing import ClassVar

from pmd_envs.families.math500_kinds import Numbers, Work, bracketed, plain
from pmd_envs.families.worked_family import Exercise, WorkedFamily


def _program(*lines: str) -> str:
    return "\n".join(("What does this program print?\n", *lines))


def _draw_assignments(rng: random.Random, level: int) -> Numbers:
    """Two values, then which variable is changed and by what, in turn."""
    rounds = (1 + level) // 2
    changes = [value for _ in range(rounds) for value in (rng.randrange(2), rng.randint(2, 5 + level // 2))]
    return (rng.randint(2, 8 + level), rng.randint(2, 8 + level), *changes)


def _changes(numbers: Numbers) -> list[tuple[str, int]]:
    """Which variable a line changes, and the number in it."""
    return [("xy"[which], number) for which, number in zip(numbers[2::2], numbers[3::2], strict=True)]


def _ask_assignments(numbers: Numbers) -> str:
    lines = [f"x = {numbers[0]}", f"y = {numbers[1]}"]
    for name, number in _changes(numbers):
        lines.append(f"x = x + y - {number}" if name == "x" else f"y = x + {number}")
    return _program(*lines, "print(x + y)")


def _solve_assignments(numbers: Numbers, work: Work) -> Fraction:
    x, y = Fraction(numbers[0]), Fraction(numbers[1])
    for name, number in _changes(numbers):
        if name == "x":
            x = work.step("new x", f"{bracketed(x)} + {bracketed(y)} - {number}", x + y - number)
        else:
            y = work.step("new y", f"{bracketed(x)} + {number}", x + number)
    return work.step("printed", f"{bracketed(x)} + {bracketed(y)}", x + y)


def _draw_loop(rng: random.Random, level: int) -> Numbers:
    return rng.randint(1, 8 + level), rng.randint(2, 2 + level // 4), rng.randint(1, 4), 2 + level // 4


def _ask_loop(numbers: Numbers) -> str:
    start, times, step, rounds = numbers
    change = "i" if step == 1 else f"{step} * i"
    return _program(f"x = {start}", f"for i in range({rounds}):", f"    x = x * {times} + {change}", "print(x)")


def _solve_loop(numbers: Numbers, work: Work) -> Fraction:
    start, times, step, rounds = numbers
    x = Fraction(start)
    for i in range(rounds):
        change = f"{i}" if step == 1 else f"{step} * {i}"
        x = work.step(f"i = {i}", f"{bracketed(x)} * {times} + {change}", x * times + step * i)
    return x


def _draw_branch(rng: random.Random, level: int) -> Numbers:
    largest = 12 + 4 * level**2
    limit = rng.randint(8, largest)
    return rng.randint(2, largest), limit, rng.randint(3, limit - 4), rng.randint(3, largest // 2), (1 + level) // 2


def _ask_branch(numbers: Numbers) -> str:
    start, limit, down, up, rounds = numbers
    lines = (f"    if x > {limit}:", f"        x = x - {down}", "    else:", f"        x = x + {up}")
    return _program(f"x = {start}", f"for i in range({rounds}):", *lines, "print(x)")


def _solve_branch(numbers: Numbers, work: Work) -> Fraction:
    start, limit, down, up, rounds = numbers
    x = Fraction(start)
    for i in range(rounds):
        if x > limit:
            x = work.step(f"i = {i}, above {limit}", f"{bracketed(x)} - {down}", x - down)
        else:
            x = work.step(f"i = {i}, not above {limit}", f"{bracketed(x)} + {up}", x + up)
    return x


def _draw_list(rng: random.Random, level: int) -> Numbers:
    return (rng.randint(2, 3 + level // 4), *(rng.randint(1, 6 + 2 * level) for _ in range(2 + level // 4)))


def _ask_list(numbers: Numbers) -> str:
    times, *items = numbers
    lines = (
        "    if item % 2 == 0:",
        f"        total = total + item * {times}",
        "    else:",
        "        total = total - item",
    )
    return _program(f"items = {items}", "total = 0", "for item in items:", *lines, "print(total)")


def _solve_list(numbers: Numbers, work: Work) -> Fraction:
    times, *items = numbers
    total = Fraction(0)
    for item in items:
        before = bracketed(total)
        if item % 2 == 0:
            total = work.step(f"{item} is even", f"{before} + {item} * {times}", total + item * times)
        else:
            total = work.step(f"{item} is odd", f"{before} - {item}", total - item)
    return total


def _draw_while(rng: random.Random, level: int) -> Numbers:
    """A loop that takes a remainder: start, factor, summand, modulus and the number of rounds."""
    modulus = rng.randint(6, 8 + 6 * level)
    return rng.randint(2, modulus - 1), rng.randint(2, 2 + level // 3), rng.randint(1, 9), modulus, 1 + level // 3


def _ask_while(numbers: Numbers) -> str:
    start, times, plus, modulus, rounds = numbers
    lines = (f"    x = (x * {times} + {plus}) % {modulus}", "    n = n - 1")
    return _program(f"x = {start}", f"n = {rounds}", "while n > 0:", *lines, "print(x)")


def _solve_while(numbers: Numbers, work: Work) -> Fraction:
    start, times, plus, modulus, rounds = numbers
    x = Fraction(start)
    for left in range(rounds, 0, -1):
        value = work.step(f"n = {left}", f"{bracketed(x)} * {times} + {plus}", x * times + plus)
        whole = value // modulus
        x = work.step("remainder", f"{plain(value)} - {bracketed(whole)} * {modulus}", value - whole * modulus)
    return x


class OutputPrediction(WorkedFamily):
    """Say what a program prints."""

    name: ClassVar[str] = "OutputPrediction"
    exercises: ClassVar[tuple[Exercise, ...]] = (
        Exercise(
            "assignments", range(1, 11), "Go through the lines and note x and y after each of them.",
            _draw_assignments, _ask_assignments, _solve_assignments,
        ),
        Exercise("loop", range(1, 11), "Note x after each round, i counts from 0.", _draw_loop, _ask_loop, _solve_loop),
        Exercise(
            "branch", range(1, 11), "In each round compare x with the limit before you change it.",
            _draw_branch, _ask_branch, _solve_branch,
        ),
        Exercise(
            "list", range(1, 11), "Go through the items; even ones add their multiple, odd ones are taken away.",
            _draw_list, _ask_list, _solve_list,
        ),
        Exercise(
            "while", range(1, 11), "In each round multiply, add, and take the remainder.",
            _draw_while, _ask_while, _solve_while,
        ),
    )  # fmt: skip
