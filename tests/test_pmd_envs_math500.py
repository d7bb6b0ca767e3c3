"""MATH500: generated problems, published ones, and answers that are equal and yet none."""

import json
import random
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs.datasets import read_rows
from pmd_envs.env import ReasoningEnv
from pmd_envs.errors import ConfigError, DatasetError
from pmd_envs.families.math500 import KINDS, MATH500, MATH500_DATA, _bare
from pmd_envs.families.math_full import MATH, MATH_DATA
from pmd_envs.math.verify import verify_math
from pmd_envs.records import Problem, StepVerdict, Task

FAMILY = MATH500()
ROW = {
    "problem": "What is the product of the solutions of $x^2 - 5x + 6 = 0$?",
    "solution": "The solutions are 2 and 3.\nTheir product is $2 \\cdot 3 = \\boxed{6}$.",
    "answer": "6",
}
SEEDS = st.integers(0, 2**32)
EACH_KIND = st.sampled_from(list(KINDS.values()))
BOX = "\\boxed{%s}"


def as_task(problem: Problem) -> Task:
    return Task("x", FAMILY.name, "train", problem.prompt, problem.gold, problem.facts, "")


def task_of(kind: str, seed: int = 0) -> Task:
    return as_task(FAMILY.generate_kind(random.Random(seed), kind, KINDS[kind].difficulty))


TASK = as_task(FAMILY.from_row(ROW))


@given(SEEDS, EACH_KIND)
def test_gold_solutions_score_one_and_every_step_checks(seed, kind):
    task = task_of(kind.name, seed)
    *steps, last = FAMILY.split_steps(FAMILY.gold_solution(task))
    assert 1 <= len(steps) < FAMILY.max_turns
    for index, step in enumerate(steps):
        verdict = FAMILY.check_step(task, steps[:index], step)
        assert verdict.ok is True, (step, verdict)
        assert not FAMILY.is_final(task, step, verdict)
    assert FAMILY.is_final(task, last, StepVerdict(None, ""))
    verdict = FAMILY.verify(task, FAMILY.gold_solution(task))
    assert (verdict.score, verdict.first_wrong_step) == (1, None)
    assert FAMILY.verify(task, last).score == 1


@given(SEEDS, EACH_KIND)
def test_wrong_solutions_score_zero_and_are_told_no_answer(seed, kind):
    task = task_of(kind.name, seed)
    response = FAMILY.wrong_solution(random.Random(seed), task)
    verdict = FAMILY.verify(task, response)
    assert verdict.score == 0
    assert len(verdict.reason) < 160
    assert response.splitlines()[-1].startswith("\\boxed{")
    assert FAMILY.gold_solution(task).splitlines()[-1] not in verdict.reason
    assert FAMILY.feedback_on_wrong(task, response) == verdict.reason


@given(SEEDS, EACH_KIND)
def test_a_slip_is_carried_on_and_its_step_is_named(seed, kind):
    problem = FAMILY.generate_kind(random.Random(seed), kind.name, kind.difficulty)
    numbers = tuple(problem.facts["numbers"])
    for slipped in range(kind.results(numbers)):
        response = kind.solution(numbers, slipped, 1)
        verdict = FAMILY.verify(as_task(problem), response)
        if re.search(r": \d+ / \d+ = ", response.splitlines()[slipped]) and verdict.first_wrong_step is None:
            continue  # "8 / 9 = 1" may be a share of something
        assert verdict.first_wrong_step == slipped
        assert " is wrong: it is " in verdict.reason


@given(SEEDS, EACH_KIND)
def test_generation_is_repeatable_short_and_json(seed, kind):
    problem = FAMILY.generate_kind(random.Random(seed), kind.name, kind.difficulty)
    assert problem == FAMILY.generate_kind(random.Random(seed), kind.name, kind.difficulty)
    assert json.loads(json.dumps(problem.facts)) == problem.facts
    assert FAMILY.content(problem) == f"{kind.name} {problem.facts['numbers']}"
    assert len(problem.prompt.split()) <= 30
    assert 8 <= len(str(problem.facts["plan"]).split()) <= 25


def test_every_level_has_kinds_and_plans_differ():
    assert len({kind.plan for kind in KINDS.values()}) == len(KINDS) >= 20
    for difficulty in FAMILY.difficulties:
        assert len(FAMILY.kinds(difficulty)) >= 4
        drawn = {FAMILY.generate(random.Random(seed), difficulty).facts["kind"] for seed in range(80)}
        assert drawn == set(FAMILY.kinds(difficulty))


def test_unknown_kinds_and_difficulties_are_the_callers_mistake():
    with pytest.raises(ConfigError, match="Did you mean"):
        FAMILY.generate_kind(random.Random(1), FAMILY.kinds(2)[0] + "s", 2)
    with pytest.raises(ConfigError, match="difficulty"):
        FAMILY.generate(random.Random(1), 9)


