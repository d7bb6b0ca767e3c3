"""Solve rates by level: what is measured, what is out of order, and the command line."""

import csv
import json
import sys
from pathlib import Path

import pytest
from rich.console import Console
from tiny_policy import tiny_policy

from agents import rollout
from agents.nano.course import Course
from agents.nano.teaching import CURRICULUM
from agents.nano.trainer import Trainer
from agents.policies import load_policy
from agents.sampling import generate
from benchmarks import levels as levels_module
from benchmarks.evaluate import Problems
from benchmarks.levels import UNTAUGHT, Options, main, taught, teach
from benchmarks.plots import Bar, level_curves, profiles
from benchmarks.screen import Screen
from benchmarks.solve_rates import Level, curves, out_of_order, read_levels, write_levels
from pmd_envs.env import load_family
from pmd_envs.errors import ConfigError


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
    out = tmp_path / "new" / "levels.csv"
    command = ["levels.py", "--env", "pmd/SciKnowEval-v0", "--problems", "2", "--k", "2", "--max-new-tokens", "8"]
    monkeypatch.setattr(sys, "argv", [*command, "--out", str(out)])
    assert main() == 0
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    levels = load_family("pmd_envs.families.sciknoweval:SciKnowEval").difficulties
    assert [int(row["level"]) for row in rows] == list(levels)
    assert all(0 <= float(row["low"]) <= float(row["solve_rate"]) <= float(row["high"]) <= 1 for row in rows)
    assert out.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in out.with_suffix(".svg").read_bytes()
    assert "pmd/SciKnowEval-v0" in capsys.readouterr().out

    monkeypatch.setattr(sys, "argv", [*command, "--out", str(out), "--json"])
    assert main() == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert "Solve rate of nano by level" in said.err
    assert (found["policy"], found["split"], found["problems"], found["k"]) == ("nano", "validation", 2, 2)
    assert [one["difficulty"] for one in found["levels"]] == list(levels)
    for one, row in zip(found["levels"], rows, strict=True):
        numbers = one["rate"], one["low"], one["high"]
        assert [f"{number:.4f}" for number in numbers] == [row["solve_rate"], row["low"], row["high"]]


@pytest.mark.slow
def test_after_a_course_the_length_is_that_of_its_lessons(tmp_path, monkeypatch, capsys):
    asked, limits = ["levels.py", "--env", "pmd/SciKnowEval-v0", "--problems", "2", "--k", "1"], []
    real = levels_module.measure
    monkeypatch.setattr(levels_module, "measure", lambda *given: limits.append(given[4]) or real(*given))
    for more in ([], ["--course", "2", "--lessons", "3"], ["--course", "2", "--lessons", "3", "--max-new-tokens", "5"]):
        monkeypatch.setattr(sys, "argv", [*asked, *more, "--out", str(tmp_path / "levels.csv"), "--json"])
        assert main() == 0
        said = capsys.readouterr()
        assert json.loads(said.out)["course"] == (2 if more else 0)
        assert ("nano after a course of 2 steps" in said.err) == bool(more)
    assert len(limits) == 9
    assert limits[:3] == [UNTAUGHT] * 3
    assert limits[3] == limits[4] == limits[5] not in (5, UNTAUGHT)
    assert limits[6:] == [5] * 3


def test_a_course_reads_about_as_many_lessons_as_it_has_time_for_and_is_kept(tmp_path, monkeypatch, capsys):
    asked, steps = ["levels.py", "--env", "pmd/MATH-v0", "--problems", "1", "--k", "1", "--max-new-tokens", "2"], []
    drawn, real = [], levels_module.problems_of
    monkeypatch.setattr(levels_module, "problems_of", lambda *given: drawn.append(given[2:]) or real(*given))
    monkeypatch.setattr(Trainer, "learn", lambda _, rows, rate: steps.append(rate) or 1.0)
    command = [*asked, "--courses", str(tmp_path / "kept"), "--out", str(tmp_path / "levels.csv")]
    for more, code in ((["--course", "3"], 0), (["--course", "3"], 0), (["--course", "3", "--rate", "1"], 2)):
        monkeypatch.setattr(sys, "argv", [*command, *more])
        assert main() == code
    assert {count for split, count in drawn if split == "train"} == {20}  # 96 lessons are read, of five levels
    monkeypatch.setattr(sys, "argv", [*asked, "--levels", "2", "4", "--out", str(tmp_path / "levels.csv")])
    assert main() == 0
    assert [one.difficulty for one in read_levels(tmp_path / "levels.csv")] == [2, 4]
    assert steps == [pytest.approx(Course(3).share(step)) for step in range(3)]  # the second time it was there
    assert "holds a training with other settings: rate" in capsys.readouterr().err


