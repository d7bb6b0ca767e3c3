"""What is copied from a response that is being graded.

A copy is told by a run of words that both have, so that other marks, bullets or an end that is left out do not hide it.
Words of the problem itself may be quoted.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from memory.notation import normalise

_RUN = 12
"""Consecutive words that two texts do not share by chance."""
_QUOTABLE = 16
"""Characters from which finding the whole of a short graded text inside an item means it was copied."""
_WORD = re.compile(r"[^\W_]+")


def is_graded(text: str, graded: frozenset[str]) -> bool:
    """Whether a stored response is, up to white space and case, one of the ``graded`` (normalised) texts."""
    return bool(graded) and normalise(text) in graded


def quotes_graded(text: str, graded: frozenset[str], prompt: str = "") -> bool:
    """Whether an insight or behavior is or quotes one of the ``graded`` (normalised) texts.

    Args:
        text: What a teacher would read.
        graded: What is graded.
        prompt: The problem, which may be quoted.
    """
    said = normalise(text) if graded else ""
    return any(part and (said == part or _quotes(said, part, normalise(prompt))) for part in graded)


def _quotes(said: str, part: str, prompt: str) -> bool:
    if len(part) < _QUOTABLE:
        return False
    if part in said:
        return True
    words = _WORD.findall(part)
    size = min(_RUN, len(words))
    if sum(map(len, words)) + size < _QUOTABLE:
        return False  # nearly all of it is marks
    shared = _runs(part, size).intersection(_iterate(said, size))
    return bool(shared) and not shared <= _runs(prompt, size)


@lru_cache(maxsize=64)
def _runs(text: str, size: int) -> frozenset[str]:
    return frozenset(_iterate(text, size))


def _iterate(text: str, size: int) -> Iterator[str]:
    """Every run of so many consecutive words."""
    words = _WORD.findall(text)
    return (" ".join(words[at : at + size]) for at in range(len(words) - size + 1))
