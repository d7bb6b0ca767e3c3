"""The weights that a run starts from, and how they are kept and trained: as options, as a record, as a policy."""

from dataclasses import dataclass
from typing import Protocol

from agents.adapters import add_adapters, check_adapters
from agents.agent import Agent
from agents.policies import check_dtype, load_policy
from agents.policy import Policy


@dataclass(frozen=True)
class Weights:
    """Those of a run."""

    policy: str
    """nano, smollm2, a folder with a model, or a Hugging Face id."""
    lora: int = 0
    """Rank of the adapters that are trained instead of all weights; 0 trains all weights."""
    dtype: str = "auto"
    """As :func:`agents.policies.load_policy` takes it."""

    def load(self, device: str, seed: int) -> Policy:
        """The policy, with adapters if these are to be trained."""
        policy = load_policy(self.policy, device, self.dtype)
        if self.lora:
            add_adapters(policy, self.lora, seed)
        return policy


class Asked(Protocol):
    """The same as the options of ``run.py`` say it, and those of a study or a matrix."""

    @property
    def policy(self) -> str:
        """Which one."""
        ...

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


def check_weights(asked: Asked) -> None:
    """Refuse what cannot be, before anything starts.

    Raises:
        ConfigError: As :func:`agents.adapters.check_adapters` and :func:`agents.policies.check_dtype`.
    """
    check_dtype(asked.dtype)
    if asked.lora is not None:
        check_adapters(asked.lora)


def weights_of(asked: Asked, agent: Agent) -> Weights:
    """Those of an agent's run: one that trains nothing has no adapters."""
    return Weights(asked.policy, asked.lora if asked.lora is not None and agent.trains else 0, asked.dtype)


def weights_options(asked: Asked, agent: Agent) -> tuple[str, ...]:
    """How ``run.py`` is told to keep and train them."""
    found = () if asked.dtype == "auto" else ("--dtype", asked.dtype)
    if not agent.trains:
        return found
    lora = () if asked.lora is None else ("--lora", str(asked.lora))
    return (*found, *lora, *(("--recompute",) if asked.recompute else ()))
