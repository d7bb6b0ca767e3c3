"""Scoring everything again, older databases, many writers, and ranking in SQL against ranking in Python."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from test_leaderboard_entry import ENVS, PROBLEMS, PROVENANCE, write_run

from leaderboard import Leaderboard
from leaderboard.__main__ import main
from leaderboard.comparison import Difference, compare
from leaderboard.database import MIGRATIONS, connect, reading
from leaderboard.errors import RefusedError
from leaderboard.evidence import Attempt, ProblemScores
from leaderboard.limits import Limiter
from leaderboard.reader import Filters, Reader
from leaderboard.rescoring import rescore
from leaderboard.reverification import by_version
from leaderboard.verifiers import verifier_versions

ROOT = Path(__file__).parent.parent


@pytest.fixture
def board(tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    for name, solved in (("a", 2), ("b", 3)):
        board.post(write_run(tmp_path / name, name, solved=solved))
    return board


def stricter(episodes):
    """A later verifier that no longer accepts the answers to one kind of problem."""
    return [0.0 if e.env == ENVS[0] and e.row == "pmd" else s for e, s in zip(episodes, rescore(episodes), strict=True)]


def test_without_changes_nothing_drifts(board):
    first, second = board.verify()
    assert (first.changed, second.changed, first.unavailable) == (0, 0, "")
    assert [standing.rank for standing in board.boards()[0].standings] == [1, 2]
    drifts = by_version((first, second))
    assert [(d.env, d.entries, d.episodes, d.changed) for d in drifts] == [(env, 2, 48, 0) for env in sorted(ENVS)]
    assert all(d.recorded == d.current == verifier_versions()[d.env] for d in drifts)


def test_a_stricter_verifier_takes_ranks_and_says_which_verdicts_changed(board, tmp_path):
    found = Leaderboard(board.path, rescore=stricter).verify()
    assert [verification.changed for verification in found] == [3, 5]
    assert found[0].detail[0] == "pmd, GSM8K-v0/generated/test/d1/0, sample 0: 1 became 0"
    drifts = (found[0].environments[0], found[1].environments[0], by_version(found)[0])
    assert [drift.before for drift in drifts] == pytest.approx([9 / 24, 13 / 24, 22 / 48])
    assert [drift.now for drift in drifts] == pytest.approx([6 / 24, 8 / 24, 14 / 48])
    [only] = board.boards()
    assert [standing.rank for standing in only.standings] == [None, None]
    assert only.standings[0].stored.mark == "verdicts changed: 3 of 48 scores are others with the verifiers of today"
    assert board.post(tmp_path / "a").rank is None
    board.verify()  # the verifier came back to its senses
    assert [standing.rank for standing in board.boards()[0].standings] == [1, 2]


def test_what_ran_out_of_time_on_a_busy_machine_is_scored_once_more(board):
    asked = []

    def busy(episodes):
        asked.append(len(episodes))
        return [0.0] * len(episodes) if len(asked) == 1 else rescore(episodes)

    first, _ = Leaderboard(board.path, rescore=busy).verify()
    assert (first.changed, first.detail) == (0, ())
    assert first.environments[0].now == pytest.approx(first.environments[0].before)
    assert asked[1] == 24 * first.environments[0].before  # those that had been right
    assert [standing.rank for standing in board.boards()[0].standings] == [1, 2]


def test_drift_is_told_apart_by_the_version_that_scored(board, tmp_path):
    old = type(PROVENANCE)(**{**vars(PROVENANCE), "verifiers": {**PROVENANCE.verifiers, ENVS[0]: "v0-older"}})
    board.post(write_run(tmp_path / "c", "c", provenance=old))
    drifts = by_version(board.verify())
    assert [(d.recorded == d.current, d.entries) for d in drifts if d.env == ENVS[0]] in (
        [(True, 2), (False, 1)],
        [(False, 1), (True, 2)],
    )


def test_data_that_is_not_here_is_said_and_changes_nothing(board):
    def nothing_here(episodes):
        raise RefusedError("its data is not available here")

    found = Leaderboard(board.path, rescore=nothing_here).verify()
    assert found[0].unavailable == "its data is not available here"
    assert by_version(found) == ()
    assert [standing.rank for standing in board.boards()[0].standings] == [1, 2]


def test_verify_on_the_command_line(board, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["verify", "--db", str(board.path)]) == 0
    assert "the same" in capsys.readouterr().out
    assert main(["verify", "--json", "--db", str(board.path)]) == 0
    assert [entry["changed"] for entry in json.loads(capsys.readouterr().out)] == [0, 0]


@pytest.mark.parametrize(("width", "left_out"), [(80, "entries, scored by, mean then"), (105, "entries"), (140, "")])
def test_what_drifted_stays_readable_in_a_narrow_terminal(board, capsys, monkeypatch, width, left_out):
    monkeypatch.setattr("leaderboard.reverification.verifier_version", lambda env_id: "v9-0123456789ab")
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["verify", "--db", str(board.path)]) == 0
    shown = capsys.readouterr().out
    assert all(text in shown for text in (*ENVS, "v9-0123456789ab", "mean now"))
    assert all(len(line) <= width for line in shown.splitlines())
    assert " ".join(shown.split()).partition("not shown in so few columns: ")[2] == left_out


def last_check(board):
    with reading(board.path) as connection:
        return Reader(connection).shown(1).checked


def test_what_could_not_be_scored_is_no_verification(board, tmp_path, capsys, monkeypatch):
    def partly_here(episodes):
        if episodes[0].env == ENVS[0]:
            raise RefusedError("its data is not available here")
        return rescore(episodes)

    def nothing_here(episodes):
        raise RefusedError("its data is not available here")

    for mine, options in ((nothing_here, ()), (nothing_here, ("--json",)), (partly_here, ())):
        monkeypatch.setattr("leaderboard.__main__.rescore_before", lambda _, mine=mine: mine)
        assert last_check(board) is None
        assert main(["verify", "--db", str(board.path), *options]) == 1
        assert "its data is not available here" in capsys.readouterr().out
    assert (last_check(board).episodes, last_check(board).changed) == (24, 0)
    pages = board.export(tmp_path / "site").parent / "pages"
    assert all("0 of 24 scores changed; the other 24 could" in path.read_text() for path in pages.glob("run-*"))
    assert board.verify()[0].unavailable == ""
    assert last_check(board).episodes == 48


@pytest.mark.parametrize("table", ["evidence", "verifications"])
def test_evidence_is_append_only_for_every_program(board, table):
    board.verify()
    connection = sqlite3.connect(board.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(f"DELETE FROM {table}")
    connection.close()


def test_a_database_of_the_first_layout_is_brought_up_to_date(board, tmp_path):
    with connect(board.path, create=False) as new:
        documents = [json.loads(text) for (text,) in new.execute("SELECT document FROM entries")]
    old = sqlite3.connect(tmp_path / "old.sqlite", isolation_level=None)
    MIGRATIONS[0](old)
    for document in documents:
        del document["report"]["chain"], document["answers"], document["mark"]
        del document["report"]["provenance"]["verifiers"], document["report"]["provenance"]["sandbox"]
        values = (document["report"]["run_id"], document["content"], "2026-01-01T00:00:00+00:00", json.dumps(document))
        old.execute("INSERT INTO entries (run_id, content, posted, document) VALUES (?, ?, ?, ?)", values)
    old.execute("PRAGMA user_version = 1")
    old.execute(f"PRAGMA application_id = {0x504D4447}")
    old.close()
    older = Leaderboard(tmp_path / "old.sqlite")
    [only] = older.boards()
    assert {standing.stored.mark[:26] for standing in only.standings} == {"posted to an older version"}
    assert older.verify()[0].unavailable == "its episodes were not kept"
    older.rebuild(tmp_path)
    assert [standing.rank for standing in older.boards()[0].standings] == [1, 2]


@pytest.mark.slow
def test_eight_processes_that_post_at_once_lose_and_double_nothing(tmp_path):
    folders = [write_run(tmp_path / f"run{n}", f"run{n}", solved=1 + n % PROBLEMS, labels=("pmd",)) for n in range(16)]
    program = "import sys; from pathlib import Path; from leaderboard import Leaderboard\n"
    program += "for folder in sys.argv[2:]: Leaderboard(Path(sys.argv[1])).post(Path(folder))"
    path = tmp_path / "board.sqlite"
    # Every folder is posted by two processes.
    shares = [folders[n::8] + folders[(n + 1) % 8 :: 8] for n in range(8)]
    started = [
        subprocess.Popen([sys.executable, "-c", program, path, *share], cwd=ROOT, stderr=subprocess.PIPE)
        for share in shares
    ]
    for process in started:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()
    [board] = Leaderboard(path).boards()
    assert sorted(standing.stored.entry.report.run_id for standing in board.standings) == sorted(
        f.name for f in folders
    )
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("SELECT count(*), count(DISTINCT content) FROM entries").fetchone() == (16, 16)
    connection.close()


# Posts new runs until the time is over, and after each of them a run that another process has posted or is posting.
POSTING = """
import os, sys, time
from pathlib import Path
root, number, until = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
sys.path[:0] = sys.argv[4:]
from test_leaderboard_entry import write_run
from leaderboard import Leaderboard
board, made = Leaderboard(root / "board.sqlite"), 0
while made == 0 or time.time() < until:
    name = f"run-{number}-{made}"
    made += 1
    write_run(root / "unfinished" / name, name, solved=1 + made % 4, labels=("pmd",))
    (root / "unfinished" / name).rename(root / "runs" / name)
    board.post(root / "runs" / name)
    other = root / "runs" / f"run-{(number + 1) % 8}-{made - 1}"
    if other.exists():
        board.post(other)
