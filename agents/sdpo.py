"""SDPO: self-distillation policy optimization (2601.20802).

The teacher is the policy itself, shown a correct answer of a sibling rollout, or else the environment's feedback on
the failed attempt. The student learns the teacher's token distributions on its own rollouts. What is known is only
what the current group found out: the next batch starts from nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agents.agent import Agent, LossSpec, TrainState
from agents.distil import (
    Distillation,
    Lesson,
    TeacherKind,
    as_read,
    prefers_right,
    shortened,
    shown_stats,
    sibling,
    teach,
)
from agents.prompts import Blocks
from agents.records import Episode, Group, Targets
from agents.rlvr import beside_reward


@dataclass(frozen=True)
class SDPO(Agent):
    """Distil the policy that has seen a sibling's solution or feedback into the policy that has not."""

    alpha: float = 0.5
    """Divergence: 0 forward KL, 1 reverse KL, 0.5 Jensen-Shannon."""
    top_k: int | None = 100
    """Compare only the student's likeliest tokens, and a bucket for the rest; None compares the whole vocabulary."""
    teacher_kind: TeacherKind = "ema"
    """The teacher's weights: ema, trust-region, frozen or live (known to diverge)."""
    teacher_rate: float = 0.05
    """Share of the policy in the teacher, per batch (ema) or in its logits (trust-region); 0 freezes it."""
    feedback: bool = True
    """Show the environment's feedback on a failed attempt when no sibling succeeded."""
    copies: bool = True
    """Also show a sibling's solution that is word for word the graded rollout, as SDPO's code does; only the rollout
    itself is left out."""
    reward_weight: float = 0.0
    """Share of the reward, lambda in the paper's equation 3: every advantage is lambda times GRPO's, which there is the
    reward less its group's mean, plus (1 - lambda) times SDPO's. 0 is pure SDPO; the paper mixes with 0.9. SDPO's are
    the gradient of the reverse KL (alpha 1), of which the Jensen-Shannon divergence has a quarter near agreement."""

    def __post_init__(self) -> None:
        self._distillation  # noqa: B018  checks the values
        if not 0 <= self.reward_weight <= 1:
            raise ValueError(f"reward_weight={self.reward_weight} is outside 0..1")

    @property
    def teacher(self) -> Literal["none", "live", "own"]:
        """Own weights unless the teacher is live."""
        return self._distillation.teacher

    @property
    def loss(self) -> LossSpec:
        """The divergence, averaged over each row and then over rows, with what share the reward leaves it.

        The gradient of the reverse KL, and of no other divergence, is that of SDPO's advantages: with alpha 1 weighting
        the two losses weights the two advantages.
        """
        return LossSpec(alpha=self.alpha, distillation=1 - self.reward_weight)

    @property
    def likeliest(self) -> int:
        """The tokens on which student and teacher are compared."""
        return self.top_k or 0

    @property
    def _distillation(self) -> Distillation:
        return Distillation(self.alpha, self.top_k, self.teacher_kind, self.teacher_rate)

    def targets(self, group: Group, state: TrainState) -> Targets:
        """The teacher's token distributions on every rollout that has something to learn from."""
        asked = [self._lesson(group, episode, state) for episode in group.episodes]
        lessons = as_read(asked, state)
        stats = shown_stats(lessons, group, copies=self.copies, feedback=self.feedback)
        stats["shortened"] = shortened(asked, lessons)
        rows = teach(lessons, state, self._distillation)
        stats |= prefers_right(lessons, rows)
        return Targets(beside_reward(rows, group, self.reward_weight), stats)

    def _lesson(self, group: Group, episode: Episode, state: TrainState) -> Lesson:
        other = sibling(group, episode, state, copies=self.copies)
        feedback = episode.feedback if self.feedback and not other.text else ""
        return Lesson(episode, Blocks(solution=other.text, feedback=feedback), other.id)

    def learn(self, groups: Sequence[Group], state: TrainState) -> None:  # noqa: ARG002  only the weights matter
        """Let the teacher follow the policy."""
        self._distillation.follow_policy(state)
