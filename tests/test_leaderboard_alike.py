"""Problems that ask the same: known by their ids, drawn together, and said on the page of a run."""

import json

import gymnasium
import numpy as np
import pytest
from test_leaderboard_entry import write_run
from test_leaderboard_page import Page

from benchmarks.evaluate import Problems
from benchmarks.report import EnvSamples, result_row
from benchmarks.suites import EnvChoice
from leaderboard.alike import alike, alike_text, places_of_first
from leaderboard.database import reading
from leaderboard.entry import Entry
from leaderboard.evidence import Evidence, unpack_problems
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