"""


@pytest.mark.skipif("PMD_POSTING_SECONDS" not in os.environ, reason="PMD_POSTING_SECONDS (60, say) is not set")
def test_eight_processes_that_post_for_a_minute_lose_and_double_nothing(tmp_path):
    for folder in ("runs", "unfinished"):
        (tmp_path / folder).mkdir()
    until = time.time() + float(os.environ["PMD_POSTING_SECONDS"])
    paths = (str(ROOT), str(ROOT / "tests"))
    commands = [[sys.executable, "-c", POSTING, str(tmp_path), str(n), str(until), *paths] for n in range(8)]
    started = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for command in commands]
    for process in started:
        _, errors = process.communicate(timeout=600)
        assert process.returncode == 0, errors.decode()
    written = sorted(folder.name for folder in (tmp_path / "runs").iterdir())
    assert len(written) >= 8
    [board] = Leaderboard(tmp_path / "board.sqlite").boards()
    assert sorted(standing.stored.entry.report.run_id for standing in board.standings) == written
    assert board.ranked == len(written)
    connection = sqlite3.connect(tmp_path / "board.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    counted = connection.execute("SELECT count(*), count(DISTINCT content) FROM entries").fetchone()
    episodes = connection.execute("SELECT count(*) FROM evidence WHERE part = 'problems'").fetchone()
    connection.close()
    assert (*counted, *episodes) == (len(written),) * 3


@settings(max_examples=8)
@given(
    runs=st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, PROBLEMS), st.booleans()), min_size=1, max_size=6)
)
def test_pages_rank_as_the_boards_do(tmp_path_factory, runs):
    folder = tmp_path_factory.mktemp("runs")
    board = Leaderboard(folder / "board.sqlite")
    for number, (name, solved, trained) in enumerate(runs):
        labels = ("pmd",) if trained else ()
        board.post(write_run(folder / str(number), name, solved=solved, labels=labels, seconds={"s": float(number)}))
    with reading(board.path) as connection:
        reader = Reader(connection)
        [summary], total = reader.boards(Filters())
        lines = reader.ranking(summary.key, Filters(), 0, 100)
        beyond = reader.ranking(summary.key, Filters(), 1, 2)
    [whole] = board.boards()
    assert total == 1
    assert (summary.runs, summary.ranked) == (len(whole.standings), whole.ranked)
    assert [(line.rank, line.row.entry_id) for line in lines] == [(s.rank, s.stored.id) for s in whole.standings]
    assert beyond == lines[1:3]


def test_filters_leave_ranks_as_they_are(tmp_path):
    board = Leaderboard(tmp_path / "board.sqlite")
    for name, solved, policy in (("a", 2, "nano"), ("b", 3, "other")):
        board.post(write_run(tmp_path / name, name, solved=solved, policy=policy))
    with reading(board.path) as connection:
        reader = Reader(connection)
        [summary], _ = reader.boards(Filters(policy="nano", env=ENVS[0]))
        assert [(x.rank, x.row.run_id) for x in reader.ranking(summary.key, Filters(policy="nano"), 0, 9)] == [(2, "a")]
        assert reader.boards(Filters(suite="none"))[1] == reader.boards(Filters(env="none"))[1] == 0
        assert reader.choices().policies == ("nano", "other")


def scores(*values):
    return [ProblemScores("env", str(n), {"row": [Attempt(v, n)]}) for n, v in enumerate(values)]


def test_two_runs_are_compared_problem_by_problem():
    made = compare(scores(1, 1, 0, 0.5), "row", scores(1, 0, 1, 0), "row")
    assert made.overall.mean == pytest.approx(0.125)
    assert made.overall.low <= made.overall.mean <= made.overall.high
    assert (made.overall.better, made.overall.worse, made.overall.equal) == (2, 1, 1)
    assert made.overall.sign_test == 1.0
    assert [pair.task_id for pair in made.pairs] == ["1", "2", "3", "0"]
    assert [pair.task_id for pair in made.only_first] == ["1"]
    assert [pair.task_id for pair in made.only_second] == ["2"]
    assert compare(scores(*[1] * 6), "row", scores(*[0] * 6), "row").overall.sign_test == pytest.approx(2 / 64)
    with pytest.raises(RefusedError, match="did not answer the same problems"):
        compare(scores(1), "row", scores(1, 0), "row")
    for sides in (([], scores(1)), ([], []), (scores(1), [])):
        with pytest.raises(RefusedError, match="the answers of one of the two were not kept"):
            compare(sides[0], "row", sides[1], "row")


@pytest.mark.parametrize(("better", "worse"), [(4, 1), (1, 9), (520, 480), (600, 500), (540, 660), (600, 600)])
def test_the_sign_test_is_that_of_scipy(better, worse):
    found = Difference("all", 0.0, 0.0, 0.0, 0.0, 0.0, better, worse, equal=3)
    assert found.sign_test == pytest.approx(stats.binomtest(better, better + worse).pvalue, rel=0.02)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12))
def test_comparing_the_other_way_round_only_changes_signs(values):
    first, second = scores(*[a for a, _ in values]), scores(*[b for _, b in values])
    there, back = compare(first, "row", second, "row").overall, compare(second, "row", first, "row").overall
    assert there.mean == pytest.approx(-back.mean)
    assert (there.better, there.worse, there.equal) == (back.worse, back.better, back.equal)
    assert there.sign_test == back.sign_test
    assert -1 <= there.low <= there.high <= 1


def test_a_limit_fills_up_with_time():
    now = [0.0]
    limiter = Limiter(2, clock=lambda: now[0])
    assert [limiter.wait_for("a") for _ in range(3)] == [0, 0, pytest.approx(30)]
    assert limiter.wait_for("b") == 0
    now[0] = 31
    assert limiter.wait_for("a") == 0
    assert limiter.wait_for("a") > 0
