"""A matrix from the outside: its numbers, its mistakes, and what SIGKILL at random moments does to it: nothing."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from test_leaderboard_entry import ENVS, PROBLEMS, write_run

from benchmarks.cells import Cell
from benchmarks.matrix import Options, _post, cells, chosen_columns, main
from benchmarks.matrix_page import as_json, write_results
from benchmarks.matrix_results import CellResult, Matrix, read_matrix
from leaderboard.records import Usage

ROOT = Path(__file__).resolve().parent.parent
SUITE = {"envs": [{}, {}], "problems": 4, "rollouts": 8}


def write_cell(folder, agent, seed, solved, **changes):
    name = f"{agent}-{seed}"
    run = write_run(folder / name, name, agent=agent, seed=seed, solved=solved, labels=(agent,), **changes)
    (run / "config.json").write_text(json.dumps({"format": 1, "suite": SUITE}))
    if agent != "frozen":
        rows = [{"step": step, "reward": (step + solved) / 10, "completion_tokens": 5.0} for step in range(6)]
        (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return run


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cells")
    solved = {"frozen": (1, 2), "pmd": (3, 4), "rlvr": (2,)}
    folders = {
        ("s", agent, seed): write_cell(folder, agent, seed, n)
        for agent, ns in solved.items()
        for seed, n in enumerate(ns)
    }
    folders["s", "rlvr", 1] = folder / "never-finished"
    return read_matrix(folders, ("s",), ("frozen", "pmd", "rlvr"), 2)


def test_only_whole_agents_are_compared(matrix):
    assert (matrix.agents, matrix.left_out) == (("frozen", "pmd"), ("rlvr",))
    assert len(matrix.cells) == 5


def test_the_numbers_of_a_matrix_by_hand(matrix):
    # s of 4 problems solved, the last one half of the time, in both environments: (s - 0.5) / 4.
    assert np.array_equal(matrix.groups("pmd")[0], [[0.625] * len(ENVS), [0.875] * len(ENVS)])
    assert matrix.middle("frozen").value == pytest.approx(0.25)
    assert matrix.middle("pmd").value == pytest.approx(0.75)
    assert matrix.improvements()["pmd"].value == 1
    [comparison] = matrix.comparisons()
    assert comparison.difference == pytest.approx(0.5)
    # Both seeds of pmd are better by 0.5. Of two seeds no other signs are farther from 0, and two of four are as far.
    assert comparison.p_value == comparison.adjusted == 0.5
    cell = matrix.cells["s", "pmd", 0]
    assert (cell.tokens, cell.answers_only) == (6 * 5 * 64, True)  # as older versions wrote it
    assert cell.tokens_per_solved == pytest.approx(cell.tokens / (2 * 2.5))
    assert cell.area == pytest.approx(0.55)
    assert cell.rollouts_to_target is None or 64 <= cell.rollouts_to_target <= 6 * 64
    assert (matrix.cells["s", "frozen", 0].area, matrix.cells["s", "frozen", 0].tokens) == (None, 0)
    assert [table.size for table in cell.problems] == [PROBLEMS] * len(ENVS)


def test_results_are_written_for_programs_and_for_people(matrix, tmp_path):
    page = write_results(matrix, tmp_path).read_text()
    assert "prompt tokens" not in page
    assert json.loads((tmp_path / "results.json").read_text()) == json.loads(json.dumps(as_json(matrix)))
    for text in (
        "| pmd | 0.750 |", "| 1.000 | 1.000 to 1.000 |", "not compared: rlvr", "from the policy `nano`",
        "| s | pmd - frozen | +0.500 | 0.5000 | 0.5000 |",
        "the signs of whole seeds, adjusted by Holm over all rows of this table. Of 2 seeds no p is below 0.5",
    ):  # fmt: skip
        assert text in page
    assert re.search(r"The cells were run by the code of 1 commit: [0-9a-f]{7}", page)
    assert as_json(matrix)["policies"] == ["nano"]
    assert (tmp_path / "profiles.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (tmp_path / "profiles.svg").read_bytes()
    first = (tmp_path / "profiles.svg").read_bytes()
    write_results(matrix, tmp_path)
    assert (tmp_path / "profiles.svg").read_bytes() == first


def test_tokens_of_training_are_those_of_all_models(tmp_path):
    folders = {("s", agent, 0): write_cell(tmp_path, agent, 0, 3) for agent in ("frozen", "rlvr", "pmd")}
    parts = {"pmd": {"rollout": 700.0, "teacher": 900.0, "reflection": 300.0, "update": 600.0}, "rlvr": {}}
    for agent, spent in parts.items():
        path = folders["s", agent, 0] / "metrics.jsonl"
        rows = [
            json.loads(line) | {f"tokens/{part}": n for part, n in spent.items()}
            for line in path.read_text().splitlines()
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = read_matrix(folders, ("s",), ("frozen", "rlvr", "pmd"), 1)
    cells = {agent: cell for (_, agent, _), cell in found.cells.items()}
    assert {agent: (cell.tokens, cell.answers_only) for agent, cell in cells.items()} == {
        "frozen": (0, False), "rlvr": (6 * 5 * 64, True), "pmd": (6 * 2500, False)
    }  # fmt: skip
    assert cells["pmd"].tokens_per_solved == 6 * 2500 / 5
    page = write_results(found, tmp_path).read_text()
    assert "| tokens read and written in training | of these for a solved problem |" in page
    assert "| 1,920 (answers only) | 384 |" in page
    assert "| 15,000 | 3,000 |" in page


@pytest.mark.parametrize(
    ("differences", "same", "p_value"),
    [
        # Four problems that ask the same count as much as two that do not: signs of 0.25, 0.25 and 0.125.
        ([([-0.5] * 4, [1.0, -0.5])], ((0, 0, 0, 0), (0, 1)), 1.0),
        # Both seeds are better by 0.1 or more on average over environments; over all problems one of them is by 0.
        ([([0.2] * 4, [0.0]), ([-0.1] * 4, [0.4])], (), 0.5),
    ],
)
def test_environments_weigh_the_same_in_the_tests_of_a_matrix(differences, same, p_value):
    def cell(agent, seed, scores):
        return CellResult(agent, "s", seed, (0.0, 0.0), scores, *[0.0] * 4, "", *[0.0] * 4, same=same)

    cells = {}
    for seed, scores in enumerate(tuple(np.array(s) for s in pair) for pair in differences):
        cells["s", "base", seed] = cell("base", seed, tuple(0 * s for s in scores))
        cells["s", "other", seed] = cell("other", seed, scores)
    matrix = Matrix(("s",), ("base", "other"), (), len(differences), {"s": ("e", "f")}, cells, 0.5)
    assert [comparison.p_value for comparison in matrix.comparisons()] == [p_value]


def test_a_matrix_reads_which_problems_ask_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("leaderboard.evidence.alike", lambda *_: (0, 0, 2, 3))
    found = read_matrix({("s", "frozen", 0): write_cell(tmp_path, "frozen", 0, 1)}, ("s",), ("frozen",), 1)
    assert found.same("s") == ((0, 0, 2, 3),) * len(ENVS)


def drawn_matrix(first, second):
    """Two agents on one environment by their scores, (seeds, problems)."""
    cells = {
        ("s", agent, seed): CellResult(agent, "s", seed, (row.mean(),), (row,), *[0.0] * 4, "", *[0.0] * 4)
        for agent, table in (("first", first), ("second", second))
        for seed, row in enumerate(table)
    }
    return Matrix(("s",), ("second", "first"), (), len(first), {"s": ("e",)}, cells, 0.5)


def test_runs_of_one_and_the_same_agent_seldom_differ():
    # Runs that move on all problems at once: with problems as the unit about half of all p would be below 0.05.
    rng, found = np.random.default_rng(0), []
    for _ in range(300):
        one, other = (rng.random((6, 1)) + 0.1 * rng.random((6, 40)) for _ in range(2))
        [comparison] = drawn_matrix(one, other).comparisons()
        found.append(comparison.p_value)
    assert np.mean(np.array(found) < 0.05) < 0.07
    assert np.mean(np.array(found) < 0.5) == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("seeds", [2, 3, 5, 6])
def test_no_number_of_problems_makes_up_for_few_seeds(seeds, tmp_path):
    found = drawn_matrix(np.full((seeds, 200), 0.8), np.full((seeds, 200), 0.1))
    [comparison] = found.comparisons()
    assert comparison.p_value == comparison.adjusted == 2 ** (1 - seeds)
    assert f"Of {seeds} seeds no p is below {2 ** (1 - seeds):.2g}," in write_results(found, tmp_path).read_text()


def test_problems_that_ask_the_same_have_one_sign(tmp_path):
    found = drawn_matrix(np.ones((1, 8)), np.zeros((1, 8)))
    cells = {key: replace(cell, same=((0, 0, 0, 0, 0, 0, 6, 7),)) for key, cell in found.cells.items()}
    told = replace(found, cells=cells)
    [comparison] = told.comparisons()
    assert comparison.difference == 1
    assert comparison.p_value == 2 / 2**3
    page = write_results(told, tmp_path).read_text()
    assert "Some problems ask the same: 3 of the 8 of e are different." in page
    assert "Some problems" not in write_results(found, tmp_path).read_text()


def test_one_seed_is_about_its_runs_only(tmp_path):
    found = drawn_matrix(np.ones((1, 8)), np.zeros((1, 8)))
    [comparison] = found.comparisons()
    assert (comparison.p_value, comparison.adjusted) == (2 / 2**8, None)
    page = write_results(found, tmp_path).read_text()
    assert "| s | first - second | +1.000 | 0.0078 |  |" in page
    assert "It is about these runs only" in page
    assert "Holm" not in page
    assert "1 seed of each agent" in page
    assert "one run of each has no interval" in page
    assert "| first | 1.000 |  | 1.000 |  |" in page
    assert json.loads((tmp_path / "results.json").read_text())["comparisons"][0]["adjusted"] is None


def test_the_reward_to_reach_is_asked_for(tmp_path):
    folders = {("s", "pmd", 0): write_cell(tmp_path, "pmd", 0, 3)}
    usual, lower, higher = (read_matrix(folders, ("s",), ("pmd",), 1, *target) for target in ((), (0.35,), (0.95,)))
    # Rewards of 0.3, 0.4, ... after 64 rollouts each; the corrected mean over the first two is (0.9 * 0.3 + 0.4) / 1.9.
    second = (0.9 * 0.3 + 0.4) / 1.9
    reached = {found.target: found.cells["s", "pmd", 0].rollouts_to_target for found in (usual, lower, higher)}
    assert reached[0.35] == pytest.approx(64 * (1 + (0.35 - 0.3) / (second - 0.3)))
    assert reached[0.5] > reached[0.35]
    assert reached[0.95] is None
    assert "| rollouts to a score of 0.35 |" in write_results(lower, tmp_path).read_text()
    assert json.loads((tmp_path / "results.json").read_text())["target"] == 0.35
    assert as_json(usual)["target"] == 0.5


def test_tokens_of_a_served_policy_are_among_the_costs(tmp_path):
    folders = {("s", "frozen", 0): write_cell(tmp_path, "frozen", 0, 3, usage=Usage(700, 300))}
    found = read_matrix(folders, ("s",), ("frozen",), 1)
    assert "| s | frozen | 700 | 300 | 200 |" in write_results(found, tmp_path).read_text()  # 2.5 of 4, two times
    [cell] = json.loads((tmp_path / "results.json").read_text())["cells"]
    assert (cell["usage"], cell["served_tokens_per_solved"]) == ({"prompt_tokens": 700, "completion_tokens": 300}, 200)
    folders = {("s", "frozen", 0): write_cell(tmp_path, "frozen", 1, 3, usage=Usage(700, None))}
    page = write_results(read_matrix(folders, ("s",), ("frozen",), 1), tmp_path).read_text()
    assert "| s | frozen | 700 |  |  |" in page


def test_upper_bounds_are_labelled(tmp_path):
    folders = {("s", agent, 0): write_cell(tmp_path, agent, 0, n) for agent, n in (("frozen", 1), ("pmd-scripted", 3))}
    found = read_matrix(folders, ("s",), ("frozen", "pmd-scripted"), 1)
    page = write_results(found, tmp_path).read_text()
    assert "| pmd-scripted (upper bound) - frozen |" in page
    assert page.count("pmd-scripted") == page.count("pmd-scripted (upper bound)") == 5
    assert as_json(found)["upper_bounds"] == ["pmd-scripted"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--agents", "pdm"), "unknown agent 'pdm'. Did you mean 'pmd'?"),
        (("--suites", "qick"), "unknown suite 'qick'. Did you mean 'quick'?"),
        (("--seeds", "0"), "--seeds 0 is below 1"),
        (("--target", "1.5"), "--target 1.5 is not a score: those are from 0 to 1"),
        (("--target", "nan", "--dry-run"), "--target nan is not a score"),
        (("--requests-per-minute", "0"), "requests per minute (0.0) above 0"),
        (("--tries", "0"), "--tries 0 is below 1"),
        (("--steps", "0"), "--steps 0 is below 1"),
        (("--validate-every", "-1"), "validation looks every 0 or more batches"),
        (("--env",), "--env names no environment"),
        (
            ("--env", "pmd/GSM8K-v0", "pmd/Sudokku-v0"),
            "unknown environment 'pmd/Sudokku-v0'. Did you mean 'pmd/Sudoku-v0'?",
        ),
        (("--env", "pmd/GSM8K-v0", "--difficulty", "99"), "unknown difficulty of GSM8K 99"),
        (("--env", "pmd/GSM8K-v0", "--source", "local"), "PMD_DATA_DIR"),
        (("--env", "pmd/GSM8K-v0", "--granularity", "word"), "unknown granularity 'word'"),
        (("--difficulty", "2"), "--difficulty, --source and --granularity need --env"),
        (("--cores", "1", "--threads", "2"), "--threads 2 of one cell is more than --cores 1"),
        (("--device", "gpu"), "unknown device 'gpu'. Did you mean 'cuda'?"),
        (("--out", __file__), f"--out {__file__} cannot be a folder: {__file__} is a file"),
        (("--out", f"{__file__}/x"), f"--out {__file__}/x cannot be a folder: {__file__} is a file"),
        (("--out", "/proc/xx"), "the folder /proc/xx cannot be made: "),
        (("--post", "--leaderboard", __file__), f"cannot use {__file__} as a leaderboard: file is not a database"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, arguments, message, monkeypatch, capsys):
    monkeypatch.delenv("PMD_DATA_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["matrix.py", *arguments])
    assert main() == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert message in lines[0]
    assert not list(tmp_path.iterdir())


def test_what_was_posted_and_where_is_said(tmp_path, capsys):
    options = Options(leaderboard=tmp_path / "board.sqlite")
    made = {("s", "pmd", seed): Cell(f"pmd {seed}", tmp_path / f"run-{seed}", ()) for seed in range(3)}
    for seed in range(2):
        write_run(tmp_path / f"run-{seed}", f"run-{seed}", seed=seed, solved=seed + 2)
    console = Console(width=400)
    _post(options, dict(list(made.items())[:1]), console)
    assert capsys.readouterr().out == f"leaderboard: 1 runs posted to {options.leaderboard}\n"
    _post(options, made, console)
    assert capsys.readouterr().out == f"leaderboard: 2 runs posted to {options.leaderboard}, 1 of them there before\n"


def test_a_server_is_asked_no_more_by_a_matrix_than_by_a_run():
    served = "openai:m@http://127.0.0.1:9/v1"
    asked = Options(("frozen",), ("smoke",), seeds=1, policy=served, cores=4, requests_per_minute=60)
    chosen = chosen_columns(asked)
    [cell] = cells(asked, chosen).values()
    assert cell.options[-5:-1] == ("--requests-at-once", "8", "--requests-per-minute", "15.0")
    [free] = cells(replace(asked, requests_per_minute=None, requests_at_once=2), chosen).values()
    assert free.options[-3:] == ("--requests-at-once", "2", "--no-post")
    [own] = cells(replace(asked, policy="nano"), chosen).values()
    assert not any("requests" in option for option in own.options)


# A run that is quick to start: sixteen batches with a checkpoint each, every batch a line that must stand there once.
SCRIPT = """
import json, os, pathlib, sys, time
sys.path.insert(0, {root!r})
from benchmarks.files import append, keep_lines_before, write_text
from agents.folder_lock import FolderLock
folder = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
folder.mkdir(parents=True, exist_ok=True)
lock = FolderLock(folder)
if not (folder / "config.json").exists():
    write_text(folder / "config.json", "{{}}")
