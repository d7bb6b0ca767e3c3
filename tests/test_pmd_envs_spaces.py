import copy
import ctypes
import multiprocessing
import pickle

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector.utils import (
    batch_space,
    concatenate,
    create_empty_array,
    create_shared_memory,
    iterate,
    read_from_shared_memory,
    write_to_shared_memory,
)
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs import ConfigError, UnicodeText
from pmd_envs.spaces import SAMPLING_ALPHABET

SPACE = UnicodeText(20)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)  # with lone surrogates and NUL


@given(ANY_TEXT)
def test_every_short_text_is_contained_and_no_long_one(text):
    assert text in SPACE
    assert text + "x" * (21 - len(text)) not in SPACE


@pytest.mark.parametrize("value", [None, 3, b"bytes", ["a"], ("a",), np.zeros(2)])
def test_only_strings_are_contained(value):
    assert value not in SPACE


def test_samples_are_contained_and_repeat_with_the_seed():
    first, second = UnicodeText(50, seed=4), UnicodeText(50, seed=4)
    drawn = [first.sample() for _ in range(20)]
    assert drawn == [second.sample() for _ in range(20)]
    assert all(text in first for text in drawn)
    assert len(set(drawn)) > 10


def test_samples_have_every_length_and_every_letter_and_masks_are_gymnasiums():
    space = UnicodeText(3, seed=1)
    drawn = [space.sample() for _ in range(2_000)]
    assert {len(text) for text in drawn} == {0, 1, 2, 3}
    assert set("".join(drawn)) == set(SAMPLING_ALPHABET)
    only_a = np.array([character == "a" for character in space.character_list], dtype=np.int8)
    assert space.sample(mask=(2, only_a)) == "aa"
    assert space.sample(probability=(3, only_a.astype(np.float64))) == "aaa"


def test_spaces_are_equal_by_length_alone():
    assert UnicodeText(5) == UnicodeText(5, seed=1)
    assert UnicodeText(5) != UnicodeText(6)
    assert UnicodeText(5) != spaces.Text(5)
    assert repr(UnicodeText(5)) == "UnicodeText(5)"


def test_a_space_is_cheap_to_copy_and_to_send():
    space = UnicodeText(65_536)
    assert len(pickle.dumps(space)) < 10_000
    assert pickle.loads(pickle.dumps(space)) == space == copy.deepcopy(space)


@given(ANY_TEXT)
def test_flatten_loses_nothing(text):
    flat = spaces.flatten(SPACE, text)
    assert flat in spaces.flatten_space(SPACE)
    assert flat.shape == (spaces.flatdim(SPACE),)
    assert spaces.unflatten(SPACE, flat) == text


@given(st.lists(ANY_TEXT, min_size=3, max_size=3))
def test_batches_lose_nothing(texts):
    batched = concatenate(SPACE, texts, create_empty_array(SPACE, n=3))
    assert batched in batch_space(SPACE, 3)
    assert list(iterate(batch_space(SPACE, 3), batched)) == texts


@given(st.lists(ANY_TEXT, min_size=3, max_size=3))
def test_shared_memory_loses_nothing(texts):
    memory = create_shared_memory(SPACE, n=3, ctx=multiprocessing)
    for index, text in enumerate(texts):
        write_to_shared_memory(SPACE, index, text, memory)
    assert copy.deepcopy(read_from_shared_memory(SPACE, memory, n=3)) == tuple(texts)


def test_fresh_shared_memory_holds_empty_texts():
    memory = create_shared_memory(SPACE, n=2, ctx=multiprocessing)
    assert tuple(read_from_shared_memory(SPACE, memory, n=2)) == ("", "")


def test_what_was_read_is_live_and_its_copy_is_not():
    memory = create_shared_memory(SPACE, n=2, ctx=multiprocessing)
    live = read_from_shared_memory(SPACE, memory, n=2)
    write_to_shared_memory(SPACE, 1, "a longer text", memory)
    copied = copy.deepcopy(live)
    write_to_shared_memory(SPACE, 1, "short", memory)
    assert copied == ("", "a longer text")
    assert live[1] == live[-1] == "short"
    assert live[0:2] == ("", "short")
    with pytest.raises(IndexError):
        live[2]


def test_a_text_that_is_too_long_cannot_run_into_its_neighbour():
    memory = create_shared_memory(SPACE, n=2, ctx=multiprocessing)
    write_to_shared_memory(SPACE, 1, "stays", memory)
    with pytest.raises(ConfigError, match="21 characters"):
        write_to_shared_memory(SPACE, 0, "🦊" * 21, memory)
    assert tuple(read_from_shared_memory(SPACE, memory, n=2)) == ("", "stays")


def test_the_longest_text_of_the_widest_characters_fits():
    memory = create_shared_memory(SPACE, n=2, ctx=multiprocessing)
    for index in range(2):
        write_to_shared_memory(SPACE, index, "\U0010ffff" * 20, memory)
    assert tuple(read_from_shared_memory(SPACE, memory, n=2)) == ("\U0010ffff" * 20,) * 2
    assert ctypes.sizeof(memory.get_obj()) == 2 * SPACE.slot
