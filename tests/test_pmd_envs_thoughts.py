"""What a reasoning model thinks before it answers is neither its answer nor a step of it, in any family."""

import random

import gymnasium
import pytest

import pmd_envs
from pmd_envs.env import load_family
from pmd_envs.rg import catalogue
from pmd_envs.sources import open_source
from pmd_envs.thoughts import end_of_thought, is_thinking, spoken, start_of_open_thought, without_thinking

IDS = pmd_envs.environment_ids(reasoning_gym=False)
BLOCKS = (
    "<think>{}</think>\n",
    "{}\n</think>\n",
    "<Thinking>\n{}\n</thinking>\n",
    "<think>a</think><think>{}</think>\n",
)
each_family = pytest.mark.parametrize("env_id", IDS)


def make(env_id="pmd/GSM8K-v0", **kwargs):
    return gymnasium.make(env_id, **{"source": "generated", "difficulty": 1, **kwargs})


def played(env, response):
    env.reset(seed=1)
    *_, info = env.step(response)
    return info["score"], info["first_wrong_step"], info["reason"]


@each_family
@pytest.mark.parametrize("block", BLOCKS)
def test_a_response_is_judged_without_its_thoughts(env_id, block):
    env = make(env_id, granularity="episode")
    env.reset(seed=1)
    family, task = env.unwrapped.family, env.unwrapped.task
    gold, wrong = family.gold_solution(task), family.wrong_solution(random.Random(0), task)
    for thought, said in ((wrong, gold), (gold, wrong), (f"2 + 2 = 5\n```python\n{wrong}\n```", gold)):
        response = block.format(thought) + said
        assert played(env, response) == played(env, said)
        assert family.verify(task, response) == family.verify(task, said)
        assert family.answer(response) == family.answer(said)
        assert [*map(str.strip, family.split_steps(response))] == [*map(str.strip, family.split_steps(said))]


@each_family
def test_what_a_thought_that_never_ends_holds_is_no_answer(env_id):
    env = make(env_id, granularity="episode")
    env.reset(seed=1)
    gold = env.unwrapped.family.gold_solution(env.unwrapped.task)
    for response in (f"<think>{gold}", f"<think>\n```python\n{gold}\n```\n", f"<think></think><thinking>\n{gold}"):
        assert played(env, response)[0] == 0
        assert not env.unwrapped.family.answer(response)


@pytest.mark.parametrize("env_id", ["pmd/GSM8K-v0", "pmd/Arithmetic-v0", "pmd/MATH500-v0", "pmd/Countdown-v0"])
def test_steps_after_a_long_thought_are_checked(env_id):
    env = make(env_id, granularity="episode")
    env.reset(seed=1)
    said = "2 + 2 = 5\n" + env.unwrapped.family.gold_solution(env.unwrapped.task)
    response = "<think>" + "2 + 2 is 4, so far.\n" * 2_500 + "</think>" + said
    family, task = env.unwrapped.family, env.unwrapped.task
    assert family.verify(task, response).first_wrong_step == family.verify(task, said).first_wrong_step == 0
    assert played(env, response)[1] == 0


def test_a_thought_may_go_over_several_actions():
    env = make()
    env.reset(seed=1)
    gold = env.unwrapped.family.gold_solution(env.unwrapped.task)
    for action in ("<think>Let me see.", "2 + 2 = 5", "#### 7"):
        observation, reward, terminated, truncated, info = env.step(action)
        assert (reward, terminated, truncated, info["verified"], observation["feedback"]) == (0, False, False, 0, "")
    assert observation["steps"] == "<think>Let me see.\n2 + 2 = 5\n#### 7"  # the policy goes on from there
    *_, info = env.step("2 + 2 = 5</think>1 + 1 = 2\n1 + 1 = 3")
    assert (info["verified"], info["first_wrong_step"]) == (-1, 1)
    _, reward, terminated, _, info = env.step(gold)
    assert (reward, terminated, info["first_wrong_step"]) == (1, True, 1)


