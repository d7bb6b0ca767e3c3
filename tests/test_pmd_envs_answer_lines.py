"""Answers over several lines: what belongs to them, and what does not."""

import gymnasium
import pytest

from pmd_envs.families.answer_lines import in_one_line
from pmd_envs.families.entailment import Entailment
from pmd_envs.families.knights_knaves import KnightsKnaves
from pmd_envs.families.knights_puzzle import Puzzle, Statement
from pmd_envs.families.ordering import Ordering
from pmd_envs.families.placing_family import PlacingPuzzle
from pmd_envs.families.sudoku import Sudoku
from pmd_envs.families.zebra_grid import ZebraGrid
from pmd_envs.logic.formulas import Not, Or, Var
from pmd_envs.logic.places import Clue
from pmd_envs.records import Task
from pmd_envs.sources import open_source

PLACED = PlacingPuzzle(3, ("Vic", "Gus", "Jan"), "queue", (Clue("right_before", (0, 1)),), (0,), (0, 1, 2))
STREET = PlacingPuzzle(
    3, ("Fay", "Mia", "Zoe", "bird", "horse", "dog"), "name pet", (Clue("at", (0,), 0),), (0,), (0, 1, 2, 0, 1, 2)
)
SAID = (Statement(0, Or(Not(Var(0)), Not(Var(1))), "Ann or Bo is a knave"), Statement(1, Var(1), "Bo is a knight"))
KINDS = {**Puzzle(("Ann", "Bo"), SAID).to_facts(), "solution": [True, False]}
GRID = {"givens": "1.3434.22143.321", "kind": "last", "plan": ""}


def task_of(family, facts):
    return Task("x", family.name, "train", "", "", facts, "")


SUDOKU = Sudoku(), task_of(Sudoku, GRID)
ZEBRA = ZebraGrid(), task_of(ZebraGrid, STREET.to_facts())
ORDERING = Ordering(), task_of(Ordering, PLACED.to_facts())
KNIGHTS = KnightsKnaves(), task_of(KnightsKnaves, KINDS)


