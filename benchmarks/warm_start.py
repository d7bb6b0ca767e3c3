#!/usr/bin/env python3
"""A warm start: a policy reads gold solutions before it learns from its own. ``python benchmarks/warm_start.py``.

A policy that never solves anything earns no reward, and one that cannot use help cannot teach itself. So it first reads
what a run will ask of it: problems with their solutions, alone and after every kind of help that a teacher may be
shown, help that is about other problems, and reflections. Some kinds of problem are only ever read with help: those are
left for the run to learn. The problems are of the train split, and none asks what a problem that a run trains on or is
measured with asks, under whatever number.
"""

import random
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the checkout, not benchmarks/: see run.py

import torch
import tyro
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agents.nano.course import answered, lesson
from agents.nano.documents import Document
from agents.nano.reflections import behaviors, insights
from agents.nano.teaching import Taught, TeachableFamily
from agents.nano.trainer import Row, Trainer
from agents.nano.training_folder import checkpoint, claim, restore
from agents.policies import load_policy
from agents.policy import Policy
from agents.prompts import RULES, Blocks
from benchmarks.contexts import CONTEXTS, Case
from benchmarks.evaluate import Problems
from benchmarks.evaluation_cache import digest_start
from benchmarks.files import make_folder
from benchmarks.suite_files import find_suite
from benchmarks.suites import EnvChoice, Suite
from pmd_envs.command_line import read_options
from pmd_envs.errors import ConfigError, DatasetError, PMDError
from pmd_envs.records import Json

POLICY = "policy"
"""The folder in the output folder that holds the policy."""
_OTHERS = 3
_HELP = {
    "a correct solution": 3,
    "feedback on a wrong attempt": 1,
    "a scripted strategy": 2,
    "a scripted lesson": 1,
    "scripted behaviors, one relevant": 2,
    "all three of these": 2,
    "all three and the solution": 2,
}
"""Weights of what helps."""
_STRANGERS = ("another problem's memory", "another problem's solution")
_MIXTURE = {"alone": 35, "helped": 35, "strangers": 10, "insights": 15, "behaviors": 5}
"""Weights of what is read."""


@dataclass(frozen=True)
class Options:
    """Have a policy read solutions, help and reflections before it is trained by an agent.

    Examples:
      python benchmarks/warm_start.py --policy smollm2 --suite my-suite.toml --out runs/warm
      python benchmarks/run.py --agent pmd --policy runs/warm/policy --suite my-suite.toml

    A run that was stopped goes on with the same command. Exit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.
    """

    policy: str = "smollm2"
    """nano, smollm2, a folder with a model, or a Hugging Face id."""
    suite: str = "default"
    """Environments, by the name of a suite or its TOML file."""
    out: Path = Path("runs/warm-start")
    """Folder of the checkpoint, the loss and, in policy/, the result."""
    steps: int = 200
    """Optimizer steps."""
    rows: int = 16
    """Documents in one of them."""
    problems: int = 200
    """Problems of each environment that are read of, none of which the suite uses."""
    seen: bool = False
    """Leave out the kinds of problem that a run with --unseen keeps out of training."""
    known: float = 0.5
    """Share of an environment's kinds of problem that are read without help too."""
    matrix_lr: float = 2e-3
    """Highest learning rate of matrices (Muon)."""
    other_lr: float = 1e-4
    """Highest learning rate of everything else (AdamW)."""
    warmup: int = 10
    """Steps over which the rates rise; then they fall to zero."""
    checkpoint_every: int = 20
    """Steps between checkpoints; one holds the weights and what the optimizers remember of them."""
    seed: int = 0
    """Decides what is read, and when."""
    device: str = "auto"
    """auto, cpu or cuda."""
    threads: int | None = None
    """Processor threads."""

    @property
    def config(self) -> dict[str, Json]:
        """Everything that decides the result, but for the weights of the policy.

        Of the suite it is what it contains: its file may be edited, and then other problems are kept for the run.
        """
        left_out = ("out", "device", "threads", "checkpoint_every", "suite")
        settings = {name: value for name, value in asdict(self).items() if name not in left_out}
        if not self.seen:
            del settings["seen"]  # folders from before there was a choice go on
        return settings | {"suite": asdict(find_suite(self.suite))}


