"""Orderings and zebra grids: clues as formulas, deductions, what steps and answers may look like."""

import random
from itertools import permutations, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmd_envs.families.ordering import _PALETTES as ORDERINGS
from pmd_envs.families.ordering import Ordering
from pmd_envs.families.ordering_clues import THEMES, WORDINGS, read, write, write_places
from pmd_envs.families.placing_family import PlacingPuzzle, _theory
from pmd_envs.families.zebra_grid import _PALETTES as ZEBRAS
from pmd_envs.families.zebra_grid import ZebraGrid
from pmd_envs.families.zebra_text import Street
from pmd_envs.logic.places import RULES, Clue, places_of, premises
from pmd_envs.logic.placing import deduce, solvable
from pmd_envs.logic.solver import models, unique_model
from pmd_envs.records import Task

ORDERING, ZEBRA = Ordering(), ZebraGrid()
ABC = ("Ann", "Bo", "Cal", "Dee")
ARITY = {
    form: 1 if form in ("among", "at", "not_at", "end", "not_end") else 3 if form == "between" else 2 for form in RULES
}


def task_of(family, problem):
    return Task("x", family.name, "train", problem.prompt, problem.gold, problem.facts, "")


def puzzle_task(family, puzzle):
    facts = {**puzzle.to_facts(), "kind": "chain", "plan": ""}
    return Task("x", family.name, "train", "", "", facts, "")


QUEUE = puzzle_task(
    ORDERING,
    PlacingPuzzle(
        4,
        ("Eli", "Leo", "Vic", "Ray"),
        "queue",
        (Clue("at", (3,), 3), Clue("before", (0, 1)), Clue("before", (1, 2))),
        (1, 1, 1),
        (0, 1, 2, 3),
    ),
)
STREET = puzzle_task(
    ZEBRA,
    PlacingPuzzle(
        2,
        ("Ned", "Ida", "teacher", "baker"),
        "name job",
        (Clue("at", (0,), 1), Clue("different", (3, 0))),
        (0, 0),
        (1, 0, 1, 0),
    ),
)


@st.composite
def clues(draw, size=3, groups=2):
    form = draw(st.sampled_from(sorted(RULES)))
    things = draw(st.permutations(range(size * groups)))[: ARITY[form]]
    return Clue(form, tuple(things), draw(st.integers(0, (1 << size) - 1 if form == "among" else size - 1)))


def brute_solutions(some, size, groups):
    orders = list(permutations(range(size)))
    places = (tuple(place for order in chosen for place in order) for chosen in product(orders, repeat=groups))
    return {found for found in places if all(clue.holds(found) for clue in some)}


@given(st.lists(clues(), max_size=5))
def test_formulas_have_the_solutions_that_brute_force_finds(some):
    found = {places_of(model, 3) for model in models(premises(some, 3, 2), 18, limit=50)}
    assert found == brute_solutions(some, 3, 2)


@given(st.lists(clues(), max_size=6))
def test_deductions_only_settle_what_is_settled(some):
    expected = brute_solutions(some, 3, 2)
    if solvable(some, 3, 2, refuting=True):
        assert len(expected) == 1
        places = dict.fromkeys(range(6), 0b111)
        for step in deduce(some, 3, 2):
            places[step.thing] &= step.mask
        assert [{1 << place for place in column} for column in zip(*expected, strict=True)] == [
            {mask} for mask in places.values()
        ]
    assert Clue.from_json(Clue("before", (0, 1)).to_json()) == Clue("before", (0, 1))


@pytest.mark.parametrize(
    ("form", "number", "holding"),
    [
        *[("among", 0b0101, "0 2"), ("at", 2, "2"), ("not_at", 2, "0 1 3"), ("end", 3, "0 3"), ("not_end", 3, "1 2")],
        *[("before", 0, "01 02 03 12 13 23"), ("right_before", 0, "01 12 23"), ("next_to", 0, "01 10 12 21 23 32")],
        *[("not_next_to", 0, "00 02 03 11 13 20 22 30 31 33"), ("gap", 1, "02 13 20 31"), ("gap", 2, "03 30")],
        *[("same", 0, "00 11 22 33"), ("between", 0, "102 103 120 130 203 213 230 231")],
    ],
)
def test_what_each_form_of_clue_says_of_four_places(form, number, holding):
    places = [tuple(map(int, word)) for word in holding.split()]
    size = len(places[0])
    clue = Clue(form, tuple(range(size)), number)
    found = {place for place in product(range(4), repeat=size) if clue.holds(place)}
    assert found == {*places}


