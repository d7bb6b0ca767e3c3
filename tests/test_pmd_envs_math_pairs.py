"""verify_math on pairs of answers, and what holds for all of them."""

import pytest
from math_pairs import EQUAL, NOT_EQUAL

from pmd_envs import ConfigError, DatasetError, verify_math


def flat(table: dict[str, list[tuple[str, str]]]) -> list[tuple[str, str]]:
    return [pair for pairs in table.values() for pair in pairs]


def boxed(answer: str) -> str:
    return f"so it is $\\boxed{{{answer}}}$."


def test_there_are_enough_pairs_of_both_kinds():
    assert len(flat(EQUAL)) > 200
    assert len(flat(NOT_EQUAL)) > 150


@pytest.mark.parametrize(("gold", "answer"), flat(EQUAL))
def test_what_is_equal_scores_one(gold: str, answer: str):
    verdict = verify_math(boxed(answer), gold)
    assert verdict.score == 1, verdict.reason


@pytest.mark.parametrize(("gold", "answer"), flat(NOT_EQUAL))
def test_what_is_not_equal_scores_zero(gold: str, answer: str):
    verdict = verify_math(boxed(answer), gold)
    assert verdict.score == 0
    assert verdict.reason


@pytest.mark.parametrize("gold", sorted({gold for gold, _ in flat(EQUAL) + flat(NOT_EQUAL)}))
def test_every_gold_equals_itself(gold: str):
    assert verify_math(boxed(gold), gold).score == 1


SYMMETRIC = (
    "numbers",
    "thousands",
    "percent",
    "units",
    "magnitudes",
    "collections",
    "intervals",
    "expressions",
    "matrices",
    "bases",
)


@pytest.mark.parametrize(("gold", "answer"), [pair for rule in SYMMETRIC for pair in EQUAL[rule]])
def test_equality_is_symmetric(gold: str, answer: str):
    assert verify_math(boxed(gold), answer).score == 1


@pytest.mark.parametrize(("gold", "answer"), [pair for rule in SYMMETRIC for pair in NOT_EQUAL[rule]])
def test_inequality_is_symmetric(gold: str, answer: str):
    try:
        verdict = verify_math(boxed(gold), answer)
    except DatasetError:
        return  # a wrong answer need not be readable, a gold has to be
    assert verdict.score == 0


@pytest.mark.parametrize(
    ("response", "score"),
    [
        ("\\boxed{7}", 1), ("#### 7", 1), ("<answer>7</answer>", 1), ("The answer is 7.", 1), ("7", 1), ("3 + 4\n7", 1),
        ("<think>\\boxed{8}</think>\\boxed{7}", 1), ("<think>\\boxed{7}</think>", 0), ("<think>\\boxed{7}", 0), ("", 0),
        ("first \\boxed{8}, no, it really must be \\boxed{7}", 1), ("\\boxed{7} or \\boxed{8}", 0),
        ("\\boxed{7} and \\boxed{8}", 0), ("\\boxed{8}\n#### 7", 0), ("\\boxed{7}\n#### 7.0", 1), ("#### 7\n#### 8", 0),
        ("<answer>7</answer> <answer>8</answer>", 0), ("7 is one thing, but who knows", 0), ("\\fbox{7}", 1),
        ("\\boxed{\\text{seven: }7}", 0), ("#### 7 apples\nThat is all.", 1), ("\\boxed{7" + " " * 600 + "or 8}", 0),
        ("#### 7" + " " * 600 + "or 8", 0),
    ],
)  # fmt: skip
def test_the_answer_is_found(response: str, score: int):
    assert verify_math(response, "7").score == score


def test_the_last_line_counts_only_if_asked():
    assert verify_math("3 + 4\n7", "7", last_line=False).reason == "no final answer"


@pytest.mark.parametrize(
    ("gold", "answer", "rule", "score"),
    [
        ("28%", "28", {"percent": "optional"}, 1), ("28%", "0.28", {"percent": "optional"}, 1),
        ("0.5", "50", {"percent": "optional"}, 0),
        ("28", "28%", {"percent": "optional"}, 1), ("28%", "29", {"percent": "optional"}, 0),
        ("\\frac{1}{3}", "0.3333333333", {"decimals": "rounded"}, 1),
        ("\\frac{1}{3}", "0.33", {"decimals": "rounded"}, 1),
        ("\\frac{1}{3}", "0.3", {"decimals": "rounded"}, 0), ("\\frac{1}{3}", "0.34", {"decimals": "rounded"}, 0),
        ("\\pi", "3.14", {"decimals": "rounded"}, 1), ("\\pi", "3.15", {"decimals": "rounded"}, 0),
        ("-\\sqrt{2}", "-1.41", {"decimals": "rounded"}, 1), ("2/3", "0.67", {"decimals": "rounded"}, 1),
        ("5\\text{ cm}", "5", {"units": "required"}, 0), ("5\\text{ cm}", "5 cm", {"units": "required"}, 1),
        ("5", "5 cm", {"units": "required"}, 0), ("5\\text{ cm}", "5 m", {"units": "ignored"}, 1),
        ("5\\text{ cm}", "6 cm", {"units": "ignored"}, 0),
    ],
)  # fmt: skip
def test_disputed_rules_are_settings(gold: str, answer: str, rule: dict[str, str], score: int):
    assert verify_math(boxed(answer), gold, **rule).score == score


def test_an_unknown_setting_is_named():
    with pytest.raises(ConfigError, match=r"unknown percent rule 'valu'.*Did you mean 'value'"):
        verify_math("1", "1", percent="valu")


@pytest.mark.parametrize(
    "gold", ["", "   ", "\\frac{1}{", "(1, 2", "3 +", "2 2/3 3", "x" * 2000, "1 2", "{{", "\\unknown{3}", "not 42"]
)
def test_a_gold_that_cannot_be_read_is_an_error_of_the_data(gold: str):
    with pytest.raises(DatasetError):
        verify_math("\\boxed{1}", gold)


@pytest.mark.parametrize(
    ("gold", "answer", "reason"),
    [
        ("5", "6", "the answer '6' is not correct"), ("5", "5 +", "the answer '5 +' cannot be read: it ends too early"),
        ("5", "9^{9^9}", "the answer '9^{9^9}' cannot be read: a power in it is too large"),
    ],
)  # fmt: skip
def test_the_reason_is_in_words(gold: str, answer: str, reason: str):
    assert verify_math(boxed(answer), gold).reason == reason
