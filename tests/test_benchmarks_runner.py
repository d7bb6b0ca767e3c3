"""What a run can do besides training: say what it would take, use evaluations again, ask a served model."""

import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from test_agents_served import answer_of, serving
from tiny_policy import tiny_policy

from agents.records import Episode, Group
from agents.registry import make_agent
from agents.served import PREFIX, ServedPolicy
from benchmarks.estimate import Trial, estimate, workload
from benchmarks.evaluate import Problems
from benchmarks.folder import RunFolder
from benchmarks.options import Options
from benchmarks.ready import prepare
from benchmarks.report import collect_provenance
from benchmarks.run import main
from benchmarks.runner import accelerator
from benchmarks.suites import EnvChoice, Suite
from leaderboard.records import Report
from leaderboard.reproducibility import SERVED
from pmd_envs import Verdict

ENV = EnvChoice("pmd/GSM8K-v0", {"granularity": "episode", "source": "generated", "difficulty": 1})
SUITE = Suite("small", (ENV,), steps=3, problems=2, rollouts=2, pool=4, held_out=3, k=2, max_new_tokens=8)


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
    return main()


@pytest.fixture
def suite_file(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(
        'name = "small"\nsteps = 1\nproblems = 1\nrollouts = 2\npool = 2\nheld_out = 3\nk = 2\nmax_new_tokens = 8\n'
        '[[envs]]\nid = "pmd/GSM8K-v0"\nsource = "generated"\ndifficulty = 1\n'
    )
    return path


def test_the_work_of_a_run_by_hand():
    held_out = (Problems.open(ENV, "test", 3),)
    frozen, pmd = make_agent("frozen", {}), make_agent("pmd", {})
    assert workload(SUITE, frozen, held_out).answers == 3 * 2
    work = workload(SUITE, pmd, held_out)
    assert (work.training, work.reflections, work.held_out) == (3 * 2 * 2, 3 * 2, 3 * 3 * 2)
    tried = Trial(prompt_tokens=10, completion_tokens=4, seconds=0.5, pass_seconds=0.25)
    found = estimate(SUITE, pmd, tiny_policy(), held_out, tried)
    assert (found.prompt_tokens, found.completion_tokens) == (36 * 10, 36 * 4)
    assert found.most_completion_tokens == 36 * 8
    assert found.seconds == pytest.approx(36 * 0.5 + 12 * 4 * 0.25)
    served = ServedPolicy.named("openai:m@http://127.0.0.1:9/v1")
    asked = estimate(SUITE, frozen, served, held_out, None)
    assert (asked.seconds, asked.completion_tokens) == (None, 6 * 8)


def test_a_dry_run_estimates_and_writes_nothing(tmp_path, suite_file, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "--agent", "pmd", "--suite", str(suite_file), "--dry-run", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["workload"] == {"training": 2, "reflections": 1, "held_out": 18}
    assert 0 < found["completion_tokens"] <= found["most_completion_tokens"] == 21 * 8
    assert found["seconds"] > 0
    assert found["prompt"].startswith("Problem: ")
    assert found["prompt"].endswith("Solve it.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["small.toml"]


@pytest.mark.parametrize(
    ("arm", "later"),
    [
        ("pmd", "after which there are behaviors to show"),
        ("pmd-frozen-memory", "after which the policy begins to learn"),
        ("pmd-transient", ""),
        ("sdpo", ""),
    ],
)
def test_a_run_of_no_more_than_an_epoch_says_what_it_goes_without(arm, later, suite_file):
    suite_file.write_text(suite_file.read_text().replace("steps = 1", "steps = 2"))
    said = prepare(Options(agent=arm, suite=str(suite_file))).too_short_for()
    assert said == (f"2 training steps are no more than an epoch (2), {later}" if later else "")
    suite_file.write_text(suite_file.read_text().replace("steps = 2", "steps = 3"))
    assert prepare(Options(agent=arm, suite=str(suite_file))).too_short_for() == ""


@pytest.mark.parametrize("name", ["quick", "default"])
def test_the_suites_that_people_begin_with_are_longer_than_an_epoch(name):
    assert prepare(Options(agent="pmd-frozen-memory", suite=name)).too_short_for() == ""


def test_an_empty_memory_is_not_measured(tmp_path, suite_file, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = ("--agent", "pmd-transient", "--suite", str(suite_file), "--no-post", "--threads", "1")
    assert run(monkeypatch, *asked, "--out", "one") == 0
    assert [row.label for row in Report.read(tmp_path / "one/report.json").rows] == ["frozen (start)", "pmd-transient"]


def test_two_runs_share_the_evaluation_of_their_start(tmp_path, suite_file, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    common = ("--suite", str(suite_file), "--no-post", "--cache", "cache", "--threads", "1")
    assert run(monkeypatch, "--agent", "frozen", *common, "--out", "one") == 0
    assert "taken from" not in capsys.readouterr().out
    assert run(monkeypatch, "--agent", "rlvr", *common, "--out", "two") == 0
    assert "evaluation of frozen (start): taken from cache" in capsys.readouterr().out
    assert run(monkeypatch, "--agent", "rlvr", *common[:-4], "--threads", "1", "--out", "three") == 0
    started = [(tmp_path / name / "evaluation" / "frozen--start.jsonl").read_bytes() for name in ("two", "three")]
    assert started[0] == started[1]
    for name in ("metrics.jsonl", "evaluation.jsonl"):
        assert (tmp_path / "two" / name).read_bytes() == (tmp_path / "three" / name).read_bytes()


def test_runs_that_end_with_equal_weights_and_memory_share_all_evaluations(tmp_path, suite_file, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    common = ("--agent", "pmd", "--suite", str(suite_file), "--no-post", "--cache", "cache", "--threads", "1")
    labels = ("frozen (start)", "pmd", "pmd + memory")
    assert run(monkeypatch, *common, "--out", "one") == 0
    assert "taken from" not in capsys.readouterr().out
    assert len(list((tmp_path / "cache").iterdir())) == len(labels)
    assert run(monkeypatch, *common, "--out", "two") == 0
    said = capsys.readouterr().out
    assert all(f"evaluation of {label}: taken from cache" in said for label in labels)
    assert (tmp_path / "one" / "evaluation.jsonl").read_bytes() == (tmp_path / "two" / "evaluation.jsonl").read_bytes()


def test_training_episodes_are_written_with_what_their_teachers_were_shown(tmp_path):
    [task] = Problems.open(ENV, "train", 1).tasks
    episodes = tuple(Episode(f"0.0.{i}", task, (), Verdict(0.0, "no answer"), "no", 0) for i in range(2))
    folder = RunFolder(tmp_path / "run", {}, resume=False)
    folder.record(0, [Group(task, episodes)], {}, {}, {"0.0.1": "Strategies:\n- count\n"})
    first, second = map(json.loads, (tmp_path / "run" / "episodes.jsonl").read_text().splitlines())
    assert "teacher" not in first
    assert second["teacher"] == "Strategies:\n- count\n"
    assert (second["task_id"], second["fingerprint"]) == (task.id, task.fingerprint)
    folder.close()


def test_a_served_model_is_measured_and_its_answers_are_kept(tmp_path, suite_file, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with serving(lambda *_: (200, {}, answer_of("#### 12"))) as (url, script):
        asked = ("--agent", "frozen", "--suite", str(suite_file), "--policy", f"openai:tiny@{url}", "--no-post")
        assert run(monkeypatch, *asked, "--out", "run", "--json") == 0
        printed = capsys.readouterr()
        report = json.loads(printed.out)
        assert (report["policy"], report["rows"][0]["label"]) == (f"openai:tiny@{url}", "frozen")
        said = " ".join(printed.err.split())
        assert "6 requests (0 of them again)" in said
        assert "the server counted 42 prompt tokens and 18 completion tokens" in said
        assert report["usage"] == {"prompt_tokens": 42, "completion_tokens": 18}
        assert len((tmp_path / "run" / "evaluation.jsonl").read_text().splitlines()) == 6
        (tmp_path / "run" / "evaluation" / "frozen.jsonl").unlink()
        assert run(monkeypatch, *asked, "--out", "run", "--resume") == 0
        assert len(script.requests) == 6
        kept = json.loads((tmp_path / "run" / "report.json").read_text())
        assert kept["usage"] == report["usage"]  # those of the process before, once
        assert run(monkeypatch, *asked, "--dry-run") == 0
        assert len(script.requests) == 6
        script.plan = lambda *_: (400, {}, b"too long")
        capsys.readouterr()
        assert run(monkeypatch, *asked, "--out", "other", "--seed", "1") == 1
        assert "refused a request to 'tiny' with status 400: too long" in capsys.readouterr().err


def test_the_gpu_of_a_run_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"GPU {device.index}")
    on = {name: SimpleNamespace(device=torch.device(name)) for name in ("cpu", "cuda:1")}
    assert [accelerator(policy) for policy in on.values()] == ["", "GPU 1"]
    assert accelerator(ServedPolicy.named("openai:m@http://127.0.0.1:9/v1")) == ""
    assert collect_provenance(tmp_path, 1, "GPU 1").accelerator == "GPU 1"


@pytest.mark.parametrize("agent", ["rlvr", "pmd", "memory-prompt"])
def test_a_served_model_cannot_be_trained(agent, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "--agent", agent, "--policy", "openai:m@http://127.0.0.1:9/v1") == 2
    [line] = capsys.readouterr().err.splitlines()
    assert f"--agent {agent} trains" in line
    assert "use --agent frozen" in line
    assert PREFIX == SERVED  # the leaderboard does not import agents
    assert not list(tmp_path.iterdir())


def test_a_report_names_the_code_that_ran_and_not_what_the_checkout_became(tmp_path, suite_file, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = ("--agent", "frozen", "--suite", str(suite_file), "--no-post", "--threads", "1", "--out", "run")
    commits = iter(["a" * 40, "a" * 40, "b" * 40, "b" * 40])

    def provenance(*arguments):
        assert not list((tmp_path / "run").glob("evaluation/*"))  # nothing was measured yet
        return replace(collect_provenance(*arguments), commit=next(commits), dirty=False)

    monkeypatch.setattr("benchmarks.runner.collect_provenance", provenance)
    found = []
    for resume in ((), ("--resume",), ("--resume",), ("--resume",)):
        assert run(monkeypatch, *asked, *resume) == 0
        code = json.loads((tmp_path / "run" / "report.json").read_text())["provenance"]
        found.append((code["commit"][0], code["dirty"]))
        for file in (tmp_path / "run").glob("evaluation/*"):
            file.unlink()
    assert found == [("a", False), ("a", False), ("b", True), ("b", True)]
    assert (tmp_path / "run" / "code.txt").read_text().split() == ["a" * 40, "a" * 40, "b" * 40, "b" * 40]
