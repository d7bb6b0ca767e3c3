#!/usr/bin/env python3
"""The teacher gap: does help in the context raise a policy's own accuracy? ``python benchmarks/probe.py``.

A self-teacher can only teach what its context lets it do better, so this is measured before any training: held-out
problems without help, with each kind of help, true or self-written, and with contexts that know nothing of the problem.
"""

import json
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the checkout, not benchmarks/: see run.py

import tyro
from rich.console import Console
from rich.table import Table

from agents.nano.teaching import TeachableFamily
from agents.policies import load_policy
from agents.policy import Policy, Sampling
from agents.prompts import Blocks
from agents.records import Group
from agents.reflector import PolicyReflector, insights_without_memory
from benchmarks.contexts import CONTEXTS, OWN_INSIGHTS, Case
from benchmarks.evaluate import Problems, evaluate, held_out_rollout, samples_of
from benchmarks.files import make_folder
from benchmarks.gaps import (
    Gap,
    OfFailures,
    Raised,
    beside,
    of_failures,
    outside,
    percent,
    raised,
    read_gaps,
    write_gaps,
)
from benchmarks.plots import Bar, bars, figure_files
from benchmarks.screen import Screen
from benchmarks.statistics import avg_at_k, bootstrap_interval
from benchmarks.suite_files import find_suite
from benchmarks.suites import Suite
from pmd_envs.command_line import read_options
from pmd_envs.errors import ConfigError, PMDError, unknown
from pmd_envs.records import Json, Task

SEARCHED = 4_000
"""Problems of the train split among which one of each kind is looked for."""


@dataclass(frozen=True)
class Options:
    """Measure whether help in the context raises a policy's accuracy on held-out problems.

    Examples:
      python benchmarks/probe.py
      python benchmarks/probe.py --policy smollm2 --suite easy --split validation --problems 24 --plot gap.png
      python benchmarks/probe.py --suite my-suite.toml --json > gap.json
      python benchmarks/probe.py --seed 1 --check docs/nano-probe.csv

    Exit status: 0 done, 1 --check found something else, 2 a mistake, 130 stopped with Ctrl-C.
    """

    policy: str = "nano"
    """nano, smollm2, a folder with a model, or a Hugging Face id."""
    suite: str = "default"
    """Environments and number of problems: a name, or a TOML file."""
    split: str = "test"
    """Held-out problems are taken from here: test or validation."""
    problems: Annotated[
        int | None, tyro.conf.arg(help="Different held-out problems of each environment, if not the suite's.")
    ] = None
    seed: int = 0
    """Decides what is sampled."""
    device: str = "auto"
    """auto, cpu or cuda."""
    plot: Annotated[
        Path | None, tyro.conf.arg(help="Draw the result as *.png or *.svg; the other is written beside it.")
    ] = None
    table: Annotated[Path | None, tyro.conf.arg(help="Write the result as *.csv.")] = None
    check: Annotated[
        Path | None,
        tyro.conf.arg(help="A table of --table: are its scores, over all and of each environment, found again?"),
    ] = None
    json: bool = False
    """Print the results as JSON, and everything else to stderr."""


def main() -> int:
    """Measure and print; a caller's mistake is one line and exit status 2."""
    options = read_options(Options, tyro.cli)
    try:
        probe = Probe(options, Screen(Console(stderr=options.json)))
        probe.run()
        if options.json:
            sys.stdout.write(json.dumps(probe.as_json(), indent=2) + "\n")
        return 0 if probe.reproduced() else 1
    except PMDError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("error: stopped; nothing was kept\n")
        return 130


