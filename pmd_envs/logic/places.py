"""Things at places: what can be said about who is where, as data, as a test and as a formula.

A puzzle has one or more groups of ``size`` things; the things of a group are at the places 0 to ``size - 1``, one at
each. Thing t belongs to group ``t // size``. A row of people has one group; a street has one for each attribute of
its houses. "Thing t is at place k" is proposition ``t * size + k``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

from pmd_envs.logic.formulas import And, Formula, Not, Or, Var, joined
from pmd_envs.records import Json

Rule = Callable[[Sequence[int], int], bool]

RULES: Mapping[str, Rule] = {
    "among": lambda p, n: bool(n >> p[0] & 1),  # n is a set of places, one bit each
    "at": lambda p, n: p[0] == n,
    "not_at": lambda p, n: p[0] != n,
    "end": lambda p, n: p[0] in (0, n),
    "not_end": lambda p, n: p[0] not in (0, n),
    "before": lambda p, _: p[0] < p[1],
    "right_before": lambda p, _: p[0] + 1 == p[1],
    "next_to": lambda p, _: abs(p[0] - p[1]) == 1,
    "not_next_to": lambda p, _: abs(p[0] - p[1]) != 1,
    "gap": lambda p, n: abs(p[0] - p[1]) == n + 1,
    "same": lambda p, _: p[0] == p[1],
    "different": lambda p, _: p[0] != p[1],
    "between": lambda p, _: p[1] < p[0] < p[2] or p[2] < p[0] < p[1],
}
"""Whether a statement holds, given the places of its things and its number."""
UNARY = ("among", "at", "not_at", "end", "not_end")


@dataclass(frozen=True)
class Clue:
    """One statement, such as ``Clue("before", (0, 1))``."""

    form: str
    things: tuple[int, ...]
    number: int = 0

    def holds(self, places: Sequence[int]) -> bool:
        """Whether it is true where thing t is at ``places[t]``."""
        return RULES[self.form]([places[thing] for thing in self.things], self.number)

    def formula(self, size: int) -> Formula | None:
        """The statement about propositions; None where it is always true."""
        return _conjunction(
            [
                Not(joined(And, _located(self.things, places, size)))
                for places in product(range(size), repeat=len(self.things))
                if not RULES[self.form](places, self.number)
            ]
        )

    def to_json(self) -> Json:
        """A list of its parts."""
        return [self.form, list(self.things), self.number]

    @classmethod
    def from_json(cls, data: Json) -> "Clue":
        """The statement that :meth:`to_json` wrote.

        Raises:
            ValueError: the list is no statement.
        """
        match data:
            case [str(form), list(things), int(number)] if form in RULES:
                return cls(form, tuple(thing for thing in things if isinstance(thing, int)), number)
        raise ValueError(f"not a clue: {str(data)[:80]}")


def _located(things: Sequence[int], places: Sequence[int], size: int) -> list[Formula]:
    return [Var(thing * size + place) for thing, place in zip(things, places, strict=True)]


def _conjunction(formulas: Sequence[Formula]) -> Formula | None:
    return joined(And, formulas) if formulas else None


@cache
def frame(size: int, groups: int) -> tuple[Formula, ...]:
    """Everything is somewhere, and no two things of a group are at one place."""
    things = range(size * groups)
    somewhere = [joined(Or, _located([thing] * size, range(size), size)) for thing in things]
    alone = [
        Not(And(Var(left * size + place), Var(right * size + place)))
        for left, right in combinations(things, 2)
        if left // size == right // size
        for place in range(size)
    ]
    return (*somewhere, *alone)


def premises(clues: Sequence[Clue], size: int, groups: int) -> list[Formula]:
    """The frame and all clues, as formulas."""
    formulas = (clue.formula(size) for clue in clues)
    return [*frame(size, groups), *(formula for formula in formulas if formula is not None)]


def places_of(model: Sequence[bool], size: int) -> tuple[int, ...]:
    """Where each thing is in a model of :func:`premises`."""
    return tuple(model.index(True, start, start + size) - start for start in range(0, len(model), size))
