"""What follows at once in a sudoku, found by the unit propagation of a SAT solver: fast enough to empty cells by trial.

With clauses for "a cell has a digit", "a digit has a place in a unit" and what they exclude, unit propagation fills in
exactly the cells that singles fill in. One more proposition for each digit and each crossing of a line and a box ("the
digit is somewhere in the crossing") makes it rule out locked digits as well.
"""

import threading
from collections.abc import Iterable
from itertools import combinations

from pysat.solvers import Minisat22

from pmd_envs.families.sudoku_grid import Shape, rules
from pmd_envs.logic.formulas import Clause

_OF_THREAD = threading.local()
"""Solvers, which several threads must not share."""


def filled_in(shape: Shape, literals: Iterable[int], *, locked: bool) -> set[int]:
    """The propositions ``cell * size + digit`` of all cells that are given or filled in.

    Args:
        shape: The size of the sudoku.
        literals: The propositions of the given digits.
        locked: Whether locked digits are ruled out where no single is left.
    """
    _, found = _solver(shape, locked=locked).propagate(assumptions=list(literals))
    last = shape.cells * shape.size
    return {literal for literal in found if 0 < literal <= last}


def follows(shape: Shape, literals: Iterable[int], literal: int) -> bool:
    """Whether singles and locked digits fill in a digit."""
    _, found = _solver(shape, locked=True).propagate(assumptions=list(literals))
    return literal in found


def _solver(shape: Shape, *, locked: bool) -> Minisat22:
    solvers: dict[tuple[Shape, bool], Minisat22] = vars(_OF_THREAD).setdefault("solvers", {})
    if (shape, locked) not in solvers:
        clauses = [*rules(shape), *_one_digit_a_cell(shape), *(_crossings(shape) if locked else ())]
        solvers[shape, locked] = Minisat22(bootstrap_with=clauses)
    return solvers[shape, locked]


def _one_digit_a_cell(shape: Shape) -> list[Clause]:
    numbers = range(1, shape.size + 1)
    return [
        (-(cell * shape.size + left), -(cell * shape.size + right))
        for cell in range(shape.cells)
        for left, right in combinations(numbers, 2)
    ]


def _crossings(shape: Shape) -> list[Clause]:
    """A digit is in one crossing of each line, and in one of each box with its rows and with its columns."""
    clauses: list[Clause] = []
    groups: dict[tuple[str, str, int, int], list[int]] = {}
    proposition = shape.cells * shape.size
    boxes = shape.units[2 * shape.size :]
    for line in shape.units[: 2 * shape.size]:
        for box in boxes:
            shared = [cell for cell in line.cells if cell in box.cells]
            for digit in range(1, shape.size + 1) if shared else ():
                proposition += 1
                there = [cell * shape.size + digit for cell in shared]
                clauses += [(-proposition, *there), *((-literal, proposition) for literal in there)]
                groups.setdefault((line.kind, line.kind, line.number, digit), []).append(proposition)
                groups.setdefault((line.kind, box.kind, box.number, digit), []).append(proposition)
    for group in groups.values():
        clauses += [tuple(group), *((-left, -right) for left, right in combinations(group, 2))]
    return clauses