@pytest.mark.parametrize(
    ("asked", "response"),
    [
        (SUDOKU, "#### 1234\n3412\n2143\n4321"),
        (SUDOKU, "####\n1234\n3412\n\n2143\n4321\n"),
        (SUDOKU, "So:\n####  1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 2 1\nThat is all, in 4 rows."),
        (SUDOKU, "**Final answer:**\n1234\n3412\n2143\n4321"),
        (SUDOKU, "So the answer is:\n12|34\n34|12\n21|43\n43|21"),
        (SUDOKU, "#### 1234 3412 2143 4321\n\n1234\n3412\n2143\n4321"),  # once more
        (SUDOKU, "#### 1234 3412 2143 4321\nI checked 4 rows."),
        (SUDOKU, "First 4321\n#### 1234\n3412\n2143\n4321"),
        (SUDOKU, "####\n```text\n1234\n3412\n2143\n4321\n```\nThat is all, in 4 rows."),
        (SUDOKU, "####\n```\n1234\n3412\n```\n```\n2143\n4321\n```"),
        (SUDOKU, "#### 1234 3412 2143 4321\n```\n1234\n3412\n2143\n4321\n```"),  # once more
        (SUDOKU, "####\n[1, 2, 3, 4]\n[3, 4, 1, 2]\n[2, 1, 4, 3]\n[4, 3, 2, 1]"),
        (SUDOKU, "#### [[1, 2, 3, 4], [3, 4, 1, 2], [2, 1, 4, 3], [4, 3, 2, 1]]"),
        (SUDOKU, "#### `1234 3412 2143 4321`."),
        (SUDOKU, "#### Row 1: 1234, Row 2: 3412, Row 3: 2143, Row 4: 4321"),
        (SUDOKU, "####\n- **Row 1:** 1 2 3 4\n- **Row 2:** 3 4 1 2\n- **Row 3:** 2 1 4 3\n- **Row 4:** 4 3 2 1\nOk."),
        (SUDOKU, "#### 1234 3412 2143 4321\nRow 1: 1234\nRow 2: 3412\nRow 3: 2143\nRow 4: 4321"),  # once more
        (SUDOKU, "####\n$$\n1234\n3412\n2143\n4321\n$$"),
        (ZEBRA, "####\n~~~\n1: Fay, bird\n2: Mia, horse\n3: Zoe, dog\n~~~"),
        (ZEBRA, "#### 1: Fay, bird\n2: Mia, horse\n3: Zoe, dog"),
        (ZEBRA, "####\nHouse 1: Fay, bird\nHouse 2: Mia, horse.\nHouse 3: Zoe, dog.\nThis fits house 1: see above."),
        (ZEBRA, "Final answer:\n- **House 1:** Fay, bird\n- **House 2:** Mia, and horse;\n- **House 3:** Zoe, dog"),
        (ZEBRA, "#### 1: Fay, bird; 2: Mia, horse\n3: Zoe, dog"),
        (ORDERING, "####\nVic\nGus\nJan"),
        (ORDERING, "#### Vic,\nGus,\nand Jan"),
        (ORDERING, "#### Vic ->\nGus ->\nJan"),
        (ORDERING, "#### Final answer:\nVic, Gus, Jan"),
        (ORDERING, "####\nFinal answer:\nVic, Gus, Jan"),
        (ORDERING, "The answer is:\n* Vic\n* Gus\n* Jan\n\nGus is right after Vic."),
        (ORDERING, "#### Vic, Gus, Jan\nDone."),
        (ORDERING, "####\n1. Vic\n2. Gus\n3. Jan"),
        (ORDERING, "The answer is:\n1) **Vic**\n2) **Gus**\n3) **Jan**\n\nGus is 2nd."),
        (ORDERING, "#### 1. Vic, 2. Gus, 3. Jan"),
        (ORDERING, "#### 1st: Vic; 2nd: Gus; 3rd: Jan."),
        (ORDERING, "#### Vic (1st), Gus (2nd) and Jan (3rd)"),
        (ORDERING, "#### [Vic, Gus, Jan]"),
        (ORDERING, "The answer is `Vic, Gus, Jan`."),
        (ORDERING, "#### Vic > Gus > Jan"),
        (ORDERING, "####\nVic >\nGus >\nJan"),
        (ORDERING, r"#### Vic \to Gus \to Jan"),
        (ORDERING, r"\boxed{\text{Vic} \rightarrow \text{Gus} \rightarrow \text{Jan}}"),
        (ORDERING, "#### (Vic, Gus, Jan)"),
        (ORDERING, r"#### \((Vic, Gus, Jan)\)."),
        (KNIGHTS, "####\n```\nAnn: knight\nBo: knave\n```"),
        (KNIGHTS, "The final answer is: Ann is a knight. Bo is a knave."),
        (KNIGHTS, "The final answer is: Ann is a knight. Bo is a knave. This fits. Ann is right."),
        (KNIGHTS, "The answer is: Ann is a knight, and Bo is a knave. Bo is a knave. Good."),
        (KNIGHTS, "#### Ann: knight\n\nBo: knave"),
        (KNIGHTS, "#### Ann: knight\nBo: knave\n\nAnn is a knight, because Bo lies."),
        (KNIGHTS, "#### Ann: knight, Bo: knave\n\nAnn is a knight.\nBo is a knave."),
    ],
)
def test_right_answers_over_several_lines(asked, response):
    family, task = asked
    verdict = family.verify(task, response)
    assert verdict.score == 1, verdict.reason
    assert verdict.first_wrong_step is None
    steps = family.split_steps(response)
    again = family.join_steps(steps)
    assert family.verify(task, again).score == 1
    assert family.split_steps(again) == steps
    assert any(family.is_final(task, step, family.check_step(task, (), step)) for step in steps)
    assert family.answer(response) == family.answer(again) != ""


