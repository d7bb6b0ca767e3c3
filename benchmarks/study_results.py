"""The numbers of a study, read from the folders of its cells."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data_used import check_same_start
from benchmarks.files import read_lines
from benchmarks.folder import file_name
from benchmarks.ran_by import commits_of, machines_of
from benchmarks.runner import BEST, UNSEEN
from benchmarks.same_problems import UNSEEN as UNSEEN_FILES
from benchmarks.same_problems import WHOLE, check_same_problems
from benchmarks.statistics import Floats, pass_at_k_of_counts
from benchmarks.study_records import START, ArmResult, Look, Measure, Measured, Study
from leaderboard.alike import alike
from leaderboard.curves import START_FILE as BEFORE
from leaderboard.fields import parse
from leaderboard.records import Report, ResultRow
from leaderboard.training import tokens_read_and_written
from pmd_envs.errors import ConfigError

OVERHEAD = ("watch", "drift")
"""Parts of a step that only measure: no arm needs them."""


def load_study(folder: Path, arms: Sequence[str], seeds: Iterable[int]) -> Study:
    """Read every cell of one suite that has a report. An arm counts only with all seeds: comparisons stay paired.

    Raises:
        ConfigError: No arm is complete, or some were measured on different problems or began with different weights.
    """
    seeds = tuple(seeds)
    missing = {arm: tuple(s for s in seeds if not (_cell(folder, arm, s) / "report.json").exists()) for arm in arms}
    complete = [arm for arm, lacking in missing.items() if not lacking]
    if not complete:
        raise ConfigError(f"{folder}: no arm has a finished run of every seed ({', '.join(map(str, seeds))})")
    cells = [_cell(folder, arm, seed) for arm in complete for seed in seeds]
    check_same_start(cells)
    for files in (WHOLE, UNSEEN_FILES):
        check_same_problems(cells, files)
    reports = {arm: [Report.read(_cell(folder, arm, seed) / "report.json") for seed in seeds] for arm in complete}
    one = reports[complete[0]][0]
    envs = tuple(env.id for env in one.environments)
    results = [_arm(folder, arm, reports[arm], envs) for arm in complete]
    trained = next((arm for arm in complete if arm != "frozen"), None)
    if trained is not None and "frozen" not in complete:
        results.insert(0, _start(folder, trained, seeds, envs))
    split = str(one.config["split"])
    steps = max(report.steps for runs in reports.values() for report in runs)
    ran = [report for runs in reports.values() for report in runs]
    machines = machines_of(dict(zip(cells, ran, strict=True)))
    k = one.rows[0].overall.k
    left_out = {arm: lacking for arm, lacking in missing.items() if lacking}
    begun = (envs, k, seeds, one.suite, split, steps, one.policy)
    return Study(*begun, tuple(results), commits_of(ran), left_out, machines)


def _cell(folder: Path, arm: str, seed: int) -> Path:
    return folder / arm / f"seed{seed}"


def _arm(folder: Path, arm: str, reports: Sequence[Report], envs: tuple[str, ...]) -> ArmResult:
    cells = [_cell(folder, arm, report.seed) for report in reports]
    metrics = [read_lines(cell / "metrics.jsonl") for cell in cells]
    spent = [_spent(cell, rows) for cell, rows in zip(cells, metrics, strict=True)]
    looks = [_looks(cell, rows, cost) for cell, rows, cost in zip(cells, metrics, spent, strict=True)]
    ends = [cost[-1] if len(cost) else np.zeros(2) for cost in spent]
    return ArmResult(
        name=arm,
        measured=_measured(cells, reports[0].agent, envs),
        rewards=np.array([[row["reward"] for row in rows] for rows in metrics]),
        looks=tuple(looks) if all(looks) else (),
        best_steps=tuple(row.policy_step for report in reports for row in report.rows if row.label.endswith(BEST)),
        tokens=float(np.mean([end[0] for end in ends])),
        seconds=float(np.mean([end[1] for end in ends])),
        items=float(np.mean([sum(report.memory_counts.values()) for report in reports])),
        own_shown=_mean_of(metrics, "own_answer_shown"),
        copies_shown=_mean_of(metrics, "copies_shown"),
    )


def _mean_of(metrics: Sequence[Sequence[Mapping[str, float]]], name: str) -> float:
    """Over all batches of all seeds; 0 where an agent has no such metric."""
    return float(np.mean([row.get(name, 0.0) for rows in metrics for row in rows] or [0.0]))


def _start(folder: Path, arm: str, seeds: Sequence[int], envs: tuple[str, ...]) -> ArmResult:
    cells = [_cell(folder, arm, seed) for seed in seeds]
    label = Report.read(cells[0] / "report.json").rows[0].label
    return ArmResult(START, _measured(cells, label, envs), rewards=np.zeros((len(seeds), 0)))


def _measured(cells: Sequence[Path], label: str, envs: tuple[str, ...]) -> dict[Measure, Measured]:
    """Whatever was measured in every cell."""
    reports = [Report.read(cell / "report.json").rows for cell in cells]
    best = f"{label}{BEST}"
    whole = [cell / "evaluation.jsonl" for cell in cells]
    found: dict[Measure, Measured] = {"final": _answers(whole, label, envs, _votes(_rows(reports, label)))}
    if best in {row.label for row in reports[0]}:
        found["best"] = _answers(whole, best, envs, _votes(_rows(reports, best)))
    remembering = next((row.label for row in reports[0] if row.with_memory), "")
    if remembering:
        found["remembering"] = _answers(whole, remembering, envs, _votes(_rows(reports, remembering)))
    if all((cell / UNSEEN).exists() for cell in cells):
        files = [cell / "unseen" / f"{file_name(label)}.jsonl" for cell in cells]
        stated = [_unseen(cell / UNSEEN) for cell in cells]
        found["unseen"] = _answers(files, label, envs, _votes(_rows(stated, label)))
    return found


def _unseen(file: Path) -> list[ResultRow]:
    """The rows about kinds that training lacked."""
    rows = json.dumps({"rows": json.loads(file.read_text())}).encode()
    return [ResultRow.from_fields(row) for row in parse(rows, str(file)).objects("rows")]


def _rows(reports: Sequence[Sequence[ResultRow]], label: str) -> list[ResultRow]:
    return [row for rows in reports for row in rows if row.label == label]


def _votes(rows: Sequence[ResultRow]) -> tuple[float | None, float | None]:
    """maj@k and headroom, means over environments and seeds."""
    votes = [(one.maj_at_k, one.pass_at_k) for row in rows for one in row.per_env.values()]
    counted = [(maj, best - maj) for maj, best in votes if maj is not None]
    if not counted:
        return None, None
    maj, headroom = np.mean(counted, axis=0)
    return float(maj), float(headroom)


def _answers(
    files: Sequence[Path], label: str, envs: tuple[str, ...], votes: tuple[float | None, float | None]
) -> Measured:
    found: list[list[Floats]] = [[] for _ in envs]  # for every environment the scores, (problems, k) a seed
    for file in files:
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        for place, env in enumerate(envs):
            own = [row for row in rows if row["env"] == env and row["row"] == label]
            problems = len({row["task_id"] for row in own})
            found[place].append(np.array([row["score"] for row in own], dtype=np.float64).reshape(problems, -1))
    samples = [np.stack(tables) for tables in found]
    same = tuple(_alike([row for row in rows if row["env"] == env and row["row"] == label]) for env in envs)
    return Measured(tuple(table.mean(axis=2) for table in samples), _pass_at_k(samples), *votes, same)


def _alike(episodes: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    """Which of the problems that were answered ask the same."""
    one = episodes[0]
    return alike(one["env"], one["kwargs"], one["fingerprint"], list(dict.fromkeys(row["task_id"] for row in episodes)))


def _pass_at_k(samples: Sequence[Floats]) -> float:
    shares = []
    for table in samples:
        k = table.shape[2]
        right = (table >= 1).sum(axis=2).reshape(-1)
        shares.append(float(pass_at_k_of_counts(right, k, k).mean()))
    return float(np.mean(shares))


def _spent(cell: Path, metrics: Sequence[dict[str, float]]) -> Floats:
    """Tokens and seconds of training after each batch, (steps, 2)."""
    tokens = tokens_read_and_written(metrics)
    timed = read_lines(cell / "seconds.jsonl")
    seconds = [sum(v for name, v in row.items() if name != "step" and name not in OVERHEAD) for row in timed]
    return np.cumsum(np.array([tokens, seconds], dtype=np.float64).T.reshape(-1, 2), axis=0)


def _looks(cell: Path, metrics: Sequence[dict[str, float]], spent: Floats) -> tuple[Look, ...]:
    if not (cell / BEFORE).exists():
        return ()
    first = Look(0, 0.0, 0.0, float(json.loads((cell / BEFORE).read_text())["validation/avg"]))
    later = [
        Look(int(row["step"]) + 1, float(cost[0]), float(cost[1]), row["validation/avg"])
        for row, cost in zip(metrics, spent, strict=True)
        if "validation/avg" in row
    ]
    return (first, *later)
