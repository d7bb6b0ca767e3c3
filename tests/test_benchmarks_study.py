"""Comparing arms over seeds: the statistics on paper, and a small study from the outside."""

import json
import re
import sys
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_leaderboard_entry import write_run

from agents.arms import ARMS
from benchmarks.archive import pack, unpack
from benchmarks.runner import BEST
from benchmarks.statistics import Interval, crossed_interval
from benchmarks.study import Options, cells, chosen_arms, chosen_seeds, chosen_threads, command_of, main
from benchmarks.study_budgets import at_equal
from benchmarks.study_page import as_json, write_page
from benchmarks.study_records import ArmResult, Look, Measured, Study, by_seed, difference, together
from benchmarks.study_results import _pass_at_k, _votes, load_study
from benchmarks.study_way import of_all, way
from leaderboard.records import Report
from pmd_envs.errors import ConfigError

SUITE = """
name = "NAME"
steps = 1
problems = 1
rollouts = 2
pool = 2
held_out = 3
k = 2
max_new_tokens = 16
[[envs]]
id = "pmd/GSM8K-v0"
source = "generated"
difficulty = LEVEL
"""


def measured(*tables):
    return Measured(tuple(np.array(table, dtype=float) for table in tables), 0)


@given(st.floats(0, 1), st.integers(1, 5), st.integers(1, 6))
def test_what_never_varies_has_no_width(value, seeds, problems):
    interval = crossed_interval([np.full((seeds, problems), value)], 0)
    assert interval.low == pytest.approx(value)
    assert interval.high == pytest.approx(value)


def row_of(**environments):
    """A row of a report with (pass@k, maj@k) for each environment."""
    scores = {name: SimpleNamespace(pass_at_k=best, maj_at_k=vote) for name, (best, vote) in environments.items()}
    return SimpleNamespace(per_env=scores)


def test_votes_are_counted_where_answers_can_be():
    rows = [row_of(sums=(0.9, 0.5), code=(1.0, None)), row_of(sums=(0.7, 0.6), code=(1.0, None))]
    assert _votes(rows) == pytest.approx((0.55, 0.25))
    assert _votes([row_of(code=(1.0, None))]) == (None, None)


def test_an_answer_that_is_right_in_part_does_not_solve_a_problem():
    assert _pass_at_k([np.array([[[0.5, 0.9], [1.0, 0.0]]])]) == 0.5


def test_more_seeds_and_problems_narrow_the_interval():
    rng = np.random.default_rng(0)
    widths = []
    for size in (5, 20, 80):
        interval = crossed_interval([rng.random((size, size))], 0)
        assert interval.low < 0.5 + 0.1
        assert interval.high > 0.5 - 0.1
        widths.append(interval.high - interval.low)
    assert widths[0] > widths[1] > widths[2]


def test_one_seed_still_resamples_problems_and_seeds_move_together():
    assert crossed_interval([np.array([[0.0, 1.0, 0.0, 1.0]])], 0).high > 0.5
    # two environments that a seed lifts together: their mean varies as one of them does
    table = np.array([[0.0, 0.0], [1.0, 1.0]])
    both = crossed_interval([table, table], 0)
    assert (both.low, both.high) == (0.0, 1.0)
    with pytest.raises(ValueError, match="same seeds"):
        crossed_interval([np.zeros((2, 3)), np.zeros((3, 3))], 0)


def test_pairing_removes_what_both_arms_share():
    rng = np.random.default_rng(1)
    hard = rng.random((4, 30))
    mean, interval = difference(measured(hard + 0.1), measured(hard))
    assert mean == pytest.approx(0.1)
    assert (interval.low, interval.high) == pytest.approx((0.1, 0.1))


def test_a_difference_is_counted_seed_by_seed(tmp_path):
    first = Measured((np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 0.0]]), np.array([[1.0], [0.0], [0.0]])), 0.0)
    second = Measured((np.array([[0.0, 0.0], [0.5, 0.5], [1.0, 0.0]]), np.array([[1.0], [0.5], [0.5]])), 0.0)
    assert by_seed(first, second).tolist() == [0.25, -0.25, -0.5]
    arms = (ArmResult("sdpo", {"final": first}), ArmResult("rlvr", {"final": second}))
    write_page([Study(("e", "f"), 2, (0, 1, 2), "hard", "test", 1, "nano", arms)], tmp_path / "r.md")
    (row,) = [line for line in (tmp_path / "r.md").read_text().splitlines() if line.startswith("| sdpo - rlvr")]
    assert row.endswith("| 1 of 3 |")
    assert "| -0.167 |" in row
    assert "\n3 seeds of the policy `nano`" in (tmp_path / "r.md").read_text()


