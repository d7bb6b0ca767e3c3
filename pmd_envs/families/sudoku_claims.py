"""Reading one step of a sudoku: which digits it says a cell has or has not, and why.

r1c2 = 3: only 3 fits
r4c5 and r4c6 are not 7: box 5 has 7 only in row 6
"""

import re
from dataclasses import dataclass
from functools import reduce
from operator import or_

from pmd_envs.families.sudoku_grid import Shape, Unit
from pmd_envs.families.sudoku_logic import Board
from pmd_envs.families.suppositions import claim_of

_CELL = r"r[1-9]c[1-9]"
_STATEMENT = re.compile(
    rf"(?P<cells>{_CELL}(?:(?:,? and |, ?){_CELL}){{0,20}})\s*"
    r"(?P<verb>=|!=|≠|is not|are not|isn't|isn’t|cannot be|must be|is|are)\s*"
    r"(?P<digits>[1-9](?:(?:,? or |,? nor |, ?)[1-9]){0,8})(?![0-9])",
    re.IGNORECASE,
)
_JOIN = re.compile(r"\s*(?:[,;]|\band\b|,\s*and\b)\s*", re.IGNORECASE)
_DENIALS = ("!=", "≠", "is not", "are not", "isn't", "isn’t", "cannot be")
_FITS = re.compile(r"only ([1-9]) fits(?: there)?", re.IGNORECASE)
_LACKS = re.compile(r"(row|column|box) ([1-9]) lacks only ([1-9])", re.IGNORECASE)
_NO_OTHER = re.compile(r"(row|column|box) ([1-9]) has no other place for ([1-9])", re.IGNORECASE)
_LOCKED = re.compile(r"(row|column|box) ([1-9]) has ([1-9]) only in (row|column|box) ([1-9])", re.IGNORECASE)
_HOLD = re.compile(rf"({_CELL}) and ({_CELL}) hold ([1-9]) and ([1-9])", re.IGNORECASE)


@dataclass(frozen=True)
class Claim:
    """For each cell that is spoken of, the digits it may have, and the reason in words."""

    digits: tuple[tuple[int, int], ...]
    reason: str
    loosely: tuple[tuple[int, int], ...]
    """The same at its weakest: ``r1c2, r1c3 = 1, 2`` may give each cell its digit, or say that they hold the two."""

    def holds(self, grid: tuple[int, ...]) -> bool:
        """Whether it is true of a full grid, however it is meant."""
        return all(mask >> grid[cell] - 1 & 1 for cell, mask in self.digits)

    def broken(self, grid: tuple[int, ...]) -> int | None:
        """A cell of a full grid of which it is not true, however it is meant."""
        return next((cell for cell, mask in self.loosely if not mask >> grid[cell] - 1 & 1), None)

    def tell(self, board: Board) -> None:
        """Write it down on a board."""
        for cell, mask in self.digits:
            if mask & (mask - 1) == 0 and not board.values[cell]:
                board.place(cell, mask.bit_length())
            elif not board.values[cell]:
                board.fitting[cell] &= mask


def read_claim(step: str, shape: Shape) -> Claim | None:
    """What a step claims, or None if it makes no claim that can be read from end to end."""
    text, _, reason = claim_of(step).partition(":")
    found: list[tuple[int, int]] = []
    loosely: list[tuple[int, int]] = []
    position = 0
    while position < len(text):
        statement = _STATEMENT.match(text, position)
        strongest, weakest = _readings(statement, shape) if statement else ([], [])
        if statement is None or not strongest:
            return None
        found.extend(strongest)
        loosely.extend(weakest)
        position = statement.end()
        joint = _JOIN.match(text, position)
        if joint is None and position < len(text.rstrip()):
            return None
        position = joint.end() if joint else len(text)
    return Claim(tuple(found), reason.strip(), tuple(loosely)) if found else None


def _readings(statement: "re.Match[str]", shape: Shape) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """What a statement says at its strongest and at its weakest: as many digits as cells may be one for each."""
    named = [_cell(name, shape) for name in re.findall(_CELL, statement["cells"], re.IGNORECASE)]
    cells = [cell for cell in named if cell is not None]
    digits = [1 << int(digit) - 1 for digit in re.findall(r"[1-9]", statement["digits"])]
    if max(digits) > shape.all_digits or len(cells) < len(named):
        return [], []
    together = [reduce(or_, digits)] * len(cells)
    apart = len(digits) == len(cells) and not re.search(r"\bn?or\b", statement["digits"], re.IGNORECASE)
    strongest, weakest = digits if apart else together, together
    if statement["verb"].casefold() in _DENIALS:
        strongest, weakest = ([shape.all_digits & ~mask for mask in masks] for masks in (weakest, strongest))
    return list(zip(cells, strongest, strict=True)), list(zip(cells, weakest, strict=True))


