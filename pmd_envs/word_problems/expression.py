"""The arithmetic that templates are written in: ``"boxes * pens - given"``, read from left to right.

Words are separated by spaces, an operand is a whole number or a name, and ``*`` and ``/`` never follow
``+`` or ``-``, so reading from left to right is the ordinary reading and no brackets are needed.
"""

from collections.abc import Container, Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from pmd_envs.errors import ConfigError

OPERATIONS = ("+", "-", "*", "/")


class Expression(NamedTuple):
    """An expression that has been read, so that working it out is quick."""

    first: str
    others: tuple[tuple[str, str], ...]
    """Each sign with the operand after it."""

    @property
    def operands(self) -> tuple[str, ...]:
        """The numbers and names, in order."""
        return self.first, *(operand for _, operand in self.others)


def read(text: str, known: Container[str]) -> Expression:
    """Read an expression.

    Raises:
        ConfigError: It is not well formed, or uses a name that is not in ``known``.
    """
    words = text.split()
    signs = words[1::2]
    if len(words) != 2 * len(signs) + 1 or not all(sign in OPERATIONS for sign in signs):
        raise ConfigError(f"{text!r} is not of the form 'a + b' or 'a * b - c'")
    for before, after in pairwise(signs):
        if before in "+-" and after in "*/":
            raise ConfigError(f"{text!r} would need brackets: {after!r} follows {before!r}")
    for operand in words[::2]:
        if not operand.isdigit() and operand not in known:
            raise ConfigError(f"{text!r} uses {operand!r}, which is not defined before it")
    return Expression(words[0], tuple(zip(signs, words[2::2], strict=True)))


def constants(operands: Iterable[str]) -> dict[str, int]:
    """The whole numbers among operands, by the way they are written."""
    return {operand: int(operand) for operand in operands if operand.isdigit()}


def evaluate(expression: Expression, values: Mapping[str, int]) -> int | None:
    """The value of an expression, or ``None`` where a division leaves a remainder.

    Args:
        expression: What to work out.
        values: A value for each of its operands, the constants too.
    """
    first, others = expression
    result = values[first]
    for sign, operand in others:
        value = values[operand]
        if sign == "*":
            result *= value
        elif sign == "+":
            result += value
        elif sign == "-":
            result -= value
        elif value == 0 or result % value:
            return None
        else:
            result //= value
    return result
