"""RLVR: reinforcement learning with verifiable rewards, in three published variants.

One scalar a rollout: its reward compared with its group's mean. ``grpo`` divides by the group's standard deviation and
averages each row (2402.03300), ``dr_grpo`` drops both corrections (2503.20783), ``dapo`` averages over all tokens,
clips higher above than below, and draws further problems in place of those whose rollouts all got the same reward
(2503.14476). KL to a reference is 0 and there is no entropy bonus, as in SDPO's baseline. Not built of ``dapo``: its
penalty for overlong answers.

Likelihood ratios are taken to the probabilities that the rollouts were sampled with. So a sampler that differs from
what is trained, for which SDPO's baseline has truncated importance weights (TIS) beside its ratios, is corrected and
clipped in one. The metric ``off_policy`` says how much there is to correct: here one model samples and is trained.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from agents.agent import Agent, LossSpec, TrainState
from agents.records import Group, RowTarget, Targets

Variant = Literal["grpo", "dr_grpo", "dapo"]
_EPSILON = 1e-4  # keeps the division finite, as in TRL; groups of equal rewards have advantage 0 anyway


@dataclass(frozen=True)
class RLVR(Agent):
    """Follow the verifier: reinforce rollouts that beat their group's mean."""

    variant: Variant = "grpo"
    """Which published normalisation."""
    clip_low: float = 0.2
    """The likelihood ratio is clipped below 1 - this."""
    clip_high: float | None = None
    """The likelihood ratio is clipped above 1 + this; by default 0.28 for dapo, 0.2 otherwise."""

    draws: int | None = None
    """Batches drawn at most for one update, until as many groups as a batch has were rewarded unequally; by default 10
    for dapo, 1 otherwise, which learns from each batch as it is. A draw is a training step: rollouts stay equal, and an
    update that draws more leaves time for fewer."""

    def __post_init__(self) -> None:
        if self.variant not in get_args(Variant):
            raise ValueError(f"variant={self.variant!r}; known: {', '.join(get_args(Variant))}")
        if self.draws is not None and self.draws < 1:
            raise ValueError(f"draws={self.draws} is below 1, which learns from each batch as it is")

    @property
    def most_draws(self) -> int:
        """More than one is dynamic sampling."""
        return self.draws if self.draws is not None else 10 if self.variant == "dapo" else 1

    def keeps(self, group: Group) -> bool:
        """Every group, or with dynamic sampling those in which some rollout got more than another."""
        return self.most_draws == 1 or len({episode.verdict.score for episode in group.episodes}) > 1

    @property
    def loss(self) -> LossSpec:
        """The variant's aggregation and clip range."""
        high = self.clip_high if self.clip_high is not None else 0.28 if self.variant == "dapo" else 0.2
        aggregation = {"grpo": "sequence", "dr_grpo": "constant", "dapo": "token"}
        return LossSpec(aggregation=aggregation[self.variant], clip=(self.clip_low, high))  # type: ignore[arg-type]

    def targets(self, group: Group, state: TrainState) -> Targets:  # noqa: ARG002  needs no state
        """Every turn of an episode gets the episode's advantage."""
        advantages = group_advantages([e.verdict.score for e in group.episodes], self.variant != "dr_grpo")
        rows = [
            RowTarget(turn, advantage=advantage)
            for episode, advantage in zip(group.episodes, advantages, strict=True)
            for turn in episode.turns
        ]
        return Targets(tuple(rows), {"signal": float(any(advantages))})


def group_advantages(rewards: list[float], divide_by_deviation: bool) -> list[float]:
    """R - mean, and divided by the sample standard deviation where asked; zeros where all rewards are equal."""
    mean = sum(rewards) / len(rewards)
    centred = [reward - mean for reward in rewards]
    if not divide_by_deviation or len(rewards) < 2:
        return centred
    deviation = (sum(c * c for c in centred) / (len(rewards) - 1)) ** 0.5
    return [c / (deviation + _EPSILON) for c in centred]