def _cell(name: str, shape: Shape) -> int | None:
    row, column = int(name[1]) - 1, int(name[3]) - 1
    return row * shape.size + column if max(row, column) < shape.size else None


def reason_fails(claim: Claim, board: Board) -> str:
    """Why the stated reason does not support the claim on this board; empty if it does or is of another form."""
    single, denied = _single(claim), _denied(claim, board.shape)
    fits, lacks = _FITS.fullmatch(claim.reason), _LACKS.fullmatch(claim.reason)
    no_other = _NO_OTHER.fullmatch(claim.reason)
    locked, hold = _LOCKED.fullmatch(claim.reason), _HOLD.fullmatch(claim.reason)
    if fits:
        return _fits_fails(single, int(fits[1]), board)
    if lacks:
        return _lacks_fails(single, _unit(lacks[1], lacks[2], board.shape), int(lacks[3]), board)
    if no_other:
        return _no_other_fails(single, _unit(no_other[1], no_other[2], board.shape), int(no_other[3]), board)
    if locked:
        inner = _unit(locked[1], locked[2], board.shape)
        return _locked_fails(denied, inner, _unit(locked[4], locked[5], board.shape), int(locked[3]), board)
    if hold:
        return _hold_fails(denied, (hold[1], hold[2]), {int(hold[3]), int(hold[4])}, board)
    return ""


def _single(claim: Claim) -> tuple[int, int]:
    """The cell and digit of a claim that fills in one cell; (-1, 0) otherwise."""
    (cell, mask), *more = claim.digits
    return (-1, 0) if more or mask & (mask - 1) else (cell, mask.bit_length())


def _denied(claim: Claim, shape: Shape) -> tuple[list[int], int]:
    """The cells of a claim and the one digit that it denies all of them; 0 if it does not."""
    masks = {shape.all_digits & ~mask for _, mask in claim.digits}
    mask = masks.pop()
    single = not masks and mask.bit_count() == 1
    return [cell for cell, _ in claim.digits], mask.bit_length() if single else 0


def _unit(kind: str, number: str, shape: Shape) -> Unit | None:
    wanted = (kind.casefold(), int(number))
    return next((unit for unit in shape.units if (unit.kind, unit.number) == wanted), None)


def _fits_fails(single: tuple[int, int], digit: int, board: Board) -> str:
    cell, said = single
    if said != digit:
        return "the reason is about something else"
    sure = board.values[cell] == digit or board.fitting[cell] == 1 << digit - 1
    return "" if sure else f"other digits may still fit {board.shape.cell_name(cell)}"


def _lacks_fails(single: tuple[int, int], unit: Unit | None, digit: int, board: Board) -> str:
    cell, said = single
    if unit is None or said != digit or cell not in unit.cells:
        return "the reason is about something else"
    others = [other for other in unit.cells if other != cell and not board.values[other]]
    return f"{unit.words} has other empty cells" if others else ""


def _no_other_fails(single: tuple[int, int], unit: Unit | None, digit: int, board: Board) -> str:
    cell, said = single
    if unit is None or said != digit or cell not in unit.cells:
        return "the reason is about something else"
    others = [other for other in board.could_hold(unit, digit) if other != cell]
    return f"{unit.words} may have other places for {digit}" if others else ""


def _locked_fails(
    denied: tuple[list[int], int], inner: Unit | None, outer: Unit | None, digit: int, board: Board
) -> str:
    cells, said = denied
    if inner is None or outer is None or said != digit or not set(cells) <= set(outer.cells) - set(inner.cells):
        return "the reason is about something else"
    holders = {cell for cell in inner.cells if board.values[cell] == digit} or set(board.could_hold(inner, digit))
    sure = holders and holders <= set(outer.cells)
    return "" if sure else f"{inner.words} may have {digit} outside {outer.words}"


def _hold_fails(denied: tuple[list[int], int], names: tuple[str, str], digits: set[int], board: Board) -> str:
    cells, said = denied
    holders = [_cell(name, board.shape) for name in names]
    pair = [cell for cell in holders if cell is not None]
    shared = [unit for unit in board.shape.units if {*pair, *cells} <= set(unit.cells)]
    if len(set(pair)) < 2 or said not in digits or not shared or set(pair) & set(cells):
        return "the reason is about something else"
    mask = sum(1 << digit - 1 for digit in digits)
    held = [1 << board.values[cell] - 1 if board.values[cell] else board.fitting[cell] for cell in pair]
    return "those two cells may hold other digits" if any(found & ~mask for found in held) else ""
