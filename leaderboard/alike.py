"""Which problems ask the same: a generator may draw one problem under several numbers.

A policy that solves one of them solves all of them, so they are one problem to whoever asks how scores vary from
problem to problem. Which these are is made again from their ids, whatever a run says.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

from leaderboard.errors import LeaderboardError
from leaderboard.rescoring import open_env
from pmd_envs.errors import PMDError
from pmd_envs.records import Json


def places_of_first(prompts: Sequence[str]) -> tuple[int, ...]:
    """For each problem the place of the first one that asks the same."""
    first: dict[str, int] = {}
    return tuple(first.setdefault(prompt, place) for place, prompt in enumerate(prompts))


def alike(env_id: str, kwargs: Mapping[str, Json], fingerprint: str, task_ids: Sequence[str]) -> tuple[int, ...]:
    """The same of problems by their ids; where their data is not here, each is one of its own."""
    return _alike(env_id, json.dumps(kwargs, sort_keys=True), fingerprint, tuple(task_ids))


@lru_cache(maxsize=256)
def _alike(env_id: str, kwargs: str, fingerprint: str, task_ids: tuple[str, ...]) -> tuple[int, ...]:
    try:
        env = open_env(env_id, json.loads(kwargs))
        if env.dataset.fingerprint != fingerprint:
            return tuple(range(len(task_ids)))
        return places_of_first([env.task_by_id(task_id).prompt for task_id in task_ids])
    except (PMDError, LeaderboardError):
        return tuple(range(len(task_ids)))


def different(same: Sequence[int]) -> int:
    """How many of the problems ask different things."""
    return len(set(same))


def alike_text(env_id: str, same: Sequence[int]) -> str:
    """The same in words."""
    return f"{different(same)} of the {len(same)} of {env_id} are different"
