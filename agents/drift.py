"""How far a policy has moved from where it began."""

from collections.abc import Sequence

import torch

from agents.agent import TrainState
from agents.losses import divergence
from agents.records import Group

ROWS = 16
"""Turns that are compared: enough for a curve, and a small part of a batch."""


@torch.no_grad()
def drift(groups: Sequence[Group], state: TrainState) -> dict[str, float]:
    """``kl_initial``: KL(policy || initial policy) a token, on a few turns that the policy has just sampled.

    The turns are spread evenly over the batch. Nothing where the initial policy was not kept.
    """
    turns = [turn for group in groups for e in group.episodes for turn in e.turns if turn.completion.tokens]
    if state.initial is None or not turns:
        return {}
    turns = [turns[i * len(turns) // ROWS] for i in range(ROWS)] if len(turns) > ROWS else turns
    prompts, completions = [turn.prompt_tokens for turn in turns], [turn.completion.tokens for turn in turns]
    now, then = (policy.read(prompts, completions) for policy in (state.policy, state.initial))
    parts = []
    for first, end in now.slices():
        mine, initial = (
            (reading.logits(first, end).float() / state.temperature).log_softmax(-1) for reading in (now, then)
        )
        parts.append(divergence(mine, initial, 1.0))
    per_token, lengths = torch.cat(parts, 1), [len(row) for row in completions]
    total = sum(float(row[:length].sum()) for row, length in zip(per_token, lengths, strict=True))
    return {"kl_initial": total / sum(lengths)}
