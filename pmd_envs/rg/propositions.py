"""Truth tables of propositional formulas in reasoning-gym's notation, as its own parser reads them."""

import importlib
import operator
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache, lru_cache
from typing import Protocol

MAX_LENGTH = 500
"""Longest formula that is read: the parser takes quadratic time."""
_CONNECTIVES: Mapping[str, Callable[[int, int], int]] = {
    "∧": operator.and_,
    "∨": operator.or_,
    "→": lambda left, right: ~left | right,
    "↔": lambda left, right: ~(left ^ right),
}


class _Formula(Protocol):
    """What we use of the package's formulas."""

    operator: Enum | None
    """None for a letter."""
    left: "str | _Formula"
    right: "_Formula | None"


@lru_cache(maxsize=256)
def true_cases(text: str, letters: tuple[str, ...]) -> int:
    """The cases in which a formula is true: one bit for each way to make the letters true or false.

    Raises:
        ValueError: It is no formula, or too long for one.
        KeyError: It has other letters.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a formula of {len(text)} characters")
    package = importlib.import_module("reasoning_gym.logic.propositional_logic")
    formula: _Formula = package.Expression.from_string(text)
    every = (1 << (1 << len(letters))) - 1
    return _true_cases(formula, dict(zip(letters, _columns(len(letters)), strict=True))) & every


@cache
def _columns(letters: int) -> tuple[int, ...]:
    """In which cases each of so many letters is true."""
    cases = range(1 << letters)
    return tuple(sum(1 << case for case in cases if case >> letter & 1) for letter in range(letters))


def _true_cases(formula: "str | _Formula | None", values: Mapping[str, int]) -> int:
    """With whatever bits beyond the cases."""
    if isinstance(formula, str) or formula is None:
        raise ValueError(f"{formula!r} is no formula")
    if formula.operator is None:
        return values[str(formula.left)]
    left, sign = _true_cases(formula.left, values), str(formula.operator.value)
    return ~left if sign == "¬" else _CONNECTIVES[sign](left, _true_cases(formula.right, values))
