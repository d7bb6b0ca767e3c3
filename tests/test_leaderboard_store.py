import shutil
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from test_leaderboard_entry import edit_episode, edit_report, reseal, set_in, write_run
from test_leaderboard_page import write_metrics
from test_memory_reading import no_writing

from leaderboard import Leaderboard, RefusedError, ReportError, StoreError
from leaderboard.database import MIGRATIONS, connect, reading, transaction
from leaderboard.entry import Entry
from leaderboard.errors import UnusableError
from leaderboard.ranking import StoredEntry, boards
from leaderboard.reader import Reader
from leaderboard.rescoring import rescore

ROOT = Path(__file__).parent.parent


@pytest.fixture
def board(tmp_path):
    return Leaderboard(tmp_path / "leaderboard.sqlite")


def ranking(leaderboard):
    return [
        [(standing.rank, standing.stored.entry.report.run_id) for standing in board.standings]
        for board in leaderboard.boards()
    ]


def test_runs_are_ranked_and_equal_scores_share_a_rank(board, tmp_path):
    places = []
    for name, solved in (("a", 2), ("b", 3), ("c", 3), ("d", 1)):
        posted = board.post(write_run(tmp_path / name, name, solved=solved))
        places.append((posted.rank, posted.of))
    assert places == [(1, 1), (1, 2), (1, 3), (4, 4)]
    assert ranking(board) == [[(1, "b"), (1, "c"), (3, "a"), (4, "d")]]


def test_scores_that_differ_by_rounding_share_a_rank(tmp_path):
    entry = Entry.from_run(write_run(tmp_path / "a", "a"))

    def scored(number, score):
        overall = replace(entry.headline.overall, avg_at_k=score)
        rows = tuple(replace(row, overall=overall) for row in entry.report.rows)
        return StoredEntry(number, "", replace(entry, report=replace(entry.report, run_id=str(number), rows=rows)))

    [board] = boards([scored(1, 0.3), scored(2, 0.1 + 0.2), scored(3, 0.2)])
    assert [standing.rank for standing in board.standings] == [1, 1, 3]


def test_the_row_with_memory_does_not_decide_the_rank(board, tmp_path):
    board.post(write_run(tmp_path / "a", "a", solved=2, labels=("pmd", "one + memory", "two + memory")))
    board.post(write_run(tmp_path / "b", "b", solved=3, labels=("pmd",)))
    assert ranking(board) == [[(1, "b"), (2, "a")]]


def test_problems_in_another_order_are_the_same_board(board, tmp_path):
    board.post(write_run(tmp_path / "a", "a", solved=2))
    other = write_run(tmp_path / "b", "b", solved=3)
    answers = other / "evaluation.jsonl"
    answers.write_text("\n".join(answers.read_text().splitlines()[::-1]))
    reseal(other)
    board.post(other)
    assert ranking(board) == [[(1, "b"), (2, "a")]]


def test_a_run_without_a_trained_row_is_listed_without_a_rank(board, tmp_path):
    board.post(write_run(tmp_path / "a", "a"))
    posted = board.post(write_run(tmp_path / "b", "b", labels=()))
    assert (posted.rank, posted.of) == (None, 1)
    assert ranking(board) == [[(1, "a"), (None, "b")]]


def test_posting_again_changes_nothing(board, tmp_path):
    folder = write_run(tmp_path / "a")
    first, again = board.post(folder), board.post(folder)
    assert (first.already, again.already) == (False, True)
    assert first.entry_id == again.entry_id
    assert ranking(board) == [[(1, "run-1")]]


def test_a_newer_evaluation_of_a_run_takes_its_place(board, tmp_path):
    old = board.post(write_run(tmp_path / "old", "a", solved=3))
    board.post(write_run(tmp_path / "new", "a", solved=2))
    assert ranking(board) == [[(1, "a")]]
    assert board.boards()[0].standings[0].stored.id != old.entry_id
    assert board.post(tmp_path / "old").rank is None


