"""Which training problems come when."""

import random
from dataclasses import dataclass
from functools import cached_property

from pmd_envs import Task
from pmd_envs.errors import ConfigError


@dataclass(frozen=True)
class TaskStream:
    """Batches over a fixed pool of training problems, reshuffled every epoch.

    A batch holds ``per_env`` problems of each pool, pool after pool.
    """

    pools: tuple[tuple[Task, ...], ...]
    per_env: int
    seed: int

    def __post_init__(self) -> None:
        small = min((len(pool) for pool in self.pools), default=0)
        if small < self.per_env:
            raise ConfigError(f"a pool of {small} problems is too small for {self.per_env} problems a batch")

    @cached_property
    def tasks(self) -> dict[str, Task]:
        """Every training problem by id."""
        return {task.id: task for pool in self.pools for task in pool}

    @cached_property
    def epoch_steps(self) -> int:
        """Batches in which the smallest pool is seen once."""
        return min(len(pool) for pool in self.pools) // self.per_env

    def at(self, step: int) -> tuple[Task, ...]:
        """The problems of one batch."""
        epoch, place = divmod(step, self.epoch_steps)
        batch: list[Task] = []
        for number, pool in enumerate(self.pools):
            order = list(pool)
            random.Random(f"tasks/{self.seed}/{epoch}/{number}").shuffle(order)
            batch += order[place * self.per_env : (place + 1) * self.per_env]
        return tuple(batch)
