"""How a run learnt: scores on validation problems where it looked at any, else training rewards.

Positions are rollouts of training. A reward stands after the rollouts that it is the mean of, a look at validation
problems after those that the policy had learnt from, the first one at none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

from leaderboard.errors import ReportError
from leaderboard.fields import Fields, parse, read_bytes
from leaderboard.learning import area_under_curve, samples_to_reach, smoothed
from leaderboard.records import MAX_REPORT_BYTES, Report
from leaderboard.training import MAX_METRICS_BYTES, METRICS_FILE

START_FILE = "validation_start.json"
"""The look before training; later ones are in ``metrics.jsonl``."""
SCORE = "validation/avg"
"""The metric of a look at validation problems."""
VALIDATION, TRAINING = "validation score", "training reward"
TARGETS = (0.25, 0.5, 0.75)
"""Scores of which a page says after how many rollouts they were reached."""
_MOST = 1_000_000_000


@dataclass(frozen=True)
class LearningCurve:
    """How one run learnt."""

    name: str
    """:data:`VALIDATION` or :data:`TRAINING`: areas of one kind do not compare with those of the other."""
    rollouts: Sequence[int]
    scores: Sequence[float]
    """After so many rollouts each."""

    @property
    def steady(self) -> Sequence[float]:
        """The scores; training rewards, each of other problems, smoothed."""
        return self.scores if self.name == VALIDATION else smoothed(self.scores)

    @property
    def area(self) -> float:
        """Mean height of the curve."""
        return area_under_curve(self.rollouts, self.scores)

    def rollouts_to(self, target: float) -> float | None:
        """Where it first reaches a score; None if it never does."""
        return samples_to_reach(self.rollouts, self.steady, target)


@dataclass(frozen=True)
class Learning:
    """A learning curve in a few numbers."""

    name: str
    area: float
    rollouts: int
    """Of all training."""
    reached: tuple[tuple[float, float | None], ...]
    """Scores, and after how many rollouts each was reached; None: never."""

    @classmethod
    def of(cls, curve: LearningCurve) -> Self:
        """The numbers of a curve."""
        reached = tuple((target, curve.rollouts_to(target)) for target in TARGETS)
        return cls(curve.name, curve.area, curve.rollouts[-1], reached)


def rollouts_a_step(report: Report) -> int:
    """Rollouts of a training batch, as the suite says; 0 where it does not."""
    suite = report.config.get("suite")
    counts = [suite.get(name) for name in ("problems", "rollouts")] if isinstance(suite, dict) else [None]
    known = [count for count in counts if isinstance(count, int) and 0 < count <= _MOST]
    return known[0] * known[1] * len(report.environments) if len(known) == 2 else 0


def read_curve(folder: Path, per_step: int) -> LearningCurve | None:
    """The curve of a run folder; None where nothing was trained, or the rollouts of a step are not known.

    Args:
        folder: Of the run.
        per_step: Rollouts of a training batch.

    Raises:
        ReportError: A file is too large or damaged, or its steps do not rise.
    """
    path = folder / METRICS_FILE
    if not path.exists() or per_step < 1:
        return None
    lines = read_bytes(path, MAX_METRICS_BYTES).split(b"\n")
    rows = [parse(line, f"{path} line {number}") for number, line in enumerate(lines, start=1) if line.strip()]
    ends = [per_step * (row.whole("step") + 1) for row in rows]
    if any(after <= before for before, after in pairwise(ends)):
        raise ReportError(f"{path}: its steps do not rise from line to line")
    looks = [(0, start)] if (start := _start(folder)) is not None else []
    looks += [(end, row.share(SCORE)) for end, row in zip(ends, rows, strict=True) if row.has(SCORE)]
    if looks:
        return LearningCurve(VALIDATION, [end for end, _ in looks], [score for _, score in looks])
    return LearningCurve(TRAINING, ends, [row.share("reward") for row in rows]) if rows else None


def _start(folder: Path) -> float | None:
    path = folder / START_FILE
    if not path.exists():
        return None
    fields: Fields = parse(read_bytes(path, MAX_REPORT_BYTES), str(path))
    return fields.share(SCORE) if fields.has(SCORE) else None
