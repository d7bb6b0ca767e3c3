"""Low-rank adapters (LoRA, 2106.09685): a model's matrices stay, and small products beside them are trained.

The optimizer then keeps moments, the checkpoint weights and the teacher copies of the adapters alone, so that a model
whose weights just fit can be trained. Adapters are put into the model itself: it stays of its class, and everything
that knows a policy works as before.
"""

from __future__ import annotations

import copy
import importlib.util
import re
from typing import TYPE_CHECKING

import torch

from agents.policy import Policy
from pmd_envs.errors import ConfigError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

INSTALL = "pip install -c constraints.txt -e '.[train,lora]'"
_SCALE = 2
"""Alpha by rank: what the adapters give is multiplied by it."""
_APART = re.compile(r".*\.(mamba|mixer)\.out_proj|.*\.router")
"""Matrices that get no adapters: kernels of state spaces read the weights past them, and a router says more than one
thing."""


def check_adapters(rank: int) -> None:
    """Refuse what :func:`add_adapters` would, before anything is loaded.

    Raises:
        ConfigError: The rank is below 1, or peft is not installed.
    """
    if rank < 1:
        raise ConfigError(f"LoRA rank {rank} is below 1")
    _require_peft()


def _require_peft() -> None:
    if importlib.util.find_spec("peft") is None:
        raise ConfigError(f"LoRA needs the package peft, which is not installed: {INSTALL}")


def add_adapters(policy: Policy, rank: int, seed: int) -> None:
    """Put adapters beside all matrices of a policy's layers, and have them alone be trained. At first they do nothing.

    Args:
        policy: Whose model gets them.
        rank: Of the products.
        seed: Decides where they start.

    Raises:
        ConfigError: As :func:`check_adapters`.
    """
    check_adapters(rank)
    from peft import LoraConfig, inject_adapter_in_model  # an extra, which only this needs

    apart = [name for name, _ in policy.model.named_modules() if _APART.fullmatch(name)]
    how = LoraConfig(
        r=rank,
        lora_alpha=_SCALE * rank,
        target_modules="all-linear",
        exclude_modules=apart or None,
        task_type="CAUSAL_LM",
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        inject_adapter_in_model(how, policy.model)


def has_adapters(model: PreTrainedModel) -> bool:
    """Whether :func:`add_adapters` was called."""
    return hasattr(model, "peft_config")


def base_weights(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    """The weights beside which adapters stand, by the names that they have in a model without any."""
    found: dict[str, torch.Tensor] = model.state_dict()
    if not has_adapters(model):
        return found
    return {_without_layers(name): weights for name, weights in found.items() if ".lora_" not in name}


def _without_layers(name: str) -> str:
    """A name as it was before adapters; those of a block of experts stand one in the other."""
    return ".".join(part for part in name.split(".") if part != "base_layer")


def merged(model: PreTrainedModel) -> PreTrainedModel:
    """A model that computes the same without adapters: a copy with their products added, itself if it has none."""
    if not has_adapters(model):
        return model
    from peft.tuners.tuners_utils import BaseTunerLayer

    plain = copy.deepcopy(model)
    adapted = [(name, module) for name, module in plain.named_modules() if isinstance(module, BaseTunerLayer)]
    for _, module in adapted:
        module.merge()
    for name, module in adapted:
        if _without_layers(name) == name:  # what stands inside another goes with it
            plain.set_submodule(name, module.get_base_layer())
    del plain.peft_config
    return plain


def adapted_model(place: str) -> str | None:
    """The model that somebody's adapters were made for, where a folder or a hub id holds no more than these.

    Raises:
        ConfigError: So it is, and peft is not installed.
    """
    from transformers.utils.peft_utils import find_adapter_config_file

    if find_adapter_config_file(place) is None:
        return None
    _require_peft()
    from peft import PeftConfig

    return str(PeftConfig.from_pretrained(place).base_model_name_or_path)


def with_adapters(model: PreTrainedModel, place: str) -> PreTrainedModel:
    """A model with the products of somebody's adapters added: it is trained and saved as a whole."""
    from peft import PeftModel

    whole: PreTrainedModel = PeftModel.from_pretrained(model, place).merge_and_unload()
    return whole.requires_grad_(True)
