"""Measuring a policy on held-out problems: k attempts at each, every attempt kept for the leaderboard to check."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode

from agents.policy import Policy, Sampling
from agents.prompts import render_blocks
from agents.records import Group
from agents.rollout import Help, Rollout, roll_out
from agents.sampling import Advance
from agents.served import ServedPolicy
from benchmarks.files import write_text
from benchmarks.report import EnvSamples
from benchmarks.suites import EnvChoice
from leaderboard.alike import contents_of, places_of_first
from pmd_envs import ReasoningEnv, ReasoningVectorEnv, Task
from pmd_envs.errors import ConfigError, unknown
from pmd_envs.records import Json

_MEASURE_AGAIN = "delete it, and --resume measures again"
_PATIENCE = 20
"""So many generated problems in a row, or more, have to ask nothing new before others are given up."""


@dataclass(frozen=True)
class Problems:
    """The problems of one environment and split that a run uses."""

    choice: EnvChoice
    split: str
    env: ReasoningEnv
    tasks: tuple[Task, ...]

    @property
    def same(self) -> tuple[int, ...]:
        """For each problem the place of the first one that asks the same."""
        return places_of_first(contents_of(self.env.family, self.tasks))

    @classmethod
    def open(cls, choice: EnvChoice, split: str, count: int) -> "Problems":
        """The first ``count`` problems of a split, the same for every seed.

        Published data is sampled evenly from its first row to its last. Where the data has fewer rows than asked
        for, all are taken.
        """
        if choice.id not in gymnasium.registry:
            raise unknown("environment", choice.id, [name for name in gymnasium.registry if name.startswith("pmd/")])
        try:
            env = gymnasium.make(choice.id, split=split, **choice.kwargs).unwrapped  # type: ignore[arg-type]  # ours
        except TypeError as error:
            raise ConfigError(f"{choice.id}: {error}") from error
        assert isinstance(env, ReasoningEnv)
        size = env.dataset.size
        if size is None:
            indices = list(range(count))
        else:
            indices = [i * size // count for i in range(count)] if count < size else list(range(size))
        return cls(choice, split, env, tuple(env.dataset.at(i) for i in indices))

    @classmethod
    def open_distinct(cls, choice: EnvChoice, split: str, count: int) -> "Problems":
        """Up to ``count`` problems that ask different things, the first of those that ask the same.

        A generator has only so many of a kind. It has no others if of many in a row none asks anything new. Of
        published rows those are taken that :meth:`open` takes, and of these each problem once.
        """
        part = cls.open(choice, split, count)
        found = {task.prompt: task for task in reversed(part.tasks)}
        tasks = [task for task in part.tasks if found[task.prompt] is task]
        in_vain, index, patience = 0, len(part.tasks), max(count, _PATIENCE)
        while part.env.dataset.size is None and len(tasks) < count and in_vain < patience:
            task = part.env.dataset.at(index)
            index, in_vain = index + 1, in_vain + 1
            if task.prompt not in found:
                found[task.prompt], in_vain = task, 0
                tasks.append(task)
        return replace(part, tasks=tuple(tasks))


def lanes(problems: Sequence[Problems], copies: Sequence[int]) -> ReasoningVectorEnv:
    """A vector environment with ``copies[i]`` sub-environments for ``problems[i]``; the tasks are always chosen."""
    makers = []
    for part, count in zip(problems, copies, strict=True):
        make = partial(gymnasium.make, part.choice.id, split=part.split, **part.choice.kwargs)  # type: ignore[arg-type]
        makers += [partial(_bare, make)] * count
    return ReasoningVectorEnv.of(makers, AutoresetMode.DISABLED)


def _bare(make: partial[gymnasium.Env[dict[str, str | int], str]]) -> ReasoningEnv:
    """Without Gymnasium's checking wrappers: actions come from our own policy, thousands at a time."""
    env = make().unwrapped
    assert isinstance(env, ReasoningEnv)
    return env


