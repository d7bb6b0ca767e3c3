#!/usr/bin/env python3
"""The teacher gap: does help in the context raise a policy's own accuracy? ``python benchmarks/probe.py``.

A self-teacher can only teach what its context lets it do better, so this is measured before any training: held-out
problems without help, with each kind of help, true or self-written, and with contexts that know nothing of the problem.
"""

import sys
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
from agents.policy import Policy, Sampling
from agents.prompts import Blocks
from agents.records import Group
from agents.reflector import PolicyReflector, insights_without_memory
from benchmarks.contexts import CONTEXTS, Case
from benchmarks.evaluate import Problems, evaluate, held_out_rollout
from benchmarks.plots import Bar, bars
from benchmarks.screen import Screen
from benchmarks.statistics import avg_at_k, bootstrap_interval
from benchmarks.suites import SUITES, Suite
from pmd_envs.errors import ConfigError, PMDError, unknown


@dataclass(frozen=True)
class Options:
    """Measure whether help in the context raises a policy's accuracy on held-out problems.

    Examples:
      python benchmarks/probe.py
      python benchmarks/probe.py --policy smollm2 --suite easy --split validation --problems 24 --plot gap.png

    Exit status: 0 done, 2 a mistake.
    """

    policy: str = "nano"
    """nano, smollm2, a folder with a model, or a Hugging Face id."""
    suite: str = "default"
    """Environments and number of problems."""
    split: str = "test"
    """Held-out problems are taken from here: test or validation."""
    problems: Annotated[
        int | None, tyro.conf.arg(help="Held-out problems of each environment, if not the suite's.")
    ] = None
    seed: int = 0
    """Decides what is sampled."""
    device: str = "auto"
    """auto, cpu or cuda."""
    plot: Annotated[Path | None, tyro.conf.arg(help="Draw the result as a PNG file.")] = None


def main() -> int:
    """Measure and print; a caller's mistake is one line and exit status 2."""
    options = tyro.cli(Options)
    try:
        Probe(options, Screen(Console())).run()
    except PMDError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


class Probe:
    """One policy on the held-out problems of one suite."""

    def __init__(self, options: Options, screen: Screen) -> None:
        if options.suite not in SUITES:
            raise unknown("suite", options.suite, SUITES)
        if options.split not in ("test", "validation"):
            raise unknown("split", options.split, ("test", "validation"))
        self.options, self.screen = options, screen
        self.suite: Suite = SUITES[options.suite]
        if options.problems is not None:
            self.suite = replace(self.suite, held_out=options.problems)
        self.parts = [Problems.open(choice, options.split, self.suite.held_out) for choice in self.suite.envs]
        self.policy: Policy = load_policy(options.policy, options.device)
        self.table = self._empty_table()
        self.drawn: list[Bar] = []

    def run(self) -> None:
        """Measure every context, print the table, draw the plot."""
        alone = self._measure("nothing", {})
        self._show("nothing", alone)
        written = insights_without_memory(alone, PolicyReflector(self.policy))
        cases = self._cases(written)
        for name, context in CONTEXTS.items():
            self._show(name, self._measure(name, {case.task.id: context(case) for case in cases}))
        self.screen.console.print(self.table)
        readable = sum(blocks is not None for blocks in written)
        self.screen.say(f"insights that could be read: {readable} of {len(written)}")
        if self.options.plot is not None:
            title = f"{self.options.policy}: avg@{self.suite.k} with this in the context"
            bars(self.drawn, self.options.plot, title)
            self.screen.say(f"plot: {self.options.plot}")

    def _measure(self, name: str, shown: dict[str, Blocks | None]) -> list[Group]:
        sampling = Sampling(max_new_tokens=self.suite.max_new_tokens, temperature=self.suite.temperature)
        with self.screen.counting(name, sum(len(part.tasks) for part in self.parts) * self.suite.k) as advance:
            return evaluate(
                self.policy,
                self.parts,
                held_out_rollout(self.suite.k, sampling, self.options.seed),
                policy_step=0,
                help_with=lambda task: shown.get(task.id),
                advance=advance,
            )

    def _cases(self, written: list[Blocks | None]) -> list[Case]:
        cases: list[Case] = []
        for part in self.parts:
            family: TeachableFamily = part.env.family  # type: ignore[assignment]  # checked in the next lines
            if not hasattr(family, "wrong_solution") or "plan" not in part.tasks[0].facts:
                raise ConfigError(f"{part.choice.id} cannot be probed: its problems know neither plans nor mistakes")
            for i, task in enumerate(part.tasks):
                others = [t for t in part.tasks if t.facts["kind"] != task.facts["kind"]] or [part.tasks[i - 1]]
                turned = (*others[i % len(others) :], *others[: i % len(others)])
                cases.append(Case(family, task, turned, written[len(cases)] or Blocks()))
        return cases

    def _empty_table(self) -> Table:
        title = (
            f"Teacher gap of {self.options.policy}: avg@{self.suite.k} on {self.suite.held_out} held-out problems each"
        )
        table = Table(title=title)
        table.add_column("in the context")
        for choice in self.suite.envs:
            table.add_column(choice.id, justify="right")
        table.add_column("all (95 % interval)", justify="right")
        return table

    def _show(self, name: str, groups: list[Group]) -> None:
        scores, done = [], 0
        for part in self.parts:
            own = groups[done : done + len(part.tasks)]
            scores.append(np.array([[e.verdict.score for e in group.episodes] for group in own]))
            done += len(part.tasks)
        interval = bootstrap_interval(scores, self.options.seed)
        means = [avg_at_k(part) for part in scores]
        mean = sum(means) / len(means)
        self.drawn.append(Bar(name, mean, interval.low, interval.high))
        cells = [f"{m:.3f}" for m in means]
        self.table.add_row(name, *cells, f"{mean:.3f} ({interval.low:.3f} to {interval.high:.3f})")


if __name__ == "__main__":
    sys.exit(main())
