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
from pmd_envs.env import ReasoningEnv, load_family
from pmd_envs.errors import ConfigError, DatasetError, VerifierError, unknown
from pmd_envs.records import Json, Task

SAMPLE_SIZE = 200
"""Episodes of environments that run programs: their verdicts take tens of milliseconds."""
QUICK_SAMPLE_SIZE = 5000
"""Episodes of the others."""
TOLERANCE = 1e-6
ALLOWED_KWARGS = ("split", "difficulty", "source", "granularity", "reward", "domain", "kinds")


def choose(episodes: Sequence[EvaluatedEpisode], seed: str) -> list[EvaluatedEpisode]:
    """The episodes to score again: all, or of too many as many as the sizes above, drawn with ``seed``."""
    rng = random.Random(seed)
    slow = {env_id: runs_programs(env_id) for env_id in {episode.env for episode in episodes}}
    kinds = ((True, SAMPLE_SIZE), (False, QUICK_SAMPLE_SIZE))
    chosen: list[EvaluatedEpisode] = []
    for is_slow, size in kinds:
        own = [episode for episode in episodes if slow[episode.env] is is_slow]
        chosen += own if len(own) <= size else rng.sample(own, size)
    return chosen


def runs_programs(env_id: str) -> bool:
    """Whether verdicts of this environment start processes; for an unknown one it does not matter."""
    if env_id not in environment_ids():
        return False
    return load_family(str(gymnasium.registry[env_id].kwargs["family"])).starts_processes


def turns_continue(env_id: str) -> bool:
    """Whether a turn goes on where the one before it ended, or is a new submission; for an unknown one they do."""
    if env_id not in environment_ids():
        return True
    return load_family(str(gymnasium.registry[env_id].kwargs["family"])).continues


def disagreement(episodes: Sequence[EvaluatedEpisode], scores: Sequence[float]) -> list[tuple[EvaluatedEpisode, float]]:
    """The episodes whose score is now another one, with that score."""
    return [
        (episode, score)
        for episode, score in zip(episodes, scores, strict=True)
        if abs(episode.score - score) > TOLERANCE
    ]


def rescore(episodes: Sequence[EvaluatedEpisode]) -> list[float]:
    """The score of each response according to this checkout. Equal responses to a problem are scored once.

    Raises:
        RefusedError: Its environment, problem or data is not the one available here, or its verifier broke.
    """
    opened: dict[tuple[str, str], ReasoningEnv] = {}
    known: dict[tuple[str, str, str, str, str], float] = {}
    scores = []
    for episode in episodes:
        with as_refusal(episode):
            key = episode.env, json.dumps(episode.kwargs, sort_keys=True)
            if key not in opened:
                opened[key] = open_env(episode.env, episode.kwargs)
            answer = (*key, episode.fingerprint, episode.task_id, episode.response)
            if answer not in known:
                known[answer] = _score(opened[key], episode)
            scores.append(known[answer])
    return scores


def _score(env: ReasoningEnv, episode: EvaluatedEpisode) -> float:
    return env.family.verify(task_of(env, episode), episode.response).score


def task_of(env: ReasoningEnv, episode: EvaluatedEpisode) -> Task:
    """The problem that an episode answered, if the data is the same here.

    Raises:
        RefusedError: The data is not the same.
    """
    if env.dataset.fingerprint != episode.fingerprint:
        raise RefusedError(
            f"{episode.env} was evaluated on data with fingerprint {episode.fingerprint!r}; available here is "
            f"{env.dataset.name!r} with {env.dataset.fingerprint!r}, so its scores cannot be confirmed"
        )
    return env.task_by_id(episode.task_id)


def open_env(env_id: str, kwargs: Mapping[str, Json]) -> ReasoningEnv:
    """An environment that a stranger's file names, with the settings it is allowed to have.

    Raises:
        ConfigError: Unknown environment or setting.
        RefusedError: A setting that is not a single value.
    """
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
def as_refusal(episode: EvaluatedEpisode) -> Iterator[None]:
    """Whatever keeps this episode from being scored becomes a refusal that says so."""
    where = f"cannot score {episode.task_id!r} of {episode.env} again"
    try:
        yield
    except DatasetError as error:
        raise RefusedError(f"{where}, its data is not available here: {error}") from error
    except (ConfigError, VerifierError) as error:
        raise RefusedError(f"{where}: {error}") from error
