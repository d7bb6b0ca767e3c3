"""RLVR: reinforcement learning with verifiable rewards, in four published variants.

One scalar a rollout: its reward compared with its group's mean. ``grpo`` divides by the group's standard deviation and
averages each row (2402.03300), ``dr_grpo`` drops both corrections (2503.20783), ``dapo`` averages over all tokens,
clips higher above than below, and draws further problems in place of those whose rollouts all got the same reward
(2503.14476). ``sdpo_baseline`` is what the papers on SDPO and PMD call GRPO: no division, rows averaged, clipped higher
above than below (2601.20802). KL to a reference is 0 and there is no entropy bonus, as there. Not built: ``dapo``'s
penalty and mask for overlong answers, and the second clip of SDPO's code, of ratios above 3 where advantages are below
0.

Every token's loss is weighted by min(w, 2), w the probability that the policy gave it before the batch's first step,
over the one that it was sampled with (TIS, as in SDPO's baseline; :mod:`agents.update`). Here one model samples and is
trained: in float32 w is 1 but for rounding, in bfloat16 it is not. The metric ``tis`` is its mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from agents.agent import Agent, LossSpec, TrainState
from agents.losses import Aggregation
from agents.records import Group, RowTarget, Targets

Variant = Literal["grpo", "dr_grpo", "dapo", "sdpo_baseline"]
_AGGREGATION: dict[Variant, Aggregation] = {
    "grpo": "sequence",
    "dr_grpo": "constant",
    "dapo": "token",
    "sdpo_baseline": "sequence",
}
_CLIPS_HIGHER = ("dapo", "sdpo_baseline")
_DIVIDES = ("grpo", "dapo")
_EPSILON = 1e-4  # keeps the division finite, as in TRL; groups of equal rewards have advantage 0 anyway


@dataclass(frozen=True)
class RLVR(Agent):
    """Follow the verifier: reinforce rollouts that beat their group's mean."""

    variant: Variant = "grpo"
    """Which published normalisation."""
    clip_low: float = 0.2
    """The likelihood ratio is clipped below 1 - this."""
    clip_high: float | None = None
    """The likelihood ratio is clipped above 1 + this; by default 0.28 for dapo and sdpo_baseline, 0.2 otherwise."""
    tis_ceiling: float | None = 2.0
    """Largest weight that corrects for a sampler which differs from what is trained; None takes likelihood ratios to
    the sampler instead, which corrects and clips in one."""
    draws: int | None = None
    """Batches drawn at most for one update, until as many groups as a batch has were rewarded unequally; by default 10
    for dapo, 1 otherwise, which learns from each batch as it is. A draw is a training step: rollouts stay equal, and an
    update that draws more leaves time for fewer."""

    def __post_init__(self) -> None:
        if self.variant not in get_args(Variant):
            raise ValueError(f"variant={self.variant!r}; known: {', '.join(get_args(Variant))}")
        if not 0 <= self.clip_low <= 1:
            raise ValueError(f"clip_low={self.clip_low} is not from 0 to 1")
        if self.clip_high is not None and self.clip_high < 0:
            raise ValueError(f"clip_high={self.clip_high} is below 0")
        if self.tis_ceiling is not None and self.tis_ceiling <= 0:
            raise ValueError(f"tis_ceiling={self.tis_ceiling} is not above 0; None leaves the weights out")
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
        high = self.clip_high if self.clip_high is not None else 0.28 if self.variant in _CLIPS_HIGHER else 0.2
        return LossSpec(_AGGREGATION[self.variant], (self.clip_low, high), tis_ceiling=self.tis_ceiling)

    def targets(self, group: Group, state: TrainState) -> Targets:  # noqa: ARG002  needs no state
        """Every turn of an episode gets the episode's advantage."""
        advantages = group_advantages([e.verdict.score for e in group.episodes], self.variant in _DIVIDES)
        rows = [
            RowTarget(turn, advantage=advantage)
            for episode, advantage in zip(group.episodes, advantages, strict=True)
            for turn in episode.turns
        ]
        return Targets(tuple(rows), {"signal": float(any(advantages))})


def beside_reward(rows: Sequence[RowTarget], group: Group, weight: float) -> tuple[RowTarget, ...]:
    """Rows of teachers, one for each turn, with the reward less its group's mean as their advantage, times ``weight``.

    The share of the reward in a mixture (2601.20802, equation 3); with 0 the rows stay as they are.
    """
    if weight == 0:
        return tuple(rows)
    advantages = group_advantages([e.verdict.score for e in group.episodes], divide_by_deviation=False)
    of_turns = [a for e, a in zip(group.episodes, advantages, strict=True) for _ in e.turns]
    return tuple(replace(row, advantage=weight * a) for row, a in zip(rows, of_turns, strict=True))


def group_advantages(rewards: list[float], divide_by_deviation: bool) -> list[float]:
    """R - mean, and divided by the sample standard deviation where asked; zeros where all rewards are equal."""
    if len(set(rewards)) == 1:
        return [0.0] * len(rewards)  # rounding would leave something of a mean of tenths, and that would move weights
    mean = sum(rewards) / len(rewards)
    centred = [reward - mean for reward in rewards]
    if not divide_by_deviation or len(rewards) < 2:
        return centred
    deviation = (sum(c * c for c in centred) / (len(rewards) - 1)) ** 0.5
    return [c / (deviation + _EPSILON) for c in centred]
