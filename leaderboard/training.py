"""How training went, from ``metrics.jsonl``: reward, length of answers and size of the memory, a few hundred points."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from leaderboard.errors import ReportError
from leaderboard.fields import Fields, parse, read_bytes

METRICS_FILE = "metrics.jsonl"
MAX_METRICS_BYTES = 64_000_000
MOST_POINTS = 300
_MEMORY = "memory/"
_SPENT = "tokens/"
_LEVELS = 8


@dataclass(frozen=True)
class TrainingPoint:
    """One training step, or the mean of a few that follow each other."""

    step: int
    reward: float
    tokens: float
    """Mean length of an answer; 0 where it was not recorded."""
    memory: Mapping[str, float]
    """Items by level."""
    spent: float | None = None
    """Tokens that all models read and wrote in the step; 0 where they were not counted, as in older runs, None where an
    older database did not keep whether they were."""


def read_training(folder: Path) -> tuple[TrainingPoint, ...]:
    """The run's training curve; nothing for a run that did not train.

    Raises:
        ReportError: The file is too large, or a line of it is damaged.
    """
    path = folder / METRICS_FILE
    if not path.exists():
        return ()
    lines = read_bytes(path, MAX_METRICS_BYTES).split(b"\n")
    points = [_point(parse(line, f"{path} line {n}")) for n, line in enumerate(lines, start=1) if line.strip()]
    size = -(-len(points) // MOST_POINTS) or 1
    return tuple(_merged(points[start : start + size]) for start in range(0, len(points), size))


def tokens_read_and_written(metrics: Iterable[Mapping[str, float]]) -> list[float]:
    """By all models, in all parts of each training step; 0 for steps of older versions, which did not count."""
    return [sum(value for name, value in row.items() if name.startswith(_SPENT)) for row in metrics]


def _point(fields: Fields) -> TrainingPoint:
    levels = [name for name in fields.names() if name.startswith(_MEMORY)]
    if len(levels) > _LEVELS or any(len(name) > 60 or not name.isprintable() for name in levels):
        raise ReportError(f"{METRICS_FILE} has other levels of memory than this format knows")
    return TrainingPoint(
        step=fields.whole("step"),
        reward=fields.share("reward"),
        tokens=fields.number("completion_tokens") if fields.has("completion_tokens") else 0.0,
        memory={name.removeprefix(_MEMORY): fields.number(name) for name in levels},
        spent=sum(fields.number(name) for name in fields.names() if name.startswith(_SPENT)),
    )


def _merged(points: Sequence[TrainingPoint]) -> TrainingPoint:
    last = points[-1]
    return TrainingPoint(
        last.step,
        sum(point.reward for point in points) / len(points),
        sum(point.tokens for point in points) / len(points),
        last.memory,
        sum(point.spent or 0.0 for point in points) / len(points),
    )
