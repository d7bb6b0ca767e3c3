"""A group of suites on the command line: each in a run of its own, all checked before the first one starts."""

import json
import sys

import pytest

from benchmarks.matrix import main as matrix
from benchmarks.run import main
from benchmarks.suites import GROUPS
from leaderboard import Leaderboard
from leaderboard.records import Report

SUITE = """
name = "{name}"
held_out = 2
k = 1
max_new_tokens = 8
[[envs]]
id = "pmd/GSM8K-v0"
difficulty = {level}
source = "generated"
"""


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """A group of two small suites, and the folder that commands are given in."""
    names = []
    for level, name in enumerate(("pair-one", "pair-two"), start=1):
        (tmp_path / f"{name}.toml").write_text(SUITE.format(name=name, level=level))
        names.append(f"{name}.toml")
    monkeypatch.setitem(GROUPS, "pair", tuple(names))
    (tmp_path / "here").mkdir()
    for name in names:
        (tmp_path / "here" / name).symlink_to(tmp_path / name)
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def command(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["run.py", "--agent", "frozen", "--suite", "pair", "--threads", "1", *arguments])
    return main()


@pytest.mark.slow
def test_a_group_is_run_suite_by_suite_posted_and_resumed(pair, monkeypatch, capsys):
    assert command(monkeypatch) == 0
    printed = capsys.readouterr().out
    base = pair / "runs" / "frozen-nano-pair-seed0"
    folders = [base / f"frozen-nano-pair-seed0-{name}" for name in ("one", "two")]
    reports = [Report.read(folder / "report.json") for folder in folders]
    assert [report.suite for report in reports] == ["pair-one", "pair-two"]
    assert "frozen on the suites of pair, seed 0" in printed
    if reports[0].provenance.commit != "unknown":
        ranked = [board.standings[0] for board in Leaderboard(pair / "leaderboard.sqlite").boards()]
        assert [(one.rank, one.stored.entry.report.run_id) for one in ranked] == [(1, f.name) for f in folders]

    (folders[1] / "report.json").unlink()  # as if it had been killed at the end
    written = (folders[0] / "report.json").read_bytes()
    assert command(monkeypatch, "--resume", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [report["rows"][0]["overall"]["avg_at_k"] for report in found] == [
        report.rows[0].overall.avg_at_k for report in reports
    ]
    assert (folders[0] / "report.json").read_bytes() == written

    assert command(monkeypatch, "--out", str(base)) == 2
    assert "already holds runs; add --resume" in capsys.readouterr().err
    assert command(monkeypatch, "--out", str(base), "--resume", "--seed", "1") == 2
    assert "other settings: seed" in capsys.readouterr().err


def test_a_dry_run_estimates_every_suite_and_their_sum(pair, monkeypatch, capsys):
    assert command(monkeypatch, "--dry-run", "--json") == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert [(one["suite"], one["workload"]["held_out"]) for one in found] == [("pair-one", 2), ("pair-two", 2)]
    said = " ".join(captured.err.split())
    assert "frozen on pair-one: 2 answers" in said
    assert "all of them, one after another: about" in said
    assert not (pair / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--env", "pmd/GSM8K-v0"), "--env stands for the environments of one suite, and 'pair' is several"),
        (("--resume",), "holds no runs of this group to resume"),
        (("--agent", "pdm"), "Did you mean 'pmd'?"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(pair, monkeypatch, capsys, arguments, message):
    assert command(monkeypatch, *arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert sorted(path.name for path in pair.iterdir()) == ["pair-one.toml", "pair-two.toml"]


def test_the_first_suite_does_not_start_if_the_last_one_cannot(pair, monkeypatch, capsys):
    (pair / "pair-two.toml").unlink()
    assert command(monkeypatch) == 2
    assert "pair-two.toml cannot be read" in capsys.readouterr().err
    assert not (pair / "runs").exists()


@pytest.mark.parametrize("suite", ["paper", "paper-livecodebench"])
@pytest.mark.parametrize("given", [(), ("--dry-run",), ("--out", "mine")])
def test_the_papers_suites_want_its_data(tmp_path, monkeypatch, capsys, suite, given):
    monkeypatch.delenv("PMD_DATA_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    assert command(monkeypatch, "--suite", suite, *given) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "is about published problems, and none are here: PMD_DATA_DIR is not set" in line
    assert list(tmp_path.iterdir()) == []


def test_a_matrix_of_them_wants_it_too(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("PMD_DATA_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["matrix.py", "--suites", "logic", "paper"])
    assert matrix() == 2
    assert "suite 'paper-biology' is about published problems" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.realdata
def test_with_a_part_of_the_data_the_missing_part_is_named(data_dir, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sciknoweval").symlink_to(data_dir / "sciknoweval")
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path / "data"))
    assert command(monkeypatch, "--suite", "paper") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "suite 'paper-livecodebench' is about published problems, and none are here" in line
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
