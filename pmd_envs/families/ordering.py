"""Orderings: find the one order of some people that all clues allow.

    Ann, Bo and Cal run a race. Bo is not 1st. Cal finishes right after Ann. In which order do they finish?

    Bo is not 1st.
    Cal finishes right after Ann, so Cal is not 1st.
    Only Ann can be 1st, so Ann is 1st.
    Cal finishes right after Ann, so Cal is 2nd.
    Only 3rd is left, so Bo is 3rd.
    #### Ann, Cal, Bo

An answer is right if it fits every clue, and a step is right if a SAT solver finds that it follows.
"""

import random
import re
from collections.abc import Sequence
from typing import ClassVar

from pmd_envs.families import ordering_clues
from pmd_envs.families.answer_lines import Parts
from pmd_envs.families.ordering_clues import NAMES, THEMES, WORDINGS
from pmd_envs.families.placing_family import PlacingFamily, PlacingPuzzle
from pmd_envs.families.placing_making import Palette, draw_clues
from pmd_envs.families.puzzle_family import quoted
from pmd_envs.families.sentence_patterns import first_upper, ordinal
from pmd_envs.logic.places import Clue
from pmd_envs.logic.placing import Deduction
from pmd_envs.records import Problem

_SIZES = {1: 3, 2: 4, 3: 5, 4: 5, 5: 6, 6: 7, 7: 7, 8: 8, 9: 8, 10: 9}
_EASY = ("before", "right_before")
_HARD = ("before", "next_to", "gap", "not_end")
_PALETTES = {
    "chain": Palette("before", ("right_before",)),
    "anchor": Palette("at", _EASY),
    "exclusion": Palette("not_at", _EASY),
    "ends": Palette("end", (*_EASY, "not_at")),
    "neighbours": Palette("next_to", ("before", "at")),
    "middle": Palette("between", ("before", "next_to", "end")),
    "apart": Palette("not_next_to", ("before", "right_before", "not_end")),
    "gap": Palette("gap", ("before", "next_to", "not_end")),
    "refutation": Palette("not_next_to", _HARD, refuting=True),
}
_KINDS = {
    1: ("chain", "anchor", "exclusion", "ends"),
    2: ("chain", "anchor", "exclusion", "ends", "neighbours"),
    3: ("anchor", "exclusion", "ends", "neighbours", "middle"),
    4: ("ends", "neighbours", "middle", "apart", "gap"),
    5: ("neighbours", "middle", "apart", "gap", "refutation"),
    # An assumption among more than six people takes long to find. Without it, neighbours take the fewest deductions.
    6: ("neighbours", "middle", "apart", "gap"),
    7: ("middle", "apart", "gap"),
    8: ("neighbours", "middle", "apart", "gap"),
    9: ("middle", "apart", "gap"),
    10: ("apart", "gap"),
}
_PLANS = {
    "chain": "Link the comparisons into one chain from first to last, and read the order off the chain.",
    "anchor": "Start with the person whose place is given, then place the others by how they relate to that one.",
    "exclusion": "Cross out the places that each clue forbids; a person or a place with one possibility is settled.",
    "ends": "Decide which end the person at an end has by the comparisons, then fill the other places.",
    "neighbours": "Settle one of two neighbours by the other clues, then the free place beside it is the other's.",
    "middle": "Nobody between two others is at an end: cross out both ends, then place the outer two.",
    "apart": "Cross out the places beside people who are settled for everybody who is not next to them.",
    "gap": "Count the distance from both ends: few places leave room for the gap; cross out the rest.",
    "refutation": "When clues alone settle nobody, assume a place, find that no order fits, and cross it out.",
}
_ITEM = re.compile(r"[^\W\d_]{1,30}")
_SEPARATOR = re.compile(
    r"\s*(?:,\s*(?:and\s+|then\s+)?|;|->|→|>|\\(?:to|rightarrow|gt)\b|\band\b|\bthen\b|\s)\s*", re.IGNORECASE
)
_NUMBER = re.compile(r"\(?(?P<place>[1-9])(?:st|nd|rd|th)?[.):]{0,2}", re.IGNORECASE)
"""What a name may be numbered with: ``1.``, ``2)``, ``(3rd)``."""
_NAMES = frozenset(name.casefold() for name in NAMES)
_DECORATION = re.compile(r"\*\*|\$|\\(?:text|textbf|mathrm)\b|\\[()]|[][{}]|[.!]\s*$")
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")


