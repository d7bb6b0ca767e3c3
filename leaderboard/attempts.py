"""A problem and the attempts at it, cut into steps with the verdict on each, as a page shows them.

Steps are judged again while the page is made, except where that would run a program: a page must never do that.
"""

import json
from dataclasses import dataclass
from functools import lru_cache

from leaderboard.episodes import EvaluatedEpisode
from leaderboard.errors import RefusedError
from leaderboard.evidence import ProblemScores
from leaderboard.lesson_scores import as_episode
from leaderboard.lessons import Lesson
from leaderboard.reader import Reader
from leaderboard.rescoring import as_refusal, open_env, runs_programs, task_of
from pmd_envs.env import ReasoningEnv

MOST = 32
"""Attempts of a row that one page shows."""
MOST_STEPS = 64


@dataclass(frozen=True)
class Step:
    """A step of a response and what a program could say about it."""

    text: str
    code: int
    """-1 wrong, 0 not checkable, 1 right."""
    reason: str


@dataclass(frozen=True)
class AttemptShown:
    """One response."""

    number: int
    """Which of the row's samples."""
    score: float
    reason: str
    response: str
    steps: tuple[Step, ...]
    """Empty where the steps cannot be judged here."""
    context: str


@dataclass(frozen=True)
class RowShown:
    """What one row of a run answered."""

    label: str
    mean: float
    attempts: tuple[AttemptShown, ...]
    left_out: int


@dataclass(frozen=True)
class ProblemShown:
    """A problem and everything that a run answered to it."""

    env: str
    task_id: str
    prompt: str
    """Empty where the data is not available here."""
    gold: str
    unavailable: str
    rows: tuple[RowShown, ...]


def show_problem(reader: Reader, entry_id: int, problem: ProblemScores) -> ProblemShown:
    """Read and judge the attempts of an entry at one problem."""
    rows = []
    prompt = gold = unavailable = ""
    for label, attempts in problem.attempts.items():
        episodes = [reader.episode(entry_id, attempt.line) for attempt in attempts[:MOST]]
        if not prompt and not unavailable:
            prompt, gold, unavailable = _problem(episodes[0])
        shown = tuple(_attempt(episode, judged=not unavailable) for episode in episodes)
        rows.append(RowShown(label, problem.mean(label), shown, len(attempts) - len(shown)))
    return ProblemShown(problem.env, problem.task_id, prompt, gold, unavailable, tuple(rows))


def show_lesson(lesson: Lesson) -> ProblemShown:
    """Judge the attempts at a training problem; each one's context is what its teacher was shown."""
    episodes = [as_episode(lesson, number) for number in range(len(lesson.attempts))]
    prompt, gold, unavailable = _problem(episodes[0])
    shown = tuple(_attempt(episode, judged=not unavailable) for episode in episodes)
    mean = sum(episode.score for episode in episodes) / len(episodes)
    row = RowShown(f"Training step {lesson.step}", mean, shown, 0)
    return ProblemShown(lesson.env, lesson.task_id, prompt, gold, unavailable, (row,))


def _problem(episode: EvaluatedEpisode) -> tuple[str, str, str]:
    try:
        with as_refusal(episode):
            task = task_of(_env(episode.env, json.dumps(dict(episode.kwargs), sort_keys=True)), episode)
    except RefusedError as error:
        return "", "", str(error)
    return task.prompt, task.gold, ""


def _attempt(episode: EvaluatedEpisode, *, judged: bool) -> AttemptShown:
    reason, steps = episode.reason, tuple[Step, ...]()
    if judged and not runs_programs(episode.env):
        kwargs = json.dumps(dict(episode.kwargs), sort_keys=True)
        with as_refusal(episode):
            steps = _steps(episode.env, kwargs, episode.task_id, episode.response)
            reason = reason or _reason(episode.env, kwargs, episode.task_id, episode.response)
    return AttemptShown(episode.sample, episode.score, reason, episode.response, steps, episode.context)


@lru_cache(maxsize=16)
def _env(env_id: str, kwargs: str) -> ReasoningEnv:
    return open_env(env_id, json.loads(kwargs))


@lru_cache(maxsize=4096)
def _reason(env_id: str, kwargs: str, task_id: str, response: str) -> str:
    env = _env(env_id, kwargs)
    return env.family.verify(env.task_by_id(task_id), response).reason


@lru_cache(maxsize=4096)
def _steps(env_id: str, kwargs: str, task_id: str, response: str) -> tuple[Step, ...]:
    env = _env(env_id, kwargs)
    family, task = env.family, env.task_by_id(task_id)
    accepted: list[str] = []
    steps = []
    for text in family.split_steps(response)[:MOST_STEPS]:
        verdict = family.check_step(task, tuple(accepted), text)
        if verdict.ok is not False:
            accepted.append(text)
        steps.append(Step(text, verdict.code, verdict.reason))
    return tuple(steps)
