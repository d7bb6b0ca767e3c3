"""What one episode does, turn by turn, on a family small enough to know every number."""

import copy
import pickle

import gymnasium
import pytest

from pmd_envs.env import MAX_CHECKED_STEPS, MAX_FEEDBACK, MAX_RESPONSE
from pmd_envs.records import StepVerdict


@pytest.fixture
def env(toy_id):
    # Without Gymnasium's time limit, which calls an episode that ends in its last turn truncated as well.
    return gymnasium.make(toy_id, source="generated", difficulty=1, max_episode_steps=-1)


def known_task(env):
    """Start an episode; the numbers of its sum."""
    env.reset(seed=0)
    facts = env.unwrapped.task.facts
    return facts["a"], facts["b"]


def test_turns_marks_and_feedback(env):
    a, b = known_task(env)
    observation, reward, terminated, truncated, info = env.step("First I think.")
    assert (observation["turns_left"], observation["feedback"], info["verified"]) == (3, "", 0)
    observation, _, _, _, info = env.step(f"{a} + {b} = {a + b + 1}")
    assert (observation["turns_left"], info["verified"], info["first_wrong_step"]) == (2, -1, 1)
    assert observation["feedback"] == f"{a} + {b} is {a + b}"
    observation, reward, terminated, truncated, info = env.step(f"{a} + {b} = {a + b}")
    assert (observation["feedback"], info["verified"], reward, terminated, truncated) == ("", 1, 0, False, False)
    observation, reward, terminated, truncated, info = env.step(f"#### {a + b}")
    assert (reward, terminated, truncated, info["score"], info["reason"]) == (1, True, False, 1, "right")
    assert observation["steps"].splitlines()[0] == "First I think."
    assert observation["feedback"] == ""
    assert info["first_wrong_step"] == 1


def test_turns_used_up_are_a_truncation_with_a_verdict(env):
    known_task(env)
    ends = [env.step("Hm.") for _ in range(4)]
    assert [truncated for *_, truncated, _ in ends] == [False, False, False, True]
    observation, _, terminated, _, info = ends[-1]
    assert (observation["turns_left"], terminated, info["score"]) == (0, False, 0)
    assert info["reason"] == observation["feedback"] == "there is no answer"


def test_an_answer_in_the_last_turn_terminates(env):
    a, b = known_task(env)
    for _ in range(3):
        env.step("Hm.")
    _, reward, terminated, truncated, _ = env.step(f"#### {a + b}")
    assert (reward, terminated, truncated) == (1, True, False)


def test_several_lines_in_one_action_are_several_steps(env):
    a, b = known_task(env)
    observation, _, _, _, info = env.step(f"Hm.\n\n  {a} + {b} = {a + b}  \n")
    assert observation["steps"] == f"Hm.\n{a} + {b} = {a + b}"
    assert (observation["turns_left"], info["verified"]) == (3, 1)
    assert [verdict.ok for verdict in env.unwrapped.step_verdicts] == [None, True]


def test_one_wrong_line_marks_the_action_wrong(env):
    a, b = known_task(env)
    *_, info = env.step(f"{a} + {b} = {a + b}\n1 + 1 = 3\n1 + 1 = 4")
    assert (info["verified"], info["first_wrong_step"]) == (-1, 1)
    assert env.step("Hm.")[0]["feedback"] == ""  # feedback is about the last action


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))], ids=["copy", "pickle"])
@pytest.mark.parametrize("thoughts", [(), ("<think>hm",), ("<think>hm", "and so on"), ("Hm.", "<think>hm")])
def test_a_copy_goes_on_as_the_original(toy_id, thoughts, copied):
    env = gymnasium.make(toy_id, source="generated", difficulty=1)
    known_task(env)
    for thought in thoughts:
        env.step(thought)
    twin = copied(env)
    action = ("</think>\n" if thoughts else "") + "1 + 1 = 2\n1 + 1 = 3"
    outcome = env.step(action)
    assert twin.step(action) == outcome
    assert outcome[4]["first_wrong_step"] == 1 + ("Hm." in thoughts)


def test_whole_responses_are_one_turn(toy_id):
    env = gymnasium.make(toy_id, source="generated", granularity="episode")
    assert env.reset(seed=0)[0]["turns_left"] == 1
    observation, reward, terminated, truncated, info = env.step("I give up.")
    assert (observation["turns_left"], reward, terminated, truncated, info["score"]) == (0, 0, True, False, 0)


