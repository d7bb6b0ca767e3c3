"""Suppositions in any words: what may hold under a condition is not called wrong, nor paid."""

import pytest

from pmd_envs.families.entailment import Entailment
from pmd_envs.families.entailment_argument import Argument, Premise
from pmd_envs.families.knights_knaves import KnightsKnaves
from pmd_envs.families.knights_puzzle import Puzzle, Statement
from pmd_envs.families.ordering import Ordering
from pmd_envs.families.placing_family import PlacingPuzzle
from pmd_envs.families.sudoku import Sudoku
from pmd_envs.families.suppositions import claim_of, may_suppose
from pmd_envs.logic.formulas import Not, Or, Var
from pmd_envs.logic.places import Clue
from pmd_envs.records import Task

KNIGHTS, ORDERING, ENTAILMENT, SUDOKU = KnightsKnaves(), Ordering(), Entailment(), Sudoku()
SUPPOSING = (
    "For the sake of contradiction, suppose {it}",
    "Towards a contradiction, assume {it}",
    "By contradiction: assume {it}",
    "For contradiction, {it}",
    "Let us first assume that {it}",
    "To test this, suppose {it}",
    "We can suppose {it}",
    "Case 1: {it}",
    "**Case 1:** {it}.",
    "Step 2: Case 1: {it}",
    "Consider the case that {it}:",
    "When {it}, all is clear",
    "In case {it}, all is clear",
    "Let's say {it}",
    "Say {it}",
    "Say that {it}. Then all is clear",
    "Now try this: {it}",
    "Imagine {it}",
    "Provided that {it}",
    "Hypothetically, {it}",
    "Something else. If {it}, all is clear",
    "It cannot be, because otherwise {it}, and",
)


def knights():
    """Ann: one of us is a knave. Bo: Bo is a knight. So Ann is a knight and Bo a knave."""
    statements = (Statement(0, Or(Not(Var(0)), Not(Var(1))), "Ann or Bo is a knave"), Statement(1, Var(1), "Bo"))
    facts = {**Puzzle(("Ann", "Bo"), statements).to_facts(), "solution": [True, False]}
    return Task("x", "KnightsKnaves", "train", "", "", facts, "")


def ordering():
    """Ray, Vic, Wes."""
    clues = (Clue("right_before", (1, 2)), Clue("at", (0,), 0))
    puzzle = PlacingPuzzle(3, ("Ray", "Vic", "Wes"), "queue", clues, (0, 0), (0, 1, 2))
    return Task("x", "Ordering", "train", "", "", puzzle.to_facts(), "")


def entailment():
    """The dog does not bark, so it does not rain."""
    sentences = (("it rains", "it does not rain"), ("the dog barks", "the dog does not bark"))
    texts = ("if it rains, then the dog barks", "the dog does not bark")
    argument = Argument(sentences, (Premise("if", (1, 2)), Premise("fact", (-2,))), texts, -1)
    return Task("x", "Entailment", "train", "", "true", argument.to_facts(), "")


def sudoku():
    """1234 3412 2143 4321."""
    facts = {"givens": "1.3434.22143.321", "kind": "last", "plan": ""}
    return Task("x", "Sudoku", "train", "", "1234 3412 2143 4321", facts, "")


CASES = (
    (KNIGHTS, knights(), "Ann is a knave", "Bo is a knight", "Bo is a knave"),
    (ORDERING, ordering(), "Vic is 1st", "Wes is 2nd", "Wes is 3rd"),
    (ENTAILMENT, entailment(), "it rains", "the dog barks", "it does not rain"),
    (SUDOKU, sudoku(), "r1c2 = 4", "r2c3 = 2", "r2c3 = 1"),
)


@pytest.mark.parametrize(("family", "task", "false", "follows", "true"), CASES, ids=lambda value: "")
@pytest.mark.parametrize("supposing", SUPPOSING)
def test_what_follows_from_a_supposition_is_not_wrong(supposing, family, task, false, follows, true):
    supposed = supposing.format(it=false)
    assert family.check_step(task, (), f"{supposed}, so {follows}.").ok is None
    assert family.check_step(task, (), f"{supposed}, so {true}.").ok is True
    assert family.verify(task, f"{supposed}, so {follows}.").first_wrong_step is None


@pytest.mark.parametrize(("family", "task", "false", "follows", "true"), CASES, ids=lambda value: "")
def test_what_is_said_outright_is_wrong(family, task, false, follows, true):
    for step in (f"So {false}.", f"{follows}.", f"Clearly, {follows}.", f"{true}, so {follows}.", f"Thus {follows}."):
        assert family.check_step(task, (), step).ok is False, step
    assert family.check_step(task, (), f"If {false} then nothing fits, so {follows}.").ok is False
    assert family.check_step(task, (), f"Suppose {false}, which cannot be the case, so {follows}.").ok is False
    nested = f"Suppose {false}. Suppose {follows}, a contradiction, so {follows}."
    assert family.check_step(task, (), nested).ok is None  # the first one may still stand


