"""No dropout: what is trained is the distribution that was sampled from.

With it the policy that an update reads is another one at every pass, ratios to the sampler are no longer 1, and two
runs with the same seed differ. The papers' models have none, and TRL turns it off. So are layers that are left out at
random (OPT) and noise before a router (Mixtral). What a model draws elsewhere is found out by trying.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from agents.prefixes import run
from pmd_envs.errors import ConfigError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_FINE, _COARSE = 1e-3, 5e-2
"""Relative distance of two passes over the same tokens by rounding, at most, in float32 and in coarser numbers: experts
and attention of a GPU may add up in another order each time."""


def turn_off_dropout(model: PreTrainedModel) -> None:
    """Set every rate of a model to 0, as modules or as numbers of other modules; its config keeps what it says."""
    for module in model.modules():
        if isinstance(module, torch.nn.modules.dropout._DropoutNd):
            module.p = 0.0
        for name, value in list(vars(module).items()):
            if _is_rate(name) and isinstance(value, float):
                setattr(module, name, 0.0)


def _is_rate(name: str) -> bool:
    """PhiMoE's ``router_jitter_noise`` is none: without it, what is sampled is another distribution too."""
    return "drop" in name or name in ("jitter_noise", "input_jitter_noise")  # dropout, resid_pdrop, layerdrop


@torch.no_grad()
def check_training(model: PreTrainedModel) -> None:
    """Refuse to train a model that says something else in training than where it is sampled from.

    Raises:
        ConfigError: So it is.
    """
    rows = len(model.get_input_embeddings().weight)  # type: ignore[arg-type]  # torch declares attributes as Tensor or Module
    ids = (torch.arange(3, 19, device=model.device) % rows)[None]
    was_training = model.training
    sampled, trained = (
        run(model.train(mode), ids.shape[1], before_head=False, input_ids=ids, use_cache=False).float()
        for mode in (False, True)
    )
    model.train(was_training)
    rounding = _FINE if model.dtype == torch.float32 else _COARSE
    if (trained - sampled).norm() > rounding * sampled.norm():
        said = model.config.get_text_config().to_dict().items()
        rates = [name for name, value in said if "drop" in name and isinstance(value, float) and value > 0]
        raise ConfigError(
            f"a {type(model).__name__} cannot be trained: in training it is not the model that is sampled from. "
            + (f"Set {', '.join(rates)} to 0 in its config.json" if rates else "The agent 'frozen' can take it")
        )
