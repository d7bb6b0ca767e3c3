import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_scene import attempts, contents, saying, sentence, subject

from memory import Caps, Memory, draft, neighbours
from memory.neighbours import Neighbours, _nearest
from memory.novelty import cosines, most_redundant

vector = st.lists(st.integers(-4, 4), min_size=3, max_size=3)


@given(st.lists(vector, min_size=1, max_size=12), st.lists(st.tuples(vector, st.integers(0, 3)), max_size=12))
@settings(max_examples=150, deadline=None)
def test_the_same_one_leaves_as_if_all_were_compared_with_all(start, newcomers):
    """Eighths, of which sums are exact, in few dimensions: many are equal, and many share their nearest."""
    stored = np.array(start, dtype=np.float32) / 8
    kept = Neighbours(stored)
    for newcomer, leave in newcomers:
        new = np.array(newcomer, dtype=np.float32) / 8
        near = cosines(new, stored)
        for _ in range(min(leave, len(stored))):
            row = kept.most_redundant(near)
            assert row == most_redundant(stored, near)
            stored, near = np.delete(stored, row, axis=0), np.delete(near, row)
            kept.pop(row, stored)
        kept.append(near)
        stored = np.concatenate([stored, new[None]])
    assert kept.most_redundant(np.full(len(stored), -2, np.float32)) == most_redundant(
        stored, np.full(len(stored), -2, np.float32)
    )


@given(st.lists(vector, min_size=1, max_size=12), st.integers(1, 5))
def test_neighbours_are_the_same_in_blocks_of_any_size(rows, block):
    stored = np.array(rows, dtype=np.float32) / 8
    everyone = np.arange(len(stored))
    whole = _nearest(stored, everyone)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "_BLOCK", block)
        in_blocks = _nearest(stored, everyone)
    assert [found.tolist() for found in in_blocks] == [found.tolist() for found in whole]


def test_among_more_than_a_block_the_two_that_are_alike_are_found():
    stored = np.random.default_rng(0).normal(size=(1100, 16)).astype(np.float32)
    stored /= np.linalg.norm(stored, axis=1, keepdims=True)
    stored[1080] = stored[1060]  # both in the second block
    assert most_redundant(stored, np.full(len(stored), -1, np.float32)) == 1060


def test_a_full_bank_is_the_same_however_it_is_kept(tmp_path, monkeypatch):
    named = [{"name": f"b{n % 9}", "instruction": f"{sentence(n)} and {sentence(n * 7)}"} for n in range(24)]
    left = []
    for few in (0, 2, 512):
        monkeypatch.setattr(draft, "FEW", few)
        with Memory(tmp_path / f"{few}.sqlite", caps=Caps(behaviors=4)) as memory:
            memory.record(subject(), attempts(1), 0)
            said = [saying(json.dumps({"behaviors": named[start : start + 8]})) for start in (0, 8, 16)]
            assert sum(memory.consolidate(reflector, step).evicted for step, reflector in enumerate(said)) > 4
        left.append(contents(tmp_path / f"{few}.sqlite"))
    assert left[0] == left[1] == left[2]


def test_a_large_full_bank_is_compared_with_all_of_itself_once(monkeypatch):
    monkeypatch.setattr(draft, "FEW", 4)
    monkeypatch.setattr(draft, "most_redundant", None)
    looked = []
    monkeypatch.setattr(draft, "Neighbours", lambda vectors: looked.append(1) or Neighbours(vectors))
    living = draft.Living(list(range(9)), [""] * 9, np.eye(9, dtype=np.float32))
    for _ in range(3):
        living.pop(living.most_redundant(np.zeros(len(living), np.float32)))
    assert (len(looked), len(living)) == (1, 6)
