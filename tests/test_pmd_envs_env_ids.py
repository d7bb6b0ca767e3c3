"""Environments that a module registers, named as ``module:id`` as for ``gymnasium.make``."""

import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import gymnasium
import pytest
from rich.console import Console
from test_leaderboard_entry import PROVENANCE, write_run

from benchmarks.evaluate import Problems
from benchmarks.levels import Options as LevelOptions
from benchmarks.levels import run as run_levels
from benchmarks.matrix_columns import columns
from benchmarks.options import Options, choose_suite
from benchmarks.suite_files import Environments, find_suite
from leaderboard.__main__ import main
from leaderboard.apart import verify_apart
from leaderboard.verifiers import verifier_versions
from pmd_envs.audit.runner import audit
from pmd_envs.env_ids import known_id
from pmd_envs.errors import ConfigError
from pmd_envs.play import play

ROOT = Path(__file__).parent.parent
MODULE = """
import pmd_envs
from toy_family import ToySums


class Big(ToySums):
    name = "BigV"


pmd_envs.register(Big)
"""
ASKED = "module_of_somebody:pmd/BigV-v0"
ID = "pmd/BigV-v0"


@pytest.fixture(autouse=True)
def somebody(tmp_path, monkeypatch):
    """A module that registers a family when it is imported, and others that cannot be imported."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "module_of_somebody.py").write_text(MODULE)
    (tmp_path / "broken_of_somebody.py").write_text("1 / 0\n")
    before = dict(gymnasium.registry)
    yield tmp_path
    gymnasium.registry.clear()
    gymnasium.registry.update(before)


@pytest.fixture(autouse=True)
def imported_anew(monkeypatch):
    monkeypatch.delitem(sys.modules, "module_of_somebody", raising=False)
    monkeypatch.setattr("pmd_envs.env_ids._IMPORTED", [])


def test_the_command_line_takes_one_and_reports_show_the_id_alone():
    suite = choose_suite(Options(env=(ASKED,), difficulty=1, source="generated"))
    assert [env.id for env in suite.envs] == [ID]
    assert Problems.open(suite.envs[0], "train", 2).tasks[1].id == "BigV-v0/generated/train/d1/1"


def test_a_suite_takes_one_and_is_the_same_suite_as_without(somebody):
    path = somebody / "mine.toml"
    path.write_text(f'name = "mine"\n[[envs]]\nid = "{ASKED}"\n')
    suite = find_suite(str(path))
    path.write_text(f'name = "mine"\n[[envs]]\nid = "{ID}"\n')
    assert suite == find_suite(str(path))
    assert suite.envs[0].id == ID


def test_a_matrix_names_the_id_and_its_runs_import_the_module():
    chosen = Environments((ASKED, ID), difficulty=1, source="generated")
    (column,) = columns(["smoke"], chosen, None)
    assert (column.name, str(column.place)) == (f"{ID} (smoke)", "smoke/pmd+BigV-v0")
    assert column.options[:4] == ("--suite", "smoke", "--env", ID)  # which is asked for last, and is the same
    (column,) = columns(["smoke"], replace(chosen, ids=(ASKED,)), None)
    assert (column.suite.envs[0].id, column.options[3]) == (ID, ASKED)


def test_a_person_may_play_one_and_the_audit_take_one(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("/quit\n"))
    shown = io.StringIO()
    assert play(ASKED, {"source": "generated"}, 3, Console(file=shown, width=100)) == 0
    assert "BigV-v0/generated/train/" in shown.getvalue()
    (found,) = audit([ASKED], problems=1)
    assert found.env_id == ID
    for use in (lambda asked: play(asked, {}), lambda asked: audit([asked])):
        with pytest.raises(ConfigError, match="the module 'no_such_module' cannot be imported"):
            use("no_such_module:pmd/BigV-v0")


def test_an_id_without_a_module_is_left_as_it_is():
    assert known_id("pmd/GSM8K-v0") == "pmd/GSM8K-v0"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("no_such_module:pmd/BigV-v0", "'no_such_module' cannot be imported .ModuleNotFoundError: .*PYTHONPATH"),
        ("broken_of_somebody:pmd/BigV-v0", r"'broken_of_somebody' cannot be imported \(ZeroDivisionError: division"),
        (":pmd/BigV-v0", "'' cannot be imported"),
        ("..up:pmd/BigV-v0", r"'\.\.up' cannot be imported"),
    ],
)
def test_a_module_that_cannot_be_imported_is_named(asked, said):
    with pytest.raises(ConfigError, match=f"environment '{asked}': the module {said}"):
        choose_suite(Options(env=(asked,)))
    with pytest.raises(ConfigError, match=said):
        run_levels(LevelOptions(env=(asked,)), None)


def test_an_id_that_the_module_does_not_register_is_unknown():
    suite = choose_suite(Options(env=("module_of_somebody:pmd/BigW-v0",)))
    with pytest.raises(ConfigError, match=r"unknown environment 'pmd/BigW-v0'\. Did you mean 'pmd/BigV-v0'"):
        Problems.open(suite.envs[0], "train", 1)


def test_the_leaderboard_knows_environments_of_a_module_that_it_is_told(somebody, monkeypatch, capsys):
    monkeypatch.setattr("test_leaderboard_entry.ENVS", (known_id(ASKED),))
    run = write_run(somebody / "run", provenance=replace(PROVENANCE, verifiers=verifier_versions()))
    outside = {**os.environ, "PYTHONPATH": os.pathsep.join([str(somebody), str(ROOT), str(ROOT / "tests")])}
    words = [sys.executable, "-m", "leaderboard", "post", str(run), "--db", str(somebody / "board.sqlite")]
    done = subprocess.run(words, env=outside, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"unknown environment '{ID}'" in done.stderr
    done = subprocess.run(
        [*words, "--import", "module_of_somebody"], env=outside, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("posted as entry 1\n"), done.stderr
    assert verify_apart(run, 60).report.environments[0].id == ID  # as a server does, which was told
    assert main(["show", "--import", "no_such_module"]) == 2
    assert "leaderboard: error: the module 'no_such_module' cannot be imported" in capsys.readouterr().err