def test_shaped_rewards_pay_checked_steps_and_take_it_back(toy_id):
    env = gymnasium.make(toy_id, source="generated", reward="shaped")
    a, b = known_task(env)
    assert env.step(f"{a} + {b} = {a + b}")[1] == pytest.approx(0.1)
    assert env.step("1 + 1 = 3")[1] == pytest.approx(-0.1)
    assert env.step("Hm.")[1] == 0
    assert env.step(f"#### {a + b}")[1] == pytest.approx(1)
    known_task(env)
    assert env.step(f"{a} + {b} = {a + b}")[1] == pytest.approx(0.1)
    assert env.step("#### 0")[1] == pytest.approx(-0.1)


def test_shaped_rewards_pay_five_checked_steps_of_each_sign_and_no_more(toy_id):
    env = gymnasium.make(toy_id, source="generated", reward="shaped")
    for step, sign in (("1 + 1 = 2\n", 1), ("1 + 1 = 3\n", -1)):
        known_task(env)
        assert env.step(step * 5)[1] == pytest.approx(sign * 0.5)
        assert env.step(step)[1] == 0
    a, b = known_task(env)  # and what the last episode was paid is not taken from this one
    assert env.step(f"#### {a + b}")[1] == 1


def test_an_observation_has_the_end_of_the_steps_and_the_beginning_of_the_feedback(env, monkeypatch):
    known_task(env)
    wrong = StepVerdict(False, "First." + "x" * MAX_FEEDBACK)
    monkeypatch.setattr(type(env.unwrapped.family), "check_step", lambda *_: wrong)
    env.step("y" * MAX_RESPONSE)
    observation, *_ = env.step("The last.")
    assert observation["steps"].endswith("The last.")
    assert observation["feedback"] == wrong.reason[:MAX_FEEDBACK]
    assert observation in env.observation_space


def test_feedback_is_about_the_first_wrong_step_of_an_action(env):
    known_task(env)
    assert env.step("1 + 1 = 3\n2 + 2 = 5")[0]["feedback"] == "1 + 1 is 2"


def test_a_step_is_checked_after_those_that_were_not_wrong(env, monkeypatch):
    known_task(env)
    check, seen = type(env.unwrapped.family).check_step, []

    def note(family, task, accepted, step):
        seen.append(accepted)
        return check(family, task, accepted, step)

    monkeypatch.setattr(type(env.unwrapped.family), "check_step", note)
    env.step("Hm.\n1 + 1 = 3\n1 + 1 = 2")
    env.step("So.")
    assert seen == [(), ("Hm.",), ("Hm.",), ("Hm.", "1 + 1 = 2")]


def test_steps_beyond_the_limit_are_not_checked_but_may_end_the_episode(toy_id):
    env = gymnasium.make(toy_id, source="generated", granularity="episode")
    a, b = known_task(env)
    response = "1 + 1 = 2\n" * MAX_CHECKED_STEPS + f"1 + 1 = 3\n#### {a + b}"
    observation, reward, _, _, info = env.step(response)
    assert (reward, info["first_wrong_step"]) == (1, -1)
    assert observation["steps"] == response
    assert [verdict.ok for verdict in env.unwrapped.step_verdicts[-2:]] == [True, None]


def test_what_is_beyond_the_limit_is_one_step_that_may_end_an_episode_of_steps(toy_id):
    env = gymnasium.make(toy_id, source="generated", granularity="step", max_episode_steps=None)
    a, b = known_task(env)
    assert not env.step("1 + 1 = 2\n" * (MAX_CHECKED_STEPS - 1))[2]
    observation, *_, info = env.step("Hm.\n1 + 1 = 3\nSo:\n")
    assert (len(env.unwrapped.step_verdicts), info["first_wrong_step"]) == (MAX_CHECKED_STEPS + 1, -1)
    assert observation["steps"].endswith("= 2\nHm.\n1 + 1 = 3\nSo:")
    _, reward, terminated, _, info = env.step(f"Right.\n#### {a + b}")
    assert (reward, terminated, info["score"]) == (1, True, 1)
    assert len(env.unwrapped.step_verdicts) == MAX_CHECKED_STEPS + 2


def test_rendering_marks_each_step(toy_id):
    env = gymnasium.make(toy_id, source="generated", render_mode="ansi")
    a, b = known_task(env)
    env.step("Hm.")
    env.step("1 + 1 = 3")
    env.step(f"{a} + {b} = {a + b}\n#### {a + b}")
    assert env.render().splitlines()[-6:] == [
        "· Hm.",
        "✗ 1 + 1 = 3   ← 1 + 1 is 2",
        f"✓ {a} + {b} = {a + b}",
        f"✓ #### {a + b}",
        "",
        "score 1: right",
    ]
