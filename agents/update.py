"""The optimizer steps on the targets of a batch.

The weight of every token is fixed for the whole step before it is cut into micro-batches, so the gradient does not
depend on the cut. Rows without a target are not computed, but still count in the means.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch

from agents.agent import LossSpec, TrainState
from agents.losses import (
    divergence,
    entropy,
    importance_weights,
    is_clipped,
    policy_gradient,
    token_weights,
    with_tail,
)
from agents.records import RowTarget, Targets

_ENOUGH_ROWS = 16
"""A batch with at least so many rows does not take in completions much longer than its own."""
_EVEN = 1.4
"""How much longer: the padding of the short ones costs as much as tokens do."""


@dataclass(frozen=True)
class Optim:
    """The optimizer: AdamW with a warm-up and a constant rate."""

    lr: float = 3e-4
    warmup: int = 5
    """Steps over which the rate rises."""
    clip: float = 1.0
    """Largest gradient norm."""
    weight_decay: float = 0.01
    parts: int = 1
    """Optimizer steps for one batch, each on its share of the groups."""
    tokens_at_once: int = 24_576
    """Padded tokens in one forward pass; more need more memory."""

    def __post_init__(self) -> None:
        if self.lr <= 0 or self.clip <= 0 or self.warmup < 0:
            raise ValueError(f"lr and clip are above 0, warmup at least 0: {self}")
        if self.parts < 1 or self.tokens_at_once < 1:
            raise ValueError(f"parts and tokens_at_once are at least 1: {self}")


def update_in_parts(
    state: TrainState, targets: Sequence[Targets], loss: LossSpec, optim: Optim, max_tokens: int
) -> dict[str, float]:
    """All optimizer steps of a batch; the metrics are means over them.

    Neighbouring groups, which are of the same environment, go to different parts. What was sampled before the first
    step is one step older in each part: that is what the clipped ratios and importance weights are for.
    """
    parts = [targets[i :: optim.parts] for i in range(min(optim.parts, len(targets)) or 1)]
    metrics = [update(state, part, loss, optim, max_tokens) for part in parts]
    found: dict[str, float] = {}
    for name in dict.fromkeys(name for m in metrics for name in m):
        values = [m[name] for m in metrics if name in m]
        found[name] = sum(values) / len(values)
    return found


def update(
    state: TrainState, targets: Sequence[Targets], loss: LossSpec, optim: Optim, max_tokens: int
) -> dict[str, float]:
    """Take one optimizer step; the metrics are means over the completion tokens that they are defined for.

    ``off_policy`` is how far log-probabilities are from those that were sampled with: next to nothing in the first step
    after a rollout. ``kl_teacher`` is KL(student || teacher), on the tokens that are compared and a bucket for the
    rest; ``clipped`` the share of tokens with an advantage whose gradient the clip range cuts off; ``weights_cut`` that
    of taught tokens whose importance weight reaches its ceiling. What no token has is left out.
    """
    rows = [row for target in targets for row in target.rows if row.turn.completion.tokens]
    lists = _by_prompt(rows)
    metrics = {"loss": 0.0, "entropy": 0.0, "active_rows": sum(map(len, lists)) / max(len(rows), 1), "grad_norm": 0.0}
    if not lists:
        return metrics
    weights = token_weights(_mask(rows), loss.aggregation, max_tokens)
    means = _Means()
    state.policy.model.train()
    for batch in _micro_batches(lists, rows, optim.tokens_at_once):
        part = _row_losses([rows[i] for i in batch], state, loss, means)
        width = part.shape[1]
        weighted = (part * weights[batch, :width].to(part.device)).sum()
        weighted.backward()  # type: ignore[no-untyped-call]  # torch leaves it unannotated
        metrics["loss"] += weighted.item()
    state.spent["update"] += sum(_length(rows[i]) for some in lists for i in some)
    metrics["grad_norm"] = _step(state, optim)
    return metrics | means.values()


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


def _length(row: RowTarget) -> int:
    return len(row.turn.prompt_tokens) + len(row.turn.completion.tokens)


def _mask(rows: Sequence[RowTarget]) -> torch.Tensor:
    lengths = torch.tensor([len(row.turn.completion.tokens) for row in rows])
    return (torch.arange(int(lengths.max()))[None] < lengths[:, None]).float()


def _by_prompt(rows: Sequence[RowTarget]) -> list[list[int]]:
    """The rows with a target, in lists of one prompt, which is read once; the list with the longest completion last."""
    lists: dict[tuple[int, ...], list[int]] = {}
    for i, row in enumerate(rows):
        if row.is_active:
            lists.setdefault(row.turn.prompt_tokens, []).append(i)
    return sorted(lists.values(), key=lambda some: _longest(rows, some))


def _longest(rows: Sequence[RowTarget], some: Sequence[int]) -> int:
    return max(len(rows[i].turn.completion.tokens) for i in some)


def _micro_batches(lists: Sequence[Sequence[int]], rows: Sequence[RowTarget], limit: int) -> Iterator[list[int]]:
    """As many rows as fit the limit after padding, and if there are enough of them, of similar length."""
    batch: list[int] = []
    shortest, widest = 0, 0
    for some in lists:
        longest = _longest(rows, some)
        uneven = len(batch) >= _ENOUGH_ROWS and longest > _EVEN * shortest
        for i in some:
            widest = max(widest, _length(rows[i]))
            if batch and (uneven or (len(batch) + 1) * widest > limit):
                yield batch
                batch, uneven, widest = [], False, _length(rows[i])
            shortest = shortest if batch else longest
            batch.append(i)
    yield batch


def _row_losses(rows: Sequence[RowTarget], state: TrainState, loss: LossSpec, means: _Means) -> torch.Tensor:
    """Loss of every token, (B, T), meaningless past a row's length."""
    completions = [row.turn.completion.tokens for row in rows]
    logits = state.policy.response_logits([row.turn.prompt_tokens for row in rows], completions)
    logprobs = (logits.float() / state.temperature).log_softmax(-1)
    width, device = logprobs.shape[1], logprobs.device
    mask = _mask(rows).to(device)
    means.add("entropy", entropy(logprobs.detach()), mask)
    old = _padded([row.turn.completion.logprobs for row in rows], width, torch.float).to(device)
    chosen = _padded(completions, width, torch.long).to(device)
    new = logprobs.gather(-1, chosen[..., None])[..., 0]
    means.add("off_policy", (new.detach() - old).abs(), mask)
    total = torch.zeros_like(new)
    if any(row.advantage for row in rows):
        advantages = torch.tensor([row.advantage or 0.0 for row in rows], device=device)[:, None]
        total = total + policy_gradient(new, old, advantages, loss.clip)
        means.add("clipped", is_clipped(new, old, advantages, loss.clip), mask * (advantages != 0))
    if any(row.teacher is not None for row in rows):
        weights = importance_weights(new, old, loss.is_ceiling)
        taught = mask * torch.tensor([[row.teacher is not None] for row in rows], device=device)
        total = total + _distillation(rows, logprobs, loss.alpha, means) * weights
        means.add("weights_cut", weights >= loss.is_ceiling, taught)
    return total


