"""Clues about an order in words: what may be said about people in a row, a race or a queue.

Each clue has several wordings. Wordings and the claims of a solution are the same templates, so that a step can
also say what a clue could.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pmd_envs.families.sentence_patterns import Pattern, ordinal, read_ordinal
from pmd_envs.logic.places import Clue

NAMES = (
    *("Ann", "Bo", "Cal", "Dee", "Eli", "Fay", "Gus", "Ida", "Jan", "Kim", "Leo", "Mia", "Ned", "Ola", "Pam", "Ray"),
    *("Sue", "Tom", "Uma", "Vic", "Wes", "Zoe"),
)


@dataclass(frozen=True)
class Theme:
    """Where the order comes from, and the words for earlier and later places in it."""

    name: str
    opening: str
    question: str
    before: str
    after: str
    right_before: str
    right_after: str


THEMES: Mapping[str, Theme] = {
    theme.name: theme
    for theme in (
        Theme(
            "row",
            "{names} sit in a row.",
            "Who sits where, from left to right?",
            *("is left of", "is right of", "is immediately left of", "is immediately right of"),
        ),
        Theme(
            "race",
            "{names} run a race.",
            "In which order do they finish?",
            *("finishes before", "finishes after", "finishes right before", "finishes right after"),
        ),
        Theme(
            "queue",
            "{names} stand in a queue.",
            "What is the order, from the front?",
            *("is ahead of", "is behind", "is directly ahead of", "is directly behind"),
        ),
    )
}

_FORMS: Mapping[str, tuple[str, ...]] = {
    "at": ("{a} is {n}", "the {n} is {a}"),
    "not_at": ("{a} is not {n}", "the {n} is not {a}"),
    "end": ("{a} is first or last", "{a} is at one end"),
    "not_end": ("{a} is neither first nor last", "{a} is not at an end"),
    "before": ("{a} <before> {b}", "{b} <after> {a}"),
    "right_before": ("{a} <right_before> {b}", "{b} <right_after> {a}"),
    "next_to": ("{a} and {b} are next to each other", "{a} is next to {b}"),
    "not_next_to": ("{a} and {b} are not next to each other", "{a} is not next to {b}"),
    "gap": ("exactly {g} is between {a} and {b}", "{a} and {b} have exactly {g} between them"),
    "between": ("{a} is somewhere between {b} and {c}", "{a} comes between {b} and {c}"),
}
WORDINGS = 2
_GAPS = {"nobody": 0, "one person": 1, "two people": 2, "three people": 3}
_AMONG = re.compile(r"(?P<a>[^\W\d_]{1,20}) (?:is|must be) (?P<not>not )?(?P<places>[\w ,]{3,80})", re.IGNORECASE)
_ALTERNATIVES = re.compile(r",? or |, ")


def _patterns(theme: Theme) -> dict[str, tuple[Pattern, ...]]:
    words = {"<before>": theme.before, "<after>": theme.after}
    words |= {"<right_before>": theme.right_before, "<right_after>": theme.right_after}

    def filled(text: str) -> Pattern:
        for mark, phrase in words.items():
            text = text.replace(mark, phrase)
        return Pattern(text)

    return {form: tuple(filled(text) for text in texts) for form, texts in _FORMS.items()}


_PATTERNS = {name: _patterns(theme) for name, theme in THEMES.items()}


def write(clue: Clue, wording: int, theme: str, names: Sequence[str]) -> str:
    """A clue in words, without a full stop."""
    words = {letter: names[thing] for letter, thing in zip("abc", clue.things, strict=False)}
    if clue.form in ("at", "not_at"):
        words["n"] = ordinal(clue.number)
    if clue.form == "gap":
        words["g"] = next(word for word, number in _GAPS.items() if number == clue.number)
    return _PATTERNS[theme][clue.form][wording].text.format(**words)


def write_places(thing: int, mask: int, names: Sequence[str], size: int) -> str:
    """``Ann is 2nd``, ``Ann is 1st or 3rd``, or, if that is shorter, ``Ann is not 4th``."""
    places = [place for place in range(size) if mask >> place & 1]
    absent = [place for place in range(size) if not mask >> place & 1]
    if len(absent) == 1 and len(places) > 1:
        return f"{names[thing]} is not {ordinal(absent[0])}"
    return f"{names[thing]} is {' or '.join(ordinal(place) for place in places)}"


def read(sentence: str, theme: str, names: Sequence[str], size: int) -> Clue | None:
    """What a sentence says, or None if it is not one of ours."""
    things = {name.casefold(): thing for thing, name in enumerate(names)}
    return _read_places(sentence, things, size) or _read_clue(sentence, theme, things, size)


def _read_places(sentence: str, things: Mapping[str, int], size: int) -> Clue | None:
    found = _AMONG.fullmatch(sentence)
    if found is None or found["a"].casefold() not in things:
        return None
    places = [read_ordinal(word, size) for word in _ALTERNATIVES.split(found["places"])]
    known = {place for place in places if place is not None}
    if None in places or len(known) < len(places):
        return None
    mask = sum(1 << place for place in known)
    whole = (1 << size) - 1
    return Clue("among", (things[found["a"].casefold()],), whole & ~mask if found["not"] else mask)


def _read_clue(sentence: str, theme: str, things: Mapping[str, int], size: int) -> Clue | None:
    for form, patterns in _PATTERNS[theme].items():
        for pattern in patterns:
            words = pattern.read(sentence)
            clue = _clue(form, words, things, size) if words else None
            if clue is not None:
                return clue
    return None


def _clue(form: str, words: Mapping[str, str], things: Mapping[str, int], size: int) -> Clue | None:
    named = [things.get(words[letter].casefold()) for letter in "abc" if letter in words]
    known = tuple(thing for thing in named if thing is not None)
    number = _number(form, words, size)
    if len(set(known)) < len(named) or number is None:
        return None
    return Clue(form, known, number)


def _number(form: str, words: Mapping[str, str], size: int) -> int | None:
    if "n" in words:
        return read_ordinal(words["n"], size)
    if "g" in words:
        return _GAPS.get(words["g"].casefold())
    return size - 1 if form in ("end", "not_end") else 0