def page_of(tmp_path, *arms, seeds=1, **more):
    """The page of one suite."""
    write_page([Study(("e",), 2, tuple(range(seeds)), "hard", "test", 10, "nano", arms, **more)], tmp_path / "r.md")
    return (tmp_path / "r.md").read_text()


def test_one_seed_promises_nothing_about_others(tmp_path):
    page = page_of(tmp_path, followed("sdpo", 0.9), followed("rlvr", 0.3))
    assert "over the problems of each environment: they are about these runs only, since one seed does not tell" in page
    assert "bootstrap over seeds" not in page
    assert "flipping the signs of seeds" not in page
    assert "all of the way |" in page  # the curves themselves stand there
    page = page_of(tmp_path, followed("sdpo", 0.9, 0.8), followed("rlvr", 0.3, 0.3), seeds=2)
    assert "from a bootstrap over seeds and over the problems of each environment." in page
    assert "flipping the signs of seeds" in page


@pytest.mark.parametrize(("low", "clear"), [(0.0004, "no"), (0.0006, "yes"), (-0.0004, "no"), (-0.0006, "no")])
def test_an_interval_excludes_0_as_it_is_printed(low, clear, tmp_path, monkeypatch):
    # What the digits behind those say, the number of the bootstrap's draws decides.
    monkeypatch.setattr("benchmarks.study_page.difference", lambda *_: (0.03, Interval(low, 0.06)))
    page = page_of(
        tmp_path, *(ArmResult(name, {"final": measured([[1, 0], [1, 1]])}) for name in ("sdpo", "rlvr")), seeds=2
    )
    assert f"| sdpo - rlvr | Final weights | +0.030 | {low:+.3f} to +0.060 | {clear} |" in page


def test_a_page_says_that_many_rows_promise_less(tmp_path):
    arms = [ArmResult(name, {"final": measured([[1, 0], [1, 1]])}) for name in ("sdpo", "rlvr", "pmd")]
    assert "how many rows there are" not in page_of(tmp_path, *arms[:2], seeds=2)
    page = page_of(tmp_path, *arms, seeds=2)
    assert "Nothing is adjusted for how many rows there are, 3 here: of 20 without a difference one excludes 0." in page


def test_what_the_memory_adds_in_the_prompt_has_an_interval(tmp_path):
    alone, shown = measured([[0, 0, 1, 0]] * 2), measured([[1, 0, 1, 1]] * 2)
    page = page_of(tmp_path, ArmResult("memory-prompt", {"final": alone, "remembering": shown}), seeds=2)
    (row,) = re.findall(r"^\| memory-prompt, with memory - without \|.*$", page, re.MULTILINE)
    assert row.startswith("| memory-prompt, with memory - without | Final weights | +0.500 | +0.000 to +1.000 | no |")
    (cell,) = re.findall(r"^\| memory-prompt \| 0.250 \|.* \| (0.750 \(\S+ to \S+\)) \|$", page, re.MULTILINE)
    assert cell == f"0.750 ({shown.interval.low:.3f} to {shown.interval.high:.3f})"


def test_a_page_says_where_cells_did_not_run_alike(tmp_path):
    arms = (ArmResult("sdpo", {"final": measured([[1, 0]])}),)
    assert "did not run alike" not in page_of(tmp_path, *arms, machines=("a, 1 thread",))
    assert "for the same seed: a, 1 thread; b, 2 threads." in page_of(
        tmp_path, *arms, machines=("b, 2 threads", "a, 1 thread")
    )


def test_nothing_is_at_equal_cost_where_no_cost_was_counted():
    old = arm("old", [(0, 0, 0, 0.1), (10, 0, 5, 0.3)])
    assert at_equal([old, arm("new", [(0, 0, 0, 0.1), (10, 100, 5, 0.3)])], "tokens") is None
    assert at_equal([old], "rollouts").budget == 10


