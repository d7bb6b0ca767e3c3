"""Tools that a policy may call instead of taking a step: a calculator, and Python in the sandbox.

An action that says ``<calculator>12 * 7</calculator>`` or ``<python>...</python>`` is a call: it takes no step, and
the next observation's feedback is what the tool says. What is only thought, in ``<think>...</think>``, is no call, as
it is no step and no answer either: a model may think of a tool, and then answer.
"""

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import gymnasium

from pmd_envs.env import MAX_FEEDBACK, Observation
from pmd_envs.errors import ConfigError
from pmd_envs.sandbox import Limits, run_calls, show
from pmd_envs.thoughts import spoken
from pmd_envs.verifiers.arithmetic import evaluate
from pmd_envs.wrappers.base import Env, Outcome, Wrapper, reasoning_env, takes_observations_of

Tool: TypeAlias = Callable[[str], str]
"""From what stands between the tags to what the tool answers. It never raises because of the text."""

_MAX_CODE = 10_000
_SECONDS = 5.0
_ENTRY = "_value_of_the_last_line"
_VALUE = f"def {_ENTRY}():\n    return {{}}\n"
_PRINTED = f"""def {_ENTRY}():
    import builtins, contextlib, io
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        builtins.exec({{!r}}, builtins.globals())
    return text.getvalue()
"""


def calculator(text: str) -> str:
    """The exact value of an arithmetic expression with + - * / and brackets."""
    value = evaluate(text.strip())
    return "not an arithmetic expression" if value is None else str(value)


def python(code: str) -> str:
    """The value of the last line of a program, or what its last line or loop prints, run in the sandbox."""
    try:
        program, prints = _with_entry(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"not a program: {str(error).partition(chr(10))[0]}"
    result = run_calls(program, _ENTRY, [()], Limits(wall_seconds=_SECONDS))
    if not result.complete:
        return f"error: {result.failure}"
    outcome = result.outcomes[0]
    if outcome.error:
        return f"error: {outcome.error}"
    if prints and isinstance(outcome.value, str):
        text = outcome.value.removesuffix("\n")
        return text if len(text) <= MAX_FEEDBACK else f"{text[: MAX_FEEDBACK - 3]}..."
    return show(outcome.value, MAX_FEEDBACK)


def _with_entry(code: str) -> tuple[str, bool]:
    """The program with the value, or the output, of its last statement as the value of a function; whether it prints.

    It is parsed here and run elsewhere.
    """
    if len(code) > _MAX_CODE:
        raise ValueError(f"it has more than {_MAX_CODE} characters")
    tree = ast.parse(code.strip())
    last = tree.body.pop() if tree.body else None
    before = ast.unparse(tree)
    if isinstance(last, ast.Expr) and not _is_print(last.value):
        return f"{before}\n{_VALUE.format(ast.unparse(last.value))}", False
    if last is None or not (isinstance(last, ast.Expr) or _is_printing_loop(last)):
        raise ValueError("its last line has to be an expression, whose value is the answer, or a loop that prints")
    return f"{before}\n{_PRINTED.format(ast.unparse(last))}", True


def _is_print(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"


def _is_printing_loop(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.For, ast.While)) and any(map(_is_print, ast.walk(statement)))


TOOLS: Mapping[str, Tool] = {"calculator": calculator, "python": python}
_CALLS: Mapping[str, str] = {
    "calculator": "<calculator>12 * 7</calculator>",
    "python": "<python>sum(range(10))</python>",
}


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
        name, text = call
        told = f"{name}: {TOOLS[name](text)}"
        observation = {**self._last, "feedback": told[:MAX_FEEDBACK]}
        return observation, 0.0, False, False, self._counted({**self._info, "verified": 0})

    def _first_call(self, said: str) -> tuple[str, str] | None:
        """The first tool that is called and what with. Its text goes on to the next closing tag of the same tool."""
        last: dict[str, int] = {}  # where each tool is closed for the last time, so that each is looked for once
        for opening in self._opening.finditer(said):
            name, start = opening[1], opening.end()
            closing = f"</{name}>"
            if name not in last:
                last[name] = said.rfind(closing, start)
            if last[name] >= start:
                return name, said[start : said.index(closing, start)]
        return None

    def _counted(self, info: dict[str, Any]) -> dict[str, Any]:
        instructions = f"{info['instructions']}\n{self._told}"
        return {**info, "instructions": instructions, "tool_calls": self._calls}
