"""How long a text a model can read: where positions are learnt, or kept in a table, there are only so many.

Others turn positions by other angles as soon as some text of a batch is longer than those of their first training
(Phi's longrope, dynamic scaling). What a row means would then depend on the rows beside it, and what was sampled before
a text got so long would not be what is trained. Such models read no more than that here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import torch

from pmd_envs.errors import ConfigError

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel

_TABLES: WeakKeyDictionary[torch.nn.Module, frozenset[int]] = WeakKeyDictionary()
"""What :func:`_tables` has found: it walks through all of a model, and is asked for every prompt."""


def longest_text(model: PreTrainedModel) -> int | None:
    """The tokens that a model has the same positions for, whatever is beside them; None where that is any number."""
    config = model.config.get_text_config()
    limit: int | None = getattr(config, "max_position_embeddings", None)
    if config.model_type == "mpt":  # whose biases are made for so many distances
        return int(config.max_seq_len)
    if limit is None:
        return None
    if model not in _TABLES:
        _TABLES[model] = frozenset(_tables(model))
    return min([limit] if limit in _TABLES[model] else _turning_points(config, limit), default=None)


def _turning_points(config: PreTrainedConfig, limit: int) -> list[int]:
    """Lengths from which rotary positions are other ones."""
    given = getattr(config, "rope_parameters", None) or {}
    each = [given] if "rope_type" in given else [one for one in given.values() if isinstance(one, dict)]
    original = [one.get("original_max_position_embeddings") or limit for one in each if one["rope_type"] == "longrope"]
    return original + [limit for one in each if one["rope_type"] == "dynamic"]


def _tables(model: PreTrainedModel) -> Iterator[int]:
    """Lengths of the tables that a model looks something up in, but for its tokens."""
    tokens = model.get_input_embeddings()
    for module in model.modules():
        if isinstance(module, torch.nn.Embedding) and module is not tokens:
            yield module.num_embeddings - getattr(module, "offset", 0)  # OPT's first two rows are no positions
    for table in model.buffers():
        if table.ndim == 2 and table.is_floating_point():
            yield len(table)


def room_for_prompt(model: PreTrainedModel, most: int, new: int) -> int:
    """The tokens that a prompt may have.

    Args:
        model: Any causal LM.
        most: How many it has at most, however many positions there are.
        new: Tokens that follow it, at most.

    Raises:
        ConfigError: These leave no positions for a prompt.
    """
    limit = longest_text(model)
    if limit is not None and new >= limit:
        raise ConfigError(
            f"{new} new tokens leave no room for a prompt in the {limit} positions that a {type(model).__name__} of "
            "this size has"
        )
    return most if limit is None else min(most, limit - new)


def check_lengths(model: PreTrainedModel, prompt: int, new: int) -> None:
    """Refuse a text that the model has no positions for, which torch would say as an index that is out of range.

    Args:
        model: Any causal LM.
        prompt: Tokens of the longest prompt.
        new: Tokens that follow it, at most.

    Raises:
        ConfigError: They are too many.
    """
    limit = longest_text(model)
    if limit is not None and prompt + new > limit:
        would = f"; {limit - prompt} new ones would" if prompt < limit else ""
        raise ConfigError(
            f"a prompt of {prompt} tokens and {new} new ones do not fit into the {limit} positions that a "
            f"{type(model).__name__} of this size has{would}"
        )
