import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_leaderboard_entry import CONFIG, edit_episode, edit_report, set_in, write_run

from leaderboard.__main__ import main
from pmd_envs.command_line import UNREAD

ROOT = Path(__file__).parent.parent


@pytest.fixture
def database(tmp_path, monkeypatch):
    path = tmp_path / "board.sqlite"
    monkeypatch.setenv("PMD_LEADERBOARD", str(path))
    monkeypatch.setenv("COLUMNS", "200")
    return path


def test_a_run_is_posted_shown_and_exported(database, tmp_path, capsys):
    folder = write_run(tmp_path / "run", run_id="[red]run")
    assert main(["post", str(folder)]) == 0
    assert "posted as entry 1\nrank 1 of 1 on board" in capsys.readouterr().out
    assert main(["post", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("already posted as entry 1\n")
    assert main(["show"]) == 0
    shown = capsys.readouterr().out
    assert "[red]run" in shown
    assert "frozen (start) (baseline)" in shown
    assert main(["export", str(tmp_path / "site")]) == 0
    assert Path(capsys.readouterr().out.strip()).is_file()
    assert main(["rebuild", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "1 entries\n"
    assert database.exists()


@pytest.mark.usefixtures("database")
def test_an_export_does_not_write_over_a_page_of_somebody_else(tmp_path, capsys):
    assert main(["post", str(write_run(tmp_path / "run"))]) == 0
    page = tmp_path / "site" / "index.html"
    page.parent.mkdir()
    page.write_text("<title>My home page</title>")
    capsys.readouterr()
    assert main(["export", str(page.parent)]) == 2
    assert capsys.readouterr().err == (
        f"leaderboard: error: {page} was not written by this program: name another folder, or move that file away\n"
    )
    assert list(page.parent.iterdir()) == [page]
    page.write_text("<!DOCTYPE html>\n<title>PMD Gym leaderboard</title>\n")  # as older versions wrote it
    for _ in range(2):
        assert main(["export", str(page.parent)]) == 0
        assert '<meta name="generator" content="PMD Gym leaderboard">' in page.read_text()


@pytest.mark.usefixtures("database")
def test_a_run_without_a_rank_is_shown_with_a_dash(tmp_path, capsys):
    main(["post", str(write_run(tmp_path / "first", "first", labels=("x",)))])
    edit_report(write_run(tmp_path / "again", "first", labels=("x",), seed=5), set_in("run_id", value="again"))
    main(["post", str(tmp_path / "again")])
    main(["post", str(write_run(tmp_path / "untrained", "untrained", labels=()))])
    capsys.readouterr()
    assert main(["show"]) == 0
    lines = [line.split()[1::2][:2] for line in capsys.readouterr().out.splitlines() if line.startswith("│")]
    assert [line for line in lines if line[0] != "│"] == [["1", "first"], ["–", "again"], ["–", "untrained"]]


@pytest.mark.usefixtures("database")
def test_show_as_json_holds_whole_entries(tmp_path, capsys):
    main(["post", str(write_run(tmp_path / "run"))])
    capsys.readouterr()
    assert main(["show", "--suite", "nano", "--json"]) == 0
    [board] = json.loads(capsys.readouterr().out)
    assert board["ranked"] == 1
    assert board["standings"][0]["stored"]["entry"]["report"]["config"] == CONFIG


@pytest.mark.usefixtures("database")
def test_ctrl_c_is_one_line_and_130(monkeypatch, capsys):
    def stop(self):
        raise KeyboardInterrupt

    monkeypatch.setattr("leaderboard.__main__.Leaderboard.verify", stop)
    assert main(["verify", "--json"]) == 130
    assert capsys.readouterr() == ("", "leaderboard: error: stopped\n")


def test_the_option_wins_over_the_environment(database, tmp_path):
    folder = write_run(tmp_path / "run")
    assert main(["post", str(folder), "--db", str(tmp_path / "other.sqlite")]) == 0
    assert not database.exists()


def test_an_empty_variable_names_no_database(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PMD_LEADERBOARD", "")
    monkeypatch.chdir(tmp_path)
    assert main(["show"]) == 2
    assert "there is no leaderboard at leaderboard.sqlite" in capsys.readouterr().err
    program = (
        "from benchmarks import matrix, options; print(*(each.Options().leaderboard for each in (matrix, options)))"
    )
    command, known = [sys.executable, "-c", program], {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=known, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["leaderboard.sqlite"] * 2


@pytest.mark.usefixtures("database")
def test_rebuild_says_what_it_leaves_out(tmp_path, capsys):
    write_run(tmp_path / "good")
    edit_episode(write_run(tmp_path / "bad\x1b[2J"), 0, response="forged")
    assert main(["rebuild", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == "1 entries\n"
    assert rf"left out {tmp_path}/bad\x1b[2J: row" in captured.err


@pytest.mark.usefixtures("database")
def test_rebuild_says_what_it_did_not_read_again(tmp_path, capsys):
    for place in ("runs/a", "more/b", "away/c"):
        assert main(["post", str(write_run(tmp_path / place, place[-1]))]) == 0
    capsys.readouterr()
    directories = [str(tmp_path / name) for name in ("runs", "more")]
    assert main(["rebuild", *directories]) == 0
    assert capsys.readouterr().out == "3 entries, 1 of them as they were: their folders are elsewhere or refused\n"
    assert main(["rebuild", *directories, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"entries": 3, "kept": 1, "left_out": []}


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["post", "nowhere"], "nowhere is not a run folder"),
        (["post", "no\x1b[2J\nwhere"], r"no\x1b[2J\nwhere is not a run folder"),
        (["show"], "there is no leaderboard at"),
        (["show", "--db", "no/such/place.sqlite"], "there is no leaderboard at no/such/place.sqlite"),
        (["rebuild", "nowhere"], "nothing to rebuild from nowhere"),
        (["verify"], "there is no leaderboard at"),
        (["serve", "--port", "70000"], "--port 70000 is not between 0 and 65535"),
        (["post", "nowhere", "--to", "ftp://127.0.0.1"], "not the address of a server: http://HOST:PORT, or https://"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(capsys, arguments, message):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.mark.usefixtures("database")
def test_an_unknown_suite_names_the_nearest(tmp_path, capsys):
    main(["post", str(write_run(tmp_path / "run"))])
    capsys.readouterr()
    assert main(["show", "--suite", "nona"]) == 2
    assert "unknown suite 'nona'. Did you mean 'nano'?" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["shwo"], ["post"], ["show", "--jsn"]])
def test_a_wrong_command_line_is_one_line_and_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_help_shows_examples():
    done = subprocess.run(
        [sys.executable, "-m", "leaderboard", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for command in ("show", "post", "serve", "export", "verify", "rebuild"):
        assert f"python -m leaderboard {command}" in done.stdout


@pytest.mark.parametrize(
    ("width", "left_out"),
    [(80, "maj@2, commit, steps, seed, pass@2, policy, 95 %"), (110, "maj@2, commit, steps"), (160, "")],
)
def test_names_stay_whole_in_a_narrow_terminal(tmp_path, capsys, monkeypatch, database, width, left_out):
    write_run(tmp_path / "run", run_id="imitate-doubling-seed0")
    assert main(["post", str(tmp_path / "run")]) == 0
    capsys.readouterr()
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["show"]) == 0
    shown = capsys.readouterr().out
    assert "imitate-doubling-seed0" in shown
    assert "frozen (start) (baseline)" in shown
    assert all(len(line) <= width for line in shown.splitlines())
    assert ("commit" in shown.partition("┡")[0]) == (not left_out)
    said = " ".join(shown.split()).partition("not shown in so few columns: ")[2]
    assert said == left_out


def command(*words, **settings):
    known = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    return {"args": [sys.executable, "-m", "leaderboard", *words], "env": known, "text": True, "encoding": "utf-8"}


def test_a_reader_that_stops_early_is_no_traceback(database, tmp_path):
    assert main(["post", str(write_run(tmp_path / "run"))]) == 0
    for words in (["show", "--json"], ["verify", "--json"]):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(**command(*words), stdout=writing, stderr=subprocess.PIPE, check=False)
        os.close(writing)
        assert (done.returncode, done.stderr) == (UNREAD, "")


def test_boards_are_shown_in_a_terminal_that_cannot_show_them_all(database, tmp_path):
    assert main(["post", str(write_run(tmp_path / "run", "Läufe→"))]) == 0
    done = subprocess.run(**command("show", PYTHONIOENCODING="ascii"), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert r"L\xe4ufe\u2192" in done.stdout


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("token", "reason"),
    [(" secret", "it begins or ends with a space"), ("se\ncret", "character 3 is"), ("se\udcffcret", "character 3 is")],
)
def test_a_server_does_not_wait_for_a_token_that_cannot_be_sent(monkeypatch, capsys, token, reason):
    pytest.importorskip("uvicorn", reason="the extra web is not installed")
    monkeypatch.setenv("PMD_LEADERBOARD_TOKEN", token)
    assert main(["serve", "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert f"leaderboard: error: the token cannot be sent: {'its ' if 'char' in reason else ''}{reason}" in said
    assert token not in said
