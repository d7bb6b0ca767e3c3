"""What the command line writes: files that take the place of nothing, and text that any terminal and shell can take."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from memory_scene import contents, live_a_step, subject

from memory import Attempt, Memory
from memory.__main__ import main


@pytest.fixture
def run(tmp_path):
    with Memory(tmp_path / "run.sqlite") as memory:
        live_a_step(memory, 0)
    return tmp_path / "run.sqlite"


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_the_memory_is_not_exported_over_itself(run, suffix, capsys):
    held, own = contents(run), run.with_name(run.name + suffix)
    (run.parent / "link").symlink_to(own)
    (run.parent / "folder").mkdir()
    for output in (own, run.parent / "link", run.parent / "folder" / ".." / own.name):
        assert main(["export", str(run), "--output", str(output)]) == 2
        printed = capsys.readouterr()
        assert "belongs to the memory" in printed.err
        assert printed.err.count("\n") == 1
    assert contents(run) == held


def test_another_name_of_the_memory_is_the_memory(run, capsys):
    held = contents(run)
    os.link(run, run.parent / "same")
    (run.parent / "link.sqlite").symlink_to(run)
    assert main(["export", str(run), "--output", str(run.parent / "same")]) == 2
    assert main(["export", str(run.parent / "link.sqlite"), "--output", str(run)]) == 2
    assert capsys.readouterr().err.count("belongs to the memory") == 2
    assert contents(run) == held


def test_an_export_that_fails_leaves_what_was_there(run, monkeypatch, capsys):
    output = run.parent / "items.jsonl"
    output.write_text("of yesterday")
    monkeypatch.setattr("memory.__main__.of_item", lambda item: 1 / 0)
    before = sorted(run.parent.iterdir())
    with pytest.raises(ZeroDivisionError):
        main(["export", str(run), "--output", str(output)])
    assert output.read_text() == "of yesterday"
    assert [path for path in run.parent.iterdir() if path not in before and "run.sqlite" not in path.name] == []
    assert main(["export", str(run), "--output", str(run.parent / "nowhere" / "items.jsonl")]) == 2
    assert "no folder" in capsys.readouterr().err


def test_an_export_takes_the_place_of_a_file_and_of_nothing_else(run, capsys):
    output, link, pipe = (run.parent / name for name in ("items.jsonl", "link", "pipe"))
    output.write_text("of yesterday")
    output.chmod(0o600)
    link.symlink_to(output)
    assert main(["export", str(run), "--output", str(link)]) == 0
    assert link.is_symlink()
    assert output.stat().st_mode & 0o777 == 0o600
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text("utf-8")))
    reader.start()
    assert main(["export", str(run), "--output", str(pipe)]) == 0
    reader.join()
    assert pipe.is_fifo()
    assert read == [output.read_text("utf-8")]


STRANGE = "red \x9b31m, \u2028 a line, \x85 another, \x7f, é, 式 and 🙂"


@pytest.fixture
def strange(tmp_path):
    with Memory(tmp_path / "memory.sqlite") as memory:
        memory.record(subject(), [Attempt("e", STRANGE, 1.0)], 0)
    return tmp_path


def test_an_exported_item_is_one_line_that_steers_no_terminal(strange, capsys):
    assert main(["export", str(strange)]) == 0
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert len(printed.splitlines()) == 1
    assert json.loads(printed)["text"] == STRANGE


@pytest.mark.parametrize("command", [["show"], ["search", "é"], ["stats"], ["export"], ["show", "--json"]])
def test_a_terminal_without_the_characters_gets_the_rest(strange, command):
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONIOENCODING": "ascii"}
    name, *options = command
    called = [sys.executable, "-m", "memory", name, str(strange), *options]
    done = subprocess.run(called, env=env, capture_output=True, cwd=strange)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert b"red" in done.stdout or name == "stats"