def _distillation(rows: Sequence[RowTarget], student: torch.Tensor, alpha: float, means: _Means) -> torch.Tensor:
    """(B, T) divergences; rows without a teacher, and positions past a row's end, are 0.

    Rows are compared side by side: picking them out of the batch one by one would make the backward pass fill a tensor
    of the batch's size for each.
    """
    taught = [row.teacher for row in rows if row.teacher is not None]
    lines = torch.tensor([i for i, row in enumerate(rows) if row.teacher is not None], device=student.device)
    mine = student if len(taught) == len(rows) else student[lines]
    theirs = _stacked([teacher.logprobs for teacher in taught], student.shape[1])
    indices = [teacher.indices for teacher in taught if teacher.indices is not None]
    if indices:
        mine, theirs = with_tail(mine.gather(-1, _stacked(indices, student.shape[1]))), with_tail(theirs)
    lengths = torch.tensor([len(teacher.logprobs) for teacher in taught], device=student.device)
    inside = torch.arange(student.shape[1], device=student.device)[None] < lengths[:, None]
    means.add("kl_teacher", divergence(mine.detach(), theirs, 1.0), inside)
    per_token = torch.where(inside, divergence(mine, theirs, alpha), 0.0)
    return torch.zeros_like(student[..., 0]).index_copy(0, lines, per_token)


def _stacked(tensors: Sequence[torch.Tensor], width: int) -> torch.Tensor:
    """(T_i, K) tensors as one (B, width, K); what is filled in repeats position 0, so that it stays a distribution."""
    filled = [torch.cat([t, t[:1].expand(width - len(t), -1)]) for t in tensors]
    return torch.stack(filled)


def _padded(rows: Sequence[Sequence[float]], width: int, dtype: torch.dtype) -> torch.Tensor:
    padded = torch.zeros(len(rows), width, dtype=dtype)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = torch.tensor(row, dtype=dtype)
    return padded


def _step(state: TrainState, optim: Optim) -> float:
    """Clip, step and clear; a gradient that is not finite is dropped. Returns the norm before clipping."""
    norm = float(torch.nn.utils.clip_grad_norm_(state.policy.model.parameters(), optim.clip))
    if norm < float("inf"):
        for group in state.optimizer.param_groups:
            group["lr"] = optim.lr * min(1.0, (state.step + 1) / max(optim.warmup, 1))
        state.optimizer.step()
    state.optimizer.zero_grad(set_to_none=True)
    return norm
