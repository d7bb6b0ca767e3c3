"""Sudoku: fill in the grid so that every row, column and box has each digit once.

    Fill in the 4x4 sudoku: each row, column and 2x2 box has 1 to 4 once.
    1.34
    34.2
    2143
    .321

    r1c2 = 2: row 1 lacks only 2
    r2c3 = 1: row 2 lacks only 1
    r4c1 = 4: row 4 lacks only 4
    #### 1234 3412 2143 4321

An answer is right if it keeps the rules and the given digits; there is one such grid, which a SAT solver proves.
"""

import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from pmd_envs.errors import VerifierError
from pmd_envs.families.answer_lines import Parts
from pmd_envs.families.puzzle_family import PuzzleFamily, quoted
from pmd_envs.families.sudoku_claims import read_claim, reason_fails
from pmd_envs.families.sudoku_grid import SHAPES, Grid, Shape, only_solution
from pmd_envs.families.sudoku_logic import Board, Move, solution_moves
from pmd_envs.families.sudoku_making import (
    DEPTHS,
    ELIMINATIONS,
    HIDDEN,
    LAST,
    LEVELS,
    LOCKED,
    NAKED,
    PAIRS,
    REPEATED,
    draw_sudoku,
)
from pmd_envs.families.suppositions import may_still_hold, may_suppose, supposition_of
from pmd_envs.records import Json, Problem, StepVerdict, Task

_PLANS = {
    LAST: "Find a row, column or box with one empty cell, fill in the digit that it lacks, and look again.",
    NAKED: "Find a cell whose row, column and box leave only one digit, fill it in, and look again.",
    HIDDEN: "Fill cells that one digit fits; else find a digit with one place left in a row, column or box.",
    LOCKED: "When no single is left, rule out a digit along a line that a box needs it on, then go on.",
    PAIRS: "When no single is left, find two cells with the same two digits, which others there cannot have.",
    REPEATED: "Rule out digits along lines that boxes need them on, time and again, until a single is left.",
}
_SEPARATORS = re.compile(r"[\s,;/|\[\]]+")
_ROWS = re.compile(r"(?:[\s,;/|\[\]]*[1-9]){4,81}[\s,;/|\[\]]*")
_LABEL = re.compile(r"\brow\s*([1-9])\s*[:=]", re.IGNORECASE)
"""What a row may be called where every one is: ``Row 1: 1234``."""
_DECORATION = re.compile(r"\*\*|\$|\\(?:text|textbf|mathrm)\b|[{}]|\.\s*$")


def _puzzle(facts: Mapping[str, Json]) -> tuple[Shape, Grid]:
    match facts:
        case {"givens": str(text)} if text.isascii() and len(text) in (16, 36, 81):
            shape = next(shape for shape in SHAPES.values() if shape.cells == len(text))
            return shape, tuple(int(sign) if sign.isdigit() else 0 for sign in text)
    raise ValueError(f"facts hold no sudoku: {sorted(facts)}")


def _solved(shape: Shape, givens: Grid) -> Grid:
    grid = only_solution(shape, givens)
    if grid is None:
        raise VerifierError("the sudoku does not have exactly one solution")
    return grid


