"""The folder of a training: what it is a training of, and the checkpoint that it goes on from."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch

from agents.checkpoint import DAMAGED
from agents.folder_lock import FolderLock
from agents.nano.curve import LossCurve
from agents.nano.trainer import Trainer
from pmd_envs.errors import ConfigError
from pmd_envs.records import Json

CHECKPOINT = "checkpoint.pt"


def claim(folder: Path, settings: Mapping[str, Json]) -> FolderLock:
    """Write down in ``config.json`` what a folder's checkpoint comes from, or see that it is the same.

    The lock that is returned keeps other processes out; use it as a context (``with``) that lasts while training does.

    Args:
        folder: Is made where it does not exist.
        settings: Everything that decides the result.

    Raises:
        ConfigError: Another training is there, or a checkpoint of which nothing is known, or it cannot be read.
        InUseError: Another process is training there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FolderLock(folder)
    try:
        _claim(folder, settings)
    except BaseException:
        lock.release()
        raise
    return lock


def _claim(folder: Path, settings: Mapping[str, Json]) -> None:
    file = folder / "config.json"
    if not file.exists() and (folder / CHECKPOINT).exists():
        raise ConfigError(f"{folder} holds a checkpoint, and no config.json that says of what: name another folder")
    wanted: dict[str, Json] = json.loads(json.dumps(settings))  # tuples become lists, as in the file
    if file.exists():
        try:
            found: dict[str, Json] = json.loads(file.read_text())
        except (OSError, ValueError) as error:
            raise ConfigError(f"{file} cannot be read: {error}") from error
        changed = sorted(key for key in found | wanted if found.get(key) != wanted.get(key))
        if changed:
            raise ConfigError(f"{folder} holds a training with other settings: {', '.join(changed)}")
    new = file.with_name(f"{file.name}.new")
    new.write_text(json.dumps(wanted, indent=2) + "\n")
    new.replace(file)


def checkpoint(trainer: Trainer, step: int, folder: Path, curve: LossCurve) -> None:
    """Write everything a later run needs to go on from ``step``; the old checkpoint stays until this one is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    curve.write()  # first: rows that are too many are dropped, and those that a checkpoint has passed never come again
    new = folder / "checkpoint.new"
    states = {f"optimizer{i}": optimizer.state_dict() for i, optimizer in enumerate(trainer.optimizers)}
    torch.save({"step": step, "losses": curve.pending, "model": trainer.model.state_dict(), **states}, new)
    new.replace(folder / CHECKPOINT)


def restore(trainer: Trainer, folder: Path) -> tuple[int, LossCurve]:
    """Load the last checkpoint; the step to go on with (0 where there is none), and the loss until then.

    Raises:
        ConfigError: It is damaged, or not of this model.
    """
    path, log = folder / CHECKPOINT, folder / "log.csv"
    if not path.exists():
        return 0, LossCurve(log, 0)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        trainer.model.load_state_dict(state["model"])
        for i, optimizer in enumerate(trainer.optimizers):
            optimizer.load_state_dict(state[f"optimizer{i}"])
        step = int(state["step"])
    except DAMAGED as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise ConfigError(
            f"{path} cannot be read: {said[0]:.200}; put back a copy of it, or delete it, and training begins anew"
        ) from error
    return step, LossCurve(log, step, state.get("losses", ()))
