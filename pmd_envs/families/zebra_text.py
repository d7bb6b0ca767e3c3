"""Houses and who lives in them, in words: what clues, claims and answers of a zebra puzzle look like.

A thing is a person, a colour, a pet or a drink. Every thing can be the subject of a sentence ("the tea drinker") and
a predicate ("drinks tea"), which together make all clues: "Ann drinks tea", "the cat owner lives left of Ann".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pmd_envs.families.sentence_patterns import Pattern
from pmd_envs.logic.places import Clue


@dataclass(frozen=True)
class Category:
    """One attribute of houses: its values, and how to speak of whoever lives with one."""

    name: str
    values: tuple[str, ...]
    subject: str
    predicate: str


_PEOPLE = ("Ann", "Bo", "Cal", "Dee", "Eli", "Fay", "Gus", "Ida", "Leo", "Mia", "Ned", "Zoe")
_COLORS = ("red", "blue", "green", "white", "black", "yellow")
CATEGORIES = (
    Category("name", _PEOPLE, "{v}", "is {v}"),
    Category("color", _COLORS, "the owner of the {v} house", "lives in the {v} house"),
    Category("pet", ("cat", "dog", "bird", "fish", "horse", "rabbit"), "the {v} owner", "has the {v}"),
    Category("drink", ("tea", "milk", "juice", "water", "coffee", "cocoa"), "the {v} drinker", "drinks {v}"),
    Category("job", ("baker", "nurse", "pilot", "teacher", "farmer", "painter"), "the {v}", "is the {v}"),
)
_BY_NAME = {category.name: category for category in CATEGORIES}

_FORMS: Mapping[str, tuple[str, ...]] = {
    "at": ("{s} lives in house {n}", "house {n} is home to {s}"),
    "not_at": ("{s} does not live in house {n}", "house {n} is not home to {s}"),
    "before": ("{s} lives somewhere left of {t}", "{t} lives somewhere right of {s}"),
    "right_before": ("{s} lives directly left of {t}", "{t} lives directly right of {s}"),
    "next_to": ("{s} and {t} are neighbours", "{s} lives next to {t}"),
}
WORDINGS = 2
_PATTERNS = {form: tuple(Pattern(text) for text in texts) for form, texts in _FORMS.items()}
_AMONG = re.compile(
    r"(?P<s>.{1,40}?) (?:is|lives|must be|must live) in house (?P<n>\d(?:(?:,? or |, )\d){0,8})", re.IGNORECASE
)
_NOT = re.compile(r"(?P<s>.{1,40}?) (?:is not|isn't|isn’t|cannot be|does not live) in house (?P<n>\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Street:
    """The things of a puzzle. ``categories`` names their groups in order."""

    size: int
    categories: tuple[str, ...]
    names: tuple[str, ...]

    def subject(self, thing: int) -> str:
        """``the tea drinker``."""
        return self._category(thing).subject.format(v=self.names[thing])

    def predicate(self, thing: int) -> str:
        """``drinks tea``."""
        return self._category(thing).predicate.format(v=self.names[thing])

    def denial(self, thing: int) -> str:
        """``does not drink tea``."""
        verb, _, rest = self.predicate(thing).partition(" ")
        return f"is not {rest}" if verb == "is" else f"does not {_BASE[verb]} {rest}"

    def _category(self, thing: int) -> Category:
        return _BY_NAME[self.categories[thing // self.size]]

    def write(self, clue: Clue, wording: int) -> str:
        """A clue in words, without a full stop."""
        if clue.form in ("same", "different"):
            left, right = clue.things if wording == 0 else clue.things[::-1]
            return f"{self.subject(left)} {self.predicate(right) if clue.form == 'same' else self.denial(right)}"
        words = {letter: self.subject(thing) for letter, thing in zip("st", clue.things, strict=False)}
        return _FORMS[clue.form][wording].format(**words, n=clue.number + 1)

    def write_places(self, thing: int, mask: int) -> str:
        """``the tea drinker is in house 1 or 2``, or, if that is shorter, ``is not in house 4``."""
        places = [place for place in range(self.size) if mask >> place & 1]
        absent = [place for place in range(self.size) if not mask >> place & 1]
        if len(absent) == 1 and len(places) > 1:
            return f"{self.subject(thing)} is not in house {absent[0] + 1}"
        return f"{self.subject(thing)} is in house {' or '.join(str(place + 1) for place in places)}"

    def read(self, sentence: str) -> Clue | None:
        """What a sentence says, or None if it is not one of ours."""
        subjects = {self.subject(thing).casefold(): thing for thing in range(len(self.names))}
        return self._read_places(sentence, subjects) or self._read_clue(sentence, subjects) or self._read_pair(sentence)

    def _read_places(self, sentence: str, subjects: Mapping[str, int]) -> Clue | None:
        denied, found = _NOT.fullmatch(sentence), _AMONG.fullmatch(sentence)
        match = denied or found
        thing = subjects.get(match["s"].casefold()) if match else None
        if match is None or thing is None:
            return None
        numbers = {int(number) - 1 for number in re.findall(r"[0-9]", match["n"])}
        if not numbers or not numbers <= set(range(self.size)):
            return None
        mask = sum(1 << place for place in numbers)
        return Clue("among", (thing,), (1 << self.size) - 1 & ~mask if denied else mask)

    def _read_clue(self, sentence: str, subjects: Mapping[str, int]) -> Clue | None:
        for form, patterns in _PATTERNS.items():
            for pattern in patterns:
                words = pattern.read(sentence)
                clue = self._clue(form, words, subjects) if words else None
                if clue is not None:
                    return clue
        return None

    def _clue(self, form: str, words: Mapping[str, str], subjects: Mapping[str, int]) -> Clue | None:
        named = [subjects.get(words[letter].casefold()) for letter in "st" if letter in words]
        known = tuple(thing for thing in named if thing is not None)
        number = words.get("n", "1")
        if len(set(known)) < len(named) or number not in [str(place + 1) for place in range(self.size)]:
            return None
        return Clue(form, known, int(number) - 1)

    def _read_pair(self, sentence: str) -> Clue | None:
        """``Ann drinks tea`` and its denial, of things of two groups."""
        lower = sentence.casefold()
        starts = [thing for thing in range(len(self.names)) if lower.startswith(f"{self.subject(thing)} ".casefold())]
        for left in starts:
            rest = lower[len(self.subject(left)) + 1 :]
            for right in range(len(self.names)):
                if rest == self.predicate(right).casefold():
                    return Clue("same", (left, right))
                if rest == self.denial(right).casefold():
                    return Clue("different", (left, right))
        return None

    def write_answer(self, places: Sequence[int]) -> str:
        """``1: Ann, tea; 2: Bo, milk``."""
        houses = []
        for house in range(self.size):
            there = [name for name, place in zip(self.names, places, strict=True) if place == house]
            houses.append(f"{house + 1}: {', '.join(there)}")
        return "; ".join(houses)


_BASE = {"lives": "live", "has": "have", "drinks": "drink"}
