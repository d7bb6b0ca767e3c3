"""Logits of completions that a model is shown.

The rollouts of a group have one prompt. It is read once, and the completions go on from its keys and values, forward
and backward: with 8 rollouts of a prompt as long as its completions that is little more than half of the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from agents.prefixes import Prompts, PromptsRead, can_share, padded

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_WORTH_SHARING = 0.6
"""Different prompts for each row, at most: two passes have a price too."""


def response_logits(
    model: PreTrainedModel, prompts: Prompts, completions: Sequence[Sequence[int]], pad_id: int
) -> torch.Tensor:
    """Logits that predict each completion token.

    Args:
        model: Any causal LM.
        prompts: B rows of tokens.
        completions: B rows of tokens; rows shorter than the longest are padded at the end.
        pad_id: A token to fill rows with; attention never looks at it.

    Returns:
        (B, T, V), T the longest completion. Positions past a row's own length are meaningless.
    """
    if len(set(prompts)) <= _WORTH_SHARING * len(prompts) and can_share(model):
        return _shared(model, prompts, completions, pad_id)
    return _apart(model, prompts, completions, pad_id)


def _shared(
    model: PreTrainedModel, prompts: Prompts, completions: Sequence[Sequence[int]], pad_id: int
) -> torch.Tensor:
    read = PromptsRead(model, prompts, pad_id)
    first = read.logits[read.spread][:, None]
    ids, real = padded(completions, pad_id)
    if ids.shape[1] == 1:
        return first
    read.cache.batch_select_indices(read.spread)
    before = read.attention[read.spread]
    ids, real = ids[:, :-1].to(model.device), real[:, :-1].to(model.device)
    attention = torch.cat([before, real], dim=1)
    positions = (attention.cumsum(-1) - 1).clamp(min=0)[:, before.shape[1] :]
    rest = model(
        input_ids=ids, attention_mask=attention, position_ids=positions, past_key_values=read.cache, use_cache=True
    ).logits
    return torch.cat([first, rest], dim=1)


def _apart(model: PreTrainedModel, prompts: Prompts, completions: Sequence[Sequence[int]], pad_id: int) -> torch.Tensor:
    ids, attention = pad_rows(prompts, completions, pad_id)
    ids, attention = ids.to(model.device), attention.to(model.device)
    positions = (attention.cumsum(-1) - 1).clamp(min=0)
    longest = max(len(row) for row in completions)
    output = model(
        input_ids=ids, attention_mask=attention, position_ids=positions, logits_to_keep=longest + 1, use_cache=False
    )
    logits: torch.Tensor = output.logits[:, :-1]
    return logits


def pad_rows(
    prompts: Sequence[Sequence[int]], completions: Sequence[Sequence[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Prompts padded at the front and completions at the end, so that completions line up.

    Returns:
        ids and attention mask, both (B, P + T).
    """
    (before, seen), (after, real) = padded(prompts, pad_id, at_front=True), padded(completions, pad_id)
    return torch.cat([before, after], 1), torch.cat([seen, real], 1)