@pytest.mark.parametrize(
    ("asked", "response", "reason"),
    [
        (SUDOKU, "#### 1234 3412 2143 4321\n4321 3412 2143 1234", "32 digits"),
        (SUDOKU, "#### 1234\n3412\n2143\n4321\n4321\n3412\n2143\n1234", "32 digits"),
        (SUDOKU, "#### 1234 3412 2143 4321\n#### 4321 3412 2143 1234", "32 digits"),
        (SUDOKU, "#### 1234\n3412\nand then\n2143\n4321", "8 digits"),
        (SUDOKU, "#### 1234\n3412\n2143\n1234", "changes the given digit"),
        (SUDOKU, "1234\n3412\n2143\n4321", "no answer"),
        (SUDOKU, "#### Row 2: 1234, Row 1: 3412, Row 3: 2143, Row 4: 4321", "should only give the rows"),
        (SUDOKU, "#### Row 1: 1234 3412, Row 2: 2143 4321", "should only give the rows"),
        (SUDOKU, "#### 1234 Row 2: 3412 2143 4321", "should only give the rows"),
        (ZEBRA, "#### 1: Fay, bird; 2: Mia, horse; 3: Zoe, dog\n1: Mia, dog", "house 1 is listed twice"),
        (ZEBRA, "#### 1: Fay, bird\n2: Mia, horse\nHouse 3 is the rest", "no house is given"),
        (ORDERING, "#### Vic, Gus, Jan\nJan, Vic, Gus", "Jan is named twice"),
        (ORDERING, "#### Vic\nGus\nor Jan", "only 2 of 3"),
        (ORDERING, "####\n2. Vic\n1. Gus\n3. Jan", "should only give the names in order"),
        (ORDERING, "#### 1. Vic, 2. Gus, Jan", "should only give the names in order"),
        (ORDERING, "#### 1. Vic, Gus 2, 3. Jan", "should only give the names in order"),
        (ORDERING, "#### 1. Vic, 2. Gus", "only 2 of 3"),
        (ORDERING, "#### Jan < Gus < Vic", "should only give the names in order"),
        (ORDERING, "#### Vic > Gus >= Jan", "should only give the names in order"),
        (ORDERING, "#### (Vic, Gus, Jan) or (Jan, Gus, Vic)", "should only give the names in order"),
        (ORDERING, "####\n1\n2\n3", "should only give the names in order"),
        (SUDOKU, "####\n```\n1234\n3412\n2143\n4321\n```\n1234", "20 digits"),
        (ORDERING, "#### Vic\nGus, then Zed", "only 1 of 3"),
        (KNIGHTS, "The final answer is: Ann is a knight. Bo is a knave. Ann is a knave.", "Ann is given a kind twice"),
        (KNIGHTS, "The answer is: Ann is a knight. Bo is a knave or a knight.", "no kind is given for Bo"),
        (KNIGHTS, "#### Ann: knight, Bo: knave\n\nBo: knight", "Bo is given a kind twice"),
        (KNIGHTS, "#### Ann: knight\n\nBo: knave, I think", "no kind is given for Bo"),
        (KNIGHTS, "#### Ann: knight, Bo: knave\nBo: knave or knight", "Bo is given a kind twice"),
    ],
)
def test_two_answers_and_half_answers(asked, response, reason):
    family, task = asked
    verdict = family.verify(task, response)
    assert verdict.score == 0
    assert reason in verdict.reason
    assert family.verify(task, family.join_steps(family.split_steps(response))).score == 0


@pytest.mark.parametrize("name", ["Sudoku", "ZebraGrid", "Ordering", "KnightsKnaves"])
@pytest.mark.parametrize("granularity", ["step", "episode"])
def test_an_answer_over_several_lines_is_one_step(name, granularity):
    env = gymnasium.make(f"pmd/{name}-v0", source="generated", difficulty=1, granularity=granularity)
    env.reset(seed=3)
    gold = env.unwrapped.task.gold
    parts = gold.split("; ") if name == "ZebraGrid" else gold.split() if name == "Sudoku" else gold.split(", ")
    *_, ended, _, info = env.step("\n".join(["Thus:", "####", *parts, "That fits."]))
    assert (ended, info["score"], info["first_wrong_step"], info["verified"]) == (True, 1, -1, 1)


def test_names_and_things_of_generated_problems_are_known():
    for family in (Ordering(), ZebraGrid()):
        source = open_source(family, "train", 2, "generated")
        for index in range(60):
            task = source.at(index)
            listed = task.gold.replace("; ", "\n") if family.name == "ZebraGrid" else task.gold.replace(", ", "\n")
            assert family.verify(task, f"####\n{listed}").score == 1


def test_where_no_answer_has_lines_steps_are_lines():
    assert Entailment().split_steps("####\ntrue\nfalse") == ("####", "true", "false")


def test_long_lines_and_many_of_them_take_no_time():
    family, task = ORDERING
    for text in ("#### Vic" + ", Gus" * 5_000 + "!", "#### Vic\n" + "Gus\n" * 20_000, "#### " + "1 " * 60_000):
        assert family.verify(task, text).score == 0
    assert len(in_one_line(["####", *["Vic"] * 9_000], family.parts, " ")) == 1
