"""The teacher gap: does help in the context raise a policy's own accuracy? ``python benchmarks/probe.py``.

A self-teacher can only teach what its context lets it do better, so this is measured before any training: held-out
problems without help, with a correct solution, with feedback on a wrong attempt, with the solution of a different
problem (which must not help), and with the scripted one-sentence plan as a strategy.
"""

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the checkout, not benchmarks/: see run.py

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

from agents.nano.teaching import TeachableFamily
from agents.policies import load_policy
from agents.policy import Sampling
from agents.prompts import Blocks
from agents.records import Group
from benchmarks.evaluate import Problems, evaluate, held_out_rollout
from benchmarks.screen import Screen
from benchmarks.statistics import avg_at_k, bootstrap_interval
from benchmarks.suites import SUITES, Suite
from pmd_envs import Task
from pmd_envs.errors import PMDError, unknown

Helper = Callable[[TeachableFamily, Task, Task], Blocks | None]
"""From a family, a task and some other task of the family to what the policy is shown."""


def _feedback(family: TeachableFamily, task: Task, other: Task) -> Blocks:  # noqa: ARG001  one signature for all
    wrong = family.wrong_solution(random.Random(task.id), task)
    return Blocks(feedback=family.feedback_on_wrong(task, wrong))


def _plan(family: TeachableFamily, task: Task, other: Task) -> Blocks:  # noqa: ARG001  one signature for all
    return Blocks(strategies=(f"{str(task.facts['kind']).replace('_', ' ')}: {task.facts['plan']}",))


HELPERS: dict[str, Helper] = {
    "no help": lambda family, task, other: None,  # noqa: ARG005  one signature for all
    "a correct solution": lambda family, task, other: Blocks(solution=family.gold_solution(task)),  # noqa: ARG005
    "feedback on a wrong attempt": _feedback,
    "the scripted plan as a strategy": _plan,
    "another problem's solution": lambda family, task, other: Blocks(solution=family.gold_solution(other)),  # noqa: ARG005
}


@dataclass(frozen=True)
class Options:
    """Measure whether help in the context raises a policy's accuracy on held-out problems."""

    policy: str = "nano"
    """nano, smollm2, a folder with a model, or a Hugging Face id."""
    suite: str = "default"
    """Environments and number of problems."""
    problems: Annotated[
        int | None, tyro.conf.arg(help="Held-out problems of each environment, if not the suite's.")
    ] = None
    seed: int = 0
    """Decides what is sampled."""
    device: str = "auto"
    """auto, cpu or cuda."""


def main() -> int:
    """Measure and print; a caller's mistake is one line and exit status 2."""
    options = tyro.cli(Options)
    try:
        _probe(options, Screen(Console()))
    except PMDError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


def _probe(options: Options, screen: Screen) -> None:
    if options.suite not in SUITES:
        raise unknown("suite", options.suite, SUITES)
    suite = SUITES[options.suite]
    if options.problems is not None:
        suite = replace(suite, held_out=options.problems)
    parts = [Problems.open(choice, "test", suite.held_out) for choice in suite.envs]
    policy = load_policy(options.policy, options.device)
    sampling = Sampling(max_new_tokens=suite.max_new_tokens, temperature=suite.temperature)
    table = _table(options.policy, suite)
    for name, helper in HELPERS.items():
        shown = _shown(parts, helper)
        with screen.counting(name, sum(len(part.tasks) for part in parts) * suite.k) as advance:
            groups = evaluate(
                policy,
                parts,
                held_out_rollout(suite.k, sampling, options.seed),
                policy_step=0,
                help_with=lambda task, shown=shown: shown[task.id],  # type: ignore[misc]
                advance=advance,
            )
        table.add_row(name, *_cells(groups, parts, options.seed))
    screen.console.print(table)


def _shown(parts: list[Problems], helper: Helper) -> dict[str, Blocks | None]:
    shown: dict[str, Blocks | None] = {}
    for part in parts:
        family: TeachableFamily = part.env.family  # type: ignore[assignment]  # ours define the teaching methods too
        for i, task in enumerate(part.tasks):
            others = [t for t in part.tasks if t.facts["kind"] != task.facts["kind"]] or [part.tasks[i - 1]]
            shown[task.id] = helper(family, task, others[i % len(others)])
    return shown


def _table(policy: str, suite: Suite) -> Table:
    table = Table(title=f"Teacher gap of {policy}: avg@{suite.k} on {suite.held_out} held-out problems each")
    table.add_column("in the context")
    for choice in suite.envs:
        table.add_column(choice.id, justify="right")
    table.add_column("all (95 % interval)", justify="right")
    return table


def _cells(groups: list[Group], parts: list[Problems], seed: int) -> list[str]:
    scores, done = [], 0
    for part in parts:
        own = groups[done : done + len(part.tasks)]
        scores.append(np.array([[e.verdict.score for e in group.episodes] for group in own]))
        done += len(part.tasks)
    interval = bootstrap_interval(scores, seed)
    means = [avg_at_k(part) for part in scores]
    return [f"{m:.3f}" for m in means] + [f"{sum(means) / len(means):.3f} ({interval.low:.3f} to {interval.high:.3f})"]


if __name__ == "__main__":
    sys.exit(main())
