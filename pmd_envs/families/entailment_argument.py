"""An argument as data: premises of a few forms about numbered propositions, and a conclusion.

A literal is a proposition's number plus one, negative where it is denied. ``Premise("if", (1, -2))`` is "if the first
then not the second".
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from pmd_envs.logic.formulas import And, Formula, Iff, Implies, Not, Or, Var, evaluate
from pmd_envs.records import Json

MAX_PARTS = 8
"""Propositions that one sentence of a step may state."""
_FORMULAS: Mapping[str, Callable[[Sequence[Formula]], Formula]] = {
    "fact": lambda parts: parts[0],
    "if": lambda parts: Implies(parts[0], parts[1]),
    "or": lambda parts: Or(parts[0], parts[1]),
    "nand": lambda parts: Not(And(parts[0], parts[1])),
    "iff": lambda parts: Iff(parts[0], parts[1]),
    "xor": lambda parts: Not(Iff(parts[0], parts[1])),
    "two": lambda parts: Implies(And(parts[0], parts[1]), parts[2]),
}
"""What each form says of its literals."""


def of_literal(literal: int) -> Formula:
    """The formula of a literal."""
    return Var(literal - 1) if literal > 0 else Not(Var(-literal - 1))


@dataclass(frozen=True)
class Premise:
    """One premise."""

    form: str
    literals: tuple[int, ...]
    wording: int = 0

    @cached_property
    def formula(self) -> Formula:
        """What it says."""
        return _FORMULAS[self.form]([of_literal(literal) for literal in self.literals])

    @cached_property
    def rows(self) -> tuple[tuple[int, ...], ...]:
        """The ways in which it can be true, each as one literal for each of its propositions."""
        size = max(map(abs, self.literals)) + 1
        return tuple(row for row in self._assignments if evaluate(self.formula, [n + 1 in row for n in range(size)]))

    @cached_property
    def _assignments(self) -> tuple[tuple[int, ...], ...]:
        numbers = [abs(literal) for literal in self.literals]
        signs = product((1, -1), repeat=len(numbers))
        return tuple(tuple(sign * number for sign, number in zip(row, numbers, strict=True)) for row in signs)

    def affirms(self, literal: int) -> bool:
        """Whether it makes a literal true where it applies: it is false only where the literal is false."""
        return all(-literal in row for row in self._assignments if row not in self.rows)


@dataclass(frozen=True)
class Argument:
    """Premises in words and as data, and a conclusion."""

    propositions: tuple[tuple[str, str], ...]
    """How each is stated and denied."""
    premises: tuple[Premise, ...]
    texts: tuple[str, ...]
    """The premises in words, without full stops."""
    conclusion: int

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """What the premises say."""
        return tuple(premise.formula for premise in self.premises)

    def about(self, number: int) -> tuple[Premise, ...]:
        """The premises that a proposition stands in, by its number plus one."""
        return tuple(premise for premise in self.premises if number in map(abs, premise.literals))

    def words(self, literals: Sequence[int]) -> str:
        """``it rains and the dog does not bark``."""
        return " and ".join(self.propositions[abs(literal) - 1][literal < 0] for literal in literals)

    def literal_of(self, sentence: str) -> int | None:
        """The literal that a sentence states, if it is one of these propositions or its denial."""
        return self._sentences.get(" ".join(sentence.casefold().split()))

    @cached_property
    def _sentences(self) -> Mapping[str, int]:
        pairs = enumerate(self.propositions, start=1)
        return {text.casefold(): sign * n for n, texts in pairs for text, sign in zip(texts, (1, -1), strict=True)}

    def to_facts(self) -> dict[str, Json]:
        """The argument as JSON."""
        return {
            "propositions": [list(pair) for pair in self.propositions],
            "premises": [[premise.form, list(premise.literals), premise.wording] for premise in self.premises],
            "texts": list(self.texts),
            "conclusion": self.conclusion,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Json]) -> "Argument":
        """The argument that :meth:`to_facts` wrote.

        Raises:
            ValueError: these facts hold no argument.
        """
        match facts:
            case {
                "propositions": list(pairs),
                "premises": list(premises),
                "texts": list(texts),
                "conclusion": int(conclusion),
            }:
                return cls(
                    tuple(_pair(pair) for pair in pairs),
                    tuple(_premise(premise) for premise in premises),
                    tuple(str(text) for text in texts),
                    conclusion,
                )
        raise ValueError(f"facts hold no argument: {sorted(facts)}")

    def content(self) -> str:
        """The premises with propositions numbered by first mention.

        The conclusion does not count, so that all conclusions about the same premises are in the same split, and the
        right answer is independent of the split.
        """
        numbers: dict[int, int] = {}
        lines: list[Json] = []
        for premise in self.premises:
            signed: list[Json] = []
            for literal in premise.literals:
                number = numbers.setdefault(abs(literal), len(numbers) + 1)
                signed.append(number if literal > 0 else -number)
            lines.append([premise.form, premise.wording, signed])
        return json.dumps(lines, separators=(",", ":"))


def _pair(data: Json) -> tuple[str, str]:
    match data:
        case [str(stated), str(denied)]:
            return stated, denied
    raise ValueError(f"not a proposition: {str(data)[:80]}")


def _premise(data: Json) -> Premise:
    match data:
        case [str(form), list(literals), int(wording)] if form in _FORMULAS:
            return Premise(form, tuple(literal for literal in literals if isinstance(literal, int)), wording)
    raise ValueError(f"not a premise: {str(data)[:80]}")
