"""Running cells side by side: what is tried again, what is written down, and what a dead parent leaves behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from agents.folder_lock import FolderLock, InUseError, is_held
from benchmarks import cells
from benchmarks.cells import IN_USE, Budget, Cell, run_cells
from benchmarks.pace import Pace
from pmd_envs.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
# A stand-in for run.py that is quick to start. Its first option says what it does, the folder comes after --out.
SCRIPT = """
import fcntl, os, pathlib, sys, time
deed, folder = sys.argv[1], pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
folder.mkdir(parents=True, exist_ok=True)
with (folder.parent / "trace").open("a") as trace:
    trace.write(f"{folder.name} begins {time.monotonic()} {' '.join(sys.argv[1:])}\\n")
tries = len((folder.parent / f"{folder.name}.attempts.jsonl").read_text().splitlines()) if deed == "second" and (
    folder.parent / f"{folder.name}.attempts.jsonl").exists() else 0
(folder / "config.json").write_text("{}")
if deed == "sleep":
    (folder / "pid").write_text(str(os.getpid()))
    time.sleep(600)
if deed == "mistake":
    print("error: unknown split 'tset'"); sys.exit(2)
if deed == "fail" or (deed == "second" and tries == 0):
    print("Traceback"); print("RuntimeError: out of memory"); sys.exit(1)
time.sleep(0.2)
(folder / "metrics.jsonl").write_text("{}\\n{}\\n")
(folder / "report.json").write_text("{}")
with (folder.parent / "trace").open("a") as trace:
    trace.write(f"{folder.name} ends {time.monotonic()}\\n")
