"""Generated families whose answer is worked out line by line, and Countdown."""

import random
import re
from collections import Counter
from dataclasses import replace

import pytest

from pmd_envs.env import load_family
from pmd_envs.errors import ConfigError
from pmd_envs.families import countdown as countdown_module
from pmd_envs.records import Task
from pmd_envs.sandbox import check_code

PATHS = (
    "arithmetic:Arithmetic",
    "linear_equations:LinearEquations",
    "number_theory:NumberTheory",
    "countdown:Countdown",
    "unit_conversion:UnitConversion",
    "output_prediction:OutputPrediction",
)
FAMILIES = [load_family(f"pmd_envs.families.{path}") for path in PATHS]
COUNTDOWN = load_family("pmd_envs.families.countdown:Countdown")
each_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


def drawn(family, level, seed, kind=None):
    rng = random.Random(f"{family.name}/{level}/{seed}")
    problem = family.generate(rng, level) if kind is None else family.generate_kind(rng, kind, level)
    return problem, Task("x", family.name, "train", problem.prompt, problem.gold, problem.facts, "")


@each_family
def test_every_kind_of_every_level_is_solved_and_missed(family):
    assert family.difficulties == tuple(range(1, 11))
    for level in family.difficulties:
        for kind in family.kinds(level):
            for seed in range(2):
                _, task = drawn(family, level, seed, kind)
                assert task.facts["plan"]
                verdict = family.verify(task, family.gold_solution(task))
                assert (verdict.score, verdict.first_wrong_step) == (1, None)
                wrong = family.wrong_solution(random.Random(seed), task)
                assert family.verify(task, wrong).score == 0
                assert len(family.split_steps(family.gold_solution(task))) <= family.max_turns


@each_family
def test_no_constant_answer_is_worth_much_and_problems_differ(family):
    for level in (1, 5, 10):
        problems = [drawn(family, level, seed)[0] for seed in range(100)]
        assert Counter(problem.gold for problem in problems).most_common(1)[0][1] <= 20
        assert len({family.content(problem) for problem in problems}) >= 40


@each_family
def test_a_wrong_level_or_kind_is_named(family):
    with pytest.raises(ConfigError, match="11"):
        family.generate(random.Random(0), 11)
    with pytest.raises(ConfigError, match="no such kind"):
        family.generate_kind(random.Random(0), "no such kind", 1)


def test_programs_print_what_the_family_says():
    family = load_family("pmd_envs.families.output_prediction:OutputPrediction")
    tasks = [drawn(family, level, level, kind)[1] for level in (2, 5, 9) for kind in family.kinds(level)]
    assert len({task.facts["kind"] for task in tasks}) == 5
    for task in tasks:
        program = re.sub(r"print\((.*)\)$", r"value = \1", task.prompt.partition("\n\n")[2])
        assert check_code(program, [f"assert value == {task.gold}"]).passed


def test_a_step_that_repeats_the_question_is_not_told_the_answer():
    family = load_family("pmd_envs.families.arithmetic:Arithmetic")
    for level, kind in [(1, "sum"), (6, "sum"), (4, "products"), (6, "brackets")]:
        _, task = drawn(family, level, level, kind)
        asked = task.prompt.removeprefix("Compute ").removesuffix(".")
        for step in (f"{asked} = 0", f"Sum: 0 = {asked}", f"{asked} + 0 = 0", f"0 = 0 = {asked}", f"{asked} > 999999"):
            verdict = family.check_step(task, (), step)
            assert verdict.ok is False
            assert verdict.reason.endswith(" is wrong")
            assert family.verify(task, f"{step}\n#### -1").reason == f"step 1: {verdict.reason}"
        assert family.check_step(task, (), f"{asked} = {task.gold}").ok is True


def test_other_steps_are_told_what_they_come_to():
    family = load_family("pmd_envs.families.arithmetic:Arithmetic")
    _, task = drawn(family, 6, 6, "products")
    assert family.check_step(task, (), "Product 1: 7 * 8 = 55").reason == "7 * 8 = 55 is wrong: it is 56"
    other = load_family("pmd_envs.families.unit_conversion:UnitConversion")
    _, task = drawn(other, 1, 1)
    assert other.check_step(task, (), "7 * 8 = 55").reason == "7 * 8 = 55 is wrong: it is 56"


@pytest.fixture
def countdown():
    facts = {"numbers": [3, 4, 7, 10]}
    return Task("x", "Countdown", "train", "", "31", facts, "")


