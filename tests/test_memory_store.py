import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_scene import Scripted, attempts, live_a_step, saying, sentence, subject, take_back

from memory import Attempt, Caps, HashedNgrams, Memory, MemoryStoreError, MemoryUseError
from memory.novelty import cosines, is_novel, most_redundant, quantise

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)


@given(st.lists(st.tuples(texts, st.sampled_from([0.0, 0.5, 1.0]), st.none() | texts), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_what_is_recorded_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("memory") / "memory.sqlite"
    group = [Attempt(f"e{n}", text, score, feedback, 3) for n, (text, score, feedback) in enumerate(rows)]
    with Memory(path, caps=Caps(successes=6, failures=6, novelty=1.1)) as memory:
        assert memory.record(subject(), group, 4).admitted == len(group)
    with Memory(path, "r") as memory:
        found = sorted(memory.items("experience"), key=lambda item: item.id)
    assert [(e.episode_id, e.text, e.score, e.feedback, e.written_step) for e in found] == [
        (a.episode_id, a.text, a.score, a.feedback, 4) for a in group
    ]
    assert all(e.provenance.policy_step == 3 and e.provenance.fingerprints == ("gen-1",) for e in found)


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=30), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_caps_and_gate_hold_whatever_is_recorded(tmp_path_factory, rows, successes, failures):
    path = tmp_path_factory.mktemp("memory") / "memory.sqlite"
    caps = Caps(successes=successes, failures=failures)
    with Memory(path, caps=caps) as memory:
        totals = [0, 0, 0]
        for step, (number, won) in enumerate(rows):
            outcome = memory.record(subject(), attempts(1, number, float(won)), step)
            totals[0] += outcome.admitted
            totals[1] += outcome.rejected_duplicate
            totals[2] += outcome.evicted
        items = memory.items("experience")
    assert totals[0] + totals[1] == len(rows)
    assert len(items) == totals[0] - totals[2]
    for won, cap in ((True, successes), (False, failures)):
        kept = [item.text for item in items if item.success is won]
        assert len(kept) <= cap
        vectors = HashedNgrams().embed(kept)
        cosines = vectors @ vectors.T - 2 * np.eye(len(kept))
        assert not kept or cosines.max() < caps.novelty + 1e-3


def test_near_duplicates_are_rejected_and_the_same_text_as_failure_is_not(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        first = memory.record(subject(), attempts(1), 0)
        again = memory.record(subject(), [Attempt("other", sentence(0) + " ", 1.0)], 0)
        failed = memory.record(subject(), [Attempt("failed", sentence(0), 0.0)], 0)
    assert (first.admitted, again.rejected_duplicate, failed.admitted) == (1, 1, 1)


def test_the_most_redundant_leaves(tmp_path):
    group = [
        Attempt("far", "Count every corner of the polygon and halve it", 1.0),
        Attempt("twin-1", "Multiply the price by the number of apples, then add the tax of the city", 1.0),
        Attempt("twin-2", "Multiply the price by the number of pears, then add the tax of the state", 1.0),
    ]
    with Memory(tmp_path / "m.sqlite", caps=Caps(successes=3)) as memory:
        memory.record(subject(), group, 0)
        assert memory.record(subject(), attempts(1, 5), 1).evicted == 1
        kept = {item.episode_id for item in memory.items("experience")}
    assert kept == {"far", "twin-2", "episode-5"}


@pytest.mark.parametrize("cap", [1, 2, 3])
def test_a_lowered_cap_is_reached_and_all_that_leaves_is_counted(tmp_path, cap):
    path = tmp_path / "m.sqlite"
    with Memory(path, caps=Caps(successes=8, novelty=1.1)) as memory:
        assert memory.record(subject(), attempts(8), 0).evicted == 0
        memory.record(subject(1), attempts(8), 0)
        memory.reflect([subject()] * 6, Scripted(), 0)
        for start in range(5):
            memory.reflect([subject()], Scripted(start), 0)
            memory.consolidate(Scripted(start * 5), 0)
        held = memory.counts()
    assert held.insight == 6
    assert held.behavior > 3
    caps = Caps(successes=cap, strategies=cap, lessons=cap, behaviors=cap, novelty=1.1)
    with Memory(path, caps=caps) as memory:
        outcome = memory.record(subject(), attempts(2, 20), 1)
        assert (outcome.admitted, outcome.evicted) == (2, 8 + 2 - cap)
        understood = memory.reflect([subject()], Scripted(30), 1)
        assert (understood.admitted, understood.evicted) == (1, 6 + 1 - cap)
        found = memory.consolidate(Scripted(40), 1)
        assert found.evicted == held.behavior + found.added - cap
        counts = memory.counts()
        assert (counts.experience, counts.insight, counts.behavior) == (cap + 8, cap, cap)
        assert {item.episode_id for item in memory.items("experience")} >= {"episode-21"}
        assert memory.counts(as_of=0) == held


@given(st.integers(1, 12), st.integers(0, 2**16))
@settings(max_examples=30, deadline=None)
def test_most_redundant_agrees_with_the_definition(count, seed):
    rows = np.random.default_rng(seed).normal(size=(count + 1, 8)).astype(np.float32)
    rows = quantise(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    stored, newcomer = rows[:-1], rows[-1]
    nearest = [
        max(round(float(row @ other), 5) for other in [*stored[:n], *stored[n + 1 :], newcomer])
        for n, row in enumerate(stored)
    ]
    assert nearest[most_redundant(stored, cosines(newcomer, stored))] == pytest.approx(max(nearest), abs=2e-5)


def test_the_gate_is_a_threshold_on_the_cosine():
    axis = np.array([1.0, 0.0], dtype=np.float32)
    near = np.array([0.8, 0.6], dtype=np.float32)
    assert is_novel(cosines(near, axis[None]), 0.81, near)
    assert not is_novel(cosines(near, axis[None]), 0.79, near)
    assert is_novel(cosines(near, np.zeros((0, 0), dtype=np.float32)), 0.1, near)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=8), st.sampled_from([0.991, 0.9999, 1.0]))
@settings(max_examples=100, deadline=None)
def test_a_copy_is_never_new_and_anything_is_above_1(rows, threshold):
    vectors = quantise(HashedNgrams().embed([*rows, *(sentence(number) for number in range(20))]))
    for vector in vectors:
        near = cosines(vector, vectors)
        assert not is_novel(near, threshold, vector)
        assert is_novel(near, 1.01, vector)


@given(st.lists(st.floats(-1, 1, width=32), max_size=8), st.floats(0.01, 0.99), st.integers(0, 99))
def test_below_nearly_1_the_gate_is_the_plain_threshold(near, threshold, number):
    vector = quantise(HashedNgrams().embed([sentence(number)]))[0]
    near = np.array(near, dtype=np.float32)
    assert is_novel(near, threshold, vector) == (not len(near) or float(near.max()) < threshold)


def test_of_exact_copies_one_is_kept(tmp_path):
    with Memory(tmp_path / "m.sqlite", caps=Caps(novelty=1.0)) as memory:
        for number in range(40):
            said = f"Step {number}: add {number} and {number + 3}, so that {2 * number + 3} apples remain."
            report = memory.record(subject(number), [Attempt(f"e{n}", said, 1.0) for n in range(3)], 0)
            assert (report.admitted, report.rejected_duplicate) == (1, 2)
        assert memory.record(subject(0), attempts(4), 1).admitted == 4


@given(st.lists(texts, max_size=8))
@settings(max_examples=50, deadline=None)
def test_vectors_are_unit_deterministic_and_independent_of_the_batch(rows):
    embedder = HashedNgrams()
    vectors = embedder.embed(rows)
    assert vectors.shape == (len(rows), 512)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    for row, vector in zip(rows, vectors, strict=True):
        assert np.array_equal(embedder.embed([row])[0], vector)


def test_shared_content_counts_more_than_shared_prose():
    query, content, prose = HashedNgrams().embed(
        [
            "How many kilometres does the locomotive travel in the afternoon?",
            "Locomotive: kilometres travelled, afternoon",
            "How many of them are there in all, and what does he do in the end?",
        ]
    )
    assert query @ content > query @ prose + 0.1


def test_a_problem_cannot_change_under_its_id(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(1), 0)
        with pytest.raises(MemoryUseError, match="other content"):
            memory.record(replace(subject(), fingerprint="gen-2"), attempts(1, 3), 1)
        assert memory.counts().experience == 1


def test_a_score_out_of_range_is_refused():
    with pytest.raises(MemoryUseError, match="between 0 and 1"):
        Attempt("e", "text", 1.5)
    with pytest.raises(MemoryUseError, match="between 0 and 1"):
        Attempt("e", "text", float("nan"))


@pytest.mark.parametrize("field", ["successes", "failures", "strategies", "lessons", "behaviors", "novelty"])
def test_caps_below_their_minimum_are_refused(field):
    with pytest.raises(MemoryUseError, match=field):
        Caps(**{field: 0})


def test_half_a_surrogate_pair_does_not_stop_a_run(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), [Attempt("e", "broken \ud800 text", 1.0, "also \udfff")], 0)
        assert memory.items("experience")[0].text == "broken ? text"


