"""A training step beside TRL's: both sides do the same problems, and what they earned is told."""

import json
import sys
import warnings
from argparse import Namespace
from dataclasses import replace

import pytest
import torch
from test_agents_policies import CHATML
from tiny_policy import tiny_policy

from agents.policies import load_policy
from agents.records import View
from agents.rlvr import RLVR
from agents.sdpo import SDPO
from benchmarks.peers import trl_step, trl_trainers
from benchmarks.peers.our_steps import Steps, count_operations, order_of, take_steps
from benchmarks.suites import MEDIUM, EnvChoice, Suite
from pmd_envs import Verdict
from pmd_envs.errors import ConfigError

GSM8K = EnvChoice("pmd/GSM8K-v0", {"difficulty": 1, "granularity": "episode", "source": "generated"})


@pytest.fixture(autouse=True)
def quiet():
    """What TRL's dependencies warn of is not ours to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def small(*envs, steps=2):
    return Suite("small", envs, steps=steps, problems=2, rollouts=2, pool=2 * steps, max_new_tokens=4)


@pytest.fixture
def two_envs(toy_id):
    suite = small(GSM8K, EnvChoice(toy_id, {"granularity": "episode", "source": "generated"}))
    return suite, trl_step.open_problems(suite)


def chatting():
    policy = tiny_policy()
    policy.tokenizer.chat_template = CHATML
    return policy


@pytest.mark.parametrize(
    "agent", [pytest.param(RLVR(), id="rlvr", marks=pytest.mark.slow), pytest.param(SDPO(feedback=False), id="sdpo")]
)
def test_operations_are_counted_by_part_of_a_step(agent):
    policy = load_policy("nano")
    suite = replace(MEDIUM, envs=MEDIUM.envs[:1], steps=1, problems=12, pool=12, max_new_tokens=64)
    problems = trl_step.open_problems(suite)
    [step] = count_operations(agent, policy, problems, suite)
    # Twice the weights for each token of a prompt, and three times as much again where something is learnt.
    weights = sum(each.numel() for each in policy.model.model.layers.parameters())
    prompts = [len(policy.tokenizer(task.prompt)["input_ids"]) for task in problems[0].tasks]
    assert step["rollout"] > 2 * weights * sum(prompts)
    assert step["update"] > step["rollout"] / 4
    assert (step["targets"] > 0) == isinstance(agent, SDPO)
    assert step["observe"] == step["learn"] == 0


@pytest.fixture
def judged(monkeypatch, two_envs):
    """The ids of the tasks that are judged, each of whose first answers is right."""
    ids = []

    def verify(task, response):
        ids.append(task.id)
        return Verdict(float(ids.count(task.id) == 1), "")

    for part in two_envs[1]:
        monkeypatch.setattr(part.env.family, "verify", verify)
    return ids


@pytest.mark.parametrize("take", [trl_trainers.grpo_steps, trl_trainers.sdpo_steps], ids=["grpo", "sdpo"])
@pytest.mark.parametrize("make", [tiny_policy, chatting], ids=["plain", "chat"])
def test_trl_takes_the_problems_of_every_environment_in_our_order(take, make, two_envs, judged, tmp_path):
    suite, problems = two_envs
    policy = make()
    policy.model.save_pretrained(tmp_path)  # the teacher is loaded from there
    policy.model.config._name_or_path = str(tmp_path)
    steps = take(policy, problems, suite)
    order = order_of(problems, suite)
    assert judged == [task.id for step in range(2) for task in order.at(step) for _ in range(suite.rollouts)]
    assert len(set(judged)) == 8
    assert steps.rewards == [[1.0, 0.0] * 4] * 2
    assert len(steps.seconds) == 2
    assert min(steps.seconds) > 0


def test_ours_takes_them_too(two_envs, judged):
    suite, problems = two_envs
    steps = take_steps(RLVR(), tiny_policy(), problems, suite)
    order = order_of(problems, suite)
    assert sorted(judged) == sorted(task.id for step in range(2) for task in order.at(step) for _ in range(2))
    assert [sum(rewards) for rewards in steps.rewards] == [4.0, 4.0]
    assert steps.parts[0].keys() >= {"rollout", "update"}


@pytest.mark.parametrize("thinks", [False, True])
def test_a_model_that_chats_is_asked_the_same_through_its_template(thinks, two_envs):
    suite, problems = two_envs
    policy = chatting()
    policy.thinks = thinks
    [task, *_], family = problems[0].tasks, problems[0].env.family
    asked = trl_trainers.prompt_of(policy, task, problems[0])
    options = trl_trainers.arguments("folder", policy, suite, 4)["chat_template_kwargs"]
    theirs = policy.tokenizer.apply_chat_template(asked, add_generation_prompt=True, return_dict=False, **options)
    assert tuple(theirs) == policy.ask(View(task.prompt, family.instructions, "", "", family.continues))
    plain = tiny_policy()
    theirs = plain.tokenizer(text=trl_trainers.prompt_of(plain, task, problems[0]))["input_ids"]
    assert tuple(theirs) == plain.ask(View(task.prompt, family.instructions, "", "", family.continues))


@pytest.mark.parametrize(("device", "on_cpu"), [("cpu", True), ("cuda", False)])
def test_trl_takes_the_device_of_the_model_and_not_one_that_is_there_too(device, on_cpu, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: on_cpu)  # where it must not matter
    policy = Namespace(device=torch.device(device), thinks=False)
    assert trl_trainers.arguments("folder", policy, small(GSM8K), 2)["use_cpu"] is on_cpu


@pytest.mark.parametrize(("options", "device"), [([], "auto"), (["--device", "cpu"], "cpu")])
def test_a_step_is_measured_on_one_device(options, device, monkeypatch, capsys):
    asked, load = [], trl_step.load_policy

    def loading(name, device):
        asked.append(device)
        return load(name, "cpu")

    def took(seconds, rewards):
        return lambda *_: Steps([{"update": seconds}] * 3, [[1.0] * 4, [1.0] * 4, rewards])

    monkeypatch.setattr(trl_step, "load_policy", loading)
    monkeypatch.setattr(trl_step, "take_steps", took(0.25, [0.5, 0.0, 0.0, 0.0]))
    monkeypatch.setattr(trl_step, "grpo_steps", took(0.5, [1.0, 1.0, 0.0, 0.0]))
    monkeypatch.setattr(trl_step, "sdpo_steps", took(0.5, [0.0] * 4))
    monkeypatch.setattr(trl_step, "count_operations", lambda *_: [{"update": 1000}] * 3)
    monkeypatch.setattr(sys, "argv", ["trl_step.py", "--steps", "1", "--problems", "1", "--json", *options])
    assert trl_step.main() == 0
    found, table = json.loads((printed := capsys.readouterr()).out), printed.err
    assert asked == [device] * 6  # ours, TRL's, and the one whose operations are counted; twice
    assert (found["rlvr"]["device"], found["rlvr"]["ratio"]) == ("cpu", 2)
    assert found["sdpo"]["flops"] == {"update": 4000}
    assert "matrix products of this processor (cpu, torch.float32): " in table
    assert (found["rlvr"]["ours_rewarded"], found["rlvr"]["ours_mean_reward"]) == (0.25, 0.125)  # without warm-up
    assert (found["rlvr"]["trl_rewarded"], found["sdpo"]["trl_rewarded"]) == (0.5, 0.0)
    assert "sdpo: rewards above 0: ours 25.0% (mean 0.125), TRL 0.0% (mean 0.000)" in table
    assert found["environments"] == [choice.id for choice in MEDIUM.envs]


def asking(**options):
    return Namespace(**{"suite": "easy", "steps": 3, "problems": None, "tokens": None} | options)


def test_the_suite_says_what_the_command_line_does_not():
    found = trl_step.asked_suite(asking())
    assert (found.envs[0].kwargs["difficulty"], found.problems, found.max_new_tokens, found.steps) == (1, 4, 96, 5)
    assert found.pool == 20  # a problem is done once
    found = trl_step.asked_suite(asking(problems=2, tokens=7))
    assert (found.problems, found.max_new_tokens, found.pool) == (2, 7, 10)


STEPWISE = 'name = "stepwise"\n[[envs]]\nid = "pmd/GSM8K-v0"\nsource = "generated"\ngranularity = "step"\n'


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"suite": "esay"}, "unknown suite 'esay'. Did you mean 'easy'"),
        ({"steps": 0}, "--steps 0 is below 1"),
        ({"problems": 0}, "problems = 0 is below 1"),
        ({"suite": "{}stops.toml"}, "TRL's trainers end answers at"),
        ({"suite": "{}stepwise.toml"}, "pmd/GSM8K-v0 takes a step at a time; TRL's trainers need granularity"),
    ],
)
def test_what_cannot_be_compared_is_refused(options, message, tmp_path):
    (tmp_path / "stepwise.toml").write_text(STEPWISE)
    (tmp_path / "stops.toml").write_text(f'stop = ["\\n"]\n{STEPWISE}')
    options = {name: value.format(f"{tmp_path}/") if name == "suite" else value for name, value in options.items()}
    with pytest.raises(ConfigError) as refused:
        trl_step.open_problems(trl_step.asked_suite(asking(**options)))
    assert message in str(refused.value)
