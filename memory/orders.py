"""Answers that say who comes after whom, such as "Ned, Leo, Jan".

An order is stated as a list, by places ("Leo is second") or by pairs ("Ned came before Leo, and Leo before Jan").
"""

import re
from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

_NAMES = re.compile(r"[^\W\d_]+(?:\s*,\s*[^\W\d_]+){2,}")
"""Two names are too few: they meet by chance."""
_WORD = re.compile(r"[^\W_]+|[.!?;]|(?<![-=])[<>](?![-=])")
"""Other marks only separate, arrows too; these end what belongs together, or say which is first."""
_PLACE = re.compile(r"(?<![^\W_])\d{1,2}(?:[.)]|st|nd|rd|th)?(?![^\W_])")
_DIGITS = re.compile(r"(?<![^\W_])(\d{1,2})(?:st|nd|rd|th)(?![^\W_])")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMBERS = {word: number for number, word in enumerate(_ORDINALS, 1)} | {"last": 0}
_BEFORE = frozenset(["before", "ahead", "left", "precedes", "beats", "front", "<"])
_AFTER = frozenset(["after", "behind", "right", "follows", ">"])
_IN_LISTS = frozenset(
    ["then", "and", "next", "finally", "lastly", "before", "followed", "by", "precedes", ";", "<", ">"]
)
"""Between the names of a list."""
_SMALL = frozenset(
    (
        *("is", "are", "was", "comes", "came", "goes", "sits", "stands", "finishes", "finished", "finish", "ends"),
        *("who", "which", "and", "but", "in", "at", "on", "the", "of", "to", "place", "position", "spot", "placed"),
        *("directly", "immediately", "just", "right", "must", "be", "being", "therefore", "indeed", "so", "up"),
        *("then", "next", "finally", "lastly", "while", "turn", "its", "has", "with"),
    )
)
"""Between a name and its place, or between two names and what says which is first."""


def states_order(said: str, answer: str) -> bool:
    """Whether the names of the (normalised) answer are said to follow each other as there."""
    if not _NAMES.fullmatch(answer):
        return False
    names = _WORD.findall(answer)
    words = _WORD.findall(_PLACE.sub(" ", said))
    if _is_listed(words, names) or _is_turned(words, names):
        return True
    placed = list(_told(_WORD.findall(_DIGITS.sub(_spelled, said)), names, _NUMBERS.keys()))
    return _is_counted(placed, names) or _is_placed(placed, names) or _is_paired(words, names)


def _is_listed(words: Sequence[str], names: Sequence[str]) -> bool:
    left_out = _IN_LISTS - set(names)
    return _has_run([word for word in words if word not in left_out], names)


def _is_turned(words: Sequence[str], names: Sequence[str]) -> bool:
    """Whether the names stand from the last to the first with ">" between them."""
    joined = [word for name in reversed(names) for word in (name, ">")]
    return _has_run(words, joined[:-1])


def _has_run(words: Sequence[str], run: Sequence[str]) -> bool:
    size = len(run)
    return any(word == run[0] and list(words[at : at + size]) == list(run) for at, word in enumerate(words))


def _spelled(found: re.Match[str]) -> str:
    number = int(found[1])
    return _ORDINALS[number - 1] if 1 <= number <= len(_ORDINALS) else found[0]


def _is_counted(said: Sequence[str], names: Sequence[str]) -> bool:
    """Whether they are listed with the places of some between them, as in "Ned is first, then Leo, then Jan"."""
    for start, word in enumerate(said):
        done = 1 if word == names[0] else 0
        while done and done < len(names) and (start := start + 1) < len(said):
            if said[start] == names[done]:
                done += 1
            elif _number(said[start], names) not in (done, done + 1):
                break
        if done == len(names):
            return True
    return False


def _is_placed(said: Sequence[str], names: Sequence[str]) -> bool:
    """Whether all, or all but one, have their places right behind them, or right before them."""
    places: tuple[set[str], set[str]] = set(), set()
    for one, other in pairwise(said):
        for right, name, place in ((places[0], one, other), (places[1], other, one)):
            number = _number(place, names)
            if number and number <= len(names) and name == names[number - 1]:
                right.add(name)
    return any(len(right) >= len(names) - 1 for right in places)


def _number(place: str, names: Sequence[str]) -> int:
    """Which place a word stands for; 0 for other words."""
    return len(names) if place == "last" else _NUMBERS.get(place, 0)


def _is_paired(words: Sequence[str], names: Sequence[str]) -> bool:
    """Whether it is said of every two neighbours which of them is first."""
    said = list(_told(words, names, _BEFORE | _AFTER))
    pairs = set[tuple[str, str]]()
    for one, between, other in zip(said, said[1:], said[2:], strict=False):
        if between in _BEFORE:
            pairs.add((one, other))
        elif between in _AFTER:
            pairs.add((other, one))
    return all(pair in pairs for pair in pairwise(names))


def _told(words: Sequence[str], names: Sequence[str], kept: Set[str]) -> Iterator[str]:
    """The words without small ones; "right" is small where it says how near: "right after", "right before"."""
    small = _SMALL - set(names)
    for word, following in pairwise([*words, ""]):
        nearly = word == "right" and following in ("after", "before", "behind", "ahead")
        if (word in kept and not nearly) or word not in small:
            yield word
