"""What a matrix puts side by side: suites, or single environments, each with the budget of a suite.

Every column has runs of its own. A suite's environments are trained on together; environments that are named are not,
so that a matrix of them is agents by environments by seeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.evaluate import Problems
from benchmarks.suite_files import Environments, suites_by_name
from benchmarks.suites import Suite
from pmd_envs.env_ids import known_id


@dataclass(frozen=True)
class Column:
    """One suite, or one environment."""

    name: str
    """As tables call it."""
    place: Path
    """Folder of its runs, below that of the matrix."""
    suite: Suite
    """What they do."""
    options: tuple[str, ...]
    """What ``run.py`` is told of that."""

    def run_name(self, agent: str, seed: int) -> str:
        """The folder of one run."""
        return safe(f"{agent}-{'-'.join(self.place.parts)}-seed{seed}")


def columns(names: Sequence[str], chosen: Environments, steps: int | None) -> tuple[Column, ...]:
    """The suites, or every chosen environment with the budget of each of them.

    Raises:
        ConfigError: A suite or an environment does not exist, or not with these arguments.
        DatasetError: An environment has no data.
    """
    each = {known_id(env): replace(chosen, ids=(env,)) for env in chosen.ids}
    made = []
    for asked, budget in suites_by_name(names).items():
        known = budget if steps is None else replace(budget, steps=steps)
        base, told = Path(safe(budget.name)), ("--suite", asked)
        if not each:
            made.append(Column(budget.name, base, known, told))
        for env, one in each.items():
            name = f"{env} ({budget.name})"
            made.append(Column(name, base / safe(env), one.with_budget(known), (*told, *one.options)))
    for column in made[: len(each)]:
        Problems.open(column.suite.envs[0], "train", 1)  # refuses what every run would
    return tuple(made)


def safe(name: str) -> str:
    """A name as one of a file. The slash of an environment's id stays apart from a hyphen: ``pmd+GSM8K-v0``."""
    return "".join(c if c.isalnum() or c in "+.-_" else "-" for c in name.replace("/", "+")).lstrip(".")