def main() -> int:
    """Read, and save the policy; a caller's mistake is one line and exit status 2."""
    options = read_options(Options, tyro.cli)
    try:
        _check(options)
        if options.threads is not None:
            torch.set_num_threads(options.threads)
        place = warm_up(options, Console())
    except PMDError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("error: stopped; the same command goes on from the last checkpoint\n")
        return 130
    sys.stdout.write(f"policy: {place}\nnext: python benchmarks/probe.py --policy {place} --suite {options.suite}\n")
    return 0


def warm_up(options: Options, console: Console) -> Path:
    """Read until the last step, from wherever the folder's checkpoint is; the folder of the policy."""
    library = Library.open(options)
    policy = load_policy(options.policy, options.device)
    make_folder(options.out / "config.json")
    settings = options.config | {"weights": digest_start(policy)}  # the policy of that name may become another one
    with claim(options.out, settings):  # last, so that a mistake leaves no folder with its settings
        return _read(options, library, policy, console)


def _read(options: Options, library: "Library", policy: Policy, console: Console) -> Path:
    """Read, with checkpoints, and write the policy."""
    kept_in = policy.model.dtype
    trainer = Trainer(policy.model.float(), policy.tokenizer, options.matrix_lr, options.other_lr)
    first, curve = restore(trainer, options.out)
    policy.model.train()
    console.print(f"{options.policy} reads {options.rows} documents in each of the steps {first} to {options.steps}")
    columns = (TextColumn("warm start"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("loss {task.fields[loss]:.3f}"), console=console) as progress:
        bar = progress.add_task("", total=options.steps, completed=first, loss=float("nan"))
        for step in range(first, options.steps):
            seeds = (f"warm/{options.seed}/{step}/{i}" for i in range(options.rows))
            rows = [library.draw(policy, random.Random(seed)) for seed in seeds]
            share = min((step + 1) / options.warmup, (options.steps - step) / options.steps, 1.0)
            loss = trainer.learn(rows, share)
            curve.add(step, loss)
            progress.update(bar, advance=1, loss=loss)
            if (step + 1) % options.checkpoint_every == 0 or step + 1 == options.steps:
                checkpoint(trainer, step + 1, options.out, curve)
    curve.draw(options.out / "log.png")
    place = options.out / POLICY
    policy.model.to(kept_in)  # type: ignore[arg-type]  # transformers hides torch's signature
    policy.model.save_pretrained(place)
    policy.tokenizer.save_pretrained(place)
    return place


@dataclass(frozen=True)
class Shelf:
    """The problems of one environment."""

    part: Problems
    tasks: tuple[Taught, ...]
    known: frozenset[str]
    """Kinds that are read without help too."""

    @property
    def simple(self) -> tuple[Taught, ...]:
        """Problems of those kinds."""
        return tuple(one for one in self.tasks if one.kind in self.known)

    def strangers(self, rng: random.Random, to: Taught) -> tuple[Taught, ...]:
        """Problems of other kinds, if there are any."""
        others = [one for one in self.tasks if one.kind != to.kind] or list(self.tasks)
        return tuple(rng.choices(others, k=_OTHERS))


@dataclass(frozen=True)
class Library:
    """What there is to read, environment by environment."""

    shelves: tuple[Shelf, ...]
    stop: tuple[str, ...] = ()
    """Texts that end a completion of the suite."""

    @classmethod
    def open(cls, options: Options) -> "Library":
        """Problems that the suite neither trains on nor is measured with.

        Raises:
            ConfigError: An environment has no other problems, or none that know plans and mistakes.
        """
        suite = find_suite(options.suite)
        return cls(tuple(_shelf(options, choice, suite) for choice in suite.envs), suite.stop)

    def draw(self, policy: Policy, rng: random.Random) -> Row:
        """A document, as the policy reads it."""
        shelf = rng.choice(self.shelves)
        what = rng.choices(list(_MIXTURE), list(_MIXTURE.values()))[0]
        if what == "insights":
            return _reflection(policy, insights(rng, rng.choice(shelf.tasks)))
        if what == "behaviors":
            return _reflection(policy, behaviors(rng, rng.choices(shelf.tasks, k=3)))
        one = rng.choice(shelf.tasks if what == "helped" else shelf.simple)
        blocks = None
        if what != "alone":
            context = rng.choices(list(_HELP), list(_HELP.values()))[0] if what == "helped" else rng.choice(_STRANGERS)
            others = tuple(other.task for other in shelf.strangers(rng, one))
            blocks = CONTEXTS[context](Case(one.family, one.task, others, Blocks()))
        return lesson(policy, shelf.part.env.family, one.task, blocks, self.stop)


def prompts_used(suite: Suite, choice: EnvChoice) -> set[str]:
    """What the problems ask that a run of the suite trains on or is measured with.

    Some generated problems are drawn under several numbers, and published rows may come twice. A study keeps kinds out
    of training, and then draws the others anew.
    """
    seen = replace(suite, unseen=1).known_envs[suite.envs.index(choice)]
    counts = {"train": suite.pool, "validation": suite.held_out, "test": suite.held_out}
    used: set[str] = set()
    for one, (split, count) in product((choice, seen), counts.items()):
        with suppress(ConfigError, DatasetError):  # it has no kinds to keep out, or no such split
            used |= {task.prompt for task in Problems.open(one, split, count).tasks}
    return used


def _shelf(options: Options, choice: EnvChoice, suite: Suite) -> Shelf:
    used = prompts_used(suite, choice)
    if options.seen:
        choice = replace(suite, unseen=1).known_envs[suite.envs.index(choice)]
    wide = Problems.open(choice, "train", suite.pool + options.problems)
    if wide.env.dataset.size is None:  # so that enough are left where some are drawn twice
        wide = Problems.open(choice, "train", 2 * suite.pool + options.problems)
    family: TeachableFamily = wide.env.family  # type: ignore[assignment]  # checked below
    others = [Taught(family, task) for task in wide.tasks if task.prompt not in used]
    left = tuple(others if wide.env.dataset.size is not None else others[: options.problems])
    if not left:
        raise ConfigError(
            f"{choice.id} has no problems of the train split beside the {suite.pool} that {options.suite} uses"
        )
    if not hasattr(family, "wrong_solution") or "plan" not in left[0].task.facts:
        raise ConfigError(f"{choice.id}: its problems know neither plans nor mistakes, so there is no help to read")
    kinds = sorted({one.kind for one in left})
    random.Random(f"known/{choice.id}/{options.seed}").shuffle(kinds)
    return Shelf(wide, left, frozenset(kinds[: max(round(options.known * len(kinds)), 1)]))


def _reflection(policy: Policy, document: Document) -> Row:
    rules = RULES if policy.is_told else ""
    return answered(policy, policy.encode(document.prompt + rules), document.completion)


def _check(options: Options) -> None:
    """Refuse mistakes before anything is loaded."""
    for name in ("steps", "rows", "problems", "warmup", "checkpoint_every"):
        if getattr(options, name) < 1:
            raise ConfigError(f"--{name.replace('_', '-')} {getattr(options, name)} is below 1")
    if options.threads is not None and options.threads < 1:
        raise ConfigError(f"--threads {options.threads} is below 1")
    for name in ("matrix_lr", "other_lr"):
        if not getattr(options, name) > 0:
            raise ConfigError(f"--{name.replace('_', '-')} {getattr(options, name)} is not above 0")
    if not 0 <= options.known <= 1:
        raise ConfigError(f"--known {options.known} is outside 0 to 1")


if __name__ == "__main__":
    sys.exit(main())
