"""SDPO: self-distillation policy optimization (2601.20802).

The teacher is the policy itself, shown a correct answer of a sibling rollout, or else the environment's feedback on
the failed attempt. The student learns the teacher's token distributions on its own rollouts. What is known is only
what the current group found out: the next batch starts from nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agents.agent import Agent, LossSpec, TrainState
from agents.distil import Lesson, follow_policy, share, sibling_solution, teach
from agents.prompts import Blocks
from agents.records import Episode, Group, Targets


@dataclass(frozen=True)
class SDPO(Agent):
    """Distil the policy that has seen a sibling's solution or feedback into the policy that has not."""

    alpha: float = 0.5
    """Divergence: 0 forward KL, 1 reverse KL, 0.5 Jensen-Shannon."""
    top_k: int | None = 100
    """Compare only the student's likeliest tokens, and a bucket for the rest; None compares the whole vocabulary."""
    ema: float = 0.05
    """Share of the policy that the teacher's weights take over after each batch; 0 keeps the first weights."""
    live_teacher: bool = False
    """The teacher is always the current policy (known to diverge; for ablations)."""
    feedback: bool = True
    """Show the environment's feedback on a failed attempt when no sibling succeeded."""

    def __post_init__(self) -> None:
        check_distillation(self.alpha, self.ema, self.top_k)

    @property
    def teacher(self) -> Literal["none", "live", "own"]:
        """Own weights unless the teacher is live."""
        return "live" if self.live_teacher else "own"

    @property
    def loss(self) -> LossSpec:
        """The divergence, averaged over each row and then over rows."""
        return LossSpec(alpha=self.alpha)

    def targets(self, group: Group, state: TrainState) -> Targets:
        """The teacher's token distributions on every rollout that has something to learn from."""
        lessons = [Lesson(episode, self._blocks(group, episode, state)) for episode in group.episodes]
        stats = {
            "solution_shown": share([bool(lesson.blocks.solution) for lesson in lessons]),
            "feedback_shown": share([bool(lesson.blocks.feedback) for lesson in lessons]),
        }
        return Targets(teach(lessons, state, self.top_k), stats)

    def _blocks(self, group: Group, episode: Episode, state: TrainState) -> Blocks:
        solution = sibling_solution(group, episode, state)
        return Blocks(solution=solution, feedback=episode.feedback if self.feedback and not solution else "")

    def learn(self, groups: Sequence[Group], state: TrainState) -> None:  # noqa: ARG002  only the weights matter
        """Let the teacher follow the policy."""
        follow_policy(state, self.ema)


def check_distillation(alpha: float, ema: float, top_k: int | None) -> None:
    """Refuse settings that no divergence or teacher has."""
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha={alpha} is outside 0..1")
    if not 0 <= ema <= 1:
        raise ValueError(f"ema={ema} is outside 0..1")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k={top_k} is below 1; leave it out to compare the whole vocabulary")
