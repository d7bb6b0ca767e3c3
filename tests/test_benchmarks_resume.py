"""What a run needs to go on from its checkpoint: its memory as it was, and files that can be read."""

import json
import shutil
import sqlite3
import sys
from contextlib import closing

import pytest

from benchmarks.run import main

SUITE = """
name = "small"
steps = 1
problems = 1
rollouts = 2
pool = 2
held_out = 1
k = 1
max_new_tokens = 8
[[envs]]
id = "pmd/GSM8K-v0"
difficulty = 1
source = "generated"
"""


def started(folder, monkeypatch, *more):
    monkeypatch.chdir(folder)
    asked = ("--agent", "pmd", "--suite", "small.toml", "--no-post", "--threads", "1", "--out", "run", *more)
    monkeypatch.setattr(sys, "argv", ["run.py", *asked])
    return main()


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run that was killed after its training: the last evaluations and the report are missing."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "small.toml").write_text(SUITE)
    with pytest.MonkeyPatch.context() as patch:
        assert started(folder, patch) == 0
    for file in ("report.json", "evaluation/pmd.jsonl", "evaluation/pmd---memory.jsonl"):
        (folder / "run" / file).unlink()
    assert json.loads((folder / "run" / "metrics.jsonl").read_text())["memory/experience"] > 0
    return folder


@pytest.fixture
def resumed(trained, tmp_path, monkeypatch, capsys):
    """A copy of that run, and what is said when it goes on."""
    shutil.copytree(trained, tmp_path / "copy")

    def go_on():
        shutil.copytree(tmp_path / "copy" / "run", tmp_path / "new")  # a run that failed holds its folder to its end
        shutil.rmtree(tmp_path / "copy" / "run")
        (tmp_path / "new").rename(tmp_path / "copy" / "run")
        capsys.readouterr()
        status = started(tmp_path / "copy", monkeypatch, "--resume")
        return status, capsys.readouterr().err

    return tmp_path / "copy" / "run", go_on


def test_a_run_goes_on_with_its_memory(resumed):
    folder, go_on = resumed
    assert go_on()[0] == 0
    assert json.loads((folder / "report.json").read_text())["memory_counts"]["experience"] > 0


def test_a_run_does_not_go_on_without_its_memory(resumed):
    folder, go_on = resumed
    (folder / "memory.sqlite").unlink()
    for _ in range(2):  # no empty one is left behind
        status, said = go_on()
        assert (status, said) == (
            2,
            "error: run/memory.sqlite is missing, and the checkpoint of step 1 goes with it; put the files "
            "memory.sqlite* of this run back together, or choose another --out\n",
        )
    assert not (folder / "memory.sqlite").exists()


def empty(file):
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM items")


def nothing(file):
    file.write_bytes(b"")  # what a copy of a young memory without its -wal is


def garbage(file):
    file.write_text("not a database " * 100)


def inside(file):
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TABLE credits")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (empty, "run/memory.sqlite has 0 experience items of the first 1 steps, and "),
        (nothing, "lacks its memory.sqlite-wal; put the files memory.sqlite* of this run back together"),
        (garbage, "run/memory.sqlite cannot be opened as a memory: file is not a database"),
        (inside, "run/memory.sqlite cannot be used: no such table: credits; put the files memory.sqlite* of this run"),
    ],
)
def test_a_run_does_not_go_on_with_less_than_its_memory_held(damage, message, resumed):
    folder, go_on = resumed
    damage(folder / "memory.sqlite")
    status, said = go_on()
    assert status == 2
    assert said.count("\n") == 1
    assert message in said


@pytest.mark.parametrize("name", ["state.json", "policy.safetensors"])
def test_a_damaged_checkpoint_is_one_line_and_can_be_done_without(name, resumed):
    folder, go_on = resumed
    (folder / "checkpoint" / name).write_text("garbage")
    status, said = go_on()
    assert status == 2
    assert said.count("\n") == 1
    assert f"error: run/checkpoint/{name} cannot be read: " in said
    shutil.rmtree(folder / "checkpoint")
    assert go_on()[0] == 0
    assert len((folder / "metrics.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("metrics.jsonl", None, "run/metrics.jsonl lacks some of the first 1 steps; put back a copy of it, or delete "),
        ("metrics.jsonl", "{\n", "run/metrics.jsonl cannot be read: its line 1 is none of a training step; put back "),
        ("episodes.jsonl", "[]\n", "run/episodes.jsonl cannot be read: its line 1 is none of a training step; "),
    ],
)
def test_damaged_notes_of_training_are_one_line_and_can_be_done_without(name, text, message, resumed):
    folder, go_on = resumed
    whole = (folder / name).read_text()
    (folder / name).unlink() if text is None else (folder / name).write_text(text)
    status, said = go_on()
    assert (status, said.count("\n")) == (2, 1)
    assert message in said
    shutil.rmtree(folder / "checkpoint")
    assert go_on()[0] == 0
    assert (folder / name).read_text() == whole


@pytest.mark.parametrize("cut", [lambda text: text[:60], lambda _: ""])
def test_a_damaged_evaluation_is_one_line_and_can_be_measured_again(cut, resumed):
    folder, go_on = resumed
    file = folder / "evaluation" / "frozen--start.jsonl"
    whole = file.read_text()
    file.write_text(cut(whole))
    status, said = go_on()
    assert (status, said.count("\n")) == (2, 1)
    assert said.startswith("error: run/evaluation/frozen--start.jsonl ")
    assert said.endswith("; delete it, and --resume measures again\n")
    file.unlink()
    assert go_on()[0] == 0
    assert file.read_text() == whole


def test_nothing_goes_on_from_a_checkpoint_of_which_nobody_knows_what_it_is(trained, tmp_path, monkeypatch, capsys):
    shutil.copytree(trained, tmp_path / "copy")
    (tmp_path / "copy" / "run" / "config.json").unlink()
    assert started(tmp_path / "copy", monkeypatch, "--seed", "5") == 2
    said = "error: run holds checkpoint of a run, and no config.json that says of which: choose another --out\n"
    assert capsys.readouterr().err == said