class Ordering(PlacingFamily):
    """In which order are they?"""

    name: ClassVar[str] = "Ordering"
    instructions: ClassVar[str] = (
        "Write one deduction a line. End with a line that gives all names in order, such as: #### Ann, Cal, Bo"
    )

    def kinds_at(self, difficulty: int) -> tuple[str, ...]:
        """The kinds of a level: which forms of clue it has."""
        return _KINDS[difficulty]

    def draw(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """Clues that leave one order."""
        size = _SIZES[difficulty]
        drawn = self.draw_in_time if difficulty in self.added else draw_clues
        clues, solution = drawn(rng, _PALETTES[kind], size, 1)
        wordings = tuple(rng.randrange(WORDINGS) for _ in clues)
        theme = rng.choice(tuple(THEMES))
        puzzle = PlacingPuzzle(size, tuple(rng.sample(NAMES, size)), theme, clues, wordings, solution)
        names = f"{', '.join(puzzle.names[:-1])} and {puzzle.names[-1]}"
        said = [f"{first_upper(self.write_clue(puzzle, index))}." for index in range(len(clues))]
        prompt = " ".join([THEMES[theme].opening.format(names=names), *said, THEMES[theme].question])
        facts = {**puzzle.to_facts(), "kind": kind, "plan": _PLANS[kind]}
        return Problem(prompt, self.write_answer(puzzle, solution), facts)

    def write_clue(self, puzzle: PlacingPuzzle, index: int) -> str:
        """As in the prompt."""
        return ordering_clues.write(puzzle.clues[index], puzzle.wordings[index], puzzle.theme, puzzle.names)

    def write_places(self, puzzle: PlacingPuzzle, thing: int, mask: int) -> str:
        """``Ann is 1st or 2nd``."""
        return ordering_clues.write_places(thing, mask, puzzle.names, puzzle.size)

    def write_why(self, puzzle: PlacingPuzzle, deduction: Deduction) -> str:
        """What is left for whom, or what was assumed."""
        name = puzzle.names[deduction.thing]
        if deduction.why == "only":
            return f"only {name} can be {ordinal(deduction.place)}"
        if deduction.why == "last":
            return f"only {ordinal(deduction.mask.bit_length() - 1)} is left"
        return f"if {name} is {ordinal(deduction.place)} then no order fits"

    def write_answer(self, puzzle: PlacingPuzzle, places: Sequence[int]) -> str:
        """Names in order."""
        return ", ".join(puzzle.names[places.index(place)] for place in range(puzzle.size))

    def read_sentence(self, puzzle: PlacingPuzzle, sentence: str) -> Clue | None:
        """A sentence such as a clue, or about places."""
        return ordering_clues.read(sentence, puzzle.theme, puzzle.names, puzzle.size)

    def parts(self, text: str) -> Parts:
        """Names, numbered or not."""
        said, numbers = _named(_undecorated(text))
        names = tuple(map(str.casefold, said))
        return names if _NAMES.issuperset(names) and (numbers is None or len(numbers) == len(names)) else ()

    def answer(self, response: str) -> str:
        """The names in order, where that is all that is stated."""
        said, numbers = _named(_undecorated(self._stated(response)))
        names = tuple(map(str.casefold, said))
        plain = _NAMES.issuperset(names) and numbers in (None, tuple(range(1, len(names) + 1)))
        return ", ".join(names) if plain else super().answer(response)

    def read_answer(self, puzzle: PlacingPuzzle, answer: str) -> tuple[tuple[int, ...], str]:
        """Every name once, and nothing else but their places."""
        things = {name.casefold(): thing for thing, name in enumerate(puzzle.names)}
        text = _undecorated(answer)
        words, numbers = _named(text)
        if not words or numbers not in (None, tuple(range(1, len(words) + 1))):
            return (), _NOT_PLAIN + quoted(text, 30)
        order: list[int] = []
        for word in words:
            thing = things.get(word.casefold())
            if thing is None:
                known = _ITEM.fullmatch(word)
                return (), f"{word[:20]} is not one of the names" if known else _NOT_PLAIN + quoted(text, 30)
            if thing in order:
                return (), f"{word} is named twice"
            order.append(thing)
        if len(order) < puzzle.size:
            return (), f"only {len(order)} of {puzzle.size} names are given"
        return tuple(order.index(thing) for thing in range(puzzle.size)), ""


def _undecorated(answer: str) -> str:
    text = _DECORATION.sub("", answer).strip()
    bracketed = _IN_BRACKETS.fullmatch(text)
    return bracketed[1].strip() if bracketed else text


def _named(text: str) -> tuple[Parts, tuple[int, ...] | None]:
    """The words of a list, and the numbers that stand before each of them, or behind each of them.

    The numbers are None where there are none, and fewer than the words where they are anywhere else.
    """
    words = [word for word in _SEPARATOR.split(text) if word]
    numbers = [_NUMBER.fullmatch(word) for word in words]
    if not any(numbers):
        return tuple(words), None
    for start in (0, 1):
        if len(words) % 2 == 0 and all(numbers[start::2]) and not any(numbers[1 - start :: 2]):
            return tuple(words[1 - start :: 2]), tuple([int(found["place"]) for found in numbers[start::2] if found])
    return tuple(words), ()


_NOT_PLAIN = "the answer should only give the names in order, not say "
