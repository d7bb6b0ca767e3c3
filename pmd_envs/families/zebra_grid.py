"""Zebra grids: who lives in which house, with which pet, drink, colour or job?

    2 houses in a row, numbered from the left, differ in name (Ann, Bo) and pet (cat, dog). Ann has the dog.
    The cat owner lives in house 1. Who and what is where?

    The cat owner lives in house 1, so the cat owner is in house 1.
    Only house 2 is left, so the dog owner is in house 2.
    Ann has the dog, so Ann is in house 2.
    Only house 1 is left, so Bo is in house 1.
    #### 1: Bo, cat; 2: Ann, dog

An answer is right if it fits every clue, and a step is right if a SAT solver finds that it follows.
"""

import random
from collections.abc import Sequence
from typing import ClassVar

from pmd_envs.families.answer_lines import Parts
from pmd_envs.families.placing_family import PlacingFamily, PlacingPuzzle
from pmd_envs.families.placing_making import Palette, draw_clues
from pmd_envs.families.sentence_patterns import first_upper
from pmd_envs.families.zebra_answers import houses, parse_houses
from pmd_envs.families.zebra_text import CATEGORIES, WORDINGS, Street
from pmd_envs.logic.places import Clue
from pmd_envs.logic.placing import Deduction
from pmd_envs.records import Problem

_SIZES = {
    **{1: (2, 2), 2: (3, 2), 3: (3, 3), 4: (4, 3), 5: (4, 4)},
    **{6: (5, 4), 7: (5, 5), 8: (6, 4), 9: (6, 5), 10: (6, 5)},
}
"""Houses and attributes of each level."""
_PALETTES = {
    "given": Palette("at", ("same",)),
    "excluded": Palette("not_at", ("same", "different")),
    "unlike": Palette("different", ("at", "same")),
    "sides": Palette("before", ("same", "different", "at")),
    "beside": Palette("right_before", ("same", "different", "not_at")),
    "neighbours": Palette("next_to", ("same", "at", "before")),
    "all": Palette("right_before", ("same", "different", "next_to", "before", "not_at")),
}
_KINDS = {
    1: ("given", "excluded", "unlike", "sides"),
    2: ("given", "excluded", "unlike", "sides", "beside"),
    3: ("given", "unlike", "sides", "beside", "neighbours"),
    4: ("given", "sides", "beside", "neighbours", "all"),
    5: ("given", "sides", "beside", "neighbours", "all"),
    6: ("given", "sides", "beside", "neighbours", "all"),
    7: ("given", "sides", "neighbours"),
    8: ("given", "sides", "neighbours"),
    9: ("given", "sides", "unlike"),
    10: ("beside", "neighbours"),
}
_PLANS = {
    "given": "Put what has a given house there, then everything that shares a house with it, then fill what is left.",
    "excluded": "Cross out the houses that are ruled out; what has one house left is settled, then its partners.",
    "unlike": "Settle what has a given house; things that never share a house cross it out for each other.",
    "sides": "What is left of something is not in the last house, nor that in the first; then fill up.",
    "beside": "Cross out the houses where a pair side by side has no room, then carry each house to its partners.",
    "neighbours": "Settle one of two neighbours first; the other one can only be in the houses beside it.",
    "all": "Go round the clues, crossing out houses that each one rules out, until single houses are left.",
}


def _street(puzzle: PlacingPuzzle) -> Street:
    return Street(puzzle.size, tuple(puzzle.theme.split()), puzzle.names)


class ZebraGrid(PlacingFamily):
    """Who and what is in which house?"""

    name: ClassVar[str] = "ZebraGrid"
    max_turns: ClassVar[int] = 48
    instructions: ClassVar[str] = (
        "Write one deduction a line. End with a line that lists everything house by house, "
        "such as: #### 1: Bo, cat; 2: Ann, dog"
    )

    def kinds_at(self, difficulty: int) -> tuple[str, ...]:
        """The kinds of a level: which forms of clue it has."""
        return _KINDS[difficulty]

    def draw(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """Clues that leave one assignment."""
        size, groups = _SIZES[difficulty]
        drawn = self.draw_in_time if difficulty in self.added else draw_clues
        clues, solution = drawn(rng, _PALETTES[kind], size, groups)
        wordings = tuple(rng.randrange(WORDINGS) for _ in clues)
        categories = [CATEGORIES[0], *rng.sample(CATEGORIES[1:], groups - 1)]
        values = [rng.sample(category.values, size) for category in categories]
        names = tuple(value for some in values for value in some)
        theme = " ".join(category.name for category in categories)
        puzzle = PlacingPuzzle(size, names, theme, clues, wordings, solution)
        listed = [f"{c.name} ({', '.join(v)})" for c, v in zip(categories, values, strict=True)]
        opening = (
            f"{size} houses in a row, numbered from the left, differ in {', '.join(listed[:-1])} and {listed[-1]}."
        )
        said = [f"{first_upper(self.write_clue(puzzle, index))}." for index in range(len(clues))]
        prompt = " ".join([opening, *said, "Who and what is where?"])
        facts = {**puzzle.to_facts(), "kind": kind, "plan": _PLANS[kind]}
        return Problem(prompt, self.write_answer(puzzle, solution), facts)

    def write_clue(self, puzzle: PlacingPuzzle, index: int) -> str:
        """As in the prompt."""
        return _street(puzzle).write(puzzle.clues[index], puzzle.wordings[index])

    def write_places(self, puzzle: PlacingPuzzle, thing: int, mask: int) -> str:
        """``the cat owner is in house 1 or 2``."""
        return _street(puzzle).write_places(thing, mask)

    def write_why(self, puzzle: PlacingPuzzle, deduction: Deduction) -> str:
        """What is left for whom, or what was assumed."""
        subject = _street(puzzle).subject(deduction.thing)
        if deduction.why == "only":
            return f"only {subject} can be in house {deduction.place + 1}"
        if deduction.why == "last":
            return f"only house {deduction.mask.bit_length()} is left"
        return f"if {subject} is in house {deduction.place + 1} then nothing fits"

    def write_answer(self, puzzle: PlacingPuzzle, places: Sequence[int]) -> str:
        """Everything, house by house."""
        return _street(puzzle).write_answer(places)

    def read_sentence(self, puzzle: PlacingPuzzle, sentence: str) -> Clue | None:
        """A sentence such as a clue, or about houses."""
        return _street(puzzle).read(sentence)

    joint: ClassVar[str] = "; "

    def parts(self, text: str) -> Parts:
        """Houses with who and what is there."""
        return houses(text)

    def read_answer(self, puzzle: PlacingPuzzle, answer: str) -> tuple[tuple[int, ...], str]:
        """Everything once, each in one house."""
        return parse_houses(answer, _street(puzzle))
