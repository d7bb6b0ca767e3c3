"""Wrappers at their edges: the order they go in, what they are told wrongly, and what they leave on disk."""

import functools

import gymnasium
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from pmd_envs import ConfigError, ReasoningVectorEnv
from pmd_envs.wrappers import (
    ChatMessages,
    FewShot,
    RecordEpisodes,
    ReplayEpisodes,
    Tools,
)

ENV = "pmd/GSM8K-v0"


def make(env_id=ENV, **kwargs):
    return gymnasium.make(env_id, **{"source": "generated", **kwargs})


def gold_of(env):
    return env.unwrapped.family.gold_solution(env.unwrapped.task)


@pytest.mark.parametrize("wrap", [FewShot, Tools, ChatMessages, RecordEpisodes, ReplayEpisodes])
def test_a_chat_goes_outermost(wrap, tmp_path):
    arguments = (str(tmp_path / "episodes"),) if wrap in (RecordEpisodes, ReplayEpisodes) else ()
    with pytest.raises(ConfigError, match=f"ChatMessages goes outermost: {wrap.__name__} reads"):
        wrap(ChatMessages(make()), *arguments)


def as_lists(value):
    if isinstance(value, dict):
        return {key: as_lists(item) for key, item in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.DISABLED])
def test_chats_side_by_side_are_as_gymnasium_has_them(mode):
    makers = [lambda: ChatMessages(make(difficulty=1))] * 2

    def played(vector):
        found = [vector.reset(seed=4)]
        golds = [gold_of(env) for env in vector.envs]
        assert found[0][0] in vector.observation_space
        for actions in (("1 + 1 = 3", "Hm."), tuple(golds)):
            found.append(vector.step(actions))
            assert found[-1][0] in vector.observation_space
        return [[as_lists(part) for part in parts] for parts in found]

    found = played(ReasoningVectorEnv.of(makers, mode))
    assert found == played(SyncVectorEnv(makers, autoreset_mode=mode))
    assert found[-1][1] == [1, 1]


def test_chats_and_others_do_not_go_side_by_side():
    with pytest.raises(ConfigError, match=r"ChatMessages.*are not like those of.*wrap all of them alike"):
        ReasoningVectorEnv.of([make, lambda: ChatMessages(make())])
    ReasoningVectorEnv.of([make, functools.partial(make, "pmd/Countdown-v0")]).close()
