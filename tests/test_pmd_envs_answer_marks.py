"""Marks of final answers among headings, and answers in formulas that have lines of their own."""

import pytest

from pmd_envs.families.arithmetic import Arithmetic
from pmd_envs.families.gsm8k import GSM8K
from pmd_envs.records import Task
from pmd_envs.verifiers.answers import extract_answer, without_mark


def task_of(gold):
    return Task("x", "", "train", "Compute 3 + 4.", gold, {"kind": "sum"}, "")


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("Answer:\n$$\n7\n$$", "7"),
        ("**Answer:**\n\\[\nx = 7\n\\]", "x = 7"),
        ("The final answer is:\n\n$$\n7\n$$", "7"),
        ("####\n$$\n7\n$$\nThat is all.", "7"),
        ("Answer:\n\\[\n\n7\n\n\\]\n8", "7"),
        ("Answer:\n\\[\n7\n\\text{ or } 8\n\\]", "7 \\text{ or } 8"),  # all of the formula, not its first line
        ("Answer:\n$$\n7", "7"),
        ("Answer:\n$$\n$$", None),
        ("$$\n#### 7\n$$", "7"),
        ("#### Step 3: Add up\n3 + 4 = 7\n\n**Answer:** 7", "7"),
        ("#### **Step 3**\nSo it is 7", None),
        ("#### Step 1: 3 + 4 = 7", None),
        ("#### 7\n#### Step 2: check it", "7"),
        ("\\boxed{7}\n#### Step 2: check it", "7"),
        ("#### Stepwise 7", "Stepwise 7"),
        ("#### Answer: 7", "7"),
        ("#### Final Answer: 7", "7"),
        ("#### **Final Answer: 7**", "7"),
        ("#### **Final Answer:** 7", "7"),
        ("#### The answer is 7", "7"),
        ("#### The answer is **7**", "7"),
        ("#### Final answer\n#### 7", "7"),
        ("#### Answer: 3\n#### 4", "3, 4"),
        ("#### The answer is not 7", "not 7"),
        ("#### answering 7", "answering 7"),
        ("#### 72", "72"),
        ("#### 3\nNo, that is too few.\n#### 4", "4"),  # a correction
        ("<answer>3</answer> or #### 4", "4"),  # the mark comes first
        (r"\boxed{\boxed{3}}", "3"),
    ],
)
def test_the_answer_is_found(response, answer):
    assert extract_answer(response) == answer


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("So\n$$\n7\n$$", "7"),
        ("So\n\\[\nx = 7\n\\]\n", "x = 7"),
        ("$$\n8\n$$\n7", "7"),
        ("So\n$$\n7 \\text{ or}\n8\n$$", "7 \\text{ or} 8"),
    ],
)
def test_the_last_line_may_be_a_formula(response, answer):
    assert extract_answer(response, last_line=True) == answer


def test_the_end_of_a_long_response_is_searched():
    assert extract_answer("x" * 9_000 + "\n#### 7") == "7"
    assert extract_answer("#### 7\n" + "x" * 8_000) == "7"
    assert extract_answer("#### 7\n" + "x" * 9_000) is None


def test_a_long_answer_is_cut_and_marked_as_cut():
    assert extract_answer("#### " + "7" * 512) == "7" * 512
    assert extract_answer("#### " + "7" * 513) == "7" * 512 + " ⋯"
    spaces = " " * 600  # which count as one
    assert extract_answer(rf"\boxed{{\frac{{1}}{spaces}{{2}}}}") == r"\frac{1} {2}"
    assert extract_answer(rf"\boxed{{{'{1}' * 400}}}") is None


@pytest.mark.parametrize(
    ("line", "said"),
    [("#### 7", "7"), ("#### Answer: 7", "7"), ("####", ""), ("#### Answer:", ""), ("#### Step 2", None), ("7", None)],
)
def test_what_a_marked_line_says(line, said):
    assert without_mark(line) == said


@pytest.mark.parametrize("family", [GSM8K(), Arithmetic()], ids=lambda family: family.name)
@pytest.mark.parametrize(
    "response",
    ["3 + 4 = 7\nAnswer:\n$$\n7\n$$", "#### Step 1: Add up\n3 + 4 = 7\n\n**Answer:** 7", "#### **Final Answer: 7**"],
)
def test_such_answers_are_paid(family, response):
    assert family.verify(task_of("7"), response).score == 1
    assert family.verify(task_of("8"), response).score == 0
    assert family.answer(response) == "7"


def test_the_heading_of_a_step_does_not_end_an_episode():
    family, task = GSM8K(), task_of("7")
    for step, ends in (("#### Step 1: 3 + 4 = 7", False), ("#### 7", True), ("#### Answer: 7", True)):
        assert family.is_final(task, step, family.check_step(task, (), step)) == ends
