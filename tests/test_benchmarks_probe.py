"""The teacher gap: contexts that say what they claim to say, and the command line."""

import json
import random
import re
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import tyro

from agents.nano import manifest
from agents.nano.teaching import CURRICULUM, draw_lesson
from agents.prompts import Blocks, render_blocks
from benchmarks import probe
from benchmarks.contexts import CONTEXTS, Case
from benchmarks.evaluate import Problems
from benchmarks.gaps import Gap, OfFailures, Raised, beside, of_failures, outside, raised, read_gaps, write_gaps
from benchmarks.probe import Options, Probe, main, of_each_kind
from benchmarks.statistics import Interval
from benchmarks.suite_files import find_suite
from pmd_envs.errors import ConfigError

ROOT = Path(__file__).parent.parent


@pytest.fixture(params=CURRICULUM, ids=lambda part: part.path.rpartition(":")[2])
def case(request):
    rng = random.Random(0)
    task = draw_lesson(rng, 0.0, request.param).task
    others = [draw_lesson(rng, 0.0, request.param).task for _ in range(12)]
    others = tuple(other for other in others if other.facts["kind"] != task.facts["kind"])
    similar = next(
        lesson for lesson in iter(lambda: draw_lesson(rng, 0.0, request.param).task, None) if alike(lesson, task)
    )
    return Case(request.param.family, task, others, Blocks(strategies=("own: written by itself.",)), similar)


def alike(one, other):
    return one.facts["kind"] == other.facts["kind"] and one.prompt != other.prompt


def test_true_help_holds_the_plan_or_the_solution(case):
    for name in ("a scripted strategy", "a scripted lesson", "scripted behaviors, one relevant", "all three of these"):
        assert case.task.facts["plan"] in render_blocks(CONTEXTS[name](case))
    for name in ("a correct solution", "all three and the solution", "its own insights and the solution"):
        assert case.family.verify(case.task, CONTEXTS[name](case).solution).score == 1


def test_a_solved_problem_of_its_kind_is_another_problem_with_its_solution(case):
    shown = CONTEXTS["a solved problem of its kind"](case).solution
    assert shown.startswith(case.similar.prompt)
    assert case.family.verify(case.similar, shown.removeprefix(case.similar.prompt)).score == 1
    assert case.task.prompt not in shown
    assert CONTEXTS["a solved problem of its kind"](replace(case, similar=None)).is_empty


def test_problems_of_its_kind_are_of_the_train_split():
    part = Problems.open(find_suite("default").envs[0], "test", 12)
    found = of_each_kind(part)
    assert {str(task.facts["kind"]) for task in part.tasks} <= set(found)
    assert all(task.facts["kind"] == kind and "/train/" in task.id for kind, task in found.items())


def test_a_kind_that_the_train_split_lacks_is_named(monkeypatch):
    part = Problems.open(find_suite("default").envs[0], "test", 12)
    monkeypatch.setattr(probe, "SEARCHED", 1)
    with pytest.raises(ConfigError, match="the first 1 problems of its train split have none of"):
        of_each_kind(part)


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


