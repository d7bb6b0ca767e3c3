"""Scoring responses again with the verifiers of this checkout.

Run folders come from anywhere, so an episode may only name registered ids and the settings that choose problems:
anything else (above all ``family``, a module to import) is refused before Gymnasium sees it.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import gymnasium

from leaderboard.episodes import EvaluatedEpisode
from leaderboard.errors import RefusedError
from pmd_envs import environment_ids
from pmd_envs.env import ReasoningEnv
from pmd_envs.errors import ConfigError, DatasetError, VerifierError, unknown
from pmd_envs.records import Json

SAMPLE_SIZE = 200
ALLOWED_KWARGS = ("split", "difficulty", "source", "granularity", "reward")


def choose(episodes: Sequence[EvaluatedEpisode], seed: str) -> list[EvaluatedEpisode]:
    """The episodes to score again: all, or :data:`SAMPLE_SIZE` of them drawn with ``seed``."""
    if len(episodes) <= SAMPLE_SIZE:
        return list(episodes)
    return random.Random(seed).sample(episodes, SAMPLE_SIZE)


def rescore(episodes: Sequence[EvaluatedEpisode]) -> list[float]:
    """The score of each response according to this checkout.

    Raises:
        RefusedError: Its environment, problem or data is not the one available here, or its verifier broke.
    """
    opened: dict[tuple[str, str], ReasoningEnv] = {}
    scores = []
    for episode in episodes:
        with _as_refusal(episode):
            key = episode.env, json.dumps(episode.kwargs, sort_keys=True)
            if key not in opened:
                opened[key] = _open(episode.env, episode.kwargs)
            scores.append(_score(opened[key], episode))
    return scores


def _score(env: ReasoningEnv, episode: EvaluatedEpisode) -> float:
    if env.dataset.fingerprint != episode.fingerprint:
        raise RefusedError(
            f"{episode.env} was evaluated on data with fingerprint {episode.fingerprint!r}; available here is "
            f"{env.dataset.name!r} with {env.dataset.fingerprint!r}, so its scores cannot be confirmed"
        )
    return env.family.verify(env.task_by_id(episode.task_id), episode.response).score


def _open(env_id: str, kwargs: Mapping[str, Json]) -> ReasoningEnv:
    if env_id not in environment_ids():
        raise unknown("environment", env_id, environment_ids())
    for name, value in kwargs.items():
        if name not in ALLOWED_KWARGS:
            raise unknown("environment setting", name, ALLOWED_KWARGS)
        if isinstance(value, list | dict):
            raise RefusedError(f"environment setting {name!r} is {value!r:.80}, not a single value")
    settings: dict[str, Any] = {"split": "test", **kwargs}
    env = gymnasium.make(env_id, disable_env_checker=True, **settings).unwrapped
    if not isinstance(env, ReasoningEnv):
        raise RefusedError(f"{env_id} is not an environment of pmd_envs")
    return env


@contextmanager
def _as_refusal(episode: EvaluatedEpisode) -> Iterator[None]:
    where = f"cannot score {episode.task_id!r} of {episode.env} again"
    try:
        yield
    except DatasetError as error:
        raise RefusedError(f"{where}, its data is not available here: {error}") from error
    except (ConfigError, VerifierError) as error:
        raise RefusedError(f"{where}: {error}") from error
