"""Drawing puzzles of a given kind: people are given kinds first, then say what such people can say.

A draw is kept if a SAT solver finds exactly one solution and the gold deductions make it the kind that was asked for.
"""

import random
from functools import cache
from typing import NamedTuple

from pmd_envs.families.knights_deductions import Reasoner
from pmd_envs.families.knights_forms import ABOUT_OTHERS, DECIDING, NAMES, PERSONAL, Claim
from pmd_envs.families.knights_plans import SIZES, head_claim, kind_of
from pmd_envs.families.knights_puzzle import Puzzle, Statement
from pmd_envs.logic.formulas import Formula, Var, evaluate
from pmd_envs.logic.solver import unique_model

_DRAWS = 20_000
_TRIES = 40
MAX_DEDUCTIONS = 11
"""Lines of the longest solution without its answer; a puzzle for five never takes more than ten."""
_SMALL = 5
"""More people than this speak of each other in turn: left to chance, few of their puzzles have one solution."""
_INDIRECT = tuple(claim for claim in (*PERSONAL, *ABOUT_OTHERS) if claim not in DECIDING)


def draw(rng: random.Random, kind: str, difficulty: int) -> tuple[Puzzle, tuple[bool, ...], str]:
    """A puzzle of this kind, its only solution, and what its people say in the words of a prompt.

    Raises:
        RuntimeError: no puzzle of this kind came up, which the kinds of each difficulty rule out.
    """
    size = SIZES[difficulty]
    for _ in range(_DRAWS):
        drawn = _draw_two(rng, kind) if size == 2 else _draw_more(rng, kind, size)
        if drawn is None:
            continue
        puzzle, text = drawn
        solution = unique_model(puzzle.premises, size) if _may_start(puzzle, kind) else None
        if solution is not None and _is_of_kind(puzzle, kind):
            return puzzle, solution, text
    raise RuntimeError(f"no puzzle of kind {kind!r} for {size} people in {_DRAWS} draws")


def _draw_two(rng: random.Random, kind: str) -> tuple[Puzzle, str] | None:
    names = tuple(rng.sample(NAMES, 2))
    claims = rng.choice(_pairs_of_claims()[kind])
    return _assemble(names, [_spoken(rng, claim, names, [me, 1 - me]) for me, claim in enumerate(claims)])


def _draw_more(rng: random.Random, kind: str, size: int) -> tuple[Puzzle, str] | None:
    names = tuple(rng.sample(NAMES, size))
    knights = [rng.random() < 0.5 for _ in names]
    head = head_claim(kind)
    starter = rng.randrange(size)
    order = rng.sample(range(size), size) if size > _SMALL else []
    spoken = []
    for me in range(size):
        first = me == (order[0] if order else starter)
        claims = (head,) if head is not None and first else _INDIRECT
        said = _fitting(rng, claims, names, _Speaker(me, tuple(order[: order.index(me)] if order else ())), knights)
        if said is None:
            return None
        spoken.append(said)
    return _assemble(names, spoken)


class _Speaker(NamedTuple):
    person: int
    near: tuple[int, ...]
    """People of whom the speaker mentions one, if there are any."""

    def mention(self, rng: random.Random, size: int) -> list[int]:
        """Two other people."""
        others = [person for person in range(size) if person != self.person]
        if not self.near:
            return rng.sample(others, 2)
        one = rng.choice(self.near)
        return [one, rng.choice([person for person in others if person != one])]


def _fitting(
    rng: random.Random, claims: tuple[Claim, ...], names: tuple[str, ...], speaker: _Speaker, knights: list[bool]
) -> tuple[Statement, str] | None:
    """Something that a person of this kind can say, or None if chance does not find it."""
    for _ in range(_TRIES):
        claim = rng.choice(claims)
        people = [speaker.person, *speaker.mention(rng, len(names))]
        number, formula = _meant(rng, claim, people)
        if evaluate(formula, knights) == knights[speaker.person]:
            return _worded(claim, number, formula, names, people)
    return None


def _spoken(rng: random.Random, claim: Claim, names: tuple[str, ...], people: list[int]) -> tuple[Statement, str]:
    """A claim in one of its wordings. ``people``: the speaker and whom the claim is about."""
    return _worded(claim, *_meant(rng, claim, people), names, people)


def _meant(rng: random.Random, claim: Claim, people: list[int]) -> tuple[int, Formula]:
    """Which of its wordings a claim has, and what it says."""
    number = rng.randrange(len(claim.wordings))
    left, right = (people[0], people[1]) if claim.personal else (people[1], people[2])
    return number, claim.wordings[number].build(Var(left), Var(right))


def _worded(
    claim: Claim, number: int, formula: Formula, names: tuple[str, ...], people: list[int]
) -> tuple[Statement, str]:
    me, *others = people
    words = {"me": names[me], "x": names[others[0]], "y": names[others[-1]]}
    statement = Statement(me, formula, claim.brief.format(**words), f"{claim.name}/{number}")
    return statement, f'{names[me]} says: "{claim.wordings[number].text.format(**words)}."'


def _assemble(names: tuple[str, ...], spoken: list[tuple[Statement, str]]) -> tuple[Puzzle, str]:
    puzzle = Puzzle(names, tuple(statement for statement, _ in spoken))
    return puzzle, " ".join(text for _, text in spoken)


def _may_start(puzzle: Puzzle, kind: str) -> bool:
    """Whether the first deduction is that of the kind, where that is quick to find; most draws fail here."""
    if head_claim(kind) is None:
        return True
    first = next(Reasoner(puzzle).run(), None)
    return first is not None and kind_of(puzzle, [first]).rpartition("_")[0] == kind.rpartition("_")[0]


def _is_of_kind(puzzle: Puzzle, kind: str) -> bool:
    reasoner = Reasoner(puzzle)
    deductions = tuple(reasoner.run())
    if len(reasoner.known) < len(puzzle.names) or len(deductions) > MAX_DEDUCTIONS:
        return False
    return kind_of(puzzle, deductions) == kind


@cache
def _pairs_of_claims() -> dict[str, list[tuple[Claim, Claim]]]:
    """Claims of the first and of the second speaker, by the kind of two-person puzzle that they make."""
    rng = random.Random(0)  # chooses wordings, which do not change the kind
    found: dict[str, list[tuple[Claim, Claim]]] = {}
    for first in PERSONAL:
        for second in PERSONAL:
            names = NAMES[:2]
            puzzle, _ = _assemble(names, [_spoken(rng, first, names, [0, 1]), _spoken(rng, second, names, [1, 0])])
            if unique_model(puzzle.premises, 2) is not None:
                kind = kind_of(puzzle, tuple(Reasoner(puzzle).run()))
                found.setdefault(kind, []).append((first, second))
    return found
