"""The optimizer steps on the targets of a batch.

The weight of every token is fixed for the whole step before it is cut into micro-batches, so the gradient does not
depend on the cut. Rows without a target are not computed, but still count in the means.

Three policies are told apart, as in SDPO's code: the sampler, the policy before the batch's first step as training
computes it, and the policy now. Likelihood ratios compare the last two; truncated weights (TIS) correct for what lies
between the first two: rounding, where sampling and training do not add in the same order.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch

from agents.agent import LossSpec, TrainState
from agents.footprint import tokens_that_fit
from agents.losses import importance_weights, is_clipped, policy_gradient, token_weights
from agents.microbatches import by_prompt, mask_of, micro_batches, padded
from agents.policy import Policy
from agents.positions import chosen_logprobs, compare
from agents.records import RowTarget, Targets
from agents.scoring import Reading

_MOST_TOKENS = 24_576
"""In one forward pass, however small the model is."""


@dataclass(frozen=True)
class Optim:
    """The optimizer: AdamW with a warm-up and a constant rate."""

    lr: float = 3e-4
    warmup: int = 5
    """Batches over which the rate rises; those without anything to learn, such as those that only fill a memory, do not
    use it up."""
    clip: float = 1.0
    """Largest gradient norm."""
    weight_decay: float = 0.01
    parts: int = 1
    """Optimizer steps for one batch, each on its share of the groups."""
    tokens_at_once: int | None = None
    """Padded tokens in one forward pass; by default as many as fit (:mod:`agents.footprint`), up to 24,576."""
    recompute: bool = False
    """Keep no activations inside layers, but compute them once more in the backward pass: slower, and more fits."""

    def __post_init__(self) -> None:
        if self.lr <= 0 or self.clip <= 0 or self.warmup < 0:
            raise ValueError(f"lr and clip are above 0, warmup at least 0: {self}")
        if self.parts < 1 or (self.tokens_at_once is not None and self.tokens_at_once < 1):
            raise ValueError(f"parts and tokens_at_once are at least 1: {self}")

    def limit(self, policy: Policy) -> int:
        """Padded tokens in one forward pass of this policy."""
        return self.tokens_at_once or min(tokens_that_fit(policy.model), _MOST_TOKENS)


def update_in_parts(
    state: TrainState, targets: Sequence[Targets], loss: LossSpec, optim: Optim, max_tokens: int
) -> dict[str, float]:
    """All optimizer steps of a batch; the metrics are means over those in which they are finite.

    Neighbouring groups, which are of the same environment, go to different parts. What was sampled before the first
    step is one step older in each part: that is what the clipped ratios and importance weights are for.
    """
    parts = [targets[i :: optim.parts] for i in range(min(optim.parts, len(targets)) or 1)]
    if loss.tis_ceiling is not None and not samples_as_trained(state.policy):
        parts[1:] = [_as_before(state, part, optim) for part in parts[1:]]
    state.has_moved = False
    metrics = [update(state, part, loss, optim, max_tokens, first=i == 0) for i, part in enumerate(parts)]
    state.batches_learnt += state.has_moved
    found: dict[str, float] = {}
    for name in dict.fromkeys(name for m in metrics for name in m):
        values = [m[name] for m in metrics if name in m]
        finite = [value for value in values if math.isfinite(value)]
        if finite and len(finite) < len(values):  # a part that was dropped says nothing of those that were not
            found["not_finite"] = found.get("not_finite", 0.0) + len(values) - len(finite)
        found[name] = sum(finite or values) / len(finite or values)
    return found


def samples_as_trained(policy: Policy) -> bool:
    """Whether sampling and training agree about log-probabilities but for float32's rounding: one model does both."""
    smallest = torch.finfo(torch.float32).eps
    return all(torch.finfo(weights.dtype).eps <= smallest for weights in policy.model.parameters())


@torch.no_grad()
def _as_before(state: TrainState, targets: Sequence[Targets], optim: Optim) -> list[Targets]:
    """The targets with what the policy thinks of their tokens before it moves."""
    rows = [row for target in targets for row in target.rows]
    places = [i for i, row in enumerate(rows) if row.is_active and row.turn.completion.tokens]
    active = [rows[i] for i in places]
    state.policy.model.eval()
    for batch in micro_batches(by_prompt(active), active, optim.limit(state.policy)) if active else ():
        some = [active[i] for i in batch]
        chosen = chosen_logprobs(_read(some, state), [row.turn.completion.tokens for row in some], state.temperature)
        for i, line in zip(batch, chosen.tolist(), strict=True):
            rows[places[i]] = replace(active[i], before=tuple(line[: len(active[i].turn.completion.tokens)]))
    found = iter(rows)
    return [replace(target, rows=tuple(next(found) for _ in target.rows)) for target in targets]


