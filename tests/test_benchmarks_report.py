import json
import subprocess
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.plots import Bar, Curve, bars, compare_runs, learning_curve
from benchmarks.report import (
    BASELINE,
    EnvSamples,
    EnvUsed,
    Provenance,
    Report,
    ReportError,
    collect_provenance,
    result_row,
    utc_now,
)
from pmd_envs.errors import ConfigError

names = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=20)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
provenances = st.builds(
    Provenance, names, st.booleans(), names, names, st.text(), st.integers(1, 99), st.integers(1, 99),
    st.dictionaries(names, st.text(), max_size=3),
)  # fmt: skip


def row(label=BASELINE, envs=("a", "b"), answers=None):
    samples = {env: EnvSamples(np.array([[1.0, 0.0], [0.5, 1.0], [0.0, 0.0]]), answers) for env in envs}
    return result_row(label, samples, with_memory=False, policy_step=3, seed=1)


def report(**changes):
    values = {
        "run_id": "r", "agent": "pmd", "policy": "nano", "suite": "s", "seed": 1, "steps": 2, "created": utc_now(),
        "config": {"x": [1, None]}, "environments": (EnvUsed("a", {}, "f", "d"), EnvUsed("b", {}, "g", "d")),
        "rows": (row(),), "memory_counts": {}, "seconds": {},
        "provenance": Provenance("abc", True, "3", "Linux", "", 1, 1, {}),
    }  # fmt: skip
    return Report(**values | changes)


@given(
    run_id=names,
    suite=names,
    seed=st.integers(0, 2**53),
    config=st.dictionaries(st.text(), json_values, max_size=4),
    memory_counts=st.dictionaries(names, st.integers(0, 10**6), max_size=3),
    seconds=st.dictionaries(names, st.floats(0, 1e9), max_size=3),
    provenance=provenances,
)
def test_a_report_survives_its_file(tmp_path_factory, **values):
    path = tmp_path_factory.mktemp("run") / "report.json"
    written = report(**values)
    written.write(path)
    assert Report.read(path) == written
    assert list(path.parent.iterdir()) == [path]


def test_a_row_holds_what_the_statistics_say():
    made = row(answers=[["1", "2"], ["3", "4"], ["", ""]])
    assert made.per_env["a"] == made.per_env["b"]
    scores = made.overall
    assert (scores.avg_at_k, scores.pass_at_k, scores.k, scores.problems) == (2.5 / 6, pytest.approx(2 / 3), 2, 6)
    assert scores.maj_at_k == pytest.approx((0.5 + 0.5 + 0) / 3)
    assert scores.low < scores.avg_at_k < scores.high
    assert row().overall.maj_at_k is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": ()}, "rows is empty"),
        ({"rows": (row(), row())}, "rows holds 'frozen (start)' twice"),
        ({"environments": (EnvUsed("a", {}, "f", "d"),)}, "rows[0].per_env has scores for ['a', 'b'], not for ['a']"),
        ({"created": "yesterday"}, "created is 'yesterday', not an ISO 8601 time"),
        ({"created": "2026-01-01T00:00:00"}, "not a time in UTC"),
        ({"seed": -1}, "seed is -1, not a whole number"),
        ({"seed": True}, "seed is True, not a whole number"),
        ({"steps": 10**400}, "steps is 1000"),
        ({"seconds": {"train": "fast"}}, "seconds.train is 'fast', not a number"),
        ({"agent": "\x1b[2J"}, "agent is '\\x1b[2J', not a printable text"),
        ({"agent": " "}, "agent is empty"),
    ],
)
def test_a_report_that_could_not_be_read_is_not_written(tmp_path, changes, message):
    path = tmp_path / "report.json"
    with pytest.raises(ReportError) as error:
        report(**changes).write(path)
    assert message in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"format": 2}, "format is 2; this version reads format 1"),
        ({"extra": 1}, "extra is not a field of this format"),
        ({"config": []}, "config is not a JSON object"),
        ({"rows": {}}, "rows is {}, not a list"),
        ({"seconds": {"train": float("nan")}}, "is not valid JSON: NaN is not a JSON number"),
    ],
)
def test_a_damaged_report_is_named_by_file_and_field(tmp_path, edit, message):
    path = tmp_path / "report.json"
    path.write_text(json.dumps(json.loads(report().to_json()) | edit))
    with pytest.raises(ReportError) as error:
        Report.read(path)
    assert str(error.value).startswith(f"{path}")
    assert message in str(error.value)


@pytest.mark.parametrize("field", sorted(set(json.loads(report().to_json())) - {"usage"}))
def test_every_field_of_a_report_is_needed(tmp_path, field):
    """But for what reports did not have from the start."""
    path = tmp_path / "report.json"
    values = json.loads(report().to_json())
    del values[field]
    path.write_text(json.dumps(values))
    with pytest.raises(ReportError, match=f"{field} is missing"):
        Report.read(path)


def test_provenance_names_the_commit_and_whether_it_was_changed(tmp_path):
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    assert collect_provenance(tmp_path, threads=2).commit == "unknown"
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run([*git, *command], check=True)
    clean = collect_provenance(tmp_path, threads=2)
    assert len(clean.commit) == 40
    assert (clean.dirty, clean.threads, clean.packages["numpy"]) == (False, 2, np.__version__)
    (tmp_path / "new").write_text("")
    assert collect_provenance(tmp_path, threads=2).dirty


def test_the_time_is_utc():
    assert datetime.fromisoformat(utc_now()).utcoffset().total_seconds() == 0


def test_plots_are_png_images_with_different_content(tmp_path):
    curve = Curve(range(20), [i / 20 for i in range(20)], {"costs $x$ and $": [(0, 0.1), (19, 0.8)]})
    flat = Curve(range(20), [0.5] * 20)
    learning_curve(curve, tmp_path / "a.png", title="$ not math")
    compare_runs({"one": curve, "two": flat}, tmp_path / "b.png")
    images = [(tmp_path / name).read_bytes() for name in ("a.png", "b.png")]
    assert all(image.startswith(b"\x89PNG") and len(image) > 5000 for image in images)
    assert images[0] != images[1]


@pytest.mark.parametrize("name", ["gap.png", "gap.svg", "gap.v2.svg"])
def test_a_figure_is_written_as_png_and_svg_whichever_is_named(tmp_path, name):
    bars([Bar("nothing", 0.2, 0.1, 0.3), Bar("help", 0.5, 0.4, 0.6)], tmp_path / name)
    stem = name.rpartition(".")[0]
    assert (tmp_path / f"{stem}.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / f"{stem}.svg").read_bytes().startswith(b"<?xml")
    assert len(list(tmp_path.iterdir())) == 2


def test_a_figure_of_another_kind_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"called \*\.png or \*\.svg"):
        bars([Bar("nothing", 0.2, 0.1, 0.3)], tmp_path / "gap.pdf")
    assert not list(tmp_path.iterdir())
