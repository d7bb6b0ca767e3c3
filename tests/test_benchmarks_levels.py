"""Solve rates by level: what is measured, what is out of order, and the command line."""

import csv
import sys

from agents.nano.teaching import CURRICULUM
from benchmarks.levels import Level, main, out_of_order, taught
from pmd_envs.env import load_family


def test_the_taught_environments_are_those_of_the_curriculum():
    names = [load_family(subject.path).name for subject in CURRICULUM]
    assert [env_id.removeprefix("pmd/").removesuffix("-v0") for env_id in taught()] == list(dict.fromkeys(names))


def test_a_level_is_out_of_order_only_beyond_chance():
    levels = [
        Level("a", 1, 0.5, 0.4, 0.6),
        Level("a", 2, 0.55, 0.45, 0.65),
        Level("a", 3, 0.8, 0.7, 0.9),
        Level("b", 1, 1.0, 0.95, 1.0),
        Level("b", 2, 0.2, 0.1, 0.3),
    ]
    assert out_of_order(levels) == [(levels[1], levels[2])]


def test_every_level_is_measured_written_and_drawn(tmp_path, monkeypatch, capsys):
    out = tmp_path / "levels.csv"
    command = ["levels.py", "--env", "pmd/KnightsKnaves-v0", "--problems", "2", "--k", "2", "--max-new-tokens", "8"]
    monkeypatch.setattr(sys, "argv", [*command, "--out", str(out)])
    assert main() == 0
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    levels = load_family("pmd_envs.families.knights_knaves:KnightsKnaves").difficulties
    assert [int(row["level"]) for row in rows] == list(levels)
    assert all(0 <= float(row["low"]) <= float(row["solve_rate"]) <= float(row["high"]) <= 1 for row in rows)
    assert out.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in out.with_suffix(".svg").read_bytes()
    assert "pmd/KnightsKnaves-v0" in capsys.readouterr().out


def test_mistakes_are_one_line(monkeypatch, capsys):
    for arguments, words in (
        (["--split", "train"], "unknown split 'train'"),
        (["--k", "0"], "--k 0 is below 1"),
        (["--env", "pmd/GSM8K"], "Did you mean 'pmd/GSM8K-v0'?"),
    ):
        monkeypatch.setattr(sys, "argv", ["levels.py", *arguments])
        assert main() == 2
        assert words in capsys.readouterr().err