elif "--resume" not in sys.argv:
    print("error: already holds a run"); sys.exit(2)
state = folder / "checkpoint"
step = int(state.read_text()) if state.exists() else 0
keep_lines_before(folder / "metrics.jsonl", step)
for step in range(step, 16):
    time.sleep(0.01)
    append(folder / "metrics.jsonl", [{{"step": step, "run": folder.name}}])
    write_text(state, str(step + 1))
write_text(folder / "report.json", json.dumps({{"run": folder.name}}))
"""
DRIVER = """
import pathlib, sys
from rich.console import Console
from benchmarks import cells
cells.RUN, cells.POLL = pathlib.Path(sys.argv[1]), 0.02
made = [cells.Cell(f"c{i}", pathlib.Path("out") / f"c{i}", (), steps=16) for i in range(6)]
assert cells.run_cells(made, cells.Budget(cores=2), Console()) == []
"""


def begin(command, folder, log):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with log.open("ab") as file:
        return subprocess.Popen(command, cwd=folder, stdout=file, stderr=file, start_new_session=True, env=environment)


def killed(command, folder, wait, *, whole_group, log):
    """Start, wait, SIGKILL; whether it was still running."""
    process = begin(command, folder, log)
    try:
        process.wait(timeout=wait)
    except subprocess.TimeoutExpired:
        (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


@pytest.mark.slow
def test_killed_schedulers_lose_and_double_nothing(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(SCRIPT.format(root=str(ROOT)))
    command = [sys.executable, "-c", DRIVER, str(script)]
    began = time.monotonic()
    log = tmp_path / "log"
    for number in range(3):
        # Started later on a busy machine, so the moment is a random one after the first run has begun.
        deadline = time.monotonic() + 60
        process = begin(command, tmp_path, log)
        while not list(tmp_path.glob("out/*/config.json")) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.4))
        (os.killpg if number % 2 else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr + log.read_text()
    for i in range(6):
        folder = tmp_path / "out" / f"c{i}"
        assert json.loads((folder / "report.json").read_text()) == {"run": f"c{i}"}
        lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        assert [row["step"] for row in lines] == list(range(16))
    assert not list(tmp_path.glob("out/*.attempts.jsonl"))
    assert time.monotonic() - began < 300


@pytest.mark.skipif("PMD_KILLS" not in os.environ, reason="PMD_KILLS (20, say) is not set")
def test_a_killed_matrix_has_the_results_of_one_that_was_not(tmp_path):
    command = [
        sys.executable, str(ROOT / "benchmarks" / "matrix.py"), "--agents", "frozen", "rlvr", "pmd",
        "--suites", "smoke", "--seeds", "2", "--cores", "2", "--threads", "1", "--out", "matrix",
    ]  # fmt: skip
    whole = tmp_path / "whole"
    whole.mkdir()
    began = time.monotonic()
    subprocess.run(command, cwd=whole, check=True, capture_output=True)
    took = time.monotonic() - began
    kills, wanted, lives = 0, int(os.environ["PMD_KILLS"]), 0
    while kills < wanted:  # a matrix that survives its kills is compared, and another one begun
        lives += 1
        folder = tmp_path / f"killed{lives}"
        folder.mkdir()
        while kills < wanted and killed(
            command, folder, random.uniform(0.05, 0.5) * took, whole_group=kills % 2 == 0, log=tmp_path / "log"
        ):
            kills += 1
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        compare(whole / "matrix", folder / "matrix")


def compare(whole, other):
    names = ["results.json", "results.md", "profiles.svg"]
    for cell in whole.glob("smoke/*/report.json"):
        run = cell.parent.relative_to(whole)
        names += [str(run / name) for name in ("evaluation.jsonl", "evaluation.chain")]
        names += [str(run / name) for name in ("metrics.jsonl", "episodes.jsonl") if (whole / run / name).exists()]
    assert len(names) > 3 + 6 * 2
    for name in names:
        assert (whole / name).read_bytes() == (other / name).read_bytes(), name
    assert not list(other.rglob("*.attempts.jsonl"))
