"""What ``study.py`` and ``matrix.py`` have in common: runs that are planned here and done by ``run.py``."""

from pathlib import Path
from typing import Protocol

from agents.adapters import check_adapters
from agents.agent import Agent
from agents.policies import check_dtype
from benchmarks.cells import Cell
from benchmarks.folder import check_settings
from benchmarks.plan import Plan


class Weights(Protocol):
    """How the weights of a policy are kept and trained, as the options of ``run.py`` say it."""

    @property
    def lora(self) -> int | None:
        """Rank of adapters; None trains all weights."""
        ...

    @property
    def recompute(self) -> bool:
        """Whether activations are computed again."""
        ...

    @property
    def dtype(self) -> str:
        """Of the weights."""
        ...


def check_weights(asked: Weights) -> None:
    """Refuse what ``run.py`` would, before anything starts.

    Raises:
        ConfigError: As :func:`agents.adapters.check_adapters` and :func:`agents.policies.check_dtype`.
    """
    check_dtype(asked.dtype)
    if asked.lora is not None:
        check_adapters(asked.lora)


def adapters(asked: Weights, agent: Agent) -> int:
    """The rank of an agent's adapters; 0 without: one that trains nothing has none."""
    return asked.lora if asked.lora is not None and agent.trains else 0


def weights_options(asked: Weights, agent: Agent) -> tuple[str, ...]:
    """The same for ``run.py``."""
    found = () if asked.dtype == "auto" else ("--dtype", asked.dtype)
    if not agent.trains:
        return found
    lora = () if asked.lora is None else ("--lora", str(asked.lora))
    return (*found, *lora, *(("--recompute",) if asked.recompute else ()))


def planned_cell(name: str, folder: Path, plan: Plan, options: tuple[str, ...]) -> Cell:
    """A run, in a folder of its own.

    Args:
        name: As people read it.
        folder: Where it is done.
        plan: What it computes.
        options: Of ``run.py``, which say the same.

    Raises:
        ConfigError: The folder holds a run with other settings.
    """
    if (folder / "config.json").exists():
        check_settings(folder, plan.config)
    evaluations = 1 + plan.agent.trains + plan.agent.uses_memory + bool(plan.validation.every)
    return Cell(name, folder, options, plan.steps, evaluations)
