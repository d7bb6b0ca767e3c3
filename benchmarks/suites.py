"""What is run: suites as data. A suite says which environments, how many problems, and how long to train."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pmd_envs.records import Json


@dataclass(frozen=True)
class EnvChoice:
    """An environment of a suite, with the keyword arguments that decide what its problems are."""

    id: str
    kwargs: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Suite:
    """A training budget and a measurement, the same for every agent."""

    name: str
    envs: tuple[EnvChoice, ...]
    steps: int = 40
    """Training batches."""
    problems: int = 4
    """Problems of each environment in a batch."""
    rollouts: int = 8
    """Attempts at each problem (G)."""
    pool: int = 48
    """Different training problems of each environment."""
    held_out: int = 48
    """Test problems of each environment."""
    k: int = 8
    """Attempts at each test problem."""
    max_new_tokens: int = 96
    temperature: float = 1.0
    """Of rollouts and evaluation alike."""
    lr: float = 1e-4
    parts: int = 1
    """Optimizer steps for each batch."""


def _generated(env_id: str, difficulty: int) -> EnvChoice:
    return EnvChoice(env_id, {"difficulty": difficulty, "granularity": "episode", "source": "generated"})


DEFAULT = Suite(
    "default",
    (
        _generated("pmd/GSM8K-v0", 2),
        _generated("pmd/KnightsKnaves-v0", 2),
        _generated("pmd/FunctionSynthesis-v0", 4),
    ),
)
"""Three tasks that nano solves in part; two cores train on it in a few minutes."""

SMOKE = Suite("smoke", DEFAULT.envs, steps=2, problems=2, rollouts=2, pool=4, held_out=4, k=2)
"""The whole way in seconds, for checking an installation; its scores mean nothing."""

SUITES = {suite.name: suite for suite in (DEFAULT, SMOKE)}
