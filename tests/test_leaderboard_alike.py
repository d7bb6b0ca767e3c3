"""Problems that ask the same: known by their ids, drawn together, and said on the page of a run."""

import json
import sqlite3
import zlib
from itertools import permutations

import gymnasium
import numpy as np
import pytest
from test_leaderboard_entry import write_run
from test_leaderboard_page import Page, write_metrics

from benchmarks.evaluate import Problems
from benchmarks.report import EnvSamples, result_row
from benchmarks.suites import EnvChoice
from leaderboard.alike import alike, alike_text, places_of_first
from leaderboard.comparison import compare, pooled
from leaderboard.database import connect, reading
from leaderboard.entry import Entry
from leaderboard.evidence import Attempt, Evidence, ProblemScores, unpack_problems
from leaderboard.links import ServerLinks
from leaderboard.pages import Pages
from leaderboard.reader import Reader
from leaderboard.store import Leaderboard

KWARGS = {"difficulty": 1, "source": "generated", "granularity": "episode"}
FEW = "pmd/Arithmetic-v0"


def test_the_first_problem_that_asks_the_same_is_found_by_ids():
    part = Problems.open(EnvChoice(FEW, KWARGS), "test", 12)
    ids = [task.id for task in part.tasks]
    fingerprint = part.env.dataset.fingerprint
    found = alike(FEW, {"split": "test", **KWARGS}, fingerprint, ids)
    assert found == part.same == places_of_first([task.prompt for task in part.tasks])
    assert len(set(found)) < 12
    assert alike_text(FEW, found) == f"{len(set(found))} of the 12 of {FEW} are different"


@pytest.mark.parametrize(
    ("env_id", "kwargs", "fingerprint"),
    [
        (FEW, KWARGS, "of other data"),
        ("pmd/Nothing-v0", KWARGS, "any"),
        (FEW, {"family": "os:system"}, "any"),
        (FEW, {"difficulty": [1]}, "any"),
        (FEW, {**KWARGS, "split": "train"}, None),
    ],
)
def test_where_the_data_is_not_here_every_problem_is_one_of_its_own(env_id, kwargs, fingerprint):
    part = Problems.open(EnvChoice(FEW, KWARGS), "test", 12)
    known = fingerprint or part.env.dataset.fingerprint
    assert alike(env_id, kwargs, known, [task.id for task in part.tasks]) == tuple(range(12))


def test_the_interval_of_a_report_and_of_its_entry_draw_copies_together(tmp_path, monkeypatch):
    monkeypatch.setattr("test_leaderboard_entry.ENVS", (FEW,))
    monkeypatch.setattr("test_leaderboard_entry.KWARGS", KWARGS)
    monkeypatch.setattr("test_leaderboard_entry.PROBLEMS", 12)
    run = write_run(tmp_path / "run", solved=5)
    env = gymnasium.make(FEW, split="test", **KWARGS).unwrapped
    same = places_of_first([env.dataset.at(i).prompt for i in range(12)])
    entry = Entry.from_run(run)
    scores = np.array([[float(i < 5), float(i < 4)] for i in range(12)])
    row = result_row("pmd", {FEW: EnvSamples(scores, None, same)}, with_memory=False, policy_step=10, seed=0)
    found = entry.headline.overall
    assert (found.low, found.high, found.different) == (row.overall.low, row.overall.high, len(set(same)))
    assert (found.problems, found.different) == (12, row.per_env[FEW].different)
    unaware = result_row("pmd", {FEW: EnvSamples(scores, None)}, with_memory=False, policy_step=10, seed=0)
    assert found.high - found.low > unaware.overall.high - unaware.overall.low
    assert Entry.from_json(entry.to_json()) == entry

    parts = {name: content for name, _, content in Evidence.from_run(run, entry).parts()}
    problems = unpack_problems(parts["problems"])
    assert [int((p.asks or p.task_id).rpartition("/")[2]) for p in problems] == list(same)

    board = Leaderboard(tmp_path / "board.sqlite")
    board.post(run)
    with reading(board.path) as connection:
        text = Page(Pages(Reader(connection), ServerLinks()).run(1)).text
    assert f"Of the 12 problems {len(set(same))} ask different things: intervals draw those" in text


def test_reports_of_older_versions_do_not_say_how_many_are_different(tmp_path):
    run = write_run(tmp_path / "run")
    report = json.loads((run / "report.json").read_text())
    for row in report["rows"]:
        for scores in (row["overall"], *row["per_env"].values()):
            del scores["different"]
    (run / "report.json").write_text(json.dumps(report))
    assert Entry.from_run(run).headline.overall.different == 8


