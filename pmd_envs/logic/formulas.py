"""Propositional formulas as frozen data: evaluate them, write them as JSON, turn them into clauses.

Six node kinds are enough for every puzzle here; there are no constants, because no statement of a person
is one. Example: ``Iff(Var(0), Not(Var(1)))`` is "person 0 and person 1 are different kinds".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from pmd_envs.records import Json


@dataclass(frozen=True)
class Var:
    """A proposition, by its number."""

    index: int


@dataclass(frozen=True)
class Not:
    """True iff the body is false."""

    body: "Formula"


@dataclass(frozen=True)
class And:
    """True iff both sides are."""

    left: "Formula"
    right: "Formula"


@dataclass(frozen=True)
class Or:
    """True iff at least one side is."""

    left: "Formula"
    right: "Formula"


@dataclass(frozen=True)
class Implies:
    """False iff the left side is true and the right side is not."""

    left: "Formula"
    right: "Formula"


@dataclass(frozen=True)
class Iff:
    """True iff both sides have the same truth value."""

    left: "Formula"
    right: "Formula"


Binary: TypeAlias = And | Or | Implies | Iff
Formula: TypeAlias = Var | Not | Binary
Clause: TypeAlias = tuple[int, ...]
"""A disjunction of literals in DIMACS numbers: proposition i is i + 1, its negation -(i + 1)."""

BINARY: dict[str, type[And] | type[Or] | type[Implies] | type[Iff]] = {
    "and": And,
    "or": Or,
    "implies": Implies,
    "iff": Iff,
}
_NAMES = {node: name for name, node in BINARY.items()}


def joined(node: type[And] | type[Or], formulas: Sequence[Formula]) -> Formula:
    """Many formulas, joined by "and" or by "or" to one that is not deep: formulas are hashed and compared recursively.

    Raises:
        ValueError: There are none.
    """
    if not formulas:
        raise ValueError("nothing to join")
    row = list(formulas)
    while len(row) > 1:
        pairs = [node(left, right) for left, right in zip(row[::2], row[1::2], strict=False)]
        row = [*pairs, *row[len(pairs) * 2 :]]
    return row[0]


def evaluate(formula: Formula, values: Sequence[bool]) -> bool:
    """The truth value of a formula when proposition i has the value ``values[i]``."""
    match formula:
        case Var(index):
            return values[index]
        case Not(body):
            return not evaluate(body, values)
        case And(left, right):
            return evaluate(left, values) and evaluate(right, values)
        case Or(left, right):
            return evaluate(left, values) or evaluate(right, values)
        case Implies(left, right):
            return not evaluate(left, values) or evaluate(right, values)
        case Iff(left, right):
            return evaluate(left, values) == evaluate(right, values)


def variables(formula: Formula) -> frozenset[int]:
    """The numbers of the propositions in a formula."""
    match formula:
        case Var(index):
            return frozenset({index})
        case Not(body):
            return variables(body)
        case _:
            return variables(formula.left) | variables(formula.right)


def rename(formula: Formula, numbers: Callable[[int], int]) -> Formula:
    """The same formula over other propositions, visited from left to right."""
    match formula:
        case Var(index):
            return Var(numbers(index))
        case Not(body):
            return Not(rename(body, numbers))
        case _:
            left = rename(formula.left, numbers)
            return type(formula)(left, rename(formula.right, numbers))


def to_json(formula: Formula) -> Json:
    """Nested lists such as ``["iff", ["var", 0], ["not", ["var", 1]]]``."""
    match formula:
        case Var(index):
            return ["var", index]
        case Not(body):
            return ["not", to_json(body)]
        case _:
            return [_NAMES[type(formula)], to_json(formula.left), to_json(formula.right)]


def from_json(data: Json) -> Formula:
    """The formula that :func:`to_json` wrote.

    Raises:
        ValueError: the lists are not a formula.
    """
    match data:
        case ["var", int(index)] if not isinstance(index, bool) and index >= 0:
            return Var(index)
        case ["not", body]:
            return Not(from_json(body))
        case [str(name), left, right] if name in BINARY:
            return BINARY[name](from_json(left), from_json(right))
    raise ValueError(f"not a formula: {str(data)[:80]}")


def to_cnf(formulas: Sequence[Formula], size: int = 0) -> list[Clause]:
    """Clauses that hold together exactly when all formulas do (Tseitin: linear size, one new variable a node).

    Propositions below ``size`` keep their numbers even where no formula mentions them.
    """
    mentioned = max((max(variables(formula)) for formula in formulas), default=-1) + 1
    fresh = count(max(size, mentioned) + 1)
    clauses: list[Clause] = []
    for formula in formulas:
        clauses.append((_literal(formula, fresh, clauses),))
    return clauses


def _literal(formula: Formula, fresh: "count[int]", clauses: list[Clause]) -> int:
    """A literal that is true exactly when the formula is, defined by the clauses it adds."""
    match formula:
        case Var(index):
            return index + 1
        case Not(body):
            return -_literal(body, fresh, clauses)
    left = _literal(formula.left, fresh, clauses)
    right = _literal(formula.right, fresh, clauses)
    gate = next(fresh)
    clauses.extend(_gate(formula, gate, left, right))
    return gate


def _gate(formula: Binary, gate: int, left: int, right: int) -> list[Clause]:
    match formula:
        case And():
            return [(-gate, left), (-gate, right), (gate, -left, -right)]
        case Or():
            return [(gate, -left), (gate, -right), (-gate, left, right)]
        case Implies():
            return [(gate, left), (gate, -right), (-gate, -left, right)]
        case Iff():
            return [(-gate, -left, right), (-gate, left, -right), (gate, left, right), (gate, -left, -right)]
