"""What an update asks of every token of its rows: a policy's log-probabilities, compared with a teacher's.

Everything that needs the whole vocabulary is done a few positions at a time, and once more in the backward pass, so
that the logits of a micro-batch are never there all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch.utils.checkpoint import checkpoint

from agents.losses import divergence, entropy, with_tail
from agents.microbatches import mask_of, padded
from agents.records import RowTarget, TeacherLogprobs
from agents.scoring import Reading

_Said = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Positions:
    """One value for every token, (B, T); 0 past a row's length, but for the entropy."""

    chosen: torch.Tensor
    """Log-probability of the row's own token; carries the gradient."""
    entropy: torch.Tensor
    """Of the policy, in nats; without gradient."""
    divergence: torch.Tensor
    """From the teacher; 0 in rows without one. Carries the gradient."""
    kl_teacher: torch.Tensor
    """KL(policy || teacher); 0 in rows without one. Without gradient."""


def compare(reading: Reading, rows: Sequence[RowTarget], temperature: float, alpha: float) -> Positions:
    """What the policy that has read the rows says of them, token by token.

    Args:
        reading: The policy's.
        rows: What it has read.
        temperature: Of the rollouts; logits are divided by it.
        alpha: Which divergence, as in :func:`agents.losses.divergence`.
    """
    device = reading.held.device
    own = padded([row.turn.completion.tokens for row in rows], torch.long).to(device)
    real = mask_of(rows).to(device) > 0
    teachers = _Teachers.of(rows, own.shape[1], device)

    def at(first: int, end: int) -> Callable[[torch.Tensor], _Said]:
        def say(held: torch.Tensor) -> _Said:
            logprobs = (reading.of(held).float() / temperature).log_softmax(-1)
            chosen = logprobs.gather(-1, own[:, first:end, None])[..., 0]
            chosen = torch.where(real[:, first:end], chosen, 0.0)
            return chosen, entropy(logprobs.detach()), *teachers.compare(logprobs, first, end, alpha)

        return say

    slices = list(reading.slices())
    if len(slices) == 1:
        return Positions(*at(0, own.shape[1])(reading.held))
    parts = [
        checkpoint(at(first, end), reading.held[:, first:end], use_reentrant=False, preserve_rng_state=False)
        for first, end in slices
    ]
    return Positions(*(torch.cat(part, 1) for part in zip(*parts, strict=True)))


def chosen_logprobs(reading: Reading, completions: Sequence[Sequence[int]], temperature: float) -> torch.Tensor:
    """(B, T) log-probabilities of completions by the model that has read them; meaningless past a row's length."""
    own = padded(completions, torch.long).to(reading.held.device)
    parts = [
        (reading.logits(first, end).float() / temperature).log_softmax(-1).gather(-1, own[:, first:end, None])
        for first, end in reading.slices()
    ]
    return torch.cat(parts, 1)[..., 0]


@dataclass(frozen=True)
class _Teachers:
    """The teachers of some rows, side by side.

    Picking rows out of a batch one by one would make the backward pass fill a tensor of the batch's size for each.
    """

    lines: torch.Tensor
    """(N,) rows that have a teacher."""
    everyone: bool
    logprobs: torch.Tensor
    """(N, T, V), or (N, T, K) at ``indices``."""
    indices: torch.Tensor | None
    inside: torch.Tensor
    """(N, T), true where the row has a token."""

    @classmethod
    def of(cls, rows: Sequence[RowTarget], width: int, device: torch.device) -> _Teachers:
        known: list[tuple[int, TeacherLogprobs]] = [
            (i, row.teacher) for i, row in enumerate(rows) if row.teacher is not None
        ]
        lines = torch.tensor([i for i, _ in known], dtype=torch.long, device=device)
        if not known:
            nothing = torch.zeros(0, width, 1, device=device)
            return cls(lines, not rows, nothing, None, nothing[..., 0] > 0)
        lengths = torch.tensor([len(teacher.logprobs) for _, teacher in known], device=device)
        indices = [teacher.indices for _, teacher in known if teacher.indices is not None]
        return cls(
            lines,
            len(known) == len(rows),
            _stacked([teacher.logprobs for _, teacher in known], width),
            _stacked(indices, width) if indices else None,
            torch.arange(width, device=device)[None] < lengths[:, None],
        )

    def compare(self, student: torch.Tensor, first: int, end: int, alpha: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Divergence and KL of (B, end - first, V) log-probabilities from the teachers', 0 where there is none."""
        nothing = torch.zeros_like(student[..., 0])
        if not len(self.lines):
            return nothing, nothing
        mine = student if self.everyone else student[self.lines]
        theirs, inside = self.logprobs[:, first:end], self.inside[:, first:end]
        if self.indices is not None:
            mine, theirs = with_tail(mine.gather(-1, self.indices[:, first:end])), with_tail(theirs)
        far = torch.where(inside, divergence(mine, theirs, alpha), 0.0)
        with torch.no_grad():
            kl = torch.where(inside, divergence(mine.detach(), theirs, 1.0), 0.0)
        return nothing.index_copy(0, self.lines, far), nothing.index_copy(0, self.lines, kl)


def _stacked(tensors: Sequence[torch.Tensor], width: int) -> torch.Tensor:
    """(T_i, K) tensors as one (N, width, K); what is filled in repeats position 0, so that it stays a distribution."""
    filled = [torch.cat([t, t[:1].expand(width - len(t), -1)]) for t in tensors]
    return torch.stack(filled)