def test_a_page_says_which_seeds_if_they_are_not_the_first(tmp_path):
    arms = (ArmResult("sdpo", {"final": measured([[1, 0], [1, 1]])}),)
    write_page([Study(("e",), 2, (5, 6), "hard", "test", 1, "nano", arms)], tmp_path / "r.md")
    assert "\n2 seeds (5 to 6) of the policy `nano`" in (tmp_path / "r.md").read_text()


def arm(name, *looks):
    """An arm of one seed for each list of (step, tokens, seconds, score)."""
    return ArmResult(name, {}, looks=tuple(tuple(Look(*look) for look in seed) for seed in looks))


def test_equal_cost_is_what_the_cheapest_run_spent_and_curves_are_straight_between_looks():
    cheap = arm("cheap", [(0, 0, 0, 0.1), (10, 100, 5, 0.3)], [(0, 0, 0, 0.1), (10, 120, 4, 0.5)])
    costly = arm("costly", [(0, 0, 0, 0.1), (5, 100, 8, 0.5), (10, 200, 16, 0.9)], [(0, 0, 0, 0.1), (10, 400, 8, 0.5)])
    rollouts, tokens, seconds = (at_equal([cheap, costly], unit) for unit in ("rollouts", "tokens", "seconds"))
    assert (rollouts.budget, rollouts.scores) == (10, {"cheap": (0.3, 0.5), "costly": (0.9, 0.5)})
    assert tokens.budget == 100
    assert tokens.scores["cheap"] == pytest.approx((0.3, 0.1 + 0.4 * 100 / 120))
    assert tokens.scores["costly"] == pytest.approx((0.5, 0.2))
    assert seconds.budget == 4
    assert seconds.scores["costly"] == pytest.approx((0.3, 0.3))
    assert at_equal([arm("never looked")], "tokens") is None


def test_the_command_of_a_page_says_what_is_not_the_default():
    assert command_of(Options()) == "python benchmarks/study.py"
    assert command_of(Options(quick=True, page=Path("x.md"), threads=1)) == "python benchmarks/study.py --quick"
    assert Options(quick=True).page is None  # so that nobody replaces the project's own pages unasked
    warm = Options(policy="/home/me/runs/warm/policy", suites=("/home/me/small.toml", "suites/mine.toml"))
    assert command_of(warm).endswith("--suites me/small.toml suites/mine.toml --policy warm/policy")
    asked = Options(suites=("hard",), arms=("sdpo+grpo", "a b"), seeds=3, first_seed=5)
    told = "python benchmarks/study.py --suites hard --arms sdpo+grpo 'a b' --seeds 3 --first-seed 5"
    assert command_of(asked) == told


def test_a_page_says_which_teachers_read_the_answer_they_graded(tmp_path):
    found = {"final": measured([[1, 0]])}
    arms = (ArmResult("sdpo", found, own_shown=0.004), ArmResult("rlvr", found))
    write_page([Study(("e",), 2, (0,), "hard", "test", 1, "nano", arms, ("1234567+", "abcdef0"))], tmp_path / "r.md")
    page = (tmp_path / "r.md").read_text()
    changed = "(+: with changes besides, or a part by another commit)"
    assert f"by the code of 2 commits: 1234567+, abcdef0 {changed}. Teachers read the very rollout" in page
    assert "for a share of rollouts: sdpo on hard 0.4 %." in page
    arms = (ArmResult("sdpo-copies", found, copies_shown=0.5), ArmResult("rlvr", found))
    write_page([Study(("e",), 2, (0,), "hard", "test", 1, "nano", arms, ("1234567",))], tmp_path / "r.md")
    page = (tmp_path / "r.md").read_text()
    assert "No teacher read the rollout that it graded. Those that may read another rollout's copy" in page
    assert "did so for a share of rollouts: sdpo-copies on hard 50 %." in page


