"""Writing a whole step at once, finding behaviors in a large bank, and the script that measures both."""

import hashlib
import re
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_scene import Scripted, attempts, contents, subject
from sklearn.feature_extraction.text import HashingVectorizer

from benchmarks.peers.memory_speed import main
from memory import Attempt, FirewallError, HashedNgrams, Memory
from memory.bank import _scores
from memory.embedding import _buckets_of_words


def test_a_batch_is_its_groups_one_after_another(tmp_path):
    groups = [(subject(number), attempts(3, number) + attempts(2, number + 4, 0.0, "wrong")) for number in range(4)]
    groups.append((subject(0), attempts(2, 9)))  # the same problem once more
    with Memory(tmp_path / "one.sqlite") as memory:
        parts = [memory.record(about, tried, 3) for about, tried in groups]
    with Memory(tmp_path / "all.sqlite") as memory:
        whole = memory.record_batch([*groups, (subject(7), [])], 3)
    assert whole == sum(parts[1:], parts[0])
    assert whole.admitted > 8
    assert contents(tmp_path / "all.sqlite") == contents(tmp_path / "one.sqlite")


def test_attempts_of_a_batch_are_gated_against_each_other(tmp_path):
    tried = attempts(9)
    with Memory(tmp_path / "m.sqlite") as memory:
        done = memory.record_batch([(subject(0), [*tried[:2], tried[0]]), (subject(0), [tried[1], *tried[2:]])], 0)
        assert (done.admitted, done.rejected_duplicate, done.evicted) == (9, 2, 9 - memory.caps.successes)
        assert memory.counts().experience == memory.caps.successes


def test_a_batch_is_written_whole_or_not_at_all(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        with pytest.raises(FirewallError):
            memory.record_batch([(subject(0), attempts(1)), (subject(1, split="test"), attempts(1, 1))], 0)
        other = subject(0, gold="7")  # the same id with another answer
        with pytest.raises(ValueError, match="other content"):
            memory.record_batch([(subject(0), attempts(1)), (other, attempts(1, 1))], 0)
        assert memory.counts().total == 0


@given(st.integers(1, 9000), st.integers(0, 64), st.integers(0, 2**16))
def test_scores_are_the_cosines_however_many_n_grams_a_query_has(count, used, seed):
    rng = np.random.default_rng(seed)
    keys = rng.normal(size=(64, count)).astype(np.float32)
    query = np.zeros(64, dtype=np.float32)
    query[rng.choice(64, size=used, replace=False)] = rng.normal(size=used)
    assert np.allclose(_scores(query, keys), query @ keys, atol=1e-4)


def test_the_speed_script_measures_all_three(tmp_path, monkeypatch, capsys):
    asked = ["memory_speed.py", "--behaviors", "40", "--gigabytes", "0.005", "--turns", "2", "--folder", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", asked)
    assert main() == 0
    printed = capsys.readouterr().out
    assert len(re.findall(r"^.+: \d+\.\d\d ms \(slowest \d+\.\d\d\)$", printed, re.MULTILINE)) == 6
    assert re.search(r"a question of \d+ characters to 40 behaviors", printed)
    sizes = [float(size) for size in re.findall(r"file of (\S+) GB", printed)]
    assert sizes[0] < 0.005 <= sizes[1]
    assert list(tmp_path.iterdir()) == []


def work_of(memory: Memory, *calls) -> int:
    """How much SQLite does, in tens of its instructions."""
    done = 0

    def count() -> None:
        nonlocal done
        done += 1

    connection = memory._database._connection
    connection.set_progress_handler(count, 10)
    for call in calls:
        call()
    connection.set_progress_handler(None, 0)
    return done


def visited(path, others: int) -> Memory:
    """A memory of some problems beside problem 0, with insights about each."""
    memory, about = Memory(path), [subject(number) for number in range(others + 1)]
    memory.record_batch([(one, attempts(3, number)) for number, one in enumerate(about)], 0)
    memory.reflect(about, Scripted(), 0)
    return memory


def test_a_visit_to_a_problem_costs_no_more_the_more_others_there_are(tmp_path):
    costs = []
    for others in (5, 400):
        with visited(tmp_path / f"{others}.sqlite", others) as memory:
            costs.append(
                [
                    work_of(memory, lambda m=memory: m.record(subject(0), attempts(2, 31), 1)),
                    work_of(memory, lambda m=memory: m.reflect([subject(0)], Scripted(50), 1)),
                    work_of(memory, lambda m=memory: m.context(subject(0), levels={"experience", "insight"})),
                ]
            )
    few, many = costs
    assert all(one > 0 for one in few)
    assert all(more < 1.5 * one + 20 for one, more in zip(few, many, strict=True)), costs


def test_a_visit_costs_no_more_the_more_attempts_were_evicted(tmp_path):
    costs = []
    for visits in (2, 40):
        with Memory(tmp_path / f"{visits}.sqlite") as memory:
            for step in range(visits):
                memory.record(subject(0), [Attempt(f"{step}/{i}", unlike(step, i), 1.0) for i in range(8)], step)
            assert len(memory.items("experience", as_of=0)) == memory.caps.successes
            costs.append(
                [
                    work_of(memory, lambda m=memory: m.record(subject(0), [Attempt("x", unlike(99), 1.0)], 99)),
                    work_of(memory, lambda m=memory: [m.counts() for _ in range(9)]),
                ]
            )
    assert all(more < 1.5 * one for one, more in zip(*costs, strict=True)), costs


def test_a_step_is_written_with_few_statements(tmp_path):
    said = []
    groups = [(subject(n), [Attempt(f"{n}/{i}", unlike(n, i), i % 2) for i in range(16)]) for n in range(8)]
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record_batch(groups, 0)
        memory._database._connection.set_trace_callback(said.append)
        again = [(about, [replace(one, text=one.text[::-1]) for one in tried]) for about, tried in groups]
        assert memory.record_batch(again, 1).evicted == 8 * 16
        gone = sum(item.removed_step == 1 for item in memory.items("experience", as_of=0))
    written = [line.split()[0] for line in said if re.match(r"(INSERT INTO|UPDATE) items", line)]
    assert written.count("INSERT") == 8 * 16
    assert written.count("UPDATE") == gone  # and none for those that came and went in the step
    assert len(said) - len(written) < 8 * len(groups)


def unlike(*numbers: int) -> str:
    """Text that resembles no other."""
    return hashlib.sha256(repr(numbers).encode()).hexdigest()


def test_looking_at_related_problems_is_not_quadratic(tmp_path):
    costs = []
    for others in (40, 400):
        with visited(tmp_path / f"{others}.sqlite", others) as memory:
            costs.append(work_of(memory, lambda m=memory: m.consolidate(Scripted(), 1)))
    assert costs[1] < 20 * costs[0], costs


@given(st.lists(st.text(max_size=60), min_size=1, max_size=5), st.sampled_from([3, 4, 6]))
def test_n_grams_are_those_of_scikit_learn(texts, length):
    hashing = HashingVectorizer(
        analyzer="char_wb", ngram_range=(length, length), n_features=2**18, norm=None, alternate_sign=False
    )
    counts = hashing.transform(texts).tocsr()
    for row, text in enumerate(texts):
        words = b"".join(map(_buckets_of_words(length), text.lower().split()))
        own = Counter(np.frombuffer(words, dtype=np.int64).tolist())
        expected = counts[row]
        assert own == dict(zip(expected.indices.tolist(), expected.data.tolist(), strict=True))
    assert HashedNgrams(length=length).embed(texts).shape == (len(texts), 512)
