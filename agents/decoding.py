"""What computes the next token's logits, token by token, for rows side by side.

:class:`CachedDecoder` drives any causal LM of transformers through its own cache. :class:`LlamaDecoder` computes the
Llama architecture (nano, SmolLM2 and many others) from the model's own layers, with a cache that is allocated once
instead of being copied for every token.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

import torch
from torch.nn.functional import rms_norm, silu

from agents.prefixes import Prompts, PromptsRead, run
from pmd_envs.errors import ConfigError

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedModel

_SMALL = 2**20
"""Weights."""
_CHECKED: WeakKeyDictionary[torch.nn.Module, None] = WeakKeyDictionary()
"""Models that :func:`check_steps` has found right."""
_FINE, _COARSE = 0.02, 0.25
"""Relative distance of logits by rounding, at most, in float32 and in coarser numbers. In bfloat16 0.01 to 0.05 was
measured of up to 64 layers, 0.16 of badly conditioned ones; where rows got each other's cache, 0.6 to 1.5."""


class Decoder(Protocol):
    """Rows that grow by one token at a time."""

    def start(self, prompts: Prompts) -> torch.Tensor:
        """Read the prompts, equal ones once; the logits (B, V) of each row's first token."""
        ...

    def advance(self, tokens: torch.Tensor) -> torch.Tensor:
        """Append a token (B,) to every row; the logits (B, V) of the next."""
        ...

    def keep(self, rows: torch.Tensor) -> None:
        """Go on with these rows only."""
        ...


def decoder_for(model: PreTrainedModel, pad_id: int, new_tokens: int) -> Decoder:
    """The fastest decoder that computes this model.

    Args:
        model: Any causal LM.
        pad_id: A token to fill prompts with; attention never looks at it.
        new_tokens: Most tokens that will be appended to a row.
    """
    from transformers import LlamaForCausalLM  # takes seconds, and whoever has a model has paid for it

    if type(model) is LlamaForCausalLM and _is_plain(model):
        return LlamaDecoder(model, pad_id, new_tokens)
    return CachedDecoder(model, pad_id)


def _is_plain(model: LlamaForCausalLM) -> bool:
    """Whether positions are rotated the same way however long the text is, and the gate is the usual one."""
    return model.config.rope_parameters["rope_type"] in ("default", "linear", "llama3") and (
        model.config.hidden_act == "silu"
    )


def check_steps(model: PreTrainedModel, pad_id: int) -> None:
    """Hold a model's cached steps, of rows that are padded and change places, to full passes; once for each model.

    Raises:
        ConfigError: They differ by more than rounding, are no numbers, or there are none: all that it would sample were
            wrong.
    """
    if model in _CHECKED:
        return
    was_training = model.training
    model.eval()
    try:
        far = _distance_of_steps(model, pad_id)
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise _unfit(model, f"its cached step fails with {type(error).__name__}: {error}") from error
    finally:
        model.train(was_training)
    if math.isnan(far):
        raise ConfigError(
            f"the logits of this {type(model).__name__} are not all finite: its weights are damaged, or its numbers "
            f"({str(model.dtype).removeprefix('torch.')}) too small for them"
        )
    if not far <= (_FINE if model.dtype == torch.float32 else _COARSE):
        raise _unfit(model, f"the logits of its cached steps are {far:.0%} away from those of a full pass")
    _CHECKED[model] = None


def _unfit(model: PreTrainedModel, reason: str) -> ConfigError:
    return ConfigError(
        f"a {type(model).__name__} cannot be a policy: {reason}. Causal models with attention can, and hybrids of it "
        "with convolutions, linear attention or state spaces that keep all of them in the cache of transformers"
    )


@torch.no_grad()
def _distance_of_steps(model: PreTrainedModel, pad_id: int) -> float:
    """The largest relative distance between the logits of a cached step and of a full pass; NaN if some are infinite.

    Nothing is distant from logits that are all equal.
    """
    (vocabulary, _), device = model.get_input_embeddings().weight.shape, model.device
    rows = [tuple(token % vocabulary for token in row) for row in ((3, 4, 5, 6, 10, 11), (7, 8, 12, 13))]
    decoder = decoder_for(model, pad_id, 2)
    stepped = [decoder.start([row[:-2] for row in rows])]
    stepped.append(decoder.advance(torch.tensor([row[-2] for row in rows], device=device)))
    decoder.keep(torch.tensor([1, 0], device=device))
    stepped.append(decoder.advance(torch.tensor([row[-1] for row in reversed(rows)], device=device)).flip(0))
    far = torch.zeros((), device=device)
    for mine, row in zip(torch.stack(stepped, 1).float(), rows, strict=True):
        ids = torch.tensor([row], device=device)
        whole = run(model, 3, before_head=False, input_ids=ids, use_cache=False)[0].float()
        scale = (whole - whole.mean(-1, keepdim=True)).norm(dim=-1).clamp(min=torch.finfo(whole.dtype).tiny)
        apart = mine - whole
        apart = (apart - apart.mean(-1, keepdim=True)).norm(dim=-1) / scale
        finite = mine.isfinite().all() & whole.isfinite().all()
        far = torch.maximum(far, apart.max()).where(finite, torch.nan)  # which stays, unlike in max() of floats
    return far.item()