@pytest.mark.slow
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

    table = tmp_path / "tables" / "gap.csv"
    monkeypatch.setattr(sys, "argv", [*command, "--json", "--table", str(table)])
    assert main() == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert "Teacher gap of nano" in said.err
    assert (found["policy"], found["suite"], found["split"], found["k"]) == ("nano", "small", "test", 2)
    assert found["problems"] == {"pmd/GSM8K-v0": 2, "pmd/KnightsKnaves-v0": 2}
    insights = found["insights"]
    assert insights["written"] == 4
    assert insights["readable_percent"] == 25 * insights["readable"]
    assert f"insights that could be read: {insights['readable']} of 4 ({insights['readable_percent']} %)" in said.err
    with_it = insights["accuracy_with_it"]
    assert 0 < with_it["problems"] == with_it["above"] + with_it["equal"] + with_it["below"] <= insights["readable"]
    assert f"read off failures alone: {(lost := insights['of_failures'])['problems']}" in said.err
    assert (lost["accuracy"] is not None) is (0 < lost["problems"] <= with_it["problems"])
    assert f"by accuracy with it and without: above {with_it['above']} ({with_it['percent']['above']} %)" in said.err
    assert [gap["context"] for gap in found["contexts"]] == ["nothing", *CONTEXTS]
    for gap in found["contexts"]:  # the numbers of the table
        assert gap["score"] == pytest.approx(sum(gap["environments"].values()) / 2)
        means = r" │ +".join(f"{mean:.3f}" for mean in gap["environments"].values())
        total = re.escape(f"{gap['score']:.3f} ({gap['low']:.3f} to {gap['high']:.3f})")
        assert re.search(rf"│ {re.escape(gap['context'])} +│ +{means} │ +{total} │", printed), gap
        assert gap["intervals"].keys() == gap["environments"].keys()
        for env_id, mean in gap["environments"].items():
            assert 0 <= gap["intervals"][env_id]["low"] <= mean <= gap["intervals"][env_id]["high"] <= 1
    for gap, kept in zip(found["contexts"], read_gaps(table), strict=True):
        assert kept.context == gap["context"]
        assert kept.environments == pytest.approx(gap["environments"], abs=1e-4)
        assert (kept.score, kept.low, kept.high) == pytest.approx((gap["score"], gap["low"], gap["high"]), abs=1e-4)
        for env_id, interval in kept.intervals.items():
            assert asdict(interval) == pytest.approx(gap["intervals"][env_id], abs=1e-4)
        assert kept.intervals.keys() == kept.environments.keys()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--split", "tset"], "unknown split 'tset'. Did you mean 'test'? Known: test, validation.\n"),
        (["--plot", "gap.pdf"], "a figure is called *.png or *.svg (both are written), not 'gap.pdf'\n"),
        (["--plot", "/dev/null/gap.png"], "the folder of /dev/null/gap.png cannot be made: "),
        (["--table", "gap.txt"], "a table is called *.csv, not 'gap.txt'\n"),
        (["--check", "nothing.csv"], "nothing.csv holds no table of probe.py: FileNotFoundError"),
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


GAPS = [Gap("nothing", {"a": 0.1, "b": 0.2}, 0.15, 0.1, 0.2), Gap("a plan", {"a": 0.7, "b": 0.9}, 0.8, 0.7, 0.9)]


@pytest.mark.parametrize(
    ("scores", "holds"), [((0.15, 0.8), [True, True]), ((0.2, 0.91), [True, False]), ((0.05, 0.7), [False, True])]
)
def test_a_score_holds_within_the_recorded_interval(scores, holds):
    found = [replace(gap, score=score, low=0.0, high=1.0) for gap, score in zip(GAPS, scores, strict=True)]
    assert [fits for *_, fits in beside(GAPS, found[::-1])] == holds


@pytest.mark.parametrize(
    ("scores", "strange"),
    [((0.1, 0.2), []), ((0.3, 0.125), []), ((0.31, 0.0), ["a", "b"]), ((0.04, 0.2), ["a"]), ((0.1, 0.26), ["b"])],
)
def test_the_score_of_each_environment_has_to_be_found_again(scores, strange):
    # The mean is in its interval each time: what one environment gains another one may lose.
    old = replace(GAPS[0], intervals={"a": Interval(0.05, 0.3), "b": Interval(0.125, 0.25)})
    new = replace(GAPS[0], environments=dict(zip("ab", scores, strict=True)))
    assert outside(old, new) == strange
    assert [fits for *_, fits in beside([old], [new])] == [not strange]
    assert outside(old, replace(new, score=0.5)) == ["all", *strange]
    assert outside(GAPS[0], new) == []  # a table of an older version
    wide = replace(
        new, intervals={name: Interval(score - 0.1, score + 0.1) for name, score in new.environments.items()}
    )
    assert outside(old, wide) == (["b"] if scores[1] == 0 else [])  # the intervals of the others meet


def test_what_was_not_measured_cannot_be_compared():
    with pytest.raises(ConfigError, match="a plan"):
        beside(GAPS, GAPS[:1])
    with pytest.raises(ConfigError, match="other contexts or environments"):
        beside(GAPS, [replace(gap, environments={"a": 0.5}) for gap in GAPS])


def test_a_table_is_read_as_it_was_written(tmp_path):
    write_gaps(GAPS, tmp_path / "gaps.csv")
    assert read_gaps(tmp_path / "gaps.csv") == GAPS
    assert (tmp_path / "gaps.csv").read_text().startswith("context,score,low,high,a,b\n")  # as older versions wrote it
    ends = {"a": Interval(0.05, 0.3), "b": Interval(0.125, 0.25)}
    with_intervals = [replace(gap, intervals=ends) for gap in GAPS]
    write_gaps(with_intervals, tmp_path / "gaps.csv")
    assert read_gaps(tmp_path / "gaps.csv") == with_intervals
    assert "nothing,0.1500,0.1000,0.2000,0.1000,0.0500,0.3000,0.2000,0.1250,0.2500\n" in (
        tmp_path / "gaps.csv"
    ).read_text("utf-8")
    assert [fits for *_, fits in beside(GAPS, with_intervals)] == [True, True]
    assert [fits for *_, fits in beside(with_intervals, GAPS)] == [True, False]  # those ends are not a plan's