def evaluate(  # noqa: PLR0913  as for roll_out
    policy: Policy | ServedPolicy,
    problems: Sequence[Problems],
    rollout: Rollout,
    *,
    policy_step: int,
    help_with: Help | None = None,
    advance: Advance | None = None,
    first: int = 0,
) -> list[Group]:
    """K attempts at every problem, environment after environment; ``first`` is the number of the first attempt."""
    env = lanes(problems, [len(part.tasks) * rollout.rollouts for part in problems])
    tasks = [task for part in problems for task in part.tasks]
    try:
        return roll_out(
            env, policy, tasks, rollout, policy_step=policy_step, help_with=help_with, advance=advance, first=first
        )
    finally:
        env.close()


def write_evaluation(
    groups: Sequence[Group], problems: Sequence[Problems], label: str, path: Path, help_with: Help | None = None
) -> None:
    """Write every attempt as the leaderboard wants it, with what the policy was shown if it was helped."""
    owner = {task.id: part for part in problems for task in part.tasks}
    lines = []
    for group in groups:
        part = owner[group.task.id]
        blocks = help_with(group.task) if help_with is not None else None
        for sample, episode in enumerate(group.episodes):
            row: dict[str, Json] = {
                "row": label,
                "env": part.choice.id,
                "kwargs": {"split": part.split, **part.choice.kwargs},
                "task_id": group.task.id,
                "fingerprint": group.task.fingerprint,
                "sample": sample,
                "response": episode.response,
                "score": episode.verdict.score,
                "reason": episode.verdict.reason,
            }
            if blocks is not None:
                row["context"] = render_blocks(blocks)
            lines.append(json.dumps(row) + "\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, "".join(lines))


def read_samples(path: Path, problems: Sequence[Problems]) -> Mapping[str, EnvSamples]:
    """Scores and stated answers of a written evaluation, by environment.

    Raises:
        ConfigError: It is not what was written.
    """
    rows = _read_rows(path, [task.id for part in problems for task in part.tasks])
    samples = {}
    for part in problems:
        own = [row for row in rows if row["env"] == part.choice.id]
        shape = (len(part.tasks), len(own) // len(part.tasks))
        answers = [part.env.family.answer(row["response"]) for row in own]
        scores = np.array([row["score"] for row in own], dtype=np.float64).reshape(shape)
        stated = None
        if all(answer is not None for answer in answers):
            grid = np.array(answers, dtype=object).reshape(shape)
            stated = [[str(answer) for answer in row] for row in grid]
        samples[part.choice.id] = EnvSamples(scores, stated, part.same)
    return samples


def _read_rows(path: Path, task_ids: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of an evaluation: equally many of each task, one task after the other."""
    try:
        rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
        asked = [row["task_id"] for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}; {_MEASURE_AGAIN}") from error
    if not rows or asked != [task_id for task_id in task_ids for _ in range(len(rows) // len(task_ids))]:
        raise ConfigError(f"{path} does not have the attempts at each problem; {_MEASURE_AGAIN}")
    return rows


def samples_of(groups: Sequence[Group], problems: Sequence[Problems]) -> Mapping[str, EnvSamples]:
    """Scores and stated answers of groups that are in the order of the problems, by environment."""
    samples, done = {}, 0
    for part in problems:
        own = groups[done : done + len(part.tasks)]
        done += len(part.tasks)
        scores = np.array([[e.verdict.score for e in group.episodes] for group in own], dtype=np.float64)
        answers = [[part.env.family.answer(e.response) for e in group.episodes] for group in own]
        votes = [[str(answer) for answer in row] for row in answers if None not in row]
        samples[part.choice.id] = EnvSamples(scores, votes if len(votes) == len(answers) else None, part.same)
    return samples


def held_out_rollout(k: int, sampling: Sampling, seed: int) -> Rollout:
    """The evaluation's own sampling, apart from training's for the same seed.

    Raises:
        ConfigError: The seed is one that no bootstrap takes.
    """
    if seed < 0:
        raise ConfigError(f"--seed {seed} is below 0")
    return Rollout(k, sampling, seed=1_000_003 * (seed + 1))