@pytest.mark.parametrize(
    "form", ["\\frac{%d}{%d}", "\\dfrac{%d}{%d}", "%d/%d", "x = \\frac{%d}{%d}", "\\tfrac{%d}{%d}"]
)
def test_a_fraction_may_be_written_in_many_ways(form):
    task = as_task(Problem("", "\\frac{3}{4}", {"kind": "fraction_sum", "numbers": [1, 2, 1, 4]}))
    assert FAMILY.verify(task, BOX % (form % (3, 4))).score == 1
    assert FAMILY.verify(task, BOX % (form % (4, 3))).score == 0


@pytest.mark.parametrize(
    "answer", ["15", "15.0", "x = 15", "15 \\text{ cm}", "\\text{15}", " 15. ", "\\left(15\\right)"]
)
def test_the_right_number_scores_one_in_any_dress(answer):
    task = as_task(Problem("", "15", {"kind": "equation_sum", "numbers": [5, 20]}))
    assert FAMILY.verify(task, BOX % answer).score == 1


@pytest.mark.parametrize(
    "answer",
    ["20 - 5", "20-5", "10 + 5", "3 \\cdot 5", "3 * 5", "30/2", "\\frac{30}{2}", "30 ÷ 2", "3(5)", "(3)(5)", "2^4 - 1",
     "\\sqrt{225}", "x = 20 - 5", "20 - 5 = 15", "5 × 3", "20 − 5", "30:2", "30 to 2"],
)  # fmt: skip
def test_a_number_has_to_be_worked_out(answer):
    for facts in ({"kind": "equation_sum", "numbers": [5, 20]}, {"kind": "published"}):
        verdict = FAMILY.verify(as_task(Problem("", "15", facts)), BOX % answer)
        assert verdict.score == 0, facts
        assert "15" not in verdict.reason.replace(answer, "")


PUBLISHED = [
    (
        r"Simplify $\sqrt{50}.$",
        r"5\sqrt{2}",
        [r"\sqrt{50}", r"\sqrt {50}", r"\sqrt{ 50 }"],
        [r"5 \sqrt 2", r"\sqrt{2} \cdot 5"],
    ),
    (r"What is $\sqrt{53}$ in simplest form?", r"\sqrt{53}", [], [r"\sqrt{53}", r"\sqrt 53"]),
    (
        r"Find $\sqrt{8} + \sqrt{18}$.",
        r"5\sqrt{2}",
        [r"\sqrt{8} + \sqrt{18}", r"\sqrt{18}+\sqrt{8}"],
        [r"5\sqrt{2}"],
    ),
    (
        "Factor $xy + 3x + 2y + 6$.",
        "(x+2)(y+3)",
        ["xy + 3x + 2y + 6", "xy+3x+2y+6"],
        ["(x + 2)(y + 3)", "(y+3)(x+2)"],
    ),
    (
        r"Compute $\cos 60^\circ \cdot \frac{1}{3}$.",
        r"\frac{1}{6}",
        [r"\frac{\cos 60^\circ}{3}"],
        [r"\dfrac{1}{6}", "1/6"],
    ),
    (r"Find $\arcsin 1.$", r"\frac{\pi}{2}", [r"\arcsin 1"], [r"\pi/2", r"\frac{1}{2} \pi"]),
    (r"Write $\frac{3}{8}$ as a decimal.", "0.375", [r"\frac{3}{8}", r"\dfrac{3}{8}"], ["0.375", ".375"]),
    (r"Half of them are $\frac{1}{2}$. What share?", r"\frac{1}{2}", [], ["1/2", r"\frac12", r"\dfrac{1}{2}"]),
    (r"Express $\sin 2x$ by others.", r"2 \sin x \cos x", [r"\sin 2x"], [r"2\cos x\sin x"]),
    ("The point $(3, 4)$ stays where it is. Where?", "(3,4)", [], ["(3, 4)", "(3,4)"]),
]


@pytest.mark.parametrize(("prompt", "gold", "refused", "paid"), PUBLISHED)
def test_a_published_expression_is_neither_repeated_nor_left_to_be_computed(prompt, gold, refused, paid):
    task = as_task(Problem(prompt, gold, {"kind": "published"}))
    for answer in refused:
        assert verify_math(BOX % answer, gold).score == 1, answer  # equal, as it stands in the problem
        assert "not worked out" in FAMILY.verify(task, BOX % answer).reason
    for answer in paid:
        assert FAMILY.verify(task, BOX % answer).score == 1, answer


def test_repeating_the_expression_is_not_simplifying_it():
    for kind in ("like_terms", "expand_product", "fraction_sum", "fraction_tower", "lowest_terms"):
        task = task_of(kind)
        asked = task.prompt.partition("$")[2].partition("$")[0]
        verdict = FAMILY.verify(task, BOX % asked)
        assert verdict.score == 0, asked
        assert "not worked out" in verdict.reason


