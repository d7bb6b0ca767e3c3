"""What the step check takes a text apart into: tokens, and the expressions among them."""

from fractions import Fraction
from typing import Literal, NamedTuple

Kind = Literal["number", "+", "-", "*", "/", "(", ")", "=", "%", "word", "symbol", "break"]
_ZERO = Fraction(0)


class Token(NamedTuple):
    """A piece of text and what it is to arithmetic; a tuple, since a step of a few words has dozens."""

    kind: Kind
    start: int
    end: int
    text: str
    value: Fraction = _ZERO
    decimals: int = 0
    percent: bool = False
    money: bool = False
    cut: bool = False
    """Whether dots stand for more digits."""
    scale: int = 1
    """What words such as "million" behind the number have multiplied its value by."""


class Piece(NamedTuple):
    """One expression: where it stands among the tokens, and its value."""

    start: int
    stop: int
    """One past its last token."""
    reach: int
    """One past the unit words that follow it."""
    value: Fraction | None
    """``None`` if it is not plain arithmetic."""
    computes: bool
    """Whether it holds an operation, so that there is something to get wrong."""
    bare: bool
    """Whether it is one number without unit, currency, percent sign or a word before it."""
    decimals: int
    """Decimals shown, of a single number."""
    percent: bool
    """Whether it is a single number with a percent sign."""
    fraction: bool
    """Whether it is a lone proper fraction such as ``3/4``."""
    hundred: bool
    """Whether ``100%`` occurs in it."""
    cut: bool
    """Whether dots stand for more decimals of a single number."""
    scales: frozenset[int]
    """What words such as "million" multiply its numbers by."""
    lead: Fraction | None
    """Its first number or fraction, if a word such as "times" or "of" joins it to the rest."""
    letters: frozenset[str]
    """Letters that touch its numbers and may be units or variables."""
    all_percent: bool
    """Whether every number in it has a percent sign."""
