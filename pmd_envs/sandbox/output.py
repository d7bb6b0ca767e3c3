"""Whether a printed answer is the expected one: line by line, without the blanks at the ends of lines."""

import re
from decimal import Decimal

MAX_NUMBER = 60
# As programs print numbers. `0101` is a row of digits, and to `1_0` only Python gives a value.
_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,8})?")


def same_output(printed: str, expected: str) -> bool:
    """Equal lines, or lines of equal numbers: ``2.50`` is ``2.5``, but ``02`` is not ``2``."""
    ours, theirs = (text.rstrip().split("\n") for text in (printed, expected))
    return len(ours) == len(theirs) and all(map(_same_line, ours, theirs))


def _same_line(ours: str, theirs: str) -> bool:
    ours, theirs = ours.strip(), theirs.strip()
    if ours == theirs:
        return True
    left, right = ours.split(), theirs.split()
    return len(left) == len(right) and all(map(_same_word, left, right))


def _same_word(ours: str, theirs: str) -> bool:
    if ours == theirs:
        return True
    first, second = _number(ours), _number(theirs)
    return first is not None and first == second


def _number(word: str) -> Decimal | None:
    return Decimal(word) if len(word) <= MAX_NUMBER and _NUMBER.fullmatch(word) else None