@pytest.mark.parametrize(
    ("step", "ok"),
    [
        ("Suppose Ann is a knave, so Bo is a knight.", True),
        ("Case 1 (Ann is a knave): her statement is false, so Bo is a knight.", None),
        ("Let Ann be a knave. Then her statement is false, so Bo is a knight.", None),
        ("Were Ann a knave, her statement would be false, so Bo is a knight.", None),
        ("Had Ann lied, both would be knights, so Bo is a knight.", None),
        ("With Ann a knave her statement is false, so Bo is a knight.", None),
        ("Try Ann = knave: her statement is false, so Bo is a knight.", None),
        ("Bo says so: Bo is a knight", None),
        ("Bo  says  so: Bo is a knight", None),
        ("Bo says so, so Bo is a knight", False),
        ("Bo is a knave, as Bo says so.", None),
        ("Ann says that Ann or Bo is a knave, so Bo is a knight.", False),
        ("Ann says if Bo is a knight then she is not, so Bo is a knight.", False),
        ("Ann says that, and if Ann is a knave, that is false, so Bo is a knight.", None),
        ("No case fits Ann as a knave, so Ann is a knight, so Bo is a knight.", False),
        ("Bo a knave gives a contradiction, so Bo is a knight.", False),
    ],
)
def test_knights_and_their_own_words(step, ok):
    assert KNIGHTS.check_step(knights(), (), step).ok is ok


@pytest.mark.parametrize(
    ("step", "ok"),
    [
        ("If it rains, then the dog barks, and the dog does not bark, so it rains.", False),
        ("The dog does not bark, and if it rains, then the dog barks, so it rains.", False),
        ("If it rains, then the dog barks. Suppose it rains, so the dog barks.", None),
        ("If it rains, then the dog barks, so it can be that it rains.", False),
        ("The denial says so: it rains", None),
        ("Case 2: it rains, so it can be that the dog barks.", None),
        ("Case 2: it does not rain, so it can be that the dog does not bark.", True),
    ],
)
def test_the_if_of_a_premise_supposes_nothing(step, ok):
    assert ENTAILMENT.check_step(entailment(), (), step).ok is ok


def test_a_premise_may_be_a_part_of_another():
    step = "Kim dances if Tom cooks, and Tom cooks, so Kim does not dance."
    assert not may_suppose(step, ("Tom cooks", "Kim dances if Tom cooks"))
    assert may_suppose(step, ("Tom cooks",))


def test_very_long_steps_suppose_and_claim_nothing():
    long = "if " * 400 + "so r1c2 = 3"
    assert claim_of(long) == ""
    assert not may_suppose(long)


ALONE = (
    "Suppose {it}.",
    "Suppose for contradiction that {it}.",
    "Let us assume that {it}, and see.",
    "Case 1: {it}.",
    "**Case 1: {it}**",
    "First case: suppose {it}.",
    "If {it}:",
    "If {it}",
    "- Assume {it}. Then all is clear.",
)


@pytest.mark.parametrize(("family", "task", "false", "follows", "true"), CASES, ids=lambda value: "")
@pytest.mark.parametrize("alone", ALONE)
def test_what_a_line_of_its_own_supposes_may_hold_in_the_next_ones(alone, family, task, false, follows, true):
    supposed = alone.format(it=false)
    assert family.check_step(task, (), supposed).ok is not False
    for between in ((), ("Let me see.",), (f"So {true}.",)):
        earlier = (supposed, *between)
        assert family.check_step(task, earlier, f"So {follows}.").ok is None
        assert family.check_step(task, earlier, f"Then {true}, so {true}.").ok is True
    whole = f"{supposed}\nThen {follows}."
    assert family.verify(task, whole).first_wrong_step is None


@pytest.mark.parametrize(("family", "task", "false", "follows", "true"), CASES, ids=lambda value: "")
def test_a_contradiction_ends_what_was_supposed_last(family, task, false, follows, true):
    wrong = f"So {follows}."
    ended = (f"Suppose {false}.", "That is a contradiction.")
    assert family.check_step(task, ended, wrong).ok is False
    assert family.check_step(task, (*ended, f"Case 2: {true}."), wrong).ok is None
    twice = (f"Suppose {false}.", f"Suppose {true}.", "This is impossible.")
    assert family.check_step(task, twice, wrong).ok is None
    assert family.check_step(task, (*twice, "And that is absurd."), wrong).ok is False


@pytest.mark.parametrize(("family", "task", "false", "follows", "true"), CASES, ids=lambda value: "")
def test_lines_that_suppose_nothing_leave_the_next_ones_as_they_are(family, task, false, follows, true):
    for line in (
        "Let us look at what is said.",
        "Suppose we know nothing.",
        f"If {false}, then {follows}.",
        f"Suppose {false}, so {true}.",
        f"Nobody says {false}.",
        "In this case it is easy.",
        f"Suppose {false}. " + "Hm. " * 400,
    ):
        assert family.check_step(task, (line,), f"So {follows}.").ok is False, line


def test_let_somebody_be_something_supposes_it():
    earlier = ("Let Ann be a knave.",)
    assert KNIGHTS.check_step(knights(), earlier, "So Bo is a knight.").ok is None
    assert KNIGHTS.check_step(knights(), ("Let me be clear.",), "So Bo is a knight.").ok is False
