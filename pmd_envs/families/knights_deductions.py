"""Gold reasoning: one deduction a line, each from a single statement and what is known, wherever that suffices.

    Ann says Bo and Ann are the same kind, so Bo is a knight.
    Knight Bo says Ann is a knave, so Ann is a knave.

Where no statement settles anybody, a statement may still make two people alike or different, which then lets
another statement settle somebody; failing that, an assumption is led to a contradiction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Literal

from pmd_envs.families.knights_puzzle import Puzzle, kind_word
from pmd_envs.logic.formulas import Formula, evaluate, variables

Kinds = dict[int, bool]
How = Literal["direct", "link", "split", "search"]


@dataclass(frozen=True)
class Link:
    """Two people who are the same kind, or different kinds."""

    left: int
    right: int
    same: bool

    def allows(self, kinds: Mapping[int, bool]) -> bool:
        """Whether these kinds respect the link; people who are not in them always do."""
        if self.left not in kinds or self.right not in kinds:
            return True
        return (kinds[self.left] == kinds[self.right]) == self.same


@dataclass(frozen=True)
class Deduction:
    """One line of reasoning."""

    line: str
    how: How
    statement: int | None
    """The statement that it reads, unless it leads an assumption through several."""
    decided: tuple[tuple[int, bool], ...]
    """People whose kind it settles."""


@dataclass(frozen=True)
class _Case:
    """One way the people of a statement could be, and whether what is said is true then."""

    kinds: Kinds
    people: int
    """Who they are, one bit each."""
    knights: int
    """Who of them are knights."""
    said_is_true: bool
    fits: bool


@dataclass(frozen=True)
class _Refutation:
    person: int
    assumed: bool
    chain: tuple[tuple[int, bool], ...]


class Reasoner:
    """Draws deductions in a fixed order of preference. Two of the same puzzle say the same."""

    def __init__(self, puzzle: Puzzle, known: Mapping[int, bool] | None = None) -> None:
        self.known: Kinds = dict(known or {})
        self._puzzle = puzzle
        self._links: tuple[Link, ...] = ()
        self._cases = tuple(_cases(statement.speaker, statement.formula) for statement in puzzle.statements)

    def run(self) -> Iterator[Deduction]:
        """Deductions until everybody is known or nothing more follows."""
        while len(self.known) < len(self._puzzle.names):
            deduction = self._direct_line() or self._link_line() or self._split_line()
            if deduction is None:
                return
            self.known.update(deduction.decided)
            yield deduction

    def _open_cases(self, index: int, known: Kinds, links: tuple[Link, ...]) -> list[_Case]:
        """The cases of a statement that what is known leaves, fitting or not."""
        return self._left(index, *_bits(known), links)

    def _left(self, index: int, people: int, knights: int, links: tuple[Link, ...]) -> list[_Case]:
        """As :meth:`_open_cases`, with what is known as bits: most of the time of drawing a puzzle goes into this."""
        left = [case for case in self._cases[index] if not (case.knights ^ knights) & case.people & people]
        return [case for case in left if all(link.allows(case.kinds) for link in links)] if links else left

    def _direct(self, known: Kinds, links: tuple[Link, ...]) -> tuple[int, Kinds] | None:
        """The first of the statements that settle the most people at once, and these people."""
        best: tuple[int, Kinds] | None = None
        people, knights = _bits(known)
        for index in range(len(self._cases)):
            fitting = [case.kinds for case in self._left(index, people, knights, links) if case.fits]
            decided = _constant(fitting, known)
            if len(decided) > (len(best[1]) if best else 0):
                best = index, decided
        return best

    def _direct_line(self) -> Deduction | None:
        found = self._direct(self.known, self._links)
        if found is None:
            return None
        index, decided = found
        line = f"{self._report(index)}, so {self._claims(decided.items())}."
        return Deduction(line, "direct", index, tuple(decided.items()))

    def _report(self, index: int) -> str:
        """Who says what, and what is known about the speaker or about the truth of it."""
        statement = self._puzzle.statements[index]
        name = self._puzzle.names[statement.speaker]
        if statement.speaker in self.known:
            return f"{kind_word(self.known[statement.speaker]).capitalize()} {name} says {statement.says}"
        truths = {case.said_is_true for case in self._open_cases(index, self.known, self._links)}
        if len(truths) > 1:
            return f"{name} says {statement.says}"
        return f"{name} {'rightly' if True in truths else 'wrongly'} says {statement.says}"

    def _link_line(self) -> Deduction | None:
        for index, statement in enumerate(self._puzzle.statements):
            for link in self._new_links(index):
                if self._direct(self.known, (*self._links, link)) is None:
                    continue
                report = self._report(index)
                self._links = (*self._links, link)
                left, right = sorted((link.left, link.right), key=lambda person: person != statement.speaker)
                relation = "the same kind" if link.same else "different kinds"
                names = self._puzzle.names
                claim = f"{names[left]} and {names[right]} are {relation}"
                return Deduction(f"{report}, so {claim}.", "link", index, ())
        return None

    def _new_links(self, index: int) -> Iterator[Link]:
        fitting = [case.kinds for case in self._open_cases(index, self.known, self._links) if case.fits]
        people = [person for person in self._cases[index][0].kinds if person not in self.known]
        for position, left in enumerate(people):
            for right in people[position + 1 :]:
                relations = {kinds[left] == kinds[right] for kinds in fitting}
                if len(relations) == 1:
                    link = Link(left, right, relations.pop())
                    if link not in self._links:
                        yield link

    def _split_line(self) -> Deduction | None:
        unknown = [person for person in range(len(self._puzzle.names)) if person not in self.known]
        found = [self._refute(person, kind) for person in unknown for kind in (True, False)]
        refutations = [refutation for refutation in found if refutation is not None]
        if not refutations:
            return None
        best = min(refutations, key=lambda refutation: len(refutation.chain))
        decided = ((best.person, not best.assumed),)
        assumed = self._claims([(best.person, best.assumed)])
        middle = self._claims(best.chain)
        line = f"If {assumed} then {middle}, a contradiction, so {self._claims(decided)}."
        return Deduction(line, "split", None, decided)

    def _refute(self, person: int, kind: bool) -> _Refutation | None:
        """What follows from an assumption up to a contradiction, or None if none is met."""
        known = {**self.known, person: kind}
        needs: dict[int, frozenset[int]] = {}
        while True:
            clash = self._clash(known)
            if clash is not None:
                break
            found = self._direct(known, self._links)
            if found is None:
                return None
            sources = frozenset(self._cases[found[0]][0].kinds) & needs.keys()
            for settled, value in found[1].items():
                known[settled] = value
                needs[settled] = sources
        used = _closure(frozenset(self._cases[clash][0].kinds) & needs.keys(), needs)
        chain = [(other, known[other]) for other in needs if other in used]
        opposite = self._opposite(clash, known, [*reversed([other for other, _ in chain]), person])
        if opposite is None:
            return None
        return _Refutation(person, kind, (*chain, (opposite, not known[opposite])))

    def _clash(self, known: Kinds) -> int | None:
        """The first statement that nobody could have made if all this is known."""
        people, knights = _bits(known)
        for index in range(len(self._cases)):
            if not any(case.fits for case in self._left(index, people, knights, self._links)):
                return index
        return None

    def _opposite(self, clash: int, known: Kinds, people: list[int]) -> int | None:
        """Somebody whom the clashing statement, given the others, makes the opposite of what is known."""
        for person in people:
            rest = {other: kind for other, kind in known.items() if other != person}
            if any(case.fits for case in self._open_cases(clash, rest, self._links)):
                return person
        return None

    def _claims(self, decided: Iterable[tuple[int, bool]]) -> str:
        names = self._puzzle.names
        return " and ".join(f"{names[person]} is a {kind_word(kind)}" for person, kind in decided)


def deduce(puzzle: Puzzle, solution: Sequence[bool]) -> tuple[Deduction, ...]:
    """Deductions that settle everybody. Where reasoning gets stuck, a line says that no other case fits."""
    reasoner = Reasoner(puzzle)
    deductions = list(reasoner.run())
    while len(reasoner.known) < len(puzzle.names):
        person = next(index for index in range(len(puzzle.names)) if index not in reasoner.known)
        name, kind = puzzle.names[person], solution[person]
        line = f"If {name} is a {kind_word(not kind)} then no case fits, so {name} is a {kind_word(kind)}."
        deductions.append(Deduction(line, "search", None, ((person, kind),)))
        reasoner.known[person] = kind
        deductions.extend(reasoner.run())
    return tuple(deductions)


def _bits(kinds: Kinds) -> tuple[int, int]:
    """Whose kind is given, and who of them are knights, one bit for each person."""
    people = knights = 0
    for person, kind in kinds.items():
        people |= 1 << person
        knights |= kind << person
    return people, knights


@lru_cache(maxsize=4096)
def _cases(speaker: int, formula: Formula) -> tuple[_Case, ...]:
    """How the people of a statement could be. Kept, because the same is said in many puzzles."""
    people = sorted(variables(formula) | {speaker})
    cases = []
    for values in product((True, False), repeat=len(people)):
        kinds = dict(zip(people, values, strict=True))
        said = evaluate(formula, [kinds.get(person, False) for person in range(people[-1] + 1)])
        cases.append(_Case(kinds, *_bits(kinds), said, said == kinds[speaker]))
    return tuple(cases)


def _constant(rows: list[Kinds], known: Kinds) -> Kinds:
    """Who has the same kind in every row and was not known."""
    if not rows:
        return {}
    first = rows[0]
    return {p: kind for p, kind in first.items() if p not in known and all(row[p] == kind for row in rows)}


def _closure(start: frozenset[int], needs: Mapping[int, frozenset[int]]) -> frozenset[int]:
    """Everything that ``start`` rests on, itself included."""
    used = start
    while True:
        more = used.union(*(needs[person] for person in used))
        if more == used:
            return used
        used = more
