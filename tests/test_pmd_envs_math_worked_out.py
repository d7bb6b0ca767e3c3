"""MATH500 and MATH: which equal answers to a published plain number are results, and which are still to be computed."""

import json
from math import gcd
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs import verify_math
from pmd_envs.families.math500 import MATH500
from pmd_envs.families.math_full import MATH
from pmd_envs.records import Problem, Task

FAMILIES = (MATH500(), MATH())
PUBLISHED = {"kind": "published", "plan": "", "solution": ""}
GENERATED = {"kind": "equation_sum", "numbers": [5, 20]}

RESULTS = {
    "5": [
        "5", "+5", "5.0", "5.", "05", "(5)", "\\left(5\\right)", "\\{5\\}", "-(-5)", "\\boldsymbol{5}", "\\textrm{5}",
        "\\mathbf{5}", "\\textbf{5}", "\\underline{5}", "\\displaystyle 5", "5, 5", "$5$", "\\$5", "\\$5.00",
        "5\\text{ cm}", "5\\text{ cm}^2", "5 \\mathrm{~cm}^3", "5 cm²", "5\\text{ units}^2", "5\\text{ square units}",
        "5 \\text{ m/s}", "5\\text{ m/s}^2", "5 km/h", "5 miles per hour", "\\frac{5\\text{ m}}{\\text{s}}",
        "5\\text{ cm}^{-1}", "5^\\circ", "5^{\\circ}", "5°", "5 degrees", "5^\\circ\\text{C}", "500\\%",
        "x = 5", "\\theta = 5", "\\theta = 5^\\circ", "f(3) = 5", "f(3) = 5\\text{ cm}^2", "f(g(2)) = 5", "AB = 5",
        "\\text{Area} = 5", "\\sin x = 5", "0.5 \\times 10^1", "P(A) = 5",
    ],
    "72": ["72^\\circ", "72^{\\circ}", "72°", "A = 72^\\circ"],
    "65": ["65\\text{ units}^3", "65 \\text{ cubic units}"],
    "-3": ["-3", "(-3)", "-3^\\circ", "-\\text{3}", "x = -3\\text{ m/s}"],
    "1.25": ["1.25", "1.250", "\\frac{5}{4}", "\\frac54", "5/4", "1\\frac{1}{4}", "1 1/4", "x = \\frac{5}{4}", "125\\%",
             "\\frac{5}{4}\\text{ cm}^2", "\\dfrac{5}{4}^\\circ"],
    "0.15": ["\\frac{3}{20}", "3/20", "15\\%", ".15"],
    "-0.5": ["-\\frac{1}{2}", "\\frac{-1}{2}", "-1/2"],
    "500": ["500", "5 \\times 10^2", "5 hundred"],
}  # fmt: skip
"""Plain golds and the same as a result: with units, labels, degrees and signs, set in some type, or as one fraction."""

TO_COMPUTE = {
    "5": [
        "2+3", "2 + 3", "\\sqrt{25}", "10/2", "\\frac{10}{2}", "10 \\div 2", "2.5 \\cdot 2", "5 \\cdot 1", "5+0",
        "(2+3)", "5(1)", "(5)(1)", "5^1", "5!/4!", "|-5|", "\\lfloor 5.2 \\rfloor", "\\log_2 32", "8-3", "2+3 = 5",
        "10/2 = 5", "x = 10/2", "x = 10/2 = 5", "f(3) = 2 + 3", "10/2\\text{ cm}", "\\frac{10\\text{ m}}{2\\text{ s}}",
        "5/1", "2\\text{ cm} + 3\\text{ cm}", "5\\text{ cm} \\cdot 1", "\\frac{10}{2}^\\circ", "(2+3)^\\circ",
        "10/2, 5", "\\{2+3\\}", "\\binom{5}{1}", "\\boldsymbol{2+3}", "\\text{2 + 3}", "500\\% \\cdot 1", "-(-10/2)",
    ],
    "1.25": ["1 + \\frac14", "\\frac{2.5}{2}", "2.5/2", "\\frac{10}{8}", "10/8", "1\\frac{2}{8}", "5 \\cdot 0.25",
             "2.5^1/2", "5 \\cdot \\frac{1}{4}", "\\frac{5}{2^2}", "\\frac{2+3}{4}", "\\frac{1}{0.8}"],
    "500": ["5 \\cdot 100", "5(10)^2 + 0", "20 \\cdot 25"],
    "1000000": ["10^6", "1000^2"],
}  # fmt: skip
"""Plain golds and what comes to them only when it is computed."""


