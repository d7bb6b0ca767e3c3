"""A run whose disk fills up: a real file system that is too small, made bigger before the run goes on."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from leaderboard.records import Report

ROOT = Path(__file__).resolve().parent.parent
PRIVATE = ("unshare", "--user", "--map-root-user", "--mount")
"""A mount namespace of our own, where an ordinary user may mount a tmpfs."""
SCRIPT = """
mount -t tmpfs -o size=50m none disk || exit 90  # room for one checkpoint, not for two
"$@"; echo "status $?"
mount -o remount,size=1g disk || exit 91
"$@" --resume >/dev/null; echo "status $?"
cp disk/run/report.json .
"""


def can_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    probe = ["mount", "-t", "tmpfs", "none", str(folder)]
    return subprocess.run([*PRIVATE, *probe], capture_output=True, check=False).returncode == 0


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path):
    if not can_mount(tmp_path):
        pytest.skip("this system lets nobody mount a file system in a namespace of their own")
    (tmp_path / "disk").mkdir()
    arguments = ("--agent", "pmd", "--suite", "smoke", "--threads", "1", "--out", "disk/run")
    run = (sys.executable, str(ROOT / "benchmarks" / "run.py"), *arguments)
    done = subprocess.run(
        [*PRIVATE, "sh", "-c", SCRIPT, "sh", *run],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    statuses = [line for line in done.stdout.splitlines() if line.startswith("status ")]
    assert statuses == ["status 2", "status 0"], done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("error: ")] == [
        "error: the disk of disk/run is full; free some space, then go on with --resume"
    ]
    assert "Traceback" not in done.stderr
    assert len(Report.read(tmp_path / "report.json").rows) == 3
