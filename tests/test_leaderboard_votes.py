"""What a report says beyond its means: intervals and majority votes, both of which the leaderboard computes itself."""

from dataclasses import replace

import pytest
from test_leaderboard_entry import ENVS, PROBLEMS, edit_report, set_in, write_run

from leaderboard.entry import Entry
from leaderboard.episodes import read_episodes
from leaderboard.errors import RefusedError
from leaderboard.records import Report
from leaderboard.verification import check_scores
from leaderboard.votes import check_votes


@pytest.fixture
def run(tmp_path):
    return write_run(tmp_path / "run")


def test_intervals_are_those_of_the_answers_whatever_the_report_says(run):
    honest = Entry.from_run(run)
    assert honest.report == Report.read(run / "report.json")  # an honest run says the same

    def narrow(report):
        for row in report["rows"]:
            for scores in (row["overall"], *row["per_env"].values()):
                scores["low"] = scores["high"] = scores["avg_at_k"]

    edit_report(run, narrow)
    assert Report.read(run / "report.json").rows != honest.report.rows
    assert Entry.from_run(run).report.rows == honest.report.rows


def test_votes_are_counted_again(tmp_path):
    entry = Entry.from_run(write_run(tmp_path / "run", votes=True))
    # Of the second problem's two answers one is right. The other one is none in GSM8K, and another vote in the puzzle.
    shares = {env_id: scores.maj_at_k for env_id, scores in entry.headline.per_env.items()}
    assert shares == {ENVS[0]: 2 / PROBLEMS, ENVS[1]: 1.5 / PROBLEMS}
    assert entry.headline.overall.maj_at_k == 1.75 / PROBLEMS


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("per_env", ENVS[0]), 1.0, "row 'pmd', pmd/GSM8K-v0: maj@k is 1 in report.json, 0.5 from"),
        (("overall",), 0.75, "row 'pmd', overall: maj@k is 0.75 in report.json, 0.4375 from"),
    ],
)
def test_an_edited_vote_is_refused(tmp_path, place, value, message):
    run = write_run(tmp_path / "run", votes=True)
    edit_report(run, set_in("rows", 1, *place, "maj_at_k", value=value))
    with pytest.raises(RefusedError) as error:
        Entry.from_run(run)
    assert message in str(error.value)


def test_answers_that_are_right_in_part_are_wrong_votes_and_solve_nothing(tmp_path):
    folder = write_run(tmp_path / "run", votes=True)
    episodes = read_episodes((folder / "evaluation.jsonl").read_bytes())
    partly = [replace(e, score=0.5) if e.env == ENVS[1] and not e.score else e for e in episodes]

    def graded(row):
        share = row.overall.avg_at_k  # in both environments
        second = replace(row.per_env[ENVS[1]], avg_at_k=(share + 1) / 2)
        overall = replace(row.overall, avg_at_k=(3 * share + 1) / 4)
        return replace(row, per_env={**row.per_env, ENVS[1]: second}, overall=overall)

    report = Report.read(folder / "report.json")
    report = replace(report, rows=tuple(map(graded, report.rows)))
    check_scores(report, partly)
    check_votes(report, partly)


@pytest.mark.parametrize("place", [("per_env", ENVS[0]), ("overall",)])
def test_a_vote_where_there_is_nothing_to_vote_for_is_refused(place, run, monkeypatch):
    edit_report(run, set_in("rows", 1, *place, "maj_at_k", value=0.5))
    # What is wrong states no answer here.
    monkeypatch.setattr(
        "pmd_envs.families.gsm8k.GSM8K.answer", lambda self, response: None if "know" in response else "7"
    )
    with pytest.raises(RefusedError, match=r"maj@k is 0\.5 in .*, and its responses state nothing to vote for"):
        Entry.from_run(run)
