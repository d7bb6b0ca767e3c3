"""The baseline row: a policy that is evaluated and never trained."""

from dataclasses import dataclass

from agents.agent import Agent, TrainState
from agents.records import Group, RowTarget, Targets


@dataclass(frozen=True)
class Frozen(Agent):
    """Do not train: what the policy can do as it is."""

    trains = False

    def targets(self, group: Group, state: TrainState) -> Targets:  # noqa: ARG002  nothing depends on the state
        """Nothing to learn."""
        return Targets(tuple(RowTarget(turn) for e in group.episodes for turn in e.turns), {})
