"""Errors name the bad value and the nearest right one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs.errors import unknown


@pytest.mark.parametrize(
    ("value", "known", "hint"),
    [
        ("nanno", ("nano", "smollm2"), " Did you mean 'nano'? Known: nano, smollm2."),
        (11, range(1, 11), " Did you mean '10'?"),  # and not 1, which it is spelled like
        (0, range(1, 11), " Did you mean '1'?"),
        (11, ("11a", "b"), " Did you mean '11a'?"),  # not all of them numbers: by spelling
        ("1", range(1, 11), " Did you mean 1, of type int? Known: 1, 2,"),
        (1, ("1", "2"), " Did you mean '1', of type str? Known: 1, 2."),
        (["seen"], ("seen", "unseen"), " Known: seen, unseen."),
        ("zzz", ("nano",), ". Known: nano."),
        ("x", (), ". Known: none."),
    ],
)
def test_the_nearest_is_named(value, known, hint):
    said = str(unknown("thing", value, known))
    assert said.startswith(f"unknown thing {value!r}.")
    assert hint in said


@given(value=st.integers(), known=st.lists(st.integers(), min_size=1))
def test_of_numbers_none_is_nearer(value, known):
    said = str(unknown("level", value, iter(known)))
    near = int(said.partition("Did you mean '")[2].partition("'")[0])
    assert near in known
    assert all(abs(near - value) <= abs(number - value) for number in known)


@given(value=st.text() | st.integers() | st.none(), known=st.lists(st.text() | st.integers()))
def test_no_value_breaks_it(value, known):
    assert str(unknown("thing", value, known)).startswith(f"unknown thing {value!r}.")
