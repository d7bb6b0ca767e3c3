"""Insights that one problem alone supports, and insights that never helped, lose their place."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_scene import attempts, subject

from memory import Caps, HashedNgrams, Memory, MemoryUseError, Pruned, support

SAYS = {
    0: "Divide the total by the number of boxes to find one of them.",
    1: "Divide the total by how many boxes there are to find one of them.",
    2: "Take the larger number first when two of them are compared.",
}


def filled(path, *numbers, caps=None):
    """One strategy for each problem, as ``SAYS`` has it."""
    memory = Memory(path / "m.sqlite", caps=caps)
    for number in numbers:
        memory.record(subject(number), attempts(1, number), 0)
        reply = json.dumps({"strategies": [{"title": f"t{number}", "content": SAYS[number]}]})
        memory.reflect([subject(number)], lambda _, reply=reply: [reply], 0)
    assert memory.counts().insight == len(numbers)
    return memory


def titles(memory, as_of=None):
    return {item.title for item in memory.items("insight", as_of)}


def test_what_two_problems_say_stays_and_what_one_says_goes(tmp_path):
    with filled(tmp_path, 0, 1, 2) as memory:
        assert memory.prune(3) == Pruned(alone=1)
        assert titles(memory) == {"t0", "t1"}
        assert titles(memory, as_of=2) == {"t0", "t1", "t2"}
        assert memory.prune(5) == Pruned()  # what is gone is not removed again
        assert titles(memory, as_of=4) == {"t0", "t1"}
        memory.rewind(2)
        assert titles(memory) == {"t0", "t1", "t2"}


def test_the_threshold_is_a_cosine(tmp_path):
    first, second = HashedNgrams().embed([f"t0. {SAYS[0]}", f"t1. {SAYS[1]}"])
    cosine = float(first @ second)
    for place, (threshold, left) in enumerate(((cosine + 0.01, 0), (cosine - 0.01, 2))):
        folder = tmp_path / str(place)
        folder.mkdir()
        with filled(folder, 0, 1, caps=Caps(support=threshold)) as memory:
            memory.prune(1)
            assert memory.counts().insight == left
    with pytest.raises(MemoryUseError, match=r"Caps\.support is above 0, not 0"):
        Caps(support=0)


def test_a_second_insight_about_the_same_problem_is_no_support(tmp_path):
    with filled(tmp_path, 0) as memory:
        reply = json.dumps({"strategies": [{"title": "again", "content": SAYS[1]}]})
        memory.reflect([subject(0)], lambda _: [reply], 1)
        assert memory.counts().insight == 2
        assert memory.prune(2) == Pruned(alone=2)


def test_an_insight_of_the_other_kind_is_no_support(tmp_path):
    with filled(tmp_path, 0) as memory:
        memory.record(subject(1), attempts(1, 1, 0.0), 0)
        reply = json.dumps({"lessons": [{"title": "t1", "content": SAYS[1]}]})
        assert memory.reflect([subject(1)], lambda _: [reply], 0).admitted == 1
        assert memory.prune(1) == Pruned(alone=2)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=9), st.integers(1, 4))
def test_support_is_the_same_in_blocks_of_any_size(insights, block):
    vectors = np.eye(4, dtype=np.float32)[[said for said, _ in insights]]
    expected = [any(s == said and o != owner for s, o in insights) for said, owner in insights]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(support, "_BLOCK", block)
        assert support._supported(vectors, [str(owner) for _, owner in insights], 0.9).tolist() == expected


@pytest.mark.parametrize(("failures", "successes", "stays"), [(4, 0, True), (5, 0, False), (20, 1, True)])
def test_support_does_not_save_what_nothing_good_followed(tmp_path, failures, successes, stays):
    with filled(tmp_path, 0, 1, caps=Caps(fruitless=5)) as memory:
        watched = next(item for item in memory.items("insight") if item.title == "t0")
        memory.note_shown(subject(0), [watched.id] * 50, 1)  # however often it is shown,
        assert memory.prune(1) == Pruned()  # it has to be tried out first
        memory.record(subject(0), attempts(failures, 10, 0.0) + attempts(successes, 40), 2)
        assert memory.prune(2) == Pruned(fruitless=int(not stays))
        assert ("t0" in titles(memory)) == stays


def test_evidence_is_all_attempts_or_successes(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(0), attempts(1, 0, 0.0), 0)
        asked = []
        memory.reflect([subject(0)], lambda requests: asked.extend(requests) or ["{}"] * len(requests), 0, "successes")
        assert asked == []  # it has no success
        memory.record(subject(0), attempts(1, 1, 1.0), 1)
        memory.reflect([subject(0)], lambda requests: asked.extend(requests) or ["{}"] * len(requests), 1, "successes")
        assert [(request.mode, len(request.failures)) for request in asked] == [("strategies", 0)]
        with pytest.raises(MemoryUseError, match="unknown evidence 'sucesses'"):
            memory.reflect([subject(0)], lambda _: [], 2, "sucesses")