def test_opening_what_is_not_a_memory_says_so(tmp_path):
    with pytest.raises(MemoryStoreError, match="no memory file"):
        Memory(tmp_path / "missing.sqlite", "r")
    with pytest.raises(MemoryStoreError, match="no folder"):
        Memory(tmp_path / "missing" / "m.sqlite")
    with pytest.raises(MemoryStoreError, match="is a folder"):
        Memory(tmp_path)
    with pytest.raises(MemoryUseError, match="unknown mode"):
        Memory(tmp_path / "m.sqlite", "w")
    text = tmp_path / "text.sqlite"
    text.write_text("this is prose and not a database, for all of its many characters" * 20)
    for mode in ("r", "rw"):
        with pytest.raises(MemoryStoreError, match="cannot be opened as a memory"):
            Memory(text, mode)
    foreign = tmp_path / "foreign.sqlite"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE stranger (x)")
    connection.close()
    with pytest.raises(MemoryStoreError, match="something else"):
        Memory(foreign)
    empty = tmp_path / "empty.sqlite"
    empty.touch()
    with pytest.raises(MemoryStoreError, match="mode='rw'"):
        Memory(empty, "r")


def test_little_room_is_wasted_and_files_of_other_pages_are_written_as_they_are(tmp_path):
    sizes = {}
    for name, page in (("new", None), ("old", 4096)):
        path = tmp_path / f"{name}.sqlite"
        if page:
            with closing(sqlite3.connect(path)) as connection:
                connection.executescript(f"PRAGMA page_size = {page}; PRAGMA journal_mode = WAL;")
        with Memory(path) as memory:
            memory.record_batch([(subject(n), [Attempt("e", f"{n:05} " * 33, 1.0)]) for n in range(100)], 0)
            assert memory.counts().experience == 100
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA page_size").fetchone()[0] == (page or 8192)
        sizes[name] = path.stat().st_size
    assert sizes["new"] < 0.9 * sizes["old"]


