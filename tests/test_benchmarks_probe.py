"""The teacher gap: contexts that say what they claim to say, and the command line."""

import random
import sys

import pytest

from agents.nano.teaching import CURRICULUM, draw_lesson
from agents.prompts import Blocks, render_blocks
from benchmarks.contexts import CONTEXTS, Case
from benchmarks.probe import main


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


def test_the_command_prints_every_context_and_draws_them(tmp_path, monkeypatch, capsys):
    plot = tmp_path / "gap.png"
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(sys, "argv", ["probe.py", "--suite", "smoke", "--problems", "2", "--plot", str(plot)])
    assert main() == 0
    printed = capsys.readouterr().out
    for name in ("nothing", *CONTEXTS):
        assert f"│ {name} " in printed
    assert "insights that could be read: " in printed
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_a_wrong_split_is_one_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["probe.py", "--split", "tset"])
    assert main() == 2
    assert capsys.readouterr().err == "error: unknown split 'tset'. Did you mean 'test'? Known: test, validation.\n"
