import json
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs.datasets import read_rows
from pmd_envs.errors import ConfigError, DatasetError, VerifierError
from pmd_envs.families.gsm8k import GSM8K, GSM8K_DATA
from pmd_envs.records import Problem, StepVerdict, Task
from pmd_envs.verifiers.numbers import parse_number

FAMILY = GSM8K()
ROW = {
    "question": "Mia has 4 jars of 15 beads and loses 12 beads. How many are left?",
    "answer": "She starts with 4*15=<<4*15=60>>60 beads.\nShe has 60-12=<<60-12=48>>48 left.\n#### 48",
}
SEEDS = st.integers(0, 2**32)
DIFFICULTIES = st.sampled_from(FAMILY.difficulties)


def as_task(problem: Problem) -> Task:
    return Task("x", FAMILY.name, "train", problem.prompt, problem.gold, problem.facts, "")


TASK = as_task(FAMILY.from_row(ROW))


@given(SEEDS, DIFFICULTIES)
def test_gold_solutions_score_one_and_every_step_checks(seed: int, difficulty: int):
    task = as_task(FAMILY.generate(random.Random(seed), difficulty))
    *steps, last = FAMILY.split_steps(FAMILY.gold_solution(task))
    assert len(steps) == difficulty
    for index, step in enumerate(steps):
        verdict = FAMILY.check_step(task, steps[:index], step)
        assert verdict.ok is True
        assert not FAMILY.is_final(task, step, verdict)
    assert FAMILY.check_step(task, steps, last).ok is None
    assert FAMILY.is_final(task, last, StepVerdict(None, ""))
    verdict = FAMILY.verify(task, FAMILY.gold_solution(task))
    assert (verdict.score, verdict.first_wrong_step) == (1, None)


@given(SEEDS, DIFFICULTIES)
def test_wrong_solutions_score_zero_and_are_told_no_answer(seed: int, difficulty: int):
    rng = random.Random(seed)
    task = as_task(FAMILY.generate(rng, difficulty))
    response = FAMILY.wrong_solution(rng, task)
    verdict = FAMILY.verify(task, response)
    assert verdict.score == 0
    assert len(verdict.reason) < 160
    assert response.splitlines()[-1].startswith("#### ")
    if verdict.first_wrong_step is None:
        assert task.gold not in verdict.reason.replace(response.splitlines()[-1][5:], "").split()


def test_wrong_solutions_make_different_kinds_of_mistakes():
    task = as_task(FAMILY.generate(random.Random(5), 3))
    gold = FAMILY.gold_solution(task).splitlines()
    responses = [FAMILY.wrong_solution(random.Random(seed), task).splitlines() for seed in range(60)]
    assert any(len(response) == len(gold) - 1 for response in responses)
    caught = {FAMILY.verify(task, "\n".join(response)).first_wrong_step is not None for response in responses}
    assert caught == {True, False}


@given(SEEDS)
def test_wrong_solutions_exist_for_published_rows_with_and_without_equations(seed: int):
    plain = {"question": "How many?", "answer": "There are as many as she has fingers.\n#### 10"}
    for row in (ROW, plain):
        task = as_task(FAMILY.from_row(row))
        assert FAMILY.verify(task, FAMILY.wrong_solution(random.Random(seed), task)).score == 0


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("48 beads", 1), ("48 km", 1), ("48 (in total)", 1), ("4 dozen", 1), ("4 dozens of beads", 1), ("48 points", 1),
        ("48 wrong answers", 1), ("48 dozen", 0), ("48 hundredths", 0), ("48 sixteenths", 0), ("48 millions", 0),
        ("48 wrong", 0), ("48 (wrong)", 0), ("48k", 0), ("48 bn", 0), ("48 hundreds", 0), ("48 halves", 0),
    ],
)  # fmt: skip
def test_a_word_that_changes_the_number_is_no_unit(answer: str, score: int):
    assert FAMILY.verify(TASK, f"#### {answer}").score == score


@given(SEEDS, DIFFICULTIES)
def test_generation_is_repeatable_and_its_facts_are_json(seed: int, difficulty: int):
    problem = FAMILY.generate(random.Random(seed), difficulty)
    assert problem == FAMILY.generate(random.Random(seed), difficulty)
    assert json.loads(json.dumps(problem.facts)) == problem.facts
    assert problem.facts["kind"] in FAMILY.kinds(difficulty)
    assert str(problem.facts["kind"]) in FAMILY.content(problem)
    assert problem.prompt not in FAMILY.content(problem)


def test_every_kind_can_be_asked_for():
    for difficulty in FAMILY.difficulties:
        for kind in FAMILY.kinds(difficulty):
            assert FAMILY.generate_kind(random.Random(1), kind, difficulty).facts["kind"] == kind


