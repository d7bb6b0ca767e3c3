"""Majority votes: counting them, and whether those of a report follow from its responses."""

from collections.abc import Sequence
from typing import TypeAlias

import gymnasium
import numpy as np
from numpy.typing import NDArray

from leaderboard.episodes import EvaluatedEpisode
from leaderboard.errors import RefusedError
from leaderboard.records import Report
from leaderboard.rescoring import TOLERANCE
from pmd_envs import environment_ids
from pmd_envs.env import load_family
from pmd_envs.family import Family

Votes: TypeAlias = dict[str, list[tuple[str | None, bool]]]
"""The answers to each problem, and whether they are right; None where a response states no answer to vote for."""


def maj_at_k(answers: Sequence[Sequence[str]], correct: NDArray[np.bool_]) -> float:
    """How often the most frequent answer to a problem is right; answers that tie count in equal parts.

    An empty answer is no vote. A problem without votes is wrong.
    """
    table = np.asarray(correct, dtype=np.float64)
    if table.ndim != 2 or table.size == 0:
        raise ValueError(f"expected problems by samples, at least one of each, not shape {table.shape}")
    if len(answers) != len(table) or any(len(row) != table.shape[1] for row in answers):
        raise ValueError(f"answers do not have the shape {table.shape} of correct")
    return float(np.mean([_majority(row, marks) for row, marks in zip(answers, table, strict=True)]))


def _majority(answers: Sequence[str], marks: NDArray[np.float64]) -> float:
    votes: dict[str, list[float]] = {}
    for answer, mark in zip(answers, marks, strict=True):
        if answer:
            votes.setdefault(answer, []).append(float(mark))
    if not votes:
        return 0.0
    most = max(map(len, votes.values()))
    return float(np.mean([np.mean(given) for given in votes.values() if len(given) == most]))


def check_votes(report: Report, episodes: Sequence[EvaluatedEpisode]) -> None:
    """Refuse a maj@k that the responses do not give. A report that states none is taken at that."""
    votes: dict[tuple[str, str], Votes] = {}
    families = {env.id: _family(env.id) for env in report.environments}
    for episode in episodes:
        vote = families[episode.env].answer(episode.response), episode.score >= 1
        votes.setdefault((episode.row, episode.env), {}).setdefault(episode.task_id, []).append(vote)
    for row in report.rows:
        found = {env_id: _maj(votes[row.label, env_id]) for env_id in row.per_env}
        for env_id, scores in row.per_env.items():
            _same(f"row {row.label!r}, {env_id}", scores.maj_at_k, found[env_id])
        known = [share for share in found.values() if share is not None]
        overall = sum(known) / len(known) if len(known) == len(found) else None
        _same(f"row {row.label!r}, overall", row.overall.maj_at_k, overall)


def _family(env_id: str) -> Family:
    if env_id not in environment_ids():
        raise RefusedError(f"{env_id!r} is no environment of this checkout")
    return load_family(str(gymnasium.registry[env_id].kwargs["family"]))


def _maj(problems: Votes) -> float | None:
    stated = [[answer for answer, _ in given if answer is not None] for given in problems.values()]
    if any(len(own) < len(given) for own, given in zip(stated, problems.values(), strict=True)):
        return None
    return maj_at_k(stated, np.array([[right for _, right in given] for given in problems.values()]))


def _same(where: str, claimed: float | None, found: float | None) -> None:
    if claimed is None:
        return
    if found is None:
        raise RefusedError(f"{where}: maj@k is {claimed:g} in report.json, and its responses state nothing to vote for")
    if abs(claimed - found) > TOLERANCE:
        raise RefusedError(f"{where}: maj@k is {claimed:g} in report.json, {found:g} from evaluation.jsonl")
