"""Sudokus of levels 6 to 10, in which singles leave more and more cells empty until locked digits are ruled out.

Cells of a full grid are emptied one after the other, as long as singles and locked digits still fill in the grid. If
singles alone do not, the cells that they leave empty say how deep the puzzle is; one that is too deep for its level
gets digits back.
"""

import random
from dataclasses import dataclass

from pmd_envs.families.sudoku_grid import SHAPES, Grid, Shape, only_solution, random_grid
from pmd_envs.families.sudoku_logic import Board, Move, moves, solution_moves
from pmd_envs.families.sudoku_propagation import filled_in, follows

_DRAWS = 2000
_OF_A_GRID = 6
"""Times that a grid is emptied, in other orders, which takes less time than to make another grid."""
_AT_ONCE = 40
"""Cells that are emptied without a look: so few can almost always be filled in again."""


@dataclass(frozen=True)
class Depth:
    """How many cells singles leave empty, and how many times digits are ruled out at least."""

    least: int
    most: int
    eliminations: int


def draw_deep(rng: random.Random, depth: Depth, most_moves: int) -> tuple[Shape, Grid, Grid]:
    """A shape, givens and the only solution, which takes ruling out locked digits.

    Raises:
        RuntimeError: none came up, which the depths of the levels rule out.
    """
    shape = SHAPES[9]
    grid: Grid = ()
    for draw in range(_DRAWS):
        grid = grid if draw % _OF_A_GRID else random_grid(rng, shape)
        givens = _emptied(rng, shape, grid)
        if givens is None or not _made_as_deep(rng, shape, givens, grid, depth):
            continue
        found = _gold(shape, givens, depth)
        if found and len(found) <= most_moves and only_solution(shape, tuple(givens)) == grid:
            return shape, tuple(givens), grid
    raise RuntimeError(f"no sudoku with {depth} in {_DRAWS} draws")


def cells_left(shape: Shape, givens: list[int]) -> int:
    """How many cells singles leave empty."""
    return shape.cells - len(filled_in(shape, _literals(shape, givens), locked=False))


def _literals(shape: Shape, givens: list[int]) -> list[int]:
    return [cell * shape.size + digit for cell, digit in enumerate(givens) if digit]


def _emptied(rng: random.Random, shape: Shape, grid: Grid) -> list[int] | None:
    """A grid with so few givens that none can be spared; None if it starts badly."""
    order = rng.sample(range(shape.cells), shape.cells)
    kept = {cell: cell * shape.size + grid[cell] for cell in order[_AT_ONCE:]}
    if len(filled_in(shape, kept.values(), locked=True)) < shape.cells:
        return None
    for cell in order[_AT_ONCE:]:
        literal = kept.pop(cell)
        if not follows(shape, kept.values(), literal):
            kept[cell] = literal
    return [digit if cell in kept else 0 for cell, digit in enumerate(grid)]


def _made_as_deep(rng: random.Random, shape: Shape, givens: list[int], grid: Grid, depth: Depth) -> bool:
    """Give digits back to a puzzle that is too deep; whether it is as deep as it should be."""
    left = cells_left(shape, givens)
    empty = [cell for cell, digit in enumerate(givens) if not digit]
    for cell in rng.sample(empty, len(empty)):
        if left <= depth.most:
            break
        givens[cell] = grid[cell]
        now = cells_left(shape, givens)
        if now < depth.least:
            givens[cell] = 0
        else:
            left = now
    return depth.least <= left <= depth.most


def _gold(shape: Shape, givens: list[int], depth: Depth) -> tuple[Move, ...]:
    """The moves of the solution; none if too few of them rule digits out."""
    enough = depth.eliminations
    if sum(not move.places for move in moves(Board(shape, givens), ("locked",))) < enough:
        return ()
    found = solution_moves(shape, givens, ("locked",))
    return found if sum(not move.places for move in found) >= enough else ()
