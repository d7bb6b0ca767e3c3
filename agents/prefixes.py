"""Prompts read once, however many rows go on from them; and what a model says before its head, or after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from agents.footprint import recomputes

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Prompts = Sequence[tuple[int, ...]]


def run(model: PreTrainedModel, keep: int, *, before_head: bool, **inputs: object) -> torch.Tensor:
    """What a model says of its last positions.

    Args:
        model: Any causal LM.
        keep: How many of the last positions are wanted.
        before_head: Whether hidden states are wanted, of which the head makes logits, or logits.
        inputs: As the model takes them.

    Returns:
        (B, keep, H) hidden states or (B, keep, V) logits.
    """
    if before_head:
        states: torch.Tensor = model.base_model(**inputs).last_hidden_state[:, -keep:]
        return states
    logits: torch.Tensor = model(**inputs, logits_to_keep=keep).logits
    return logits


class PromptsRead:
    """Different prompts, read once: padded at the front, so that all end in the same column.

    Attributes:
        attention: (U, P), 0 where a prompt is padded.
        cache: Keys and values of the U prompts.
        last: (U, V) logits of each prompt's next token, or (U, H) the hidden states that they are made of.
        spread: (B,), which of the U prompts a row has.
    """

    def __init__(self, model: PreTrainedModel, prompts: Prompts, pad_id: int, *, before_head: bool = False) -> None:
        from transformers import DynamicCache  # takes seconds, and whoever has a model has paid for it

        unique = list(dict.fromkeys(prompts))
        place = {prompt: i for i, prompt in enumerate(unique)}
        ids, attention = padded(unique, pad_id, at_front=True)
        self.attention = attention.to(model.device)
        self.cache = DynamicCache(config=model.config)
        self.last = run(
            model,
            1,
            before_head=before_head,
            input_ids=ids.to(model.device),
            attention_mask=self.attention,
            position_ids=(self.attention.cumsum(-1) - 1).clamp(min=0),
            past_key_values=self.cache,
            use_cache=True,
        )[:, -1]
        self.spread = torch.tensor([place[prompt] for prompt in prompts], device=model.device)


def padded(rows: Sequence[Sequence[int]], pad_id: int, *, at_front: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of tokens as one tensor.

    Returns:
        ids (B, T), T the longest row, and 1 where they are real.
    """
    width = max(len(row) for row in rows)
    ids = torch.full((len(rows), width), pad_id)
    real = torch.zeros_like(ids)
    for i, row in enumerate(rows):
        place = slice(width - len(row), width) if at_front else slice(len(row))
        ids[i, place] = torch.tensor(row, dtype=ids.dtype)
        real[i, place] = 1
    return ids, real


def can_share(model: PreTrainedModel) -> bool:
    """Whether gradients flow back through the cache to the prompt: every layer's is plain keys and values.

    A model that keeps no activations (gradient checkpointing) fills no cache in training.
    """
    from transformers.cache_utils import DynamicCache, DynamicLayer

    if model.training and recomputes(model):
        return False
    return all(type(layer) is DynamicLayer for layer in DynamicCache(config=model.config).layers)
