"""Scores of repeated answers, and their intervals.

Arrays are problems by samples. Over several environments every environment counts the same, and the bootstrap
resamples the problems within each of them. Intervals and majority votes are the leaderboard's, which computes them
again; import them from here.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from leaderboard.intervals import LEVEL, Floats, Interval, by_group, interval_of_means
from leaderboard.votes import maj_at_k

__all__ = [
    "Floats",
    "Interval",
    "avg_at_k",
    "bootstrap_interval",
    "crossed_interval",
    "discovery_at_k",
    "maj_at_k",
    "pass_at_k",
    "pass_at_k_of_counts",
]


CROSSED_RESAMPLES = 50_000
"""Of seeds and problems. With 2,000 chance moves an end by 0.001, and so decides on which side of 0 many are."""
_CHUNK = 5_000  # resamples weighed at a time, which bounds memory at thousands of problems


def avg_at_k(scores: Floats) -> float:
    """Mean score of one answer to one problem."""
    return float(_table(scores).mean())


def pass_at_k(correct: NDArray[np.bool_], k: int) -> float:
    """Chance that at least one of k answers to a problem is right, averaged over problems.

    With n answers of which c are right this is 1 - C(n-c, k) / C(n, k), without bias for every k up to n.
    """
    table = _table(correct)
    return float(pass_at_k_of_counts(table.sum(axis=1), table.shape[1], k).mean())


def pass_at_k_of_counts(right: NDArray[np.int_], n: int, k: int) -> Floats:
    """pass@k of each problem from its number of right answers among ``n``.

    The ratio of binomials is the product of 1 - k/i over i from n-c+1 to n, which cannot overflow.
    """
    if not 1 <= k <= n:
        raise ValueError(f"k is {k}, not between 1 and the {n} answers there are")
    factors = 1 - k / np.arange(1, n + 1)
    used = np.arange(1, n + 1) > n - np.asarray(right)[:, None]  # (problems, n)
    # A factor below i = k is negative, but where it is used the factor at i = k is too, and that is exactly zero.
    products: Floats = np.where(used, factors, 1.0).prod(axis=1)
    return 1 - products


def bootstrap_interval(
    environments: Sequence[Floats], seed: int, same: Sequence[Sequence[int]] | None = None
) -> Interval:
    """95 % interval of the mean over environments of avg@k; ``same`` tells problems that ask the same."""
    return interval_of_means([_table(scores).mean(axis=1) for scores in environments], seed, same)


def discovery_at_k(solved_at: Sequence[int | None], k: int) -> float:
    """Share of searches whose first success came within ``k`` attempts (SDPO paper, section 5).

    Args:
        solved_at: For each search the number of the first successful attempt, from 1; None if it found none.
        k: Attempts, at most as many as a search without success made.
    """
    if not solved_at:
        raise ValueError("discovery@k needs at least one search")
    return sum(found is not None and found <= k for found in solved_at) / len(solved_at)


def crossed_interval(
    environments: Sequence[Floats], seed: int, same: Sequence[Sequence[int]] | None = None
) -> Interval:
    """95 % interval of the mean over environments of (seeds, problems) tables.

    Both are resampled, since a result has to hold for other training seeds and for other problems. The seeds drawn are
    the same in every environment: one run has learnt on all of them. Problems that ask the same, as ``same`` tells for
    every environment by the place of the first of them, are drawn together.
    """
    tables = [_table(table) for table in environments]
    if len({len(table) for table in tables}) != 1:
        raise ValueError("every environment needs the same seeds, and at least one environment is needed")
    told: Sequence[Sequence[int] | None] = [None] * len(tables) if same is None else same
    groups = [by_group(table, labels) for table, labels in zip(tables, told, strict=True)]
    seeds, *problems = _drawn(seed, (len(tables[0]), *(len(sizes) for _, sizes in groups)))
    means = np.zeros(CROSSED_RESAMPLES)
    for part in _parts():
        for (sums, sizes), counts in zip(groups, problems, strict=True):
            times = counts[part].astype(np.float64)
            within = np.einsum("dg,dg->d", seeds[part] @ sums, times) / (times @ sizes)
            means[part] += within / (len(tables[0]) * len(tables))
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


@lru_cache(maxsize=16)
def _drawn(seed: int, counts: tuple[int, ...]) -> tuple[NDArray[np.uint16], ...]:
    """How often each of so many things comes up in each resample, (resamples, things). A study asks time and again."""
    rng = np.random.default_rng(seed)
    return tuple(np.concatenate([_times(part.stop - part.start, n, rng) for part in _parts()]) for n in counts)


def _times(resamples: int, things: int, rng: np.random.Generator) -> NDArray[np.uint16]:
    drawn = rng.integers(things, size=(resamples, things)) + things * np.arange(resamples)[:, None]
    return np.bincount(drawn.reshape(-1), minlength=drawn.size).reshape(drawn.shape).astype(np.uint16)


def _parts() -> Iterator[slice]:
    """All resamples, a chunk at a time."""
    yield from (slice(i, min(i + _CHUNK, CROSSED_RESAMPLES)) for i in range(0, CROSSED_RESAMPLES, _CHUNK))


def _table(values: NDArray[np.float64] | NDArray[np.bool_]) -> Floats:
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.size == 0:
        raise ValueError(f"expected problems by samples, at least one of each, not shape {table.shape}")
    return table