class Probe:
    """One policy on the held-out problems of one suite."""

    def __init__(self, options: Options, screen: Screen) -> None:
        if options.split not in ("test", "validation"):
            raise unknown("split", options.split, ("test", "validation"))
        self.options, self.screen = options, screen
        self.plots: tuple[Path, ...] = ()
        if options.plot is not None:
            self.plots = figure_files(options.plot)
            make_folder(options.plot)
        if options.table is not None:
            if options.table.suffix != ".csv":
                raise ConfigError(f"a table is called *.csv, not {str(options.table)!r}")
            make_folder(options.table)
        self.recorded = read_gaps(options.check) if options.check is not None else []
        self.suite: Suite = find_suite(options.suite)
        if options.problems is not None:
            self.suite = replace(self.suite, held_out=options.problems)
        count = self.suite.held_out
        self.parts = [Problems.open_distinct(choice, options.split, count) for choice in self.suite.envs]
        for part in self.parts:
            if not hasattr(part.env.family, "wrong_solution") or "plan" not in part.tasks[0].facts:
                raise ConfigError(f"{part.choice.id} cannot be probed: its problems know neither plans nor mistakes")
        self.policy: Policy = load_policy(options.policy, options.device)
        self.gaps: list[Gap] = []
        self.written: list[Blocks | None] = []
        self.raised = Raised(0, 0, 0, 0)
        self.of_failures = OfFailures(0, None)

    def run(self) -> None:
        """Measure every context, print the table, draw the plot."""
        for part in self.parts:
            if len(part.tasks) < self.suite.held_out:
                self.screen.say(f"{part.choice.id}: only {len(part.tasks)} different problems")
        alone = self._measure("nothing", {})
        self.gaps.append(self._gap("nothing", alone))
        self.written = insights_without_memory(alone, PolicyReflector(self.policy))
        cases = self._cases(self.written)
        for name, context in CONTEXTS.items():
            groups = self._measure(name, {case.task.id: context(case) for case in cases})
            self.gaps.append(self._gap(name, groups))
            if name == OWN_INSIGHTS:
                means = zip(map(_accuracy, alone), map(_accuracy, groups), strict=True)
                pairs = [pair for pair, case in zip(means, cases, strict=True) if not case.own.is_empty]
                self.raised, self.of_failures = raised(pairs), of_failures(pairs)
        self.screen.console.print(self._table())
        self._say_insights()
        if self.options.plot is not None:
            title = f"{self.options.policy}: avg@{self.suite.k} with this in the context"
            bars([Bar(gap.context, gap.score, gap.low, gap.high) for gap in self.gaps], self.options.plot, title)
            self.screen.say(f"plot: {', '.join(map(str, self.plots))}")
        if self.options.table is not None:
            write_gaps(self.gaps, self.options.table)
            self.screen.say(f"table: {self.options.table}")

    def _say_insights(self) -> None:
        share = percent(self._readable, len(self.written))
        self.screen.say(f"insights that could be read: {self._readable} of {len(self.written)} ({share} %)")
        counts = asdict(self.raised)
        parts = [f"{name} {counts[name]} ({share} %)" for name, share in self.raised.percent.items()]
        compared = ", ".join(parts) if self.raised.problems else "there are none"
        self.screen.say(f"problems with an own insight, by accuracy with it and without: {compared}")
        found = self.of_failures
        score = "" if found.accuracy is None else f", accuracy with it {found.accuracy:.3f}"
        self.screen.say(f"problems with one that was read off failures alone: {found.problems}{score}")

    def reproduced(self) -> bool:
        """Whether what was recorded was found again; says so of every score. True where nothing was asked."""
        if not self.recorded:
            return True
        columns = "in the context", "recorded", "found", "not found again"
        table = Table(*columns, title=f"{self.options.check} and this probe")
        pairs = beside(self.recorded, self.gaps)
        for old, new, holds in pairs:
            recorded = f"{old.score:.3f} ({old.low:.3f} to {old.high:.3f})"
            strange = ", ".join(outside(old, new))
            table.add_row(old.context, recorded, f"{new.score:.3f}", strange, style=None if holds else "red")
        self.screen.console.print(table)
        kept = sum(holds for *_, holds in pairs)
        self.screen.say(f"found again: {kept} of {len(pairs)} contexts")
        return kept == len(pairs)

    @property
    def _readable(self) -> int:
        """How many of the insights that the policy wrote could be read."""
        return sum(blocks is not None for blocks in self.written)

    def as_json(self) -> dict[str, Json]:
        """What was measured, and with what."""
        return {
            "policy": self.options.policy,
            "suite": self.suite.name,
            "split": self.options.split,
            "seed": self.options.seed,
            "k": self.suite.k,
            "problems": {part.choice.id: len(part.tasks) for part in self.parts},
            "contexts": [asdict(gap) for gap in self.gaps],
            "insights": {
                "written": len(self.written),
                "readable": self._readable,
                "readable_percent": percent(self._readable, len(self.written)),
                "accuracy_with_it": {**asdict(self.raised), "percent": dict(self.raised.percent)},
                "of_failures": asdict(self.of_failures),
            },
        }

    def _measure(self, name: str, shown: dict[str, Blocks | None]) -> list[Group]:
        sampling = Sampling(self.suite.max_new_tokens, self.suite.temperature, stop=self.suite.stop)
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
            similar = of_each_kind(part)
            family: TeachableFamily = part.env.family  # type: ignore[assignment]  # checked when it was opened
            for i, task in enumerate(part.tasks):
                others = [t for t in part.tasks if t.facts["kind"] != task.facts["kind"]] or [part.tasks[i - 1]]
                turned = (*others[i % len(others) :], *others[: i % len(others)])
                own = written[len(cases)] or Blocks()
                cases.append(Case(family, task, turned, own, similar[str(task.facts["kind"])]))
        return cases

    def _table(self) -> Table:
        counts = sorted({len(part.tasks) for part in self.parts})
        problems = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
        title = f"Teacher gap of {self.options.policy}: avg@{self.suite.k} on {problems} held-out problems each"
        table = Table(title=title)
        table.add_column("in the context")
        for choice in self.suite.envs:
            table.add_column(choice.id, justify="right")
        table.add_column("all (95 % interval)", justify="right")
        for gap in self.gaps:
            cells = [f"{mean:.3f}" for mean in gap.environments.values()]
            table.add_row(gap.context, *cells, f"{gap.score:.3f} ({gap.low:.3f} to {gap.high:.3f})")
        return table

    def _gap(self, name: str, groups: list[Group]) -> Gap:
        samples, seed = samples_of(groups, self.parts), self.options.seed
        means = {env_id: avg_at_k(found.scores) for env_id, found in samples.items()}
        same = {part.choice.id: part.same for part in self.parts}
        tables = [found.scores for found in samples.values()]
        interval = bootstrap_interval(tables, seed, [same[env_id] for env_id in samples])
        intervals = {env_id: bootstrap_interval([s.scores], seed, [same[env_id]]) for env_id, s in samples.items()}
        return Gap(name, means, sum(means.values()) / len(means), interval.low, interval.high, intervals)


def of_each_kind(part: Problems) -> dict[str, Task]:
    """For each kind of these problems the first one of the train split.

    Raises:
        ConfigError: Among the first thousands of problems there is none of a kind.
    """
    wanted = {str(task.facts["kind"]) for task in part.tasks}
    train = Problems.open(part.choice, "train", 1).env.dataset
    found: dict[str, Task] = {}
    for index in range(SEARCHED if train.size is None else min(train.size, SEARCHED)):
        task = train.at(index)
        found.setdefault(str(task.facts["kind"]), task)
        if wanted <= found.keys():
            return found
    lacking = ", ".join(sorted(wanted - found.keys()))
    raise ConfigError(f"{part.choice.id}: the first {SEARCHED} problems of its train split have none of {lacking}")


def _accuracy(group: Group) -> float:
    return sum(episode.verdict.score for episode in group.episodes) / len(group.episodes)


if __name__ == "__main__":
    sys.exit(main())
