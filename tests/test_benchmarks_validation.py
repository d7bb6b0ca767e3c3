"""The best weights by validation problems, and problems of kinds that training lacks, in a small run."""

import json
import re
import time
from collections import Counter
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from agent_scene import new_state
from rich.console import Console
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tiny_policy import tiny_policy

from agents.policies import load_policy
from agents.policy import Sampling
from agents.registry import make_agent, named_agent
from benchmarks.estimate import workload
from benchmarks.evaluate import Problems, evaluate, held_out_rollout, read_samples, samples_of, write_evaluation
from benchmarks.files import append
from benchmarks.folder import RunFolder
from benchmarks.options import Options, choose_suite
from benchmarks.plan import Plan, open_problems, open_unseen
from benchmarks.ready import prepare
from benchmarks.report import EnvSamples
from benchmarks.runner import Run
from benchmarks.screen import Screen
from benchmarks.suites import SUITES, EnvChoice, Suite
from benchmarks.validation import Best, BestKeeper, Validation, row_metrics
from benchmarks.weights import Weights
from leaderboard.curves import START_FILE
from leaderboard.records import Report
from pmd_envs.errors import ConfigError
from pmd_envs.kinds import unseen_kinds

ENV = EnvChoice("pmd/GSM8K-v0", {"granularity": "episode", "source": "generated", "difficulty": 1})
SUITE = Suite("small", (ENV,), steps=5, problems=2, rollouts=2, pool=4, held_out=3, k=2, max_new_tokens=8)
TRAINED = replace(
    SUITE, envs=(EnvChoice(ENV.id, {**ENV.kwargs, "difficulty": 3}),), steps=3, unseen=2, max_new_tokens=40, lr=3e-3
)
LOOKS = Validation(2, problems=2, k=2)


def test_looks_are_before_training_every_so_often_and_at_the_end():
    assert [Validation(every).looks(10) for every in (0, 1, 3, 5, 10, 99)] == [0, 11, 5, 3, 2, 2]
    assert Validation(5).looks(0) == 0
    with pytest.raises(ConfigError, match="every=-1"):
        Validation(-1)


@pytest.mark.parametrize("env", ["pmd/GSM8K-v0", "pmd/CRUXEval-v0"])
def test_weights_are_not_chosen_on_the_problems_that_are_reported(env):
    """CRUXEval draws some of its first problems more than once, under other ids."""
    choice = EnvChoice(env, {"source": "generated", "difficulty": 1, "granularity": "episode"})
    suite = replace(SUITE, envs=(choice,), held_out=48)
    (reported,) = open_problems(suite, "validation")[1]
    (looked,) = Validation(10).open(suite, "validation")
    assert (looked.split, len(looked.tasks)) == ("validation", 24)
    assert not {task.id for task in looked.tasks} & {task.id for task in reported.tasks}
    assert not {task.prompt for task in looked.tasks} & {task.prompt for task in reported.tasks}
    assert Validation(10).open(suite, "test")[0].tasks == reported.tasks[:24]
    assert Validation(0).open(suite, "validation") == ()


