"""The command line, from the outside: mistakes, a whole small run, and a run that is killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file
from test_leaderboard_entry import write_run

from agents.folder_lock import InUseError
from agents.nano import WEIGHTS
from benchmarks import run as run_module
from benchmarks.evaluate import Problems
from benchmarks.folder import TakenError
from benchmarks.options import Options, choose_folder, choose_suite, parse_setting
from benchmarks.run import check_board, main, open_folder, pool_lines, post
from benchmarks.screen import Screen
from benchmarks.suites import EnvChoice
from leaderboard import Leaderboard
from leaderboard.records import Report
from pmd_envs.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
SMOKE = ("--suite", "smoke", "--threads", "1")


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "benchmarks" / "run.py"), *arguments]


def run(folder: Path, *arguments: str, timeout: float = 240) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), cwd=folder, capture_output=True, text=True, timeout=timeout, check=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--agent", "pdm"), "unknown agent 'pdm'. Did you mean 'pmd'?"),
        (("--suite", "defualt"), "unknown suite 'defualt'. Did you mean 'default'?"),
        (("--env", "pmd/GSM8k-v0"), "Did you mean 'pmd/GSM8K-v0'?"),
        (("--policy", "nanno"), "unknown policy 'nanno'. Did you mean 'nano'?"),
        (("--split", "tset"), "unknown split 'tset'. Did you mean 'test'?"),
        (("--env", "pmd/GSM8K-v0", "--difficulty", "99"), "unknown difficulty of GSM8K 99"),
        (("--env", "pmd/GSM8K-v0", "--source", "local"), "PMD_DATA_DIR"),
        (("--agent", "sdpo", "--set", "alhpa=1"), "Did you mean 'alpha'?"),
        (("--set", "alpha"), "is not NAME=VALUE"),
        (("--steps", "0"), "--steps 0 is below 1"),
        (("--seed", "-1"), "--seed -1 is below 0"),
        (("--device", "cuda:99x"), "unknown device 'cuda:99x'"),
        (("--device", "gpu"), "unknown device 'gpu'. Did you mean 'cuda'? Known: auto, cpu, cuda."),
        (("--out", __file__), f"--out {__file__} cannot be a folder: {__file__} is a file"),
        (("--out", f"{__file__}/x/y"), f"--out {__file__}/x/y cannot be a folder: {__file__} is a file"),
        (("--out", "n" * 300), "cannot be a folder: File name too long"),
        (("--agent", "frozen", "--suite", "smoke", "--cache", __file__), f"--cache {__file__} cannot be a folder: "),
        (("--agent", "frozen", "--suite", "smoke", "--out", "/proc/xx"), "the folder /proc/xx cannot be made: "),
        (("--leaderboard", __file__), f"cannot use {__file__} as a leaderboard: file is not a database"),
        (("--leaderboard", "/"), "/ is a folder, not a leaderboard: name a file in it, such as /leaderboard.sqlite"),
        (("--leaderboard", "no/such.sqlite"), "cannot create no/such.sqlite: there is no directory no"),
        (("--lora", "0"), "LoRA rank 0 is below 1"),
        (("--dtype", "bfloat61"), "unknown dtype 'bfloat61'. Did you mean 'bfloat16'?"),
        (("--agent", "frozen", "--lora", "4"), "--lora 4: --agent frozen trains nothing"),
        (("--out", "nothing", "--resume"), "nothing holds no run to resume"),
        (("--policy", f"./{'a/' * 100}model"), "policy is './a/a/"),
        (("--agent", "frozen", "--suite", "smoke", "--out", "a\tb"), r"run_id is 'a\tb', not a printable text"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(tmp_path, arguments, message, monkeypatch, capsys):
    monkeypatch.delenv("PMD_DATA_DIR", raising=False)
    assert message in refusal(tmp_path, arguments, monkeypatch, capsys)
    assert not list(tmp_path.iterdir())  # nothing half-written


def refusal(folder, arguments, monkeypatch, capsys):
    """The one line with which a command that does not start a run ends, without a process of its own."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
    assert main() == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    return line


def test_settings_are_json_where_they_can_be():
    assert parse_setting("alpha=0.5") == ("alpha", 0.5)
    assert parse_setting("top_k=null") == ("top_k", None)
    assert parse_setting("variant=dapo") == ("variant", "dapo")