def update(
    state: TrainState,
    targets: Sequence[Targets],
    loss: LossSpec,
    optim: Optim,
    max_tokens: int,
    *,
    first: bool = True,
) -> dict[str, float]:
    """Take one optimizer step; the metrics are means over the completion tokens that they are defined for.

    ``off_policy`` is how far log-probabilities are from those that were sampled with: next to nothing in the first step
    after a rollout. ``tis`` is the mean weight that corrects for the sampler, ``tis_cut`` the share of tokens for which
    it reaches its ceiling. ``kl_teacher`` is KL(student || teacher), on the tokens that are compared and a bucket for
    the rest; ``clipped`` the share of tokens with an advantage whose gradient the clip range cuts off; ``weights_cut``
    that of taught tokens whose importance weight reaches its ceiling. What no token has is left out.

    Args:
        state: Whose policy moves.
        targets: What to learn.
        loss: How.
        optim: Rate, clip and size of micro-batches.
        max_tokens: Longest completion allowed.
        first: Whether the policy has not moved since it sampled. Later the rows say what it thought before, or else it
            counts as having thought what it was sampled with.
    """
    rows = [row for target in targets for row in target.rows if row.turn.completion.tokens]
    lists = by_prompt(rows)
    metrics = {"loss": 0.0, "active_rows": sum(map(len, lists)) / max(len(rows), 1), "grad_norm": 0.0}
    if not lists:
        return metrics
    weights = token_weights(mask_of(rows), loss.aggregation, max_tokens, _episodes(rows))
    means = _Means()
    state.policy.model.train()
    for batch in micro_batches(lists, rows, optim.limit(state.policy)):
        part = _row_losses([rows[i] for i in batch], state, loss, means, first=first)
        width = part.shape[1]
        weighted = (part * weights[batch, :width].to(part.device)).sum()
        weighted.backward()
        state.policy.masters.take_gradients(state.policy.model)  # at once: coarse sums would depend on the cut
        metrics["loss"] += weighted.item()
    metrics["grad_norm"] = _step(state, optim)
    return metrics | means.values()


def _episodes(rows: Sequence[RowTarget]) -> list[int]:
    """The number of each row's episode."""
    keys = [i if row.episode is None else row.episode for i, row in enumerate(rows)]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return [numbers[key] for key in keys]


@dataclass
class _Means:
    """Means over tokens, added up micro-batch by micro-batch."""

    sums: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, per_token: torch.Tensor, mask: torch.Tensor) -> None:
        """Add the (B, T) values where the mask is 1."""
        self.sums[name] += torch.where(mask > 0, per_token.detach().float(), 0.0).sum().item()  # type: ignore[assignment]
        self.tokens[name] += int(mask.sum())

    def values(self) -> dict[str, float]:
        """Every mean that has a token."""
        return {name: self.sums[name] / count for name, count in self.tokens.items() if count}


def _row_losses(
    rows: Sequence[RowTarget], state: TrainState, loss: LossSpec, means: _Means, *, first: bool
) -> torch.Tensor:
    """Loss of every token, (B, T), meaningless past a row's length."""
    said = compare(_read(rows, state), rows, state.temperature, loss.alpha)
    new = said.chosen
    mask = mask_of(rows).to(new.device)
    means.add("entropy", said.entropy, mask)
    sampled = padded([row.turn.completion.logprobs for row in rows]).to(new.device)
    means.add("off_policy", (new.detach() - sampled).abs(), mask)
    old = _before(rows, sampled, new, loss, first=first)
    total = torch.zeros_like(new)
    if any(row.advantage for row in rows):
        advantages = torch.tensor([row.advantage or 0.0 for row in rows], device=new.device)[:, None]
        total = total + policy_gradient(new, old, advantages, loss.clip)
        means.add("clipped", is_clipped(new, old, advantages, loss.clip), mask * (advantages != 0))
    if any(row.teacher is not None for row in rows):
        weights = importance_weights(new, old, loss.is_ceiling)
        taught = mask * torch.tensor([[row.teacher is not None] for row in rows], device=new.device)
        total = total + loss.distillation * weights * said.divergence
        means.add("kl_teacher", said.kl_teacher, taught)
        means.add("weights_cut", weights >= loss.is_ceiling, taught)
    if loss.tis_ceiling is None:
        return total
    tis = importance_weights(old, sampled, loss.tis_ceiling)
    means.add("tis", tis, mask)
    means.add("tis_cut", tis >= loss.tis_ceiling, mask)
    return total * tis


def _before(
    rows: Sequence[RowTarget], sampled: torch.Tensor, new: torch.Tensor, loss: LossSpec, *, first: bool
) -> torch.Tensor:
    """(B, T) log-probabilities by the policy before the batch's first step; what it was sampled with, without TIS."""
    if loss.tis_ceiling is None:
        return sampled
    if first:
        return new.detach()
    known = [row.turn.completion.logprobs if row.before is None else row.before for row in rows]
    return padded(known).to(sampled.device)


def _read(rows: Sequence[RowTarget], state: TrainState) -> Reading:
    """What the policy makes of the rows."""
    reading = state.policy.read([row.turn.prompt_tokens for row in rows], [row.turn.completion.tokens for row in rows])
    state.spent["update"] += reading.tokens
    return reading


def _step(state: TrainState, optim: Optim) -> float:
    """Clip, step and clear; a gradient that is not finite is dropped. Returns the norm before clipping."""
    policy = state.policy
    norm = float(torch.nn.utils.clip_grad_norm_(policy.masters.behind(policy.model).values(), optim.clip))
    if norm < float("inf"):
        for group in state.optimizer.param_groups:
            group["lr"] = optim.lr * min(1.0, (state.batches_learnt + 1) / max(optim.warmup, 1))
        state.optimizer.step()
        policy.masters.round_into(policy.model)
        state.has_moved = True
    state.optimizer.zero_grad(set_to_none=True)
    return norm
