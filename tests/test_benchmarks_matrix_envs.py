"""A matrix of agents, environments and seeds: what its runs are called and told, and a whole one with a tiny policy."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import gymnasium
import pytest
from gymnasium.envs.registration import EnvSpec
from test_project_completion import bash, script_of
from tiny_policy import tiny_policy

from benchmarks.matrix import Options, cells, chosen_columns, main
from benchmarks.options import Options as RunOptions
from benchmarks.options import choose_suite
from benchmarks.suite_files import find_suite
from leaderboard.records import Report
from pmd_envs.errors import ConfigError

TWO = ("pmd/GSM8K-v0", "pmd/KnightsKnaves-v0")
ASKED = Options(("frozen", "rlvr"), ("smoke",), env=(TWO,), difficulty=1, source="generated", seeds=2)


def made(options):
    return cells(options, chosen_columns(options))


def test_every_environment_has_runs_of_its_own():
    found = made(ASKED)
    assert list(found)[:4] == [(f"{env} (smoke)", agent, 0) for env in TWO for agent in ("frozen", "rlvr")]
    assert len(found) == 2 * 2 * 2
    cell = found["pmd/GSM8K-v0 (smoke)", "rlvr", 1]
    assert cell.folder == Path("runs/matrix/smoke/pmd+GSM8K-v0/rlvr-smoke-pmd+GSM8K-v0-seed1")
    assert cell.name == "rlvr on pmd/GSM8K-v0 (smoke), seed 1"
    assert (cell.steps, cell.evaluations) == (2, 2)
    told = dict(zip(cell.options[::2], cell.options[1::2], strict=False))
    assert told["--env"] == "pmd/GSM8K-v0"
    assert (told["--suite"], told["--difficulty"], told["--source"]) == ("smoke", "1", "generated")


def test_a_column_is_what_run_py_makes_of_its_options():
    asked = replace(ASKED, suites=("smoke", "quick"), steps=3)
    for column in chosen_columns(asked):
        told = dict(zip(column.options[::2], column.options[1::2], strict=True))
        same = RunOptions(
            suite=told["--suite"], env=(told["--env"],), difficulty=int(told["--difficulty"]), steps=3,
            source=told["--source"], granularity=told["--granularity"],
        )  # fmt: skip
        assert choose_suite(same) == column.suite


def test_environments_and_suites_together_are_every_environment_with_every_budget():
    names = [column.name for column in chosen_columns(replace(ASKED, suites=("smoke", "quick")))]
    assert names == [f"{env} ({suite})" for suite in ("smoke", "quick") for env in TWO]
    assert [column.name for column in chosen_columns(Options(suites=("smoke", "quick")))] == ["smoke", "quick"]
    repeated = replace(ASKED, env=((TWO[0], TWO[0]), (TWO[1],)))  # --env A A --env B
    assert [column.name for column in chosen_columns(repeated)] == [f"{env} (smoke)" for env in TWO]
    kwargs = {dict(column.suite.envs[0].kwargs)["difficulty"] for column in chosen_columns(ASKED)}
    assert kwargs == {1}
    assert chosen_columns(ASKED)[0].suite.rollouts == find_suite("smoke").rollouts


@pytest.mark.parametrize(("one", "other"), [("a/b-c-v0", "a-b/c-v0"), ("pmd/One.Two-v0", "pmd/One-Two-v0")])
def test_folders_of_environments_are_told_apart(one, other, monkeypatch):
    spec = gymnasium.spec(TWO[0])
    for name in (one, other):
        monkeypatch.setitem(gymnasium.registry, name, EnvSpec(name, spec.entry_point, kwargs=dict(spec.kwargs)))
    folders = {str(cell.folder) for cell in made(replace(ASKED, env=((one, other),))).values()}
    assert len(folders) == 8
    assert all(re.fullmatch(r"runs/matrix/smoke/[\w.+-]+/[\w.+-]+", folder) for folder in folders)


def test_names_that_would_share_a_folder_are_refused(tmp_path):
    for number, name in enumerate(("my suite", "My-suite")):
        (tmp_path / f"{number}.toml").write_text(f'name = "{name}"\n[[envs]]\nid = "pmd/GSM8K-v0"\n')
    asked = Options(("frozen",), (f"{tmp_path}/0.toml", f"{tmp_path}/1.toml"), out=tmp_path)
    with pytest.raises(
        ConfigError, match=r"my suite, seed 0 and frozen on My-suite, seed 0 would both be in .*: rename"
    ):
        made(asked)


def test_a_run_with_other_settings_is_not_taken_for_one_of_the_matrix(tmp_path):
    asked = replace(ASKED, agents=("frozen",), out=tmp_path, seeds=1)
    [first, _] = made(asked).values()
    first.folder.mkdir(parents=True)
    (first.folder / "config.json").write_text('{"format": 1, "suite": {}}')
    (first.folder / "report.json").write_text("{}")
    with pytest.raises(
        ConfigError,
        match=r"was run with other settings: agent \(nothing, now .*split.* and 16 more; .*choose another --out",
    ):
        made(asked)


def test_bash_completes_env(tmp_path, capsys, monkeypatch):
    script_of(tmp_path, "matrix", "bash", capsys, monkeypatch)
    assert bash(tmp_path, "benchmarks/matrix.py --en") == ["--env"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a tiny policy and a tiny suite."""
    folder = tmp_path_factory.mktemp("matrix")
    policy = tiny_policy()
    policy.model.save_pretrained(folder / "policy")
    policy.tokenizer.save_pretrained(folder / "policy")
    (folder / "tiny.toml").write_text(TINY)
    return folder