"""


@pytest.fixture(autouse=True)
def quick_run(tmp_path, monkeypatch):
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    monkeypatch.setattr(cells, "RUN", script)
    monkeypatch.setattr(cells, "POLL", 0.02)


def cell(folder, name, deed="well"):
    return Cell(name, folder / "out" / name, (deed,), steps=2)


def go(*made, **budget):
    console = Console(file=StringIO(), force_terminal=False)
    return run_cells(made, Budget(**budget), console), console.file.getvalue()


def trace(folder):
    return [line.split() for line in (folder / "out" / "trace").read_text().splitlines()]


def test_cells_run_within_the_budget_and_are_not_run_again(tmp_path):
    made = [cell(tmp_path, f"c{i}") for i in range(4)]
    failed, said = go(*made, cores=5, threads=2)
    assert failed == []
    assert [line for line in said.splitlines() if line.startswith("done:")] != []
    assert all(one.is_done and one.progress() == 2 for one in made)
    running, most = 0, 0
    for _, what, *_ in sorted(trace(tmp_path), key=lambda line: float(line[2])):
        running += 1 if what == "begins" else -1
        most = max(most, running)
    assert most <= 2
    assert all(line[-2:] == ["--threads", "2"] for line in trace(tmp_path) if line[1] == "begins")
    go(*made)
    assert len(trace(tmp_path)) == 8


def test_a_failure_is_written_down_and_tried_again_up_to_the_cap(tmp_path):
    hopeless, lucky = cell(tmp_path, "hopeless", "fail"), cell(tmp_path, "lucky", "second")
    failed, _ = go(hopeless, lucky, tries=2)
    assert failed == [hopeless]
    assert lucky.is_done
    rows = [json.loads(line) for line in hopeless.attempts.read_text().splitlines()]
    assert [(row["try"], row["status"], row["reason"]) for row in rows] == [
        (1, 1, "RuntimeError: out of memory"),
        (2, 1, "RuntimeError: out of memory"),
    ]
    assert "Traceback" in hopeless.log.read_text()
    begun = len(trace(tmp_path))
    assert go(hopeless, lucky, tries=2)[0] == [hopeless]  # the cap counts over calls
    assert len(trace(tmp_path)) == begun
    assert go(hopeless, tries=3)[0] == [hopeless]
    assert [line[0] for line in trace(tmp_path)][begun:] == ["hopeless"]
    assert "--resume" in trace(tmp_path)[-1]


def test_a_mistake_ends_everything_at_once(tmp_path):
    sleeper = cell(tmp_path, "sleeper", "sleep")
    with pytest.raises(ConfigError, match="wrong: unknown split 'tset'"):
        go(sleeper, cell(tmp_path, "wrong", "mistake"), cores=2)
    pid = tmp_path / "out" / "sleeper" / "pid"
    assert not pid.exists() or not is_alive(int(pid.read_text()))


def test_a_file_is_told_after_every_run_how_far_all_are(tmp_path):
    made = [cell(tmp_path, f"c{i}") for i in range(2)] + [cell(tmp_path, "hopeless", "fail")]
    _, said = go(made[0])
    assert re.fullmatch(r"done: c0 \(1 of 1 runs, \d+ s so far\)", said.splitlines()[0])
    _, said = go(*made, tries=1)
    lines = [line for line in said.splitlines() if line.startswith("done:")]
    # One run was done before; a run has two batches and an evaluation, of which the stand-in has none.
    assert re.fullmatch(r"done: c1 \(2 of 3 runs, \d+ s so far, time left: about \d+ s\)", lines[0])
    assert len(lines) == 1
    _, said = go(*made, tries=1)  # what failed too often is not waited for
    assert "done:" not in said
    assert "2/3" in said


def test_a_file_is_told_now_and_then_how_far_long_runs_are(tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "SILENCE", 0.05)
    _, said = go(cell(tmp_path, "c"), cell(tmp_path, "slow", "second"), tries=2, cores=2)
    lines = [line for line in said.splitlines() if line.startswith("under way:")]
    assert lines
    shape = r"under way: (c|slow) \([0-3] of 3 steps and evaluations, \d+ s so far(, time left: .+)?\)"
    assert all(re.fullmatch(shape, line) for line in lines), lines
    assert "time left: not yet known" in said
    terminal = Console(file=StringIO(), force_terminal=True)
    run_cells([cell(tmp_path, "new")], Budget(), terminal)
    assert "under way" not in terminal.file.getvalue()  # it has bars


@pytest.mark.parametrize(
    ("done", "left", "seconds", "said"),
    [
        (3, 9, 60.0, "60 s so far, time left: about 3 min"),
        (1, 1, 7200.0, "2.0 h so far, time left: about 2.0 h"),
        (0, 5, 600.0, "10 min so far, time left: not yet known"),
        (4, 0, 119.0, "119 s so far"),
    ],
)
def test_what_is_left_is_taken_to_go_on_as_before(done, left, seconds, said):
    assert str(Pace(done, left, seconds)) == said
    assert Pace(done, left, seconds).seconds_left == (seconds * left / done if done else None)


def is_alive(pid):
    """Whether a process runs; one that has ended and nobody has asked about does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_cells_end_with_a_parent_that_is_killed(tmp_path):
    program = (
        "import sys, pathlib; from rich.console import Console; from benchmarks import cells\n"
        f"cells.RUN = pathlib.Path({str(tmp_path / 'run.py')!r})\n"
        f"made = cells.Cell('s', pathlib.Path({str(tmp_path / 'out' / 's')!r}), ('sleep',))\n"
        "cells.run_cells([made], cells.Budget(), Console())\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.DEVNULL)
    pid = tmp_path / "out" / "s" / "pid"
    deadline = time.monotonic() + 120
    while not (pid.exists() and pid.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    child = int(pid.read_text())
    assert is_alive(child)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(child)


def test_one_process_at_a_time_works_in_a_folder(tmp_path):
    assert not is_held(tmp_path / "nothing")
    lock = FolderLock(tmp_path)
    assert is_held(tmp_path)
    with pytest.raises(InUseError, match="in use by another process"):
        FolderLock(tmp_path)
    lock.release()
    assert not is_held(tmp_path)


def test_a_cell_of_somebody_else_is_waited_for_and_then_gone_on_with(tmp_path):
    mine = cell(tmp_path, "shared")
    mine.folder.mkdir(parents=True)
    holder = (
        "import time; from agents.folder_lock import FolderLock; import pathlib\n"
        f"lock = FolderLock(pathlib.Path({str(mine.folder)!r})); print('held', flush=True); time.sleep(1)\n"
    )
    other = subprocess.Popen([sys.executable, "-c", holder], cwd=ROOT, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    began = time.monotonic()
    assert go(mine)[0] == []
    assert time.monotonic() - began > 0.5
    other.communicate()
    assert len([line for line in trace(tmp_path) if line[1] == "begins"]) == 1
    assert not mine.attempts.exists()


@pytest.mark.parametrize(
    ("budget", "message"),
    [({"cores": 0}, "--cores 0 is below 1"), ({"cores": 2, "threads": 3}, "--threads 3 of one cell is more than")],
)
def test_a_budget_that_makes_no_sense_is_a_mistake(budget, message):
    with pytest.raises(ConfigError, match=message):
        Budget(**budget)
    assert IN_USE == 75