def as_task(gold: str, facts: dict[str, object]) -> Task:
    problem = Problem("", gold, facts)
    return Task("x", "MATH500", "test", problem.prompt, problem.gold, problem.facts, "")


def pairs(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(gold, answer) for gold, answers in table.items() for answer in answers]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.parametrize(("gold", "answer"), pairs(RESULTS))
def test_a_result_is_right_in_any_dress(family: MATH500, gold: str, answer: str):
    verdict = family.verify(as_task(gold, PUBLISHED), f"\\boxed{{{answer}}}")
    assert verdict.score == 1, verdict.reason


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.parametrize(("gold", "answer"), pairs(TO_COMPUTE))
def test_what_is_still_to_be_computed_is_refused(family: MATH500, gold: str, answer: str):
    verdict = family.verify(as_task(gold, PUBLISHED), f"\\boxed{{{answer}}}")
    assert verdict.score == 0
    assert verify_math(f"\\boxed{{{answer}}}", gold).score == 0 or "not worked out" in verdict.reason


@pytest.mark.parametrize("answer", RESULTS["5"])
def test_generated_numbers_are_judged_by_the_same_rule(answer: str):
    assert FAMILIES[0].verify(as_task("5", GENERATED), f"\\boxed{{{answer}}}").score == 1


DRESSES = (
    "%s", "x = %s", "\\theta = %s", "f(3) = %s", "%s^\\circ", "%s\\text{ cm}", "%s\\text{ units}^3", "%s \\text{ m/s}",
    "\\boldsymbol{%s}", "\\mathbf{%s}", "\\left(%s\\right)", "\\text{Area} = %s\\text{ cm}^2",
)  # fmt: skip
COMPUTED = (
    "%s + 0",
    "%s \\cdot 1",
    "%s \\cdot \\sqrt{1}",
    "2 \\cdot %s - (%s)",
    "\\frac{2 \\cdot %s}{2}",
    "0 + %s = %s",
)


def filled(form: str, value: str) -> str:
    return form.replace("%s", value)


@given(st.integers(-5000, 5000), st.sampled_from(DRESSES), st.sampled_from(COMPUTED))
def test_every_whole_number_is_one_result(value: int, dress: str, computed: str):
    task = as_task(str(value), PUBLISHED)
    assert FAMILIES[0].verify(task, f"\\boxed{{{filled(dress, str(value))}}}").score == 1
    assert FAMILIES[0].verify(task, f"\\boxed{{{filled(dress, str(value + 1))}}}").score == 0
    assert FAMILIES[0].verify(task, f"\\boxed{{{filled(dress, filled(computed, str(value)))}}}").score == 0


@given(st.integers(1, 99_999), st.integers(1, 4), st.sampled_from(DRESSES))
def test_a_decimal_is_also_the_fraction_in_lowest_terms(digits: int, places: int, dress: str):
    below = 10**places
    common = gcd(digits, below)
    if common == below:
        return  # a whole number
    task = as_task(f"{digits // below}.{digits % below:0{places}}", PUBLISHED)
    lowest = f"\\frac{{{digits // common}}}{{{below // common}}}"
    assert FAMILIES[0].verify(task, f"\\boxed{{{filled(dress, lowest)}}}").score == 1
    assert FAMILIES[0].verify(task, f"\\boxed{{{filled(dress, f'{lowest} + 0')}}}").score == 0


@pytest.mark.realdata
def test_the_plain_numbers_of_the_published_set(data_dir: Path):
    lines = (data_dir / "math500" / "test.jsonl").read_text("utf-8").splitlines()
    golds = {json.loads(line)["answer"] for line in lines}
    plain = {gold for gold in golds if gold.lstrip("-").replace(".", "", 1).isdigit()}
    assert len(plain) > 100
    for gold in plain:
        for dress in DRESSES:
            assert FAMILIES[0].verify(as_task(gold, PUBLISHED), f"\\boxed{{{filled(dress, gold)}}}").score == 1
        for computed in COMPUTED:
            assert FAMILIES[0].verify(as_task(gold, PUBLISHED), f"\\boxed{{{filled(computed, gold)}}}").score == 0
