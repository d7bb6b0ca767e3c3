"""The losses, as pure functions of tensors.

Every function returns one value per token, (B, T). How tokens are weighted is decided once for the whole optimizer
step by :func:`token_weights`, so that the gradient does not depend on how the step is cut into micro-batches.
Sources: GRPO 2402.03300, Dr. GRPO 2503.20783, DAPO 2503.14476, SDPO 2601.20802 (its code's divergences, appendix B).
"""

from collections.abc import Sequence
from typing import Literal

import torch

Aggregation = Literal["sequence", "token", "constant"]
_LEAST = -1e4
"""Log-probability that stands for that of 0, whose products with 0 are no numbers."""
_TAIL_CEILING = -1e-7  # keeps log(1 - p) finite when the shown tokens hold all the probability


def token_weights(
    mask: torch.Tensor, aggregation: Aggregation, max_tokens: int, episodes: Sequence[int] | None = None
) -> torch.Tensor:
    """The weight of every token of an optimizer step; a loss is the weighted sum.

    The turns of an episode are one sequence in as many rows: an episode of many turns weighs as much as one of a single
    turn, or advantages that are centred in their group would not sum to zero.

    Args:
        mask: (B, T), 1 for completion tokens. Rows that are switched off keep their tokens, so that a masked row
            counts as a zero loss, as in SDPO.
        aggregation: ``sequence`` averages each episode and then the episodes (GRPO, SDPO), ``token`` averages over all
            tokens (DAPO), ``constant`` divides by episodes times ``max_tokens`` (Dr. GRPO).
        max_tokens: Longest completion allowed.
        episodes: B numbers from 0 without a gap, the episode of each row. None: each row is one.
    """
    own = torch.arange(len(mask)) if episodes is None else torch.tensor(episodes)
    count = int(own.max()) + 1
    if aggregation == "token":
        return mask / mask.sum().clamp(min=1)
    if aggregation == "constant":
        return mask / (count * max_tokens)
    tokens = mask.new_zeros(count).index_add_(0, own.to(mask.device), mask.sum(1))
    return mask / tokens.clamp(min=1)[own][:, None] / count


def policy_gradient(
    logprobs: torch.Tensor, old_logprobs: torch.Tensor, advantages: torch.Tensor, clip: tuple[float, float]
) -> torch.Tensor:
    """PPO's clipped surrogate with separate lower and upper clip (DAPO's clip-higher).

    Args:
        logprobs: (B, T) of the policy being trained.
        old_logprobs: (B, T) of the policy that sampled.
        advantages: (B, 1) or (B, T).
        clip: The ratio stays within [1 - low, 1 + high].
    """
    ratio = (logprobs - old_logprobs).exp()
    clipped = ratio.clamp(1 - clip[0], 1 + clip[1])
    return -torch.minimum(ratio * advantages, clipped * advantages)


def is_clipped(
    logprobs: torch.Tensor, old_logprobs: torch.Tensor, advantages: torch.Tensor, clip: tuple[float, float]
) -> torch.Tensor:
    """Where the clip range leaves no gradient (B, T): the ratio is beyond it on the side that the advantage favours."""
    ratio = (logprobs - old_logprobs).detach().exp()
    return torch.where(advantages > 0, ratio > 1 + clip[1], (advantages < 0) & (ratio < 1 - clip[0]))


def importance_weights(logprobs: torch.Tensor, old_logprobs: torch.Tensor, ceiling: float) -> torch.Tensor:
    """Truncated importance weights exp(new - old), without gradient, at most ``ceiling`` (B, T)."""
    return (logprobs - old_logprobs).detach().exp().clamp(max=ceiling)


def divergence(student: torch.Tensor, teacher: torch.Tensor, alpha: float) -> torch.Tensor:
    """Divergence of two distributions given as log-probabilities over the last axis.

    Args:
        student: (..., V), carries the gradient.
        teacher: (..., V).
        alpha: 0 is the forward KL(teacher || student), 1 the reverse KL(student || teacher), anything between the
            generalised Jensen-Shannon divergence with m = (1 - alpha) student + alpha teacher:
            (1 - alpha) KL(student || m) + alpha KL(teacher || m). The limits of the mixture are 0, so 0 and 1 are
            cases of their own (SDPO, appendix B).
    """
    if alpha == 0:
        return _kl(teacher, student)
    if alpha == 1:
        return _kl(student, teacher)
    shares = torch.tensor([1 - alpha, alpha], dtype=student.dtype, device=student.device).log()
    # Where both are 0, the gradient of logaddexp would be no number.
    mine, theirs = (student + shares[0]).clamp(min=_LEAST), (teacher + shares[1]).clamp(min=_LEAST)
    mixture = torch.logaddexp(mine, theirs)
    return (1 - alpha) * _kl(student, mixture) + alpha * _kl(teacher, mixture)


def _kl(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """KL(first || second). A token of probability 0 in ``first`` contributes 0."""
    return (first.exp() * (first.clamp(min=_LEAST) - second.clamp(min=_LEAST))).sum(-1)


def with_tail(logprobs: torch.Tensor) -> torch.Tensor:
    """Append the log-probability of everything that is not shown: (..., K) to (..., K + 1)."""
    shown = logprobs.logsumexp(-1, keepdim=True).clamp(max=_TAIL_CEILING)
    return torch.cat([logprobs, torch.log(-torch.expm1(shown))], -1)


def entropy(logprobs: torch.Tensor) -> torch.Tensor:
    """Entropy in nats over the last axis."""
    return -(logprobs.exp() * logprobs.clamp(min=_LEAST)).sum(-1)