def test_another_policy_of_that_name_does_not_get_the_course_of_the_first(tmp_path, monkeypatch):
    steps = []
    monkeypatch.setattr(Trainer, "learn", lambda _, rows, rate: steps.append(rate) or 1.0)
    options, screen = Options(course=2, lessons=1, courses=tmp_path), Screen(Console(quiet=True))
    for _ in range(2):
        teach(options, tiny_policy(0), "pmd/MATH-v0", [1], screen)
    assert len(steps) == 2  # the second time it was there
    with pytest.raises(ConfigError, match=r"other settings: weights$"):
        teach(options, tiny_policy(1), "pmd/MATH-v0", [1], screen)


def test_a_course_may_teach_other_levels_than_are_measured(tmp_path, monkeypatch, capsys):
    taught, limits, real = [], [], levels_module.measure
    monkeypatch.setattr(levels_module, "take_course", lambda policy, groups, *_: taught.append(groups) or policy)
    monkeypatch.setattr(levels_module, "measure", lambda *given: limits.append(given[4]) or real(*given))
    asked = ["levels.py", "--env", "pmd/Ordering-v0", "--problems", "1", "--k", "1", "--out", str(tmp_path / "new.csv")]
    for more, code in (
        (["--course", "2", "--levels", "1", "6", "--teach", "2", "1"], 0),
        (["--course", "2", "--teach", "11"], 2),
        (["--teach", "1"], 2),
    ):
        monkeypatch.setattr(sys, "argv", [*asked, *more])
        assert main() == code
    [groups] = taught
    policy = load_policy("nano")
    texts = [policy.tokenizer.decode(ids) for rows in groups for ids, _ in rows]
    assert {text.split("stand")[0].split("run")[0].split("sit")[0].count(",") for text in texts} == {1, 2}
    assert [one.difficulty for one in read_levels(tmp_path / "new.csv")] == [1, 6]
    longest = max(sum(learnt) for rows in groups for _, learnt in rows)
    assert len(set(limits)) == 1
    assert limits[0] > 2 * longest  # level 6 has seven people
    said = capsys.readouterr().err
    assert "pmd/Ordering-v0 has no level 11" in said
    assert "--teach 1 is for a course" in said


def test_other_environments_are_kept_and_drawn(tmp_path, monkeypatch, capsys):
    out, drawn = tmp_path / "levels.csv", []
    monkeypatch.setattr(levels_module, "level_curves", lambda *given: drawn.append(given))
    for more in (
        ["--env", "pmd/SciKnowEval-v0", "--problems", "1"],
        ["--env", "pmd/MATH-v0", "--problems", "2", "--course", "1", "--lessons", "1", "--keep"],
        ["--env", "pmd/MATH-v0", "--problems", "1", "--keep"],
    ):
        monkeypatch.setattr(sys, "argv", ["levels.py", "--k", "1", "--max-new-tokens", "4", "--out", str(out), *more])
        assert main() == 0
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["environment"] for row in rows] == ["pmd/SciKnowEval-v0"] * 3 + ["pmd/MATH-v0"] * 5
    assert {(row["policy"], row["course"]) for row in rows} == {("nano", "0")}
    assert [list(lines) for lines, _, _ in drawn] == [
        ["pmd/SciKnowEval-v0"],
        ["pmd/SciKnowEval-v0, 0 steps", "pmd/MATH-v0, 1 steps"],
        ["pmd/SciKnowEval-v0", "pmd/MATH-v0"],
    ]
    titles = [title for _, _, title in drawn]
    alike = "nano: avg@1 on 1 validation problems of each level"
    assert titles == [alike, alike.replace("1 validation", "1 to 2 validation"), alike]
    out.write_text("environment,level\npmd/MATH-v0,1\n")
    capsys.readouterr()
    assert main() == 2
    assert "has no solve rates by level with the columns" in capsys.readouterr().err


