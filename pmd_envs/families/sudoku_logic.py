"""Solving a sudoku as people do: one step for each digit that is placed, and for each that is ruled out.

In order of preference: the last empty cell of a unit; a cell that only one digit fits; a digit that has only one place
in a unit; and, where these are used, a digit that a unit can only have where it crosses another one, which therefore
cannot have it elsewhere, or two cells that hold the same two digits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Literal

from pmd_envs.families.sudoku_grid import Shape, Unit

How = Literal["last", "naked", "hidden", "locked", "pair"]


@dataclass(frozen=True)
class Move:
    """A digit placed in a cell, or ruled out in some."""

    how: How
    cells: tuple[int, ...]
    digit: int
    reason: str

    @property
    def places(self) -> bool:
        """Whether it fills a cell."""
        return self.how in ("last", "naked", "hidden")


class Board:
    """What is filled in, and which digits still fit where."""

    def __init__(self, shape: Shape, givens: Sequence[int]) -> None:
        self.shape = shape
        self.values = [0] * shape.cells
        self.fitting = [shape.all_digits] * shape.cells
        for cell, digit in enumerate(givens):
            if digit:
                self.place(cell, digit)

    @property
    def full(self) -> bool:
        """Whether every cell has a digit."""
        return all(self.values)

    def place(self, cell: int, digit: int) -> None:
        """Fill in a cell."""
        self.values[cell] = digit
        self.fitting[cell] = 0
        for peer in self.shape.peers[cell]:
            self.fitting[peer] &= ~(1 << digit - 1)

    def rule_out(self, cell: int, digit: int) -> None:
        """A digit does not go into a cell."""
        self.fitting[cell] &= ~(1 << digit - 1)

    def reach(self, cell: int, eliminations: Sequence[How]) -> frozenset[How] | None:
        """Make moves until a cell is filled in; which ones that took, or None if they never get there."""
        ways: set[How] = set()
        while not self.values[cell]:
            found = list(self.naked()) or list(self.hidden()) or list(islice(self.eliminate(eliminations), 1))
            if not found:
                return None
            for move in found:
                self.take(move)
                ways.add(move.how)
        return frozenset(ways)

    def eliminate(self, ways: Sequence[How]) -> Iterator[Move]:
        """Digits that can be ruled out in these ways."""
        finders = {"locked": self.locked, "pair": self.pairs}
        return (move for way in ways for move in finders[way]())

    def take(self, move: Move) -> None:
        """Do what a move says."""
        for cell in move.cells:
            if move.places:
                self.place(cell, move.digit)
            else:
                self.rule_out(cell, move.digit)

    def could_hold(self, unit: Unit, digit: int) -> list[int]:
        """The empty cells of a unit that a digit fits."""
        return [cell for cell in unit.cells if self.fitting[cell] >> digit - 1 & 1]

    def last(self) -> Iterator[Move]:
        """Cells that are the only empty ones of a unit, all at once."""
        seen: set[int] = set()
        for unit in self.shape.units:
            empty = [cell for cell in unit.cells if not self.values[cell]]
            if len(empty) == 1 and empty[0] not in seen and self.fitting[empty[0]].bit_count() == 1:
                seen.add(empty[0])
                digit = self.fitting[empty[0]].bit_length()
                yield Move("last", (empty[0],), digit, f"{unit.words} lacks only {digit}")

    def naked(self) -> Iterator[Move]:
        """Cells that only one digit fits, all at once."""
        for cell, mask in enumerate(self.fitting):
            if mask and mask & (mask - 1) == 0:
                yield Move("naked", (cell,), mask.bit_length(), f"only {mask.bit_length()} fits")

    def hidden(self) -> Iterator[Move]:
        """Digits that fit only one cell of a unit, all at once."""
        seen: set[int] = set()
        for unit in self.shape.units:
            once = repeated = 0
            for cell in unit.cells:
                repeated |= once & self.fitting[cell]
                once |= self.fitting[cell]
            for digit in digits_of(once & ~repeated):
                cell = self.could_hold(unit, digit)[0]
                if cell not in seen:
                    seen.add(cell)
                    yield Move("hidden", (cell,), digit, f"{unit.words} has no other place for {digit}")

    def locked(self) -> Iterator[Move]:
        """Digits that a unit can only have where it crosses another one."""
        for inner, outer, crossing, inner_rest, outer_rest in self.shape.crossings:
            locked = self._any(crossing) & ~self._any(inner_rest)
            for digit in digits_of(locked & self._any(outer_rest)) if locked else ():
                cells = tuple(cell for cell in outer_rest if self.fitting[cell] >> digit - 1 & 1)
                yield Move("locked", cells, digit, f"{inner.words} has {digit} only in {outer.words}")

    def _any(self, cells: Sequence[int]) -> int:
        """The digits that fit somewhere among these cells."""
        mask = 0
        for cell in cells:
            mask |= self.fitting[cell]
        return mask

    def pairs(self) -> Iterator[Move]:
        """Two cells of a unit that hold the same two digits, which the others then cannot have."""
        for unit in self.shape.units:
            twos = [cell for cell in unit.cells if self.fitting[cell].bit_count() == 2]
            for left, right in combinations(twos, 2):
                if self.fitting[left] != self.fitting[right]:
                    continue
                low, high = digits_of(self.fitting[left])
                names = f"{self.shape.cell_name(left)} and {self.shape.cell_name(right)}"
                for digit in (low, high):
                    rest = tuple(cell for cell in self.could_hold(unit, digit) if cell not in (left, right))
                    if rest:
                        yield Move("pair", rest, digit, f"{names} hold {low} and {high}")


def digits_of(mask: int) -> list[int]:
    """The digits in a set."""
    return [digit for digit in range(1, mask.bit_length() + 1) if mask >> digit - 1 & 1]


def moves(
    board: Board, eliminations: Sequence[How] = (), avoided: frozenset[tuple[tuple[int, ...], int]] = frozenset()
) -> Iterator[Move]:
    """Moves until the board is full or nothing more is found.

    Args:
        board: What is filled in; the moves are made on it.
        eliminations: Which ways to rule out digits are used where no digit can be placed.
        avoided: Cells and a digit that is not ruled out in them.
    """
    while not board.full:
        found = list(board.last()) or list(board.naked()) or list(board.hidden())
        if not found:
            wanted = (move for move in board.eliminate(eliminations) if (move.cells, move.digit) not in avoided)
            found = list(islice(wanted, 1))
        if not found:
            return
        for move in found:
            # Moves that were found together still hold after each other, unless the puzzle has no solution.
            if not move.places or not board.values[move.cells[0]]:
                board.take(move)
                yield move


def solution_moves(shape: Shape, givens: Sequence[int], eliminations: Sequence[How]) -> tuple[Move, ...]:
    """Moves that fill the grid, without eliminations that the others do not need.

    Raises:
        ValueError: these moves do not fill it.
    """
    board = Board(shape, givens)
    found = tuple(moves(board, eliminations))
    if not board.full:
        raise ValueError(f"this sudoku needs more than singles and {eliminations}")
    avoided: frozenset[tuple[tuple[int, ...], int]] = frozenset()
    for move in [move for move in found if not move.places]:
        without = avoided | {(move.cells, move.digit)}
        trial = Board(shape, givens)
        shorter = tuple(moves(trial, eliminations, without))
        if trial.full and len(shorter) < len(found):
            avoided, found = without, shorter
    return found
