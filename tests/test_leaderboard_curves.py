"""How a run learnt, on its page: the area under its curve and rollouts to a score, of the right kind of score."""

import json

import pytest
from test_leaderboard_entry import write_run
from test_leaderboard_page import Page

from leaderboard import Leaderboard, ReportError
from leaderboard.curves import TARGETS, TRAINING, VALIDATION, Learning, LearningCurve, read_curve
from leaderboard.database import reading
from leaderboard.links import ServerLinks
from leaderboard.pages import Pages
from leaderboard.reader import Reader
from leaderboard.upload import pack, receive, unpack

CONFIG = {"suite": {"steps": 4, "problems": 2, "rollouts": 4}}  # in two environments: 16 rollouts a step
REWARDS = (0.0, 0.25, 0.5, 1.0)


def trained(folder, looks=(), start=None, rewards=REWARDS):
    """A run of as many steps as rewards; ``looks`` are validation scores after steps."""
    run = write_run(folder, config=CONFIG)
    lines = [{"step": step, "reward": reward} for step, reward in enumerate(rewards)]
    for step, score in looks:
        lines[step]["validation/avg"] = score
    (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    if start is not None:
        (run / "validation_start.json").write_text(json.dumps({"validation/avg": start}))
    return run


def text_of(board):
    with reading(board.path) as connection:
        return " ".join(Page(Pages(Reader(connection), ServerLinks()).run(1)).text.split())


def test_training_rewards_by_hand(tmp_path):
    curve = read_curve(trained(tmp_path / "run"), 16)
    assert (curve.name, curve.rollouts, curve.scores) == (TRAINING, [16, 32, 48, 64], list(REWARDS))
    assert curve.area == pytest.approx((0.125 + 0.375 + 0.75) / 3)
    assert curve.steady[1] == pytest.approx((0.09 * 0.0 + 0.1 * 0.25) / 0.19)
    assert Learning.of(curve).rollouts == 64


def test_validation_scores_come_first(tmp_path):
    curve = read_curve(trained(tmp_path / "run", looks=[(1, 0.5), (3, 0.7)], start=0.1), 16)
    assert curve == LearningCurve(VALIDATION, [0, 32, 64], [0.1, 0.5, 0.7])
    assert Learning.of(curve).area == pytest.approx((0.3 + 0.6) / 2)
    assert Learning.of(curve).reached == ((0.25, pytest.approx(12)), (0.5, 32), (0.75, None))
    assert [target for target, _ in Learning.of(curve).reached] == list(TARGETS)


@pytest.mark.parametrize("is_sent", [False, True])
def test_the_page_says_what_the_numbers_are_of(tmp_path, is_sent):
    board = Leaderboard(tmp_path / "board.sqlite")
    run = trained(tmp_path / "run", looks=[(1, 0.5), (3, 0.7)], start=0.1)
    receive(board, unpack(pack(run))) if is_sent else board.post(run)
    text = text_of(board)
    assert "Area under the learning curve 45.0 %: the mean validation score over 64 rollouts" in text
    assert "Rollouts to a validation score of 25 % 12 " in text
    assert "Rollouts to a validation score of 75 % not reached" in text
    assert "validation: from 10.0 % at 0 to 70.0 % at 4" in text


def test_the_page_of_a_run_without_validation_says_so(tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    board.post(trained(tmp_path / "run"))
    text = text_of(board)
    assert "Area under the learning curve 41.7 %: the mean training reward over 64 rollouts" in text
    assert "the run did not look at validation problems; for the rollouts to a score they are smoothed" in text


@pytest.mark.parametrize("counts", [{}, {"problems": "2", "rollouts": 4}, {"problems": 10**400, "rollouts": 4}])
def test_a_run_that_did_not_train_or_does_not_say_how_much_has_no_such_numbers(tmp_path, counts):
    board = Leaderboard(tmp_path / "board.sqlite")
    run = trained(tmp_path / "run") if counts else write_run(tmp_path / "run")
    report = json.loads((run / "report.json").read_text())
    report["config"]["suite"] = {"name": "nano", **counts}
    (run / "report.json").write_text(json.dumps(report))
    board.post(run)
    text = text_of(board)
    assert "Area under" not in text
    assert "Attempts in training" not in text


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['{"step": 1, "reward": 0.5}', '{"step": 1, "reward": 0.5}'], "its steps do not rise"),
        (['{"step": 1, "reward": 0.5, "validation/avg": 1.5}'], "validation/avg is 1.5, not between 0 and 1"),
    ],
)
def test_damaged_metrics_are_refused(tmp_path, lines, message):
    run = trained(tmp_path / "run")
    (run / "metrics.jsonl").write_text("\n".join(lines))
    with pytest.raises(ReportError, match=message):
        Leaderboard(tmp_path / "board.sqlite").post(run)
