"""The agents of a board, each with all of its runs: interquartile mean, chance to beat the best one, profile.

An agent with other settings is another one (:mod:`leaderboard.methods`).
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
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
from leaderboard.methods import Method, Player, by_method
from leaderboard.ranking import StoredEntry

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
    """One agent with one policy and some settings, over its runs."""

    player: Player
    differs: str
    """The settings that tell it from others of the same name; empty where there are no others."""
    runs: int
    newest: int
    """The newest entry among them."""
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


def show_agents(stored: Sequence[StoredEntry]) -> AgentsShown:
    """Compare the agents of one board by their ranked entries, the newest ones first."""
    methods = [(method, _table(method)) for method in by_method(stored)]
    best = sorted(methods, key=lambda pair: (-interquartile_mean([pair[1]]), astuple(pair[0].player)))
    shown = best[:MOST_AGENTS]
    agents = tuple(_agent(*pair, None if pair is best[0] else best[0][1]) for pair in shown)
    curves = [Curve(f"{method.name} ({method.player.policy})", _profile(table)) for method, table in shown]
    title = "Share of runs and environments above a score"
    return AgentsShown(agents, len(best) - len(shown), draw(title, curves, share=True, x_label="score in percent"))


def _table(method: Method) -> Floats:
    """Score of each run in each environment, (runs, environments)."""
    scored = [(item.entry.report.environments, item.entry.headline) for item in method.runs]
    return np.array([[row.per_env[env.id].avg_at_k for env in envs] for envs, row in scored if row is not None])


def _agent(method: Method, table: Floats, first: Floats | None) -> AgentShown:
    middle = Measured.of(spread([table], interquartile_mean, resamples=RESAMPLES), table)
    chance = None
    if first is not None:
        chance = Measured.of(improvement([table], [first], resamples=RESAMPLES), table, first)
    return AgentShown(method.player, method.differs, len(table), method.runs[0].id, middle, chance)


def _profile(table: Floats) -> list[tuple[float, float]]:
    above = performance_profile([table], _THRESHOLDS)
    return [(100 * float(threshold), float(share)) for threshold, share in zip(_THRESHOLDS, above, strict=True)]
