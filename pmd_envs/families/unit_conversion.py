"""Amounts in other units: lengths, masses, times, volumes and imperial lengths.

    How many seconds are 2 hours 15 minutes?

    Hours in minutes: 2 * 60 = 120
    Minutes in all: 120 + 15 = 135
    Minutes in seconds: 135 * 60 = 8100
    #### 8100

There are ten levels: one, two or three units apart, down or up, with or without amounts of the units on the way. They
are ordered by how often nano, taught all of them alike, solved them.
"""

import random
from collections.abc import Callable
from fractions import Fraction
from typing import ClassVar

from pmd_envs.families.math500_kinds import Numbers, Work, bracketed, divided, plain
from pmd_envs.families.worked_family import Exercise, WorkedFamily

_LADDERS: dict[str, tuple[tuple[str, int], ...]] = {
    "length": (("millimetres", 10), ("centimetres", 100), ("metres", 1000), ("kilometres", 0)),
    "mass": (("milligrams", 1000), ("grams", 1000), ("kilograms", 1000), ("tonnes", 0)),
    "time": (("seconds", 60), ("minutes", 60), ("hours", 24), ("days", 7), ("weeks", 0)),
    "volume": (("millilitres", 10), ("centilitres", 100), ("litres", 100), ("hectolitres", 0)),
    "imperial length": (("inches", 12), ("feet", 3), ("yards", 1760), ("miles", 0)),
}
"""Units from small to large; beside each, how many of it make one of the next."""
_DOWN, _UP = 0, 1
_LEVELS: dict[int, tuple[int, int, bool]] = {
    1: (_DOWN, 1, False),
    2: (_DOWN, 1, True),
    3: (_DOWN, 1, True),
    4: (_UP, 1, False),
    5: (_DOWN, 2, False),
    6: (_UP, 2, False),
    7: (_UP, 3, False),
    8: (_DOWN, 3, False),
    9: (_DOWN, 2, True),
    10: (_DOWN, 3, True),
}
"""Direction, units apart, and whether there are amounts of the units on the way; numbers grow with the level."""


def _draw(ladder: tuple[tuple[str, int], ...], rng: random.Random, level: int) -> Numbers:
    """Direction, unit of the answer, and amounts from the largest unit down."""
    direction, hops, mixed = _LEVELS[level]
    target = rng.randrange(len(ladder) - hops)
    first = rng.randint(2, 12 + 3 * level)
    if direction == _UP:
        return (_UP, target, hops, first)
    amounts = [first]
    for rung in range(target + hops - 1, target - 1, -1):
        amounts.append(rng.randint(2, min(ladder[rung][1], 100) - 1) if mixed else 0)
    return (_DOWN, target, hops, *amounts)


def _factor(ladder: tuple[tuple[str, int], ...], target: int, hops: int) -> int:
    product = 1
    for _, count in ladder[target : target + hops]:
        product *= count
    return product


def _ask(ladder: tuple[tuple[str, int], ...], numbers: Numbers) -> str:
    direction, target, hops, *amounts = numbers
    if direction == _UP:
        small = amounts[0] * _factor(ladder, target, hops)
        return f"How many {ladder[target + hops][0]} are {small} {ladder[target][0]}?"
    units = [ladder[target + hops - place][0] for place in range(hops + 1)]
    given = [f"{amount} {unit}" for amount, unit in zip(amounts, units, strict=True) if amount]
    return f"How many {ladder[target][0]} are {' '.join(given)}?"


def _solve(ladder: tuple[tuple[str, int], ...], numbers: Numbers, work: Work) -> Fraction:
    direction, target, hops, *amounts = numbers
    if direction == _UP:
        value = Fraction(amounts[0] * _factor(ladder, target, hops))
        for rung in range(target, target + hops):
            label = f"{ladder[rung][0].capitalize()} in {ladder[rung + 1][0]}"
            value = work.step(label, f"{bracketed(value)} / {ladder[rung][1]}", divided(value, ladder[rung][1]))
        return value
    value = Fraction(amounts[0])
    for place, rung in enumerate(range(target + hops - 1, target - 1, -1), 1):
        (unit, count), above = ladder[rung], ladder[rung + 1][0]
        value = work.step(f"{above.capitalize()} in {unit}", f"{bracketed(value)} * {count}", value * count)
        if amounts[place]:
            label = f"{unit.capitalize()} in all"
            value = work.step(label, f"{plain(value)} + {amounts[place]}", value + amounts[place])
    return value


def _exercise(name: str) -> Exercise:
    ladder = _LADDERS[name]
    draw: Callable[[random.Random, int], Numbers] = lambda rng, level: _draw(ladder, rng, level)  # noqa: E731
    return Exercise(
        name,
        range(1, 11),
        f"Go from unit to unit of {name}: multiply on the way down, add what is given there, divide on the way up.",
        draw,
        lambda numbers: _ask(ladder, numbers),
        lambda numbers, work: _solve(ladder, numbers, work),
    )


class UnitConversion(WorkedFamily):
    """Say an amount in another unit."""

    name: ClassVar[str] = "UnitConversion"
    exercises: ClassVar[tuple[Exercise, ...]] = tuple(_exercise(name) for name in _LADDERS)