OTHER_RUNS = ({"agent": "sdpo"}, {"policy": "small"}, {"seed": 1}, {"steps": 5}, {"config": {"recall": 9}})


def test_runs_of_other_settings_stand_beside_one_of_the_same_name(board, tmp_path):
    """As the cells of a study: every arm has a folder ``seed0``."""
    places = [board.post(write_run(tmp_path / "pmd" / "seed0", "seed0", solved=3))]
    for number, other in enumerate(OTHER_RUNS):
        run = write_run(tmp_path / f"other-{number}" / "seed0", f"seed0 {number}", solved=2, labels=("x",), **other)
        edit_report(run, set_in("run_id", value="seed0"))
        places.append(board.post(run))
    assert [(posted.rank, posted.of, posted.mark) for posted in places] == [(1, 1, "")] + [
        (2, of, "") for of in range(2, 7)
    ]
    expected = [(1, "seed0")] + [(2, "seed0")] * 5
    assert ranking(board) == [expected]
    assert board.rebuild(tmp_path).refused == ()
    assert ranking(board) == [expected]
    again = board.post(write_run(tmp_path / "again" / "seed0", "seed0", solved=1))
    assert (again.rank, again.of) == (6, 6)


def test_an_older_database_gives_runs_their_places_back(board, tmp_path):
    board.post(write_run(tmp_path / "pmd" / "seed0", "seed0", solved=2))
    board.post(write_run(tmp_path / "newer" / "seed0", "seed0", solved=3))
    sdpo = write_run(tmp_path / "sdpo" / "seed0", "its answers", solved=2, agent="sdpo", labels=("sdpo",))
    edit_report(sdpo, set_in("run_id", value="seed0"))
    board.post(sdpo)
    connection = sqlite3.connect(board.path)
    with connection:
        connection.execute("UPDATE standings SET newest = 0 WHERE entry_id < 3")  # as the name alone had it
        connection.execute("PRAGMA user_version = 3")
    connection.close()
    assert (board.post(tmp_path / "pmd" / "seed0").rank, board.post(tmp_path / "newer" / "seed0").rank) == (None, 1)
    assert (board.post(sdpo).rank, board.post(sdpo).of) == (2, 2)


@pytest.mark.parametrize("change", [{"suite": "other"}, {"agent": "other"}])
def test_only_equal_suites_share_a_board(board, tmp_path, change):
    board.post(write_run(tmp_path / "a", "a"))
    board.post(write_run(tmp_path / "b", **{"run_id": "c", **change}))
    assert len(board.boards()) == (2 if "suite" in change else 1)


def test_a_refused_run_leaves_no_trace(board, tmp_path):
    board.post(write_run(tmp_path / "a", "a"))
    forged = write_run(tmp_path / "b", "b")
    edit_report(forged, set_in("rows", 1, "overall", "avg_at_k", value=1.0))
    with pytest.raises(RefusedError):
        board.post(forged)
    assert ranking(board) == [[(1, "a")]]


def test_a_refused_first_run_makes_no_database(board, tmp_path):
    folder = write_run(tmp_path / "a")
    (folder / "metrics.jsonl").write_text("not JSON")
    with pytest.raises(ReportError):
        board.post(folder)
    assert not board.path.exists()