@pytest.mark.parametrize(
    "answer", ["9/12", "9 / 12", "\\frac{9}{12}", "\\dfrac{30}{40}", "\\frac{3}{4} 1", "\\frac{3}{4}\t1"]
)
def test_a_fraction_is_in_lowest_terms_and_stands_alone(answer):
    task = as_task(Problem("", "\\frac{3}{4}", {"kind": "lowest_terms", "numbers": [3, 4, 3]}))
    assert FAMILY.verify(task, BOX % answer).score == 0


def test_both_roots_are_needed():
    task = task_of("quadratic_roots")
    small, large = task.gold.split(", ")
    for right in (f"{small}, {large}", f"x = {small}, x = {large}", f"\\{{{small}, {large}\\}}"):
        assert FAMILY.verify(task, BOX % right).score == 1, right
    for wrong in (small, large, f"{small}, {small}", f"{small}, {large}, 99", f"-{small}, {large}"):
        assert FAMILY.verify(task, BOX % wrong).score == 0, wrong


@given(SEEDS)
def test_the_difference_of_the_roots_is_a_square_root(seed):
    task = task_of("quadratic_roots", seed)
    *_, discriminant, difference, _, _, _ = FAMILY.split_steps(FAMILY.gold_solution(task))
    square = discriminant.rpartition(" = ")[2]
    root = difference.removeprefix("Difference of the roots: ").partition(",")[0]
    assert difference == f"Difference of the roots: {root}, since {root} * {root} = {square}"
    assert FAMILY.check_step(task, (), difference).ok is True
    assert FAMILY.check_step(task, (), difference.replace(f"{root} * {root}", f"{root} * {int(root) + 1}")).ok is False


def test_variables_are_carried_along():
    task = task_of("equation_two_steps")
    assert FAMILY.check_step(task, ["x = 3 * 4 = 12"], "2x + 1 = 25").ok is True
    assert FAMILY.check_step(task, ["x = 3 * 4 = 12"], "2x + 1 = 26").ok is False
    assert FAMILY.check_step(task, [], "2x + 1 = 26").ok is None


@pytest.mark.parametrize(
    "response",
    [
        "",
        "6",
        "It is 6.",
        BOX % "7",
        "<think>" + BOX % "6",
        "\\boxed{6} or \\boxed{7}",
        BOX % "6 or 7",
        BOX % "not 6",
        BOX % "",
    ],
)
def test_anything_but_a_marked_answer_scores_zero(response):
    verdict = FAMILY.verify(TASK, response)
    assert verdict.score == 0
    assert 0 < len(verdict.reason) < 160


def test_equal_answers_are_equal_votes():
    votes = {FAMILY.answer(BOX % text) for text in ("\\frac{1}{2}", "\\dfrac{1}{2}", "\\frac{1}{2} ", "$\\frac{1}{2}$")}
    assert len(votes) == 1
    assert FAMILY.answer(BOX % "5.0") == FAMILY.answer("#### 5")
    assert FAMILY.answer("Hm.") == ""


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"problem": "p", "solution": "s"},
        {"problem": "p", "solution": "s", "answer": 5},
        {**ROW, "answer": "\\frac{"},
    ],
)
def test_a_row_of_another_shape_is_a_dataset_error(row):
    with pytest.raises(DatasetError):
        FAMILY.from_row(row)


@given(SEEDS)
def test_wrong_solutions_exist_for_published_rows(seed):
    for answer in ("6", "\\sqrt{x}", "\\text{Evelyn}", "(3, \\frac{\\pi}{2})"):
        task = as_task(FAMILY.from_row({**ROW, "answer": answer}))
        assert FAMILY.verify(task, FAMILY.wrong_solution(random.Random(seed), task)).score == 0


@given(st.text(max_size=80), st.sampled_from(["#### ", "\\boxed{", "The answer is ", ""]))
def test_no_response_raises(text, mark):
    assert FAMILY.verify(TASK, f"{text}\n{mark}{text}").score in (0, 1)
    FAMILY.is_final(TASK, text, FAMILY.check_step(TASK, (), text))
    FAMILY.answer(mark + text)


def test_a_step_that_repeats_the_question_is_not_told_the_answer():
    facts = {"kind": "fraction_sum"}
    task = Task("x", "MATH500", "train", "Compute $\\frac{1}{2} + \\frac{3}{4}$ as one fraction.", "5/4", facts, "")
    for step in ("1/2 + 3/4 = 1", "$\\frac{1}{2} + \\frac{3}{4} = 1$"):
        assert FAMILY.check_step(task, (), step).reason.endswith(" is wrong")
        assert "1.25" not in FAMILY.verify(task, step).reason
    assert FAMILY.check_step(task, (), "Top: 2 + 3 = 6").reason == "2 + 3 = 6 is wrong: it is 5"


