"""Drawing puzzles of a given kind: people are given kinds first, then say what such people can say.

A draw is kept if a SAT solver finds exactly one solution and the gold deductions make it the kind that was asked for.
"""

import random
from functools import cache

from pmd_envs.families.knights_deductions import Reasoner
from pmd_envs.families.knights_forms import ABOUT_OTHERS, DECIDING, NAMES, PERSONAL, Claim
from pmd_envs.families.knights_plans import SIZES, head_claim, kind_of
from pmd_envs.families.knights_puzzle import Puzzle, Statement
from pmd_envs.logic.formulas import Var, evaluate
from pmd_envs.logic.solver import unique_model

_DRAWS = 20_000
_TRIES = 40
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
        solution = unique_model(puzzle.premises, size)
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
    spoken = []
    for me in range(size):
        claims = (head,) if head is not None and me == starter else _INDIRECT
        said = _fitting(rng, claims, names, me, knights)
        if said is None:
            return None
        spoken.append(said)
    return _assemble(names, spoken)


def _fitting(
    rng: random.Random, claims: tuple[Claim, ...], names: tuple[str, ...], me: int, knights: list[bool]
) -> tuple[Statement, str] | None:
    """Something that a person of this kind can say, or None if chance does not find it."""
    others = [person for person in range(len(names)) if person != me]
    for _ in range(_TRIES):
        claim = rng.choice(claims)
        statement, text = _spoken(rng, claim, names, [me, *rng.sample(others, 2)])
        if evaluate(statement.premise, knights):
            return statement, text
    return None


def _spoken(rng: random.Random, claim: Claim, names: tuple[str, ...], people: list[int]) -> tuple[Statement, str]:
    """A claim in one of its wordings. ``people``: the speaker and whom the claim is about."""
    me, *others = people
    number = rng.randrange(len(claim.wordings))
    wording = claim.wordings[number]
    left, right = (me, others[0]) if claim.personal else (others[0], others[1])
    words = {"me": names[me], "x": names[others[0]], "y": names[others[-1]]}
    formula = wording.build(Var(left), Var(right))
    statement = Statement(me, formula, claim.brief.format(**words), f"{claim.name}/{number}")
    return statement, f'{names[me]} says: "{wording.text.format(**words)}."'


def _assemble(names: tuple[str, ...], spoken: list[tuple[Statement, str]]) -> tuple[Puzzle, str]:
    puzzle = Puzzle(names, tuple(statement for statement, _ in spoken))
    return puzzle, " ".join(text for _, text in spoken)


def _is_of_kind(puzzle: Puzzle, kind: str) -> bool:
    reasoner = Reasoner(puzzle)
    deductions = tuple(reasoner.run())
    return len(reasoner.known) == len(puzzle.names) and kind_of(puzzle, deductions) == kind


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
