"""Problems that get harder as they are solved."""

from collections import deque
from typing import Any

import gymnasium

from pmd_envs.env import Observation, ReasoningEnv
from pmd_envs.errors import ConfigError
from pmd_envs.generated import GeneratedSource, level_of
from pmd_envs.sources import open_source
from pmd_envs.task_source import TaskSource
from pmd_envs.wrappers.base import Env, Outcome, Wrapper, reasoning_env


class Curriculum(Wrapper, gymnasium.utils.RecordConstructorArgs):
    """Raise the difficulty by one level whenever enough of the last problems were solved.

    It begins at the environment's own difficulty, or else at the first level that has its kinds of problem. Which kinds
    of a level are ``seen`` or ``unseen`` was decided by the environment, over all levels: a kind that it keeps out of
    one level is in none.
    ``info["difficulty"]`` is the level of the episode; one on a task of another level, that ``reset`` was asked for, is
    not counted. The level depends on scores alone, so the same seed and the same actions give the same problems.

    Args:
        env: A pmd environment of generated problems.
        raise_at: Solve rate of the last ``window`` episodes of a level at which the next one begins.
        window: Episodes that are looked at.

    Raises:
        ConfigError: The problems are published ones, which have no level, or have kinds that were chosen for one level
            (``difficulty=`` and ``kinds=``), or a number is out of range.
    """

    def __init__(self, env: Env, raise_at: float = 0.8, window: int = 20) -> None:
        if not 0 < raise_at <= 1:
            raise ConfigError(f"raise_at={raise_at} is not a rate above 0 and up to 1")
        if window < 1:
            raise ConfigError(f"window={window} is below 1")
        base = reasoning_env(env)
        gymnasium.utils.RecordConstructorArgs.__init__(self, raise_at=raise_at, window=window)
        gymnasium.Wrapper.__init__(self, env)
        self._source = _over_all_levels(base.dataset, base)
        self._levels = self._source.known
        own = self._source.levels
        self._place = self._levels.index(own[0]) if len(own) == 1 else 0
        self._raise_at = raise_at
        self._scores: deque[float] = deque(maxlen=window)

    @property
    def level(self) -> int:
        """The difficulty of the next episode."""
        return self._levels[self._place]

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode of the current level, unless ``options`` ask for a task of another one."""
        base = reasoning_env(self.env)
        base.dataset = self._tasks(base)
        observation, info = self.env.reset(seed=seed, options=options)
        self._playing = level_of(str(info["task_id"]))
        return observation, {**info, "difficulty": self._playing}

    def step(self, action: str) -> Outcome:
        """Take a step; after the last one of an episode the level may rise."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        if (terminated or truncated) and self._playing == self.level:
            self._count(float(info["score"]))
        return observation, float(reward), terminated, truncated, {**info, "difficulty": self._playing}

    def _tasks(self, base: ReasoningEnv) -> TaskSource:
        """Those of the current level: of the kinds that the environment had for it, when it was wrapped."""
        if base.kinds is None:
            return open_source(base.family, base.split, self.level, "generated")
        return self._source.at_level(self.level)

    def _count(self, score: float) -> None:
        self._scores.append(score)
        full = len(self._scores) == self._scores.maxlen
        last = self._place == len(self._levels) - 1
        if full and not last and sum(self._scores) >= self._raise_at * len(self._scores):
            self._place += 1
            self._scores.clear()


def _over_all_levels(source: TaskSource, base: ReasoningEnv) -> GeneratedSource:
    """The environment's tasks, if it can say of every level which ones they are.

    Raises:
        ConfigError: They have no level, or their kinds were chosen at one level: a kind that is held out there may be
            one to train on at the next, and the other way round.
    """
    if not isinstance(source, GeneratedSource):
        raise ConfigError(f"a curriculum needs source='generated': {source.name!r} problems have no level")
    if base.kinds is not None and len(source.asked) < len(base.family.difficulties):
        raise ConfigError(
            f"kinds={base.kinds!r} at difficulty={source.asked[0]} alone says nothing of the other levels of a "
            "curriculum: make the environment without a difficulty"
        )
    return source
