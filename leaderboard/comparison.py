"""Two runs, or two agents with all of theirs, on the same problems: paired differences, and what only one solved."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, erfc

import numpy as np

from leaderboard.errors import RefusedError
from leaderboard.evidence import Attempt, ProblemScores

ALL_RUNS = "all runs"
RESAMPLES = 1000
_CHUNK = 50


@dataclass(frozen=True)
class Pair:
    """One problem and what both scored on it."""

    env: str
    task_id: str
    first: float
    second: float
    first_number: int
    """The problem's place among those of the first run."""
    second_number: int

    @property
    def difference(self) -> float:
        """How much more the first run scored."""
        return self.first - self.second


@dataclass(frozen=True)
class Difference:
    """How much higher the first run scores, over one environment or all."""

    name: str
    first: float
    second: float
    mean: float
    low: float
    """Lower end of the 95 % bootstrap interval over problems."""
    high: float
    better: int
    """Problems on which the first run scores higher."""
    worse: int
    equal: int

    @property
    def sign_test(self) -> float:
        """Two-sided chance of so uneven a count of better and worse problems, were both runs equally good."""
        n, least = self.better + self.worse, min(self.better, self.worse)
        return min(1.0, 2 * sum(comb(n, i) for i in range(least + 1)) / 2**n) if n <= 1000 else _normal(n, least)


@dataclass(frozen=True)
class Comparison:
    """Everything that two sides on one board say about each other."""

    overall: Difference
    environments: tuple[Difference, ...]
    pairs: tuple[Pair, ...]
    """Largest difference first."""
    only_first: tuple[Pair, ...]
    """Problems of which the second run solved none of its attempts, and the first at least one."""
    only_second: tuple[Pair, ...]

    @property
    def lines(self) -> tuple[Difference, ...]:
        """All environments together, then one by one."""
        return self.overall, *self.environments


def compare(
    first: Sequence[ProblemScores], first_row: str, second: Sequence[ProblemScores], second_row: str
) -> Comparison:
    """Compare one row of two runs, problem by problem.

    Raises:
        RefusedError: They did not answer the same problems.
    """
    places = {(problem.env, problem.task_id): number for number, problem in enumerate(second)}
    if set(places) != {(problem.env, problem.task_id) for problem in first}:
        raise RefusedError("the two runs did not answer the same problems")
    pairs, solved = [], {}
    for number, problem in enumerate(first):
        other = places[problem.env, problem.task_id]
        pair = Pair(
            problem.env, problem.task_id, problem.mean(first_row), second[other].mean(second_row), number, other
        )
        pairs.append(pair)
        solved[pair] = _solved(problem, first_row), _solved(second[other], second_row)
    names = list(dict.fromkeys(pair.env for pair in pairs))
    strata = [[pair for pair in pairs if pair.env == name] for name in names]
    return Comparison(
        _difference("all", strata),
        tuple(_difference(name, [stratum]) for name, stratum in zip(names, strata, strict=True)),
        tuple(sorted(pairs, key=lambda pair: -abs(pair.difference))),
        tuple(pair for pair in pairs if solved[pair] == (True, False)),
        tuple(pair for pair in pairs if solved[pair] == (False, True)),
    )


def pooled(runs: Sequence[tuple[Sequence[ProblemScores], str]]) -> list[ProblemScores]:
    """The attempts of several runs of one agent, taken together under :data:`ALL_RUNS`.

    Args:
        runs: The problems of each run, and the row that counts. The order is that of the first run.

    Raises:
        RefusedError: They did not answer the same problems.
    """
    found: dict[tuple[str, str], list[Attempt]] = {(p.env, p.task_id): [] for p in runs[0][0]}
    for problems, row in runs:
        if {(problem.env, problem.task_id) for problem in problems} != set(found):
            raise RefusedError("the runs did not answer the same problems")
        for problem in problems:
            found[problem.env, problem.task_id] += problem.attempts[row]
    return [ProblemScores(env, task_id, {ALL_RUNS: attempts}) for (env, task_id), attempts in found.items()]


def _solved(problem: ProblemScores, row: str) -> bool:
    return any(attempt.score >= 1 for attempt in problem.attempts[row])


def _difference(name: str, strata: Sequence[Sequence[Pair]]) -> Difference:
    values = [np.array([pair.difference for pair in stratum]) for stratum in strata]
    rng = np.random.default_rng(0)
    resampled = np.zeros(RESAMPLES)
    for stratum in values:
        for start in range(0, RESAMPLES, _CHUNK):  # bounds memory at thousands of problems
            drawn = stratum[rng.integers(len(stratum), size=(_CHUNK, len(stratum)))]
            resampled[start : start + _CHUNK] += drawn.mean(axis=1) / len(values)
    low, high = np.quantile(resampled, [0.025, 0.975])
    every = [pair.difference for stratum in strata for pair in stratum]
    return Difference(
        name,
        _mean([_mean([pair.first for pair in stratum]) for stratum in strata]),
        _mean([_mean([pair.second for pair in stratum]) for stratum in strata]),
        _mean([_mean([pair.difference for pair in stratum]) for stratum in strata]),
        float(low),
        float(high),
        sum(value > 0 for value in every),
        sum(value < 0 for value in every),
        sum(value == 0 for value in every),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _normal(n: int, least: int) -> float:
    """The sign test for so many problems that the bell curve is exact enough."""
    return min(1.0, erfc((n / 2 - least - 0.5) / (n / 2) ** 0.5))
