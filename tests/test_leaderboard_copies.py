"""Copies of a run: known by their answers, however they are numbered and whenever they say that they were made."""

import json
import shutil
import sqlite3
from dataclasses import replace

import pytest
from test_leaderboard_entry import PROVENANCE, K, edit_report, reseal, set_in, write_run

from leaderboard import Leaderboard, RefusedError

MARK = "same answers, word for word, as entry 1: no second measurement"


@pytest.fixture
def board(tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    board.post(write_run(tmp_path / "runs" / "honest", "honest"))
    return board


def back_dated(folder):
    edit_report(folder, set_in("run_id", value="copy"))
    edit_report(folder, set_in("created", value="2020-01-01T00:00:00+00:00"))
    return folder


def standings(board):
    return [(s.rank, s.stored.entry.report.run_id, s.stored.mark) for s in board.boards()[0].standings]


def numbered_anew(run):
    path = run / "evaluation.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("\n".join(json.dumps({**row, "sample": K - 1 - row["sample"]}) for row in rows))
    reseal(run)
    return run


def test_a_rebuild_leaves_the_rank_to_whose_answers_were_there_first(board, tmp_path):
    board.post(back_dated(write_run(tmp_path / "runs" / "copy", "honest", seed=5)))
    before = standings(board)
    assert before == [(1, "honest", ""), (None, "copy", MARK)]
    assert board.rebuild(tmp_path / "runs").refused == ()
    assert standings(board) == before
    edit_report(tmp_path / "runs" / "honest", set_in("created", value="2027-01-01T00:00:00+00:00"))  # as --resume does
    assert board.rebuild(tmp_path / "runs").refused == ()
    assert standings(board) == before


def test_a_rebuild_leaves_out_a_copy_that_was_not_there_before(board, tmp_path):
    copy = back_dated(shutil.copytree(tmp_path / "runs" / "honest", tmp_path / "runs" / "copy"))
    ((folder, reason),) = board.rebuild(tmp_path / "runs").refused
    assert (folder, reason[:40]) == (copy, "it is a copy of entry 1 (run 'honest'): ")
    assert standings(board) == [(1, "honest", "")]


def test_a_copy_is_known_when_its_samples_are_numbered_anew(board, tmp_path):
    copy = numbered_anew(shutil.copytree(tmp_path / "runs" / "honest", tmp_path / "copy"))
    edit_report(copy, set_in("run_id", value="copy"))
    with pytest.raises(RefusedError, match="it is a copy of entry 1"):
        board.post(copy)
    other = numbered_anew(write_run(tmp_path / "other", "honest", seed=5))
    edit_report(other, set_in("run_id", value="other"))
    assert board.post(other).mark == MARK


def test_an_older_database_knows_such_copies_too(board, tmp_path):
    connection = sqlite3.connect(board.path)
    with connection:
        connection.execute("UPDATE standings SET answers = 'by its samples'")
        connection.execute("PRAGMA user_version = 4")
    connection.close()
    other = numbered_anew(write_run(tmp_path / "other", "honest", seed=5))
    edit_report(other, set_in("run_id", value="other"))
    assert board.post(other).mark == MARK


def test_answers_that_another_board_has_too_are_a_measurement_on_their_own(board, tmp_path):
    """As of a policy that does not train, on suites that differ in their training alone."""
    longer = write_run(tmp_path / "longer", "honest", suite="longer", agent="frozen")
    edit_report(longer, set_in("run_id", value="longer"))
    posted = board.post(longer)
    assert (posted.rank, posted.of, posted.mark) == (1, 1, "")
    board.verify()
    assert [standing.rank for found in board.boards() for standing in found.standings] == [1, 1]
    again = write_run(tmp_path / "again", "honest", suite="longer", agent="frozen", seed=5)
    edit_report(again, set_in("run_id", value="again"))
    assert board.post(again).mark == MARK.replace("entry 1", "entry 2")


def test_a_run_without_a_sandbox_does_not_keep_one_with_it_from_its_rank(tmp_path, monkeypatch):
    monkeypatch.setattr("pmd_envs.families.gsm8k.GSM8K.starts_processes", True)
    board = Leaderboard(tmp_path / "board.sqlite")
    run = write_run(tmp_path / "run", "run", provenance=replace(PROVENANCE, sandbox=()))
    assert board.post(run).mark.startswith("unsafe sandbox: pmd/GSM8K-v0")
    edit_report(run, set_in("run_id", value="again"))
    with pytest.raises(RefusedError, match=r"it is a copy of entry 1 \(run 'run'\)"):
        board.post(run)
    edit_report(run, set_in("provenance", "sandbox", value=list(PROVENANCE.sandbox)))
    assert board.post(run).rank == 1
    assert [v.changed for v in board.verify()] == [0, 0]
    assert [(rank, name, mark[:6]) for rank, name, mark in standings(board)] == [
        (1, "again", ""),
        (None, "run", "unsafe"),
    ]
    edit_report(run, set_in("run_id", value="copy"))
    with pytest.raises(RefusedError, match=r"it is a copy of entry 2 \(run 'again'\)"):
        board.post(run)
