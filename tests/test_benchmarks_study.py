"""Comparing arms over seeds: the statistics on paper, and a small study from the outside."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.statistics import crossed_interval
from benchmarks.study import main
from benchmarks.study_results import ArmResult, difference

ROOT = Path(__file__).resolve().parent.parent


def arm(*tables):
    return ArmResult("x", tuple(np.array(table, dtype=float) for table in tables), 0, None, np.zeros((1, 0)), 0, 0, 0)


@given(st.floats(0, 1), st.integers(1, 5), st.integers(1, 6))
def test_what_never_varies_has_no_width(value, seeds, problems):
    interval = crossed_interval([np.full((seeds, problems), value)], 0)
    assert interval.low == pytest.approx(value)
    assert interval.high == pytest.approx(value)


def test_more_seeds_and_problems_narrow_the_interval():
    rng = np.random.default_rng(0)
    widths = []
    for size in (5, 20, 80):
        interval = crossed_interval([rng.random((size, size))], 0)
        assert interval.low < 0.5 + 0.1
        assert interval.high > 0.5 - 0.1
        widths.append(interval.high - interval.low)
    assert widths[0] > widths[1] > widths[2]


def test_one_seed_still_resamples_problems_and_seeds_move_together():
    assert crossed_interval([np.array([[0.0, 1.0, 0.0, 1.0]])], 0).high > 0.5
    # two environments that a seed lifts together: their mean varies as one of them does
    table = np.array([[0.0, 0.0], [1.0, 1.0]])
    both = crossed_interval([table, table], 0)
    assert (both.low, both.high) == (0.0, 1.0)
    with pytest.raises(ValueError, match="same seeds"):
        crossed_interval([np.zeros((2, 3)), np.zeros((3, 3))], 0)


def test_pairing_removes_what_both_arms_share():
    rng = np.random.default_rng(1)
    hard = rng.random((4, 30))
    mean, interval = difference(arm(hard + 0.1), arm(hard))
    assert mean == pytest.approx(0.1)
    assert (interval.low, interval.high) == pytest.approx((0.1, 0.1))


def study(folder, *arguments):
    command = [sys.executable, str(ROOT / "benchmarks" / "study.py"), *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, "COLUMNS": "99"},
    )


def test_a_study_runs_what_is_missing_and_writes_its_page(tmp_path, monkeypatch):
    asked = ("--suite", "smoke", "--arms", "ema-kl", "--seeds", "1", "--threads", "1", "--out", "study")
    done = study(tmp_path, *asked)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "study" / "results.md").read_text()
    rows = re.findall(r"^\| (\S+) \|", page, re.MULTILINE)
    assert rows[:3] == ["arm", "start", "ema-kl"]
    assert "Does staying near a slow copy of itself help?" in page
    for name in ("scores", "curves"):
        assert (tmp_path / "study" / f"results-{name}.png").read_bytes().startswith(b"\x89PNG")
    finished = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("report.json")}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["study.py", *asked])
    assert main() == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("report.json")} == finished
    assert (tmp_path / "study" / "results.md").read_text() == page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--arms", "pdm"), "unknown agent 'pdm'. Did you mean 'pmd'?"),
        (("--suite", "defualt"), "unknown suite 'defualt'. Did you mean 'default'?"),
        (("--seeds", "0"), "--seeds 0 is below 1"),
        (("--suite", "smoke", "--arms", "frozen", "--seeds", "1", "--split", "tset"), "unknown split 'tset'"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, arguments, message, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["study.py", *arguments])
    assert main() == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert message in lines[0]