def test_deductions_of_a_puzzle_with_two_solutions_give_up():
    with pytest.raises(ValueError, match="cannot be solved"):
        deduce((Clue("before", (0, 1)),), 3, 1)
    with pytest.raises(ValueError, match="not a clue"):
        Clue.from_json(["above", [1, 2], 0])


@pytest.mark.parametrize("theme", THEMES)
def test_every_wording_of_an_order_is_read_back(theme):
    for form in RULES:
        if form in ("among", "same", "different"):
            continue
        number = {"at": 1, "not_at": 2, "end": 3, "not_end": 3, "gap": 2}.get(form, 0)
        clue = Clue(form, tuple(range(ARITY[form])), number)
        for wording in range(WORDINGS):
            found = read(write(clue, wording, theme, ABC), theme, ABC, 4)
            assert found is not None
            for places in permutations(range(4)):
                assert found.holds(places) == clue.holds(places), (form, wording)


@given(st.integers(1, 15), st.integers(0, 3))
def test_places_are_read_back(mask, thing):
    clue = read(write_places(thing, mask, ABC, 4), "row", ABC, 4)
    assert clue is not None
    assert [place for place in range(4) if clue.holds({thing: place})] == [p for p in range(4) if mask >> p & 1]


@pytest.mark.parametrize(
    ("sentence", "clue"),
    [
        ("Ann is last", Clue("among", (0,), 0b1000)),
        ("ann must be second or third", Clue("among", (0,), 0b0110)),
        ("Ann is not 1st", Clue("among", (0,), 0b1110)),
        ("Ann is left of Bo", Clue("before", (0, 1))),
        ("Bo is right of Ann", Clue("before", (0, 1))),
        ("Ann is left of Ann", None),
        ("Ann is 5th", None),
        ("Ann is happy", None),
        ("Zed is 1st", None),
        ("Ann is ahead of Bo", None),
        ("", None),
    ],
)
def test_what_a_sentence_about_an_order_says(sentence, clue):
    assert read(sentence, "row", ABC, 4) == clue


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from((1, 2, 3)))
def test_exactly_one_order_scores_one(seed, difficulty):
    problem = ORDERING.generate(random.Random(seed), difficulty)
    task, names = task_of(ORDERING, problem), problem.facts["names"]
    right = [order for order in permutations(names) if ORDERING.verify(task, f"#### {', '.join(order)}").score]
    assert [", ".join(order) for order in right] == [problem.gold]


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(ZEBRA.difficulties))
def test_every_swap_in_a_zebra_answer_fails(seed, difficulty):
    problem = ZEBRA.generate(random.Random(seed), difficulty)
    task, puzzle = task_of(ZEBRA, problem), PlacingPuzzle.from_facts(problem.facts)
    size, groups = puzzle.size, puzzle.groups
    model = unique_model(premises(puzzle.clues, size, groups), size * size * groups)
    assert model is not None
    assert places_of(model, size) == puzzle.solution
    for group in range(groups):
        for left, right in permutations(range(group * size, (group + 1) * size), 2):
            places = list(puzzle.solution)
            places[left], places[right] = places[right], places[left]
            assert ZEBRA.verify(task, f"#### {ZEBRA.write_answer(puzzle, places)}").score == 0


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.sampled_from((ORDERING, ZEBRA)))
def test_no_clue_can_be_left_out(seed, family):
    puzzle = PlacingPuzzle.from_facts(family.generate(random.Random(seed), 2).facts)
    size, groups = puzzle.size, puzzle.groups
    for index in range(len(puzzle.clues)):
        rest = (*puzzle.clues[:index], *puzzle.clues[index + 1 :])
        if any(clue.form == puzzle.clues[index].form for clue in rest):  # one of the kind's form always stays
            assert not solvable(rest, size, groups)


