"""Sudoku grids as data: shapes, what a digit rules out, and a SAT solver's proof that a solution is the only one.

Cells are numbered row by row, digits from 1, and sets of digits are bits (bit d - 1 is digit d).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import combinations
from typing import NamedTuple

from pysat.solvers import Minisat22

from pmd_envs.logic.formulas import Clause

Grid = tuple[int, ...]
"""A digit for each cell, 0 where there is none."""


@dataclass(frozen=True)
class Unit:
    """A row, column or box."""

    kind: str
    number: int
    cells: tuple[int, ...]

    @property
    def words(self) -> str:
        """``row 3``."""
        return f"{self.kind} {self.number}"


class Crossing(NamedTuple):
    """Two units, the cells they share, and the other cells of each."""

    inner: Unit
    outer: Unit
    shared: tuple[int, ...]
    inner_rest: tuple[int, ...]
    outer_rest: tuple[int, ...]


def _crossing(inner: Unit, outer: Unit) -> Crossing:
    shared = tuple(cell for cell in inner.cells if cell in outer.cells)
    rests = (tuple(cell for cell in unit.cells if cell not in shared) for unit in (inner, outer))
    return Crossing(inner, outer, shared, *rests)


@dataclass(frozen=True)
class Shape:
    """A size of sudoku, with boxes of so many rows and columns."""

    size: int
    box_rows: int
    box_columns: int

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return self.size * self.size

    @property
    def all_digits(self) -> int:
        """The set of all digits."""
        return (1 << self.size) - 1

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Rows, columns and boxes."""
        numbers = range(self.size)
        rows = [Unit("row", r + 1, tuple(r * self.size + c for c in numbers)) for r in numbers]
        columns = [Unit("column", c + 1, tuple(r * self.size + c for r in numbers)) for c in numbers]
        boxes = [Unit("box", b + 1, tuple(cell for cell in range(self.cells) if self.box(cell) == b)) for b in numbers]
        return (*rows, *columns, *boxes)

    @cached_property
    def units_of(self) -> tuple[tuple[Unit, ...], ...]:
        """For each cell its row, column and box."""
        return tuple(tuple(unit for unit in self.units if cell in unit.cells) for cell in range(self.cells))

    @cached_property
    def peers(self) -> tuple[tuple[int, ...], ...]:
        """For each cell the others that share a unit with it."""
        return tuple(
            tuple(sorted({other for unit in self.units_of[cell] for other in unit.cells} - {cell}))
            for cell in range(self.cells)
        )

    @cached_property
    def crossings(self) -> tuple["Crossing", ...]:
        """Every line with every box that it crosses, both ways round."""
        lines, boxes = self.units[: 2 * self.size], self.units[2 * self.size :]
        pairs = [pair for line in lines for box in boxes for pair in ((line, box), (box, line))]
        return tuple(_crossing(inner, outer) for inner, outer in pairs if set(inner.cells) & set(outer.cells))

    def box(self, cell: int) -> int:
        """The number of a cell's box, from 0."""
        row, column = divmod(cell, self.size)
        return row // self.box_rows * self.box_rows + column // self.box_columns

    def cell_name(self, cell: int) -> str:
        """``r1c2``."""
        return f"r{cell // self.size + 1}c{cell % self.size + 1}"

    def rows(self, grid: Sequence[int], separator: str = " ") -> str:
        """The rows of a grid, with dots for empty cells."""
        text = "".join(str(digit) if digit else "." for digit in grid)
        return separator.join(text[start : start + self.size] for start in range(0, self.cells, self.size))


SHAPES = {4: Shape(4, 2, 2), 6: Shape(6, 2, 3), 9: Shape(9, 3, 3)}


def random_grid(rng: random.Random, shape: Shape) -> Grid:
    """A full grid that keeps the rules."""
    values = [0] * shape.cells
    open_digits = [shape.all_digits] * shape.cells
    _fill(rng, shape, values, open_digits)
    return tuple(values)


def _fill(rng: random.Random, shape: Shape, values: list[int], open_digits: list[int]) -> bool:
    """Fill the emptiest cell first, and go back when one has no digit left."""
    cell = _emptiest(values, open_digits)
    if cell is None:
        return True
    digits = [digit for digit in range(1, shape.size + 1) if open_digits[cell] >> digit - 1 & 1]
    for digit in rng.sample(digits, len(digits)):
        bit = 1 << digit - 1
        touched = [peer for peer in shape.peers[cell] if not values[peer] and open_digits[peer] & bit]
        if any(open_digits[peer] == bit for peer in touched):
            continue
        values[cell] = digit
        for peer in touched:
            open_digits[peer] &= ~bit
        if _fill(rng, shape, values, open_digits):
            return True
        values[cell] = 0
        for peer in touched:
            open_digits[peer] |= bit
    return False


def _emptiest(values: list[int], open_digits: list[int]) -> int | None:
    """The first of the empty cells that the fewest digits fit."""
    cell, fewest = None, max(map(int.bit_count, open_digits)) + 1
    for other, value in enumerate(values):
        if not value and open_digits[other].bit_count() < fewest:
            cell, fewest = other, open_digits[other].bit_count()
            if fewest == 1:  # none has fewer
                break
    return cell


@cache
def rules(shape: Shape) -> tuple[Clause, ...]:
    """Proposition ``cell * size + digit``: a digit in each cell, and no digit twice in a unit."""
    size = shape.size
    clauses: list[Clause] = [tuple(cell * size + digit for digit in range(1, size + 1)) for cell in range(shape.cells)]
    for unit in shape.units:
        for digit in range(1, size + 1):
            there = [cell * size + digit for cell in unit.cells]
            clauses.append(tuple(there))
            clauses.extend((-left, -right) for left, right in combinations(there, 2))
    return tuple(clauses)


@lru_cache(maxsize=512)
def only_solution(shape: Shape, givens: Grid) -> Grid | None:
    """The only full grid with these givens, or None where there is none or more than one."""
    size = shape.size
    assumed = [cell * size + digit for cell, digit in enumerate(givens) if digit]
    with Minisat22(bootstrap_with=rules(shape)) as solver:
        if not solver.solve(assumptions=assumed):
            return None
        true = {literal for literal in solver.get_model() if literal > 0}
        grid = tuple(
            next(digit for digit in range(1, size + 1) if cell * size + digit in true) for cell in range(shape.cells)
        )
        solver.add_clause([-(cell * size + digit) for cell, digit in enumerate(grid)])
        return None if solver.solve(assumptions=assumed) else grid
