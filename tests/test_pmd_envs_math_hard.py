"""verify_math on what is known to mislead graders: hedges, look-alikes, denials, whole responses."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from math_pairs_hard import DIFFERENT_ANSWERS, EQUAL_ANSWERS, NOT_42, RIGHT_RESPONSES, WRONG_RESPONSES

from pmd_envs import verify_math


def boxed(answer: str) -> str:
    return f"so it is $\\boxed{{{answer}}}$."


def misjudged(pairs: list[tuple[str, str]], score: int) -> list[tuple[str, str, str]]:
    judged = [(gold, response, verify_math(response, gold)) for gold, response in pairs]
    return [(gold, response, verdict.reason) for gold, response, verdict in judged if verdict.score != score]


def test_there_are_enough_of_them():
    assert len(EQUAL_ANSWERS) + len(DIFFERENT_ANSWERS) + len(RIGHT_RESPONSES) + len(WRONG_RESPONSES) > 400
    assert len(NOT_42) > 100


@pytest.mark.parametrize(
    ("pairs", "score"),
    [
        (RIGHT_RESPONSES, 1),
        ([(gold, boxed(answer)) for gold, answer in EQUAL_ANSWERS], 1),
        (WRONG_RESPONSES, 0),
        ([(gold, boxed(answer)) for gold, answer in DIFFERENT_ANSWERS], 0),
        ([("42", boxed(answer)) for answer in NOT_42], 0),
    ],
    ids=["right responses", "equal answers", "wrong responses", "different answers", "not 42"],
)
def test_none_is_misjudged(pairs: list[tuple[str, str]], score: int):
    assert misjudged(pairs, score) == []


@pytest.mark.parametrize("words", ["wrong", "halves", "squared", "negative", "(incorrect)", "etc", "point five"])
def test_words_that_change_a_number_are_no_unit(words: str):
    assert verify_math(boxed(f"42 {words}"), "42").score == 0
    assert verify_math(boxed(f"42 {words}"), "42", units="ignored").score == 0
    assert verify_math(boxed(f"42 {words}"), f"42 {words}").score == 1


def test_long_prose_is_compared_to_its_end():
    words = "one two three four five six seven eight nine ten eleven twelve"
    assert verify_math(boxed(f"{words} thirteen"), f"{words} thirteen").score == 1
    assert verify_math(boxed(f"{words} thirteen"), f"The {words} Thirteen").score == 1
    assert verify_math(boxed(f"{words} thirteen"), f"{words} fourteen").score == 0
    assert verify_math(boxed(words), f"{words} thirteen").score == 0


@given(st.text("abcdxzABCDXZ", min_size=1, max_size=3))
def test_the_case_of_variables_matters(letters: str):
    other = letters.swapcase()
    assume(sorted(other) != sorted(letters))  # a product has no order
    assert verify_math(boxed(letters), letters).score == 1
    assert verify_math(boxed(other), letters).score == 0
    assert verify_math(boxed(f"\\text{{{other}}}"), letters).score == 0


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("7", 1), ("7.0", 1), ("x = 7", 1), ("2 + 5 = 7", 1), ("7 apples", 1), ("7\\text{ cm}^2", 1), ("\\$7", 1),
        ("700\\%", 1), ("0.7 \\times 10^1", 1), ("\\{7\\}", 1), ("-(-7)", 1), ("3 + 4", 0), ("14/2", 0),
        ("\\frac{14}{2}", 0), ("\\sqrt{49}", 0), ("7!/6!", 0), ("2 \\cdot 3 + 1", 0), ("8", 0), ("14/3", 0),
        ("7 \\text{ m/s}", 1), ("7 km/h", 1), ("7^\\circ", 1), ("f(3) = 7", 1),
        ("14/2\\text{ cm}", 0), ("\\frac{3.5}{0.5}", 0),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_worked_out_counts_only_by_default(answer: str, score: int):
    assert verify_math(boxed(answer), "7", computed="required").score == score
    assert verify_math(boxed(answer), "7").score == (answer not in ("8", "14/3"))


def test_golds_that_are_no_plain_number_may_be_written_in_any_way():
    assert verify_math(boxed("2\\sqrt{2}"), "\\sqrt{8}", computed="required").score == 1
    assert verify_math(boxed("2/4"), "1/2", computed="required").score == 1