@pytest.mark.parametrize(
    "answer",
    [
        *("7 * 3 + 10", "(7 * 3) + 10", "10 + 7 x 3", "3 × 7 + 10", "7 * 4 + 3"),
        *(
            r"7 \times 3 + 10",
            r"$7 \cdot 3 + 10$",
            "7·3 + 10",
            r"\left(7 \times 3\right) + 10",
            "10 + 7 ∗ 3",
            "10 − 7 + 4 * 7",
        ),
        *("[7 * 3] + 10", "[(7 * 3) + 10] = 31", "10 + [7 * 3]"),
        *("(7 * 3) + 10 = 31", r"7 \times 3 + 10 = 31", "**7 * 3 + 10**"),
    ],
)
def test_countdown_takes_every_right_expression(countdown, answer):
    numbers = [3, 4, 7, 7, 10] if answer.count("7") > 1 else countdown.facts["numbers"]
    task = replace(countdown, facts={"numbers": numbers})
    for response in (f"#### {answer}", f"\\boxed{{{answer}}}", f"The answer is {answer}."):
        assert COUNTDOWN.verify(task, response).score == 1
        assert COUNTDOWN.answer(response) == "31"


def test_countdown_reads_each_of_many_lines_once(countdown, monkeypatch):
    """Each step is judged by all lines before it: 256 lines of any text took five seconds."""
    read = []
    monkeypatch.setattr(countdown_module, "readable", lambda text: read.append(text) or text)
    countdown_module._read.cache_clear()
    lines = [f"line {number} of some text" for number in range(256)]
    for number, line in enumerate(lines):
        assert COUNTDOWN.check_step(countdown, lines[:number], line).ok is None
    assert len(read) <= 2 * len(lines)
    countdown_module._read.cache_clear()


def test_countdown_reads_fractions_and_divisions():
    task = Task("x", "Countdown", "train", "", "12", {"numbers": [2, 4, 10, 14]}, "")
    for answer in (r"\frac{14 + 10}{2}", r"(14 + 10) \div 2", "(14 + 10) ÷ 2 = 12", r"\dfrac{14 + 10}{4 - 2} = 12"):
        assert COUNTDOWN.verify(task, f"\\boxed{{{answer}}}").score == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("31", "31 is not given"),
        ("7 * 3 + 10 + 7 - 7", "7 is not given, or not so often"),
        ("10 * 3 + 1", "1 is not given"),
        ("7 * 4", "7 * 4 is 28"),
        ("3 ** 3 + 4", "not an expression"),
        ("seven", "not an expression"),
        ("(7 * 3] + 10", "not an expression"),
        ("[7 * 3) + 10", "not an expression"),
        ("[7 * 3 + 10", "not an expression"),
        ("]7 * 3[ + 10", "not an expression"),
        ("[7, 3] + 10", "not an expression"),
        ("31 = 31", "31 is not given"),
        ("= 31", "not an expression"),
        ("7 * 3 + 10 = 30", "not an expression"),
        ("7 * 4 = 31", "not an expression"),
        ("7 * 4 = 28", "7 * 4 is 28"),
        ("7 * 3 + 10 = 31 = 31", "not an expression"),
        ("7 * 3 + 10 = 31 or 7 * 4 + 3", "not an expression"),
        (r"7 \times 4", "7 * 4 is 28"),
        ("7 **3 + 10", "not an expression"),
        ("7² - 18", "not an expression"),
        ("10 / (7 - 3 - 4)", "not an expression"),
    ],
)
def test_countdown_takes_nothing_else(countdown, answer, words):
    verdict = COUNTDOWN.verify(countdown, f"#### {answer}")
    assert verdict.score == 0
    assert words in verdict.reason


def test_countdown_steps_use_what_is_left(countdown):
    def judge(*steps):
        return COUNTDOWN.check_step(countdown, steps[:-1], steps[-1])

    assert judge("7 * 3 = 21").ok is True
    assert judge("7 * 3 = 20").ok is False
    assert judge("7 * 3 = 21", "21 + 10 = 31").ok is True
    assert judge("7 * 3 = 21", "7 + 4 = 11").reason == "7 is not there (any more)"
    assert judge("7 + 7 = 14").ok is False
    assert judge("Hm.").ok is None
    assert judge("3 - 10 = 7").ok is False


