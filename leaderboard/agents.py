"""The agents of a board, each with all of its runs: interquartile mean, chance to beat the best one, profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from leaderboard.aggregates import (
    Floats,
    Spread,
    improvement,
    interquartile_mean,
    performance_profile,
    spread,
)
from leaderboard.charts import Chart, Curve, draw
from leaderboard.entry import Entry

MOST_RUNS = 400
"""Runs of a board that are read, the newest ones."""
MOST_AGENTS = 8
RESAMPLES = 400
_THRESHOLDS = np.linspace(0, 1, 51)


@dataclass(frozen=True)
class Measured:
    """A number over runs, and the ends of its 95 % interval: None where one run is all there is to draw from."""

    value: float
    low: float | None
    high: float | None

    @classmethod
    def of(cls, found: Spread, *tables: Floats) -> Self:
        """What was found for these tables of runs by environments."""
        if min(map(len, tables)) == 1:
            return cls(found.value, None, None)
        return cls(found.value, found.low, found.high)


@dataclass(frozen=True)
class AgentShown:
    """One agent with one policy, over its runs."""

    agent: str
    policy: str
    runs: int
    middle: Measured
    """Interquartile mean over runs and environments."""
    chance: Measured | None
    """That one of its runs beats one of the first agent's in an environment drawn at random; None for the first."""


@dataclass(frozen=True)
class AgentsShown:
    """Best interquartile mean first."""

    agents: tuple[AgentShown, ...]
    left_out: int
    profile: Chart | None


def show_agents(entries: Sequence[Entry]) -> AgentsShown:
    """Compare the agents of one board by their ranked entries."""
    found: dict[tuple[str, str], list[list[float]]] = {}
    for entry in entries:
        row = entry.headline
        if row is not None:
            scores = [row.per_env[env.id].avg_at_k for env in entry.report.environments]
            found.setdefault((entry.report.agent, entry.report.policy), []).append(scores)
    tables = {name: np.array(scores) for name, scores in found.items()}
    best = sorted(tables, key=lambda name: (-interquartile_mean([tables[name]]), name))
    shown = best[:MOST_AGENTS]
    agents = tuple(_agent(name, tables[name], None if name == best[0] else tables[best[0]]) for name in shown)
    curves = [Curve(f"{agent} ({policy})", _profile(tables[agent, policy])) for agent, policy in shown]
    title = "Share of runs and environments above a score"
    return AgentsShown(agents, len(best) - len(shown), draw(title, curves, share=True, x_label="score in percent"))


def _agent(name: tuple[str, str], table: Floats, first: Floats | None) -> AgentShown:
    middle = Measured.of(spread([table], interquartile_mean, resamples=RESAMPLES), table)
    chance = None
    if first is not None:
        chance = Measured.of(improvement([table], [first], resamples=RESAMPLES), table, first)
    return AgentShown(*name, len(table), middle, chance)


def _profile(table: Floats) -> list[tuple[float, float]]:
    above = performance_profile([table], _THRESHOLDS)
    return [(100 * float(threshold), float(share)) for threshold, share in zip(_THRESHOLDS, above, strict=True)]
