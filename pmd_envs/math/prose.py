"""Answers in words, and which runs of letters are words rather than products of variables."""

import re
from collections.abc import Sequence
from itertools import pairwise

from pmd_envs.math.normalise import normalise
from pmd_envs.math.scan import LONGEST_PRODUCT
from pmd_envs.math.vocabulary import FUNCTIONS, NOT_A_UNIT, SHORT_WORDS

_WORDS = re.compile(r"[^\W\d_]+(?:[ '’-]+[^\W_]+)*")
_ARTICLES = ("a", "an", "the")
_SPACING = re.compile(r"\\[ ,;:!]|(?<=\S)~|\\q?quad(?![A-Za-z])")
_SET_AS_TEXT = re.compile(r"\\(?:text|mbox|textbf|textit|textrm|mathrm|mathbf)\s*\{([^{}]*)\}")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*([ap])\.?\s*m\.?", re.IGNORECASE)
_PIECE = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\s\w]")
_VOWELS = frozenset("aeiouy")


def spoken(text: str) -> str:
    """An answer without the commands that only set it as text or leave space in it."""
    text = _SPACING.sub(" ", text) if "\\" in text or "~" in text else text
    return _SET_AS_TEXT.sub(r"\1", text).strip(" $*.")


def prose(text: str) -> tuple[str, ...]:
    """The words of an answer in prose, as they are written; empty if it is not prose."""
    said = spoken(normalise(text))
    if not _WORDS.fullmatch(said) or len(said) == 1:
        return ()
    words = tuple(_PIECE.findall(said))
    if any(char.isdigit() for char in said) and NOT_A_UNIT.intersection(word.lower() for word in words):
        return ()
    return words


def plain_words(words: Sequence[str]) -> tuple[str, ...]:
    """Words without case and leading article."""
    folded = tuple(word.casefold() for word in words)
    return folded[1:] if len(folded) > 1 and folded[0] in _ARTICLES else folded


def cased_words(words: Sequence[str]) -> tuple[str, ...]:
    """The same where some of them may be variables, or products of such: those keep their case, and ``a`` is one."""
    folded = tuple(word.casefold() if is_word(word) else word for word in words)
    return folded[1:] if len(folded) > 1 and folded[0] in _ARTICLES[1:] else folded


def is_word(letters: str) -> bool:
    """Whether a run of letters is a word: ``even`` is, ``xy``, ``BC`` and ``ABCD`` may be products."""
    lower = letters.casefold()
    if lower in SHORT_WORDS or lower in FUNCTIONS:
        return True
    mixed = not _VOWELS.isdisjoint(lower) and not _VOWELS.issuperset(lower)
    return len(lower) > LONGEST_PRODUCT and mixed and not _is_alphabetical(lower)


def clock(text: str) -> tuple[str, ...]:
    """Hour, minute and half of the day if an answer is a time such as 10:45 a.m.; else empty."""
    match = _CLOCK.fullmatch(spoken(normalise(text)))
    return tuple(part.lower().lstrip("0") for part in match.groups()) if match else ()


def _is_alphabetical(letters: str) -> bool:
    """Whether letters follow each other as in ``ABCD`` or ``wxyz``."""
    return all(ord(after) - ord(before) == 1 for before, after in pairwise(letters))