def indexes(path):
    """The statements that made them."""
    with closing(sqlite3.connect(path)) as connection:
        return set(connection.execute("SELECT sql FROM sqlite_master WHERE type = 'index'"))


@pytest.mark.parametrize("version", [2, 3])
def test_a_file_of_older_indexes_is_read_as_it_is_and_brought_up_to_date_by_writing(tmp_path, version):
    path = tmp_path / "m.sqlite"

    def everything(memory):
        levels = ("experience", "insight", "behavior")
        return [memory.items(level) for level in levels], memory.context(subject(1)), memory.counts(), memory.growth()

    with Memory(path) as memory:
        live_a_step(memory, 0)
        live_a_step(memory, 1)
        found = everything(memory)
    new = indexes(path)
    take_back(path, version)
    assert indexes(path) != new
    with Memory(path, "r") as memory:
        assert everything(memory) == found
    assert indexes(path) != new
    with Memory(path) as memory:
        assert everything(memory) == found
    assert indexes(path) == new
    take_back(path, 1)
    with pytest.raises(MemoryStoreError, match="older than this code"):
        Memory(path, "r")


def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "m.sqlite"
    Memory(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    for mode in ("r", "rw"):
        with pytest.raises(MemoryStoreError, match="newer version"):
            Memory(path, mode)
    assert path.read_bytes() == before


def test_read_only_reads_and_does_not_write(tmp_path):
    path = tmp_path / "a name with spaces, #hash and ?question%20.sqlite"
    with Memory(path) as memory:
        memory.record(subject(), attempts(2), 0)
    with Memory(path, "r") as memory:
        assert memory.counts().experience == 2
        with pytest.raises(MemoryStoreError, match="reading only"):
            memory.record(subject(), attempts(1, 9), 1)
        with pytest.raises(MemoryStoreError, match="reading only"):
            memory.rewind(0)


def test_vectors_of_another_embedder_are_refused(tmp_path):
    path = tmp_path / "m.sqlite"
    with Memory(path) as memory:
        memory.record(subject(), attempts(1), 0)
    with Memory(path, embedder=HashedNgrams(dimension=64)) as memory:
        assert memory.counts().experience == 1
        with pytest.raises(MemoryStoreError, match="cannot search"):
            memory.record(subject(), attempts(1, 5), 1)


def test_a_reflector_that_loses_replies_is_refused(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(2), 0)
        with pytest.raises(MemoryUseError, match="0 replies to 1 requests"):
            memory.reflect([subject()], lambda _: [], 0)


def test_reflection_asks_what_the_evidence_allows(tmp_path):
    reflector = Scripted()
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(0), attempts(2) + attempts(3, 2, 0.0, "wrong sum"), 0)
        memory.record(subject(1), attempts(2, 10), 0)
        memory.record(subject(2), attempts(2, 20, 0.0, "no answer"), 0)
        report = memory.reflect([subject(n) for n in (0, 1, 2, 3, 0)], reflector, 0)
        kinds = {(i.subject_id, i.kind) for i in memory.items("insight")}
        share = {i.subject_id: i.success_share for i in memory.items("insight")}
        newest = {i.subject_id: i.provenance.policy_step for i in memory.items("insight")}
    assert [request.mode for request in reflector.asked] == ["contrastive", "strategies", "lessons"]
    assert (reflector.asked[0].n_success, reflector.asked[0].n_total) == (2, 5)
    assert (report.requests, report.admitted) == (3, 4)
    ids = [subject(n).id for n in range(3)]
    assert kinds == {(ids[0], "strategy"), (ids[0], "lesson"), (ids[1], "strategy"), (ids[2], "lesson")}
    assert share == {ids[0]: 0.4, ids[1]: 1.0, ids[2]: 0.0}
    assert newest == {ids[0]: 4, ids[1]: 11, ids[2]: 21}