def test_only_the_test_split_is_published():
    assert set(MATH500_DATA.files) == {"test"}
    for split in ("train", "validation"):
        with pytest.raises(DatasetError, match="split"):
            read_rows(MATH500_DATA, split, "local")


@pytest.mark.realdata
def test_every_published_solution_scores_one_and_other_answers_zero():
    env = ReasoningEnv("pmd_envs.families.math500:MATH500", split="test", source="local", granularity="episode")
    assert env.dataset.size == 500
    flawed = []
    for index in range(500):
        task = env.dataset.at(index)
        verdict = FAMILY.verify(task, FAMILY.gold_solution(task))
        assert verdict.score == 1, (task.id, verdict.reason)
        assert FAMILY.verify(task, BOX % task.gold).score == 1, task.gold
        assert FAMILY.verify(task, FAMILY.wrong_solution(random.Random(index), task)).score == 0
        if verdict.first_wrong_step is not None:
            flawed.append((task.id, verdict.reason))
    assert len(flawed) <= 10, flawed


@pytest.mark.realdata
def test_what_a_published_problem_says_is_paid_only_where_the_answer_is_written_so():
    env = ReasoningEnv("pmd_envs.families.math500:MATH500", split="test", source="local", granularity="episode")
    for task in map(env.dataset.at, range(env.dataset.size)):
        for said in re.findall(r"\$([^$]+)\$", task.prompt):
            for part in {said, *said.split("=")}:
                if FAMILY.verify(task, BOX % part.strip().rstrip(".,")).score:
                    said_so = (_bare(text).strip("{}()").casefold() for text in (part.strip(" .,"), task.gold))
                    assert len(set(said_so)) == 1, (task.id, part)  # (C) is a choice, which c names too


@pytest.mark.realdata
def test_every_published_solution_has_room_for_its_steps():
    env = ReasoningEnv("pmd_envs.families.math500:MATH500", split="test", source="local")
    tasks = [env.dataset.at(index) for index in range(env.dataset.size)]
    steps = {task.id: FAMILY.split_steps(FAMILY.gold_solution(task)) for task in tasks}
    assert max(map(len, steps.values())) > 50
    for task_id in (name for name, own in steps.items() if len(own) > 20):
        env.reset(options={"task_id": task_id})
        terminated, left = False, iter(steps[task_id])
        while not terminated:
            _, reward, terminated, truncated, info = env.step(next(left))
            assert not truncated
        assert (reward, info["score"]) == (1, 1), task_id  # what comes after the box is a drawing


@pytest.mark.realdata
def test_training_problems_are_generated_even_where_the_published_set_is():
    for split, source in (("train", "generated"), ("validation", "generated"), ("test", "local")):
        env = ReasoningEnv("pmd_envs.families.math500:MATH500", split=split)
        assert env.dataset.name == source


MATH_ROW = {"problem": ROW["problem"], "level": "Level 2", "type": "Algebra", "solution": ROW["solution"]}


def test_the_whole_set_has_the_published_splits(tmp_path, monkeypatch):
    parquet, pyarrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    for split, count in (("train", 4), ("test", 1)):
        for name in MATH_DATA.files[split]:
            path = tmp_path / "math" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = [{**MATH_ROW, "problem": f"{name} {number}: {ROW['problem']}"} for number in range(count)]
            parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(MATH, "dataset", replace(MATH_DATA, checksums={}))
    found = {}
    for split in ("train", "validation", "test"):
        env = ReasoningEnv("pmd_envs.families.math_full:MATH", split=split, source="local", granularity="episode")
        found[split] = {env.dataset.at(index).prompt for index in range(env.dataset.size)}
        env.reset(options={"index": 0})
        assert env.task.id == f"MATH-v0/data/{split}/0"
        assert env.step(env.family.gold_solution(env.task))[1] == 1
        env.reset(options={"index": 0})
        assert env.step(BOX % "7")[1] == 0
    assert len(found["test"]) == 7
    assert len(found["train"] | found["validation"]) == 28
    assert not found["train"] & found["validation"]


def test_the_whole_set_is_on_the_hub_at_one_revision():
    assert re.fullmatch("[0-9a-f]{40}", MATH_DATA.hub_revision)
    assert MATH_DATA.hub_files == MATH_DATA.files
    assert len(MATH_DATA.files["train"]) == len(set(MATH_DATA.files["train"])) == 7


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"problem": "What is 2 + 2?"}, "needs the texts problem and solution"),
        ({**MATH_ROW, "solution": "It is 6."}, "has its answer in a box"),
    ],
)
def test_a_bad_row_of_the_whole_set_is_refused(row, words):
    with pytest.raises(DatasetError, match=words):
        MATH().from_row(row)