@pytest.mark.parametrize(
    ("missing", "left_out", "said"),
    [
        ({}, {}, None),
        ({"pmd": [1]}, {"pmd": (1,)}, "pmd on `hard` (without seed 1)."),
        (
            {"pmd-scripted": [0, 1], "rlvr": [0]},
            {"rlvr": (0,), "pmd-scripted": (0, 1)},
            "rlvr on `hard` (without seed 0); pmd-scripted (upper bound) on `hard` (without seed 0, 1).",
        ),
    ],
)
def test_arms_without_all_seeds_are_named(missing, left_out, said, tmp_path):
    arms = ("frozen", "rlvr", "pmd", "pmd-scripted")
    for arm, seed in product(arms, range(2)):
        if seed not in missing.get(arm, []):
            place = tmp_path / "hard" / arm / f"seed{seed}"
            write_run(place, arm, agent=arm, seed=seed, suite="hard", labels=(arm,), config={"split": "test"})
            (place / "config.json").write_text('{"format": 1}')
    study = load_study(tmp_path / "hard", arms, range(2))
    assert study.left_out == left_out
    assert [arm.name for arm in study.arms] == [arm for arm in arms if arm not in missing]
    write_page([study], tmp_path / "r.md")
    page = (tmp_path / "r.md").read_text()
    told = re.findall(r"^Left out, since not all of their runs are finished: (.+)$", page, re.MULTILINE)
    assert told == ([said] if said else [])
    assert json.loads(json.dumps(as_json([study])))[0]["left_out"] == {arm: list(s) for arm, s in left_out.items()}


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_the_numbers_of_an_arm_are_those_of_its_cells(tmp_path):
    """Of 4 problems s are solved, the last one half of the time: (s - 0.5) / 4. With memory one more, at best two."""
    labels = ("pmd", "pmd + memory", f"pmd{BEST}")
    for seed, solved in enumerate((1, 2)):
        more = {"labels": labels, "config": {"split": "test"}, "memory_counts": {"lessons": 3, "behaviors": 6 + seed}}
        cell = write_run(tmp_path / "pmd" / f"seed{seed}", "pmd", agent="pmd", seed=seed, solved=solved, **more)
        (cell / "validation_start.json").write_text('{"validation/avg": 0.25}')
        seconds = {"rollout": 2.0, "update": 1.0 + seed, "watch": 50.0, "drift": 50.0}
        (cell / "seconds.jsonl").write_text(lines(*({"step": step, **seconds} for step in range(2))))
        spent = {"tokens/rollout": 100.0, "tokens/update": 20.0 * seed, "copies_shown": 0.5 * seed}
        told = [{"step": step, "reward": (step + seed) / 4, **spent} for step in range(2)]
        (cell / "metrics.jsonl").write_text(lines(told[0], {**told[1], "validation/avg": 0.75}))
    study = load_study(tmp_path, ("pmd", "rlvr"), range(2))
    assert (study.steps, study.k, study.split, study.left_out) == (10, 2, "test", {"rlvr": (0, 1)})
    start, arm = study.arms
    assert (start.name, start.measured["final"].score) == ("start", 0.125)
    assert {measure: found.score for measure, found in arm.measured.items()} == {
        "final": 0.25, "remembering": 0.5, "best": 0.75
    }  # fmt: skip
    assert [table.tolist() for table in arm.measured["final"].tables] == [[[0.5, 0, 0, 0], [1, 0.5, 0, 0]]] * 2
    assert arm.measured["final"].pass_at_k == (1 + 2) / 2 / 4
    assert arm.rewards.tolist() == [[0, 0.25], [0.25, 0.5]]
    assert arm.looks[0] == (Look(0, 0.0, 0.0, 0.25), Look(2, 200.0, 6.0, 0.75))
    assert arm.looks[1][-1] == Look(2, 240.0, 8.0, 0.75)
    assert (arm.tokens, arm.seconds, arm.items) == (220, 7, 9.5)
    assert (arm.own_shown, arm.copies_shown) == (0, 0.25)
    (tmp_path / "pmd" / "seed1" / "validation_start.json").unlink()
    assert load_study(tmp_path, ("pmd",), range(2)).arms[1].looks == ()  # of all seeds or of none


def test_a_page_says_how_many_answers_each_suite_has(tmp_path):
    arms = (ArmResult("sdpo", {"final": measured([[1, 0], [1, 1]])}),)
    one, two = (Study(("e",), k, (0, 1), f"of{k}", "test", 1, "nano", arms) for k in (16, 4))
    write_page([one, two], tmp_path / "r.md")
    page = (tmp_path / "r.md").read_text()
    assert "Scores are avg@k (k: 16 on `of16`, 4 on `of4`) on the test problems" in page
    assert "maj@k and headroom, which is pass@k less maj@k," in page
    write_page([one, one], tmp_path / "r.md")
    assert "Scores are avg@16 on the test problems" in (tmp_path / "r.md").read_text()