def answers(asks, better=1, order="0123"):
    """A run's problems in an order, of which the first three ask the same: so far as it is known."""
    scores = {"0": 1.0, "1": 1.0, "2": 1.0, "3": 0.0}
    return [ProblemScores("e", i, {"row": [Attempt(better * scores[i], 0)]}, asks.get(i, "")) for i in order]


KNOWN, BACKWARDS = {"1": "0", "2": "0"}, {"1": "2", "0": "2"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (({},), (KNOWN,)),
        ((KNOWN,), ({},)),
        ((KNOWN, 1, "0123"), (BACKWARDS, 0, "3210")),
        ((BACKWARDS, 1, "3210"), ({}, 0, "0123")),
        (({}, 1, "0123"), (BACKWARDS, 0, "3210")),
    ],
)
def test_it_is_enough_that_one_side_knows_what_asks_the_same(first, second):
    one, other = answers(first[0], 1, *first[2:]), answers(second[0], 0, *second[2:])
    for found, sign in (compare(one, "row", other, "row"), 1), (compare(other, "row", one, "row"), -1):
        line = found.overall
        assert (line.mean, *sorted((abs(line.low), abs(line.high)))) == (sign * 0.75, 0.0, 1.0)
        assert (line.better + line.worse, line.equal) == (1, 1)
        assert len({pair.asks or pair.task_id for pair in found.pairs}) == 2


def test_it_is_enough_that_one_of_the_runs_of_an_agent_knows():
    runs = [answers({}), answers(BACKWARDS, order="3210"), answers(KNOWN)]
    for order in permutations(runs):
        found = pooled([(run, "row") for run in order])
        assert len({problem.asks or problem.task_id for problem in found}) == 2


def make_old(path):
    """Have a database as it was before it knew what asks the same, and what training took."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DROP TRIGGER evidence_no_update")
        rows = connection.execute("SELECT entry_id, part, content FROM evidence WHERE part IN ('problems', 'training')")
        for entry_id, part, content in rows.fetchall():
            kept = json.loads(zlib.decompress(content))
            if part == "problems":
                kept = [problem[:3] for problem in kept]
            else:
                for point in kept:
                    del point["spent"]
            old = zlib.compress(json.dumps(kept).encode()), entry_id, part
            connection.execute("UPDATE evidence SET content = ? WHERE entry_id = ? AND part = ?", old)
        connection.execute(
            "CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence "
            "BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END"
        )
        connection.execute("PRAGMA user_version = 5")
    connection.close()


def test_an_older_database_learns_what_asks_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("test_leaderboard_entry.ENVS", (FEW,))
    monkeypatch.setattr("test_leaderboard_entry.KWARGS", KWARGS)
    monkeypatch.setattr("test_leaderboard_entry.PROBLEMS", 12)
    board = Leaderboard(tmp_path / "board.sqlite")
    board.post(write_run(tmp_path / "run", "run", solved=5))
    board.post(write_run(tmp_path / "other", "other", solved=2))
    with reading(board.path) as connection:
        new = [Reader(connection).problems(entry_id) for entry_id in (1, 2)]
    assert any(problem.asks for problem in new[0])
    with sqlite3.connect(board.path) as connection, monkeypatch.context() as elsewhere:
        elsewhere.setattr("leaderboard.evidence.alike", lambda env, kwargs, data, ids: tuple(range(len(ids))))
        connection.execute("PRAGMA user_version = 5")
        connection.commit()
        board.boards()  # what is known is not forgotten where the data is not here
    with reading(board.path) as connection:
        assert [Reader(connection).problems(entry_id) for entry_id in (1, 2)] == new
    make_old(board.path)
    board.boards()
    with reading(board.path) as connection:
        assert [Reader(connection).problems(entry_id) for entry_id in (1, 2)] == new
    with connect(board.path, create=False) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("UPDATE evidence SET content = x''")


def test_what_an_older_database_does_not_know_of_training_is_not_said_to_be_nothing(tmp_path):
    run = write_metrics(write_run(tmp_path / "run", config={"suite": {"problems": 1, "rollouts": 4}}))
    rows = [json.loads(line) | {"tokens/rollout": 2000.0} for line in (run / "metrics.jsonl").read_text().splitlines()]
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    board = Leaderboard(tmp_path / "board.sqlite")
    board.post(run)
    make_old(board.path)
    board.boards()

    def page():
        with reading(board.path) as connection:
            return Page(Pages(Reader(connection), ServerLinks()).run(1)).text

    assert "Tokens of answers in training (whether others were counted is not known" in page()
    assert "python -m leaderboard rebuild" in page()
    assert "no others were counted" not in page()
    board.rebuild(tmp_path)
    assert "Tokens read and written in training about 20,000 " in page()