def test_of_published_validation_problems_those_that_are_left_choose(toy_id, tmp_path, monkeypatch):
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    (tmp_path / "toy").mkdir()
    rows = "".join(json.dumps({"a": number, "b": 7}) + "\n" for number in range(300))
    (tmp_path / "toy" / "train.jsonl").write_text(rows)
    suite = replace(SUITE, envs=(EnvChoice(toy_id, {"source": "local", "granularity": "episode"}),), held_out=10)
    (reported,) = open_problems(suite, "validation")[1]
    size = reported.env.dataset.size
    looked = [Validation(10, problems=count).open(suite, "validation")[0].tasks for count in (5, 1000)]
    assert [len(tasks) for tasks in looked] == [5, size - 10]
    assert looked[0] == tuple(looked[1][i * (size - 10) // 5] for i in range(5))  # evenly from the first to the last
    for tasks in looked:
        assert len({task.id for task in (*tasks, *reported.tasks)}) == len(tasks) + 10
    with pytest.raises(ConfigError, match=f"all its {size} validation problems are held-out ones"):
        Validation(10).open(replace(suite, held_out=size), "validation")
    asked = Options(agent="rlvr", env=(toy_id,), source="local", split="validation", validate_every=10)
    with pytest.raises(ConfigError, match="are held-out ones"):
        prepare(asked)  # before anything is written
    assert prepare(replace(asked, validate_every=0)).plan.split == "validation"


def test_the_work_of_looking_is_estimated():
    held_out = (Problems.open(ENV, "test", 3),)
    plain = workload(SUITE, make_agent("rlvr", {}), held_out)
    looked = workload(SUITE, make_agent("rlvr", {}), held_out, Validation(2, problems=3, k=2))
    # 4 looks (0, 2, 4, 5) at 3 x 2 answers, and one more row of 3 x 2
    assert looked.held_out - plain.held_out == 4 * 6 + 6
    assert workload(SUITE, make_agent("frozen", {}), held_out, Validation(2)) == workload(
        SUITE, make_agent("frozen", {}), held_out
    )


def test_samples_are_the_same_from_memory_and_from_a_file(tmp_path):
    problems = (Problems.open(ENV, "test", 3),)
    groups = evaluate(tiny_policy(), problems, held_out_rollout(2, Sampling(max_new_tokens=8), 0), policy_step=0)
    write_evaluation(groups, problems, "x", tmp_path / "x.jsonl")
    ours, read = (
        samples_of(groups, problems)["pmd/GSM8K-v0"],
        read_samples(tmp_path / "x.jsonl", problems)["pmd/GSM8K-v0"],
    )
    assert (ours.scores == read.scores).all()
    assert ours.answers == read.answers


def test_the_best_weights_stay_and_of_equal_ones_the_first(tmp_path, monkeypatch):
    state, scores = new_state(), {0: 0.2, 2: 0.5, 4: 0.5, 5: 0.4}
    monkeypatch.setattr("benchmarks.validation.evaluate", lambda *_, **__: [])
    monkeypatch.setattr(
        "benchmarks.validation.samples_of", lambda *_: {"e": EnvSamples(np.array([[scores[state.step]]]), None)}
    )
    folder = RunFolder(tmp_path / "run", {}, resume=False)
    keeper = BestKeeper(Validation(2), (), Sampling(), 5, folder)
    with pytest.raises(ConfigError, match="holds no weights"):
        keeper.load(state.policy)
    keeper.begin(state)
    assert keeper.best == Best(0, 0.2)
    marks = {}
    for state.step in range(1, 6):
        with torch.no_grad():
            next(iter(state.policy.model.parameters())).add_(1.0)
        marks[state.step] = next(iter(state.policy.model.parameters())).clone()
        assert bool(keeper(state)) == (state.step in scores)
    (folder.path / START_FILE).unlink()
    keeper.begin(state)
    assert not (folder.path / START_FILE).exists()  # no later policy is taken for the one before training
    assert keeper.load(state.policy) == Best(2, 0.5)
    assert torch.equal(next(iter(state.policy.model.parameters())), marks[2])
    # killed between the two renames of a later checkpoint: the old one is still found
    keeper.place.rename(keeper.place.with_name("best.old"))
    assert keeper.best == Best(2, 0.5)
    # a step that is repeated after a kill replaces what it wrote before
    state.step, scores[2] = 2, 0.1
    keeper(state)
    assert keeper.best == Best(2, 0.1)
    folder.close()


def execute(place, agent="pmd", suite=TRAINED, looks=LOOKS, split="test"):
    """A whole run in this process, or the rest of one."""
    plan = Plan(named_agent(agent, {}), Weights("nano"), suite, 0, split, looks)
    folder = RunFolder(place, plan.config, resume=(place / "config.json").exists())
    training, held_out = open_problems(suite, split)
    screen = Screen(Console(quiet=True))
    try:
        work = Run(plan, load_policy("nano"), training, held_out, folder, screen, unseen=open_unseen(suite, "test"))
        return work.execute()
    finally:
        folder.close()


def test_a_run_chooses_on_other_validation_problems_than_it_reports(tmp_path, monkeypatch):
    looked = []

    def stop(how, problems, *rest):
        looked.extend(task.id for part in problems for task in part.tasks)
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmarks.runner.BestKeeper", stop)
    with pytest.raises(KeyboardInterrupt):
        execute(tmp_path / "run", "rlvr", replace(SUITE, unseen=0), LOOKS, "validation")
    reported = {row["task_id"] for row in lines(tmp_path / "run" / "evaluation" / "frozen--start.jsonl")}
    assert (len(looked), len(reported)) == (LOOKS.problems, SUITE.held_out)
    assert not set(looked) & reported


def scalars(folder, name):
    """What TensorBoard shows of one metric, by step: a point for each, in their order."""
    events = EventAccumulator(str(folder))
    events.Reload()
    points = events.Scalars(name)
    steps = [point.step for point in points]
    assert steps == sorted(set(steps))
    return {point.step: point.value for point in points}


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    place = tmp_path_factory.mktemp("validated") / "run"
    execute(place)
    return place


def test_a_run_reports_its_final_and_its_best_weights(done):
    report = Report.read(done / "report.json")
    labels = [row.label for row in report.rows]
    assert labels == ["frozen (start)", "pmd", "pmd + memory", "pmd (best on validation)"]
    best = json.loads((done / "best" / "best.json").read_text())
    assert report.rows[-1].policy_step == best["step"]
    metrics = lines(done / "metrics.jsonl")
    looked = {row["step"] + 1: row["validation/avg"] for row in metrics if "validation/avg" in row}
    assert set(looked) == {2, 3}
    assert best["score"] >= max(looked.values())
    assert set(report.rows[-1].per_env) == {"pmd/GSM8K-v0"}
    final = load_policy(str(done / "policy"))
    kept = load_file(done / "best" / "policy.safetensors")
    same = all(torch.equal(kept[name], value) for name, value in final.model.named_parameters())
    assert same == (best["step"] == 3)
    assert (done / "memory_growth.png").read_bytes().startswith(b"\x89PNG")


def test_every_file_and_metric_of_a_run_is_in_the_user_guide(done):
    guide = (Path(__file__).parent.parent / "docs" / "index.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.+?) \| ", guide, re.MULTILINE)
    documented = {name.rstrip("/") for row in rows for name in re.findall(r"`([^`]+)`", row)}
    files = {path.name for path in done.iterdir() if not path.name.startswith("events.out.")}
    assert files <= documented
    documented |= {f"validation{part}" for part in documented if part.startswith("/")}  # `validation/avg`, `/pass`
    named = re.compile("|".join(re.sub(r"\b[A-Z]+\b", r"[\\w-]+", re.escape(name)) for name in documented))
    metrics = {name for line in lines(done / "metrics.jsonl") for name in line}
    assert {name for name in metrics if not named.fullmatch(name)} == {"step"}


def test_the_memory_and_training_know_nothing_of_unseen_kinds(done):
    training, held_out = open_problems(TRAINED, "test")
    (unseen,) = open_unseen(TRAINED, "test")
    apart = unseen_kinds(unseen.env.family, [3])
    kinds = [{task.facts["kind"] for task in part.tasks} for part in (*training, *held_out, unseen)]
    assert not (kinds[0] | kinds[1]) & apart
    assert kinds[2] <= apart
    rows = json.loads((done / "unseen.json").read_text())
    assert [row["label"] for row in rows] == [row.label for row in Report.read(done / "report.json").rows]
    answers = lines(done / "unseen" / "pmd.jsonl")
    assert Counter(row["task_id"] for row in answers) == {task.id: 2 for task in unseen.tasks}
    assert rows[1]["overall"]["avg_at_k"] == pytest.approx(sum(row["score"] for row in answers) / len(answers))
    trained = {row["task_id"] for row in lines(done / "episodes.jsonl")}
    assert all("/train/seen/" in task_id for task_id in trained)


@pytest.mark.slow
def test_a_run_that_is_stopped_keeps_the_same_best(done, tmp_path, monkeypatch):
    record = RunFolder.record

    def killed(self, step, *rest):
        if step == 2:  # after the look, before anything of this step is durable
            raise KeyboardInterrupt
        record(self, step, *rest)

    monkeypatch.setattr(RunFolder, "record", killed)
    with pytest.raises(KeyboardInterrupt):
        execute(tmp_path / "run")
    monkeypatch.setattr(RunFolder, "record", record)
    execute(tmp_path / "run")
    for name in ("evaluation.jsonl", "metrics.jsonl", "best/best.json", "unseen.json"):
        assert (tmp_path / "run" / name).read_bytes() == (done / name).read_bytes(), name
    for name in ("validation/avg", "validation/pass", "held_out/frozen--start/avg", "held_out/pmd/avg", "train/reward"):
        assert scalars(tmp_path / "run", name) == scalars(done, name), name


def test_nothing_is_looked_at_or_kept_apart_unless_asked_for(tmp_path):
    report = execute(tmp_path / "run", "rlvr", replace(TRAINED, steps=1, unseen=0), Validation())
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert not names & {"best", "unseen", "unseen.json", "memory_growth.png"}
    assert [row.label for row in report.rows] == ["frozen (start)", "rlvr"]


def test_the_scores_before_training_are_at_step_0(done, monkeypatch):
    start, *after = Report.read(done / "report.json").rows
    before = json.loads((done / "validation_start.json").read_text())
    assert scalars(done, "held_out/frozen--start/avg") == {0: pytest.approx(start.overall.avg_at_k)}
    assert scalars(done, "unseen/frozen--start/avg").keys() == {0}
    assert scalars(done, "held_out/pmd/avg") == {3: pytest.approx(after[0].overall.avg_at_k)}
    looks = {row["step"] + 1: row["validation/avg"] for row in lines(done / "metrics.jsonl") if "validation/avg" in row}
    assert scalars(done, "validation/avg") == pytest.approx({0: before["validation/avg"], **looks})
    drawn = []
    monkeypatch.setattr("benchmarks.runner.learning_curve", lambda curve, *_: drawn.append(curve))
    plan = Plan(named_agent("pmd", {}), Weights("nano"), TRAINED, 0, validation=LOOKS)
    folder = RunFolder(done, plan.config, resume=True)
    Run(plan, None, (), (), folder, None)._draw([start, *after])
    folder.close()
    assert drawn[0].evaluations["validation"] == [(0, before["validation/avg"]), *looks.items()]
    assert drawn[0].evaluations["held out"][0] == (0, start.overall.avg_at_k)


def test_scores_stay_in_tensorboard_when_a_run_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.folder.load_checkpoint", lambda state, _: bool(state.step))
    monkeypatch.setattr("benchmarks.validation.BestKeeper._look", lambda *_: {"validation/avg": 0.25})
    metrics = [{"reward": 0.5}, {"reward": 0.25, "validation/avg": 0.75}, {"reward": 1.0}]
    for first in (0, 2):
        folder = RunFolder(tmp_path / "run", {}, resume=first > 0)
        folder.scalar("held_out/frozen/avg", 0.125, 0)  # measured before the checkpoint is read
        state = SimpleNamespace(step=first, memory=None)
        folder.restore(state)
        BestKeeper(LOOKS, (), Sampling(), 3, folder).begin(state)
        for step in range(first, 3):  # the third batch is repeated: the run was killed before its checkpoint
            folder.record(step, [], metrics[step], {}, {})
        folder.close()
        time.sleep(1.1)  # files of events are in the order of the seconds in their names
    assert scalars(tmp_path / "run", "held_out/frozen/avg") == {0: 0.125}
    assert scalars(tmp_path / "run", "validation/avg") == {0: 0.25, 2: 0.75}
    assert scalars(tmp_path / "run", "train/reward") == {0: 0.5, 1: 0.25, 2: 1.0}


def test_a_policy_that_is_not_trained_is_in_tensorboard_too(tmp_path):
    report = execute(tmp_path / "run", "frozen", replace(TRAINED, unseen=0), Validation())
    assert scalars(tmp_path / "run", "held_out/frozen/avg") == {0: pytest.approx(report.rows[0].overall.avg_at_k)}


def test_the_command_line_sets_both():
    assert (Options().validate_every, choose_suite(Options()).unseen) == (0, SUITES["default"].unseen)
    assert choose_suite(Options(unseen=7)).unseen == 7
    with pytest.raises(ConfigError, match="unseen = -1 is below 0"):
        choose_suite(Options(unseen=-1))


def test_headroom_is_what_a_perfect_choice_adds_to_a_vote(done):
    row = Report.read(done / "report.json").rows[1]
    found = row_metrics("held_out/pmd", row)
    assert found["held_out/pmd/headroom"] == pytest.approx(row.overall.pass_at_k - row.overall.maj_at_k)
    assert found["held_out/pmd/GSM8K-v0"] == row.per_env["pmd/GSM8K-v0"].avg_at_k
    # programs have no votes, and do not take those of the others away
    program = replace(row.per_env["pmd/GSM8K-v0"], maj_at_k=None, pass_at_k=1.0)
    both = replace(row, per_env={**row.per_env, "pmd/FunctionSynthesis-v0": program}, overall=program)
    assert row_metrics("x", both)["x/headroom"] == found["held_out/pmd/headroom"]
    assert row_metrics("x", both)["x/pass"] == 1.0
    assert "x/maj" not in row_metrics("x", replace(both, per_env={"pmd/FunctionSynthesis-v0": program}))


def test_tensorboard_has_what_the_files_have(done):
    events = EventAccumulator(str(done))
    events.Reload()
    tags = set(events.Tags()["scalars"])
    metrics = lines(done / "metrics.jsonl")
    names = {name for row in metrics for name in row} - {"step"}
    assert names >= {"kl_teacher", "kl_initial", "masked", "tokens/teacher", "validation/avg", "memory/insight"}
    assert {name if "/" in name else f"train/{name}" for name in names} <= tags
    assert {"held_out/pmd/avg", "held_out/pmd/headroom", "unseen/pmd/avg", "seconds/update"} <= tags
    looked = [(point.step, point.value) for point in events.Scalars("train/kl_teacher")]
    assert looked == [(row["step"], pytest.approx(row["kl_teacher"], rel=1e-5)) for row in metrics]


def test_a_run_that_goes_on_is_warned_of_what_began_before(tmp_path):
    plan = Plan(named_agent("rlvr", {}), Weights("nano"), SUITE, 0, "test", LOOKS)
    folder = RunFolder(tmp_path / "run", plan.config, resume=False)
    healthy, ill = ({"reward": reward, "completion_tokens": 60.0 * reward} for reward in (0.7, 0.1))
    for step, metrics in enumerate([healthy] * 12 + [ill] * 9):
        append(folder.path / "metrics.jsonl", [{"step": step, **metrics}])
    said = StringIO()
    state = SimpleNamespace(step=21, shown={})
    with Screen(Console(file=said, width=200)).training(30, state, folder) as journal:
        journal.record(21, [], ill, {})
    folder.close()
    assert "rewards are 0.15 below what they were" in said.getvalue()
    assert "completions have shrunk to a third" in said.getvalue()
