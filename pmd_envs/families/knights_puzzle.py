"""A knights-and-knaves puzzle as data: who says what, as formulas about who is a knight.

Person i is a knight iff proposition i is true, and a statement holds iff its speaker is a knight, so a puzzle is
the conjunction of ``Iff(Var(speaker), formula)``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pmd_envs.logic.formulas import (
    And,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Var,
    evaluate,
    from_json,
    rename,
    to_json,
)
from pmd_envs.records import Json


@dataclass(frozen=True)
class Statement:
    """What one person says."""

    speaker: int
    formula: Formula
    says: str
    """In the third person and by name: "Bo and Ann are the same kind"."""
    form: str = ""
    """Which wording of which claim it is, or "" in published puzzles."""

    @property
    def premise(self) -> Formula:
        """What the statement tells a listener."""
        return Iff(Var(self.speaker), self.formula)


@dataclass(frozen=True)
class Puzzle:
    """People and their statements."""

    names: tuple[str, ...]
    statements: tuple[Statement, ...]

    @cached_property
    def premises(self) -> tuple[Formula, ...]:
        """Everything that is known at the start."""
        return tuple(statement.premise for statement in self.statements)

    def violated(self, knights: Sequence[bool]) -> Statement | None:
        """The first statement that cannot have been made if these people are knights."""
        return next((s for s in self.statements if not evaluate(s.premise, knights)), None)

    def to_facts(self) -> dict[str, Json]:
        """The puzzle as JSON."""
        return {
            "names": list(self.names),
            "statements": [[s.speaker, to_json(s.formula)] for s in self.statements],
            "says": [s.says for s in self.statements],
            "forms": [s.form for s in self.statements],
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Json]) -> "Puzzle":
        """The puzzle that :meth:`to_facts` wrote.

        Raises:
            ValueError: these facts hold no puzzle.
        """
        match facts:
            case {"names": list(names), "statements": list(pairs), "says": list(says), "forms": list(forms)}:
                statements = [_statement(*parts) for parts in zip(pairs, says, forms, strict=True)]
                return cls(tuple(str(name) for name in names), tuple(statements))
        raise ValueError(f"facts hold no puzzle: {sorted(facts)}")

    def content(self) -> str:
        """The puzzle with people numbered by first mention, so that names do not count."""
        numbers: dict[int, int] = {}

        def number(person: int) -> int:
            return numbers.setdefault(person, len(numbers))

        lines = [[number(s.speaker), s.form, to_json(rename(s.formula, number))] for s in self.statements]
        return json.dumps(lines, separators=(",", ":"))


def _statement(pair: Json, says: Json, form: Json) -> Statement:
    match pair:
        case [int(speaker), formula]:
            return Statement(speaker, from_json(formula), str(says), str(form))
    raise ValueError(f"not a statement: {str(pair)[:80]}")


def kind_word(knight: bool) -> str:
    """``knight`` or ``knave``."""
    return "knight" if knight else "knave"


def assignment(names: Sequence[str], knights: Sequence[bool]) -> str:
    """An answer such as ``Ann: knave, Bo: knight``."""
    return ", ".join(f"{name}: {kind_word(knight)}" for name, knight in zip(names, knights, strict=True))


def describe(formula: Formula, names: Sequence[str]) -> str:
    """A formula in words."""
    match formula:
        case Var(index):
            return f"{names[index]} is a knight"
        case Not(Var(index)):
            return f"{names[index]} is a knave"
        case Iff(Var(left), Var(right)):
            return f"{names[left]} and {names[right]} are the same kind"
        case Not(Iff(Var(left), Var(right))):
            return f"{names[left]} and {names[right]} are different kinds"
        case Not(body):
            return f"it is false that {describe(body, names)}"
        case _:
            return _join(formula, describe(formula.left, names), describe(formula.right, names))


def _join(formula: And | Or | Implies | Iff, left: str, right: str) -> str:
    match formula:
        case And():
            return f"{left} and {right}"
        case Or():
            return f"{left} or {right}"
        case Implies():
            return f"if {left} then {right}"
        case Iff():
            return f"{left} if and only if {right}"
