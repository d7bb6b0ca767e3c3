"""Puzzles about what is where: what orderings and zebra grids have in common.

The puzzle itself (:class:`PlacingPuzzle`) knows no words; a family adds those for clues, claims and answers.
"""

import json
import random
import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from pmd_envs.families.placing_making import Palette, draw_clues
from pmd_envs.families.puzzle_family import PuzzleFamily, quoted
from pmd_envs.families.sentence_patterns import first_upper
from pmd_envs.families.suppositions import claim_of, may_still_hold, supposition_of, unless_supposed
from pmd_envs.logic.formulas import And, Formula, joined
from pmd_envs.logic.places import Clue, premises
from pmd_envs.logic.placing import Deduction, deduce
from pmd_envs.logic.theory import Theory
from pmd_envs.records import Json, Problem, StepVerdict, Task

_JOINT = re.compile(r"(?:,|;)? and |; ", re.IGNORECASE)
_MAX_PARTS = 8
_DRAWS = 50


@dataclass(frozen=True)
class PlacingPuzzle:
    """Clues, what they are about, and the only solution."""

    size: int
    names: tuple[str, ...]
    """Of all things, group by group."""
    theme: str
    clues: tuple[Clue, ...]
    wordings: tuple[int, ...]
    solution: tuple[int, ...]

    @property
    def groups(self) -> int:
        """How many groups of ``size`` things there are."""
        return len(self.names) // self.size

    def to_facts(self) -> dict[str, Json]:
        """The puzzle as JSON."""
        return {
            "size": self.size,
            "names": list(self.names),
            "theme": self.theme,
            "clues": [clue.to_json() for clue in self.clues],
            "wordings": list(self.wordings),
            "solution": list(self.solution),
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Json]) -> "PlacingPuzzle":
        """The puzzle that :meth:`to_facts` wrote.

        Raises:
            ValueError: these facts hold no puzzle.
        """
        match facts:
            case {
                "size": int(size),
                "names": list(names),
                "theme": str(theme),
                "clues": list(clues),
                "wordings": list(wordings),
                "solution": list(solution),
            }:
                return cls(
                    size,
                    tuple(str(name) for name in names),
                    theme,
                    tuple(Clue.from_json(clue) for clue in clues),
                    tuple(number for number in wordings if isinstance(number, int)),
                    tuple(place for place in solution if isinstance(place, int)),
                )
        raise ValueError(f"facts hold no puzzle: {sorted(facts)}")

    def content(self) -> str:
        """The clues with things numbered by first mention, so that names do not count."""
        numbers: dict[int, int] = {}
        groups: dict[int, int] = {}
        lines: list[Json] = []
        for clue, wording in zip(self.clues, self.wordings, strict=True):
            things: list[Json] = []
            for thing in clue.things:
                group = groups.setdefault(thing // self.size, len(groups))
                things.append([group, numbers.setdefault(thing, len(numbers))])
            lines.append([clue.form, wording, things, clue.number])
        return json.dumps([self.size, self.groups, lines], separators=(",", ":"))

    def violated(self, places: Sequence[int]) -> int | None:
        """The first clue that these places break."""
        return next((index for index, clue in enumerate(self.clues) if not clue.holds(places)), None)


@lru_cache(maxsize=256)
def _theory(clues: tuple[Clue, ...], size: int, groups: int) -> Theory:
    return Theory(premises(clues, size, groups), size * size * groups)


class PlacingFamily(PuzzleFamily):
    """A puzzle whose answer says where everything is."""

    @abstractmethod
    def write_clue(self, puzzle: PlacingPuzzle, index: int) -> str:
        """A clue in words, without a full stop."""

    @abstractmethod
    def write_places(self, puzzle: PlacingPuzzle, thing: int, mask: int) -> str:
        """That a thing is at one of some places."""

    @abstractmethod
    def write_why(self, puzzle: PlacingPuzzle, deduction: Deduction) -> str:
        """Why a deduction that reads no clue holds, as the start of a line."""

    @abstractmethod
    def write_answer(self, puzzle: PlacingPuzzle, places: Sequence[int]) -> str:
        """The answer that puts everything at these places."""

    @abstractmethod
    def read_sentence(self, puzzle: PlacingPuzzle, sentence: str) -> Clue | None:
        """What a sentence says, or None if it says nothing that can be checked."""

    @abstractmethod
    def read_answer(self, puzzle: PlacingPuzzle, answer: str) -> tuple[tuple[int, ...], str]:
        """The places that an answer states, or what is wrong with it."""

    def draw_in_time(
        self, rng: random.Random, palette: Palette, size: int, groups: int
    ) -> tuple[tuple[Clue, ...], tuple[int, ...]]:
        """As :func:`draw_clues`, for a level that could take more turns than there are.

        Raises:
            RuntimeError: none came up, which the sizes of each level rule out.
        """
        for _ in range(_DRAWS):
            clues, solution = draw_clues(rng, palette, size, groups)
            if len(deduce(clues, size, groups)) < self.max_turns:
                return clues, solution
        raise RuntimeError(f"no puzzle with {size} places is solved in {self.max_turns} turns, in {_DRAWS} draws")

    def content(self, problem: Problem) -> str:
        """The clues without names."""
        return PlacingPuzzle.from_facts(problem.facts).content()

    def fault(self, task: Task, answer: str) -> str:
        """What is wrong with an answer: its form, or the first clue that it breaks."""
        puzzle = PlacingPuzzle.from_facts(task.facts)
        places, problem = self.read_answer(puzzle, answer)
        if problem:
            return problem
        broken = puzzle.violated(places)
        return "" if broken is None else f"the answer breaks the clue {self.write_clue(puzzle, broken)!r}"

    def judge(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Ask the solver whether what the step claims follows from the clues.

        Steps before it prove nothing: those that follow add nothing. They may have supposed something.
        """
        puzzle = PlacingPuzzle.from_facts(task.facts)
        text = claim_of(step)
        claim = self._claim(puzzle, text)
        if claim is None:
            return StepVerdict(None, "this is not a claim about places that can be checked")
        theory, supposed = _theory(puzzle.clues, puzzle.size, puzzle.groups), supposition_of(step)
        if supposed is None:
            status = unless_supposed(theory.status(claim), step)
        else:
            status = supposed.judged(theory.status, partial(self._claim, puzzle), claim)
        if status is False and may_still_hold(accepted, lambda text: self._claim(puzzle, text) is not None):
            status = None
        reason = {True: "it follows", False: "the clues contradict", None: "it does not follow"}[status]
        said = quoted(text, 60)
        if status is not True:
            return StepVerdict(status, f"{reason}: {said}")
        return StepVerdict(True, f"{'' if supposed is None else 'under this condition '}{reason} that {said}")

    def _claim(self, puzzle: PlacingPuzzle, text: str) -> Formula | None:
        """What a text says about places; None if it cannot be read from end to end."""
        whole = self.read_sentence(puzzle, text)
        found = [whole] if whole else [self.read_sentence(puzzle, part) for part in _JOINT.split(text)[:_MAX_PARTS]]
        clues = [clue for clue in found if clue is not None]
        if len(clues) < len(found) or (not whole and len(_JOINT.split(text)) > _MAX_PARTS):
            return None
        formulas = [clue.formula(puzzle.size) for clue in clues]
        said = [formula for formula in formulas if formula is not None]
        return joined(And, said) if said else None

    def gold_solution(self, task: Task) -> str:
        """Deductions, one a line, and the answer."""
        puzzle = PlacingPuzzle.from_facts(task.facts)
        return self._written(puzzle, puzzle.solution)

    def _written(self, puzzle: PlacingPuzzle, places: Sequence[int]) -> str:
        """The deductions, with these places where they settle something, and the answer that says so."""
        lines = []
        for step in deduce(puzzle.clues, puzzle.size, puzzle.groups):
            mask = 1 << places[step.thing] if step.settles else step.mask
            if step.why == "refuted" and not step.settles:
                mask = (1 << puzzle.size) - 1 & ~(1 << step.place)
            why = self.write_clue(puzzle, step.clue) if step.why == "clue" else self.write_why(puzzle, step)
            claim = self.write_places(puzzle, step.thing, mask)
            lines.append(f"{first_upper(claim if why == claim else f'{why}, so {claim}')}.")
        return "\n".join([*lines, f"#### {self.write_answer(puzzle, places)}"])

    def slip(self, rng: random.Random, task: Task) -> str:
        """The gold solution with the places of two things of a group swapped wherever they are settled."""
        puzzle = PlacingPuzzle.from_facts(task.facts)
        start = rng.randrange(puzzle.groups) * puzzle.size
        left, right = rng.sample(range(start, start + puzzle.size), 2)
        places = list(puzzle.solution)
        places[left], places[right] = places[right], places[left]
        return self._written(puzzle, places)
