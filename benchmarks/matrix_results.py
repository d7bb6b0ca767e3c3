"""The numbers of a matrix, read from the folders of its cells. They are the same however often it was interrupted."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.comparisons import holm, sign_flip_test
from benchmarks.data_used import check_same_start
from benchmarks.files import read_lines
from benchmarks.folder import read_config
from benchmarks.ran_by import commits_of, machines_of
from benchmarks.same_problems import WHOLE, check_same_problems
from benchmarks.statistics import Floats
from leaderboard.aggregates import Spread, improvement, interquartile_mean, spread
from leaderboard.alike import places_of_first
from leaderboard.curves import read_curve
from leaderboard.evidence import problem_scores
from leaderboard.intervals import by_group
from leaderboard.learning import cost_per_solved
from leaderboard.records import BASELINE, Report, ResultRow, Usage
from leaderboard.training import tokens_read_and_written

TARGET = 0.5
"""Score on the learning curve of which a run is asked how many rollouts it took to reach it, unless another is wanted.
"""


@dataclass(frozen=True)
class CellResult:
    """One run that is done."""

    agent: str
    suite: str
    """Or environment: the name of the column."""
    seed: int
    scores: tuple[float, ...]
    """avg@k in each environment, after training and without memory."""
    problems: tuple[Floats, ...]
    """Mean score on each problem of each environment."""
    avg_at_k: float
    pass_at_k: float
    maj_at_k: float | None
    with_memory: float | None
    curve: str
    """What the learning curve is of, see :class:`leaderboard.curves.LearningCurve`; empty where nothing was trained."""
    area: float | None
    """Under the learning curve."""
    rollouts_to_target: float | None
    """Rollouts until the learning curve reached the target of the matrix; None if it never did."""
    tokens: float
    """Read and written by all models in training: rollouts, teachers, reflections and updates."""
    tokens_per_solved: float | None
    """Those tokens for each held-out problem that is solved (in expectation)."""
    usage: Usage | None = None
    """Tokens that a server counted, where somebody else serves the policy."""
    served_tokens_per_solved: float | None = None
    """Of prompts and answers together, for each held-out problem that is solved."""
    same: tuple[tuple[int, ...], ...] = ()
    """For each environment which problems ask the same, by the place of the first; empty where all are different."""
    answers_only: bool = False
    """Whether the tokens of training are only those of answers: older runs counted no others."""


@dataclass(frozen=True)
class Comparison:
    """An agent and the baseline on the problems of one suite."""

    suite: str
    agent: str
    baseline: str
    difference: float
    p_value: float
    """By flipping the signs of seeds; of a matrix of one seed by those of problems, which is about these runs only."""
    adjusted: float | None
    """Holm's p-value over all comparisons of the matrix; None with one seed, for which it would promise too much."""


@dataclass(frozen=True)
class Matrix:
    """All runs of a matrix that are done."""

    suites: tuple[str, ...]
    """Names of the columns: suites, or environments with the budget of a suite."""
    agents: tuple[str, ...]
    """Those with a finished run of every seed in every suite; the first is the baseline of comparisons."""
    left_out: tuple[str, ...]
    """Those that miss one."""
    seeds: int
    envs: Mapping[str, tuple[str, ...]]
    """Environments of each suite."""
    cells: Mapping[tuple[str, str, int], CellResult]
    """By suite, agent and seed."""
    target: float
    """Score that :attr:`CellResult.rollouts_to_target` is about."""
    policies: tuple[str, ...] = ()
    """Whom the agents began with."""
    commits: tuple[str, ...] = ()
    """Of the code that ran the cells, as :func:`benchmarks.ran_by.commits_of` gives them."""
    machines: tuple[str, ...] = ()
    """What computed: several where not all cells ran alike."""

    def groups(self, agent: str) -> list[Floats]:
        """Scores of an agent: for every suite a table of seeds by environments."""
        return [
            np.array([self.cells[suite, agent, seed].scores for seed in range(self.seeds)]) for suite in self.suites
        ]

    def middle(self, agent: str) -> Spread:
        """Interquartile mean over everything that an agent did."""
        return spread(self.groups(agent), interquartile_mean)

    def improvements(self) -> dict[str, Spread]:
        """How probably a run of each other agent beats one of the baseline."""
        baseline, *others = self.agents
        return {agent: improvement(self.groups(agent), self.groups(baseline)) for agent in others}

    def comparisons(self) -> list[Comparison]:
        """Every other agent with the baseline, suite by suite, paired by problem and seed.

        Trained again, an agent is another one on all problems at once. So what is tested are the differences of whole
        seeds, where there are several.
        """
        if not self.agents:
            return []
        baseline, *others = self.agents
        made = [(suite, agent, self._differences(suite, agent, baseline)) for suite in self.suites for agent in others]
        p_values = [self._p_value(suite, tables) for suite, _, tables in made]
        adjusted = list(map(float, holm(p_values))) if self.seeds > 1 else [None] * len(made)
        return [
            Comparison(suite, agent, baseline, float(np.mean([table.mean() for table in tables])), p, bound)
            for (suite, agent, tables), p, bound in zip(made, p_values, adjusted, strict=True)
        ]

    def _p_value(self, suite: str, tables: Sequence[Floats]) -> float:
        if self.seeds == 1:  # problems that ask the same have one sign
            same = self.same(suite)
            sums = [by_group(table[0], labels)[0] for table, labels in zip(tables, same, strict=True)]
            return sign_flip_test([s * (len(s) / t.size) for s, t in zip(sums, tables, strict=True)])
        return sign_flip_test([np.mean([table.mean(axis=1) for table in tables], axis=0)])

    def same(self, suite: str) -> Sequence[Sequence[int]]:
        """For each environment of a suite which problems ask the same, by the place of the first."""
        cell = next(cell for key, cell in self.cells.items() if key[0] == suite)
        return cell.same or [range(len(problems)) for problems in cell.problems]

    def _differences(self, suite: str, first: str, second: str) -> list[Floats]:
        """For every environment the differences, (seeds, problems)."""
        pairs = [
            (self.cells[suite, first, s].problems, self.cells[suite, second, s].problems) for s in range(self.seeds)
        ]
        return [np.array([one[place] - two[place] for one, two in pairs]) for place in range(len(self.envs[suite]))]


