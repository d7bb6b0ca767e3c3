"""Two runs, or two agents with all of theirs, on the same problems: paired differences, and what only one solved.

An agent that is trained again is another one on all problems at once. So the intervals of agents are over their runs as
well as over problems; those of two runs are about these two.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb, erfc

import numpy as np

from leaderboard.alike import places_of_first
from leaderboard.errors import RefusedError
from leaderboard.evidence import Attempt, ProblemScores
from leaderboard.intervals import Floats, by_group

ALL_RUNS = "all runs"
RESAMPLES = 1000
_CHUNK = 50
_TINY = 1e-9  # sums of the same scores in another order differ by rounding


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
    asks: str = ""
    """Id of the first problem that asks the same, where it is another one."""

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
    """Lower end of the 95 % bootstrap interval over problems and, where a side has several, over runs."""
    high: float
    better: int
    """Problems on which the first run scores higher; those that ask the same are one."""
    worse: int
    equal: int

    @property
    def sign_test(self) -> float:
        """Two-sided chance of so uneven a count of better and worse problems, were these runs equally good."""
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
    runs: tuple[int, int] = (1, 1)
    """How many runs each side is."""

    @property
    def lines(self) -> tuple[Difference, ...]:
        """All environments together, then one by one."""
        return self.overall, *self.environments


def compare(
    first: Sequence[ProblemScores],
    first_row: str,
    second: Sequence[ProblemScores],
    second_row: str,
    runs: tuple[int, int] = (1, 1),
) -> Comparison:
    """Compare one row of two runs, problem by problem.

    Args:
        first: Problems of one run, or of several (:func:`pooled`).
        first_row: What counts of it.
        second: The same problems, as another side answered them.
        second_row: What counts of that.
        runs: How many runs each of the two is.

    Raises:
        RefusedError: They did not answer the same problems, or what one answered was not kept.
    """
    if not first or not second:
        raise RefusedError("the answers of one of the two were not kept: python -m leaderboard rebuild reads them")
    places = {(problem.env, problem.task_id): number for number, problem in enumerate(second)}
    if set(places) != {(problem.env, problem.task_id) for problem in first}:
        raise RefusedError("the two runs did not answer the same problems")
    asks = _asks((first, second))
    pairs, solved = [], {}
    for number, problem in enumerate(first):
        other = places[problem.env, problem.task_id]
        pair = Pair(
            problem.env,
            problem.task_id,
            problem.mean(first_row),
            second[other].mean(second_row),
            number,
            other,
            asks.get((problem.env, problem.task_id), ""),
        )
        pairs.append(pair)
        solved[pair] = _solved(problem, first_row), _solved(second[other], second_row)
    names = list(dict.fromkeys(pair.env for pair in pairs))
    strata = [[pair for pair in pairs if pair.env == name] for name in names]
    tables = [
        (
            _by_run([first[pair.first_number].attempts[first_row] for pair in stratum], runs[0]),
            _by_run([second[pair.second_number].attempts[second_row] for pair in stratum], runs[1]),
        )
        for stratum in strata
    ]
    return Comparison(
        _difference("all", strata, tables),
        tuple(_difference(n, [s], [t]) for n, s, t in zip(names, strata, tables, strict=True)),
        tuple(sorted(pairs, key=lambda pair: -abs(pair.difference))),
        tuple(pair for pair in pairs if solved[pair] == (True, False)),
        tuple(pair for pair in pairs if solved[pair] == (False, True)),
        runs,
    )


def pooled(runs: Sequence[tuple[Sequence[ProblemScores], str]]) -> list[ProblemScores]:
    """The attempts of several runs of one agent, taken together under :data:`ALL_RUNS`, run after run.

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
    asks = _asks([problems for problems, _ in runs])
    return [ProblemScores(*key, {ALL_RUNS: attempts}, asks.get(key, "")) for key, attempts in found.items()]


def _asks(runs: Iterable[Sequence[ProblemScores]]) -> dict[tuple[str, str], str]:
    """Of problems that ask the same as an earlier one, the id of that.

    Of each environment from the first run that knows of any, since the others may have them in another order. Where the
    data was not there when a run was posted, nobody knew.
    """
    found: dict[tuple[str, str], str] = {}
    for problems in runs:
        known = {env for env, _ in found}
        found |= {(p.env, p.task_id): p.asks for p in problems if p.asks and p.env not in known}
    return found


def _solved(problem: ProblemScores, row: str) -> bool:
    return any(attempt.score >= 1 for attempt in problem.attempts[row])


def _by_run(problems: Sequence[Sequence[Attempt]], runs: int) -> Floats:
    """Mean score of each run on each problem, (runs, problems)."""
    scores = np.array([[attempt.score for attempt in attempts] for attempts in problems], dtype=np.float64)
    means: Floats = scores.reshape(len(problems), runs, -1).mean(axis=2).T
    return means


def _resampled(tables: Sequence[tuple[Floats, Floats]], same: Sequence[Sequence[int]]) -> Floats:
    """Differences with other runs, the same in every environment, and with other problems, those alike together.

    The runs of each side are drawn by themselves: which of them belong together nobody says.
    """
    rng = np.random.default_rng(0)
    found = np.zeros(RESAMPLES)
    for start in range(0, RESAMPLES, _CHUNK):  # bounds memory at thousands of problems
        shares = [_shares(len(side), rng) for side in tables[0]]
        for (first, second), labels in zip(tables, same, strict=True):
            sums, sizes = by_group(shares[0] @ first - shares[1] @ second, labels)  # (_CHUNK, groups)
            drawn = rng.integers(len(sizes), size=sums.shape)
            means = np.take_along_axis(sums, drawn, axis=1).sum(axis=1) / sizes[drawn].sum(axis=1)
            found[start : start + _CHUNK] += means / len(tables)
    return found


def _shares(runs: int, rng: np.random.Generator) -> Floats:
    """How much each run counts where as many are drawn as there are, (_CHUNK, runs)."""
    shares: Floats = (rng.integers(runs, size=(_CHUNK, runs))[:, :, None] == np.arange(runs)).mean(axis=1)
    return shares


def _difference(name: str, strata: Sequence[Sequence[Pair]], tables: Sequence[tuple[Floats, Floats]]) -> Difference:
    same = [places_of_first([pair.asks or pair.task_id for pair in stratum]) for stratum in strata]
    low, high = np.quantile(_resampled(tables, same), [0.025, 0.975])
    pairs = zip(strata, same, strict=True)
    every = np.concatenate([by_group(np.array([p.difference for p in s]), labels)[0] for s, labels in pairs])
    return Difference(
        name,
        _mean([_mean([pair.first for pair in stratum]) for stratum in strata]),
        _mean([_mean([pair.second for pair in stratum]) for stratum in strata]),
        _mean([_mean([pair.difference for pair in stratum]) for stratum in strata]),
        float(low),
        float(high),
        int((every > _TINY).sum()),
        int((every < -_TINY).sum()),
        int((abs(every) <= _TINY).sum()),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _normal(n: int, least: int) -> float:
    """The sign test for so many problems that the bell curve is exact enough."""
    return min(1.0, erfc((n / 2 - least - 0.5) / (n / 2) ** 0.5))