def test_a_level_with_few_problems_is_measured_on_each_once(tmp_path, monkeypatch, capsys):
    rolled, real = [], levels_module.evaluate
    monkeypatch.setattr(
        levels_module, "evaluate", lambda *given, **named: rolled.append(given) or real(*given, **named)
    )
    asked = ["levels.py", "--env", "pmd/Arithmetic-v0", "--levels", "1", "2", "--problems", "5", "--k", "1"]
    monkeypatch.setattr(sys, "argv", [*asked, "--max-new-tokens", "2", "--out", str(tmp_path / "levels.csv")])
    assert main() == 0
    texts = [[task.prompt for task in part.tasks] for _, (part,), _ in rolled]
    assert [len(prompts) for prompts in texts] == [len(set(prompts)) for prompts in texts] == [3, 5]
    assert [one.problems for one in read_levels(tmp_path / "levels.csv")] == [3, 5]
    said = capsys.readouterr().out
    assert "pmd/Arithmetic-v0: level 1 has only 3 different problems" in said
    assert "level 2 has only" not in said
    assert "avg@1 on 3 to 5 validation problems of each level" in " ".join(said.split())


def test_no_two_problems_share_random_numbers(tmp_path, monkeypatch):
    numbers = []
    monkeypatch.setattr(levels_module, "AT_ONCE", 2)
    monkeypatch.setattr(rollout, "generate", lambda *given: numbers.append(given[5]) or generate(*given))
    asked = ["levels.py", "--env", "pmd/GSM8K-v0", "--levels", "1", "--problems", "5", "--k", "2"]
    monkeypatch.setattr(sys, "argv", [*asked, "--max-new-tokens", "2", "--out", str(tmp_path / "levels.csv")])
    assert main() == 0
    assert numbers == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


@pytest.mark.parametrize(("count", "found"), [(1, 1), (3, 3), (40, 3)])
def test_different_problems_are_the_first_of_those_that_ask_the_same(count, found):
    choice = levels_module.choice_of("pmd/Arithmetic-v0", 1)
    part = Problems.open_distinct(choice, "validation", count)
    every = Problems.open(choice, "validation", 60)
    firsts = dict.fromkeys(every.same)
    assert part.tasks == tuple(every.tasks[place] for place in firsts)[:count]
    assert len(part.tasks) == found
    assert all(every.tasks[place].prompt == task.prompt for place, task in zip(every.same, every.tasks, strict=True))


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ([("nano", 0), ("nano", 0)], ["a", "b"]),
        ([("nano", 300), ("nano", 0)], ["a, 300 steps", "b, 0 steps"]),
        ([("nano", 0), ("smollm2", 0)], ["a, nano", "b, smollm2"]),
        ([("nano", 0), ("smollm2", 9)], ["a, nano", "b, smollm2 after a course of 9 steps"]),
    ],
)
def test_a_line_is_called_by_what_tells_it_from_others(asked, names):
    levels = [Level(env, 1, 0.5, 0.4, 0.6, *who) for env, who in zip("ab", asked, strict=True)]
    assert list(curves(levels)) == names


