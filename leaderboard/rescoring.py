"""Scoring responses again with the verifiers of this checkout.

Run folders come from anywhere, so an episode may only name registered ids and the settings that choose problems:
anything else (above all ``family``, a module to import) is refused before Gymnasium sees it.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Any, TypeAlias

import gymnasium

from leaderboard.episodes import EvaluatedEpisode
from leaderboard.errors import RefusedError
from pmd_envs import environment_ids
from pmd_envs.env import ReasoningEnv, load_family
from pmd_envs.errors import ConfigError, DatasetError, VerifierError, unknown
from pmd_envs.records import Json, Task

TOLERANCE = 1e-6
ALLOWED_KWARGS = ("split", "difficulty", "source", "granularity", "reward", "domain", "kinds", "feedback")

Watch: TypeAlias = Callable[[int, int], object]
"""Told after every verdict how many there are so far, and how many there will be."""
_Answer: TypeAlias = tuple[str, str, str, str, str]
"""Environment, its settings, fingerprint of its data, problem, response: what a verdict depends on."""


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


def changed_scores(
    episodes: Sequence[EvaluatedEpisode], rescore: Callable[[Sequence[EvaluatedEpisode]], list[float]]
) -> list[tuple[EvaluatedEpisode, float]]:
    """As :func:`disagreement`. A program may run out of time on a busy machine: what differs gets a second chance."""
    again = [episode for episode, _ in disagreement(episodes, rescore(episodes))]
    return disagreement(again, rescore(again)) if again else []


def rescore(episodes: Sequence[EvaluatedEpisode], watch: Watch | None = None) -> list[float]:
    """The score of each response according to this checkout. Equal responses to a problem are scored once.

    Programs are run side by side, as many as there are cores.

    Raises:
        RefusedError: Its environment, problem or data is not the one available here, or its verifier broke.
    """
    answers = [_answer(episode) for episode in episodes]
    distinct = dict(zip(answers, episodes, strict=True))
    known: dict[_Answer, float] = {}
    with ThreadPoolExecutor(os.cpu_count() or 1, "pmd-rescore") as pool:
        try:
            for answer, score in _scores(distinct, pool):
                known[answer] = score
                if watch is not None:
                    watch(len(known), len(distinct))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [known[answer] for answer in answers]


def _answer(episode: EvaluatedEpisode) -> _Answer:
    settings = json.dumps(episode.kwargs, sort_keys=True)
    return episode.env, settings, episode.fingerprint, episode.task_id, episode.response


def _scores(distinct: Mapping[_Answer, EvaluatedEpisode], pool: ThreadPoolExecutor) -> Iterator[tuple[_Answer, float]]:
    """Verdicts that compute are given here, those that wait for processes in the pool."""
    opened: dict[tuple[str, str], ReasoningEnv] = {}
    waiting = {}
    for answer, episode in distinct.items():
        with as_refusal(episode):
            if answer[:2] not in opened:
                opened[answer[:2]] = open_env(episode.env, episode.kwargs)
            env = opened[answer[:2]]
            task = task_of(env, episode)
        if env.family.starts_processes:
            waiting[pool.submit(_score, env, task, episode)] = answer
        else:
            yield answer, _score(env, task, episode)
    for done in as_completed(waiting):
        yield waiting[done], done.result()


def _score(env: ReasoningEnv, task: Task, episode: EvaluatedEpisode) -> float:
    with as_refusal(episode):
        return env.family.verify(task, episode.response).score


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