@pytest.mark.parametrize(
    ("first", "newest", "said"),
    [(0.0, 1.0, (8, 9)), (1.0, 0.0, (1, 9)), (1.0, 1.0, (8, 8)), (0.0, 0.0, (0, 8))],
)
def test_an_older_attempt_that_is_shown_is_among_those_that_are_counted(tmp_path, first, newest, said):
    reflector = Scripted()
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(1, 0, first, "wrong sum"), 0)
        memory.record(subject(), attempts(8, 1, newest, "wrong sum"), 1)
        memory.reflect([subject()], reflector, 1)
    (request,) = reflector.asked
    assert (request.n_success, request.n_total) == said
    assert (len(request.successes), len(request.failures)) == (bool(said[0]), said[0] < said[1])


def test_insights_accumulate_up_to_their_cap(tmp_path):
    reflector = Scripted()
    with Memory(tmp_path / "m.sqlite", caps=Caps(strategies=4, lessons=2)) as memory:
        memory.record(subject(), attempts(1) + attempts(1, 2, 0.0), 0)
        reports = [memory.reflect([subject()], reflector, step) for step in range(9)]
        kinds = [item.kind for item in memory.items("insight")]
    assert (kinds.count("strategy"), kinds.count("lesson")) == (4, 2)
    assert sum(r.admitted for r in reports) - sum(r.evicted for r in reports) == 6


def test_unusable_replies_are_counted_and_skipped(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(2), 0)
        memory.record(subject(1), attempts(2, 4), 0)
        report = memory.reflect([subject(), subject(1)], saying("I could not think of any.", '{"strategies": ['), 0)
        assert (report.requests, report.invalid_json, report.admitted) == (2, 2, 0)
        assert memory.consolidate(saying("{}"), 0).invalid_json == 1
        assert memory.counts().total == 4


def test_importing_the_memory_is_cheap():
    heavy = "{'torch', 'sklearn', 'rich', 'pmd_envs', 'agents'}"
    code = f"import sys, memory; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
