"""What a run is to compute: agent, weights, suite and seed, and the problems that the suite names."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from agents.agent import Agent
from agents.policy import Sampling
from agents.registry import NamedAgent
from benchmarks.cells import Cell
from benchmarks.evaluate import Problems, held_out_rollout
from benchmarks.folder import check_settings
from benchmarks.suites import Suite
from benchmarks.validation import Validation
from benchmarks.weights import Weights
from leaderboard.records import FORMAT as REPORT_FORMAT
from pmd_envs.errors import ConfigError
from pmd_envs.records import Json


@dataclass(frozen=True)
class Plan:
    """Everything that decides what a run computes."""

    named: NamedAgent
    weights: Weights
    suite: Suite
    seed: int
    split: str = "test"
    """Held-out problems come from here."""
    validation: Validation = field(default_factory=Validation)

    def __post_init__(self) -> None:
        held_out_rollout(self.suite.k, self.sampling, self.seed)  # refuses what the evaluation would
        if self.agent.trains and not self.suite.temperature:
            raise ConfigError(f"suite {self.suite.name!r}: temperature = 0 draws nothing to learn from")

    @property
    def agent(self) -> Agent:
        """Who learns."""
        return self.named.agent

    @property
    def config(self) -> dict[str, Json]:
        """As written to ``config.json``."""
        return {
            "agent": self.named.name,
            "settings": asdict(self.agent),  # type: ignore[call-overload]  # agents are dataclasses
            "policy": self.weights.policy,
            "suite": {key: value for key, value in asdict(self.suite).items() if key != "stop" or value},
            "seed": self.seed,
            "split": self.split,
            "validation": asdict(self.validation),
            "report_format": REPORT_FORMAT,
            **({"lora": self.weights.lora} if self.weights.lora else {}),
            **({"dtype": self.weights.dtype} if self.weights.dtype != "auto" else {}),
        }

    @property
    def steps(self) -> int:
        """Training batches: none for agents that do not train."""
        return self.suite.steps if self.agent.trains else 0

    @property
    def sampling(self) -> Sampling:
        """Of rollouts and evaluation alike."""
        return Sampling(self.suite.max_new_tokens, self.suite.temperature, stop=self.suite.stop)

    def cell(self, name: str, folder: Path, options: tuple[str, ...]) -> Cell:
        """The run as one of a study or a matrix, in a folder of its own.

        Args:
            name: As people read it.
            folder: Where it is done.
            options: Of ``run.py``, which say the same.

        Raises:
            ConfigError: The folder holds a run with other settings.
        """
        if (folder / "config.json").exists():
            check_settings(folder, self.config)
        evaluations = 1 + self.agent.trains + self.agent.uses_memory + bool(self.validation.every)
        return Cell(name, folder, options, self.steps, evaluations)


def open_problems(suite: Suite, split: str) -> tuple[tuple[Problems, ...], tuple[Problems, ...]]:
    """Training and held-out problems of a suite."""
    training = tuple(Problems.open(choice, "train", suite.pool) for choice in suite.known_envs)
    return training, tuple(Problems.open(choice, split, suite.held_out) for choice in suite.known_envs)


def open_unseen(suite: Suite, split: str) -> tuple[Problems, ...]:
    """Held-out problems of the kinds that are kept out of training; none if none are."""
    return tuple(Problems.open(choice, split, suite.unseen) for choice in suite.unseen_envs)