class CachedDecoder:
    """Any causal LM, through transformers' cache."""

    def __init__(self, model: PreTrainedModel, pad_id: int) -> None:
        self.model, self.pad_id = model, pad_id

    def start(self, prompts: Prompts) -> torch.Tensor:
        """As in :class:`Decoder`."""
        read = PromptsRead(self.model, prompts, self.pad_id)
        self.cache = read.cache
        self.cache.reorder_cache(read.spread)  # which, unlike batch_select_indices, all kinds of layers have
        self.attention = read.attention[read.spread]
        return read.last[read.spread]

    def advance(self, tokens: torch.Tensor) -> torch.Tensor:
        """As in :class:`Decoder`."""
        self.attention = torch.cat([self.attention, self.attention.new_ones(len(tokens), 1)], dim=1)
        output = self.model(
            input_ids=tokens[:, None],
            attention_mask=self.attention,
            position_ids=self.attention.sum(-1, keepdim=True) - 1,
            past_key_values=self.cache,
            use_cache=True,
        )
        logits: torch.Tensor = output.logits[:, -1]
        return logits

    def keep(self, rows: torch.Tensor) -> None:
        """As in :class:`Decoder`."""
        self.cache.reorder_cache(rows)
        self.attention = self.attention[rows]


class _Layer:
    """A layer's parts at hand, with the matrices that read the same state as one."""

    def __init__(self, layer: torch.nn.Module, dtype: torch.dtype) -> None:
        self.attention, self.output, self.mlp, self.down = (_joint(parts, dtype) for parts in _matrices(layer))
        self.before, self.between = _norm(layer.input_layernorm, dtype), _norm(layer.post_attention_layernorm, dtype)
        self.scaling: float = layer.self_attn.scaling  # type: ignore[assignment]  # torch declares attributes as Tensor or Module


_Parts = tuple[torch.nn.Module, ...]


def _matrices(layer: torch.nn.Module) -> tuple[_Parts, _Parts, _Parts, _Parts]:
    """Of a Llama layer: those that read the same state together."""
    own = layer.get_submodule
    read = tuple(own(f"self_attn.{name}_proj") for name in "qkv")
    return read, (own("self_attn.o_proj"),), (own("mlp.gate_proj"), own("mlp.up_proj")), (own("mlp.down_proj"),)


def _are_small(parts: _Parts) -> bool:
    """Whether they are nothing but matrices, and small ones."""
    plain = [part for part in parts if type(part) is torch.nn.Linear and part.bias is None]
    return len(plain) == len(parts) and sum(part.weight.numel() for part in plain) <= _SMALL


def _joint(parts: _Parts, dtype: torch.dtype) -> Callable[[torch.Tensor], torch.Tensor]:
    """What the parts give of a state of this dtype, side by side.

    Small matrices are copied into one: a call costs more than its product. The copy is laid out for few rows, which are
    multiplied with it two to three times as fast as with the parts.
    """
    if not _are_small(parts):
        return lambda state: torch.cat([part(state) for part in parts], -1) if len(parts) > 1 else parts[0](state)
    weight = torch.cat([part.weight for part in parts]).t().contiguous().to(dtype)  # (in, out)
    return lambda state: state @ weight