def test_problems_that_ask_the_same_are_drawn_together_and_named(tmp_path):
    table = np.array([[1.0, 1.0, 1.0, 0.0]])
    alone, told = Measured((table,), 0), Measured((table,), 0, same=((0, 0, 0, 3),))
    assert (told.interval.low, told.interval.high) == (0.0, 1.0)
    assert alone.interval.low > 0
    assert difference(told, Measured((0 * table,), 0, same=told.same))[1] == told.interval
    arms = (ArmResult("sdpo", {"final": told, "unseen": alone}),)
    study = Study(("pmd/e",), 2, (0,), "hard", "test", 1, "nano", arms)
    write_page([study], tmp_path / "r.md")
    said = (
        "Some problems ask the same, and are drawn together in intervals: 2 of the 4 of pmd/e are different (`hard`)."
    )
    assert said in (tmp_path / "r.md").read_text()
    both = together([study, study])["final"]["sdpo"]
    assert both.which_are_same == ((0, 0, 0, 3), (0, 0, 0, 3))


def test_all_suites_together_have_the_arms_that_each_of_them_has():
    def study(name, **arms):
        results = tuple(ArmResult(arm, {"final": measured(table)}) for arm, table in arms.items())
        return Study(("e",), 2, (0,), name, "test", 1, "nano", results)

    found = together([study("one", sdpo=[[1, 0]], pmd=[[1, 1]]), study("two", pmd=[[0, 0, 1, 0]])])
    assert set(found["final"]) == {"pmd"}
    assert found["final"]["pmd"].score == pytest.approx((1 + 0.25) / 2)  # every suite counts the same
    assert found["best"] == {}


@pytest.mark.slow
def test_a_study_runs_what_is_missing_and_writes_its_page(tmp_path, monkeypatch, capsys):
    for name, level in (("low", "1"), ("high", "3")):
        (tmp_path / f"{name}.toml").write_text(SUITE.replace("NAME", name).replace("LEVEL", level))
    asked = (
        "--suites",
        "low.toml",
        "high.toml",
        "--arms",
        "pmd-scripted",
        "--seeds",
        "1",
        "--threads",
        "1",
        "--out",
        "study",
    )
    asked += ("--validate-every", "1", "--unseen", "2", "--page", "docs/results.md")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["study.py", *asked])
    assert main() == 0
    page = (tmp_path / "docs" / "results.md").read_text()
    rows = re.findall(r"^\| (\S+|pmd-scripted \(upper bound\)) \|", page, re.MULTILINE)  # never without its label
    bound = "pmd-scripted (upper bound)"
    assert rows == rows_of_a_page(bound)
    assert page.count(f"\n| {bound}, with memory - without | Final weights |") == 3
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == [
        "All suites together: `low`, `high`",
        "Suite `low`",
        "Suite `high`",
    ]
    assert "held-out templates" in page
    asked_for = "--suites low.toml high.toml --arms pmd-scripted --seeds 1 --validate-every 1 --unseen 2"
    assert f"written by `python benchmarks/study.py {asked_for}`" in page
    assert re.search(
        r"by the code of 1 commit: [0-9a-f]{7}(\+ \(\+: [^)]+\))?\. No teacher read the rollout that", page
    )
    assert "`pmd-scripted (upper bound)`: UPPER BOUND, not a result" in page
    for name in ("low-scores", "low-curves", "high-scores", "high-curves"):
        assert (tmp_path / "docs" / f"results-{name}.png").read_bytes().startswith(b"\x89PNG")
        assert f"(results-{name}.png)" in page
    check_numbers(tmp_path / "study" / "high" / "pmd-scripted" / "seed0", page.partition("## Suite `high`")[2])
    finished = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("report.json")}
    assert len(finished) == 2
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["study.py", *asked, "--json"])
    assert main() == 0
    low, high = json.loads(capsys.readouterr().out)
    assert (low["suite"], high["suite"], high["k"], high["seeds"]) == ("low", "high", 2, [0])
    assert [(arm["arm"], arm["upper_bound"]) for arm in high["arms"]] == [("start", False), ("pmd-scripted", True)]
    report = Report.read(tmp_path / "study" / "high" / "pmd-scripted" / "seed0" / "report.json")
    scores = {row.label: row.overall.avg_at_k for row in report.rows}
    assert high["arms"][1]["final"]["score"] == pytest.approx(scores[bound])
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("report.json")} == finished
    assert (tmp_path / "docs" / "results.md").read_text() == page
    # what is kept of the cells is enough for the same page
    pack(tmp_path / "study", tmp_path / "study.tar.xz")
    assert unpack(tmp_path / "study.tar.xz", tmp_path / "again") == (2, 2)
    (tmp_path / "docs" / "results.md").unlink()
    again = ["again" if word == "study" else word for word in asked]
    monkeypatch.setattr(sys, "argv", ["study.py", *again])
    assert main() == 0
    assert (tmp_path / "docs" / "results.md").read_text() == page


