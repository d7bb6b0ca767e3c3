"""Generated families whose answer is worked out line by line, and Countdown."""

import random
import re
from collections import Counter

import pytest

from pmd_envs.env import load_family
from pmd_envs.errors import ConfigError
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


@pytest.fixture
def countdown():
    facts = {"numbers": [3, 4, 7, 10]}
    return Task("x", "Countdown", "train", "", "31", facts, "")


@pytest.mark.parametrize("answer", ["7 * 3 + 10", "(7 * 3) + 10", "10 + 7 x 3", "3 × 7 + 10", "7 * 4 + 3"])
def test_countdown_takes_every_right_expression(countdown, answer):
    assert COUNTDOWN.verify(countdown, f"#### {answer}").score == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("31", "31 is not given"),
        ("7 * 3 + 10 + 7 - 7", "7 is not given, or not so often"),
        ("10 * 3 + 1", "1 is not given"),
        ("7 * 4", "7 * 4 is 28"),
        ("3 ** 3 + 4", "not an expression"),
        ("seven", "not an expression"),
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
