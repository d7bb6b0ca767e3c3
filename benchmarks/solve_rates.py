"""Solve rates by level: what was measured, as a file that others can be added to, as a table and as curves."""

import csv
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from benchmarks.plots import Bar
from pmd_envs.errors import ConfigError

_COLUMNS = ("environment", "level", "solve_rate", "low", "high", "policy", "course", "split", "problems", "k")


@dataclass(frozen=True)
class Level:
    """The solve rate of one level, as avg@k with its 95 % interval."""

    env_id: str
    difficulty: int
    rate: float
    low: float
    high: float
    policy: str = "nano"
    course: int = 0
    """Steps of the course before."""
    split: str = "validation"
    problems: int = 100
    """How many different ones were measured."""
    k: int = 4
    """Attempts at each problem."""

    @property
    def who(self) -> str:
        """Who was asked."""
        return f"{self.policy} after a course of {self.course} steps" if self.course else self.policy


def out_of_order(levels: Sequence[Level]) -> list[tuple[Level, Level]]:
    """Neighbouring levels of one environment of which the upper one is solved more often, beyond chance."""
    pairs = itertools.pairwise(levels)
    return [(lower, upper) for lower, upper in pairs if lower.env_id == upper.env_id and upper.low > lower.high]


def table(levels: Sequence[Level]) -> Table:
    """A row for each level."""
    found = Table(title=f"Solve rate of {who(levels)} by level: {asked(levels)}")
    for column in ("environment", "level", "problems", "solve rate", "95 % interval"):
        found.add_column(column, justify="left" if column == "environment" else "right")
    for one in levels:
        found.add_row(
            one.env_id, str(one.difficulty), str(one.problems), f"{one.rate:.3f}", f"{one.low:.3f} to {one.high:.3f}"
        )
    return found


def who(levels: Sequence[Level]) -> str:
    """The policy and what it was taught, as far as all levels have that in common."""
    names = {one.who for one in levels}
    if len(names) == 1:
        return names.pop()
    policies = sorted({one.policy for one in levels})
    return f"{' and '.join(policies)} after courses" if all(one.course for one in levels) else " and ".join(policies)


def title(levels: Sequence[Level]) -> str:
    """What stands over the curves: what all levels have in common."""
    return f"{who(levels)}: {asked(levels)}"


def asked(levels: Sequence[Level]) -> str:
    """What the rates are of, as far as all levels have that in common."""
    how = {(one.k, one.split) for one in levels}
    if len(how) > 1:
        return "solve rate by level"
    (k, split), counts = how.pop(), sorted({one.problems for one in levels})
    problems = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"avg@{k} on {problems} {split} problems of each level"


def curves(levels: Sequence[Level]) -> dict[str, dict[int, Bar]]:
    """What is drawn, environment by environment; who was asked stands beside the name as far as the title lacks it."""
    policies_differ = len({one.policy for one in levels}) > 1
    differ = len({one.who for one in levels}) > 1
    found: dict[str, dict[int, Bar]] = {}
    for one in levels:
        told = one.who if policies_differ else f"{one.course} steps"
        name = f"{one.env_id}, {told}" if differ else one.env_id
        found.setdefault(name, {})[one.difficulty] = Bar(name, one.rate, one.low, one.high)
    return found


def write_levels(levels: Sequence[Level], path: Path) -> None:
    """Write a row for each level."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for one in levels:
            numbers = (f"{number:.4f}" for number in (one.rate, one.low, one.high))
            how = (one.policy, one.course, one.split, one.problems, one.k)
            writer.writerow((one.env_id, one.difficulty, *numbers, *how))


def read_levels(path: Path) -> list[Level]:
    """What was measured before; nothing where there is no file.

    Raises:
        ConfigError: The file is of another kind.
    """
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [_level(row) for row in csv.DictReader(file)]
    except (KeyError, ValueError, TypeError, csv.Error) as error:
        raise ConfigError(f"{path} has no solve rates by level with the columns {_COLUMNS}: {error!r}") from error


def _level(row: Mapping[str, str]) -> Level:
    rate, low, high = (float(row[name]) for name in ("solve_rate", "low", "high"))
    how = row["policy"], int(row["course"]), row["split"], int(row["problems"]), int(row["k"])
    return Level(row["environment"], int(row["level"]), rate, low, high, *how)