def test_environment_options_need_an_environment():
    with pytest.raises(ConfigError, match="need --env"):
        choose_suite(Options(difficulty=2))
    suite = choose_suite(Options(env=("pmd/GSM8K-v0",), difficulty=2, steps=7))
    assert (suite.name, suite.steps, suite.envs[0].kwargs["difficulty"]) == ("custom", 7, 2)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """One uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole")
    done = run(folder, "--agent", "pmd", *SMOKE, "--out", "run")
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_a_run_leaves_its_folder_its_rank_and_its_page(whole):
    folder, printed = whole
    names = {path.name for path in (folder / "run").iterdir()}
    assert {
        "config.json",
        "metrics.jsonl",
        "episodes.jsonl",
        "memory.sqlite",
        "checkpoint",
        "evaluation.jsonl",
        "report.json",
        "learning_curve.png",
        "learning_curve.svg",
        "policy",
    } <= names
    assert any(name.startswith("events.out.tfevents") for name in names)
    report = Report.read(folder / "run" / "report.json")
    assert [row.label for row in report.rows] == ["frozen (start)", "pmd", "pmd + memory"]
    assert report.memory_counts["experience"] > 0
    metrics = [json.loads(line) for line in (folder / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in metrics] == [0, 1]
    assert all(row["own_answer_shown"] == 0 for row in metrics)
    if report.provenance.commit != "unknown":
        assert "rank 1 of 1" in printed
        assert len(Leaderboard(folder / "leaderboard.sqlite").boards()) == 1
        assert (folder / "leaderboard_page" / "index.html").exists()


def test_a_page_that_cannot_be_written_does_not_fail_the_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("leaderboard_page").write_text("mine")
    write_run(tmp_path / "run", "one")
    post(Options(leaderboard=tmp_path / "board.sqlite"), tmp_path / "run", Screen(Console(width=400)))
    posted, page = capsys.readouterr().out.splitlines()
    assert posted.startswith("leaderboard: entry 1")
    assert page.startswith("page: not written to leaderboard_page: ")
    assert Path("leaderboard_page").read_text() == "mine"


def test_a_leaderboard_is_looked_at_and_not_made_before_a_run(tmp_path):
    check_board(Options(leaderboard=tmp_path / "board.sqlite"))
    check_board(Options(leaderboard=Path("/"), post=False))
    assert not list(tmp_path.iterdir())
    Leaderboard(tmp_path / "board.sqlite").post(write_run(tmp_path / "run", "one"))
    check_board(Options(leaderboard=tmp_path / "board.sqlite"))
    assert {path.name for path in tmp_path.iterdir()} == {"board.sqlite", "run"}


def test_a_pool_says_how_many_of_its_problems_are_different(toy_id):
    part = Problems.open(EnvChoice(toy_id, {"difficulty": 1, "source": "generated"}), "train", 300)
    count = len(set(part.same))
    assert count < 300
    plan = SimpleNamespace(agent=SimpleNamespace(trains=True), suite=SimpleNamespace(pool=300))
    ready = SimpleNamespace(plan=plan, training=(part,))
    assert pool_lines(ready) == [
        f"{toy_id}: {count} problems to train on differ in more than names and examples, where pool = 300"
    ]
    plan.suite.pool = count
    assert pool_lines(ready) == []
    plan.agent.trains, plan.suite.pool = False, 300
    assert pool_lines(ready) == []


@pytest.mark.parametrize("is_done", [False, True])
def test_of_two_runs_that_chose_one_folder_the_second_takes_the_next(is_done, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = Options(agent="rlvr", policy="nano")
    chosen = [choose_folder(options) for _ in range(2)]  # together: neither has made it yet
    assert chosen[0] == chosen[1] == Path("runs/rlvr-nano-seed0")

    def choose(asked):
        return chosen.pop() if chosen else choose_folder(asked)

    monkeypatch.setattr(run_module, "choose_folder", choose)
    first = open_folder(options, {}, ())
    if is_done:
        first.close()
    second = open_folder(options, {}, ())
    assert [first.path.name, second.path.name] == ["rlvr-nano-seed0", "rlvr-nano-seed0-2"]
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    for asked in (replace(options, out=second.path), replace(options, resume=True)):  # a folder that was asked for
        with pytest.raises(InUseError):
            open_folder(asked, {}, ())
    second.close()
    with pytest.raises(TakenError):
        open_folder(replace(options, out=second.path), {}, ())
    first.close()


@pytest.mark.slow
def test_a_policy_in_bfloat16_is_trained_on_float32_masters(tmp_path):
    done = run(tmp_path, "--agent", "rlvr", *SMOKE, "--out", "run", "--no-post", "--dtype", "bfloat16")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "run" / "config.json").read_text())["dtype"] == "bfloat16"
    saved = load_file(tmp_path / "run" / "policy" / "model.safetensors")
    assert {weights.dtype for weights in saved.values()} == {torch.bfloat16}
    masters = load_file(tmp_path / "run" / "checkpoint" / "policy.safetensors")
    assert {weights.dtype for weights in masters.values()} == {torch.float32}


@pytest.mark.slow
def test_adapters_and_recomputed_layers_leave_a_plain_policy(tmp_path):
    done = run(tmp_path, "--agent", "rlvr", *SMOKE, "--out", "run", "--no-post", "--lora", "4", "--recompute")
    assert done.returncode == 0, done.stderr
    assert "dtype" not in json.loads((tmp_path / "run" / "config.json").read_text())
    assert json.loads((tmp_path / "run" / "config.json").read_text())["lora"] == 4
    assert "recompute" not in (tmp_path / "run" / "config.json").read_text()  # it changes no result
    saved = load_file(tmp_path / "run" / "policy" / "model.safetensors")
    shipped = load_file(WEIGHTS / "model.safetensors")
    assert saved.keys() == shipped.keys()
    (kept,) = (tmp_path / "run").glob("checkpoint/policy.safetensors")
    assert all(".lora_" in name for name in load_file(kept))
    other = ("--agent", "rlvr", *SMOKE, "--out", "run", "--no-post", "--resume", "--lora", "8")
    assert "other settings: lora" in run(tmp_path, *other).stderr


def test_a_folder_is_not_overwritten_and_must_fit(whole, monkeypatch, capsys):
    folder, _ = whole
    again = ("--agent", "pmd", *SMOKE, "--out", "run")
    assert "already holds a run" in refusal(folder, again, monkeypatch, capsys)
    other = refusal(folder, (*again, "--seed", "1", "--steps", "8", "--resume"), monkeypatch, capsys)
    assert "other settings: seed (0, now 1), suite.steps (2, now 8); repeat the original command" in other


def test_a_folder_of_another_version_is_refused(tmp_path, monkeypatch, capsys):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text('{"format": 99}')
    said = refusal(tmp_path, (*SMOKE, "--out", "run", "--resume"), monkeypatch, capsys)
    assert "format 99; this version reads format 1" in said
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["config.json"]


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_end(whole, tmp_path):
    """SIGKILL at a moment that differs from run to run of the tests, then --resume."""
    reference, _ = whole
    log = (tmp_path / "log").open("w")
    process = subprocess.Popen(
        command("--agent", "pmd", *SMOKE, "--out", "run"), cwd=tmp_path, stdout=log, stderr=log, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while not (tmp_path / "run" / "evaluation").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(random.uniform(0, 4))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    log.close()
    done = run(tmp_path, "--agent", "pmd", *SMOKE, "--out", "run", "--resume")
    assert done.returncode == 0, done.stderr
    ours = Report.read(tmp_path / "run" / "report.json")
    theirs = Report.read(reference / "run" / "report.json")
    assert ours.rows == theirs.rows
    assert ours.memory_counts == theirs.memory_counts
    steps = [json.loads(line) for line in (tmp_path / "run" / "seconds.jsonl").read_text().splitlines()]
    trained = sum(value for row in steps for name, value in row.items() if name != "step")
    assert ours.seconds["training"] == pytest.approx(trained)  # of both processes
    for name in ("metrics.jsonl", "episodes.jsonl", "evaluation.jsonl"):
        assert (tmp_path / "run" / name).read_text() == (reference / "run" / name).read_text()
    weights = Path("run") / "policy" / "model.safetensors"
    assert (tmp_path / weights).read_bytes() == (reference / weights).read_bytes()
