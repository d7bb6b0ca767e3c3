"""Fractions in LaTeX: what binds together stays together, or is left open."""

import time
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs.records import Task
from pmd_envs.registry import load_family
from pmd_envs.verifiers.arithmetic import check_step_arithmetic, evaluate
from pmd_envs.verifiers.numbers import parse_number
from pmd_envs.verifiers.quotients import with_quotients

COUNTDOWN = load_family("pmd_envs.families.countdown:Countdown")
TASK = Task("x", "Countdown", "train", "", "12", {"numbers": [2, 4, 10]}, "")


@pytest.mark.parametrize(
    ("step", "ok"),
    [
        (r"\frac{3 + \frac{1}{2}}{2} = 1.75", True),
        (r"\frac{3 + \frac{1}{2}}{2} = 3.25", False),
        (r"\frac{\frac{1}{2} + 3}{4} = 0.875", True),
        (r"\frac{\frac{\frac12}{2}}{2} = \frac18", True),
        (r"5 \cdot \frac{4 + 6}{\frac{10}{2}} = 10", True),
        (r"\frac{1{,}000 + 500}{3} = 500", True),
        (r"\frac{1,000 + 500}{3} = 500", True),
        (r"\frac{10+2}2 = 6", True),
        (r"\frac{10+2}2 = 11", False),
        (r"So it is \frac12. And \frac1{2} + \frac {1} 2 = 1, too.", True),
        (r"\cfrac{3+5}{2} = 4", True),
        (r"\cfrac{3+5}{2} = 5.5", False),
        (r"\frac{\text{10} + 4}{2} = 7", True),
        (r"\frac{\text{10 apples} + \mathrm{4}}{2} = 7", True),
        (r"\frac{10 - \text{4 eaten}}{2} = 3", True),
        (r"\frac{10}{4}2 = 5", None),
        (r"\frac{10}25 = 25", None),
        (r"\frac12,000 = 500", None),
        (r"\frac{10, 4}{2} + 3 = 5", None),
        (r"\frac{10, 4}{2} 3 = 5", None),
        (r"\frac{\sqrt{9} + 3}{2} + 1 = 4", None),
        (r"\frac{2^{2} + 4}{2} = 4", None),
        (r"\cfrac[l]{10+4}{2} = 12", None),
        (r"\frac{10+4} = 14", None),
        (r"\frac ab + 3 = 3", None),
        (r"2^{\frac{1}{2}} = 1", None),
        (r"(10, 4) + 3 = 5", None),
        (r"\frac{1}{2}\text{ hour} = 30\text{ minutes}", None),
        (r"(1/2) hour = 30 minutes", None),
    ],
)
def test_a_fraction_keeps_its_brackets_or_is_open(step: str, ok: bool | None):
    verdict = check_step_arithmetic(step)
    assert verdict.ok is ok, verdict.reason