def rows_of_a_page(arm):
    """Of two suites: together; then final, best, unseen, with memory, on the way, equal cost and cost of each."""
    whole, two, memory = ["arm", "start", arm], ["arm", arm], ["difference"]
    each = [*whole, *two, *whole, *memory, *two, *two, *whole]
    return [*whole, *memory, *each, *each]


def check_numbers(cell, section):
    """The page's numbers are those of the run's own files."""
    report = Report.read(cell / "report.json")
    scores = {row.label: row.overall.avg_at_k for row in report.rows}
    unseen = {row["label"]: row["overall"]["avg_at_k"] for row in json.loads((cell / "unseen.json").read_text())}
    arm = report.agent
    rows = re.findall(rf"^\| {re.escape(arm)} \| (\S+) \| (\S+) \| \S+ to", section, re.MULTILINE)
    found = [float(cells[1]) for cells in rows]
    wanted = [scores[arm], scores[f"{arm} (best on validation)"], unseen[arm]]
    assert found == pytest.approx(wanted, abs=6e-4)
    votes = re.findall(rf"^\| {re.escape(arm)} \|.+ to \S+ \| (\S+) \| (\S+) \| (\S+) \|", section, re.MULTILINE)
    final = next(row for row in report.rows if row.label == arm).overall
    wanted = [final.pass_at_k, final.maj_at_k, final.pass_at_k - final.maj_at_k]
    assert [float(cell) for cell in votes[0]] == pytest.approx(wanted, abs=6e-4)
    metrics = [json.loads(line) for line in (cell / "metrics.jsonl").read_text().splitlines()]
    tokens = sum(value for row in metrics for name, value in row.items() if name.startswith("tokens/"))
    assert f"| {arm} | {tokens:,.0f} |" in section
    last = metrics[-1]["validation/avg"]
    assert f"{last:.3f} (" in section
    before = json.loads((cell / "validation_start.json").read_text())["validation/avg"]
    ways = section.partition("On the way")[2]
    way = re.findall(rf"^\| {re.escape(arm)} \| (\S+) \| .*?(\S+) \| \S+ \|$", ways, re.MULTILINE)[0]
    assert [float(score) for score in way] == pytest.approx([before, last], abs=6e-4)


def test_quick_says_what_nothing_else_does():
    quick = Options(quick=True, suites=("smoke", "logic"))
    names = [cell.name for cell in cells(quick)]
    assert len(names) == 3 * 2 * 2
    assert names[:4] == [
        "rlvr on smoke, seed 0",
        "sdpo on smoke, seed 0",
        "pmd on smoke, seed 0",
        "rlvr on logic, seed 0",
    ]
    assert Options().suites == ("silent-easy", "silent-medium", "silent-hard")
    assert (chosen_arms(replace(quick, arms=("pmd",))), chosen_seeds(replace(quick, seeds=4))) == (("pmd",), range(4))
    assert chosen_seeds(Options()) == range(5)
    assert chosen_seeds(Options(seeds=2, first_seed=7)) == range(7, 9)
    usual, every = chosen_arms(Options()), chosen_arms(Options(arms=("all",)))
    assert set(usual) < set(every) == {"frozen", "rlvr", "sdpo", "pmd", *ARMS} - {"rlvr-grpo"}
    assert {"frozen", "sdpo+grpo", "pmd-transient", "pmd-shuffled", "ema-kl", "pmd-scripted"} < set(usual)
    assert len(usual) == len(set(usual)) == 18
    assert [chosen_threads(Options(cores=4, policy=policy)) for policy in ("nano", "smollm2")] == [1, 4]
    assert chosen_threads(Options(cores=4, threads=3)) == 3
    options = next(cells(replace(quick, policy="smollm2"))).options
    assert ("--policy", "smollm2") in pairwise(options)


