"""What a run took: time, attempts in training, and tokens where their number was recorded."""

from collections.abc import Sequence
from dataclasses import dataclass

from leaderboard.records import Report
from leaderboard.training import TrainingPoint


@dataclass(frozen=True)
class Cost:
    """Zero where something is not known."""

    seconds: float
    attempts: int
    """In training."""
    tokens: int
    """Sampled in training, from their mean number an answer."""


def cost_of(report: Report, training: Sequence[TrainingPoint]) -> Cost:
    """The cost of a run as far as its folder tells."""
    suite = report.config.get("suite")
    attempts = 0
    if isinstance(suite, dict):
        problems, rollouts = suite.get("problems"), suite.get("rollouts")
        if isinstance(problems, int) and isinstance(rollouts, int):
            attempts = max(problems * rollouts, 0) * len(report.environments) * report.steps
    mean = sum(point.tokens for point in training) / len(training) if training else 0.0
    return Cost(sum(report.seconds.values()), attempts, round(mean * attempts))