def test_no_two_profiles_look_alike(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr("benchmarks.plots._write", lambda figure, _: drawn.append(figure))
    profiles([0.0, 1.0], {f"agent {n}": [1.0, 0.0] for n in range(24)}, tmp_path / "profiles.png")
    [axes] = drawn[0].axes
    assert len({(line.get_color(), line.get_linestyle()) for line in axes.lines}) == 24
    assert {line.get_linestyle() for line in axes.lines[:6]} == {"-"}


def test_what_was_measured_is_read_as_it_was_written(tmp_path):
    levels = [Level("a", 1, 0.5, 0.25, 0.75, "smollm2", 300, "test", 7, 2), Level("b", 2, 0.0, 0.0, 0.0)]
    write_levels(levels, tmp_path / "levels.csv")
    assert read_levels(tmp_path / "levels.csv") == levels
    assert read_levels(tmp_path / "nothing.csv") == []


@pytest.mark.parametrize("name", ["levels.csv", "levels-course.csv", "levels-gpu.csv", "levels-long.csv"])
def test_the_published_solve_rates_can_be_read(name):
    levels = read_levels(Path(__file__).parent.parent / "docs" / name)
    assert {one.split for one in levels} == {"validation"}
    assert all(one.low <= one.rate <= one.high for one in levels)


def test_json_says_which_levels_are_out_of_order(tmp_path, monkeypatch, capsys):
    rates = iter(Level("pmd/GSM8K-v0", n + 1, rate, rate - 0.1, rate + 0.1) for n, rate in enumerate((0.2, 0.8) * 9))
    monkeypatch.setattr(levels_module, "measure", lambda *_: next(rates))
    command = ["levels.py", "--env", "pmd/GSM8K-v0", "--out", str(tmp_path / "levels.csv"), "--json"]
    monkeypatch.setattr(sys, "argv", command)
    assert main() == 0
    wrong = json.loads(capsys.readouterr().out)["out_of_order"]
    assert wrong[0] == {"env_id": "pmd/GSM8K-v0", "lower": 1, "upper": 2}


@pytest.mark.parametrize(("count", "size"), [(1, (7, 4)), (6, (7, 4)), (7, (11, 4.8)), (9, (11, 6.8))])
def test_more_environments_than_colours_have_a_panel_each(count, size, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr("benchmarks.plots._write", lambda figure, _: drawn.append(figure))
    lines = {f"$env{n}": {level: Bar("", 0.5, 0.4, 0.7) for level in (1, 2, 3)} for n in range(count)}
    level_curves(lines, tmp_path / "levels.png", "a title")
    [figure] = drawn
    assert tuple(figure.get_size_inches()) == pytest.approx(size)
    seen = [axes for axes in figure.axes if axes.get_visible()]
    drawn_lines = [axes.containers for axes in seen]
    assert sum(map(len, drawn_lines)) == count
    if count <= 6:
        assert len(seen) == 1
    else:
        assert [axes.get_title(loc="left") for axes in seen] == list(lines)
        assert {len(containers) for containers in drawn_lines} == {1}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--split", "train"], "unknown split 'train'"),
        (["--k", "0"], "--k 0 is below 1"),
        (["--lessons", "0"], "--lessons 0 is below 1"),
        (["--temperature", "-1"], "--temperature -1.0 is below 0"),
        (["--temperature", "nan"], "--temperature nan is below 0 or no number"),
        (["--course", "-1"], "--course -1 is below 0"),
        (["--course", "1", "--rate", "0"], "--rate 0.0 is no learning rate above 0"),
        (["--course", "1", "--courses", "/dev/null/kept"], "cannot be made"),
        (["--env", "pmd/GSM8K"], "Did you mean 'pmd/GSM8K-v0'?"),
        (["--env", "pmd/MATH-v0", "--levels", "2", "7"], "pmd/MATH-v0 has no level 7; it has 1, 2, 3, 4, 5"),
        (["--out", "levels.svg"], "--out levels.svg is where the numbers go"),
        (["--out", "/dev/null/levels.csv"], "the folder of /dev/null/levels.csv cannot be made"),
    ],
)
def test_a_mistake_is_one_line(arguments, words, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["levels.py", *arguments])
    assert main() == 2
    printed = capsys.readouterr().err
    assert words in printed
    assert printed.count("\n") == 1


def test_ctrl_c_is_one_line_and_130_and_keeps_what_was_measured(tmp_path, monkeypatch, capsys):
    def stop(options, policy, env_id, level, *_):
        if level == 3:
            raise KeyboardInterrupt
        return Level(env_id, level, 0.5, 0.4, 0.6, "nano", 0, "validation", 100, 4)

    monkeypatch.setattr(levels_module, "measure", stop)
    command = ["levels.py", "--env", "pmd/GSM8K-v0", "--out", str(tmp_path / "levels.csv"), "--json"]
    monkeypatch.setattr(sys, "argv", command)
    assert main() == 130
    said = f"error: stopped; {tmp_path / 'levels.csv'} has the levels that were finished, if any was\n"
    assert capsys.readouterr() == ("", said)
    assert [one.difficulty for one in read_levels(tmp_path / "levels.csv")] == [1, 2]


def test_what_is_written_where_nobody_names_a_place_is_not_for_git():
    ignored = (Path(__file__).resolve().parent.parent / ".gitignore").read_text().splitlines()
    assert {f"/{Options.out.with_suffix(ending)}" for ending in (".csv", ".png", ".svg")} <= set(ignored)
