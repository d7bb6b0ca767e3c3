"""Making sudokus that a person can solve: cells of a full grid are emptied one by one.

A cell is only emptied if it could at once be filled in again, by a single, so that the puzzle can be solved in the
opposite order. Harder puzzles are emptied further, as long as eliminations still solve them. Every puzzle is proved
to have one solution by a SAT solver.
"""

import random
from dataclasses import dataclass

from pmd_envs.families.sudoku_deep import Depth, draw_deep
from pmd_envs.families.sudoku_grid import SHAPES, Grid, Shape, Unit, only_solution, random_grid
from pmd_envs.families.sudoku_logic import Board, How, Move, moves

_DRAWS = 200
MAX_MOVES = 62
"""Moves of the longest solution."""


@dataclass(frozen=True)
class Level:
    """A size, and how many cells are at least and at most empty."""

    size: int
    least: int
    most: int


LAST, NAKED, HIDDEN = "last_cells", "naked_singles", "hidden_singles"
LOCKED, PAIRS, REPEATED = "locked_digits", "naked_pairs", "repeated_locking"
ELIMINATIONS: dict[str, tuple[How, ...]] = {LOCKED: ("locked",), PAIRS: ("pair",), REPEATED: ("locked",)}
"""How digits are ruled out in the kinds that need it."""
_KIND_OF: dict[How, str] = {"last": LAST, "naked": NAKED, "hidden": HIDDEN, "locked": LOCKED, "pair": PAIRS}
_ORDER = (LAST, NAKED, HIDDEN, LOCKED, PAIRS)
LEVELS = {
    1: {LAST: Level(4, 3, 6), NAKED: Level(4, 5, 9)},
    2: {LAST: Level(6, 6, 12), NAKED: Level(6, 11, 18), HIDDEN: Level(6, 17, 24)},
    3: {NAKED: Level(9, 20, 32), HIDDEN: Level(9, 30, 40)},
    4: {NAKED: Level(9, 33, 42), HIDDEN: Level(9, 41, 50)},
    5: {LOCKED: Level(9, 42, 56), PAIRS: Level(9, 42, 56)},
}
_LEFT = {6: (36, 40), 7: (38, 42), 8: (40, 44), 9: (42, 46), 10: (44, 81)}
DEPTHS = {level: {LOCKED: Depth(*left, 1), REPEATED: Depth(*left, 2)} for level, left in _LEFT.items()}
"""Of levels 6 to 10: how many cells singles leave empty at least and at most."""


def draw_sudoku(rng: random.Random, kind: str, level: int) -> tuple[Shape, Grid, Grid]:
    """A shape, givens of a kind and the only solution.

    Raises:
        RuntimeError: none came up, which the kinds of each level rule out.
    """
    if level in DEPTHS:
        return draw_deep(rng, DEPTHS[level][kind], MAX_MOVES)
    bounds = LEVELS[level][kind]
    shape = SHAPES[bounds.size]
    for _ in range(_DRAWS):
        grid = random_grid(rng, shape)
        givens = list(grid)
        wanted = rng.randint(bounds.least, bounds.most)
        _empty_singles(rng, shape, givens, wanted, kind)
        found = _solved(shape, givens, kind) if kind in (LAST, NAKED) else _empty_further(rng, shape, givens, kind)
        enough = givens.count(0) >= bounds.least
        if enough and found and kind_of(found) == kind and only_solution(shape, tuple(givens)) == grid:
            return shape, tuple(givens), grid
    raise RuntimeError(f"no sudoku of kind {kind!r} at level {level} in {_DRAWS} draws")


def kind_of(found: tuple[Move, ...]) -> str:
    """The hardest thing that a solution does."""
    return max((_KIND_OF[move.how] for move in found), key=_ORDER.index)


def _empty_singles(rng: random.Random, shape: Shape, givens: list[int], wanted: int, kind: str) -> None:
    emptied = 0
    for cell in rng.sample(range(shape.cells), shape.cells):
        if emptied < wanted and _follows(shape, givens, cell, kind):
            givens[cell] = 0
            emptied += 1


def _follows(shape: Shape, givens: list[int], cell: int, kind: str) -> bool:
    """Whether a single could fill in this cell again if it were the last one emptied."""
    if kind == LAST:
        return any(all(givens[other] for other in unit.cells) for unit in shape.units_of[cell])
    if len({givens[peer] for peer in shape.peers[cell]} - {0}) == shape.size - 1:
        return True
    return kind != NAKED and any(_only_place(shape, givens, cell, unit) for unit in shape.units_of[cell])


def _only_place(shape: Shape, givens: list[int], cell: int, unit: Unit) -> bool:
    """Whether the digit of a cell is kept out of the empty cells of a unit by other cells."""
    empty = [other for other in unit.cells if not givens[other]]
    return all(any(givens[peer] == givens[cell] and peer != cell for peer in shape.peers[other]) for other in empty)


def _empty_further(rng: random.Random, shape: Shape, givens: list[int], kind: str) -> tuple[Move, ...] | None:
    """Empty more cells, as long as the kind's moves fill them in again, until they are needed."""
    filled = [cell for cell, digit in enumerate(givens) if digit]
    for cell in rng.sample(filled, len(filled)):
        digit, givens[cell] = givens[cell], 0
        ways = Board(shape, givens).reach(cell, ELIMINATIONS.get(kind, ()))
        found = _solved(shape, givens, kind) if ways and kind in {_KIND_OF[way] for way in ways} else None
        if found and len(found) <= MAX_MOVES:
            return found
        if ways is None or found:
            givens[cell] = digit
    return None


def _solved(shape: Shape, givens: list[int], kind: str) -> tuple[Move, ...] | None:
    board = Board(shape, givens)
    found = tuple(moves(board, ELIMINATIONS.get(kind, ())))
    return found if board.full else None
