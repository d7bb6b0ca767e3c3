"""Sudoku: one solution, moves that hold, reasons that are checked, answers that keep the rules."""

import itertools
import random
import statistics
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmd_envs.errors import VerifierError
from pmd_envs.families.sudoku import Sudoku
from pmd_envs.families.sudoku_claims import read_claim
from pmd_envs.families.sudoku_deep import cells_left
from pmd_envs.families.sudoku_grid import SHAPES, only_solution, random_grid
from pmd_envs.families.sudoku_logic import Board, moves, solution_moves
from pmd_envs.families.sudoku_making import DEPTHS, ELIMINATIONS, LEVELS
from pmd_envs.families.sudoku_propagation import filled_in, follows
from pmd_envs.generated import GeneratedSource
from pmd_envs.records import Task

FAMILY = Sudoku()
SMALL = SHAPES[4]
each_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: str(shape.size))


def small_task(givens="1.3434.22143.321"):
    return Task("x", FAMILY.name, "train", "", "", {"givens": givens, "kind": "last_cells", "plan": ""}, "")


def grid_of(text):
    return tuple(int(sign) if sign.isdigit() else 0 for sign in text)


def keeps_the_rules(shape, grid):
    return all({grid[cell] for cell in unit.cells} == set(range(1, shape.size + 1)) for unit in shape.units)


@each_shape
def test_random_grids_keep_the_rules_and_differ(shape):
    grids = {random_grid(random.Random(seed), shape) for seed in range(10)}
    assert all(keeps_the_rules(shape, grid) for grid in grids)
    assert len(grids) >= 9


@each_shape
def test_units_and_peers(shape):
    assert len(shape.units) == 3 * shape.size
    assert all(len(unit.cells) == shape.size for unit in shape.units)
    assert all(cell not in peers for cell, peers in enumerate(shape.peers))
    assert {len(peers) for peers in shape.peers} == {
        2 * (shape.size - 1) + (shape.box_rows - 1) * (shape.box_columns - 1)
    }
    assert {len(crossing.shared) for crossing in shape.crossings} == {shape.box_rows, shape.box_columns}


def brute_solutions(givens):
    """Every 4x4 grid with these givens."""
    empty = [cell for cell, digit in enumerate(givens) if not digit]
    found = []
    for digits in product((1, 2, 3, 4), repeat=len(empty)):
        grid = list(givens)
        for cell, digit in zip(empty, digits, strict=True):
            grid[cell] = digit
        if keeps_the_rules(SMALL, grid):
            found.append(tuple(grid))
    return found


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sets(st.integers(0, 15), max_size=6))
def test_the_only_solution_is_what_brute_force_finds(seed, emptied):
    givens = tuple(0 if cell in emptied else d for cell, d in enumerate(random_grid(random.Random(seed), SMALL)))
    found = brute_solutions(givens)
    assert only_solution(SMALL, givens) == (found[0] if len(found) == 1 else None)


def test_a_grid_without_or_with_many_solutions_has_no_only_one():
    assert only_solution(SMALL, (1, 1, *(0,) * 14)) is None
    assert only_solution(SMALL, (0,) * 16) is None
    with pytest.raises(VerifierError, match="exactly one solution"):
        FAMILY.gold_solution(small_task("." * 16))


@pytest.mark.parametrize("level", LEVELS)
def test_puzzles_are_what_their_kind_says(level):
    for kind, bounds in LEVELS[level].items():
        for seed in range(2):
            problem = FAMILY.generate_kind(random.Random(seed), kind, level)
            shape, givens = SHAPES[bounds.size], grid_of(problem.facts["givens"])
            assert bounds.least <= givens.count(0)
            grid = only_solution(shape, givens)
            assert shape.rows(grid) == problem.gold
            moves = solution_moves(shape, givens, ELIMINATIONS.get(kind, ()))
            ways = {move.how for move in moves}
            needed = {"last_cells": "last", "naked_singles": "naked", "hidden_singles": "hidden"}
            assert needed.get(kind, ELIMINATIONS.get(kind, ("",))[0]) in ways
            assert ways <= {"last", "naked", "hidden", *ELIMINATIONS.get(kind, ())}
            for move in moves:
                for cell in move.cells:
                    assert (grid[cell] == move.digit) == move.places


def literals_of(shape, givens):
    return [cell * shape.size + digit for cell, digit in enumerate(givens) if digit]


@each_shape
@pytest.mark.parametrize("ways", [(), ("locked",)], ids=["singles", "locked"])
def test_propagation_fills_in_what_the_moves_fill_in(shape, ways):
    solved = 0
    for seed in range(12):
        rng = random.Random(seed)
        grid = random_grid(rng, shape)
        emptied = rng.sample(range(shape.cells), int(shape.cells * rng.uniform(0.5, 0.75)))
        givens = [0 if cell in emptied else digit for cell, digit in enumerate(grid)]
        board = Board(shape, givens)
        for _ in moves(board, ways):
            pass
        found = filled_in(shape, literals_of(shape, givens), locked=bool(ways))
        assert found == set(literals_of(shape, board.values))
        solved += board.full
        if ways:
            cell = emptied[0]
            literal = cell * shape.size + grid[cell]
            assert follows(shape, literals_of(shape, givens), literal) == bool(board.values[cell])
    assert solved > 0


