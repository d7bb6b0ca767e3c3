"""The arithmetic that templates are written in: ``"boxes * pens - given"``, read from left to right.

Words are separated by spaces, an operand is a whole number or a name, and ``*`` and ``/`` never follow
``+`` or ``-``, so reading from left to right is the ordinary reading and no brackets are needed.
"""

from collections.abc import Container, Mapping
from itertools import pairwise
from typing import NamedTuple

from pmd_envs.errors import ConfigError, unknown

OPERATIONS = ("+", "-", "*", "/")


class Expression(NamedTuple):
    """An expression that has been read."""

    first: str
    others: tuple[tuple[str, str], ...]
    """Each sign with the operand after it."""


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
    for word in words[::2]:
        if not word.isdigit() and word not in known:
            raise ConfigError(f"{text!r} uses {word!r}, which is not defined before it")
    if ("/", 0) in ((sign, int(word)) for sign, word in zip(signs, words[2::2], strict=True) if word.isdigit()):
        raise ConfigError(f"{text!r} divides by 0")
    return Expression(words[0], tuple(zip(signs, words[2::2], strict=True)))


def statements(expression: Expression, result: str, variables: Mapping[str, str]) -> list[str]:
    """The lines of Python that work an expression out, inside of a loop.

    A division that leaves a remainder goes on to the loop's next round: ``a / b + 1`` is ``r = a``,
    ``if r % b: continue`` and ``r = r // b + 1``.

    Args:
        expression: What to work out.
        result: The variable that gets the value.
        variables: The variable of each name.
    """
    lines = []
    term = operand(expression.first, variables)
    for sign, other in expression.others:
        right = operand(other, variables)
        if sign == "/":
            lines += [f"{result} = {term}", f"if {result} % {right}: continue"]
            term = f"{result} // {right}"
        else:
            term = f"{term} {sign} {right}"
    return [*lines, f"{result} = {term}"]


def operand(word: str, variables: Mapping[str, str]) -> str:
    """How Python writes a whole number or a name."""
    if word.isdigit():
        return str(int(word))
    if word not in variables:
        raise unknown("number", word, variables)
    return variables[word]