def test_names_and_themes_do_not_count_for_the_content():
    puzzle = PlacingPuzzle.from_facts(QUEUE.facts)
    other = PlacingPuzzle(4, ("A", "B", "C", "D"), "race", puzzle.clues, puzzle.wordings, puzzle.solution)
    assert other.content() == puzzle.content()
    turned = tuple(Clue(c.form, tuple(3 - thing for thing in c.things), c.number) for c in puzzle.clues)
    assert PlacingPuzzle(4, ABC, "row", turned, puzzle.wordings, (3, 2, 1, 0)).content() == puzzle.content()
    fewer = PlacingPuzzle(4, ABC, "row", puzzle.clues[:2], puzzle.wordings[:2], puzzle.solution)
    assert fewer.content() != puzzle.content()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("Eli, Leo, Vic, Ray", ""),
        ("eli leo vic ray", ""),
        ("Eli -> Leo -> Vic -> Ray.", ""),
        ("Eli, then Leo, then Vic and then Ray", ""),
        ("Eli, Leo, Vic and Ray", ""),
        ("Eli, Leo, Ray, Vic", "breaks the clue 'the 4th is Ray'"),
        ("Eli, Leo, Vic", "only 3 of 4 names"),
        ("Eli, Leo, Vic, Ray, Ray", "Ray is named twice"),
        ("Eli, Leo, Vic, Zed", "Zed is not one of the names"),
        ("Eli, Leo, Vic, Ray or Ray, Vic, Leo, Eli", "or is not one of the names"),
        ("1. Eli 2. Leo 3. Vic 4. Ray", ""),
        ("1. Eli 3. Leo 2. Vic 4. Ray", "only give the names"),
        ("Ray < Vic < Leo < Eli", "only give the names"),
        (",,,,", "only give the names"),
    ],
)
def test_answers_about_an_order(answer, reason):
    verdict = ORDERING.verify(QUEUE, f"#### {answer}")
    assert verdict.score == (not reason)
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("1: Ida, baker; 2: Ned, teacher", ""),
        ("2: teacher, Ned; 1: baker, Ida", ""),
        ("House 1: ida, BAKER; House 2: ned, teacher.", ""),
        ("1 = Ida, and baker; 2 = Ned, teacher;", ""),
        ("1: Ned, baker; 2: Ida, teacher", "breaks the clue 'Ned lives in house 2'"),
        ("1: Ida, teacher; 2: Ned, baker", "breaks the clue 'the baker is not Ned'"),
        ("1: Ida, baker; 2: Ned", "no house is given for teacher"),
        ("1: Ida, baker; 2: Ned, teacher; 2: Ned", "house 2 is listed twice"),
        ("1: Ida, baker; 2: Ned, teacher, baker", "baker is placed twice"),
        ("1: Ida, baker, teacher; 2: Ned", "given two of a kind"),
        ("1: Ida, baker; 2: Ned, nurse", "'nurse' is not one of the things"),
        ("1: Ida, baker; 3: Ned, teacher", "only list the houses"),
        ("Ida, baker; Ned, teacher", "only list the houses"),
        ("1: Ida, baker; 2: Ned, teacher; or not", "only list the houses"),
        ("1: ; 2: ", "is not one of the things"),
    ],
)
def test_answers_about_houses(answer, reason):
    verdict = ZEBRA.verify(STREET, f"#### {answer}")
    assert verdict.score == (not reason), verdict
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("step", "ok"),
    [
        ("The 4th is Ray, so Ray is 4th.", True),
        ("Vic is behind Leo, so Leo is 2nd.", True),
        ("Therefore Leo is second because Vic is behind him", True),
        ("Leo is directly behind Eli and Vic is 3rd", True),
        ("Leo is not 1st, so Leo is 1st", False),
        ("Eli is behind Ray", False),
        ("Eli is first and Leo is last", False),
        ("If Leo is 3rd then no order fits, so Leo is not 3rd.", True),
        ("If Leo is 1st, then 1st is taken, so Eli is not 1st.", True),
        ("Suppose Leo is 1st, then nobody is before him, so Eli is 2nd or 3rd.", True),
        ("If Leo is 2nd, then 2nd is taken, so Eli is not 1st.", False),
        ("If Leo is tall, then 1st is taken, so Eli is not 1st.", None),
        ("If Leo is 1st, and Vic is 4th, then 1st is taken, so Eli is not 1st.", None),
        ("If Leo is 2nd, if Vic is 4th, so Eli is not 1st.", None),
        ("If Leo is 3rd then no order fits, so Leo is 1st.", False),
        ("If Leo is 3rd, Vic has no place, which is impossible, so Leo is 1st.", False),
        ("Leo looks tall", None),
        ("Leo is 2nd and tall", None),
    ],
)
def test_steps_about_an_order(step, ok):
    assert ORDERING.check_step(QUEUE, [], step).ok is ok