def deep_puzzles(level, count):
    for kind, depth in DEPTHS[level].items():
        for seed in range(count):
            problem = FAMILY.generate_kind(random.Random(f"deep/{seed}"), kind, level)
            yield depth, kind, problem, list(grid_of(problem.facts["givens"]))


@pytest.mark.slow
def test_added_levels_leave_more_and_more_cells_to_be_ruled_out_for():
    shape, means = SHAPES[9], []
    fifth = [grid_of(FAMILY.generate(random.Random(f"deep/{seed}"), 5).facts["givens"]) for seed in range(10)]
    means.append(statistics.mean(cells_left(shape, list(givens)) for givens in fifth))
    for level in DEPTHS:
        left = []
        for depth, kind, problem, givens in deep_puzzles(level, 3):
            left.append(cells_left(shape, givens))
            assert depth.least <= left[-1] <= depth.most
            assert shape.rows(only_solution(shape, tuple(givens))) == problem.gold
            found = solution_moves(shape, givens, ELIMINATIONS[kind])
            assert sum(not move.places for move in found) >= depth.eliminations
            assert {move.how for move in found} <= {"last", "naked", "hidden", "locked"}
            assert len(found) < FAMILY.max_turns
        means.append(statistics.mean(left))
    assert all(later > earlier for earlier, later in itertools.pairwise(means[1:])), means
    assert means[0] < means[2], means


def test_added_levels_leave_the_data_of_the_others_alone():
    prints = {level: GeneratedSource(FAMILY, "train", level).fingerprint for level in (None, 1, 5, 6, 10)}
    assert prints[1] == prints[5] != prints[6]
    assert prints[6] == prints[10] == prints[None]


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from((1, 2, 3)), st.data())
def test_every_changed_digit_fails(seed, level, data):
    problem = FAMILY.generate(random.Random(seed), level)
    task = Task("x", FAMILY.name, "train", problem.prompt, problem.gold, problem.facts, "")
    size = LEVELS[level][problem.facts["kind"]].size
    at = data.draw(st.integers(0, len(problem.gold) - 1))
    if problem.gold[at] == " ":
        return
    for digit in "0123456789":
        changed = problem.gold[:at] + digit + problem.gold[at + 1 :]
        verdict = FAMILY.verify(task, f"#### {changed}")
        assert verdict.score == (digit == problem.gold[at])
        if not verdict.score:
            words = "digits from 1" if digit == "0" or int(digit) > size else "in "
            assert words in verdict.reason


def test_which_digit_is_which_does_not_count_for_the_content():
    problem = FAMILY.generate(random.Random(1), 1)
    givens = problem.facts["givens"]
    other = {**problem.facts, "givens": givens.translate(str.maketrans("1234", "3142"))}
    assert FAMILY.content(type(problem)("", "", other)) == FAMILY.content(problem)
    moved = {**problem.facts, "givens": givens[::-1]}
    assert FAMILY.content(type(problem)("", "", moved)) != FAMILY.content(problem)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("1234 3412 2143 4321", ""),
        ("1234341221434321", ""),
        ("1 2 3 4, 3 4 1 2, 2 1 4 3, 4 3 2 1", ""),
        ("1234 / 3412 / 2143 / 4321", ""),
        ("1234 | 3412 | 2143 | 4321.", ""),
        ("1334 3412 2143 4321", "a digit is twice in row 1"),
        ("1234 3412 2143 4312", "changes the given digit in r4c3"),
        ("2134 3412 1243 4321", "changes the given digit in r1c1"),
        ("1234 3412 2143 432", "has 15 digits and not 16"),
        ("1234 3412 2143 4321 1", "has 17 digits and not 16"),
        ("1234 3412 2143 4325", "in digits from 1 to 4"),
        ("1234 3412 2143 432x", "in digits from 1 to 4"),
        ("1234 3412 2143 432¹", "in digits from 1 to 4"),
        ("1234 3412 2143 4321 or 4312", "in digits from 1 to 4"),
        ("1.34 34.2 2143 .321", "in digits from 1 to 4"),
        (" ", "no answer is given"),
    ],
)
def test_answers(answer, reason):
    verdict = FAMILY.verify(small_task(), f"#### {answer}")
    assert verdict.score == (not reason)
    assert reason in verdict.reason


def test_a_grid_over_several_lines_is_an_answer_inside_marks():
    assert FAMILY.verify(small_task(), "<answer>\n1234\n3412\n2143\n4321\n</answer>").score == 1


