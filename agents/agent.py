"""What an agent is: a frozen configuration with three methods, and the state they act on.

The training loop knows nothing else of it. An agent of another package subclasses :class:`Agent` and is named by
``module:Class`` or through the entry-point group ``pmd.agents``.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import torch

from agents.losses import Aggregation
from agents.policy import Policy
from agents.prompts import Blocks
from agents.records import Group, Targets
from agents.stream import TaskStream
from memory import Caps, Memory
from pmd_envs import Task


@dataclass
class TrainState:
    """What changes while an agent learns."""

    policy: Policy
    teacher: Policy | None
    """Weights of its own for agents that ask for them; None otherwise."""
    optimizer: torch.optim.Optimizer
    memory: Memory | None
    step: int
    stream: TaskStream
    """The training problems, batch by batch."""
    seed: int
    temperature: float = 1.0
    """Of the rollouts; student and teacher logits are divided by it."""
    initial: Policy | None = None
    """The policy as it was before training, to tell how far it has moved; None where nobody asks."""
    spent: Counter[str] = field(default_factory=Counter)
    """Tokens that were read or written in the current batch, by part of the step."""
    counted: dict[str, float] = field(default_factory=dict)
    """What the agent has to say of the current batch beside its targets' counters, for the log."""
    waiting: list[Group] = field(default_factory=list)
    """Groups for an update that wants more of them; no checkpoint is written while it waits."""
    draws: int = 0
    """Batches that were drawn for that update so far."""
    has_moved: bool = True
    """Whether the current batch led to an optimizer step: there was something to learn, and its gradient was finite."""
    batches_learnt: int = 0
    """Batches that moved the policy before the current one."""
    shown: dict[str, str] = field(default_factory=dict)
    """What teachers were shown beside the problem in the current batch, by the id of the episode that they graded."""

    @property
    def ends_epoch(self) -> bool:
        """Whether the current batch is the last of its epoch."""
        return (self.step + 1) % self.stream.epoch_steps == 0

    @property
    def epoch(self) -> int:
        """How often every training problem has been seen before the current epoch."""
        return self.step // self.stream.epoch_steps


@dataclass(frozen=True)
class LossSpec:
    """How an update turns targets into a loss. The defaults are on-policy REINFORCE with sequence means."""

    aggregation: Aggregation = "sequence"
    clip: tuple[float, float] = (0.2, 0.28)
    alpha: float = 0.5
    """Divergence: 0 forward KL, 1 reverse KL, between them Jensen-Shannon."""
    distillation: float = 1.0
    """Weight of the divergence. That of the reward is in the advantages."""
    is_ceiling: float = 2.0
    """Truncation of the divergence's importance weights, policy / policy before the batch's first step."""
    tis_ceiling: float | None = 2.0
    """Truncation of every token's weight for a sampler that differs from what is trained (TIS), policy before the
    batch's first step / sampler. None leaves these weights out and takes likelihood ratios to the sampler."""


class Agent(ABC):
    """A learning method. Subclasses are frozen dataclasses whose fields are its knobs."""

    trains: ClassVar[bool] = True
    """Whether weights change at all."""
    uses_memory: ClassVar[bool] = False
    """Whether the run keeps a memory."""
    memory: ClassVar[str] = "sqlite"
    """Which one: a name that :func:`agents.memories.memories` knows."""

    @property
    def caps(self) -> Caps:
        """How much its memory keeps."""
        return Caps()

    @property
    def upper_bound(self) -> bool:
        """Whether it knows what no policy finds out by itself: its results are labelled wherever they appear."""
        return False

    @property
    def after_an_epoch(self) -> str:
        """What happens only when all training problems were seen once, in words: a shorter run goes without it."""
        return ""

    @property
    def most_draws(self) -> int:
        """Batches that may be drawn for one update, until as many groups were kept as a batch has."""
        return 1

    def keeps(self, group: Group) -> bool:  # noqa: ARG002  most agents learn from every group
        """Whether a group may be learnt from; the others are drawn, counted and dropped."""
        return True

    @property
    def teacher(self) -> Literal["none", "live", "own"]:
        """Whether the teacher is the policy itself, or has weights of its own."""
        return "none"

    @property
    def loss(self) -> LossSpec:
        """How targets become a loss."""
        return LossSpec()

    @property
    def likeliest(self) -> int:
        """How many of the policy's likeliest tokens at each position its rollouts note, for the targets to compare."""
        return 0

    def teaches(self, state: "TrainState") -> bool:  # noqa: ARG002  most agents always do
        """Whether the policy is to learn from the next batch: where it is not, nobody is warned that it does not."""
        return True

    def observe(self, groups: Sequence[Group], state: TrainState) -> None:  # noqa: B027  most agents need nothing here
        """Look at a fresh batch before its targets are made (PMD writes experience and insights)."""

    @abstractmethod
    def targets(self, group: Group, state: TrainState) -> Targets:
        """What the update should do with one group: a row for each of its turns, and numbers for the log."""

    def learn(self, groups: Sequence[Group], state: TrainState) -> None:  # noqa: B027  most agents need nothing here
        """After the update (teachers follow the policy, PMD rebuilds behaviors at the end of an epoch)."""

    def help_with(self, task: Task, state: TrainState) -> Blocks | None:  # noqa: ARG002  most agents know nothing
        """What evaluation "with memory" shows the policy beside a problem; None for agents without memory."""
        return None
