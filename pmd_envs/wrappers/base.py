"""The pmd environment inside of any number of wrappers."""

from typing import Any, TypeAlias

import gymnasium

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