@pytest.mark.parametrize(
    "line",
    [
        *(
            "First, 7 * 3 = 21.",
            "- 7 * 3 = 21",
            "* 7 * 3 = 21",
            "• 7 · 3 = 21",
            "Step 1: 7 * 3 = 21",
            "**Step 1:** 7 x 3 = 21",
        ),
        *(
            "1. 7 * 3 = 21",
            "(1) 7 ∗ 3 = 21;",
            r"7 \times 3 = 21",
            r"$7 \cdot 3 = 21$",
            r"\(7 \times 3 = 21\)",
            "**7 × 3 = 21**",
        ),
        *("Then 7 * 3 = 21", "So, 7 * 3 = 21"),
    ],
)
def test_countdown_reads_steps_in_any_dress(countdown, line):
    def judge(*steps):
        return COUNTDOWN.check_step(countdown, steps[:-1], steps[-1]).ok

    assert judge(line) is True
    assert judge(line.replace("21", "22")) is False
    assert judge(line, "21 + 10 = 31") is True
    assert judge(line, "7 + 4 = 11") is False
    assert COUNTDOWN.verify(countdown, f"{line}\n21 + 10 = 31\n#### 7 * 3 + 10").first_wrong_step is None
    assert COUNTDOWN.verify(countdown, f"{line}\n21 + 7 = 28\n#### 7 * 3 + 10").first_wrong_step == 1


@pytest.mark.parametrize("line", ["14 ÷ 7 = 2", r"14 \div 7 = 2", "16 − 14 = 2", "16 – 14 = 2"])
def test_countdown_reads_other_signs(countdown, line):
    task = replace(countdown, facts={"numbers": [7, 14, 16]})
    assert COUNTDOWN.check_step(task, (), line).ok is True
    assert COUNTDOWN.check_step(task, (), line.replace("= 2", "= 3")).ok is False


@pytest.mark.parametrize(
    "line",
    [
        *(
            "I see that 7 * 3 = 21",
            "7 times 3 is 21",
            "That leaves 21 and 10.",
            "7 * 3 = 21, so 21 is there",
            "7 * 3 ＝ 21!?",
        ),
        *("7 * then 3 = 21", "(7) * 3 = 21", "7 minus 3 is 4", "7 and 3 add up to 10", "Hm. " * 150),
    ],
)
def test_countdown_leaves_open_what_comes_after_a_line_that_was_not_read(countdown, line):
    def judge(step):
        return COUNTDOWN.check_step(countdown, [line], step).ok

    assert judge("21 + 10 = 31") is None
    assert judge("4 + 4 = 8") is None
    assert judge("7 + 4 = 11") is None
    assert judge("21 + 10 = 32") is False
    response = f"{line}\n21 + 10 = 31\n5 + 5 = 10\n#### 7 * 3 + 10"
    assert COUNTDOWN.verify(countdown, response).first_wrong_step is None
    assert COUNTDOWN.verify(countdown, f"{line}\n21 + 10 = 32\n#### 7 * 3 + 10").first_wrong_step == 1


@pytest.mark.parametrize(
    "line",
    [
        *(
            "Start over.",
            "Starting again:",
            "Hmm, that does not work.",
            "That doesn't work",
            "No, go back.",
            "Undo that.",
        ),
        *(
            "Let me try something else.",
            "Instead, take the others.",
            "Wait.",
            "That was a mistake.",
            "Back to 3 and 7.",
        ),
        *("Backtracking...", "Another way:", "That is wrong.", "A dead end", "Let us restart.", "We didn’t get it"),
    ],
)
def test_countdown_leaves_open_what_is_there_after_a_line_that_takes_back(countdown, line):
    assert COUNTDOWN.check_step(countdown, ["3 + 7 = 10", line], "7 * 3 = 21").ok is None
    assert COUNTDOWN.check_step(countdown, ["3 + 7 = 10", line], "7 * 3 = 22").ok is False
    assert COUNTDOWN.verify(countdown, f"3 + 7 = 10\n{line}\n7 * 3 = 21\n#### 7 * 3 + 10").first_wrong_step is None


@pytest.mark.parametrize("line", ["Make 31 from 3, 4, 7, 10.", "Left: 4, 10, 21", "Good: 21.", "Step 2:", "Hm."])
def test_countdown_knows_what_is_left_after_a_line_that_combines_nothing(countdown, line):
    assert COUNTDOWN.check_step(countdown, ["7 * 3 = 21", line], "7 + 4 = 11").ok is False
    assert COUNTDOWN.check_step(countdown, ["7 * 3 = 21", line], "21 + 10 = 31").ok is True