@pytest.mark.parametrize(
    ("step", "claim"),
    [
        ("r1c2 = 2", ((1, 0b0010),)),
        ("So R1C2 is 2.", ((1, 0b0010),)),
        ("1. r1c2 must be 2: row 1 lacks only 2", ((1, 0b0010),)),
        ("Row 1 needs a 2, so r1c2 = 2", ((1, 0b0010),)),
        ("r1c2 is not 3", ((1, 0b1011),)),
        ("r1c2 ≠ 3", ((1, 0b1011),)),
        ("r1c2 is 2 or 3", ((1, 0b0110),)),
        ("r1c2, r2c3 and r4c1 are not 3", ((1, 0b1011), (6, 0b1011), (12, 0b1011))),
        ("r1c2 = 2, r2c3 = 1 and r4c1 = 4", ((1, 0b0010), (6, 0b0001), (12, 0b1000))),
        ("r1c2 = 5", None),
        ("r1c5 = 2", None),
        ("r1c2 = 23", None),
        ("r1c2 = 2 I guess", None),
        ("r1c2 = r2c3", None),
        ("the cell is 2", None),
        ("", None),
    ],
)
def test_what_a_step_claims(step, claim):
    found = read_claim(step, SMALL)
    assert (found.digits if found else None) == claim


@pytest.mark.parametrize(
    ("step", "ok"),
    [
        ("r1c2 = 2", True),
        ("r1c2 = 2: row 1 lacks only 2", True),
        ("r1c2 = 2: column 2 lacks only 2", True),
        ("r1c2 = 2: box 1 has no other place for 2", True),
        ("r1c2 = 2: only 2 fits", True),
        ("r1c2 = 2: because I see it", True),
        ("r1c2 = 2: row 2 lacks only 2", None),
        ("r1c2 = 2: only 3 fits", None),
        ("r1c2 = 3: only 3 fits", False),
        ("r1c2 is not 2", False),
        ("r1c2 is not 3", True),
        ("I look at row 1", None),
        # Each cell its digit, or two cells that hold two digits: only what holds either way is certain.
        ("r1c2, r2c3 = 2, 1", True),
        ("r1c2, r2c3 = 1, 2", None),
        ("r1c2 and r2c3 are 1, 2", None),
        ("r1c2, r2c3 = 1, 3", False),
        ("r1c2 and r2c3 are 1 or 2", True),
        ("r1c2, r2c3 and r4c1 are 2, 4, 1", None),
        ("r1c2, r2c3 and r4c1 are 1, 2", False),
        ("r1c2, r2c3 are not 1, 2", None),
        ("r1c2, r2c3 are not 2, 1", False),
        ("r1c2, r2c3 are not 3, 4", True),
        ("r1c2, r2c3 are not 2 or 3", False),
        ("r1c2 = 1, 2", True),
        ("r1c2, r2c3 = 2, 5", None),
    ],
)
def test_steps_and_their_reasons(step, ok):
    assert FAMILY.check_step(small_task(), [], step).ok is ok


def test_a_reason_may_hold_only_after_other_steps():
    task = small_task("1.3.34.22143.321")  # two empty cells in row 1
    late = "r1c2 = 2: row 1 lacks only 2"
    assert FAMILY.check_step(task, [], late).ok is None
    assert "row 1 has other empty cells" in FAMILY.check_step(task, [], late).reason
    assert FAMILY.check_step(task, ["r1c4 = 4"], late).ok is True
    assert FAMILY.check_step(task, ["r1c4 = 2"], late).ok is None  # wrong steps settle nothing


def test_reasons_for_ruling_out_are_checked():
    rng = random.Random(3)
    for kind, pattern in (("locked_digits", " only in "), ("naked_pairs", " hold ")):
        problem = FAMILY.generate_kind(rng, kind, 5)
        task = Task("x", FAMILY.name, "train", problem.prompt, problem.gold, problem.facts, "")
        steps = FAMILY.split_steps(FAMILY.gold_solution(task))
        at = next(index for index, step in enumerate(steps) if pattern in step)
        assert FAMILY.check_step(task, steps[:at], steps[at]).ok is True
        claim, _, reason = steps[at].partition(": ")
        other = reason.replace("row", "box").replace("column", "box") if "row" in reason or "column" in reason else ""
        assert FAMILY.check_step(task, steps[:at], f"{claim}: {other or 'r1c1 and r9c9 hold 1 and 2'}").ok is None
        assert FAMILY.check_step(task, steps[:at], f"{claim}: only 1 fits").ok is None


def test_a_board_refuses_nothing_but_knows_what_fits():
    board = Board(SMALL, grid_of("1.3434.22143.321"))
    assert [move.digit for move in board.last()] == [2, 1, 4]
    assert not board.full
    assert board.reach(1, ()) == {"naked"}
    assert Board(SMALL, (0,) * 16).reach(1, ("locked", "pair")) is None
    with pytest.raises(ValueError, match="needs more than singles"):
        solution_moves(SMALL, (0,) * 16, ())


def test_the_example_of_the_documentation():
    page = Path(__file__).parent.parent / "docs" / "envs" / "sudoku.md"
    assert f"\n\n{FAMILY.gold_solution(small_task())}\n```" in page.read_text("utf-8")
