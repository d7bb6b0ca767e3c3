"""Reading leaves a folder as it was, and needs no permission to write there."""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from memory_scene import attempts, live_a_step, saying, subject

from leaderboard.learned import read_learned
from memory import Memory, MemoryStoreError
from memory.__main__ import main


@contextmanager
def no_writing(folder):
    """Let nobody write to a folder; root, who may do all, is somebody else meanwhile."""
    mode, is_root = folder.stat().st_mode, os.geteuid() == 0
    folder.chmod(0o555)
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(mode)


@pytest.fixture
def run():
    """A run folder that others may look into; those of pytest are closed to them."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    with Memory(folder / "memory.sqlite") as memory:
        for step in range(2):
            live_a_step(memory, step)
        memory.contexts([])
    (folder / "memory.sqlite").chmod(0o644)
    yield folder
    shutil.rmtree(folder)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


COMMANDS = (["stats"], ["show"], ["export"], ["search", "apples"], ["diff", "0", "1"])


def command(run, words):
    return main([words[0], str(run), *words[1:]])


@pytest.mark.parametrize("words", COMMANDS)
def test_nothing_stays_beside_a_memory_that_was_read(run, capsys, words):
    before = (run / "memory.sqlite").read_bytes()
    assert command(run, words) == 0
    assert read_learned(run)
    assert names(run) == ["memory.sqlite"]
    assert (run / "memory.sqlite").read_bytes() == before


@pytest.mark.parametrize("words", COMMANDS)
def test_a_folder_that_cannot_be_written_to_can_be_read(run, capsys, words):
    assert command(run, words) == 0
    shown, learned = capsys.readouterr().out, read_learned(run)
    with no_writing(run):
        assert command(run, words) == 0
        assert capsys.readouterr().out == shown
        assert read_learned(run) == learned != ()
        assert names(run) == ["memory.sqlite"]


def test_an_empty_log_that_was_left_there_is_no_obstacle(run, capsys):
    (run / "memory.sqlite-wal").touch()
    with no_writing(run):
        assert command(run, ["stats"]) == 0


def test_changes_in_a_log_are_not_passed_over_and_the_folder_is_named(run, capsys):
    with Memory(run / "memory.sqlite") as memory:
        memory.record(subject(), attempts(2, 70), 5)
        copy = run / "copy"
        copy.mkdir()
        for name in ("memory.sqlite", "memory.sqlite-wal"):
            shutil.copy(run / name, copy / name)
    with no_writing(copy):
        assert command(copy, ["stats"]) == 2
        said = capsys.readouterr().err
        assert f"the folder {copy} has to be writable" in said
        assert said.count("\n") == 1
    assert command(copy, ["stats", "--json"]) == 0
    assert '"step": 5' in capsys.readouterr().out
    assert "memory.sqlite-wal" in names(copy)


def test_a_file_that_must_not_be_read_is_refused(run, capsys):
    (run / "memory.sqlite").chmod(0)
    with no_writing(run):
        assert command(run, ["stats"]) == 2
    assert "unable to open" in capsys.readouterr().err


def test_a_reader_that_closes_disturbs_neither_writers_nor_other_readers(run):
    path = run / "memory.sqlite"
    first, second = Memory(path, "r"), Memory(path, "r")
    count = first.counts().experience
    first.close()
    with Memory(path) as writer:
        writer.record(subject(), attempts(1, 90), 7)
        with Memory(path, "r") as third:
            assert third.counts(6).experience == count
        assert second.counts(6).experience == count
        second.close()
        assert writer.reflect([subject()], saying('{"strategies": []}'), 8).requests == 1
    assert names(run) == ["memory.sqlite"]
    with pytest.raises(MemoryStoreError):
        Memory(run / "none.sqlite", "r")
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


ENDLESS = """
CREATE VIEW items AS WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count)
SELECT n AS id, 'insight' AS level, '' AS kind, '' AS title, '' AS body, 1.0 AS score, n AS written_step,
NULL AS removed_step FROM count
"""


def test_a_query_of_a_stranger_s_memory_ends(tmp_path, monkeypatch):
    monkeypatch.setattr("leaderboard.learned._OPERATIONS", 1_000_000)
    with closing(sqlite3.connect(tmp_path / "memory.sqlite")) as connection:
        connection.execute(ENDLESS)
    assert read_learned(tmp_path) == ()


def test_all_texts_of_a_stranger_s_memory_are_cut(tmp_path):
    with closing(sqlite3.connect(tmp_path / "memory.sqlite")) as connection:
        connection.execute("CREATE TABLE items (id, level, kind, title, body, score, written_step, removed_step)")
        connection.execute("INSERT INTO items VALUES (1, 'insight', ?1, ?1, ?1, 1, 1, NULL)", ("x" * 1_000_000,))
        connection.commit()
    [item] = read_learned(tmp_path)
    assert max(map(len, (item.kind, item.title, item.body))) == 2_000
