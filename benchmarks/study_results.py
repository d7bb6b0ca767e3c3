"""The numbers of a study, read from the folders of its cells."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.files import read_lines
from benchmarks.statistics import Floats, Interval, crossed_interval, pass_at_k_of_counts
from leaderboard.records import Report
from pmd_envs.errors import ConfigError

START = "start"
"""What every arm is before training."""


@dataclass(frozen=True)
class ArmResult:
    """One arm over all seeds."""

    name: str
    tables: tuple[Floats, ...]
    """For every environment the share solved, (seeds, problems)."""
    pass_at_k: float
    """At the number of samples that were drawn."""
    with_memory: float | None
    """avg@k when the policy is shown the memory at test time."""
    rewards: Floats
    """Mean reward of each training batch, (seeds, steps)."""
    tokens: float
    """Completion tokens of training, mean over seeds."""
    seconds: float
    """Of training, mean over seeds."""
    items: float
    """Memory items at the end, mean over seeds."""

    @property
    def score(self) -> float:
        """Mean over environments of avg@k."""
        return float(np.mean([table.mean() for table in self.tables]))

    @property
    def interval(self) -> Interval:
        """Over seeds and problems."""
        return crossed_interval(self.tables, 0)


@dataclass(frozen=True)
class Study:
    """All arms, on the same problems and seeds."""

    envs: tuple[str, ...]
    k: int
    seeds: int
    suite: str
    split: str
    steps: int
    arms: tuple[ArmResult, ...]

    def arm(self, name: str) -> ArmResult | None:
        """An arm by name."""
        return next((arm for arm in self.arms if arm.name == name), None)


def difference(first: ArmResult, second: ArmResult) -> tuple[float, Interval]:
    """First minus second, paired by seed and problem, with its 95 % interval over both."""
    tables = [a - b for a, b in zip(first.tables, second.tables, strict=True)]
    return float(np.mean([table.mean() for table in tables])), crossed_interval(tables, 0)


def load_study(folder: Path, arms: Sequence[str], seeds: Iterable[int]) -> Study:
    """Read every cell that has a report. An arm counts only with all seeds, so that comparisons stay paired.

    Raises:
        ConfigError: No arm is complete.
    """
    seeds = tuple(seeds)
    complete = [arm for arm in arms if all((_cell(folder, arm, seed) / "report.json").exists() for seed in seeds)]
    if not complete:
        raise ConfigError(f"{folder}: no arm has a finished run of every seed ({', '.join(map(str, seeds))})")
    reports = {arm: [Report.read(_cell(folder, arm, seed) / "report.json") for seed in seeds] for arm in complete}
    one = reports[complete[0]][0]
    envs = tuple(env.id for env in one.environments)
    results = [_arm(folder, arm, reports[arm], envs) for arm in complete]
    trained = next((arm for arm in complete if arm != "frozen"), None)
    if trained is not None and "frozen" not in complete:
        results.insert(0, _start(folder, trained, seeds, envs))
    split = str(one.config["split"])
    steps = max(report.steps for runs in reports.values() for report in runs)
    return Study(envs, one.rows[0].overall.k, len(seeds), one.suite, split, steps, tuple(results))


def _cell(folder: Path, arm: str, seed: int) -> Path:
    return folder / arm / f"seed{seed}"


def _arm(folder: Path, arm: str, reports: Sequence[Report], envs: tuple[str, ...]) -> ArmResult:
    cells = [_cell(folder, arm, report.seed) for report in reports]
    labels = [row.label for row in reports[0].rows]
    final = arm if arm in labels else labels[-1]
    samples = _samples(cells, final, envs)
    remembered = [row.overall.avg_at_k for report in reports for row in report.rows if row.with_memory]
    metrics = [read_lines(cell / "metrics.jsonl") for cell in cells]
    seconds = [sum(sum(v for k, v in row.items() if k != "step") for row in _seconds(cell)) for cell in cells]
    return ArmResult(
        name=arm,
        tables=tuple(table.mean(axis=2) for table in samples),
        pass_at_k=_pass_at_k(samples),
        with_memory=float(np.mean(remembered)) if remembered else None,
        rewards=np.array([[row["reward"] for row in rows] for rows in metrics]),
        tokens=float(np.mean([_tokens(cell, rows) for cell, rows in zip(cells, metrics, strict=True)])),
        seconds=float(np.mean(seconds)),
        items=float(np.mean([sum(report.memory_counts.values()) for report in reports])),
    )


def _start(folder: Path, arm: str, seeds: Sequence[int], envs: tuple[str, ...]) -> ArmResult:
    cells = [_cell(folder, arm, seed) for seed in seeds]
    label = Report.read(cells[0] / "report.json").rows[0].label
    samples = _samples(cells, label, envs)
    tables = tuple(table.mean(axis=2) for table in samples)
    return ArmResult(START, tables, _pass_at_k(samples), None, np.zeros((len(seeds), 0)), 0.0, 0.0, 0.0)


def _samples(cells: Sequence[Path], label: str, envs: tuple[str, ...]) -> list[Floats]:
    """For every environment the scores, (seeds, problems, k)."""
    found: list[list[Floats]] = [[] for _ in envs]
    for cell in cells:
        rows = [json.loads(line) for line in (cell / "evaluation.jsonl").read_text().splitlines()]
        for place, env in enumerate(envs):
            own = [row for row in rows if row["env"] == env and row["row"] == label]
            problems = len({row["task_id"] for row in own})
            found[place].append(np.array([row["score"] for row in own], dtype=np.float64).reshape(problems, -1))
    return [np.stack(tables) for tables in found]


def _pass_at_k(samples: Sequence[Floats]) -> float:
    shares = []
    for table in samples:
        k = table.shape[2]
        right = (table >= 1).sum(axis=2).reshape(-1)
        shares.append(float(pass_at_k_of_counts(right, k, k).mean()))
    return float(np.mean(shares))


def _seconds(cell: Path) -> list[dict[str, float]]:
    return read_lines(cell / "seconds.jsonl")


def _tokens(cell: Path, metrics: Sequence[dict[str, float]]) -> float:
    config = json.loads((cell / "config.json").read_text())["suite"]
    per_step = len(config["envs"]) * config["problems"] * config["rollouts"]
    return sum(row["completion_tokens"] for row in metrics) * per_step
