"""float32 masters of weights that are coarser.

bfloat16 keeps 8 bits of a weight. A step of AdamW at the published rates, 1e-5 and 1e-6, is for most weights less than
half of the way to the next value, so it is rounded away, however often it is taken; a running mean at rate 0.01 loses
what it should take over likewise. PMD trains with "AdamW fp32" (2607.01480, table 11). So a weight that is coarser than
float32 gets a master: the optimizer steps on masters and teachers average into them, and after each of these the
model's weights are the rounded masters. Forward and backward passes stay as coarse, and as fast, as the model.

Only weights that are trained get a master; a model in float32 has none, and costs nothing. Where there are some, a
weight takes 2 bytes in bfloat16, 4 for its master, 4 for its gradient and 8 for the two moments of AdamW.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

import torch

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Masters:
    """The float32 values behind a model's weights, by the names of its parameters; weights without one are exact."""

    def __init__(self) -> None:
        self.values: dict[str, torch.Tensor] = {}

    @classmethod
    def of(cls, model: PreTrainedModel, trained: PreTrainedModel) -> Self:
        """Masters of the weights of ``model`` that are coarser than float32 and trained in ``trained``.

        Args:
            model: Whose weights the masters begin as.
            trained: The same model, or the one that it follows.
        """
        found = cls()
        for (name, weights), theirs in zip(model.named_parameters(), trained.parameters(), strict=True):
            if theirs.requires_grad and _is_coarse(weights):
                found.values[name] = weights.detach().float()
        return found

    def behind(self, model: PreTrainedModel) -> dict[str, torch.Tensor]:
        """Every parameter once, in the model's order: its master, or itself where it has none."""
        return {name: self.values.get(name, weights) for name, weights in model.named_parameters()}

    @torch.no_grad()
    def take_gradients(self, model: PreTrainedModel) -> None:
        """Add the gradients of weights to those of their masters, and clear them."""
        for name, master in self.values.items():
            weights = model.get_parameter(name)
            if weights.grad is None:
                continue
            if master.grad is None:
                master.grad = weights.grad.float()
            else:
                master.grad += weights.grad
            weights.grad = None  # one after the other: all gradients are never there twice

    @torch.no_grad()
    def round_into(self, model: PreTrainedModel) -> None:
        """Make the model's weights the rounded masters."""
        for name, master in self.values.items():
            model.get_parameter(name).copy_(master)

    @torch.no_grad()
    def restore(self, model: PreTrainedModel, stored: Mapping[str, torch.Tensor]) -> None:
        """Give masters, and the weights before them, the stored values; what is finer than its weights gets a master.

        Args:
            model: Whose weights they are.
            stored: As of :meth:`behind`, or a model's weights: then masters begin as these. What is not in it stays.
        """
        for name, values in stored.items():
            weights = model.get_parameter(name)
            weights.copy_(values)
            if name in self.values:
                self.values[name].copy_(values)
            elif _is_coarse(weights) and not _is_coarse(values):
                self.values[name] = values.to(weights.device, torch.float32)


def _is_coarse(weights: torch.Tensor) -> bool:
    """Whether float32 tells more values apart; integers are no weights that could move."""
    return weights.is_floating_point() and torch.finfo(weights.dtype).eps > torch.finfo(torch.float32).eps
