"""What a kind of short mathematics problem is, and how its solution is written.

A kind draws numbers, words the problem and solves it. It hands every result to a :class:`Work`, which lets one of
them be missed: then the rest of the solution goes on from there, as a person would.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

Numbers = tuple[int, ...]


@dataclass
class Work:
    """The lines of one solution, with a slip in one of its results if there is to be one."""

    slip_at: int | None = None
    """Which result is missed; None for a right solution."""
    slip: int = 1
    """By how much; of a fraction, by how many parts."""
    lines: list[str] = field(default_factory=list)
    results: int = 0

    def step(self, label: str, expression: str, value: Fraction | int) -> Fraction:
        """Write ``label: expression = value`` and return the value to go on with."""
        reached = self._reached(Fraction(value))
        self.lines.append(f"{label}: {expression} = {plain(reached)}")
        return reached

    def root(self, label: str, square: Fraction, value: int) -> Fraction:
        """Write ``label: value, since value * value = square`` and return the value to go on with."""
        reached = self._reached(Fraction(value))
        shown = plain(reached)
        self.lines.append(f"{label}: {shown}, since {shown} * {shown} = {plain(square)}")
        return reached

    def _reached(self, value: Fraction) -> Fraction:
        slip = self.slip if self.results == self.slip_at else 0
        self.results += 1
        return value + Fraction(slip, value.denominator)


@dataclass(frozen=True)
class Kind:
    """One kind of problem."""

    name: str
    difficulty: int
    plan: str
    draw: Callable[[random.Random], Numbers]
    ask: Callable[[Numbers], str]
    solve: Callable[[Numbers, Work], str]
    """Write the steps and return the answer in LaTeX."""

    def solution(self, numbers: Numbers, slip_at: int | None = None, slip: int = 1) -> str:
        """The solution with its boxed answer, right or with a slip."""
        work = Work(slip_at, slip)
        answer = self.solve(numbers, work)
        return "\n".join([*work.lines, f"\\boxed{{{answer}}}"])

    def results(self, numbers: Numbers) -> int:
        """How many results the solution has that can be missed."""
        work = Work()
        self.solve(numbers, work)
        return work.results


def plain(value: Fraction | int) -> str:
    """A number as a step writes it."""
    return str(Fraction(value))


def bracketed(value: Fraction | int) -> str:
    """A number as an operand: in brackets if it is negative or a fraction."""
    text = plain(value)
    return text if text.isdigit() else f"({text})"


def latex(value: Fraction | int) -> str:
    """A number as an answer writes it."""
    value = Fraction(value)
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    return f"{sign}\\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def divided(top: Fraction | int, bottom: Fraction | int) -> Fraction:
    """A quotient; after a slip the divisor may be 0, and then it is left out."""
    return Fraction(top) / Fraction(bottom) if bottom else Fraction(top)


def linear(first: Fraction | int, constant: Fraction | int, name: str = "x") -> str:
    """``3x - 5`` and the like."""
    front = {"1": "", "-1": "-"}.get(latex(first), latex(first)) + name if first else ""
    if not constant:
        return front or "0"
    if not front:
        return latex(constant)
    return f"{front} {'+' if constant > 0 else '-'} {latex(abs(Fraction(constant)))}"


def quadratic(second: Fraction | int, first: Fraction | int, constant: Fraction | int) -> str:
    """``x^2 - 5x + 6`` and the like."""
    front = f"{'' if second == 1 else latex(second)}x^2"
    rest = linear(first, constant)
    if rest == "0":
        return front
    return f"{front} - {rest[1:]}" if rest.startswith("-") else f"{front} + {rest}"
