"""What a study found: the arms over all seeds, and how two of them differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from benchmarks.statistics import Floats, Interval, crossed_interval

START = "start"
"""What every arm is before training."""
Measure = Literal["final", "best", "unseen", "remembering"]
"""Final weights; the best ones on validation problems; final weights on kinds of problem that training lacked; final
weights that are shown the memory.
"""


@dataclass(frozen=True)
class Measured:
    """Answers to held-out problems over all seeds."""

    tables: tuple[Floats, ...]
    """For every environment the share solved, (seeds, problems)."""
    pass_at_k: float
    """At the number of samples that were drawn."""
    maj_at_k: float | None = None
    """Over the environments in which answers can be counted; None where they can in none."""
    headroom: float | None = None
    """pass@k less maj@k over the same: what a perfect choice among the samples would still gain."""
    same: tuple[tuple[int, ...], ...] | None = None
    """For every environment which problems ask the same, by the place of the first; None where all are different."""

    @property
    def score(self) -> float:
        """Mean over environments of avg@k."""
        return float(np.mean([table.mean() for table in self.tables]))

    @property
    def which_are_same(self) -> tuple[tuple[int, ...], ...]:
        """The same, also where all are different."""
        return self.same or tuple(tuple(range(table.shape[1])) for table in self.tables)

    @cached_property
    def interval(self) -> Interval:
        """Over seeds and problems."""
        return crossed_interval(self.tables, 0, self.same)


@dataclass(frozen=True)
class Look:
    """One measurement on validation problems, and what training had cost until then."""

    step: int
    tokens: float
    """Read and written by the models, in all parts of the steps."""
    seconds: float
    score: float


@dataclass(frozen=True)
class ArmResult:
    """One arm over all seeds."""

    name: str
    measured: Mapping[Measure, Measured]
    rewards: Floats = field(default_factory=lambda: np.zeros((1, 0)))
    """Mean reward of each training batch, (seeds, steps)."""
    looks: tuple[tuple[Look, ...], ...] = ()
    """For each seed, in order; empty where nothing was validated."""
    best_steps: tuple[int, ...] = ()
    """For each seed the batches that the best weights had learnt from."""
    tokens: float = 0.0
    """Of training, mean over seeds."""
    seconds: float = 0.0
    """Of training, mean over seeds."""
    items: float = 0.0
    """Memory items at the end, mean over seeds."""
    own_shown: float = 0.0
    """Share of rollouts whose teachers read the very answer that they grade; above 0 the arm was flawed."""
    copies_shown: float = 0.0
    """Share of rollouts whose teachers read another rollout's copy of the answer that they grade, because they may."""


@dataclass(frozen=True)
class Study:
    """All arms on one suite, on the same problems and seeds."""

    envs: tuple[str, ...]
    k: int
    seeds: tuple[int, ...]
    suite: str
    split: str
    steps: int
    policy: str
    arms: tuple[ArmResult, ...]
    commits: tuple[str, ...] = ()
    """Of the code that ran the cells, shortened; "+" where the checkout had changes besides."""
    left_out: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Arms that were asked for and are not here, with the seeds that they lack."""
    machines: tuple[str, ...] = ()
    """What computed: several where not all cells ran alike."""

    def arm(self, name: str) -> ArmResult | None:
        """An arm by name."""
        return next((arm for arm in self.arms if arm.name == name), None)

    def with_measure(self, measure: Measure) -> tuple[ArmResult, ...]:
        """The arms that were measured so."""
        return tuple(arm for arm in self.arms if measure in arm.measured)


def difference(first: Measured, second: Measured) -> tuple[float, Interval]:
    """First minus second, paired by seed and problem, with its 95 % interval over both."""
    tables = [a - b for a, b in zip(first.tables, second.tables, strict=True)]
    return float(np.mean([table.mean() for table in tables])), crossed_interval(tables, 0, first.same)


def by_seed(first: Measured, second: Measured) -> Floats:
    """First minus second of each seed, (seeds,): means over the problems of each environment, then over these."""
    tables = [a - b for a, b in zip(first.tables, second.tables, strict=True)]
    means: Floats = np.mean([table.mean(axis=1) for table in tables], axis=0, dtype=np.float64)
    return means


def together(studies: Sequence[Study]) -> dict[Measure, dict[str, Measured]]:
    """Every arm that is in all studies, over the environments of all of them."""
    found: dict[Measure, dict[str, Measured]] = {}
    for measure in get_args(Measure):
        found[measure] = {}
        for arm in studies[0].with_measure(measure):
            shared = [other for study in studies if (other := study.arm(arm.name)) and measure in other.measured]
            if len(shared) == len(studies):
                parts = [other.measured[measure] for other in shared]
                tables = tuple(table for part in parts for table in part.tables)
                same = tuple(labels for part in parts for labels in part.which_are_same)
                best = float(np.mean([part.pass_at_k for part in parts]))
                found[measure][arm.name] = Measured(tables, best, same=same)
    return found
