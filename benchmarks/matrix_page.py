"""A matrix as files: ``results.json`` for programs, ``results.md`` with its figure for people."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from agents.registry import labelled
from benchmarks.files import write_text
from benchmarks.matrix_results import CellResult, Matrix
from benchmarks.plots import profiles
from benchmarks.ran_by import said_of
from benchmarks.study_head import without_home
from leaderboard.aggregates import Spread, performance_profile
from leaderboard.alike import alike_text, different
from pmd_envs.records import Json

WHERE = "suite or environment"
THRESHOLDS = np.linspace(0, 1, 101)


def write_results(matrix: Matrix, folder: Path) -> Path:
    """Write everything; the path of the page."""
    write_text(folder / "results.json", json.dumps(as_json(matrix), indent=2) + "\n")
    lines = [
        *_head(matrix),
        *_agents(matrix),
        *_scores(matrix),
        *_environments(matrix),
        *_comparisons(matrix),
        *_effort(matrix),
        *_served(matrix),
    ]
    if matrix.agents:
        drawn = {
            labelled(agent): performance_profile(matrix.groups(agent), THRESHOLDS).tolist() for agent in matrix.agents
        }
        profiles(THRESHOLDS.tolist(), drawn, folder / "profiles.png", "share of runs and environments above a score")
        lines += ["![performance profiles](profiles.png)", ""]
    page = folder / "results.md"
    write_text(page, "\n".join(lines))
    return page


def as_json(matrix: Matrix) -> dict[str, Json]:
    """All numbers. Nothing in it depends on when or how fast the matrix was run."""
    found: dict[str, Json] = {
        "suites": list(matrix.suites),
        "environments": {suite: list(envs) for suite, envs in sorted(matrix.envs.items())},
        "agents": list(matrix.agents),
        "upper_bounds": [agent for agent in matrix.agents if labelled(agent) != agent],
        "left_out": list(matrix.left_out),
        "seeds": matrix.seeds,
        "policies": list(map(without_home, matrix.policies)),
        "commits": list(matrix.commits),
        "machines": list(matrix.machines),
        "target": matrix.target,
        "interquartile_mean": {agent: asdict(matrix.middle(agent)) for agent in matrix.agents},
        "probability_of_improvement": {
            agent: asdict(found) for agent, found in (matrix.improvements() if matrix.agents else {}).items()
        },
        "comparisons": [asdict(comparison) for comparison in matrix.comparisons()],
        "cells": [_cell(matrix.cells[key]) for key in sorted(matrix.cells)],
    }
    return found


def _cell(cell: CellResult) -> dict[str, Json]:
    found: dict[str, Json] = {**asdict(cell), "problems": [table.tolist() for table in cell.problems]}
    return found | {"scores": list(cell.scores), "same": [list(labels) for labels in cell.same]}


def _head(matrix: Matrix) -> Iterator[str]:
    yield "# Results"
    yield ""
    one = matrix.seeds == 1
    spread = "one run of each has no interval" if one else "intervals are 95 %, from a bootstrap over runs"
    policies = ", ".join(f"`{without_home(policy)}`" for policy in matrix.policies)
    yield (
        f"{matrix.seeds} seed{'' if one else 's'} of each agent, in each of {', '.join(matrix.suites)}"
        f"{f', from the policy {policies}' if policies else ''}. Scores are avg@k on held-out problems after training "
        f"and without memory; {spread}."
    )
    yield ""
    if matrix.commits:
        yield " ".join(said_of(matrix.commits, matrix.machines))
        yield ""
    said = [
        alike_text(env, same)
        for suite in matrix.suites
        if suite in matrix.envs
        for env, same in zip(matrix.envs[suite], matrix.same(suite), strict=True)
        if different(same) < len(same)
    ]
    if said:
        yield f"Some problems ask the same: {'; '.join(said)}."
        yield ""
    if matrix.left_out:
        yield f"Not all runs of these are done, so they are not compared: {', '.join(matrix.left_out)}."
        yield ""


def _agents(matrix: Matrix) -> Iterator[str]:
    if not matrix.agents:
        return
    better, baseline = matrix.improvements(), matrix.agents[0]
    yield f"| agent | interquartile mean | 95 % interval | beats {baseline} with probability | 95 % interval |"
    yield "|---|---:|---:|---:|---:|"
    for agent in matrix.agents:
        chance = _spread(better[agent], matrix.seeds) if agent in better else " | "
        yield f"| {labelled(agent)} | {_spread(matrix.middle(agent), matrix.seeds)} | {chance} |"
    yield ""


def _spread(found: Spread, seeds: int) -> str:
    """With its interval, which one run of each agent has not."""
    return f"{found.value:.3f} | " + (f"{found.low:.3f} to {found.high:.3f}" if seeds > 1 else "")


def _scores(matrix: Matrix) -> Iterator[str]:
    yield f"| {WHERE} | agent | {' | '.join(('avg@k', 'pass@k', 'maj@k', 'with memory'))} |"
    yield "|---|---|---:|---:|---:|---:|"
    for suite in matrix.suites:
        for agent in matrix.agents:
            cells = [matrix.cells[suite, agent, seed] for seed in range(matrix.seeds)]
            values: list[list[float | None]] = [
                [cell.avg_at_k for cell in cells],
                [cell.pass_at_k for cell in cells],
                [cell.maj_at_k for cell in cells],
                [cell.with_memory for cell in cells],
            ]
            yield f"| {suite} | {labelled(agent)} | {' | '.join(map(_mean, values))} |"
    yield ""


def _environments(matrix: Matrix) -> Iterator[str]:
    """Agents by environments."""
    if not matrix.agents:
        return
    yield f"| avg@k | {' | '.join(map(labelled, matrix.agents))} |"
    yield f"|---|{'---:|' * len(matrix.agents)}"
    for suite in matrix.suites:
        for place, env in enumerate(matrix.envs[suite]):
            values = [
                [matrix.cells[suite, agent, seed].scores[place] for seed in range(matrix.seeds)]
                for agent in matrix.agents
            ]
            yield f"| {suite if env in suite else f'{suite}: {env}'} | {' | '.join(map(_mean, values))} |"
    yield ""


def _comparisons(matrix: Matrix) -> Iterator[str]:
    found = matrix.comparisons()
    if not found:
        return
    yield _tested(matrix.seeds)
    yield ""
    yield f"| {WHERE} | difference | mean | p | adjusted |"
    yield "|---|---|---:|---:|---:|"
    for one in found:
        pair = f"{labelled(one.agent)} - {labelled(one.baseline)}"
        adjusted = "" if one.adjusted is None else f"{one.adjusted:.4f}"
        yield f"| {one.suite} | {pair} | {one.difference:+.3f} | {one.p_value:.4f} | {adjusted} |"
    yield ""


def _tested(seeds: int) -> str:
    """What the p-values are, and what they cannot tell."""
    if seeds == 1:
        return (
            "Paired by problem; p by flipping the signs of problems. It is about these runs only: how much agents "
            "differ from one training run to the next, one seed cannot tell. So nothing is adjusted."
        )
    return (
        f"Paired by seed; p by flipping the signs of whole seeds, adjusted by Holm over all rows of this table. Of "
        f"{seeds} seeds no p is below {2.0 ** (1 - seeds):.2g}, which all of them on one side give:"
    )


def _effort(matrix: Matrix) -> Iterator[str]:
    yield (
        f"| {WHERE} | agent | learning curve of | area under it | rollouts to a score of {matrix.target:g} | "
        "tokens read and written in training | of these for a solved problem |"
    )
    yield "|---|---|---|---:|---:|---:|---:|"
    for suite in matrix.suites:
        for agent in matrix.agents:
            cells = [matrix.cells[suite, agent, seed] for seed in range(matrix.seeds)]
            yield (
                f"| {suite} | {labelled(agent)} | {', '.join(dict.fromkeys(c.curve for c in cells))} | "
                f"{_mean([c.area for c in cells])} | "
                f"{_mean([c.rollouts_to_target for c in cells], 0)} | "
                f"{_mean([c.tokens for c in cells], 0)}{_answers_only(cells)} | "
                f"{_mean([c.tokens_per_solved for c in cells], 0)} |"
            )
    yield ""


def _answers_only(cells: Sequence[CellResult]) -> str:
    """Which cells do not know what teachers, reflections and updates took."""
    old = sum(cell.answers_only for cell in cells)
    if not old:
        return ""
    return " (answers only)" if old == len(cells) else f" (of {old} of {len(cells)} runs answers only)"


def _served(matrix: Matrix) -> Iterator[str]:
    """What a server counted, where there is one."""
    if all(cell.usage is None for cell in matrix.cells.values()):
        return
    yield f"| {WHERE} | agent | prompt tokens | completion tokens | of both for a solved problem |"
    yield "|---|---|---:|---:|---:|"
    for suite in matrix.suites:
        for agent in matrix.agents:
            cells = [matrix.cells[suite, agent, seed] for seed in range(matrix.seeds)]
            used = [cell.usage for cell in cells if cell.usage is not None]
            yield (
                f"| {suite} | {labelled(agent)} | {_mean([one.prompt_tokens for one in used], 0)} | "
                f"{_mean([one.completion_tokens for one in used], 0)} | "
                f"{_mean([cell.served_tokens_per_solved for cell in cells], 0)} |"
            )
    yield ""


def _mean(values: Sequence[float | None], digits: int = 3) -> str:
    """Mean of the known ones, with how many those are where some are not."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    share = "" if len(known) == len(values) else f" ({len(known)} of {len(values)})"
    return f"{sum(known) / len(known):,.{digits}f}{share}"