@pytest.mark.parametrize("reward", ["outcome", "shaped"])
def test_what_is_said_before_a_thought_is_checked(reward):
    env = make(reward=reward)
    env.reset(seed=1)
    gold = env.unwrapped.family.gold_solution(env.unwrapped.task)
    rewards = []
    for action in ("1 + 1 = 3<think>hm", "</think>2 + 2 = 5<think>", "so", "</think>" + gold):
        observation, reward_of_step, terminated, _, info = env.step(action)
        rewards.append(reward_of_step)
    assert (terminated, info["first_wrong_step"], info["score"]) == (True, 0, 1)
    text = observation["steps"]
    assert text.startswith("1 + 1 = 3\n<think>hm\n</think>\n2 + 2 = 5\n<think>\nso\n</think>\n")
    assert sum(rewards) == pytest.approx(1)
    assert rewards[:3] == ([0, 0, 0] if reward == "outcome" else [pytest.approx(-0.1), pytest.approx(-0.1), 0])
    at_once = make(granularity="episode")
    at_once.reset(seed=1)
    *_, said = at_once.step(text)
    assert {key: said[key] for key in ("score", "first_wrong_step")} == {"score": 1, "first_wrong_step": 0}


def test_an_answer_ends_the_episode_also_before_a_thought():
    ends = []
    for granularity in ("step", "episode"):
        env = make(granularity=granularity)
        env.reset(seed=1)
        gold = env.unwrapped.family.gold_solution(env.unwrapped.task)
        for action in (
            [*gold.split("\n")[:-1], gold.split("\n")[-1] + "<think>"] if granularity == "step" else [gold + "<think>"]
        ):
            _, _, terminated, _, info = env.step(action)
        ends.append((terminated, info["score"], info["reason"]))
    assert ends[0] == ends[1]
    assert ends[0][0]


def test_an_episode_whose_thought_never_ends_scores_nothing():
    env = make()
    env.reset(seed=1)
    gold = env.unwrapped.family.gold_solution(env.unwrapped.task)
    env.step("<think>")
    truncated = False
    while not truncated:
        _, reward, terminated, truncated, info = env.step(gold)
        assert (reward, terminated) == (0, False)
    assert info["reason"].startswith("no final answer")
    assert env.reset(seed=1)[0]["steps"] == ""
    assert env.step(gold)[1] == 1  # the next episode is not in the thought of the last one


def test_another_submission_is_not_in_the_thought_of_the_last_one():
    env = make("pmd/FunctionSynthesis-v0")
    env.reset(seed=1)
    observation, *_, info = env.step("<think>\n```python\ndef solve")
    assert (observation["feedback"], info["verified"]) == ("the response contains no program", -1)
    assert env.step(env.unwrapped.family.gold_solution(env.unwrapped.task))[1] == 1


def test_reasoning_gyms_answers_are_those_after_the_thoughts():
    pytest.importorskip("reasoning_gym")
    family = load_family(catalogue.family_path("gcd"))
    task = open_source(family, "train", family.difficulties[0], "generated").at(1)
    gold, wrong = family.gold_solution(task), "<answer>0</answer>"
    for response, score in (
        (f"<think>{wrong}</think>{gold}", 1),
        (f"<think>{gold}</think>{wrong}", 0),
        (f"{gold}</think>", 0),
        (f"<think>{gold}", 0),
    ):
        assert family.verify(task, response).score == score, response
        assert len(family.split_steps(response)) == response.startswith(f"<think>{wrong}") + response.endswith(wrong)


@pytest.mark.parametrize(
    ("response", "said"),
    [
        ("a", "a"),
        ("<think>a</think>b", "b"),
        ("a</think>b", "b"),
        ("a<think>b</think>c<THINKING>d</Thinking>e", "ace"),
        ("<think><think>a</think>b", "b"),
        ("<think>a", None),
        ("a<think>b</think>c<think>", None),
        ("a < think > b", "a < think > b"),
    ],
)
def test_what_is_said(response, said):
    assert without_thinking(response) == said
    assert spoken(response) == (said or "")
    assert is_thinking(response, False) is (said is None)


def test_where_a_thought_ends():
    assert is_thinking("a", True)
    assert not is_thinking("a</think>", True)
    assert is_thinking("a</think><think>", True)
    assert end_of_thought("a</think>b</think>") == len("a</think>")
    assert end_of_thought("<think>a") == 0


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", 0),
        ("a", 1),
        ("a<think>b", 1),
        ("a<think>b<think>", 1),
        ("a<think>b</think>c", 18),
        ("</think>a<THINKING>b", 9),
    ],
)
def test_where_the_thought_begins_that_is_open_at_the_end(text, start):
    assert start_of_open_thought(text) == start


@pytest.mark.parametrize(
    ("response", "said"),
    [
        ("a", ""),
        ("a</think>b", "b"),
        ("a<think>b</think>c", "c"),
        ("a</think>b<think>c</think>d", "bd"),
        ("</think>a<think>", ""),
    ],
)
def test_what_is_said_after_a_thought_that_was_open_before(response, said):
    assert spoken(response, before=True) == said
