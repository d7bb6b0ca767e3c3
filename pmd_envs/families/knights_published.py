"""Reading the rows of the published knights-and-knaves set.

A row's statements are the text of nested Python tuples, one for each person in turn, such as
``('->', ('lying', 2), ('telling-truth', 0))``.
"""

import ast
from collections.abc import Mapping
from typing import TypeAlias

from pmd_envs.errors import DatasetError
from pmd_envs.families.knights_puzzle import Puzzle, Statement, describe
from pmd_envs.logic.formulas import And, Formula, Iff, Implies, Not, Or, Var, variables
from pmd_envs.records import Json

Nested: TypeAlias = "str | int | tuple[Nested, ...]"
_BINARY: dict[str, type[And] | type[Or] | type[Implies] | type[Iff]] = {"and": And, "or": Or, "->": Implies, "<=>": Iff}


def read_puzzle(row: Mapping[str, Json]) -> tuple[str, Puzzle, tuple[bool, ...]]:
    """The text of a row's puzzle, the puzzle and the published solution.

    Raises:
        DatasetError: the row is not of the published form, or its solution does not solve it.
    """
    match row:
        case {"quiz": str(quiz), "names": list(names), "solution": list(solution), "statements": str(text)}:
            people = tuple(str(name) for name in names)
            puzzle = Puzzle(people, _statements(text, people))
        case _:
            raise DatasetError(f"a knights-and-knaves row needs quiz, names, solution, statements; got {sorted(row)}")
    knights = tuple(kind is True for kind in solution)
    if len(knights) != len(people) or puzzle.violated(knights) is not None:
        raise DatasetError(f"the published solution does not solve {quiz[:80]!r}")
    return quiz, puzzle, knights


def _statements(text: str, names: tuple[str, ...]) -> tuple[Statement, ...]:
    try:
        nested = ast.literal_eval(text)
        formulas = [_formula(statement) for statement in nested]
    except (ValueError, SyntaxError, TypeError, RecursionError) as error:
        raise DatasetError(f"cannot read the statements {text[:80]!r}: {error}") from error
    if len(formulas) != len(names) or any(max(variables(f)) >= len(names) for f in formulas):
        raise DatasetError(f"these are not statements of {len(names)} people: {text[:80]!r}")
    return tuple(Statement(speaker, formula, describe(formula, names)) for speaker, formula in enumerate(formulas))


def _formula(nested: Nested) -> Formula:
    match nested:
        case ("telling-truth", int(person)) if person >= 0:
            return Var(person)
        case ("lying", int(person)) if person >= 0:
            return Not(Var(person))
        case ("not", body):
            return Not(_formula(body))
        case (str(name), left, right) if name in _BINARY:
            node = _BINARY[name]
            return node(_formula(left), _formula(right))
    raise ValueError(f"unknown statement {str(nested)[:60]}")
