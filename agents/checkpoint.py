"""Checkpoints that a killed process cannot break.

A checkpoint is a folder that is written beside the old one and then takes its name, so at every moment one whole
checkpoint can be found.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from agents.agent import TrainState
from agents.policy import Policy
from pmd_envs.errors import ConfigError

FORMAT = 1
DAMAGED = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, AttributeError),
    *(RuntimeError, UnpicklingError, SafetensorError),
)
"""What reading JSON, safetensors and torch's archives raises where they are not what was written."""


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
        ConfigError: The checkpoint is of another format, or a file of it is damaged.
    """
    found = _place(folder)
    if found is None:
        return False
    header = _header(found)
    read_weights(state.policy, found / "policy.safetensors")
    if state.teacher is not None:
        read_weights(state.teacher, found / "teacher.safetensors")
    with _reading(found / "optimizer.pt"):
        optimizer = torch.load(found / "optimizer.pt", map_location="cpu", weights_only=True)
    state.optimizer.load_state_dict(optimizer)
    state.step = header["step"]
    state.batches_learnt = header.get("learnt", _steps(state.optimizer))
    return True


def checkpoint_step(folder: Path) -> int:
    """The step of a checkpoint; 0 where there is none.

    Raises:
        ConfigError: The checkpoint is of another format, or damaged.
    """
    found = _place(folder)
    return 0 if found is None else _header(found)["step"]


def _place(folder: Path) -> Path | None:
    """The folder that holds the whole checkpoint."""
    old = folder.with_name(folder.name + ".old")
    return next((place for place in (folder, old) if place.exists()), None)


def _header(found: Path) -> dict[str, int]:
    file = found / "state.json"
    with _reading(file):
        header: dict[str, int] = json.loads(file.read_text())
        if header.get("format") == FORMAT:
            return {name: int(value) for name, value in header.items()} | {"step": int(header["step"])}
    raise ConfigError(f"checkpoint {found} has format {header.get('format')!r}; this version reads {FORMAT}")


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """What a library says of a file that was cut or overwritten, as one line about the file."""
    try:
        yield
    except DAMAGED as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise ConfigError(
            f"{file} cannot be read: {said[0]:.200}; put back a copy of it, or delete the run's checkpoint folder, and "
            "--resume trains again from the first step"
        ) from error


def _steps(optimizer: torch.optim.Optimizer) -> int:
    """Steps of an optimizer, which older checkpoints count batches by."""
    return max((int(kept["step"]) for kept in optimizer.state.values() if "step" in kept), default=0)


def write_weights(weights: Mapping[str, torch.Tensor], path: Path) -> None:
    """Write named parameters, each once: tied weights share their memory, which safetensors refuses."""
    save_file({name: values.detach().contiguous() for name, values in weights.items()}, path)


def read_weights(policy: Policy, path: Path) -> None:
    """Give a policy the weights of :func:`write_weights`.

    Raises:
        ConfigError: They cannot be read, or are not those of this policy: some that it trains are missing, or it does
            not have some.
    """
    with _reading(path):
        stored = load_file(path)
    own = dict(policy.model.named_parameters())
    strange = [name for name in stored if name not in own]
    missing = [name for name, weights in own.items() if weights.requires_grad and name not in stored]
    if strange or missing:
        raise ConfigError(f"{path} holds weights of another model: {(strange + missing)[0]} is only in one of the two")
    policy.masters.restore(policy.model, stored)
