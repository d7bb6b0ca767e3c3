"""Episodes on disk: written as they happen, and played again to see that they still happen.

One episode is one line of JSON: which task it was, the fingerprint of its data, and every action with what came of it.
An episode that was cut off by a new reset is not written.
"""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_origin

import gymnasium

from pmd_envs.env import Observation
from pmd_envs.errors import ConfigError, DatasetError
from pmd_envs.lines import add_object, is_torn
from pmd_envs.wrappers.base import Env, Outcome, Wrapper, reasoning_env, takes_observations_of

_BEGINS = '{"task_id": "'


@dataclass(frozen=True)
class RecordedStep:
    """One action and its outcome."""

    action: str
    feedback: str
    reward: float
    terminated: bool
    truncated: bool
    score: float


@dataclass(frozen=True)
class RecordedEpisode:
    """One episode from its reset to its end."""

    task_id: str
    fingerprint: str
    steps: tuple[RecordedStep, ...]


def read_episodes(path: Path) -> tuple[RecordedEpisode, ...]:
    """The episodes of a file, but for a last one that a killed process left torn.

    Raises:
        DatasetError: The file is not there or not UTF-8, or a line of it is no episode.
    """
    try:
        *lines, rest = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"cannot read the episodes of {path}: {error}") from error
    if rest and not is_torn(rest.encode(), _BEGINS.encode()):
        lines.append(rest)
    return tuple(_read(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line)


def _read(line: str, place: str) -> RecordedEpisode:
    try:
        row = json.loads(line)
        if not isinstance(row["steps"], list):
            raise TypeError("steps is not a list")
        steps = tuple(RecordedStep(**step) for step in row["steps"])
        episode = RecordedEpisode(row["task_id"], row["fingerprint"], steps)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DatasetError(f"{place} is not an episode: {error!r}") from error
    _hold_types(episode, f"{place} is not an episode: ")
    for i, step in enumerate(steps):
        _hold_types(step, f"{place} is not an episode: steps[{i}].")
    return episode


def _hold_types(record: RecordedEpisode | RecordedStep, where: str) -> None:
    for field in fields(record):
        value = getattr(record, field.name)
        kind = get_origin(field.type) or field.type
        assert isinstance(kind, type)  # no annotation of these records is a string
        whole = kind is float and type(value) is int  # and not True, which is no number
        if type(value) is not kind and not whole:
            raise DatasetError(f"{where}{field.name} is {value!r:.80}, not a {kind.__name__}")


def _step_of(action: str, outcome: Outcome) -> RecordedStep:
    observation, reward, terminated, truncated, info = outcome
    feedback, score = str(observation["feedback"]), float(info["score"])
    return RecordedStep(action, feedback, float(reward), bool(terminated), bool(truncated), score)


class RecordEpisodes(Wrapper, gymnasium.utils.RecordConstructorArgs):
    """Append every finished episode to a file.

    Args:
        env: A pmd environment.
        path: The file; episodes that are in it stay, but for a last one that a killed process left torn.
    """

    def __init__(self, env: Env, path: str | Path) -> None:
        gymnasium.utils.RecordConstructorArgs.__init__(self, path=str(path))  # as a spec can hold it
        gymnasium.Wrapper.__init__(self, env)
        takes_observations_of(env, "RecordEpisodes")
        self._path = Path(path)
        if self._path.is_dir():
            raise ConfigError(f"{path} is a folder, and episodes go into a file, such as {path}/episodes.jsonl")
        self._steps: list[RecordedStep] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode, and forget one that did not end."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._steps = []  # not before: an episode goes on if the reset is refused
        return observation, info

    def step(self, action: str) -> Outcome:
        """Take a step; after the last one the episode is written."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        outcome = observation, float(reward), terminated, truncated, info
        self._steps.append(_step_of(action, outcome))
        if terminated or truncated:
            task = reasoning_env(self.env).task
            episode = RecordedEpisode(task.id, task.fingerprint, tuple(self._steps))
            self._path.parent.mkdir(parents=True, exist_ok=True)
            add_object(self._path, json.dumps(asdict(episode)), _BEGINS)
        return outcome


class ReplayEpisodes(Wrapper, gymnasium.utils.RecordConstructorArgs):
    """Play recorded episodes again, one a reset, and hold that all is as it was.

    ``next_action`` is what the record did next. The file is read at once.

    Args:
        env: An environment with the same arguments as the recorded one.
        path: A file of :class:`RecordEpisodes`.

    Raises:
        DatasetError: The file has no episodes, or an outcome is another than the recorded one.
        ConfigError: An action is another one, or there are no more episodes.
    """

    def __init__(self, env: Env, path: str | Path) -> None:
        gymnasium.utils.RecordConstructorArgs.__init__(self, path=str(path))  # as a spec can hold it
        gymnasium.Wrapper.__init__(self, env)
        takes_observations_of(env, "ReplayEpisodes")
        self.episodes = read_episodes(Path(path))
        if not self.episodes:
            raise DatasetError(f"{path} has no episodes")
        self._place, self._taken = -1, 0

    @property
    def next_action(self) -> str:
        """The recorded action that comes next."""
        return self._expected().action

    def _expected(self) -> RecordedStep:
        steps = self.episodes[self._place].steps if self._place >= 0 else ()
        if self._taken >= len(steps):
            raise ConfigError("the recorded episode is over: call reset() for the next one")
        return steps[self._taken]

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start the next recorded episode; the record decides which task it is."""
        if options:
            raise ConfigError(f"a replay takes no reset options, but got {sorted(options)}")
        if self._place + 1 >= len(self.episodes):
            raise ConfigError(f"all {len(self.episodes)} recorded episodes have been played")
        episode = self.episodes[self._place + 1]
        observation, info = self.env.reset(seed=seed, options={"task_id": episode.task_id})
        self._place, self._taken = self._place + 1, 0
        if info["fingerprint"] != episode.fingerprint:
            raise DatasetError(
                f"episode {self._place + 1} was played on data {episode.fingerprint}, this is {info['fingerprint']}"
            )
        return observation, info

    def step(self, action: str) -> Outcome:
        """Take the recorded action and compare."""
        expected = self._expected()
        if action != expected.action:
            raise ConfigError(f"the record goes on with {expected.action!r:.80}, not with {action!r:.80}")
        observation, reward, terminated, truncated, info = self.env.step(action)
        outcome = observation, float(reward), terminated, truncated, info
        found = _step_of(action, outcome)
        if found != expected:
            raise DatasetError(f"episode {self._place + 1}, step {self._taken + 1}: {found} was {expected}")
        self._taken += 1
        return outcome
