"""The rule that stands in for most scorers of reasoning-gym: the same text, number or JSON. It needs no package."""

import pytest

from pmd_envs.rg.entries import Entry
from pmd_envs.rg.rules import same, same_in_any_case

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
