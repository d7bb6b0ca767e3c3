"""Intervals of a score over its problems, by resampling them within each environment.

Problems are what a result has to generalise over, and the answers to one problem are not independent. They stand here,
and not beside the code that measures, because the leaderboard takes nobody's word for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from leaderboard.episodes import EvaluatedEpisode
from leaderboard.records import Report, ResultRow, Scores

Floats: TypeAlias = NDArray[np.float64]
LEVEL = 0.95
RESAMPLES = 2000
_CHUNK = 100  # resamples drawn at a time, which bounds memory at thousands of problems


@dataclass(frozen=True)
class Interval:
    """Ends of a 95 % bootstrap interval."""

    low: float
    high: float


def interval_of_means(strata: Sequence[Floats], seed: int) -> Interval:
    """95 % interval of the mean over strata of the mean of each.

    Args:
        strata: For every environment one number for each problem, (problems,).
        seed: The same seed draws the same resamples.
    """
    if not strata:
        raise ValueError("there are no environments")
    rng = np.random.default_rng(seed)
    means = np.mean([_resampled_means(stratum, rng) for stratum in strata], axis=0)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


def _resampled_means(values: Floats, rng: np.random.Generator) -> Floats:
    chunks = [
        values[rng.integers(len(values), size=(_CHUNK, len(values)))].mean(axis=1) for _ in range(RESAMPLES // _CHUNK)
    ]
    return np.concatenate(chunks)


def with_own_intervals(report: Report, episodes: Sequence[EvaluatedEpisode]) -> Report:
    """The report with the intervals that its episodes give, whatever it says of them; its seed is that of the draws."""
    found: dict[tuple[str, str], dict[str, dict[int, float]]] = {}
    for episode in episodes:
        problems = found.setdefault((episode.row, episode.env), {})
        problems.setdefault(episode.task_id, {})[episode.sample] = episode.score
    means = {key: _means(problems) for key, problems in found.items()}
    return replace(report, rows=tuple(_row(row, means, report.seed) for row in report.rows))


def _means(problems: dict[str, dict[int, float]]) -> Floats:
    table = [[score for _, score in sorted(answers.items())] for answers in problems.values()]
    means: Floats = np.array(table, dtype=np.float64).mean(axis=1)
    return means


def _row(row: ResultRow, means: dict[tuple[str, str], Floats], seed: int) -> ResultRow:
    strata = {env_id: means[row.label, env_id] for env_id in row.per_env}
    return replace(
        row,
        per_env={env_id: _scores(scores, [strata[env_id]], seed) for env_id, scores in row.per_env.items()},
        overall=_scores(row.overall, list(strata.values()), seed),
    )


def _scores(scores: Scores, strata: Sequence[Floats], seed: int) -> Scores:
    between = interval_of_means(strata, seed)
    return replace(scores, low=between.low, high=between.high)
