"""Observations as the messages of a chat."""

from typing import Any, TypeAlias

import gymnasium
from gymnasium import spaces

from pmd_envs.env import MAX_RESPONSE, Observation
from pmd_envs.spaces import UnicodeText
from pmd_envs.task_source import MAX_PROBLEM
from pmd_envs.wrappers.base import Env, reasoning_env, takes_observations_of

Message: TypeAlias = dict[str, str]
Messages: TypeAlias = tuple[Message, ...]
ROLES = ("system", "user", "assistant")


class ChatMessages(gymnasium.Wrapper[Messages, str, Observation, str], gymnasium.utils.RecordConstructorArgs):
    """Each observation is the whole conversation so far, as chat templates take it.

    The system message says how an answer has to look, the first user message is the problem, every action is an
    assistant message, and what was wrong with it, or in the end the verdict, is the user's reply. An observation is a
    tuple of dictionaries with the keys ``role`` and ``content``. Wrappers that read observations go inside of it.

    Args:
        env: A pmd environment.
    """

    def __init__(self, env: Env) -> None:
        gymnasium.utils.RecordConstructorArgs.__init__(self)
        gymnasium.Wrapper.__init__(self, env)  # type: ignore[misc]  # it cannot tell the two kinds of observation apart
        takes_observations_of(env, "ChatMessages")
        self._inner = env
        message = spaces.Dict(role=UnicodeText(16), content=UnicodeText(MAX_PROBLEM + MAX_RESPONSE))
        self.observation_space = spaces.Sequence(message)
        self._messages: list[Message] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Messages, dict[str, Any]]:
        """Start an episode: instructions and problem."""
        observation, info = self._inner.reset(seed=seed, options=options)
        self._messages = [
            {"role": "system", "content": str(info["instructions"])},
            {"role": "user", "content": str(observation["problem"])},
        ]
        return self._copy(), info

    def step(self, action: str) -> tuple[Messages, float, bool, bool, dict[str, Any]]:
        """Take an action and add it, and the reply to it, to the conversation."""
        observation, reward, terminated, truncated, info = self._inner.step(action)
        self._messages.append({"role": "assistant", "content": action})
        ended = terminated or truncated  # by a TimeLimit in between without a verdict, so without a reason
        verdict = (
            info["reason"] if reasoning_env(self).feedback else ""
        )  # what a tool says is no feedback on an attempt
        reply = str(verdict or observation["feedback"]) or ("The episode is over." if ended else "Go on.")
        self._messages.append({"role": "user", "content": reply})
        return self._copy(), float(reward), terminated, truncated, info

    def _copy(self) -> Messages:
        return tuple(dict(message) for message in self._messages)
