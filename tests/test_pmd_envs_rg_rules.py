"""The rules that stand in for scorers of reasoning-gym, as far as they need no package."""

import pytest

from pmd_envs.rg.entries import Entry
from pmd_envs.rg.rules import same, same_in_any_case
from pmd_envs.rg.scoring import MAX_ANSWER, judge

ENTRY = Entry("", None, {})


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("1234", "1,234"),
        ("1234567", "1,234,567"),
        ("-1234.5", "-1,234.5"),
        ("1234", "+1,234"),
        ("1234", "1,234.0"),
        ("1,234", "1234"),
        ("12", " 12.0 "),
        ("12", "12."),
        ("0.5", ".5"),
        ("5", "5e0"),
        ("0", "-0"),
        ("1,2", "1,2"),
        ("[1, 2]", "[1,2]"),
    ],
)
def test_the_same(gold, answer):
    assert same(ENTRY, gold, answer)


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("12", "1,2"),
        ("1234", "12,34"),
        ("1234", "1,2,3,4"),
        ("1234", "1234,"),
        ("1234", ",1234"),
        ("1234", "1,2345"),
        ("1234567", "1234,567"),
        ("1234567", "1,234567"),
        ("12", "0,012"),
        ("0.1234", "0.1,234"),
        ("1234.5678", "1,234.5,678"),
        ("1e1000", "1e1,000"),
        ("10", "1,0"),
        ("12", "1_2"),
        ("1234", "1_234"),
        ("1,2", "12"),
        ("3,4,5", "345"),
        ("1_2", "12"),
        ("1", "True"),
        ("12", "12 13"),
        ("[1,2]", "[2,1]"),
        ("1" * 201 + ".0", "1" * 201),
    ],
)
def test_not_the_same(gold, answer):
    assert not same(ENTRY, gold, answer)
    assert not same_in_any_case(ENTRY, gold, answer)


QUEENS = {"valid_answers": ["Q _\n_ Q", "_ Q\nQ _"]}
JUDGED = [
    ("number_sorting", {}, "['1', '2.50']", [('["1", "2.5"]', 1), ("[1, 2.5]", 1), ("['2.50', '1']", 0), ("['1']", 0)]),
    ("word_sorting", {"sorted_words": ["a", "b"]}, "a, b", [("a,b", 1), ("b, a", 0), ("a", 0), ("a, b, c", 0)]),
    (
        "pool_matrix",
        {},
        "1 2\n3 4",
        [("1.009 2\n3 3.991", 1), ("1.02 2\n3 4", 0), ("1 2\n3 3.98", 0), ("1 2 3 4", 0), ("1 2\n3", 0)],
    ),
    (
        "fraction_simplification",
        {"simplified_numerator": 1, "simplified_denominator": 2},
        "1/2",
        [("1 / 2", 1), (r"$\frac{1}{2}$", 1), ("2/4", 0), ("2/1", 0), ("0.5", 0), ("1/2 or so", 0)],
    ),
    ("prime_factorization", {}, "2 × 3 × 3", [("3*2*3", 1), ("2 x 9", 0), ("2 × 3", 0), ("1 × 2 × 3 × 3", 0)]),
    (
        "countdown",
        {"numbers": [1, 2, 3], "target": 7},
        "1 + 2 * 3",
        [("2×3 + 1", 1), ("(1 + 2) * 3", 0), ("7", 0), ("1 + 2 * 3 + 0", 0), ("1 + 2 * 3 + 3 - 3", 0)],
    ),
    ("puzzle24", {"numbers": [4, 1, 3, 2]}, "1*2*3*4", [("4 × 3 × 2 × 1", 1), ("4 * 3 * 2", 0), ("1 + 2 + 3 + 4", 0)]),
    ("n_queens", QUEENS, "Q _\n_ Q", [("Q  _\n_ Q\n", 1), ("_ Q\nQ _", 1), ("Q Q\n_ _", 0)]),
    (
        "coin_flip",
        {"rational": {"numerator": 1, "denominator": 4}},
        "0.25",
        [("1/4", 1), ("25%", 1), ("0.250025", 1), ("0.249975", 1), ("0.250026", 0), ("0.249974", 0), ("0", 0)],
    ),
    (
        "complex_arithmetic",
        {"result": [1.0, -1.0]},
        "1.0 - 1.0i",
        [("(1 - i)", 1), ("1-1j", 1), ("1.0000005-1i", 1), ("1.00001-1i", 0), ("1 + i", 0), ("-1 + i", 0), ("nan", 0)],
    ),
    (
        "polynomial_equations",
        {},
        "-20.0, 1.0",
        [("1, -20", 1), ("1.0009, -20.019", 1), ("1.002, -20", 0), ("1, -20.03", 0), ("1", 0), ("1, 1, -20", 0)],
    ),
    (
        "polynomial_multiplication",
        {},
        "x**2 - y**2",
        [("-y^2 + x*x", 1), ("x**2 - y**2 + 1", 0), ("(x - y)*(x + y)", 0), ("y**2 - x**2", 0), ("x**2 - x*y", 0)],
    ),
    (
        "simple_integration",
        {"variable": "x"},
        "x**2 + C",
        [("x**2", 1), ("x^2 + 5", 1), ("C + x*x", 1), ("x**2 + x", 0), ("x**3", 0), ("2*x", 0), ("C", 0), ("1e20", 0)],
    ),
    ("game_of_life_halting", {}, "True", [("true", 1), ("False", 0), ("it halts", 0), ("", 0)]),
    ("spell_backward", {}, "cba", [("CBA", 1), ("abc", 0)]),
    ("caesar_cipher", {}, "Ab", [(" Ab", 1), ("AB", 0)]),
    ("basic_arithmetic", {}, "12", [("12.0", 1), ("12 eggs", 0)]),
]


@pytest.mark.parametrize(("name", "metadata", "gold", "answers"), JUDGED, ids=[name for name, *_ in JUDGED])
def test_each_rule_takes_right_answers_and_no_others(name, metadata, gold, answers):
    entry = Entry("", gold, metadata)
    for answer, right in [(gold, 1), *answers]:
        assert judge(name, 0, entry, answer)[0] == right, answer


def test_what_cannot_be_read_is_wrong_and_says_why():
    entry = Entry("", "7", {"numbers": [7], "target": 7})
    assert judge("countdown", 0, entry, "7") == (True, "the answer is correct")
    assert judge("countdown", 0, entry, "8") == (False, "the answer is not correct")
    zero = Entry("", "7 + 0", {"numbers": [0, 7], "target": 7})
    assert judge("countdown", 0, zero, "7 / 0") == (False, "the answer cannot be read (ZeroDivisionError)")
    assert judge("countdown", 0, entry, "7 7") == (False, "the answer cannot be read (ValueError)")
    spaces = " " * (MAX_ANSWER - 1)
    assert judge("basic_arithmetic", 0, entry, f"7{spaces}")[0]
    too_long = f"the answer is longer than {MAX_ANSWER} characters"
    assert judge("basic_arithmetic", 0, entry, f"7 {spaces}") == (False, too_long)
