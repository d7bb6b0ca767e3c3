"""A person at the terminal: what is typed, and what is shown."""

import io

import gymnasium
import pytest
from rich.console import Console

from pmd_envs import ConfigError
from pmd_envs.__main__ import main
from pmd_envs.play import play

ENV = "pmd/GSM8K-v0"
SETTINGS = {"source": "generated", "difficulty": 1}


def played(monkeypatch, *lines, env_id=ENV, settings=SETTINGS):
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    shown = io.StringIO()
    assert play(env_id, settings, 3, Console(file=shown, width=100)) == 0
    return shown.getvalue()


@pytest.fixture
def task():
    env = gymnasium.make(ENV, **SETTINGS)
    env.reset(seed=3)
    return env.unwrapped.task


def test_a_solved_problem_is_counted_and_the_next_one_comes(monkeypatch, task):
    gold = task.facts["solution"].splitlines()
    shown = played(monkeypatch, "1 + 1 = 3", *gold, "/quit")
    assert task.id in shown
    assert "✗ 1 + 1 = 3 is wrong: it is 2" in shown
    assert "score 1" in shown
    assert "12 left > " in shown
    assert "11 left > " in shown
    assert shown.count("GSM8K-v0/generated/train/") == 2
    assert "1 of 1 solved." in shown


def test_showing_skipping_and_several_lines(monkeypatch, task):
    shown = played(monkeypatch, "", "/show", "/skip", "/lines", "1 + 1 = 2", "", "#### 12345", "/end")
    assert task.facts["solution"].splitlines()[0] in shown
    assert shown.count("/end ends > ") == 4
    assert "✓ 1 + 1 = 2 is right" in shown
    assert "score 0" in shown
    assert "0 of 2 solved." in shown  # the end of the input ends the game


def test_a_problem_with_brackets_is_shown_as_it_is(monkeypatch):
    shown = played(monkeypatch, "[bold]no markup[/bold]", env_id="pmd/Entailment-v0", settings={"source": "generated"})
    assert "0 of 0 solved." in shown


def test_an_unknown_id_is_answered_with_the_right_one(capsys):
    with pytest.raises(ConfigError, match="Did you mean 'pmd/GSM8K-v0'"):
        play("pmd/GSM8k-v0", {})
    assert main(["play", "pmd/GSM8k-v0"]) == 2
    assert "Did you mean 'pmd/GSM8K-v0'" in capsys.readouterr().err


def test_what_is_no_action_is_said_and_the_person_may_try_again(monkeypatch, task):
    shown = played(monkeypatch, "1" * 70_000, *task.facts["solution"].splitlines(), "/quit")
    assert "not 70000 characters; try again" in " ".join(shown.split())
    assert shown.count("12 left > ") == 3  # that of the next problem, too
    assert "1 of 1 solved." in shown


def test_a_seed_below_0_and_input_that_is_no_text_are_answered(monkeypatch, capsys):
    assert main(["play", ENV, "--source", "generated", "--seed", "-1"]) == 2
    assert "error: seed=-1 is below 0" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n/quit\n"), "utf-8"))
    assert main(["play", ENV, "--source", "generated"]) == 2
    assert "error: what was typed is not utf-8: invalid start byte" in capsys.readouterr().err
