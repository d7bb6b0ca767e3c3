"""Attention of bfloat16 models on a processor, in float32 where gradients are wanted.

Of torch's attention for processors the backward pass in bfloat16 takes 4 to 5 times as long as in float32 with heads as
wide as nano's (32), and 1.4 times with heads of 64; forward it is up to twice as fast. Measured with torch 2.13, 64 to
256 tokens, on a processor that multiplies bfloat16 in hardware; from about 1,000 tokens on bfloat16 is not slower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_NAME = "sdpa_float32_gradients"
_LONG = 512
"""Tokens from which on float32 is not tried."""


def attend_in_float32(model: PreTrainedModel) -> None:
    """Have a model's attention, where it is torch's and on a processor, be in float32 in training passes.

    What the model computes changes by rounding only, and to the more exact. Nothing changes for a model in float32
    unless it is trained under autocast.
    """
    from transformers import AttentionInterface, AttentionMaskInterface  # takes seconds
    from transformers.masking_utils import sdpa_mask

    if model.device.type != "cpu" or model.config._attn_implementation != "sdpa":
        return
    AttentionInterface.register(_NAME, _attend)
    AttentionMaskInterface.register(_NAME, sdpa_mask)
    model.set_attn_implementation(_NAME)


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **options: Any,  # noqa: ANN401  whatever transformers passes on
) -> tuple[torch.Tensor, None]:
    """As transformers' own attention of this signature: (B, heads, T, D) to (B, T, heads, D)."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    if not torch.is_grad_enabled() or key.shape[-2] >= _LONG or query.device.type != "cpu":
        return sdpa_attention_forward(module, query, key, value, attention_mask, **options)
    if attention_mask is not None and attention_mask.is_floating_point():
        attention_mask = attention_mask.float()
    with torch.autocast("cpu", enabled=False):  # which would make them coarse again
        exact = (query.float(), key.float(), value.float())
        mixed, _ = sdpa_attention_forward(module, *exact, attention_mask, **options)
    return mixed.to(query.dtype), None