@pytest.mark.parametrize("statement", ["DELETE FROM entries", "UPDATE entries SET run_id = 'mine'"])
def test_entries_are_append_only_for_every_program(board, tmp_path, statement):
    board.post(write_run(tmp_path / "a"))
    connection = sqlite3.connect(board.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()


def test_a_newer_database_is_left_alone(board, tmp_path):
    board.post(write_run(tmp_path / "a"))
    connection = sqlite3.connect(board.path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(StoreError, match=f"has layout {len(MIGRATIONS) + 1}, this program knows up to"):
        board.boards()


def test_a_database_of_another_program_is_left_alone(board):
    connection = sqlite3.connect(board.path)
    connection.execute("CREATE TABLE notes (text)")
    connection.close()
    before = board.path.read_bytes()
    with pytest.raises(StoreError, match="SQLite file of another program"):
        board.boards()
    assert board.path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(board):
    board.path.write_text("my diary, " * 1000)
    with pytest.raises(StoreError, match="file is not a database"):
        board.boards()


def test_a_full_disk_is_called_a_full_disk(board):
    def fill():
        with connect(board.path, create=True) as connection, transaction(connection):
            connection.execute("ROLLBACK")  # as SQLite does there by itself
            raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(StoreError, match="database or disk is full"):
        fill()


def test_reading_a_missing_leaderboard_does_not_make_one(board):
    with pytest.raises(StoreError, match="there is no leaderboard at"):
        board.boards()
    assert not board.path.exists()


def test_processes_that_post_at_once_all_succeed(board, tmp_path):
    folders = [write_run(tmp_path / name, name, solved=solved) for name, solved in (("a", 1), ("b", 2), ("c", 3))]
    program = "import sys; from pathlib import Path; from leaderboard import Leaderboard\n"
    program += "for folder in sys.argv[2:]: Leaderboard(Path(sys.argv[1])).post(Path(folder))"
    # Two of the three runs are posted by both processes.
    shares = [folders[:2], folders[1:], folders[1:2]]
    started = [
        subprocess.Popen([sys.executable, "-c", program, board.path, *share], cwd=ROOT, stderr=subprocess.PIPE)
        for share in shares
    ]
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    assert ranking(board) == [[(1, "c"), (2, "b"), (3, "a")]]


def test_a_rebuild_gives_the_same_ranking_and_names_what_it_leaves_out(board, tmp_path):
    runs = tmp_path / "runs"
    for name, solved in (("a", 1), ("b", 3), ("c", 2)):
        board.post(write_run(runs / "nested" / name, name, solved=solved))
    before = ranking(board)
    edit_report(write_run(runs / "forged", "forged"), set_in("suite", value=""))
    rebuilt = board.rebuild(runs)
    assert ranking(board) == before
    assert rebuilt.entries == 3
    [(folder, reason)] = rebuilt.refused
    assert (folder.name, "suite is empty" in reason) == ("forged", True)
    assert board.post(runs / "nested" / "a").already


def test_odd_folders_do_not_end_a_rebuild(board, tmp_path):
    write_run(tmp_path / "good", "good")
    for name, value in (("infinite", "1e999"), ("deep", "[" * 900 + "]" * 900)):
        report = write_run(tmp_path / name, name) / "report.json"
        report.write_text(report.read_text().replace('"recall": 3', f'"recall": {value}'))
    rebuilt = board.rebuild(tmp_path)
    assert (rebuilt.entries, [folder.name for folder, _ in rebuilt.refused]) == (1, ["deep", "infinite"])


def test_a_rebuild_without_runs_keeps_what_there_is(board, tmp_path):
    board.post(write_run(tmp_path / "a"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReportError, match=r"nothing to rebuild from .*: it holds no report.json"):
        board.rebuild(tmp_path / "empty")
    assert ranking(board) == [[(1, "run-1")]]


def test_a_rebuild_keeps_entries_whose_folders_are_elsewhere(board, tmp_path):
    for number, place in enumerate(("runs/a", "board-runs/b", "other/c"), start=1):
        board.post(write_run(tmp_path / place, place[-1], solved=number))
    before = ranking(board)
    assert before == [[(1, "c"), (2, "b"), (3, "a")]]
    rebuilt = board.rebuild(tmp_path / "runs")
    assert (rebuilt.entries, rebuilt.refused, rebuilt.kept) == (3, (), 2)
    rebuilt = board.rebuild(tmp_path / "runs", tmp_path / "board-runs", tmp_path / "board-runs" / "b")
    assert (rebuilt.entries, rebuilt.refused, rebuilt.kept) == (3, (), 1)
    assert ranking(board) == before
    assert [(v.entry_id, v.changed, v.unavailable) for v in board.verify()] == [(n, 0, "") for n in (1, 2, 3)]
    with pytest.raises(ReportError, match=r"nothing to rebuild from .*nowhere: there is no such directory"):
        board.rebuild(tmp_path / "runs", tmp_path / "nowhere")


def test_a_run_that_is_posted_while_a_rebuild_verifies_stays(board, tmp_path):
    board.post(write_run(tmp_path / "runs" / "a", "a"))
    posted = []

    def meanwhile(episodes):
        if not posted:
            posted.append(Leaderboard(board.path).post(write_run(tmp_path / "runs" / "b", "b", solved=3)))
        return rescore(episodes)

    assert Leaderboard(board.path, meanwhile).rebuild(tmp_path / "runs").kept == 1
    assert ranking(board) == [[(1, "b"), (2, "a")]]


def test_an_entry_stays_when_its_folder_is_damaged_later(board, tmp_path):
    for name, solved in (("a", 2), ("b", 3)):
        board.post(write_run(tmp_path / "runs" / name, name, solved=solved))
    before = ranking(board)
    edit_episode(tmp_path / "runs" / "b", 0, response="edited", resealed=False)
    rebuilt = board.rebuild(tmp_path / "runs")
    assert (rebuilt.entries, rebuilt.kept, [folder.name for folder, _ in rebuilt.refused]) == (2, 1, ["b"])
    assert ranking(board) == before


def test_a_rebuild_keeps_what_a_folder_has_lost_and_reads_what_is_new(board, tmp_path):
    lost = write_metrics(write_run(tmp_path / "runs" / "lost", "lost"))
    found = write_run(tmp_path / "runs" / "found", "found")
    for folder in (lost, found):
        board.post(folder)
    (lost / "metrics.jsonl").unlink()
    write_metrics(found)
    board.rebuild(tmp_path / "runs")
    with reading(board.path) as connection:
        reader = Reader(connection)
        assert [len(reader.training(entry_id)) for entry_id in (1, 2)] == [10, 10]
        assert reader.shown(1).checked.changed == 0
    connection = sqlite3.connect(board.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM evidence")
    connection.close()


@pytest.fixture
def others_place():
    """A folder that others may look into; those of pytest are closed to them."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_board_that_cannot_be_written_to_is_shown_as_it_is(others_place):
    (others_place / "board").mkdir(mode=0o755)
    board = Leaderboard(others_place / "board" / "board.sqlite")
    board.post(write_run(others_place / "run", "only"))
    board.path.chmod(0o644)
    index = board.export(others_place / "before")  # what pages are made of is read by now
    (others_place / "after").mkdir()
    (others_place / "after").chmod(0o777)
    with no_writing(board.path.parent):
        assert ranking(board) == [[(1, "only")]]
        assert board.export(others_place / "after").read_bytes() == index.read_bytes()
    with sqlite3.connect(board.path) as connection:
        connection.execute("PRAGMA user_version = 5")
    connection.close()
    with no_writing(board.path.parent), pytest.raises(StoreError, match="is of an older version, and may not be"):
        board.boards()
    assert ranking(board) == [[(1, "only")]]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE evidence SET content = x'00'", r"it is damaged \(Error -\d while decompressing"),
        ("CREATE TABLE damaged (damaged TEXT)", r"it is damaged \('utf-8' codec"),
    ],
)
def test_damage_is_said_to_be_damage(board, tmp_path, statement, said):
    run = write_run(tmp_path / "run")
    board.post(run)
    with sqlite3.connect(board.path) as connection:
        connection.execute("DROP TRIGGER evidence_no_update")
        connection.execute(statement)
    connection.close()
    content = board.path.read_bytes()
    board.path.write_bytes(content.replace(b"(damaged TEXT)", b"(,,maged TEXT)").replace(b"damaged", b"\xffamaged"))
    for action in (board.verify, lambda: board.export(tmp_path / "site")):
        with pytest.raises(UnusableError, match=said):
            action()