def read_matrix(
    folders: Mapping[tuple[str, str, int], Path],
    suites: Sequence[str],
    agents: Sequence[str],
    seeds: int,
    target: float = TARGET,
) -> Matrix:
    """Read every cell that has a report. ``folders`` are by suite, agent and seed.

    Raises:
        ConfigError: Cells of one suite were measured on different problems, or one policy began with different weights.
    """
    done = {key: folder for key, folder in folders.items() if (folder / "report.json").exists()}
    check_same_start(done.values())
    for suite in suites:
        check_same_problems((folder for key, folder in done.items() if key[0] == suite), WHOLE)
    whole = [a for a in agents if all((suite, a, seed) in done for suite in suites for seed in range(seeds))]
    reports = {key: Report.read(folder / "report.json") for key, folder in done.items()}
    envs = {key[0]: tuple(env.id for env in report.environments) for key, report in reports.items()}
    cells = {key: _cell(key, reports[key], done[key], target) for key in done}
    left_out = tuple(agent for agent in agents if agent not in whole)
    return Matrix(
        tuple(suites),
        tuple(whole),
        left_out,
        seeds,
        envs,
        cells,
        target,
        policies=tuple(sorted({report.policy for report in reports.values()})),
        commits=commits_of(reports.values()),
        machines=machines_of({done[key]: report for key, report in reports.items()}),
    )


def _cell(key: tuple[str, str, int], report: Report, folder: Path, target: float) -> CellResult:
    suite, agent, seed = key
    row = headline(report)
    lines = [line for line in (folder / "evaluation.jsonl").read_bytes().split(b"\n") if line.strip()]
    by_env: dict[str, list[float]] = {env.id: [] for env in report.environments}
    asks: dict[str, list[str]] = {env.id: [] for env in report.environments}
    for problem in problem_scores(lines):
        by_env[problem.env].append(problem.mean(row.label))
        asks[problem.env].append(problem.asks or problem.task_id)
    solved = sum(sum(values) for values in by_env.values())
    per_step = _rollouts_a_step(folder)
    tokens, answers_only = _spent(folder, per_step)
    curve = read_curve(folder, per_step)
    remembered = [other.overall.avg_at_k for other in report.rows if other.with_memory]
    return CellResult(
        agent=agent,
        suite=suite,
        seed=seed,
        scores=tuple(row.per_env[env.id].avg_at_k for env in report.environments),
        problems=tuple(np.array(values) for values in by_env.values()),
        avg_at_k=row.overall.avg_at_k,
        pass_at_k=row.overall.pass_at_k,
        maj_at_k=row.overall.maj_at_k,
        with_memory=remembered[0] if remembered else None,
        curve=curve.name if curve else "",
        area=curve.area if curve else None,
        rollouts_to_target=curve.rollouts_to(target) if curve else None,
        tokens=tokens,
        tokens_per_solved=cost_per_solved(tokens, solved),
        usage=report.usage,
        served_tokens_per_solved=_served_cost(report.usage, solved),
        same=tuple(map(places_of_first, asks.values())),
        answers_only=answers_only,
    )


def _served_cost(usage: Usage | None, solved: float) -> float | None:
    if usage is None or usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    return cost_per_solved(usage.prompt_tokens + usage.completion_tokens, solved)


def headline(report: Report) -> ResultRow:
    """The row after training and without memory."""
    return next(row for row in report.rows if not row.with_memory and row.label != BASELINE)


def _rollouts_a_step(folder: Path) -> int:
    suite = json.loads(json.dumps(read_config(folder)["suite"]))
    return int(len(suite["envs"]) * suite["problems"] * suite["rollouts"])


def _spent(folder: Path, per_step: int) -> tuple[float, bool]:
    """Tokens of training, and whether they are only those of answers, since the run counted no others."""
    metrics = read_lines(folder / "metrics.jsonl")
    spent = float(sum(tokens_read_and_written(metrics)))
    if spent or not metrics:
        return spent, False
    return sum(row["completion_tokens"] for row in metrics) * per_step, True