@pytest.mark.parametrize(
    ("step", "ok"),
    [
        ("The baker is not Ned, so the baker is in house 1.", True),
        ("Ida is the baker", True),
        ("Ned is not the teacher", False),
        ("The teacher lives in house 1 or 2", None),  # says nothing
        ("The teacher does not live in house 1", True),
        ("Ida lives directly left of the teacher", True),
        ("Ida lives somewhere right of Ned", False),
        ("If Ida is the teacher, then Ned is the baker, so the baker is in house 2.", True),
        ("If Ida is the baker, then house 1 is hers, so the baker is in house 2.", False),
        ("If Ida is in house 2 then nothing fits, so Ida is in house 2.", False),
        ("Ned is a person", None),
        ("The pilot is in house 1", None),
        ("Ned is in house 7", None),
    ],
)
def test_steps_about_houses(step, ok):
    assert ZEBRA.check_step(STREET, [], step).ok is ok


def test_what_the_clues_leave_open_stays_so_whatever_was_said_before():
    puzzle = PlacingPuzzle(3, ABC[:3], "row", (Clue("before", (0, 1)),), (0,), (0, 1, 2))
    task = puzzle_task(ORDERING, puzzle)
    assert ORDERING.check_step(task, [], "Bo is 2nd").ok is None
    assert "does not follow" in ORDERING.check_step(task, [], "Bo is 2nd").reason
    for before in ("Bo is 2nd", "Cal is 3rd", "Cal is 2nd", "Bo is 1st"):
        assert ORDERING.check_step(task, [before], "Bo is 2nd").ok is None


@pytest.mark.parametrize(("family", "palettes"), [(ORDERING, ORDERINGS), (ZEBRA, ZEBRAS)], ids=["order", "zebra"])
def test_deductions_can_do_without_no_clue_but_the_one_that_names_the_kind(family, palettes):
    """A solver sometimes can, as the pages say."""
    for level in family.difficulties[:5]:
        for index, kind in enumerate(family.kinds(level)):
            problem = family.generate_kind(random.Random(f"{kind}/{index}"), kind, level)
            puzzle, palette = PlacingPuzzle.from_facts(problem.facts), palettes[kind]
            for clue in puzzle.clues:
                rest = [other for other in puzzle.clues if other != clue]
                if any(other.form == palette.needed for other in rest):
                    assert not solvable(rest, puzzle.size, puzzle.groups, palette.refuting)


def test_a_street_reads_what_it_writes():
    street = Street(2, ("name", "drink", "pet", "color"), ("Ann", "Bo", "tea", "milk", "cat", "dog", "red", "blue"))
    for form in ("at", "not_at", "before", "right_before", "next_to", "same", "different"):
        things = (0,) if form in ("at", "not_at") else None
        pairs = [things] if things else [(a, b) for a in range(8) for b in range(8) if a // 2 != b // 2]
        for pair in pairs:
            for wording in range(2):
                sentence = street.write(Clue(form, pair, 1 if things else 0), wording)
                found = street.read(sentence)
                assert found is not None, sentence
                for places in product((0, 1), repeat=4):
                    everything = [side for place in places for side in (place, 1 - place)]
                    assert found.holds(everything) == Clue(form, pair, 1 if things else 0).holds(everything), sentence


def test_the_examples_of_the_documentation():
    """The puzzles in the pages of the two families, with the solutions that stand there."""
    pages = Path(__file__).parent.parent / "docs" / "envs"
    for family, task in ((ORDERING, QUEUE), (ZEBRA, STREET)):
        page = (pages / f"{type(family).__module__.rpartition('.')[2]}.md").read_text("utf-8")
        assert f"\n\n{family.gold_solution(task)}\n```" in page


@pytest.mark.parametrize("form", [form for form in RULES if form not in ("among", "same", "different")])
def test_every_statement_about_the_longest_row_can_be_judged_again_and_again(form):
    """A statement about three of ten people is a thousand formulas, and is looked up by comparing them."""
    problem = ORDERING.generate(random.Random(4), 10)
    task, puzzle = task_of(ORDERING, problem), PlacingPuzzle.from_facts(problem.facts)
    line = write(Clue(form, tuple(range(ARITY[form])), 1), 0, puzzle.theme, puzzle.names)
    _theory.cache_clear()
    first, second = (ORDERING.check_step(task, [], f"{line}.") for _ in range(2))
    assert first == second
    assert "cannot" not in first.reason
