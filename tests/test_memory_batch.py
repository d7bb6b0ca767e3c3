"""Writing a whole step at once, finding behaviors in a large bank, and the script that measures both."""

import re
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_scene import attempts, contents, subject

from benchmarks.peers.memory_speed import main
from memory import FirewallError, Memory
from memory.bank import _scores


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
    assert len(re.findall(r"^.+: \d+\.\d\d ms \(slowest \d+\.\d\d\)$", printed, re.MULTILINE)) == 5
    assert "a question to 40 behaviors" in printed
    sizes = [float(size) for size in re.findall(r"file of (\S+) GB", printed)]
    assert sizes[0] < 0.005 <= sizes[1]
    assert list(tmp_path.iterdir()) == []