TINY = """
name = "tiny"
steps = 2
problems = 1
rollouts = 2
pool = 2
held_out = 2
k = 2
max_new_tokens = 4
[[envs]]
id = "pmd/Sudoku-v0"
"""
COMMAND = (
    "--agents", "frozen", "rlvr", "--suites", "tiny.toml", "--env", TWO[0], "--env", TWO[1], "--difficulty", "1",
    "--source", "generated", "--seeds", "1", "--policy", "policy", "--validate-every", "2", "--out", "out", "--json",
)  # fmt: skip


def started(folder, *more, monkeypatch, capsys):
    """What the command, in this process, prints as JSON and says besides."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["matrix.py", *COMMAND, *more])
    assert main() == 0
    printed = capsys.readouterr()
    return json.loads(printed.out), printed.err


@pytest.mark.slow
def test_a_matrix_of_environments_from_end_to_end(place, monkeypatch, capsys):
    estimates, _ = started(place, "--dry-run", monkeypatch=monkeypatch, capsys=capsys)
    columns = [f"{env} (tiny)" for env in TWO]
    assert [(one["suite"], one["agent"]) for one in estimates] == [(c, a) for c in columns for a in ("frozen", "rlvr")]
    looked_at = 2 * 24 * 4
    assert [one["workload"]["held_out"] for one in estimates[:2]] == [4, 2 * 4 + 4 + looked_at]
    assert not (place / "out").exists()

    found, said = started(place, monkeypatch=monkeypatch, capsys=capsys)
    assert found["suites"] == columns
    assert found["environments"] == {f"{env} (tiny)": [env] for env in TWO}
    assert [(cell["suite"], cell["agent"]) for cell in found["cells"]] == sorted(
        (column, agent) for column in columns for agent in ("frozen", "rlvr")
    )
    assert {cell["agent"]: cell["curve"] for cell in found["cells"]} == {"frozen": "", "rlvr": "validation score"}
    told = re.findall(r"done: (.+), seed 0 \((\d) of 4 runs, .+? so far", said)
    assert [number for _, number in told] == ["1", "2", "3", "4"]
    # Two at once: any of those under way may end first.
    assert {name for name, _ in told} == {f"{agent} on {column}" for agent in ("frozen", "rlvr") for column in columns}
    reports = {path.parent.name: path for path in (place / "out").rglob("report.json")}
    assert sorted(reports) == sorted(f"{a}-tiny-{e.replace('/', '+')}-seed0" for a in ("frozen", "rlvr") for e in TWO)
    for name, path in reports.items():
        [env] = Report.read(path).environments
        assert env.id.replace("/", "+") in name
        assert env.kwargs["difficulty"] == 1
        assert f"custom: {env.id}" in drawn_text(path.parent)
    page = (place / "out" / "results.md").read_text()
    for line in ("| avg@k | frozen | rlvr |", "| pmd/GSM8K-v0 (tiny) | rlvr | validation score |"):
        assert line in page

    # Stopped before a run was done: the same command runs that one again, and nothing else.
    last = reports[f"frozen-tiny-{TWO[1].replace('/', '+')}-seed0"]
    before = {path: path.stat().st_mtime_ns for path in reports.values()}
    last.unlink()
    again, said = started(place, monkeypatch=monkeypatch, capsys=capsys)
    assert again == found
    assert said.count("done: ") == 1
    assert [path for path in before if path.stat().st_mtime_ns != before[path]] == [last]
    assert (place / "out" / "results.md").read_text() == page

    monkeypatch.setattr(sys, "argv", ["matrix.py", *COMMAND, "--difficulty", "2"])
    assert main() == 2
    said = "was run with other settings: suite.envs[0].kwargs.difficulty (1, now 2); repeat the original command"
    assert said in capsys.readouterr().err


def drawn_text(folder):
    """What a figure says; its letters are drawn as paths, and named in comments."""
    return "".join(re.findall(r"<!-- (.*?) -->", (folder / "learning_curve.svg").read_text()))
