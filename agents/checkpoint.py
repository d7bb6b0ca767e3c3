"""Checkpoints that a killed process cannot break.

A checkpoint is a folder that is written beside the old one and then takes its name, so at every moment one whole
checkpoint can be found.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from agents.agent import TrainState
from agents.policy import Policy
from pmd_envs.errors import ConfigError

FORMAT = 1


def save_checkpoint(state: TrainState, folder: Path) -> None:
    """Write policy, teacher, optimizer and step to ``folder``: weights that are trained, and of masters these alone."""

    def write(new: Path) -> None:
        trained = state.policy.trained_weights()
        write_weights(trained, new / "policy.safetensors")
        if state.teacher is not None:
            behind = state.teacher.masters.behind(state.teacher.model)
            write_weights({name: behind[name] for name in trained}, new / "teacher.safetensors")
        torch.save(state.optimizer.state_dict(), new / "optimizer.pt")
        header = {"format": FORMAT, "step": state.step, "learnt": state.batches_learnt}
        (new / "state.json").write_text(json.dumps(header))

    replace_folder(folder, write)


def replace_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Have a folder written anew; until it is whole the old one stays, under its name or with ``.old`` behind it."""
    new, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    if old.exists() and not folder.exists():  # somebody was killed between the two renames below
        old.rename(folder)
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    write(new)
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(state: TrainState, folder: Path) -> bool:
    """Bring ``state`` to where the checkpoint was; False where there is none.

    Raises:
        ConfigError: The checkpoint is of another format.
    """
    found = folder if folder.exists() else folder.with_name(folder.name + ".old")
    if not found.exists():
        return False
    header = json.loads((found / "state.json").read_text())
    if header.get("format") != FORMAT:
        raise ConfigError(f"checkpoint {found} has format {header.get('format')!r}; this version reads {FORMAT}")
    read_weights(state.policy, found / "policy.safetensors")
    if state.teacher is not None:
        read_weights(state.teacher, found / "teacher.safetensors")
    state.optimizer.load_state_dict(torch.load(found / "optimizer.pt", map_location="cpu", weights_only=True))
    state.step = int(header["step"])
    state.batches_learnt = int(header.get("learnt", _steps(state.optimizer)))
    return True


def _steps(optimizer: torch.optim.Optimizer) -> int:
    """Steps of an optimizer, which older checkpoints count batches by."""
    return max((int(kept["step"]) for kept in optimizer.state.values() if "step" in kept), default=0)


def write_weights(weights: Mapping[str, torch.Tensor], path: Path) -> None:
    """Write named parameters, each once: tied weights share their memory, which safetensors refuses."""
    save_file({name: values.detach().contiguous() for name, values in weights.items()}, path)


def read_weights(policy: Policy, path: Path) -> None:
    """Give a policy the weights of :func:`write_weights`.

    Raises:
        ConfigError: They are not those of this policy: some that it trains are missing, or it does not have some.
    """
    stored = load_file(path)
    own = dict(policy.model.named_parameters())
    strange = [name for name in stored if name not in own]
    missing = [name for name, weights in own.items() if weights.requires_grad and name not in stored]
    if strange or missing:
        raise ConfigError(f"{path} holds weights of another model: {(strange + missing)[0]} is only in one of the two")
    policy.masters.restore(policy.model, stored)
