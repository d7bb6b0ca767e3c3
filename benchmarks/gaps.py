"""What a probe found, as a table that can be kept, and compared with what another probe finds."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.statistics import Interval
from pmd_envs.errors import ConfigError

_FIXED = ("context", "score", "low", "high")
_LOW, _HIGH = " low", " high"
"""After the name of an environment: the columns of the ends of its interval."""


@dataclass(frozen=True)
class Gap:
    """What a policy scores with one kind of help: avg@k, and its 95 % interval over problems."""

    context: str
    environments: Mapping[str, float]
    score: float
    """Mean over environments."""
    low: float
    high: float
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    """Of each environment; empty in tables of older versions."""


@dataclass(frozen=True)
class Raised:
    """At how many problems help raised the accuracy, with chance in it: each is the mean of a few attempts."""

    problems: int
    """With such help."""
    above: int
    equal: int
    below: int

    @property
    def percent(self) -> dict[str, float | None]:
        """The shares of the problems."""
        counts = {"above": self.above, "equal": self.equal, "below": self.below}
        return {name: percent(count, self.problems) for name, count in counts.items()}


def raised(pairs: Iterable[tuple[float, float]]) -> Raised:
    """Count problems by their accuracy without and with help."""
    signs = [
        0 if math.isclose(without, with_help) else math.copysign(1, with_help - without) for without, with_help in pairs
    ]
    return Raised(len(signs), signs.count(1), signs.count(0), signs.count(-1))


@dataclass(frozen=True)
class OfFailures:
    """Help that was made of failures alone, since no attempt was right: what it knows, the policy had known before."""

    problems: int
    accuracy: float | None
    """With such help: the mean over these problems; None where there are none."""


def of_failures(pairs: Iterable[tuple[float, float]]) -> OfFailures:
    """Look at the problems without any accuracy but for help; pairs as in :func:`raised`."""
    helped = [with_help for without, with_help in pairs if without == 0]
    return OfFailures(len(helped), sum(helped) / len(helped) if helped else None)


def percent(part: int, whole: int) -> float | None:
    """A share, to a tenth of a percent; None where there is nothing to have a share of."""
    return round(100 * part / whole, 1) if whole else None


def write_gaps(gaps: Sequence[Gap], path: Path) -> None:
    """Write a row for each context, with columns for the mean of each environment and, where known, its interval."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((*_FIXED, *_environments(gaps[0])))
        for gap in gaps:
            numbers = (gap.score, gap.low, gap.high, *_environments(gap).values())
            writer.writerow((gap.context, *(f"{number:.4f}" for number in numbers)))


def _environments(gap: Gap) -> dict[str, float]:
    """Columns of the environments."""
    columns: dict[str, float] = {}
    for name, mean in gap.environments.items():
        columns[name] = mean
        if name in gap.intervals:
            columns |= {name + _LOW: gap.intervals[name].low, name + _HIGH: gap.intervals[name].high}
    return columns


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
    numbers = {name: float(value) for name, value in row.items() if name != "context"}
    if not all(map(math.isfinite, numbers.values())):
        raise ValueError(f"{row['context']} is no number")
    score, low, high = (numbers.pop(name) for name in _FIXED[1:])
    environments = {name: mean for name, mean in numbers.items() if not name.endswith((_LOW, _HIGH))}
    known = [name for name in environments if name + _LOW in numbers]
    intervals = {name: Interval(numbers[name + _LOW], numbers[name + _HIGH]) for name in known}
    return Gap(row["context"], environments, score, low, high, intervals)


def beside(recorded: Sequence[Gap], found: Sequence[Gap]) -> list[tuple[Gap, Gap, bool]]:
    """Every recorded context with what was found, and whether each of its scores was found again (:func:`outside`).

    Raises:
        ConfigError: The two are of other contexts or environments.
    """
    named = {gap.context: gap for gap in found}
    strange = [gap.context for gap in recorded if gap.context not in named]
    if strange or recorded[0].environments.keys() != found[0].environments.keys():
        raise ConfigError(f"the recorded table is of other contexts or environments: {strange or recorded[0]}")
    pairs = ((gap, named[gap.context]) for gap in recorded)
    return [(old, new, not outside(old, new)) for old, new in pairs]


def outside(recorded: Gap, found: Gap) -> list[str]:
    """Which scores were not found again: "all", for the mean over environments, and environments by their names.

    The mean has to be in its recorded interval. Of environments there are so many that a few scores leave theirs by
    chance: their recorded interval, where there is one, has to meet the one found now.
    """
    strange = [] if recorded.low <= found.score <= recorded.high else ["all"]
    for name, old in recorded.intervals.items():
        score = found.environments[name]
        new = found.intervals.get(name, Interval(score, score))
        if new.high < old.low or old.high < new.low:
            strange.append(name)
    return strange
