"""Solved examples before each problem."""

import random
from typing import Any

import gymnasium

from pmd_envs.datasets import publishes
from pmd_envs.env import Observation, ReasoningEnv
from pmd_envs.errors import ConfigError
from pmd_envs.records import Problem, Task
from pmd_envs.sources import open_source
from pmd_envs.task_source import MAX_PROBLEM
from pmd_envs.wrappers.base import Env, Outcome, Wrapper, reasoning_env, takes_observations_of

_RANGE = 100_000


class FewShot(Wrapper, gymnasium.utils.RecordConstructorArgs):
    """Show other problems of the train split, with their solutions, before the problem.

    The examples are the same in every episode, except that a problem is never its own example. Those that do not fit
    into the observation are left out, the last one first. Where a published data set has no train split, as that of
    MATH500, or no solutions, as that of LiveCodeBench, they are generated problems of the train split, of all levels.

    Args:
        env: A pmd environment.
        count: How many examples.
        seed: Which ones.

    Raises:
        ConfigError: ``count`` is below 1, or the environment is not one of ours or has ``ChatMessages`` inside.
        DatasetError: The train split cannot be read, or there is none or one without solutions and the family has no
            generator.
    """

    def __init__(self, env: Env, count: int = 2, seed: int = 0) -> None:
        if count < 1:
            raise ConfigError(f"count={count} is below 1: a few-shot prompt has at least one example")
        gymnasium.utils.RecordConstructorArgs.__init__(self, count=count, seed=seed)
        gymnasium.Wrapper.__init__(self, env)
        takes_observations_of(env, "FewShot")
        self._count = count
        self._examples = self._draw(seed)

    def _draw(self, seed: int) -> list[Task]:
        """One example more than needed, of different content."""
        base = reasoning_env(self.env)
        source = open_source(base.family, "train", None, _place(base), "seen" if base.kinds else None)
        rng = random.Random(f"few-shot/{base.family.scope}/{seed}")
        chosen: dict[str, Task] = {}
        for _ in range(20 * (self._count + 1)):
            task = source.at(rng.randrange(source.size or _RANGE))
            chosen.setdefault(_content(base, task), task)
            if len(chosen) > self._count:
                break
        for task in chosen.values():
            base.family.gold_solution(task)  # one that has none is refused here, and not in the middle of a run
        return list(chosen.values())

    def _with_examples(self, observation: Observation) -> Observation:
        problem = str(observation["problem"])
        base = reasoning_env(self.env)
        own = _content(base, base.task)
        others = [task for task in self._examples if _content(base, task) != own][: self._count]
        shown = [f"{task.prompt}\n\n{base.family.gold_solution(task)}" for task in others]
        while shown and len("\n\n\n".join([*shown, problem])) > MAX_PROBLEM:
            shown.pop()
        return {**observation, "problem": "\n\n\n".join([*shown, problem])}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode; the examples stand before its problem."""
        observation, info = self.env.reset(seed=seed, options=options)
        return self._with_examples(observation), info

    def step(self, action: str) -> Outcome:
        """Take an action; the examples stay."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        return self._with_examples(observation), float(reward), terminated, truncated, info


def _content(base: ReasoningEnv, task: Task) -> str:
    """What makes two problems the same one, which may be asked in other words."""
    return base.family.content(Problem(task.prompt, task.gold, task.facts))


def _place(base: ReasoningEnv) -> str:
    """Where the examples come from: where the environment's own problems do, if there are solved ones to train on."""
    where, data = base.dataset.name, base.family.dataset
    if data is None or where == "generated":
        return where
    if data.solved and publishes(data, "train", "local" if where == "local" else "hub"):
        return where
    return "generated" if base.family.difficulties else where
