"""No dropout: what is trained is the distribution that was sampled from.

With it the policy that an update reads is another one at every pass, ratios to the sampler are no longer 1, and two
runs with the same seed differ. The papers' models have none, and TRL turns it off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def turn_off_dropout(model: PreTrainedModel) -> None:
    """Set every rate of a model to 0, as modules or as numbers of other modules; its config keeps what it says."""
    for module in model.modules():
        if isinstance(module, torch.nn.modules.dropout._DropoutNd):
            module.p = 0.0
        for name, value in list(vars(module).items()):
            if "drop" in name and isinstance(value, float):  # dropout, resid_pdrop, layerdrop (which skips layers)
                setattr(module, name, 0.0)
