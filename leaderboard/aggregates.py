"""Statistics of several runs of one agent: interquartile mean, profile, probability of improvement, intervals.

They follow Agarwal et al. 2021 ("Deep RL at the edge of the statistical precipice", arXiv 2108.13264). Scores come as
groups of tables, each (runs, tasks). The tasks of one table were learnt by the same runs, so a resample draws its rows
whole; tables of different groups are resampled apart. Groups of one task each are the paper's stratified bootstrap.
They stand here, and not beside the code that measures, because the pages show them too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Groups: TypeAlias = Sequence[Floats]
"""Tables of scores, each (runs, tasks)."""
Statistic: TypeAlias = Callable[[Groups], float]
LEVEL = 0.95
RESAMPLES = 1000


@dataclass(frozen=True)
class Spread:
    """A statistic and the ends of its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def interquartile_mean(groups: Groups) -> float:
    """Mean of the middle half of all scores: a quarter, rounded down, is cut off at either end."""
    values = np.sort(np.concatenate([table.ravel() for table in _tables(groups)]))
    cut = len(values) // 4
    return float(values[cut : len(values) - cut].mean())


def performance_profile(groups: Groups, thresholds: ArrayLike) -> Floats:
    """Share of all scores above each threshold, (thresholds,): it falls from left to right."""
    values = np.sort(np.concatenate([table.ravel() for table in _tables(groups)]))
    above: Floats = 1 - np.searchsorted(values, np.asarray(thresholds, dtype=np.float64), side="right") / len(values)
    return above


def probability_of_improvement(first: Groups, second: Groups) -> float:
    """Chance that a run of the first agent beats one of the second on a task drawn at random; a tie counts half.

    The tasks have to be the same, the numbers of runs need not.
    """
    pairs = list(zip(_tables(first), _tables(second), strict=True))
    if any(a.shape[1] != b.shape[1] for a, b in pairs):
        raise ValueError("the two agents do not have the same tasks")
    wins = [
        np.mean((a[:, None] > b[None]) + 0.5 * (a[:, None] == b[None]), axis=(0, 1)) for a, b in pairs
    ]  # (tasks,) of each group
    return float(np.concatenate(wins).mean())


def resample(groups: Groups, rng: np.random.Generator) -> list[Floats]:
    """As many runs of each group, drawn with replacement."""
    return [table[rng.integers(len(table), size=len(table))] for table in groups]


def spread(groups: Groups, statistic: Statistic, seed: int = 0, resamples: int = RESAMPLES) -> Spread:
    """A statistic of one agent with its interval over runs."""
    tables, rng = _tables(groups), np.random.default_rng(seed)
    return _spread(statistic(tables), [statistic(resample(tables, rng)) for _ in range(resamples)])


def improvement(first: Groups, second: Groups, seed: int = 0, resamples: int = RESAMPLES) -> Spread:
    """Probability of improvement with its interval; the runs of both agents are resampled."""
    one, two, rng = _tables(first), _tables(second), np.random.default_rng(seed)
    drawn = [probability_of_improvement(resample(one, rng), resample(two, rng)) for _ in range(resamples)]
    return _spread(probability_of_improvement(one, two), drawn)


def _spread(value: float, drawn: Sequence[float]) -> Spread:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Spread(value, float(low), float(high))


def _tables(groups: Groups) -> list[Floats]:
    tables = [np.asarray(table, dtype=np.float64) for table in groups]
    if not tables or any(table.ndim != 2 or table.size == 0 for table in tables):
        shapes = ", ".join(str(table.shape) for table in tables) or "no table at all"
        raise ValueError(f"expected tables of runs by tasks, at least one of each, not {shapes}")
    return tables
