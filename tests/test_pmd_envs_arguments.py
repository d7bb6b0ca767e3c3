"""Arguments that there are not, and values that mean nothing, are named with the nearest right ones."""

import inspect

import gymnasium
import pytest

from pmd_envs import ConfigError, ReasoningEnv

ENV = "pmd/GSM8K-v0"


@pytest.mark.parametrize(
    "make",
    [
        lambda **kwargs: gymnasium.make(ENV, **kwargs),
        lambda **kwargs: gymnasium.make_vec(ENV, num_envs=2, **kwargs),
        lambda **kwargs: gymnasium.make_vec(ENV, num_envs=2, vectorization_mode="sync", **kwargs),
        lambda **kwargs: ReasoningEnv("pmd_envs.families.gsm8k:GSM8K", **kwargs),
    ],
    ids=["make", "make_vec", "sync", "class"],
)
@pytest.mark.parametrize(("typo", "meant"), [("sorce", "source"), ("dificulty", "difficulty"), ("spilt", "split")])
def test_a_typo_in_an_argument_is_answered_with_the_nearest(make, typo, meant):
    with pytest.raises(ConfigError, match=f"unknown argument '{typo}'. Did you mean '{meant}'?"):
        make(**{typo: "generated"})


@pytest.mark.parametrize(("typo", "meant"), [("autoreset", "autoreset_mode"), ("max_steps", "max_episode_steps")])
def test_a_vector_environment_has_arguments_of_its_own(typo, meant):
    with pytest.raises(ConfigError, match=f"unknown argument '{typo}'. Did you mean '{meant}'?"):
        gymnasium.make_vec(ENV, num_envs=2, **{typo: "Disabled"})


def test_whoever_asks_for_the_signature_finds_the_arguments():
    named = [name for name, one in inspect.signature(ReasoningEnv).parameters.items() if one.kind is one.KEYWORD_ONLY]
    assert named == [
        "split", "difficulty", "source", "granularity", "reward", "domain", "kinds", "feedback", "render_mode",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [True, False])
def test_a_difficulty_is_no_boolean(value):
    with pytest.raises(ConfigError, match=f"unknown difficulty of GSM8K {value}. Did you mean '1'?"):
        gymnasium.make(ENV, difficulty=value)


def test_a_reset_by_id_and_by_index_is_refused_and_ends_nothing():
    env = gymnasium.make(ENV, source="generated", difficulty=1)
    _, info = env.reset(options={"index": 3})
    env.step("1 + 1 = 2")
    with pytest.raises(ConfigError, match="by task_id or by index, and not by both"):
        env.reset(options={"index": 3, "task_id": info["task_id"]})
    assert env.step("1 + 1 = 2")[0]["steps"] == "1 + 1 = 2\n1 + 1 = 2"