class LlamaDecoder:
    """The Llama architecture, one token at a time.

    Keys are kept as (layer, B, KV heads, D, columns) and values as (layer, B, KV heads, columns, D), so that both
    products of the attention read them in place. On a processor attention is in float32 whatever the model is in, and
    so is all the rest where every matrix is small: a few rows are not multiplied faster in bfloat16.
    """

    def __init__(self, model: LlamaForCausalLM, pad_id: int, new_tokens: int) -> None:
        self.model, self.pad_id, self.new_tokens = model, pad_id, new_tokens
        config = model.config
        self.head = model.model.layers[0].self_attn.head_dim
        self.kv_heads = config.num_key_value_heads
        self.heads = config.num_attention_heads
        layers, on_cpu = model.model.layers, model.device.type == "cpu"
        matrices = [parts for layer in layers for parts in _matrices(layer)] + [(model.lm_head,)]
        self.dtype = torch.float32 if on_cpu and all(map(_are_small, matrices)) else model.dtype
        self.of_attention = torch.float32 if on_cpu else model.dtype
        self.layers, self.norm = [_Layer(layer, self.dtype) for layer in layers], _norm(model.model.norm, self.dtype)
        self.logits = _joint((model.lm_head,), self.dtype)

    def start(self, prompts: Prompts) -> torch.Tensor:
        """As in :class:`Decoder`."""
        read = PromptsRead(self.model, prompts, self.pad_id)
        rows, self.used = len(prompts), read.attention.shape[1]
        columns = self.used + self.new_tokens
        some = read.last.to(self.of_attention)
        shape = (len(self.model.model.layers), rows, self.kv_heads)
        self.keys = some.new_empty(*shape, self.head, columns)
        self.values = some.new_empty(*shape, columns, self.head)
        for number, layer in enumerate(read.cache.layers):
            self.keys[number, ..., : self.used] = layer.keys.transpose(-1, -2)[read.spread]
            self.values[number, ..., : self.used, :] = layer.values[read.spread]
        # Added to attention scores: padding is never looked at.
        self.bias = some.new_zeros(rows, 1, 1, columns)
        hidden = read.attention[read.spread] == 0
        self.bias[..., : self.used].masked_fill_(hidden[:, None, None], float("-inf"))
        self.lengths = read.attention.sum(-1)[read.spread]  # (B,) without padding
        every = torch.arange(columns, device=some.device)[None]
        cosines, sines = self.model.model.rotary_emb(some, every)
        self.cosines, self.sines = cosines[0], sines[0]  # (columns, D)
        self.sines[:, : self.head // 2].neg_()  # so that rotating is swapping halves
        return read.last[read.spread]

    def advance(self, tokens: torch.Tensor) -> torch.Tensor:
        """As in :class:`Decoder`."""
        rotated, columns = self.heads + self.kv_heads, self.used + 1
        cosine, sine = self.cosines[self.lengths][:, None], self.sines[self.lengths][:, None]  # (B, 1, D)
        state = self.model.model.embed_tokens(tokens).to(self.dtype)  # (B, H)
        bias = self.bias[..., :columns]
        for number, layer in enumerate(self.layers):
            projected = layer.attention(layer.before(state)).to(self.of_attention).unflatten(-1, (-1, self.head))
            turned = self._rotated(projected[:, :rotated], cosine, sine)
            keys, values = self.keys[number, ..., :columns], self.values[number, ..., :columns, :]
            keys[..., -1] = turned[:, self.heads :]
            values[..., -1, :] = projected[:, rotated:]
            seen = self._attend(turned[:, : self.heads], keys, values, bias, layer.scaling)
            state = state + layer.output(seen.to(self.dtype))
            gate, up = layer.mlp(layer.between(state)).chunk(2, -1)
            state = state + layer.down(silu(gate).mul_(up))
        self.used += 1
        self.lengths = self.lengths + 1
        return self.logits(self.norm(state))

    def _rotated(self, heads: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor) -> torch.Tensor:
        """Rotary positions of (B, heads, D)."""
        return torch.addcmul(heads * cosine, heads.roll(self.head // 2, -1), sine)

    def _attend(
        self, query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, bias: torch.Tensor, scaling: float
    ) -> torch.Tensor:
        """(B, heads, D) to (B, heads * D); heads of a group share keys and values."""
        grouped = query.reshape(len(query), self.kv_heads, -1, self.head)
        scores = (grouped * scaling) @ keys  # (B, KV heads, group, columns)
        shares = (scores + bias).softmax(-1, dtype=torch.float32)
        mixed = shares.to(query.dtype) @ values
        return mixed.reshape(len(query), -1)

    def keep(self, rows: torch.Tensor) -> None:
        """As in :class:`Decoder`."""
        self.keys, self.values = self.keys[:, rows], self.values[:, rows]
        self.bias, self.lengths = self.bias[rows], self.lengths[rows]


def _norm(layer: torch.nn.Module, dtype: torch.dtype) -> Callable[[torch.Tensor], torch.Tensor]:
    weight: torch.Tensor = layer.weight  # type: ignore[assignment]  # torch declares attributes as Tensor or Module
    weight = weight.to(dtype)
    return partial(rms_norm, normalized_shape=weight.shape, weight=weight, eps=layer.variance_epsilon)
