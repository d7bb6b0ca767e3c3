"""Checks that fail in the middle of an action: what was there before is there again, and no other episode is lost."""

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from hypothesis import given
from hypothesis import strategies as st
from toy_family import ToySums

from pmd_envs import ConfigError
from pmd_envs.env import ReasoningEnv
from pmd_envs.errors import VerifierError

LINES = ("1 + 1 = 2", "2 + 2 = 5", "Hm.", "<think>so", "so</think>", "#### 7")


def make(**kwargs):
    return ReasoningEnv("toy_family:ToySums", source="generated", **kwargs)


def failing(monkeypatch, method, text):
    """Have a method of the family fail where an action, or a response, holds this."""
    plain = getattr(ToySums, method)

    def fail(self, *arguments):
        if text in arguments[-1]:
            raise VerifierError("no sandbox")
        return plain(self, *arguments)

    monkeypatch.setattr(ToySums, method, fail)


def state(env):
    return env._observation(), env._info(0), env.step_verdicts, env.in_thought, env._over, env._accepted, env._potential


@pytest.mark.parametrize("method", ["check_step", "verify", "is_final", "cut_steps"])
@given(
    before=st.lists(st.sampled_from(LINES[:-1]), max_size=3),
    action=st.lists(st.sampled_from(LINES), max_size=3).map("\n".join),
    reward=st.sampled_from(["outcome", "shaped"]),
)
def test_an_action_whose_check_fails_has_not_been_taken(method, before, action, reward):
    failed = f"{action}\nboom 1 + 1 = 3\n#### 8"
    envs = [make(reward=reward) for _ in range(2)]
    for env in envs:
        env.reset(seed=4)
        for line in before:
            env.step(line)
    one, twin = envs
    known = state(one)
    with pytest.MonkeyPatch.context() as patched:
        if method == "is_final":
            patched.setattr(ToySums, "is_final", lambda *_: (_ for _ in ()).throw(VerifierError("no sandbox")))
        else:
            failing(patched, method, "boom")
        try:
            one.step(failed)
        except VerifierError:
            assert state(one) == known
        else:
            twin.step(failed)  # where all of it is thought
    assert state(one) == state(twin)
    if not one._over:
        assert one.step(action) == twin.step(action)


def test_the_action_can_be_taken_again(monkeypatch):
    env = make()
    env.reset(seed=1)
    gold = env.family.gold_solution(env.task)
    with monkeypatch.context() as patched:
        failing(patched, "verify", "####")
        with pytest.raises(VerifierError):
            env.step(gold)
    assert env.turns_left == 4
    _, reward, terminated, _, info = env.step(gold)
    assert (reward, terminated, info["score"]) == (1, True, 1)


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.DISABLED])
def test_where_one_check_fails_no_other_episode_is_lost(mode, toy_id, monkeypatch):
    vector = gymnasium.make_vec(toy_id, num_envs=3, source="generated", autoreset_mode=mode)
    vector.reset(seed=3)
    envs = [env.unwrapped for env in vector.envs]
    first = envs[0]
    gold = first.family.gold_solution(first.task)
    with monkeypatch.context() as patched:
        failing(patched, "check_step", "boom")
        with pytest.raises(VerifierError) as failure:
            vector.step((gold, "Hm.", "boom"))
    assert failure.value.__notes__ == ["Environment 2 has not taken its action; 2 of 3 have."]
    assert [env.turns_left for env in envs] == [3, 3, 4]
    assert first._info(0)["score"] == 1
    with pytest.raises(ResetNeeded, match="the episode of environment 0 is over"):
        vector.step(("Hm.",) * 3)
    observations, _ = vector.reset(options={"reset_mask": np.array([True, False, False])})
    assert observations["steps"] == ("", "Hm.", "")
    assert observations["turns_left"].tolist() == [4, 3, 4]
    vector.step(("Hm.",) * 3)
    vector.close()


def test_an_id_of_no_task_ends_no_episode(toy_id):
    vector = gymnasium.make_vec(toy_id, num_envs=2, source="generated")
    before, infos = vector.reset(seed=3)
    vector.step(("Hm.", "Hm."))
    with pytest.raises(ConfigError, match="task id 'nonsense'"):
        vector.reset(options={"task_ids": [str(infos["task_id"][1]), "nonsense"]})
    observations, *_ = vector.step(("So.", "So."))
    assert observations["problem"] == before["problem"]
    assert observations["steps"] == ("Hm.\nSo.", "Hm.\nSo.")
    vector.close()