def test_where_no_arm_is_complete_it_says_which_runs_failed(tmp_path, monkeypatch, capsys):
    asked = ("--suites", "smoke", "--arms", "rlvr", "pmd", "--seeds", "1", "--tries", "1", "--threads", "1")
    made = list(cells(Options(suites=("smoke",), arms=("rlvr", "pmd"), seeds=1, out=tmp_path)))
    for cell in made:
        cell.attempts.parent.mkdir(parents=True)
        cell.attempts.write_text('{"try": 1, "status": 1, "seconds": 2.5, "reason": "no space left"}\n')
    monkeypatch.setattr(sys, "argv", ["study.py", *asked, "--out", str(tmp_path), "--json"])
    assert main() == 1
    said = capsys.readouterr()
    assert f"error: {tmp_path / 'smoke'}: no arm has a finished run of every seed (0)" in said.err
    for cell in made:
        assert f"error: {cell.name} failed 1 times: see {cell.log} and {cell.attempts}" in said.err
    assert (said.out, list(tmp_path.glob("*.md"))) == ("", [])


def test_a_run_with_other_settings_is_not_taken_for_one_of_the_study(tmp_path):
    asked = Options(suites=("smoke",), arms=("rlvr",), seeds=1, out=tmp_path)
    folder = next(cells(asked)).folder
    folder.mkdir(parents=True)
    (folder / "config.json").write_text('{"format": 1, "agent": "rlvr", "seed": 0}')
    with pytest.raises(
        ConfigError, match=r"was run with other settings: policy \(nothing, now .*suite.*; repeat the original"
    ):
        list(cells(asked))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--suites", "smoke", "--arms", "pdm"), "unknown agent 'pdm'. Did you mean 'pmd'?"),
        (("--suites", "defualt"), "unknown suite 'defualt'. Did you mean 'default'?"),
        (("--suites", "smoke", "--seeds", "0"), "--seeds 0 is below 1"),
        (("--suites", "smoke", "--first-seed", "-1"), "--first-seed -1 is below 0"),
        (("--suites", "smoke", "--arms", "frozen", "--seeds", "1", "--split", "tset"), "unknown split 'tset'"),
        (("--suites", "smoke", "--validate-every", "-1"), "every=-1"),
        (("--suites", "smoke", "--unseen", "-1"), "suite 'smoke': unseen = -1 is below 0"),
        (
            ("--suites", "smoke", "--out", f"{__file__}/x"),
            f"--out {__file__}/x cannot be a folder: {__file__} is a file",
        ),
        (("--suites", "smoke", "--out", "/proc/xx"), "the folder /proc/xx cannot be made: "),
    ],
)
def test_a_mistake_is_one_line(tmp_path, arguments, message, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["study.py", *arguments])
    assert main() == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert message in lines[0]


def test_on_the_way_is_the_area_under_the_looks():
    slow = arm("slow", *[[(step, 0, 0, step / 80) for step in (0, 10, 20, 30, 40, 80)]] * 2)
    soon = arm("soon", *[[(step, 0, 0, float(step > 0)) for step in (0, 10, 20, 30, 40, 80)]] * 2)
    other = arm("other", [(0, 0, 0, 0.5), (80, 0, 0, 0.5)], [(0, 0, 0, 0.5), (80, 0, 0, 0.5)])
    found = way([slow, soon, other, arm("never looked")])
    assert found.steps == (0, 10, 20, 40, 80)
    assert list(found.scores) == ["slow", "soon"]
    assert found.scores["slow"].tolist() == [[0, 0.125, 0.25, 0.5, 1.0]] * 2
    assert found.means["slow"] == pytest.approx([0.5, 0.5])
    assert found.means["soon"] == pytest.approx([1 - 5 / 80] * 2)
    assert way([arm("never looked")]) is None
    assert way([arm("once", [(0, 0, 0, 0.5)])]) is None


