"""What a child may have put together is read in bounded work: refused, or compared and shown."""

import json
from fractions import Fraction
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs.functions.judge import judge
from pmd_envs.functions.problems import Test as Case
from pmd_envs.sandbox import Limits, encode, run_calls, same, show
from pmd_envs.sandbox.canonical import GROUPS, MAX_PART_DIGITS, SHAPES, canonical, form
from pmd_envs.sandbox.inside import values
from pmd_envs.sandbox.inside.reports import MAX_PARTS, is_ordinary, reported
from pmd_envs.sandbox.inside.values import FROM_PAIRS, FROM_TEXT, MAX_DEPTH, MAX_DIGITS, MAX_ITEMS, TooLarge
from pmd_envs.sandbox.inside.wire import Ended

ENDLESS = ("1e999999999", "-1e999999999/3", "0x1p999999999", "1E+999999999", "9" * 5000, "0x" + "f" * 5000)
TAGS = (
    *FROM_TEXT,
    *FROM_PAIRS,
    *SHAPES,
    *GROUPS,
    "slice",
    "list",
    "sub",
    "opaque",
    "remote",
    "derived",
    "function",
    "x",
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from((0, 1, -1, 10**4000))
    | st.floats()
    | st.sampled_from((*ENDLESS, "0x0", "0x20000000000000", "", "ff", "2024-02-29"))
    | st.text(st.characters(exclude_categories=()), max_size=5)
)
forged = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=8)
        | st.dictionaries(st.sampled_from(TAGS), inner, max_size=2)
        | st.builds(lambda tag, items: {tag: items}, st.sampled_from(TAGS), st.lists(inner, max_size=8))
        | st.builds(lambda tag, number: {tag: [number] * 7}, st.sampled_from(tuple(SHAPES)), inner)
        | st.builds(lambda tag, pair: {tag: [list(pair)]}, st.sampled_from(tuple(FROM_PAIRS)), st.tuples(inner, inner))
    ),
)


@given(forged)
def test_forged_values_of_every_tag_are_refused_or_harmless(tree):
    with mock.patch.object(values, "Fraction", side_effect=AssertionError("a fraction was built")):
        try:
            ordered = canonical(tree)
        except (ValueError, TooLarge):
            return
        assert json.dumps(canonical(ordered)) == json.dumps(ordered)
        assert len(show(tree, 50)) <= 50
        assert same(tree, ordered) is (form(tree) is not None)
        assert not same(tree, {"opaque": "x"})


@pytest.mark.parametrize(
    "tree",
    [
        *({"fraction": [text]} for text in ENDLESS),
        *({tag: [text] * len(shape)} for text in ENDLESS for tag, (shape, *_) in SHAPES.items()),
        *({tag: [1.5] * len(shape)} for tag, (shape, *_) in SHAPES.items()),
        *({tag: [True] * len(shape)} for tag, (shape, *_) in SHAPES.items()),
        *({tag: [{"fraction": ["1e999999999"]}] * len(shape)} for tag, (shape, *_) in SHAPES.items()),
        {"fraction": [1, 0]},
        {"fraction": [1, -2]},
        {"fraction": [1, {"int": "-0x20000000000000"}]},
        {"range": [0, 1, 0]},
        {"slice": [1, 2]},
        {"timedelta": [0, 0, 0, 0]},
        {"timedelta": [0, 90_000, 0]},
        {"datetime": [2024, 2, 30, 0, 0, 0, 0]},
        {"timezone": [{"timedelta": [2, 0, 0]}]},
        {"float": "1.5"},
        {"int": "0x5"},
        {"int": "0x_20000000000000"},
        {"int": "20000000000000"},
        {"bytes": "ff ff"},
        {"bytes": "FF"},
        {"str": "61"},
        {"date": "20240229"},
        {"decimal": " 1"},
        {"ellipsis": "x"},
        {"opaque": "x" * 41},
        {"sub": ["x" * 41, 1]},
        {"remote": [0, "f"]},
        {"set": "ab"},
        {"dict": [[1]]},
        {"int": "0x20000000000000", "str": ""},
        1 << 53,
        10**5000,
        1.5,
        float("nan"),
        "\ud800",
    ],
    ids=lambda tree: ascii(json.dumps(tree)[:40]) if tree != 10**5000 else "long",
)
def test_what_encode_does_not_write_is_refused(tree):
    for whole in (tree, [tree], {"tuple": [tree]}):
        with pytest.raises((ValueError, TooLarge)):
            canonical(whole)


