"""The teacher gap: contexts that say what they claim to say, and the command line."""

import json
import random
import re
import sys

import pytest

from agents.nano.teaching import CURRICULUM, draw_lesson
from agents.prompts import Blocks, render_blocks
from benchmarks.contexts import CONTEXTS, Case
from benchmarks.probe import Probe, main


@pytest.fixture(params=CURRICULUM, ids=lambda part: part.path.rpartition(":")[2])
def case(request):
    rng = random.Random(0)
    task = draw_lesson(rng, 0.0, request.param).task
    others = [draw_lesson(rng, 0.0, request.param).task for _ in range(12)]
    others = tuple(other for other in others if other.facts["kind"] != task.facts["kind"])
    return Case(request.param.family, task, others, Blocks(strategies=("own: written by itself.",)))


def test_true_help_holds_the_plan_or_the_solution(case):
    for name in ("a scripted strategy", "a scripted lesson", "scripted behaviors, one relevant", "all three of these"):
        assert case.task.facts["plan"] in render_blocks(CONTEXTS[name](case))
    for name in ("a correct solution", "all three and the solution", "its own insights and the solution"):
        assert case.family.verify(case.task, CONTEXTS[name](case).solution).score == 1


def test_what_must_not_help_knows_nothing_of_the_problem(case):
    for name in ("another problem's memory", "filler of the same length", "another problem's solution"):
        shown = render_blocks(CONTEXTS[name](case))
        assert str(case.task.facts["plan"]) not in shown
        assert case.family.gold_solution(case.task) not in shown
    words = [len(render_blocks(CONTEXTS[n](case)).split()) for n in ("all three of these", "filler of the same length")]
    assert words[0] == words[1]


SMALL = """
name = "small"
held_out = 2
k = 2
max_new_tokens = 32
[[envs]]
id = "pmd/GSM8K-v0"
source = "generated"
difficulty = 1
[[envs]]
id = "pmd/KnightsKnaves-v0"
source = "generated"
difficulty = 1
"""


def test_the_command_prints_every_context_and_draws_them(tmp_path, monkeypatch, capsys):
    (tmp_path / "small.toml").write_text(SMALL)
    monkeypatch.setenv("COLUMNS", "160")
    command = ["probe.py", "--suite", str(tmp_path / "small.toml"), "--plot", str(tmp_path / "plots" / "gap.svg")]
    monkeypatch.setattr(sys, "argv", command)
    assert main() == 0
    printed = capsys.readouterr().out
    for name in ("nothing", *CONTEXTS):
        assert f"│ {name} " in printed
    assert "insights that could be read: " in printed
    assert (tmp_path / "plots" / "gap.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (tmp_path / "plots" / "gap.svg").read_bytes()

    monkeypatch.setattr(sys, "argv", [*command, "--json"])
    assert main() == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert "Teacher gap of nano" in said.err
    assert (found["policy"], found["suite"], found["split"], found["k"]) == ("nano", "small", "test", 2)
    assert found["problems"] == {"pmd/GSM8K-v0": 2, "pmd/KnightsKnaves-v0": 2}
    assert found["insights"]["written"] == 4
    assert [gap["context"] for gap in found["contexts"]] == ["nothing", *CONTEXTS]
    for gap in found["contexts"]:  # the numbers of the table
        assert gap["score"] == pytest.approx(sum(gap["environments"].values()) / 2)
        means = r" │ +".join(f"{mean:.3f}" for mean in gap["environments"].values())
        total = re.escape(f"{gap['score']:.3f} ({gap['low']:.3f} to {gap['high']:.3f})")
        assert re.search(rf"│ {re.escape(gap['context'])} +│ +{means} │ +{total} │", printed), gap


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--split", "tset"], "unknown split 'tset'. Did you mean 'test'? Known: test, validation.\n"),
        (["--plot", "gap.pdf"], "a figure is called *.png or *.svg (both are written), not 'gap.pdf'\n"),
        (["--plot", "/dev/null/gap.png"], "the folder of /dev/null/gap.png cannot be made: "),
        (["--suite", "smkoe"], "unknown suite 'smkoe'. Did you mean 'smoke'?"),
        (["--suite", "paper"], "'paper' is several suites"),
        (["--suite", "smoke", "--device", "gpu"], "unknown device 'gpu'"),
        (["--suite", "smoke", "--seed", "-1"], "--seed -1 is below 0\n"),
    ],
)
def test_a_mistake_is_one_line(arguments, said, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["probe.py", *arguments])
    assert main() == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"error: {said}")
    assert printed.count("\n") == 1


def test_what_cannot_be_probed_is_said_before_anything_is_measured(tmp_path, toy_id, monkeypatch, capsys):
    (tmp_path / "odd.toml").write_text(SMALL.replace("pmd/KnightsKnaves-v0", toy_id))
    monkeypatch.setattr(sys, "argv", ["probe.py", "--suite", str(tmp_path / "odd.toml")])
    assert main() == 2
    printed = capsys.readouterr()
    assert printed.err == f"error: {toy_id} cannot be probed: its problems know neither plans nor mistakes\n"
    assert printed.out == ""


def test_ctrl_c_is_one_line_and_130(monkeypatch, capsys):
    def stop(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Probe, "run", stop)
    monkeypatch.setattr(sys, "argv", ["probe.py", "--suite", "smoke", "--json"])
    assert main() == 130
    assert capsys.readouterr() == ("", "error: stopped; nothing was kept\n")
