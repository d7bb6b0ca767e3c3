"""Which problems ask the same: a generator may draw one problem under several numbers, with other names or examples.

A policy that solves one of them can solve all of them, so they are one problem to whoever asks how scores vary from
problem to problem: what their family takes for one (:meth:`pmd_envs.Family.content`), as it does where it keeps splits
apart. A function to write is the same whatever examples its text has. Which these are is made again from their ids,
whatever a run says.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from leaderboard.errors import LeaderboardError
from leaderboard.rescoring import open_env
from pmd_envs import Family, Problem, Task
from pmd_envs.errors import PMDError
from pmd_envs.records import Json


def places_of_first(contents: Sequence[str]) -> tuple[int, ...]:
    """For each problem, by what it asks, the place of the first one that asks the same."""
    first: dict[str, int] = {}
    return tuple(first.setdefault(content, place) for place, content in enumerate(contents))


def contents_of(family: Family, tasks: Iterable[Task]) -> list[str]:
    """What tasks ask, but for names, wording and examples."""
    return [family.content(Problem(task.prompt, task.gold, task.facts)) for task in tasks]


def alike(env_id: str, kwargs: Mapping[str, Json], fingerprint: str, task_ids: Sequence[str]) -> tuple[int, ...]:
    """The same of problems by their ids; where their data is not here, each is one of its own."""
    return _alike(env_id, json.dumps(kwargs, sort_keys=True), fingerprint, tuple(task_ids))


@lru_cache(maxsize=256)
def _alike(env_id: str, kwargs: str, fingerprint: str, task_ids: tuple[str, ...]) -> tuple[int, ...]:
    try:
        env = open_env(env_id, json.loads(kwargs))
        if env.dataset.fingerprint != fingerprint:
            return tuple(range(len(task_ids)))
        return places_of_first(contents_of(env.family, map(env.task_by_id, task_ids)))
    except (PMDError, LeaderboardError):
        return tuple(range(len(task_ids)))


def different(same: Sequence[int]) -> int:
    """How many of the problems ask different things."""
    return len(set(same))


def alike_text(env_id: str, same: Sequence[int]) -> str:
    """The same in words."""
    return f"{different(same)} of the {len(same)} of {env_id} are different"
