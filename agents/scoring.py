"""What a model makes of completions that it is shown.

The rollouts of a group have one prompt. It is read once, and the completions go on from its keys and values, forward
and backward: with 8 rollouts of a prompt as long as its completions that is little more than half of the work.

With a vocabulary of 150,000 the logits of a few long completions need more memory than the model. So what is kept of a
completion are the hidden states before the head, and logits are made of a few positions at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import torch

from agents.decoding import check_steps
from agents.lengths import check_lengths
from agents.prefixes import Prompts, PromptsRead, can_share, padded, run

if TYPE_CHECKING:
    from transformers import PreTrainedModel

LOGITS_AT_ONCE = 2**26
"""Logits, of all rows together, that are made at once: 256 MiB in float32."""
_WORTH_SHARING = 0.6
"""Different prompts for each row, at most: two passes have a price too."""
_HEADS: WeakKeyDictionary[torch.nn.Module, bool] = WeakKeyDictionary()
"""What :func:`head_of` has found out."""


@dataclass(frozen=True)
class Reading:
    """Completions that a model has read, B rows of at most T tokens. What is past a row's own length is meaningless."""

    held: torch.Tensor
    """(B, T, H) hidden states that predict each token; where the head cannot be told apart, (B, T, V) logits."""
    head: torch.nn.Module | None
    """Makes logits of them."""
    tokens: int
    """How many were read: a prompt that rows share is read once."""

    def logits(self, first: int = 0, end: int | None = None) -> torch.Tensor:
        """(B, end - first, V) logits that predict the tokens from ``first`` to before ``end``; of all if not told."""
        return self.of(self.held[:, first:end])

    def of(self, held: torch.Tensor) -> torch.Tensor:
        """The logits of some positions of ``held``."""
        if self.head is None:
            return held
        logits: torch.Tensor = self.head(held)
        return logits

    @property
    def vocabulary(self) -> int:
        """V."""
        weight = self.held if self.head is None else self.head.weight
        assert isinstance(weight, torch.Tensor)
        return weight.shape[-1] if self.head is None else weight.shape[0]

    def slices(self) -> Iterator[tuple[int, int]]:
        """First and end of the positions whose logits may be made at once."""
        rows, width = self.held.shape[:2]
        step = max(LOGITS_AT_ONCE // (rows * self.vocabulary), 1)
        return ((first, min(first + step, width)) for first in range(0, width, step))


def read_responses(
    model: PreTrainedModel, prompts: Prompts, completions: Sequence[Sequence[int]], pad_id: int
) -> Reading:
    """Have a model read completions, in training mode only where gradients are wanted.

    Args:
        model: Any causal LM.
        prompts: B rows of tokens.
        completions: B rows of tokens; rows shorter than the longest are padded at the end.
        pad_id: A token to fill rows with; attention never looks at it.

    Raises:
        ConfigError: As :func:`agents.decoding.check_steps`, or the model has too few positions for a row.
    """
    prompt, completion = max(zip(prompts, completions, strict=True), key=lambda row: len(row[0]) + len(row[1]))
    check_lengths(model, len(prompt), len(completion))
    check_steps(model, pad_id)
    head = head_of(model)
    few = len(set(prompts)) <= _WORTH_SHARING * len(prompts)
    was_training = model.training
    if not torch.is_grad_enabled():
        model.eval()
    shares = few and can_share(model)
    held = (_shared if shares else _apart)(model, prompts, completions, pad_id, before_head=head is not None)
    model.train(was_training)
    tokens = sum(map(len, set(prompts) if shares else prompts)) + sum(map(len, completions))
    return Reading(held, head, tokens)


def head_of(model: PreTrainedModel) -> torch.nn.Module | None:
    """What makes logits of a model's last hidden states; None where that is not all that is done to them.

    Some models cap or scale what the head gives. Nothing they declare says so in one way, so both are tried on a few
    tokens.
    """
    head: torch.nn.Module | None = model.get_output_embeddings()
    if model not in _HEADS:
        _HEADS[model] = head is not None and _is_all(model, head)
    return head if _HEADS[model] else None


@torch.no_grad()
def _is_all(model: PreTrainedModel, head: torch.nn.Module) -> bool:
    was_training = model.training
    model.eval()
    ids = torch.arange(3, device=model.device)[None]
    states = getattr(model.base_model(input_ids=ids, use_cache=False), "last_hidden_state", None)
    logits = model(input_ids=ids, use_cache=False).logits
    model.train(was_training)
    if states is None or states.dtype != head.weight.dtype:
        return False
    again = head(states)
    return again.dtype == logits.dtype and torch.allclose(again, logits, equal_nan=True)


def _shared(
    model: PreTrainedModel, prompts: Prompts, completions: Sequence[Sequence[int]], pad_id: int, *, before_head: bool
) -> torch.Tensor:
    read = PromptsRead(model, prompts, pad_id, before_head=before_head)
    first = read.last[read.spread][:, None]
    ids, real = padded(completions, pad_id)
    if ids.shape[1] == 1:
        return first
    read.cache.batch_select_indices(read.spread)
    before = read.attention[read.spread]
    ids, real = ids[:, :-1].to(model.device), real[:, :-1].to(model.device)
    attention = torch.cat([before, real], dim=1)
    rest = run(
        model,
        ids.shape[1],
        before_head=before_head,
        input_ids=ids,
        attention_mask=attention,
        position_ids=(attention.cumsum(-1) - 1).clamp(min=0)[:, before.shape[1] :],
        past_key_values=read.cache,
        use_cache=True,
    )
    return torch.cat([first, rest], dim=1)


def _apart(
    model: PreTrainedModel, prompts: Prompts, completions: Sequence[Sequence[int]], pad_id: int, *, before_head: bool
) -> torch.Tensor:
    ids, attention = pad_rows(prompts, completions, pad_id)
    ids, attention = ids.to(model.device), attention.to(model.device)
    longest = max(len(row) for row in completions)
    return run(
        model,
        longest + 1,
        before_head=before_head,
        input_ids=ids,
        attention_mask=attention,
        position_ids=(attention.cumsum(-1) - 1).clamp(min=0),
        use_cache=False,
    )[:, :-1]


def pad_rows(
    prompts: Sequence[Sequence[int]], completions: Sequence[Sequence[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Prompts padded at the front and completions at the end, so that completions line up.

    Returns:
        ids and attention mask, both (B, P + T).
    """
    (before, seen), (after, real) = padded(prompts, pad_id, at_front=True), padded(completions, pad_id)
    return torch.cat([before, after], 1), torch.cat([seen, real], 1)