def test_problems_are_counted_by_what_help_does_for_them():
    found = raised([(0.25, 0.5), (0.1 + 0.2, 0.3), (1.0, 0.0), (0.0, 0.125), (0.5, 0.5), (0.0, 1.0)])
    assert found == Raised(problems=6, above=3, equal=2, below=1)
    assert found.percent == {"above": 50.0, "equal": 33.3, "below": 16.7}
    assert raised([]).percent == {"above": None, "equal": None, "below": None}


def test_what_was_made_of_failures_alone_is_looked_at_apart():
    assert of_failures([(0.0, 1.0), (0.125, 1.0), (0.0, 0.25), (1.0, 0.0)]) == OfFailures(2, 0.625)
    assert of_failures([(0.5, 1.0)]) == OfFailures(0, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "context,score\nnothing,1\n",
        "context,score,low,high\nx,1,nan,2\n",
        "a\n1,2\n",
        "context,score,low,high,a,a low\nx,1,0,2,1,0\n",
    ],
)
def test_another_table_is_refused(text, tmp_path):
    (tmp_path / "other.csv").write_text(text)
    with pytest.raises(ConfigError, match=r"other\.csv holds no table"):
        read_gaps(tmp_path / "other.csv")


@pytest.mark.parametrize(("shift", "status"), [(0.0, 0), (0.5, 1)])
def test_check_says_whether_a_record_holds(shift, status, tmp_path, monkeypatch, capsys):
    write_gaps([replace(GAPS[0], score=0.15 + shift, low=0.1 + shift, high=0.2 + shift), GAPS[1]], tmp_path / "old.csv")
    monkeypatch.setattr(Probe, "run", lambda self: setattr(self, "gaps", GAPS))
    monkeypatch.setattr(sys, "argv", ["probe.py", "--suite", "smoke", "--check", str(tmp_path / "old.csv")])
    assert main() == status
    said = capsys.readouterr().out
    assert f"found again: {2 - status} of 2 contexts" in said
    assert bool(re.search(r"│ all ", said)) == bool(status)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("low", "holds", "said"),
    [(0.0, True, "all scores found again"), (1.5, False, "scores not found again"), (None, False, "failed: status 2")],
)
def test_nanos_recipe_has_its_weights_probed_by_the_command(low, holds, said, tmp_path, monkeypatch, capfd):
    (tmp_path / "small.toml").write_text(SMALL.replace("k = 2", "k = 1"))
    table = tmp_path / "gaps.csv"
    if low is not None:
        environments = {"pmd/GSM8K-v0": 0.5, "pmd/KnightsKnaves-v0": 0.5}
        write_gaps(
            [Gap("nothing", environments, 0.5, low, 2.0), Gap("a correct solution", environments, 0, 0, 1)], table
        )
    command = ("benchmarks/probe.py", "--suite", str(tmp_path / "small.toml"), "--check", str(table))
    monkeypatch.setattr(manifest, "PROBE", command)
    finding = manifest.probe_again()
    assert (finding.what, finding.recorded, finding.holds) == ("probe", str(table), holds)
    assert said in finding.found
    printed = capfd.readouterr()
    assert printed.out == ""
    assert ("found again: " in printed.err) == (low is not None)


def test_the_probe_of_nanos_recipe_is_one_that_this_checkout_knows():
    script, *options = manifest.PROBE
    assert script == "benchmarks/probe.py"
    named = tyro.cli(Options, args=options)
    assert (named.policy, named.suite, named.split, named.problems) == ("nano", "default", "test", None)
    assert {gap.context for gap in read_gaps(ROOT / manifest.PROBE[-1])} == {"nothing", *CONTEXTS}
    assert named.check is not None


@pytest.mark.parametrize(
    ("asked", "status"), [(("--problems", "0"), 2), pytest.param(("--help",), 0, marks=pytest.mark.slow)]
)
def test_it_goes_by_nanos_name_too(asked, status):
    names = ("-m", "agents.nano.probe"), (str(ROOT / "benchmarks" / "probe.py"),)
    by_module, by_script = (
        subprocess.run([sys.executable, *name, *asked], cwd=ROOT, capture_output=True, text=True, check=False)
        for name in names
    )
    assert by_module.returncode == by_script.returncode == status
    assert (by_module.stdout, by_module.stderr) == (by_script.stdout, by_script.stderr)
