"""Intervals of a score over its problems, by resampling them within each environment.

Problems are what a result has to generalise over, and the answers to one problem are not independent. Nor are those to
problems that ask the same (:mod:`leaderboard.alike`), which are drawn together. The intervals stand here, and not
beside the code that measures, because the leaderboard takes nobody's word for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from leaderboard.alike import alike, different
from leaderboard.episodes import EvaluatedEpisode
from leaderboard.records import Report, ResultRow, Scores

Floats: TypeAlias = NDArray[np.float64]
LEVEL = 0.95
RESAMPLES = 2000
_Measured: TypeAlias = tuple[Floats, tuple[int, ...]]
"""Mean score on each problem, and which of these ask the same."""
_CHUNK = 100  # resamples drawn at a time, which bounds memory at thousands of problems


@dataclass(frozen=True)
class Interval:
    """Ends of a 95 % bootstrap interval."""

    low: float
    high: float


def interval_of_means(strata: Sequence[Floats], seed: int, same: Sequence[Sequence[int]] | None = None) -> Interval:
    """95 % interval of the mean over strata of the mean of each.

    Args:
        strata: For every environment one number for each problem, (problems,).
        seed: The same seed draws the same resamples.
        same: For every environment, where some problems ask the same, which these are: the place of the first of them.
    """
    if not strata:
        raise ValueError("there are no environments")
    rng = np.random.default_rng(seed)
    groups = [None] * len(strata) if same is None else same
    means = np.mean([_resampled_means(*pair, rng) for pair in zip(strata, groups, strict=True)], axis=0)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


def _resampled_means(values: Floats, same: Sequence[int] | None, rng: np.random.Generator) -> Floats:
    """Means over drawn problems; those that ask the same are drawn together, and count as often as they are there."""
    sums, sizes = by_group(values, same)
    chunks = []
    for _ in range(RESAMPLES // _CHUNK):
        drawn = rng.integers(len(sizes), size=(_CHUNK, len(sizes)))
        chunks.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    return np.concatenate(chunks)


def by_group(values: Floats, same: Sequence[int] | None) -> tuple[Floats, Floats]:
    """Sums over the problems that ask the same, (..., groups), and how many these are, (groups,).

    Args:
        values: (..., problems).
        same: For each problem the place of the first that asks the same; None where all are different.
    """
    problems = values.shape[-1]
    labels = np.arange(problems) if same is None else np.asarray(same)
    if labels.shape != (problems,):
        raise ValueError(f"{len(labels)} problems are told apart, and there are {problems}")
    groups, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if len(groups) == problems:
        return values, np.ones(problems)
    sums = np.zeros((*values.shape[:-1], len(groups)))
    np.add.at(sums.T, places, values.T)
    return sums, counts.astype(np.float64)


def with_own_intervals(report: Report, episodes: Sequence[EvaluatedEpisode]) -> Report:
    """The report with the intervals that its episodes give, whatever it says of them; its seed is that of the draws."""
    found: dict[tuple[str, str], dict[str, dict[int, float]]] = {}
    data = {env.id: (env.kwargs, env.fingerprint) for env in report.environments}
    for episode in episodes:
        problems = found.setdefault((episode.row, episode.env), {})
        problems.setdefault(episode.task_id, {})[episode.sample] = episode.score
    measured = {
        (row, env_id): (_means(problems), alike(env_id, *data[env_id], tuple(problems)))
        for (row, env_id), problems in found.items()
    }
    return replace(report, rows=tuple(_row(row, measured, report.seed) for row in report.rows))


def _means(problems: dict[str, dict[int, float]]) -> Floats:
    table = [[score for _, score in sorted(answers.items())] for answers in problems.values()]
    means: Floats = np.array(table, dtype=np.float64).mean(axis=1)
    return means


def _row(row: ResultRow, measured: dict[tuple[str, str], _Measured], seed: int) -> ResultRow:
    strata = {env_id: measured[row.label, env_id] for env_id in row.per_env}
    return replace(
        row,
        per_env={env_id: _scores(scores, [strata[env_id]], seed) for env_id, scores in row.per_env.items()},
        overall=_scores(row.overall, list(strata.values()), seed),
    )


def _scores(scores: Scores, strata: Sequence[_Measured], seed: int) -> Scores:
    same = [labels for _, labels in strata]
    between = interval_of_means([means for means, _ in strata], seed, same)
    return replace(scores, low=between.low, high=between.high, different=sum(map(different, same)))
