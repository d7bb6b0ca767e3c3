"""What a probe found, as a table that can be kept, and compared with what another probe finds."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pmd_envs.errors import ConfigError

_FIXED = ("context", "score", "low", "high")


@dataclass(frozen=True)
class Gap:
    """What a policy scores with one kind of help: avg@k, and its 95 % interval over problems."""

    context: str
    environments: Mapping[str, float]
    score: float
    """Mean over environments."""
    low: float
    high: float


def write_gaps(gaps: Sequence[Gap], path: Path) -> None:
    """Write a row for each context, with a column for each environment."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((*_FIXED, *gaps[0].environments))
        for gap in gaps:
            numbers = (gap.score, gap.low, gap.high, *gap.environments.values())
            writer.writerow((gap.context, *(f"{number:.4f}" for number in numbers)))


def read_gaps(path: Path) -> list[Gap]:
    """Read what :func:`write_gaps` wrote.

    Raises:
        ConfigError: There is no such file, or it holds something else.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        found = [_gap(row) for row in rows]
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise ConfigError(f"{path} holds no table of probe.py: {error!r}") from error
    if not found:
        raise ConfigError(f"{path} holds no table of probe.py: it has no rows")
    return found


def _gap(row: Mapping[str, str]) -> Gap:
    environments = {name: float(value) for name, value in row.items() if name not in _FIXED}
    gap = Gap(row["context"], environments, *(float(row[name]) for name in ("score", "low", "high")))
    if not all(map(math.isfinite, (gap.score, gap.low, gap.high))):
        raise ValueError(f"{gap.context} is no number")
    return gap


def beside(recorded: Sequence[Gap], found: Sequence[Gap]) -> list[tuple[Gap, Gap, bool]]:
    """Every recorded context with what was found, and whether that lies in the recorded interval.

    Raises:
        ConfigError: The two are of other contexts or environments.
    """
    named = {gap.context: gap for gap in found}
    strange = [gap.context for gap in recorded if gap.context not in named]
    if strange or recorded[0].environments.keys() != found[0].environments.keys():
        raise ConfigError(f"the recorded table is of other contexts or environments: {strange or recorded[0]}")
    pairs = ((gap, named[gap.context]) for gap in recorded)
    return [(old, new, old.low <= new.score <= old.high) for old, new in pairs]