def test_unknown_kinds_and_difficulties_are_the_callers_mistake():
    with pytest.raises(ConfigError, match="Did you mean"):
        FAMILY.generate_kind(random.Random(1), FAMILY.kinds(2)[0] + "s", 2)
    with pytest.raises(ConfigError, match="difficulty"):
        FAMILY.generate(random.Random(1), 11)


def test_a_row_becomes_a_problem_without_annotations():
    problem = FAMILY.from_row(ROW)
    assert (problem.prompt, problem.gold) == (ROW["question"], "48")
    assert problem.facts["solution"] == "She starts with 4*15=60 beads.\nShe has 60-12=48 left.\n#### 48"
    assert FAMILY.content(problem) == problem.prompt


@pytest.mark.parametrize(
    "row", [{}, {"question": "q"}, {"question": "q", "answer": "48"}, {"question": "q", "answer": "#### many"}]
)
def test_a_row_of_another_shape_is_a_dataset_error(row: dict):
    with pytest.raises(DatasetError, match="GSM8K"):
        FAMILY.from_row(row)


def test_a_gold_that_is_no_number_is_never_a_score():
    with pytest.raises(VerifierError, match="gold"):
        FAMILY.verify(Task("x", "GSM8K", "train", "", "many", {}, ""), "#### 5")


@pytest.mark.parametrize(
    "response",
    [
        "#### 48",
        "#### 48.0",
        "#### $48 in all",
        "#### 48 times",
        "The answer is 48 times.",
        "#### 48 quarters",
        "#### 48°C",
        "#### 48 (forty-eight)",
        "so \\boxed{48}",
        "The answer is 48.",
        "<think>50?</think>\n#### 48",
    ],
)
def test_the_right_number_scores_one_in_any_dress(response: str):
    assert FAMILY.verify(TASK, response).score == 1


@pytest.mark.parametrize(
    "response",
    ["", "48", "#### 47", "#### 48 or 47", "\\boxed{48} or \\boxed{47}", "#### not 48", "#### 48%", "#### 48.01",
     "<think>#### 48", "#### 4 8", "#### 48x", "#### " + "48" * 400, "#### 96 / 2", "#### 96/2", "#### \\frac{96}{2}",
     "#### 96 ÷ 2", "\\boxed{96/2}", "#### 48 times 1", "#### 48 times as many", "#### 48 (forty-nine)",
     "#### 48 quarters of an hour", "#### 47 times"],
)  # fmt: skip
def test_anything_else_scores_zero(response: str):
    verdict = FAMILY.verify(TASK, response)
    assert verdict.score == 0
    assert len(verdict.reason) < 160


def test_the_first_wrong_step_is_named():
    verdict = FAMILY.verify(TASK, "She starts with 4*15=60.\nShe has 60-12=47 left.\nSo 47+1=50.\n#### 47")
    assert verdict.first_wrong_step == 1
    assert verdict.reason == "step 2: 60-12=47 is wrong: it is 48"


def test_a_right_answer_with_a_wrong_step_scores_one_and_says_so():
    verdict = FAMILY.verify(TASK, "4*15=70\n60-12=48\n#### 48")
    assert (verdict.score, verdict.first_wrong_step) == (1, 0)
    assert "4*15=70" in verdict.reason


def test_a_wrong_answer_is_quoted_and_the_right_one_is_not():
    verdict = FAMILY.verify(TASK, "4*15=60\n60+12=72\n#### 72")
    assert verdict.reason == "the answer 72 is not correct"


@given(st.text(max_size=80), st.sampled_from(["#### ", "\\boxed{", "The answer is ", ""]))
def test_no_response_raises(text: str, mark: str):
    verdict = FAMILY.verify(TASK, f"{text}\n{mark}{text}")
    assert verdict.score in (0, 1)
    FAMILY.is_final(TASK, text, FAMILY.check_step(TASK, (), text))


def published() -> Iterator[Task]:
    for split in ("train", "validation", "test"):
        for row in read_rows(GSM8K_DATA, split, "local"):
            yield as_task(FAMILY.from_row(row))


@pytest.mark.realdata
def test_every_published_solution_scores_one_and_its_neighbour_zero():
    tasks = list(published())
    assert len(tasks) == 8792
    flawed = 0
    for task in tasks:
        solution = FAMILY.gold_solution(task)
        verdict = FAMILY.verify(task, solution)
        assert verdict.score == 1
        flawed += verdict.first_wrong_step is not None
        steps, mark, number = solution.rpartition("####")
        value = parse_number(number)
        assert value is not None
        assert FAMILY.verify(task, f"{steps}{mark} {value + 1}").score == 0
    # Some sixty published solutions do contain a wrong or unusual equation.
    assert flawed < 0.01 * len(tasks)
