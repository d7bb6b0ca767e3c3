"""Imitation of one's own right answers (rejection sampling): the simplest agent that learns."""

from dataclasses import dataclass

from agents.agent import Agent, TrainState
from agents.records import Group, RowTarget, Targets


@dataclass(frozen=True)
class Imitate(Agent):
    """Reinforce the right responses, and leave the wrong ones alone."""

    strength: float = 1.0
    """Advantage of a right response."""

    def __post_init__(self) -> None:
        if self.strength <= 0:
            raise ValueError(f"strength={self.strength} is not above 0")

    def targets(self, group: Group, state: TrainState) -> Targets:  # noqa: ARG002  it needs no state
        """Every turn of a right episode gets the same advantage, every other turn none."""
        rows = [
            RowTarget(turn, advantage=self.strength if episode.verdict.score == 1 else 0.0)
            for episode in group.episodes
            for turn in episode.turns
        ]
        return Targets(tuple(rows), {"imitated": float(sum(row.is_active for row in rows))})
