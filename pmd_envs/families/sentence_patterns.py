"""Sentences with places for words, written and read by the same templates.

``Pattern("{a} is left of {b}")`` writes "Ann is left of Bo" and finds the two names in it again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

_FIELD = re.compile(r"\{([a-z])\}")


@dataclass(frozen=True)
class Pattern:
    """One template; its fields are single letters in braces."""

    text: str

    @cached_property
    def _regex(self) -> "re.Pattern[str]":
        pieces = _FIELD.split(self.text)
        fields = [f"(?P<{piece}>.{{1,40}}?)" if number % 2 else re.escape(piece) for number, piece in enumerate(pieces)]
        return re.compile("".join(fields), re.IGNORECASE)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The letters, in order."""
        return tuple(_FIELD.findall(self.text))

    def read(self, sentence: str) -> Mapping[str, str]:
        """The words in the fields; empty if the sentence is another one."""
        found = self._regex.fullmatch(sentence)
        return found.groupdict() if found else {}


def first_upper(text: str) -> str:
    """The same sentence with a capital at its start."""
    return text[:1].upper() + text[1:]


_WORDS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th")
_NAMES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def ordinal(place: int) -> str:
    """``1st`` for place 0."""
    return _WORDS[place]


def read_ordinal(word: str, size: int) -> int | None:
    """The place that a word such as ``2nd``, ``second`` or ``last`` names, if there is such a place."""
    lower = word.casefold()
    if lower == "last":
        return size - 1
    place = next((i for i in range(len(_WORDS)) if lower in (_WORDS[i], _NAMES[i])), size)
    return place if place < size else None