FRACTIONS = st.sampled_from([r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"])
WRITTEN = st.sampled_from(["%s", "%s", r"\text{%s}", r"\mathrm{%s}"])


def one(number: int, dress: str) -> tuple[str, Fraction]:
    return dress % (f"{number:,}".replace(",", "{,}") if number > 999 else number), Fraction(number)


def combined(left: tuple[str, Fraction], sign: str, right: tuple[str, Fraction]) -> tuple[str, Fraction]:
    (one, a), (other, b) = left, right
    text = rf"({one} \times {other})" if sign == "*" else f"({one} {sign} {other})"
    return text, {"+": a + b, "-": a - b, "*": a * b}[sign]


def divided(command: str, above: tuple[str, Fraction], below: tuple[str, Fraction]) -> tuple[str, Fraction]:
    (top, a), (bottom, b) = above, below
    top, bottom = (part[1:-1] if part.startswith("(") else part for part in (top, bottom))
    short = len(bottom) == 1 and not a.denominator > 1
    return f"{command}{{{top}}}{bottom}" if short else f"{command}{{{top}}}{{{bottom}}}", a / b if b else a


NUMBERS = st.builds(one, st.integers(1, 99) | st.integers(1000, 5000), WRITTEN)
EXPRESSIONS = st.recursive(
    NUMBERS,
    lambda inner: (
        st.builds(combined, inner, st.sampled_from("+-*"), inner)
        | st.builds(divided, FRACTIONS, inner, inner.filter(lambda part: part[1] != 0))
    ),
    max_leaves=8,
)


def shown(value: Fraction, command: str) -> str:
    if value.denominator == 1:
        return str(value)
    return f"{'-' if value < 0 else ''}{command}{{{abs(value.numerator)}}}{{{value.denominator}}}"


@given(st.builds(divided, FRACTIONS, EXPRESSIONS, EXPRESSIONS.filter(lambda part: part[1] != 0)), FRACTIONS)
def test_true_equations_are_never_wrong_and_false_ones_never_right(expression: tuple[str, Fraction], command: str):
    text, value = expression
    if len(text) > 200 or len(str(value)) > 30:
        return
    verdict = check_step_arithmetic(f"So ${text} = {shown(value, command)}$.")
    assert verdict.ok is not False, verdict.reason
    assert check_step_arithmetic(f"So ${text} = {shown(value + 1, command)}$.").ok is not True
    assert evaluate(text) in (value, None)


@given(EXPRESSIONS, st.sampled_from([2, 3, 4, 6]), FRACTIONS)
def test_fractions_with_plain_parts_are_computed(above: tuple[str, Fraction], below: int, command: str):
    text, value = above
    assert evaluate(rf"{command}{{{text}}}{below}") == value / below


@pytest.mark.parametrize("answer", [r"\cfrac{10 + 4}{2}", r"\frac{10 + 4}2", r"\frac{\text{10} + 4}{2}"])
def test_countdown_does_not_pay_for_another_expression(answer: str):
    assert COUNTDOWN.verify(TASK, f"#### {answer}").score == 0
    assert COUNTDOWN.verify(replace(TASK, gold="7"), f"#### {answer}").score == 1


@pytest.mark.parametrize("answer", [r"\cfrac[l]{10 + 4}{2}", r"\frac{10 + 4}", r"\frac{{10} + 4}{2}"])
def test_countdown_refuses_fractions_that_it_cannot_read(answer: str):
    for gold in ("7", "12", "14"):
        assert COUNTDOWN.verify(replace(TASK, gold=gold), f"#### {answer}").score == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"\frac{3}{4}", Fraction(3, 4)),
        (r"-\frac34", Fraction(-3, 4)),
        (r"2\cfrac{1}{2}", Fraction(5, 2)),
        (r"\frac{-1{,}000}{2.5} eggs", -400),
        (r"\frac{\$5}{2}", Fraction(5, 2)),
        (r"\frac{1 000}{2}", None),
        (r"\frac{3 1}{2}", None),
        (r"\frac{1}{2\%}", None),
        (r"\frac{10 + 4}2", None),
        (r"\frac{1}{\frac{1}{2}}", None),
    ],
)
def test_a_fraction_of_numbers_is_a_number(text: str, value: Fraction | None):
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text",
    [r"\frac{", r"\frac", r"\frac1", r"\frac{1}", r"\frac{1}{", r"\text{\frac{", r"\frac{\frac{1}{2}}{", "}{", "{,}"],
)
def test_hostile_fractions_take_linear_time(text: str):
    started = time.process_time()
    with_quotients(text * (200_000 // len(text)))
    assert time.process_time() - started < 2


def test_fractions_inside_each_other_are_read_to_a_limit():
    nested = r"\frac{" * 20_000 + "1" + "}{2}" * 20_000
    started = time.process_time()
    assert with_quotients(nested).count("√") == 20_000 - 20
    assert check_step_arithmetic(nested + " = 1").ok is None
    assert time.process_time() - started < 2
