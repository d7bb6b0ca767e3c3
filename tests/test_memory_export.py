"""What the command line writes: files that take the place of nothing, and text that any terminal and shell can take."""

import os
import threading

import pytest
from memory_scene import contents, live_a_step

from memory import Memory
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
