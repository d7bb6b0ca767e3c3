"""Tools that a policy may call instead of taking a step: a calculator, and Python in the sandbox.

An action that says ``<calculator>12 * 7</calculator>`` or ``<python>...</python>`` is a call: it takes no step, and
the next observation's feedback is what the tool says, and whether the action said more, which nobody reads: a call
stands alone. What is only thought, in ``<think>...</think>``, is no call, as
it is no step and no answer either: a model may think of a tool, and then answer.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import gymnasium

from pmd_envs.env import MAX_FEEDBACK, Observation
from pmd_envs.errors import ConfigError
from pmd_envs.thoughts import spoken
from pmd_envs.verifiers.arithmetic import evaluate
from pmd_envs.wrappers.base import Env, Outcome, Wrapper, reasoning_env, takes_observations_of
from pmd_envs.wrappers.python_tool import python

Tool: TypeAlias = Callable[[str], str]
"""From what stands between the tags to what the tool answers. It never raises because of the text."""


def calculator(text: str) -> str:
    """The exact value of an arithmetic expression with + - * / and brackets."""
    value = evaluate(text.strip())
    return "not an arithmetic expression" if value is None else str(value)


TOOLS: Mapping[str, Tool] = {"calculator": calculator, "python": python}
_CALLS: Mapping[str, str] = {
    "calculator": "<calculator>12 * 7</calculator> (the value of an expression)",
    "python": "<python>sum(range(10))</python> (what a program prints, and the value of its last line if that is an "
    "expression)",
}
_ONLY = "Nothing else in such an action is read."
_UNREAD = "\n(Only this call was read, and not what stands before or after it.)"


class Tools(Wrapper, gymnasium.utils.RecordConstructorArgs):
    """Let a policy call tools between its steps.

    A call stands outside of thoughts, and leaves the episode as it was: a thought that an earlier action began is still
    open after it.

    ``info["instructions"]`` also says how tools are called, and ``info["tool_calls"]`` counts the calls of an episode.
    When ``max_calls`` are used up, an action with a call in it is a step like any other.

    Args:
        env: A pmd environment.
        names: The tools that may be called.
        max_calls: Calls an episode.

    Raises:
        ConfigError: A tool that there is not, a limit below 1, or ``ChatMessages`` inside of it.
    """

    def __init__(self, env: Env, names: tuple[str, ...] = ("calculator", "python"), max_calls: int = 8) -> None:
        unknown = [name for name in names if name not in TOOLS]
        if unknown or not names:
            raise ConfigError(f"tools {list(names)} are not among {', '.join(TOOLS)}")
        if max_calls < 1:
            raise ConfigError(f"max_calls={max_calls} is below 1")
        # A list, as which it comes back from JSON: specs are compared.
        gymnasium.utils.RecordConstructorArgs.__init__(self, names=list(names), max_calls=max_calls)
        gymnasium.Wrapper.__init__(self, env)
        takes_observations_of(env, "Tools")
        self.starts_processes = "python" in names
        self._told = (
            f"Instead of a step you may call a tool, up to {max_calls} times, and are told what it says: "
            + " or ".join(_CALLS[name] for name in names)
            + f". {_ONLY}"
        )
        self._opening = re.compile(f"<({'|'.join(names)})>")
        self._max_calls = max_calls
        self._calls = 0
        self._last: Observation | None = None
        self._info: dict[str, Any] = {}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode with no calls."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._calls, self._last, self._info = 0, dict(observation), info  # copied: a wrapper may change what it gets
        return observation, self._counted(info)

    def step(self, action: str) -> Outcome:
        """Call a tool, or take a step."""
        # What is no action, such as a text that is too long, is no call either: the environment refuses it.
        said = spoken(action, reasoning_env(self.env).in_thought) if action in self.action_space else ""
        call = self._first_call(said)
        if call is None or self._last is None or self._calls >= self._max_calls:
            observation, reward, terminated, truncated, info = self.env.step(action)
            self._last, self._info = (None if terminated or truncated else dict(observation)), info
            return observation, float(reward), terminated, truncated, self._counted(info)
        self._calls += 1
        name, text, alone = call
        told = f"{name}: {TOOLS[name](text)}"
        feedback = told[:MAX_FEEDBACK] if alone else f"{told[: MAX_FEEDBACK - len(_UNREAD)]}{_UNREAD}"
        observation = {**self._last, "feedback": feedback}
        return observation, 0.0, False, False, self._counted({**self._info, "verified": 0})

    def _first_call(self, said: str) -> tuple[str, str, bool] | None:
        """The first tool that is called, what with, and whether nothing else is said.

        The text of a call goes on to the next closing tag of the same tool.
        """
        last: dict[str, int] = {}  # where each tool is closed for the last time, so that each is looked for once
        for opening in self._opening.finditer(said):
            name, start = opening[1], opening.end()
            closing = f"</{name}>"
            if name not in last:
                last[name] = said.rfind(closing, start)
            if last[name] >= start:
                end = said.index(closing, start)
                rest = said[: opening.start()] + said[end + len(closing) :]
                return name, said[start:end], not rest.strip()
        return None

    def _counted(self, info: dict[str, Any]) -> dict[str, Any]:
        instructions = f"{info['instructions']}\n{self._told}"
        return {**info, "instructions": instructions, "tool_calls": self._calls}