@given(st.lists(st.floats(0, 1), min_size=2, max_size=9), st.data())
def test_the_way_lies_between_its_looks(scores, data):
    steps = sorted(data.draw(st.lists(st.integers(0, 99), min_size=len(scores), max_size=len(scores), unique=True)))
    found = way([arm("a", [(step, 0, 0, score) for step, score in zip(steps, scores, strict=True)])])
    assert min(scores) - 1e-9 <= found.means["a"][0] <= max(scores) + 1e-9
    assert found.steps[0] == steps[0]
    assert found.steps[-1] == steps[-1]
    assert found.scores["a"][0].tolist() == [scores[steps.index(step)] for step in found.steps]


def test_a_page_tells_who_learns_sooner(tmp_path):
    looks = {"sdpo": ((0, 0.0, 0.0, 0.1), (10, 1.0, 1.0, 0.9)), "rlvr": ((0, 0.0, 0.0, 0.1), (10, 1.0, 1.0, 0.3))}
    arms = [
        ArmResult(name, {"final": measured([[0.9]] * 2)}, looks=(tuple(Look(*look) for look in seed),) * 2)
        for name, seed in looks.items()
    ]
    write_page([Study(("e",), 2, (0, 1), "hard", "test", 10, "nano", tuple(arms))], tmp_path / "r.md")
    lines = (tmp_path / "r.md").read_text().splitlines()
    assert "| arm | 0 | 10 | all of the way |" in lines
    assert "| sdpo | 0.100 | 0.900 | 0.500 |" in lines
    assert "| sdpo - rlvr | +0.300 | +0.300 to +0.300 | 2 of 2 | 0.500 |" in lines


def followed(name, *scores):
    """An arm of which each seed was looked at twice, and stood at these scores."""
    looks = tuple(tuple(Look(step, 0.0, 0.0, score) for step in (0, 10)) for score in scores)
    return ArmResult(name, {"final": measured([[0.9]] * len(scores))}, looks=looks)


def test_a_page_of_several_suites_tells_who_learns_sooner_over_all(tmp_path):
    studies = [
        Study(("e",), 2, tuple(range(6)), suite, "test", 10, "nano", (followed("rlvr", *low), followed("sdpo", *high)))
        for suite, low, high in (("easy", [0.5] * 6, [0.7] * 6), ("hard", [0.1] * 6, [0.1, *[0.3] * 5]))
    ]
    write_page(studies, tmp_path / "r.md")
    text = (tmp_path / "r.md").read_text()
    whole, easy, hard = text.split("## Suite ")[0], *text.split("## Suite ")[1:3]
    assert "| sdpo - rlvr | +0.183 | +0.100 to +0.200 | 6 of 6 | 0.031 |" in whole
    assert "| sdpo - rlvr | +0.200 | +0.200 to +0.200 | 6 of 6 | 0.031 |" in easy
    assert "| sdpo - rlvr | +0.167 | +0.000 to +0.200 | 5 of 6 | 0.062 |" in hard


def test_the_way_over_all_suites_is_of_arms_that_each_of_them_followed():
    first = way([followed("a", 0.2, 0.4), followed("b", 0.5, 0.5), followed("c", 0.1, 0.1)])
    second = way([followed("a", 0.6, 0.6), followed("c", 0.1)])
    found = of_all([first, second])
    assert list(found) == ["a"]
    assert found["a"].tolist() == pytest.approx([0.4, 0.5])
    assert of_all([first, None]) == of_all([]) == {}


@pytest.mark.parametrize(("names", "drawn"), [(["rlvr", "own"], 2), (["rlvr", *"abcdef"], 1)])
def test_all_arms_are_drawn_where_there_are_few(names, drawn, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr("benchmarks.study_page.compare_runs", lambda curves, *_: seen.append(curves))
    arms = [ArmResult(name, {"final": measured([[0.9]])}, rewards=np.ones((1, 3))) for name in names]
    arms.append(ArmResult("start", {"final": measured([[0.1]])}, rewards=np.zeros((1, 0))))
    write_page([Study(("e",), 2, (0,), "hard", "test", 3, "nano", tuple(arms))], tmp_path / "r.md")
    assert [len(curves) for curves in seen] == [drawn]
    assert "rlvr" in seen[0]
