"""Scoring every answer again when a run is posted: which ones, in what order, how long, and what a person sees."""

import io
import json
import re
import sqlite3
import threading
import time
import urllib.request
from dataclasses import replace

import gymnasium
import pytest
import test_leaderboard_entry
from leaderboard_scene import TOKEN, served
from rich.console import Console
from test_leaderboard_entry import KWARGS, first_episode, reseal, write_run

from leaderboard import Leaderboard, RefusedError
from leaderboard.episodes import EvaluatedEpisode
from leaderboard.progress import rescore_before
from leaderboard.rescoring import disagreement, rescore
from leaderboard.upload import pack, receive, send, unpack

PROGRAM = "def solve(xs):\n    return {body}"


def submissions(*bodies):
    """Programs handed in for the first problem of FunctionSynthesis, the first of them right."""
    env = gymnasium.make("pmd/FunctionSynthesis-v0", split="test", **KWARGS).unwrapped
    task = env.dataset.at(0)
    responses = [env.family.gold_solution(task), *(PROGRAM.format(body=body) for body in bodies)]
    episode = EvaluatedEpisode("pmd", env.spec.id, KWARGS, task.id, task.fingerprint, 0, "", 0.0)
    return [replace(episode, sample=sample, response=text) for sample, text in enumerate(responses)]


def test_programs_that_run_side_by_side_get_their_own_scores_in_the_order_of_the_answers():
    made = submissions(*range(20)) * 2
    seen = []
    scores = rescore(made, lambda done, total: seen.append((done, total)))
    assert scores == rescore(made[::-1])[::-1] == ([1.0] + [0.0] * 20) * 2
    assert seen == [(done, 21) for done in range(1, 22)]


def test_every_answer_is_scored_again_and_equal_ones_once(tmp_path):
    first = first_episode(write_run(tmp_path / "run"))
    made = [replace(first, row=row, sample=sample) for row in "ab" for sample in range(3000)]
    seen = []
    changed = [*made, replace(first, response="I forged this.")]
    assert disagreement(changed, rescore(changed, lambda *at: seen.append(at))) == [(changed[-1], 0.0)]
    assert seen == [(1, 2), (2, 2)]


def test_one_forged_program_among_many_is_found():
    """The last of 220 different programs is said to be right: a sample would hardly ever have it."""
    made = submissions(*[f"{n} if xs is None else []" for n in range(220)])
    claimed = [replace(episode, score=float(episode.sample in (0, 220))) for episode in made]
    assert disagreement(claimed, rescore(claimed)) == [(claimed[-1], 0.0)]


def test_a_bar_is_shown_once_it_takes_long():
    said = io.StringIO()
    assert rescore_before(Console(file=said, width=100), patience=60)(submissions(1)) == [1.0, 0.0]
    assert said.getvalue() == ""
    rescore_before(Console(file=said, width=100), patience=0)(submissions(1))
    assert said.getvalue() == "scoring answers again: 1 of 2 so far\n"
    rescore_before(Console(file=said, width=100, force_terminal=True), patience=0)(submissions(1))
    assert "2/2" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.getvalue())


@pytest.fixture
def endless(tmp_path, monkeypatch):
    """A run whose wrong answers are programs that use up their second of processor time."""
    monkeypatch.setattr(test_leaderboard_entry, "ENVS", ("pmd/FunctionSynthesis-v0",))
    folder = write_run(tmp_path / "endless", "endless")
    lines = [json.loads(line) for line in (folder / "evaluation.jsonl").read_text().splitlines()]
    for number, line in enumerate(lines):
        if not line["score"]:
            line["response"] = PROGRAM.format(body=f"[{number} for _ in iter(int, 1)]")
    (folder / "evaluation.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    reseal(folder)
    return folder


def test_an_upload_that_takes_too_long_is_refused_in_time_and_leaves_nothing(endless, tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    began = time.monotonic()
    with pytest.raises(RefusedError, match=r"could not all be scored again within 2 seconds"):
        receive(board, unpack(pack(endless)), seconds=2)
    assert time.monotonic() - began < 20
    assert (list((tmp_path / "board-runs").iterdir()), board.path.exists()) == ([], False)


def test_a_verification_that_breaks_off_is_a_refusal(tmp_path, monkeypatch):
    monkeypatch.setattr("leaderboard.apart._verify", breaks_off)
    files = unpack(pack(write_run(tmp_path / "run")))
    with pytest.raises(RefusedError, match=r"its verification broke off \(exit status 3\)"):
        receive(Leaderboard(tmp_path / "board.sqlite"), files)


def breaks_off(*_):
    raise SystemExit(3)


@pytest.mark.slow
def test_readers_are_answered_while_an_upload_is_verified(endless, tmp_path):
    pytest.importorskip("uvicorn", reason="the extra web is not installed")
    board = Leaderboard(tmp_path / "board.sqlite")
    board.post(write_run(tmp_path / "run"))
    with served(board.path) as address:
        posted = []
        posting = threading.Thread(target=lambda: posted.append(send(endless, address, TOKEN)))
        posting.start()
        times = []
        while posting.is_alive():
            began = time.monotonic()
            with urllib.request.urlopen(f"{address}/entries/1", timeout=30) as answer:
                answer.read()
            times.append(time.monotonic() - began)
            time.sleep(0.1)
        posting.join()
    assert (len(times) > 5, max(times) < 4) == (True, True), times
    assert posted[0].of == 2


def test_rows_of_which_an_older_version_looked_at_a_sample_have_no_rank_until_all_is_scored(tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    for name in ("a", "b"):
        board.post(write_run(tmp_path / name, name))
    board.verify()
    board.post(write_run(tmp_path / "c", "c"))
    connection = sqlite3.connect(board.path)  # back to layout 2, with entries as it wrote them
    connection.execute("DROP TRIGGER entries_no_update")
    connection.execute("UPDATE entries SET document = json_set(document, '$.rescored', 8) WHERE id != 2")
    connection.execute("PRAGMA user_version = 2")
    connection.commit()
    connection.close()
    marks = {s.stored.entry.report.run_id: s.stored.mark for s in board.boards()[0].standings}
    assert (marks["a"], marks["b"]) == ("", "")  # verified since, and scored in full
    assert marks["c"].startswith("only a sample of its answers was scored again")
    board.verify()
    assert [standing.rank for standing in board.boards()[0].standings] == [1, 1, 1]
