"""Drawing clues that leave one solution, and few that deductions can do without.

Things are placed first. True clues of the allowed forms are added until deductions settle everything, and those that
the deductions do not need are dropped, but for the last one of the form that the kind is named after. A SAT solver then
proves that there is one solution. It could sometimes do without a clue where deductions cannot.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations

from pmd_envs.logic.places import UNARY, Clue, places_of, premises
from pmd_envs.logic.placing import Placing, solvable
from pmd_envs.logic.solver import unique_model

_DRAWS = 400
_SYMMETRIC = ("next_to", "not_next_to", "gap", "same", "different")


@dataclass(frozen=True)
class Palette:
    """Which clues a kind of puzzle has."""

    needed: str
    """The form that at least one clue has."""
    others: tuple[str, ...]
    """Further forms that clues may have."""
    refuting: bool = False
    """Whether an assumption has to be refuted somewhere."""

    def accepts(self, clues: Sequence[Clue], size: int, groups: int) -> bool:
        """Whether these clues need what the palette asks for."""
        return not self.refuting or not solvable(clues, size, groups)


def draw_clues(
    rng: random.Random, palette: Palette, size: int, groups: int
) -> tuple[tuple[Clue, ...], tuple[int, ...]]:
    """Clues of a palette and the only solution that fits them.

    Raises:
        RuntimeError: none came up, which the palettes of each level rule out.
    """
    for _ in range(_DRAWS):
        places = [place for _ in range(groups) for place in rng.sample(range(size), size)]
        clues = _enough(rng, palette, places, size)
        if clues is None or not palette.accepts(clues, size, groups):
            continue
        model = unique_model(premises(clues, size, groups), size * size * groups)
        if model is not None and places_of(model, size) == tuple(places):
            rng.shuffle(clues)
            return tuple(clues), tuple(places)
    raise RuntimeError(f"no clues with {palette.needed!r} for {size} places in {_DRAWS} draws")


def _enough(rng: random.Random, palette: Palette, places: Sequence[int], size: int) -> list[Clue] | None:
    needed = list(_true_clues(palette.needed, places, size))
    if not needed:
        return None
    groups = len(places) // size
    first = rng.choice(needed)
    pools = [list(_true_clues(form, places, size)) for form in (palette.needed, *palette.others)]
    clues = [first]
    known = Placing((), size, groups).masks
    for _ in range(12 * size * groups):
        clue = rng.choice(rng.choice([pool for pool in pools if pool]))
        if clue in clues:
            continue
        clues.append(clue)
        if len(clues) < size * groups // 2:
            continue
        placing = Placing(clues, size, groups, known)
        placing.propagate()
        known = placing.masks  # true whatever clues follow
        if placing.solved or (palette.refuting and solvable(clues, size, groups, True)):
            return _without_idle(rng, clues, palette, size, groups)
    return None


def _without_idle(rng: random.Random, clues: list[Clue], palette: Palette, size: int, groups: int) -> list[Clue]:
    """The clues without those that deductions do not need; one of the palette's form stays."""
    for clue in rng.sample(clues, len(clues)):
        rest = [other for other in clues if other != clue]
        keeps = any(other.form == palette.needed for other in rest)
        if keeps and solvable(rest, size, groups, palette.refuting):
            clues = rest
    return clues


def _true_clues(form: str, places: Sequence[int], size: int) -> Iterator[Clue]:
    """Clues of one form that hold."""
    return (clue for clue in _clues(form, len(places), size) if clue.holds(places))


@cache
def _clues(form: str, things: int, size: int) -> tuple[Clue, ...]:
    """Everything that can be said in one form about so many things."""
    if form in UNARY:
        numbers = (size - 1,) if form in ("end", "not_end") else tuple(range(size))
        return tuple(Clue(form, (thing,), number) for thing in range(things) for number in numbers)
    if form == "between":
        return tuple(Clue(form, found) for found in permutations(range(things), 3) if found[1] < found[2])
    gaps = range(1, min(size - 1, 3)) if form == "gap" else range(1)
    pairs = combinations(range(things), 2) if form in _SYMMETRIC else permutations(range(things), 2)
    return tuple(Clue(form, pair, gap) for pair in pairs for gap in gaps if _sensible(form, pair, size))


def _sensible(form: str, pair: tuple[int, ...], size: int) -> bool:
    """Two things of one group are never at one place, so that nothing need be said about it."""
    return form not in ("same", "different") or pair[0] // size != pair[1] // size
