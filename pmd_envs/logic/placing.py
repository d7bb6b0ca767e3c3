"""Finding out what is where, one deduction at a time, as a person would.

Possible places of a thing are a set of bits. A deduction reads one clue, sees that only one place is left for a thing
or only one thing for a place, or, if nothing else helps, refutes an assumption. Places that are taken by something
settled are never possible for others of its group; that needs no deduction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pmd_envs.logic.places import RULES, Clue

Why = Literal["clue", "last", "only", "refuted"]
_Mask = int


@dataclass(frozen=True)
class Deduction:
    """Thing ``thing`` can only be at the places in ``mask``."""

    why: Why
    thing: int
    mask: int
    clue: int = -1
    """The clue that was read."""
    place: int = -1
    """The place that only this thing can be at, or that was refuted."""

    @property
    def settles(self) -> bool:
        """Whether one place is left."""
        return self.mask & (self.mask - 1) == 0


class Placing:
    """What is possible so far."""

    def __init__(self, clues: Sequence[Clue], size: int, groups: int, masks: Sequence[int] = ()) -> None:
        self.clues = clues
        self.size = size
        self.masks = list(masks) or [(1 << size) - 1] * (size * groups)

    @property
    def solved(self) -> bool:
        """Whether everything has one place."""
        return all(mask and mask & (mask - 1) == 0 for mask in self.masks)

    @property
    def places(self) -> tuple[int, ...]:
        """The places, once solved."""
        return tuple(mask.bit_length() - 1 for mask in self.masks)

    def take(self, deduction: Deduction) -> None:
        """Accept a deduction."""
        self.masks[deduction.thing] &= deduction.mask

    def free(self, thing: int) -> int:
        """Possible places of a thing that nothing settled of its group takes; its own place if it is settled."""
        mask = self.masks[thing]
        if mask & (mask - 1):
            start = thing - thing % self.size
            for taken in self.masks[start : start + self.size]:
                if taken & (taken - 1) == 0:
                    mask &= ~taken
        return mask

    def all_free(self) -> list[int]:
        """:meth:`free` of every thing, in one pass over each group."""
        found: list[int] = []
        for start in range(0, len(self.masks), self.size):
            group = self.masks[start : start + self.size]
            taken = 0
            for mask in group:
                if mask & (mask - 1) == 0:
                    taken |= mask
            found += [mask & ~taken if mask & (mask - 1) else mask for mask in group]
        return found

    def candidates(self) -> Iterator[Deduction]:
        """Everything that one deduction could find, without assumptions."""
        free = self.all_free()
        for thing, mask in enumerate(free):
            if mask & (mask - 1) == 0 and mask != self.masks[thing]:
                yield Deduction("last", thing, mask)
        yield from self._only(free)
        for index, clue in enumerate(self.clues):
            for position, thing in enumerate(clue.things):
                mask = supported(clue, position, free, self.size)
                if mask != free[thing]:
                    yield Deduction("clue", thing, mask, clue=index)

    def _only(self, free: Sequence[int]) -> Iterator[Deduction]:
        for start in range(0, len(free), self.size):
            group = range(start, start + self.size)
            for place in range(self.size):
                able = [thing for thing in group if free[thing] >> place & 1]
                if len(able) == 1 and free[able[0]] != 1 << place:
                    yield Deduction("only", able[0], 1 << place, place=place)

    def propagate(self) -> bool:
        """Deduce without assumptions as far as it goes; whether no contradiction came up.

        Where it ends does not depend on the order of deductions, so this writes none down.
        """
        arcs = [arc for clue in self.clues for arc in _arcs(clue, self.size)]
        of_three = [clue for clue in self.clues if len(clue.things) > 2]
        before: list[int] = []
        while before != self.masks:
            before = self.masks
            masks = self.all_free()
            for deduction in self._only(masks):
                masks[deduction.thing] &= deduction.mask
            for thing, other, reach in arcs:
                masks[thing] &= reach[masks[other]]
            for clue in of_three:
                for position, thing in enumerate(clue.things):
                    masks[thing] = supported(clue, position, masks, self.size)
            self.masks = masks
            if 0 in masks:
                return False
        return self._consistent()

    def _consistent(self) -> bool:
        """Whether everything has a possible place and nothing settled shares its place."""
        for start in range(0, len(self.masks), self.size):
            settled = [mask for mask in self.masks[start : start + self.size] if mask & (mask - 1) == 0]
            if len(set(settled)) < len(settled):
                return False
        return all(self.all_free())

    def refutations(self) -> Iterator[Deduction]:
        """Assumptions about one thing that lead to a contradiction."""
        for thing, mask in enumerate(self.masks):
            free = self.free(thing)
            for place in range(self.size):
                if mask & (mask - 1) and free >> place & 1:
                    trial = Placing(self.clues, self.size, 0, self.masks)
                    trial.masks[thing] = 1 << place
                    if not trial.propagate():
                        yield Deduction("refuted", thing, free & ~(1 << place), place=place)


def supported(clue: Clue, position: int, free: Sequence[int] | Mapping[int, int], size: int) -> int:
    """The possible places of one thing of a clue at which the clue can hold."""
    own = free[clue.things[position]]
    if len(clue.things) == 1:
        return own & unary_mask(clue.form, clue.number, size)
    if len(clue.things) == 2:
        return own & _reach(clue.form, clue.number, size, position)[free[clue.things[1 - position]]]
    left, right = (free[thing] for index, thing in enumerate(clue.things) if index != position)
    return own & _reach_of_two(clue.form, clue.number, size, position, left, right)


@cache
def _arcs(clue: Clue, size: int) -> tuple[tuple[int, int, tuple[_Mask, ...]], ...]:
    """What a clue about one or two things says of each: the thing, the other one and :func:`_reach` of its places."""
    if len(clue.things) == 1:
        return ((clue.things[0], clue.things[0], (unary_mask(clue.form, clue.number, size),) * (1 << size)),)
    if len(clue.things) == 2:
        left, right = clue.things
        return (
            (left, right, _reach(clue.form, clue.number, size, 0)),
            (right, left, _reach(clue.form, clue.number, size, 1)),
        )
    return ()


@cache
def unary_mask(form: str, number: int, size: int) -> int:
    """The places that a statement about one thing allows."""
    return sum(1 << place for place in range(size) if RULES[form]((place,), number))


@cache
def _reach(form: str, number: int, size: int, position: int) -> tuple[_Mask, ...]:
    """For each set of places of one thing of two, where the other can be so that the clue holds.

    A table of all ``2 ** size`` sets, because a puzzle of thirty things asks for them a hundred thousand times.
    """
    rule = RULES[form]
    numbers = range(size)
    partners = [
        sum(1 << own for own in numbers if rule((own, other) if position == 0 else (other, own), number))
        for other in numbers
    ]
    table = [0]
    for mask in range(1, 1 << size):
        lowest = (mask & -mask).bit_length() - 1
        table.append(table[mask & (mask - 1)] | partners[lowest])
    return tuple(table)


@cache
def _reach_of_two(form: str, number: int, size: int, position: int, left: int, right: int) -> _Mask:
    """Where one thing of three can be so that the clue holds, with the others in these sets of places."""

    def fits(own: int, first: int, second: int) -> bool:
        places = [first, second]
        places.insert(position, own)
        return RULES[form](places, number)

    numbers = range(size)
    pairs = [(a, b) for a in numbers if left >> a & 1 for b in numbers if right >> b & 1]
    return sum(1 << own for own in numbers if any(fits(own, a, b) for a, b in pairs))


def solvable(clues: Sequence[Clue], size: int, groups: int, refuting: bool = False) -> bool:
    """Whether deductions settle everything."""
    placing = Placing(clues, size, groups)
    while placing.propagate():
        if placing.solved:
            return True
        refuted = next(placing.refutations(), None) if refuting else None
        if refuted is None:
            return False
        placing.take(refuted)
    return False


def deduce(clues: Sequence[Clue], size: int, groups: int) -> tuple[Deduction, ...]:
    """Deductions that settle everything, without those that the others do not need.

    Raises:
        ValueError: deductions do not settle everything.
    """
    placing = Placing(clues, size, groups)
    found: list[Deduction] = []
    while not placing.solved:
        choices = list(placing.candidates()) or list(placing.refutations())
        if not choices:
            raise ValueError("these clues cannot be solved by deductions")
        best = max(choices, key=lambda choice: (choice.settles, -choice.mask.bit_count()))
        placing.take(best)
        found.append(best)
    return _without_idle(found, clues, size, groups)


def _without_idle(found: list[Deduction], clues: Sequence[Clue], size: int, groups: int) -> tuple[Deduction, ...]:
    known = Placing(clues, size, groups)
    before: list[list[_Mask]] = []  # what was possible before each deduction; those that come first never change
    for step in found:
        before.append(list(known.masks))
        known.take(step)
    for index in reversed(range(len(found))):
        rest = _replay(found[index + 1 :], Placing(clues, size, groups, before[index]))
        if rest is not None:
            found = [*found[:index], *rest]
    return tuple(found)


def _replay(steps: Sequence[Deduction], placing: Placing) -> list[Deduction] | None:
    """The same deductions from what is known at each of them now; None if they do not settle everything."""
    done: list[Deduction] = []
    for step in steps:
        again = _again(step, placing)
        if again is not None:
            placing.take(again)
            done.append(again)
    return done if placing.solved else None


def _again(step: Deduction, placing: Placing) -> Deduction | None:
    """A deduction of the same kind from what is known now, if it still finds anything."""
    thing = step.thing
    free = mask = placing.free(thing)
    match step.why:
        case "clue":
            clue = placing.clues[step.clue]
            of = {other: placing.free(other) for other in clue.things}
            mask = supported(clue, clue.things.index(thing), of, placing.size)
        case "only":
            start = thing - thing % placing.size
            others = [placing.free(other) for other in range(start, start + placing.size) if other != thing]
            mask = 0 if any(other >> step.place & 1 for other in others) else 1 << step.place
        case "refuted":
            trial = Placing(placing.clues, placing.size, 0, placing.masks)
            trial.masks[thing] = 1 << step.place
            mask = 0 if trial.propagate() else mask & ~(1 << step.place)
        case "last":
            mask = mask if mask & (mask - 1) == 0 else 0
    news = mask and mask != (placing.masks[thing] if step.why == "last" else free)
    return Deduction(step.why, thing, mask, step.clue, step.place) if news else None
