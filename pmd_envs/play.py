"""Playing an environment in the terminal: a person types the steps, and sees at once what a policy would be told."""

from collections.abc import Iterator, Mapping
from typing import Any

import gymnasium

from pmd_envs.env import ReasoningEnv
from pmd_envs.env_ids import known_id
from pmd_envs.errors import ConfigError, unknown
from pmd_envs.registry import environment_ids
from pmd_envs.terminal import visible

try:
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text
except ImportError as error:
    raise ConfigError("playing in the terminal needs rich: pip install rich") from error

_HELP = "One step a line; /lines takes several, up to /end. /show solves it, /skip goes on, /quit ends."
_MARKS = {1: ("✓", "bold green"), 0: ("·", "dim"), -1: ("✗", "bold red")}


def play(env_id: str, settings: Mapping[str, Any], seed: int | None = None, console: Console | None = None) -> int:
    """Let a person play until they stop.

    Args:
        env_id: As for ``gymnasium.make``: ``module:id`` imports the module first.
        settings: Keyword arguments of the environment.
        seed: Seed of the first problem, 0 or more.
        console: Where it is shown and typed; the terminal by default.

    Raises:
        ConfigError: Unknown id or setting, a module that cannot be imported, a seed below 0, or input that is no text.
    """
    if seed is not None and seed < 0:
        raise ConfigError(f"seed={seed} is below 0")
    env_id = known_id(env_id)
    if env_id not in environment_ids():
        raise unknown("environment", env_id, environment_ids())
    env = gymnasium.make(env_id, **dict(settings), disable_env_checker=True).unwrapped
    assert isinstance(env, ReasoningEnv)
    game = _Game(env, console or Console())
    game.start(seed)
    while game.turn():
        pass
    game.say(f"\n{game.solved} of {game.played} solved.")
    return 0


class _Game:
    """A person at an environment."""

    def __init__(self, env: ReasoningEnv, console: Console) -> None:
        self.env, self._console = env, console
        self.solved = self.played = 0

    def say(self, text: str, style: str = "") -> None:
        """Print plain text: a problem may hold what looks like markup, or would steer the terminal."""
        self._console.print(Text(visible(text), style=style))

    def _frame(self, text: str, title: str = "", colour: str = "blue") -> None:
        self._console.print(Panel(Text(visible(text)), title=Text(visible(title)) or None, border_style=colour))

    def start(self, seed: int | None = None) -> None:
        """Show the next problem."""
        _, info = self.env.reset(seed=seed)
        self._frame(self.env.task.prompt, str(info["task_id"]))
        self.say(f"{info['instructions']}\n{_HELP}", "dim")

    def turn(self) -> bool:
        """Take one line; whether the game goes on."""
        try:
            line = self._console.input(Text(f"{self.env.turns_left} left > ", style="bold blue"))
            if line.strip() == "/lines":
                line = "\n".join(self._lines())
        except (EOFError, KeyboardInterrupt):
            return False
        except UnicodeDecodeError as error:  # what was read together with it is lost
            raise ConfigError(f"what was typed is not {error.encoding}: {error.reason}") from error
        match line.strip():
            case "/quit":
                return False
            case "/skip":
                self.start()
            case "/show":
                self.say(self.env.family.gold_solution(self.env.task), "yellow")
                self.played += 1
                self.start()
            case "":
                pass
            case _:
                self._step(line)
        return True

    def _lines(self) -> Iterator[str]:
        """What is typed up to a line with /end alone: a program may have empty lines."""
        while (line := self._console.input(Text("/end ends > ", style="bold blue"))).strip() != "/end":
            yield line

    def _step(self, action: str) -> None:
        before = len(self.env.step_verdicts)
        try:
            _, _, terminated, truncated, info = self.env.step(action)
        except ConfigError as error:  # such as for a line that is too long
            self.say(f"{error}; try again", "red")
            return
        for verdict in self.env.step_verdicts[before:]:
            mark, style = _MARKS[verdict.code]
            self.say(f"{mark} {verdict.reason}", style)
        if terminated or truncated:
            right = info["score"] == 1
            self.played += 1
            self.solved += right
            colour = "green" if right else "red"
            self._frame(f"score {info['score']:g}: {info['reason']}", colour=colour)
            self.start()
