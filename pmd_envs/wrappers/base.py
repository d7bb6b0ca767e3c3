"""The pmd environment inside of any number of wrappers."""

from typing import Any, TypeAlias

import gymnasium
from gymnasium import spaces

from pmd_envs.env import Observation, ReasoningEnv
from pmd_envs.errors import ConfigError

Env: TypeAlias = gymnasium.Env[Observation, str]
Wrapper: TypeAlias = gymnasium.Wrapper[Observation, str, Observation, str]
Outcome: TypeAlias = tuple[Observation, float, bool, bool, dict[str, Any]]


def reasoning_env(env: gymnasium.Env[Any, Any]) -> ReasoningEnv:
    """The innermost environment.

    Raises:
        ConfigError: It is not one of ours.
    """
    inner = env.unwrapped
    if not isinstance(inner, ReasoningEnv):
        raise ConfigError(f"{inner!r} is not a pmd environment")
    return inner


def takes_observations_of(env: Env, wrapper: str) -> None:
    """Hold that ``env`` is one of ours, whose observations nothing has yet made into something else.

    Raises:
        ConfigError: It is not, and ``wrapper`` could not read them.
    """
    reasoning_env(env)
    if not isinstance(env.observation_space, spaces.Dict):
        raise ConfigError(
            f"ChatMessages goes outermost: {wrapper} reads observations that are dictionaries, and those of {env} "
            "are none"
        )
