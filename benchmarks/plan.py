"""What a run is to compute: agent, policy, suite and seed, and the problems that the suite names."""

from dataclasses import asdict, dataclass, field

from agents.agent import Agent
from agents.policy import Sampling
from benchmarks.evaluate import Problems, held_out_rollout
from benchmarks.suites import Suite
from benchmarks.validation import Validation
from leaderboard.records import FORMAT as REPORT_FORMAT
from pmd_envs.records import Json


@dataclass(frozen=True)
class Plan:
    """Everything that decides what a run computes."""

    agent_name: str
    agent: Agent
    policy_name: str
    suite: Suite
    seed: int
    split: str = "test"
    """Held-out problems come from here."""
    validation: Validation = field(default_factory=Validation)
    lora: int = 0
    """Rank of the adapters that are trained instead of all weights; 0 trains all weights."""
    dtype: str = "auto"
    """Of the weights, as :func:`agents.policies.load_policy` takes it."""

    def __post_init__(self) -> None:
        held_out_rollout(self.suite.k, self.sampling, self.seed)  # refuses what the evaluation would

    @property
    def config(self) -> dict[str, Json]:
        """As written to ``config.json``."""
        return {
            "agent": self.agent_name,
            "settings": asdict(self.agent),  # type: ignore[call-overload]  # agents are dataclasses
            "policy": self.policy_name,
            "suite": {key: value for key, value in asdict(self.suite).items() if key != "stop" or value},
            "seed": self.seed,
            "split": self.split,
            "validation": asdict(self.validation),
            "report_format": REPORT_FORMAT,
            **({"lora": self.lora} if self.lora else {}),
            **({"dtype": self.dtype} if self.dtype != "auto" else {}),
        }

    @property
    def steps(self) -> int:
        """Training batches: none for agents that do not train."""
        return self.suite.steps if self.agent.trains else 0

    @property
    def sampling(self) -> Sampling:
        """Of rollouts and evaluation alike."""
        return Sampling(self.suite.max_new_tokens, self.suite.temperature, stop=self.suite.stop)


def open_problems(suite: Suite, split: str) -> tuple[tuple[Problems, ...], tuple[Problems, ...]]:
    """Training and held-out problems of a suite."""
    training = tuple(Problems.open(choice, "train", suite.pool) for choice in suite.known_envs)
    return training, tuple(Problems.open(choice, split, suite.held_out) for choice in suite.known_envs)


def open_unseen(suite: Suite, split: str) -> tuple[Problems, ...]:
    """Held-out problems of the kinds that are kept out of training; none if none are."""
    return tuple(Problems.open(choice, split, suite.unseen) for choice in suite.unseen_envs)