def test_numbers_have_a_largest_number_of_digits():
    longest = encode(Fraction(1, 16 ** (MAX_PART_DIGITS - 4)))
    assert same(longest, longest)
    for tree in (
        encode(Fraction(1, 16**MAX_PART_DIGITS)),
        encode(range(16**MAX_PART_DIGITS)),
        {"int": "0x1" + "0" * MAX_DIGITS},
        {"decimal": "1" * (MAX_DIGITS + 1)},
    ):
        with pytest.raises(TooLarge):
            canonical(tree)


def test_values_have_a_largest_number_of_parts():
    assert form([0] * (MAX_ITEMS - 1))
    with pytest.raises(ValueError, match="more parts"):
        canonical([0] * MAX_ITEMS)


def test_values_have_a_largest_depth():
    tree = 0
    for _ in range(MAX_DEPTH):
        tree = [tree]
    assert same(encode(tree), tree)
    with pytest.raises(ValueError, match="deeper"):
        canonical([tree])


def test_zeros_are_equal_whatever_their_sign():
    assert same(encode(complex(-0.0, 1)), encode(complex(0.0, 1)))
    assert same(encode({(-0.0,): 1}), encode({(0.0,): 1}))


def nested(value):
    for name in "abcdefghijklmnopqrstuvwxyzäö":
        value = {name: value, "": {name: {0}}}
    return value


def test_deep_values_cost_no_more_than_flat_ones(monkeypatch):
    """What is written as text while two values are compared is a small multiple of their length."""
    one, other = encode(nested("x" * 100_000)), encode(nested("x" * 99_999 + "y"))
    size, written, dumps = len(json.dumps(one)), 0, json.dumps

    def counting(tree, **options):
        nonlocal written
        text = dumps(tree, **options)
        written += len(text)
        return text

    monkeypatch.setattr(json, "dumps", counting)
    assert same(one, one)
    assert not same(one, other)
    assert written < 10 * size


def test_long_members_of_sets_have_an_order():
    members = ["x" * 600 + str(number) for number in range(20)]
    one, other = {"set": members}, {"set": members[::-1]}
    assert same(one, other)
    assert not same(one, {"set": [*members[:-1], "x" * 600 + "20"]})


def test_each_value_is_read_once_for_a_judgement():
    cases = [Case((number,), number + 1) for number in range(3)]
    with mock.patch("pmd_envs.sandbox.runner.form", side_effect=form) as read:
        result = run_calls("def solve(n):\n    return n + 1", "solve", [(0,), (1,), (2,)])
        assert judge(result, cases[:1], cases[1:]).passed
        assert judge(result, cases[:1], cases[1:]).passed
    assert read.call_count == 3


FORGES = """
import inside.values
from fractions import Fraction
inside.values._PARTS[Fraction] = "fraction", lambda value: ["1e999999999"]
def solve(x):
    return Fraction(1)
"""
LONG = """
import random
from fractions import Fraction
def solve(x):
    f = Fraction(1, 3)
    f._numerator, f._denominator = random.getrandbits(1_190_000) | 1, random.getrandbits(1_190_000) | 1
    return f
"""


def test_a_fraction_cannot_hold_up_our_process():
    result = run_calls(FORGES, "solve", [(1,)])
    assert (result.outcomes, result.complete, result.failure) == ((), False, "wrote to the result channel")
    result = run_calls(LONG, "solve", [(1,)], Limits(cpu_seconds=10, wall_seconds=20))
    assert result.complete
    assert show(result.outcomes[0].value) == "<huge object>"


def test_more_than_can_be_read_is_a_failure_of_the_program():
    result = run_calls("def solve(x):\n    return 'a' * 9 * 2**20", "solve", [(1,)] * 4, Limits(10, 20))
    assert (result.complete, result.failure) == (False, "returned more than can be read")


def test_the_driver_passes_on_values_of_ordinary_size_only():
    largest = encode([(0,)] * ((MAX_ITEMS - 1) // 2))
    assert is_ordinary({"value": largest})
    assert reported({"error": {"text": "x", "value": [0] * MAX_PARTS}}) == {"error": "x"}
    for reply in ({"value": [[]] * MAX_PARTS}, {"value": {"tuple": [10**4000]}}, {"error": {"text": [0] * MAX_PARTS}}):
        with pytest.raises(Ended):
            reported(reply)
