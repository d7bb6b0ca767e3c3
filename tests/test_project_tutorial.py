"""The tutorial, followed to the letter: its files, its package, its commands."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
FILES = r"`(doubling/[\w.]+)`[^`]*?:\n\n```\w+\n(.*?)^```"
COMMANDS = [
    line for block in re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL) for line in block.splitlines()
]


def follow(command, folder, **environment):
    return subprocess.run(
        [sys.executable, *command.split()[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=560,
        check=False,
        env={**os.environ, "COLUMNS": "200", **environment},
    )


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A folder with the tutorial's files, and its package where Python finds it."""
    folder = tmp_path_factory.mktemp("tutorial")
    written = dict(re.findall(FILES, TEXT, re.MULTILINE | re.DOTALL))
    assert set(written) == {
        f"doubling/{name}" for name in ("doubling_task.py", "doubling_agent.py", "pyproject.toml", "doubling.toml")
    }
    for name, content in written.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    # What `pip install` does, without its network: the backend makes the wheel, which is unpacked.
    made = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "wheel")],
        cwd=folder / "doubling",
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    [wheel] = (folder / "wheel").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    (folder / "benchmarks").symlink_to(ROOT / "benchmarks")
    (folder / "leaderboard").symlink_to(ROOT / "leaderboard")
    return folder


def test_the_task_and_the_agent_are_on_the_board_in_the_end(package):
    [matrix] = [line for line in COMMANDS if "benchmarks/matrix.py" in line]
    [show] = [line for line in COMMANDS if "leaderboard show" in line]
    known = {"PYTHONPATH": os.pathsep.join((str(ROOT), str(package / "site"))), "PMD_LEADERBOARD": "board.sqlite"}
    done = follow(f"{matrix} --threads 1", package, **known)
    logs = "".join(path.read_text() for path in package.glob("runs/doubling/doubling/*.log"))
    assert done.returncode == 0, done.stderr + logs
    results = json.loads((package / "runs" / "doubling" / "results.json").read_text())
    assert results["agents"] == ["frozen", "imitate"]
    assert [cell["agent"] for cell in results["cells"]] == ["frozen", "imitate"]
    if "only a run from a git checkout" in done.stdout:
        return
    shown = follow(show, package, **known)
    assert shown.returncode == 0, shown.stderr
    assert "imitate-doubling-seed0" in shown.stdout
    assert "frozen-doubling-seed0" in shown.stdout


def test_every_command_of_the_tutorial_is_one_that_this_test_or_the_readme_runs():
    assert [line for line in COMMANDS if "benchmarks/run.py" in line] == [
        "python benchmarks/run.py --agent frozen --suite smoke"
    ]
    assert "python -m leaderboard serve" in COMMANDS
    assert "pip install ./doubling" in COMMANDS
