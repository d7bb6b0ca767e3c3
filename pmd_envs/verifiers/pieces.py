"""What :mod:`pmd_envs.verifiers.expressions` finds out about one expression in a text, for the step check to judge."""

from fractions import Fraction
from typing import NamedTuple


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
    lead: Fraction | None
    """Its first number or fraction, if a word such as "times" or "of" joins it to the rest."""
    letters: frozenset[str]
    """Letters that touch its numbers and may be units or variables."""
    all_percent: bool
    """Whether every number in it has a percent sign."""
