"""What holds for verify_math whatever the values are."""

import string
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pmd_envs import DatasetError, verify_math

FRAMES = (
    "\\boxed{%s}",
    "So $x$ it is: $\\boxed{%s}$.",
    "work\n#### %s",
    "<answer>%s</answer>",
    "The answer is %s",
    "%s",
)
FRACTIONS = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**4)


def is_terminating(value: Fraction) -> bool:
    return (10**20 * value).denominator == 1


def decimal(value: Fraction) -> str:
    digits = str(abs(int(value * 10**20))).rjust(21, "0")
    return f"{'-' if value < 0 else ''}{digits[:-20]}.{digits[-20:].rstrip('0')}"


def renderings(value: Fraction) -> list[str]:
    """Ways to write a rational number."""
    top, bottom, sign = abs(value.numerator), value.denominator, "-" if value < 0 else ""
    forms = [
        f"{sign}{top}/{bottom}",
        f"{sign}\\frac{{{top}}}{{{bottom}}}",
        f"\\dfrac{{{sign}{2 * top}}}{{{2 * bottom}}}",
    ]
    forms += [f"{sign}{top} \\div {bottom}".replace("\\div", "/"), f"\\left({sign}\\frac{{{top}}}{{{bottom}}}\\right)"]
    whole, rest = divmod(top, bottom)
    if whole and rest:
        forms += [f"{sign}{whole} {rest}/{bottom}", f"{sign}{whole}\\frac{{{rest}}}{{{bottom}}}"]
    if bottom == 1:
        forms += [
            f"{sign}{top:,}",
            f"{sign}{top}.0",
            f"{sign}{top:,}".replace(",", "{,}"),
            f"{sign}{top}".replace("-", "−"),
        ]
    if is_terminating(value):
        forms += [
            decimal(value),
            f"{decimal(value * 100)}\\%",
            f"{decimal(value / 1000)} \\times 10^{{3}}",
            f"{decimal(value)}e0",
        ]
    return forms


@given(FRACTIONS, st.data())
def test_a_number_equals_itself_however_it_is_written(value: Fraction, data: st.DataObject):
    gold = data.draw(st.sampled_from(renderings(value)))
    answer = data.draw(st.sampled_from(FRAMES)) % data.draw(st.sampled_from(renderings(value)))
    assert verify_math(answer, gold).score == 1


@given(FRACTIONS, st.integers(1, 40), st.data())
def test_a_number_equals_no_other_number(value: Fraction, places: int, data: st.DataObject):
    other = value + data.draw(st.sampled_from([1, -1])) * Fraction(1, 10 ** data.draw(st.integers(0, 6)))
    gold, answer = (data.draw(st.sampled_from(renderings(number))) for number in (value, other))
    assert verify_math(f"\\boxed{{{answer}}}", gold).score == 0


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=6, unique=True), st.randoms())
def test_sets_have_no_order_and_tuples_have_one(values: list[int], random: st.DataObject):
    shuffled = list(values)
    random.shuffle(shuffled)
    listed, other = ", ".join(map(str, values)), ", ".join(map(str, shuffled))
    assert verify_math(f"\\boxed{{\\{{{other}\\}}}}", listed).score == 1
    assert verify_math(f"\\boxed{{({other})}}", f"({listed})").score == (values == shuffled)
    assert verify_math(f"\\boxed{{{', '.join(map(str, shuffled[1:]))}}}", listed).score == 0


@given(FRACTIONS, FRACTIONS, st.sampled_from("(["), st.sampled_from(")]"), st.sampled_from("(["), st.sampled_from(")]"))
def test_the_ends_of_an_interval_matter(low: Fraction, high: Fraction, left: str, right: str, one: str, other: str):
    gold, answer = f"{left}{low},{high}{right}", f"{one}{low}, {high}{other}"
    assert verify_math(f"\\boxed{{{answer}}}", gold).score == ((left, right) == (one, other))


