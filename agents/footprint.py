"""What a model's passes need in memory, and how much of one fits at once.

The limits depend on the model and the machine, not on what happens to be free: where a batch is cut decides how its
sums are rounded, and a run with the same seed has to cut where the last one did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from pmd_envs.errors import ConfigError

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel

ON_CPU = 4 * 2**30
"""Bytes for what a pass keeps, on a processor."""
ON_GPU = 0.25
"""The same as a share of a GPU's memory."""
_WIDTHS, _INNER = 12, 4
"""What a layer keeps of a token for the backward pass, in hidden states and in inner states of its MLP: at most as much
was measured of Llama and Qwen3 in float32, a sixth more of Qwen3 in bfloat16."""


def budget(device: torch.device) -> int:
    """Bytes that may be kept for one pass."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory * ON_GPU)
    return ON_CPU


def bytes_of_token(model: PreTrainedModel) -> int:
    """What a training pass keeps of each token until its gradient is known, but for the head's part."""
    config = model.config.get_text_config()
    hidden = config.hidden_size
    layers = [_WIDTHS * hidden + _INNER * inner for inner in _inner_widths(config)]
    numbers = len(layers) * hidden + max(layers) if recomputes(model) else sum(layers)
    return int(numbers * model.dtype.itemsize)


def _inner_widths(config: PreTrainedConfig) -> list[int]:
    """The width of each layer's MLP: some models (Gemma 3n) have a list of them, or layers that differ (Gemma 4)."""
    said = [getattr(layer, "intermediate_size", None) or 4 * config.hidden_size for layer in _layers(config)]
    return [width[number] if isinstance(width, list) else width for number, width in enumerate(said)]


def _layers(config: PreTrainedConfig) -> list[PreTrainedConfig]:
    """What each layer is told; a model whose layers differ refuses to say a width that is not that of all."""
    if getattr(config, "is_heterogeneous", False):
        return list(config.per_layer_config)
    return [config] * config.num_hidden_layers


def tokens_that_fit(model: PreTrainedModel) -> int:
    """Tokens of a training pass whose activations fit; at least one."""
    return max(budget(model.device) // bytes_of_token(model), 1)


def rows_that_fit(model: PreTrainedModel, columns: int) -> int:
    """Rows of so many tokens whose keys and values fit; at least one."""
    config = model.config.get_text_config()
    size = 4 if model.device.type == "cpu" else model.dtype.itemsize  # as agents.decoding keeps them
    row = 2 * sum(map(_width_of_keys, _layers(config))) * columns * size
    return int(max(budget(model.device) // row, 1))


def _width_of_keys(layer: PreTrainedConfig) -> int:
    """Numbers that a layer keeps of a token's keys."""
    heads: int = getattr(layer, "num_key_value_heads", None) or layer.num_attention_heads
    width: int = getattr(layer, "head_dim", None) or layer.hidden_size // layer.num_attention_heads
    return heads * width


def recompute_layers(model: PreTrainedModel) -> None:
    """Keep no activations inside layers, but compute them once more in the backward pass (gradient checkpointing).

    Raises:
        ConfigError: transformers cannot do that with this kind of model.
    """
    if not model.supports_gradient_checkpointing:
        raise ConfigError(f"a {type(model).__name__} cannot compute its layers again: leave --recompute out")
    how = {"use_reentrant": False}
    if hasattr(model, "activation_checkpointing_enable"):
        model.activation_checkpointing_enable(how)
    else:  # what older versions call it
        model.gradient_checkpointing_enable(how)


def recomputes(model: PreTrainedModel) -> bool:
    """Whether :func:`recompute_layers` was called."""
    return any(getattr(module, "gradient_checkpointing", False) for module in model.modules())
