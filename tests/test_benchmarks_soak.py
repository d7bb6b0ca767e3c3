"""The soak of verify_math, for a moment; the long one is run by hand."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import soak


@pytest.mark.slow
def test_a_short_soak_is_clean():
    script = Path(soak.__file__)
    command = [sys.executable, str(script), "--seconds", "2", "--threads", "3", "--processes", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout.splitlines()[-1] == "clean: no wrong verdict, no process left over, flat memory", done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_findings_are_json_for_programs(monkeypatch, capsys):
    monkeypatch.setattr(soak, "soak", lambda *_: ([soak.Findings(calls=3)], ["memory grew"]))
    monkeypatch.setattr(sys, "argv", ["soak.py", "--json"])
    assert soak.main() == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["clean"], found["problems"], found["processes"][0]["calls"]) == (False, ["memory grew"], 3)


def test_what_is_wrong_is_said(capsys):
    clean = soak.Findings(calls=20, hostile=2)
    bad = soak.Findings(calls=20, hostile=2, grown=2**30, wrong=["'5' for '4': 1.0"], children=[1] * 9)
    assert soak._problems([clean]) == []
    assert len(soak._problems([clean, bad])) == 3
    assert soak._problems([soak.Findings(calls=3)]) == ["only 3 calls were made, none of them hostile"]


def test_a_wrong_verdict_is_found(monkeypatch):
    monkeypatch.setattr(soak, "_known", lambda rng: ("1", "1", 0))
    findings = soak.run_threads(0.3, 2, 7)
    assert findings.wrong[0].startswith("'1' for '1': 1.0")
    soak.guard.close()
