"""Prompts read once, however many rows go on from them."""

from collections.abc import Sequence

import torch
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import DynamicLayer

Prompts = Sequence[tuple[int, ...]]


class PromptsRead:
    """Different prompts, read once: padded at the front, so that all end in the same column.

    Attributes:
        attention: (U, P), 0 where a prompt is padded.
        cache: Keys and values of the U prompts.
        logits: (U, V), of each prompt's next token.
        spread: (B,), which of the U prompts a row has.
    """

    def __init__(self, model: PreTrainedModel, prompts: Prompts, pad_id: int) -> None:
        unique = list(dict.fromkeys(prompts))
        place = {prompt: i for i, prompt in enumerate(unique)}
        width = max(len(prompt) for prompt in unique)
        ids = torch.full((len(unique), width), pad_id)
        attention = torch.zeros_like(ids)
        for i, prompt in enumerate(unique):
            ids[i, width - len(prompt) :] = torch.tensor(prompt)
            attention[i, width - len(prompt) :] = 1
        self.attention = attention.to(model.device)
        self.cache = DynamicCache(config=model.config)
        self.logits = model(
            input_ids=ids.to(model.device),
            attention_mask=self.attention,
            position_ids=(self.attention.cumsum(-1) - 1).clamp(min=0),
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        self.spread = torch.tensor([place[prompt] for prompt in prompts], device=model.device)


def can_share(model: PreTrainedModel) -> bool:
    """Whether every layer's cache is plain keys and values, so that gradients flow back through it to the prompt."""
    return all(type(layer) is DynamicLayer for layer in DynamicCache(config=model.config).layers)