class Sudoku(PuzzleFamily):
    """Fill in the grid."""

    name: ClassVar[str] = "Sudoku"
    instructions: ClassVar[str] = (
        "Fill in one cell a line, such as: r1c2 = 3: only 3 fits. "
        "End with a line that gives all rows, such as: #### 1234 3412 2143 4321"
    )
    difficulties: ClassVar[tuple[int, ...]] = (*LEVELS, *DEPTHS)
    added: ClassVar[tuple[int, ...]] = tuple(DEPTHS)
    max_turns: ClassVar[int] = 64
    right: ClassVar[str] = "the grid keeps all rules"

    def kinds_at(self, difficulty: int) -> tuple[str, ...]:
        """The kinds of a level: the hardest thing that solving takes."""
        return tuple(DEPTHS[difficulty] if difficulty in DEPTHS else LEVELS[difficulty])

    def draw(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """Givens that leave one grid."""
        shape, givens, grid = draw_sudoku(rng, kind, difficulty)
        rule = f"each row, column and {shape.box_rows}x{shape.box_columns} box has 1 to {shape.size} once."
        prompt = f"Fill in the {shape.size}x{shape.size} sudoku: {rule}\n{shape.rows(givens, chr(10))}"
        facts: dict[str, Json] = {"givens": shape.rows(givens, ""), "kind": kind, "plan": _PLANS[kind]}
        return Problem(prompt, shape.rows(grid), facts)

    def content(self, problem: Problem) -> str:
        """The givens with digits numbered by first mention."""
        _, givens = _puzzle(problem.facts)
        numbers: dict[int, int] = {0: 0}
        return json.dumps([numbers.setdefault(digit, len(numbers)) for digit in givens], separators=(",", ":"))

    def fault(self, task: Task, answer: str) -> str:
        """What is wrong with an answer: its form, a changed given, or a digit that is twice in a unit."""
        shape, givens = _puzzle(task.facts)
        text = _SEPARATORS.sub("", _unlabelled(_DECORATION.sub("", answer)))
        allowed = "123456789"[: shape.size]
        if any(sign not in allowed for sign in text):
            return f"the answer should only give the rows, in digits from 1 to {shape.size}, not {quoted(answer, 20)}"
        if len(text) != shape.cells:
            return f"the answer has {len(text)} digits and not {shape.cells}"
        grid = [int(sign) for sign in text]
        changed = next((cell for cell, digit in enumerate(givens) if digit and grid[cell] != digit), None)
        if changed is not None:
            return f"the answer changes the given digit in {shape.cell_name(changed)}"
        twice = next((unit for unit in shape.units if len({grid[cell] for cell in unit.cells}) < shape.size), None)
        return f"a digit is twice in {twice.words}" if twice else ""

    def parts(self, text: str) -> Parts:
        """The digits of rows."""
        rows = _LABEL.sub(" ", text)
        return tuple(re.findall("[1-9]", rows)) if _ROWS.fullmatch(rows) else ()

    def answer(self, response: str) -> str:
        """The digits of the grid, where that is all that is stated."""
        rows = _unlabelled(_DECORATION.sub("", self._stated(response)))
        digits = () if _LABEL.search(rows) else self.parts(rows)
        return "".join(digits) or super().answer(response)

    def judge(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Judge a claim by the only solution, and its reason by what is filled in so far."""
        shape, givens = _puzzle(task.facts)
        claim = read_claim(step, shape)
        if claim is None:
            return StepVerdict(None, "this is not a claim about cells that can be checked, such as r1c2 = 3")
        grid = _solved(shape, givens)
        wrong = claim.broken(grid)
        if not claim.holds(grid):
            supposes = supposition_of(step) is not None or may_suppose(step)
            if wrong is None or supposes or may_still_hold(accepted, lambda text: read_claim(text, shape) is not None):
                return StepVerdict(None, "it does not follow from the given digits alone")
            return StepVerdict(False, f"what is said about {shape.cell_name(wrong)} contradicts the given digits")
        why_not = reason_fails(claim, self._board(shape, givens, grid, accepted)) if claim.reason else ""
        if why_not:
            return StepVerdict(None, f"the reason does not hold yet: {why_not}")
        return StepVerdict(True, "it follows from the given digits")

    def _board(self, shape: Shape, givens: Grid, grid: Grid, accepted: Sequence[str]) -> Board:
        """What is known after the accepted steps that are true."""
        board = Board(shape, givens)
        for step in accepted:
            claim = read_claim(step, shape)
            if claim is not None and claim.holds(grid):
                claim.tell(board)
        return board

    def gold_solution(self, task: Task) -> str:
        """A line for every move, and the grid."""
        shape, givens = _puzzle(task.facts)
        grid = _solved(shape, givens)
        return _written(shape, _moves(task, shape, givens), grid, grid)

    def slip(self, rng: random.Random, task: Task) -> str:
        """The gold solution with another digit in one cell, or two digits of a row swapped."""
        shape, givens = _puzzle(task.facts)
        grid = _solved(shape, givens)
        wrong = list(grid)
        cell = rng.choice([cell for cell, digit in enumerate(givens) if not digit])
        row = [other for other in shape.units_of[cell][0].cells if not givens[other] and other != cell]
        if row:
            other = rng.choice(row)
            wrong[cell], wrong[other] = wrong[other], wrong[cell]
        else:
            wrong[cell] = rng.choice([digit for digit in range(1, shape.size + 1) if digit != grid[cell]])
        return _written(shape, _moves(task, shape, givens), grid, wrong)


def _unlabelled(text: str) -> str:
    """The rows without what they are called, where they are called row 1, row 2 and so on; else the text as it is."""
    before, *named = _LABEL.split(text)
    numbers, rows = named[::2], named[1::2]
    lengths = {len(_SEPARATORS.sub("", row)) for row in rows}
    in_order = numbers == [str(number) for number in range(1, len(numbers) + 1)]
    return " ".join(rows) if in_order and not before.strip() and lengths == {len(rows)} else text


def _moves(task: Task, shape: Shape, givens: Grid) -> tuple[Move, ...]:
    return solution_moves(shape, givens, ELIMINATIONS.get(str(task.facts["kind"]), ()))


def _written(shape: Shape, found: Sequence[Move], grid: Grid, shown: Sequence[int]) -> str:
    """The moves with the digits of ``shown`` where they place any, and the rows of it."""
    lines = []
    for move in found:
        names = [shape.cell_name(cell) for cell in move.cells]
        digit = shown[move.cells[0]] if move.places else move.digit
        changed = move.places and digit != grid[move.cells[0]]
        reason = f"only {digit} fits" if changed else move.reason
        listed = f"{', '.join(names[:-1])} and {names[-1]} are" if len(names) > 1 else f"{names[0]} is"
        lines.append(f"{names[0]} = {digit}: {reason}" if move.places else f"{listed} not {digit}: {reason}")
    return "\n".join([*lines, f"#### {shape.rows(shown)}"])
