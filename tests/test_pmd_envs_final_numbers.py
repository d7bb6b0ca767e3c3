"""Numbers as final answers: how they are usually written, and what makes another number of them."""

from dataclasses import replace

import pytest

from pmd_envs.families.arithmetic import Arithmetic
from pmd_envs.families.gsm8k import GSM8K
from pmd_envs.records import Task
from pmd_envs.verifiers.final_numbers import read_final
from pmd_envs.verifiers.numbers import parse_number

TASK = Task("x", "", "train", "How many are there?", "42", {"kind": "sum"}, "")
each_family = pytest.mark.parametrize("family", [GSM8K(), Arithmetic()], ids=lambda family: family.name)


@each_family
@pytest.mark.parametrize(
    "answer",
    [
        *("42 ✅", "✅ 42", "42 apples ✅", "**42** 🎉", "42, as required", "**42, as required.**", "42, in total"),
        *("Rs 42", "Rs. 42", "USD 42", "INR 42.00", "= 42", "= $42", "x = USD 42"),
        *("6 * 7 = 42", "6 × 7 = 42", "6 * $7 = $42", "84 / 2 = 42", "50% of 84 = 42", "20 + 22 = 42 apples"),
        *("x = 6 * 7 = 42", "total cost = 84/2 = $42", "42 km/h", "42 m/s"),
        *("42 apples", "42 dollars (rounded)", "42 (in total)", "42 (rounded to the nearest cent)", "42 (forty-two)"),
        *("42 kilos", "42 square feet", "42 meters square", "42 more", "42 times", "$42 gross profit"),
        *("42 percentage points", "42 per pair", "42 dollars each pair", "42 students in couples", "42 wrong answers"),
        *("42 cubes", "42 doubles", "x = 42", "Final score = 42"),
    ],
)  # fmt: skip
def test_usual_answers_are_paid(family, answer):
    assert family.verify(TASK, f"#### {answer}").score == 1
    assert family.verify(replace(TASK, gold="43"), f"#### {answer}").score == 0
    assert family.answer(f"#### {answer}") == "42"


@each_family
@pytest.mark.parametrize(
    "answer",
    [
        *("42 score", "42 scores", "42 gross", "42 grosses", "42 gross of pens", "42 pairs", "42 pair of socks"),
        *("42 couples", "42 trios", "42 doubled", "42 halved", "42 HALVED", "42 reciprocal", "42 backwards"),
        *("42 permille", "42‰", "42 ppm", "42 pct", "42 basis points", "42 in hex", "42 in binary", "42 (twice)"),
        *("42 kilo", "42 Mega", "42 square", "42 twice", "42 double", "42 (times ten)", "42 (squared)", "42 (doubled)"),
        *("42 (but really more)", "42 (or more)", "42 (much more)", "42 (nope)", "42 (not really)"),
        *("42 hm forget it", "42 idk", "42 nope", "42 no", "42 never", "42 wait", "42 forget that", "42 no idea"),
        *("42 ❌", "42 🤔", "42 ✅❌", "42 ✅ or 43", "not = 42", "maybe = 42"),
        *("41 = 42", "6 * 8 = 42", "42 = 6 * 7", "6 * 7 = 42 or 43", "6 * 7 = 42, 5 * 8 = 40", "6 * 7 = 42 = 43"),
        *("6 * 7 != 42", "6 * 7 ≠ 42", "6 * 7 ≈ 42", "6 * 7 <= 42", "= = 42", "not = 6 * 7 = 42", "x = 6 * 8 = 42"),
        *("84/2", "84 ÷ 2", "84⁄2", "84∕2", "2 * 21 = 84/2", "\\frac{84}{2}", "\\cfrac{84}{2}", "6 * 7"),
    ],
)  # fmt: skip
def test_what_is_another_number_or_none_is_not_paid(family, answer):
    assert family.verify(TASK, f"#### {answer}").score == 0


@pytest.mark.parametrize("answer", ["42 pairs", "42 pair of socks", "42 more pairs", "42 ppm"])
def test_words_that_count_several_are_units_where_they_are_asked_for(answer):
    asked = replace(TASK, prompt="How many more clean white pairs of socks are there, and how much salt in ppm?")
    assert GSM8K().verify(asked, f"#### {answer}").score == 1
    other = replace(TASK, prompt="A pair are two. How many socks are there, and how salty is it?")
    assert GSM8K().verify(other, f"#### {answer}").score == 0


def test_a_plain_number_is_read_as_it_is():
    for text in ("42", "-42", "4.2", "1/2", "42 pens", "forty-two", "3 or 4"):
        assert read_final(text) == (text, parse_number(text))


@pytest.mark.parametrize("text", ["=" * 500, "6*" * 200 + "7 = 42", "✅" * 500, ", as required" * 30, "x" * 500 + "="])
def test_long_answers_are_no_burden(text):
    assert read_final(f"{text} {text}").value is None
