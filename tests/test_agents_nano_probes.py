"""Probes along a pretraining: each made once, also by a run that is killed while it looks."""

import csv
import sys

import pytest
from rich.console import Console
from transformers import PreTrainedTokenizerFast

from agents.nano import WEIGHTS, pretrain, probe_curve
from agents.nano.pretrain import Recipe, _train, new_trainer
from agents.nano.probe_curve import COLUMNS, DRAWN, ProbeCurve
from benchmarks.contexts import CONTEXTS
from pmd_envs.errors import ConfigError

# Stands in for the probe: a table of two contexts, whose score tells which look it was.
PROBE = """
import sys
from pathlib import Path

options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
assert (Path(options["--policy"]) / "model.safetensors").exists()
assert options["--problems"] == "16"
looks = Path(__file__).with_name("looks")
looks.write_text(looks.read_text() + "x" if looks.exists() else "x")
score = len(looks.read_text()) / 10
rows = [f"{name},{score:.4f},{score - 0.05:.4f},{score + 0.05:.4f},{score:.4f}" for name in ("nothing", "a lamp")]
Path(options["--table"]).write_text("\\n".join(["context,score,low,high,pmd/GSM8K-v0", *rows]) + "\\n")
"""
RECIPE = Recipe(steps=3, hasty_steps=1, settling_steps=1, documents=2, micro_batch=2, warmup=1)


@pytest.fixture
def looks(tmp_path, monkeypatch):
    """How often the probe was made."""
    script = tmp_path / "fake" / "probe.py"
    script.parent.mkdir()
    script.write_text(PROBE)
    monkeypatch.setattr(probe_curve, "PROBE", (str(script),))
    monkeypatch.setattr(pretrain, "train_step", lambda trainer, recipe, step: 1.0)
    counted = script.with_name("looks")
    return lambda: len(counted.read_text()) if counted.exists() else 0


def train(folder, every, checkpoint_every=100):
    trainer = new_trainer(RECIPE, PreTrainedTokenizerFast.from_pretrained(WEIGHTS))
    probes = ProbeCurve(folder / "probes", every)
    _train(trainer, RECIPE, folder, checkpoint_every, Console(quiet=True), probes)
    return probes


def test_weights_are_probed_after_so_many_steps_and_after_the_last(looks, tmp_path):
    probes = train(tmp_path / "run", every=2)
    assert [(step, score) for step, name, score, *_ in probes.rows() if name == "nothing"] == [
        (2, 0.1),
        (4, 0.2),
        (5, 0.3),
    ]
    assert train(tmp_path / "run", every=2).rows() == probes.rows()
    assert looks() == 3  # the finished run was not probed again
    assert train(tmp_path / "other", every=0).rows() == []
    assert looks() == 3


def test_a_run_that_was_killed_while_it_looked_begins_with_that_look(looks, tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ProbeCurve, "add", killed)
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path / "run", every=2)
    assert looks() == 0
    steps = []
    monkeypatch.setattr(pretrain, "train_step", lambda trainer, recipe, step: steps.append(step) or 1.0)
    probes = train(tmp_path / "run", every=2)
    assert steps == [2, 3, 4]
    assert sorted({step for step, *_ in probes.rows()}) == [2, 4, 5]


def test_a_probe_that_fails_says_where_its_words_are(tmp_path, monkeypatch):
    script = tmp_path / "probe.py"
    script.write_text("import sys; sys.stderr.write('no such thing'); sys.exit(2)")
    monkeypatch.setattr(probe_curve, "PROBE", (str(script),))
    probes = ProbeCurve(tmp_path / "probes", 5)
    with pytest.raises(ConfigError, match=r"the probe after step 5 failed \(status 2\): .*step5.log has what it said"):
        probes.add(5, tmp_path)
    assert (tmp_path / "probes" / "step5.log").read_text() == "no such thing"
    assert probes.is_due(5, 9)
    assert probes.rows() == []


def test_probes_are_one_table_and_a_figure_that_is_the_same_for_the_same_rows(looks, tmp_path):
    probes = train(tmp_path / "run", every=2)
    probes.write(tmp_path / "probes.csv")
    with (tmp_path / "probes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [tuple(row.values()) for row in rows] == [
        (str(step), name, *(f"{x:.4f}" for x in score)) for step, name, *score in probes.rows()
    ]
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        probes.draw(tmp_path / name / "probes.png", ends=(3, 4))
    assert (tmp_path / "one" / "probes.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "one" / "probes.svg").read_bytes() == (tmp_path / "two" / "probes.svg").read_bytes()


def test_looks_at_less_than_no_steps_are_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["pretrain.py", "--out", str(tmp_path / "run"), "--probe-every", "-5"])
    assert pretrain.main() == 2
    assert capsys.readouterr().err == "error: --probe-every -5 is below 0\n"
    assert not (tmp_path / "run").exists()


def test_what_is_drawn_is_what_the_probe_measures():
    assert set(DRAWN) <= {"nothing", *CONTEXTS}


@pytest.mark.slow
def test_the_real_probe_is_made_of_what_is_being_trained(tmp_path):
    probes = ProbeCurve(tmp_path / "probes", 1, problems=1)
    probes.add(1, WEIGHTS)
    assert [name for _, name, *_ in probes.rows()] == ["nothing", *CONTEXTS]