JOINTS = (" or ", ", or ", " and ", ", ", "; ", ". Or ", "\nor maybe ", " \\text{ or } ")
LABELS = ("", "x = ", "x_1=", "x_{2} = ", "it is ", "It's ", "that could be ", "it may be ")


@given(st.integers(-99, 99), st.integers(-99, 99), st.sampled_from(JOINTS), st.data())
def test_boxes_that_are_joined_are_a_list_whatever_they_are_called(
    one: int, other: int, joint: str, data: st.DataObject
):
    first, second = (data.draw(st.sampled_from(LABELS)) for _ in range(2))
    response = f"{first}$\\boxed{{{one}}}${joint}{second}\\boxed{{{other}}}"
    assert verify_math(response, f"\\{{{one}, {other}\\}}").score == 1
    for gold in (one, other):
        assert verify_math(response, str(gold)).score == (one == other)


@given(st.integers(-99, 99), st.sampled_from(["\nx = ", ". It is ", ", no, it is ", ", or rather $x = $", ", so x = "]))
def test_a_box_that_is_corrected_does_not_count(value: int, correction: str):
    response = f"x = \\boxed{{{value + 1}}}{correction}\\boxed{{{value}}}"
    assert verify_math(response, str(value)).score == 1


COEFFICIENTS = st.lists(st.integers(-9, 9), min_size=1, max_size=4).filter(any)


def polynomial(coefficients: list[int], name: str) -> str:
    return " + ".join(f"({value}){name}^{{{power}}}" for power, value in enumerate(coefficients))


@given(COEFFICIENTS, COEFFICIENTS, st.integers(-5, 5))
def test_products_equal_their_expansions_and_nothing_else(one: list[int], other: list[int], off: int):
    expanded = [0] * (len(one) + len(other) - 1)
    for low, first in enumerate(one):
        for high, second in enumerate(other):
            expanded[low + high] += first * second
    expanded[-1] += off
    answer = f"\\boxed{{({polynomial(one, 'x')})({polynomial(other, 'x')})}}"
    assert verify_math(answer, polynomial(expanded, "x")).score == (off == 0)


@given(st.integers(1, 200), st.integers(1, 200), st.integers(-3, 3))
def test_roots_are_exact(square: int, inside: int, off: int):
    gold = f"{square}\\sqrt{{{inside}}}"
    assert verify_math(f"\\boxed{{\\sqrt{{{square * square * inside + off}}}}}", gold).score == (off == 0)


ALPHABET = st.sampled_from(
    [
        *string.digits,
        *"xyzei+-*/^_=<>()[]{}|,.;:!%$&' \n",
        "\\frac",
        "\\sqrt",
        "\\left(",
        "\\right]",
        "\\pm",
        "\\infty",
        "\\cup",
        "\\in",
        "\\text{",
        "\\begin{pmatrix}",
        "\\end{pmatrix}",
        "\\\\",
        "\\sin",
        "\\log_",
        "\\boxed{",
        "####",
        "π",
        "²",
        "½",
        "≤",
        " or ",
        " and ",
        "cm",
        "\\%",
        "\\{",
        "\\}",
        "<think>",
        "</think>",
        "√",
        "−",
        "∞",
        "°",
    ]
)
ANYTHING = st.text(max_size=60) | st.lists(ALPHABET, max_size=30).map("".join)


@given(ANYTHING, st.sampled_from(["42", "x+1", "(1,2)", "[1,\\infty)", "\\{1,2\\}", "\\text{yes}", "\\sin x", "y=2x"]))
def test_nothing_raises_on_any_response(text: str, gold: str):
    for response in (text, f"\\boxed{{{text}}}"):
        assert verify_math(response, gold).score in (0, 1)


@given(ANYTHING)
def test_any_gold_equals_itself_or_is_refused(text: str):
    try:
        verdict = verify_math(f"\\boxed{{{text}}}", text)
    except DatasetError:
        return
    # Text with braces, boxes or thinking tags of its own is another answer when it stands in a box.
    assert verdict.score == 1 or any(sign in text for sign in ("{", "}", "box", "think", "####"))
