"""Whether a report follows from its episodes.

avg@k and pass@k are computed again from every episode. Confirming the episodes' own scores needs the verifiers
(:mod:`leaderboard.rescoring`), reading what was voted for the families (:mod:`leaderboard.votes`).
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import TypeAlias

from leaderboard.episodes import EvaluatedEpisode
from leaderboard.errors import RefusedError
from leaderboard.records import EnvUsed, Report, Scores
from leaderboard.rescoring import TOLERANCE

Samples: TypeAlias = dict[str, dict[int, float]]
"""Task id to sample number to score, for one row in one environment."""


def check_scores(report: Report, episodes: Sequence[EvaluatedEpisode]) -> str:
    """Refuse scores that the episodes do not give; the digest of the problems they answer."""
    samples = _collect(report, episodes)
    for row in report.rows:
        for env in report.environments:
            where = f"row {row.label!r}, {env.id}"
            _compare(where, row.per_env[env.id], samples[row.label, env.id])
        _compare_overall(f"row {row.label!r}, overall", row.overall, list(row.per_env.values()))
    return _problem_set(report, samples)


def _collect(report: Report, episodes: Sequence[EvaluatedEpisode]) -> dict[tuple[str, str], Samples]:
    envs = {env.id: env for env in report.environments}
    samples: dict[tuple[str, str], Samples] = {
        (row.label, env_id): defaultdict(dict) for row in report.rows for env_id in envs
    }
    for number, episode in enumerate(episodes, start=1):
        if (episode.row, episode.env) not in samples:
            raise RefusedError(
                f"episode {number} is of row {episode.row!r} and {episode.env!r}, which the report does not have"
            )
        _check_origin(number, episode, envs[episode.env])
        answers = samples[episode.row, episode.env][episode.task_id]
        if episode.sample in answers:
            raise RefusedError(f"episode {number} is sample {episode.sample} of {episode.task_id!r} a second time")
        answers[episode.sample] = episode.score
    return samples


def _check_origin(number: int, episode: EvaluatedEpisode, env: EnvUsed) -> None:
    if episode.fingerprint != env.fingerprint:
        raise RefusedError(
            f"episode {number} has data fingerprint {episode.fingerprint!r}, "
            f"the report says {env.fingerprint!r} for {env.id}"
        )
    if episode.kwargs != env.kwargs:
        raise RefusedError(
            f"episode {number} has settings {json.dumps(episode.kwargs)}, "
            f"the report says {json.dumps(env.kwargs)} for {env.id}"
        )


def _compare(where: str, claimed: Scores, samples: Samples) -> None:
    for task_id, answers in samples.items():
        if len(answers) != claimed.k or set(answers) != set(range(claimed.k)):  # k may be any number
            raise RefusedError(f"{where}: {task_id!r} has samples {sorted(answers)}, not 0 to {claimed.k - 1}")
    _same(where, "problems", claimed.problems, len(samples))
    _same(where, "avg@k", claimed.avg_at_k, fmean(fmean(answers.values()) for answers in samples.values()))
    solved = fmean(any(score >= 1 for score in answers.values()) for answers in samples.values())
    _same(where, "pass@k", claimed.pass_at_k, solved)


def _compare_overall(where: str, claimed: Scores, per_env: list[Scores]) -> None:
    if {scores.k for scores in per_env} != {claimed.k}:
        raise RefusedError(f"{where}: k is {claimed.k}, the environments have {[scores.k for scores in per_env]}")
    _same(where, "problems", claimed.problems, sum(scores.problems for scores in per_env))
    _same(where, "avg@k", claimed.avg_at_k, fmean(scores.avg_at_k for scores in per_env))
    _same(where, "pass@k", claimed.pass_at_k, fmean(scores.pass_at_k for scores in per_env))


def _same(where: str, what: str, claimed: float, found: float) -> None:
    if abs(claimed - found) > TOLERANCE:
        raise RefusedError(f"{where}: {what} is {claimed:g} in report.json, {found:g} from evaluation.jsonl")


def _problem_set(report: Report, samples: dict[tuple[str, str], Samples]) -> str:
    digest = hashlib.sha256()
    for env in sorted(report.environments, key=lambda env: env.id):
        sets = {row.label: sorted(samples[row.label, env.id]) for row in report.rows}
        first, problems = next(iter(sets.items()))
        for label, others in sets.items():
            if others != problems:
                raise RefusedError(f"rows {first!r} and {label!r} answer different problems of {env.id}")
        digest.update(json.dumps([env.id, problems]).encode())
    return digest.hexdigest()
