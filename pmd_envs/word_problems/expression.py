"""The arithmetic that templates are written in: ``"boxes * pens - given"``, read from left to right.

Words are separated by spaces, an operand is a whole number or a name, and ``*`` and ``/`` never follow
``+`` or ``-``, so reading from left to right is the ordinary reading and no brackets are needed.
"""

from collections.abc import Mapping
from functools import cache
from itertools import pairwise

from pmd_envs.errors import ConfigError

OPERATIONS = ("+", "-", "*", "/")


def operands(expression: str) -> list[str]:
    """The numbers and names of an expression, in order."""
    return expression.split()[::2]


def operations(expression: str) -> list[str]:
    """The signs of an expression, in order."""
    return expression.split()[1::2]


def check(expression: str, known: Mapping[str, object]) -> None:
    """Raise :class:`ConfigError` unless the expression is well formed and uses known names only."""
    signs = operations(expression)
    if len(expression.split()) != 2 * len(signs) + 1 or not all(sign in OPERATIONS for sign in signs):
        raise ConfigError(f"{expression!r} is not of the form 'a + b' or 'a * b - c'")
    for before, after in pairwise(signs):
        if before in "+-" and after in "*/":
            raise ConfigError(f"{expression!r} would need brackets: {after!r} follows {before!r}")
    for operand in operands(expression):
        if not operand.isdigit() and operand not in known:
            raise ConfigError(f"{expression!r} uses {operand!r}, which is not defined before it")


def evaluate(expression: str, values: Mapping[str, int]) -> int | None:
    """The value of a checked expression, or ``None`` where a division leaves a remainder."""
    first, others = _read(expression)
    result = _value(first, values)
    for sign, operand in others:
        value = _value(operand, values)
        if sign == "/":
            if value == 0 or result % value:
                return None
            result //= value
        else:
            result = _apply(sign, result, value)
    return result


@cache
def _read(expression: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Its first operand, and each sign with the operand after it. There are as many as templates have steps."""
    first, *others = operands(expression)
    return first, tuple(zip(operations(expression), others, strict=True))


def equation(expression: str, values: Mapping[str, int], result: int) -> str:
    """The expression with numbers in place of names, and its result: ``"3 * 4 = 12"``."""
    words = expression.split()
    words[::2] = [str(_value(operand, values)) for operand in words[::2]]
    return f"{' '.join(words)} = {result}"


def _value(operand: str, values: Mapping[str, int]) -> int:
    return int(operand) if operand.isdigit() else values[operand]


def _apply(sign: str, left: int, right: int) -> int:
    if sign == "+":
        return left + right
    return left - right if sign == "-" else left * right
