"""What must not get into the memory or out of it.

Three rules. Nothing is learned from a held-out problem. Nothing that states the answer of its own problem
is stored. And a reader never meets the text of the response that is being graded. The first is a caller's
bug and raises; the second is a model's habit and is counted; the third filters what is read. (An insight may
rest on the graded response among others, as in the paper; it may not quote it.)
"""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from memory.errors import FirewallError
from memory.records import Subject

HELD_OUT = frozenset({"test", "validation"})
"""Validation counts as held out too: it chooses checkpoints."""

_QUOTABLE = 16
"""Characters from which finding a graded text inside an item means it was copied, not met by chance."""
_DIGITS = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_GOLD_NUMBER = re.compile(rf"[-+]?\s?\$?\s?{_DIGITS}\s?%?")
_NUMBER = re.compile(rf"(?<![\w.]){_DIGITS}(?!\w|\.\d)")
_PAIR = re.compile(r"\s*([^:=]+?)\s*[:=]\s*([^:=]+?)\s*")
_ONE_OF_FEW = re.compile(r"[a-z]|yes|no|true|false")
"""Answers that are also everyday words: only announcing them gives them away."""


@lru_cache(maxsize=2048)
def normalise(text: str) -> str:
    """Text without differences that do not matter: Unicode form, case, runs of white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def require_writable(subject: Subject) -> None:
    """Refuse a problem that the policy is measured on."""
    if subject.split in HELD_OUT:
        raise FirewallError(
            f"{subject.id!r} is a {subject.split} problem: the memory learns from training problems only"
        )


def gives_away(text: str, gold: str) -> bool:
    """Whether a text states the answer ``gold``."""
    said, answer = normalise(text), normalise(gold)
    if not answer:
        return False
    number = _GOLD_NUMBER.fullmatch(answer)
    if number:
        return _states_number(said, _value(number[1]))
    if _ONE_OF_FEW.fullmatch(answer):
        return _announces(said, answer)
    if "\n" in gold.strip() and re.sub(r"\s", "", answer) in re.sub(r"\s", "", said):
        return True
    return _states_words(said, answer) or _states_assignment(said, gold)


def is_graded(text: str, graded: frozenset[str]) -> bool:
    """Whether a stored response is, up to white space and case, one of the ``graded`` (normalised) texts."""
    return bool(graded) and normalise(text) in graded


def quotes_graded(text: str, graded: frozenset[str]) -> bool:
    """Whether an insight or behavior is or contains one of the ``graded`` (normalised) texts."""
    said = normalise(text) if graded else ""
    return any(part and (said == part or (len(part) >= _QUOTABLE and part in said)) for part in graded)


def _value(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


def _states_number(said: str, value: Decimal) -> bool:
    """The sign is left out of the comparison: "10-7" and "-7" both show a 7."""
    return any(_value(found[1]) == value for found in _NUMBER.finditer(said))


def _announces(said: str, answer: str) -> bool:
    cue = r"(?:answers?|options?|choices?|choose|pick|select|conclude|result)(?:\s+(?:is|are|must be|was))?"
    return re.search(rf"(?<!\w){cue}\s*:?\s*\(?{answer}(?!\w)|(?<!\w)\({answer}\)", said) is not None


def _states_words(said: str, answer: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", said) is not None


def _states_assignment(said: str, gold: str) -> bool:
    """Whether every "name: value" of the answer is there, in any order and in everyday wording."""
    pairs = [_PAIR.fullmatch(normalise(part)) for part in re.split(r"[,;\n]", gold) if part.strip()]
    return bool(pairs) and all(pair is not None and _states_pair(said, pair[1], pair[2]) for pair in pairs)


def _states_pair(said: str, name: str, value: str) -> bool:
    link = r"\s*(?:[:=]|->|→|(?<!\w)(?:is|was|must be)(?!\w))?\s*(?:(?:an?|the)\s+)?"
    return re.search(rf"(?<!\w){re.escape(name)}{link}{re.escape(value)}(?!\w)", said) is not None
