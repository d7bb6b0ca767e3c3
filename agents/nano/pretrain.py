"""The recipe that trained nano: ``python -m agents.nano.pretrain``.

Documents are generated as they are needed, each from its own number, so a run that was killed goes on from its last
checkpoint with the same data. The learning rate warms up and then falls in a straight line to zero.
"""

import json
import random
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import tyro
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from transformers import PreTrainedTokenizerFast

from agents.nano import WEIGHTS, manifest
from agents.nano.corpus import Phase, draw_document
from agents.nano.curve import LossCurve
from agents.nano.documents import encode
from agents.nano.model import new_model, save, train_tokenizer
from agents.nano.probe_curve import ProbeCurve
from agents.nano.trainer import Trainer
from agents.nano.training_folder import checkpoint, claim, restore
from pmd_envs.command_line import as_command, read_options
from pmd_envs.errors import ConfigError

TOKENIZER_DOCUMENTS = 12_000


@dataclass(frozen=True)
class Recipe:
    """How nano is trained. The defaults are what the shipped weights were trained with."""

    steps: int = 4200
    """Steps in which everything it reads is right."""
    hasty_steps: int = 1600
    """Steps after these, in which what is written without help is often wrong."""
    hasty_rate: float = 0.5
    """Learning rate at the start of the hasty steps, as a share of the one before; it falls to zero again."""
    settling_steps: int = 1300
    """Steps after these, with new optimizers and more of what has to be told apart."""
    settling_rate: float = 0.4
    """Learning rate at their start, as a share of the first; it falls to zero once more."""
    documents: int = 64
    """Documents in one optimizer step."""
    micro_batch: int = 8
    """Documents in one forward pass; they are sorted by length first."""
    matrix_lr: float = 0.02
    other_lr: float = 3e-3
    warmup: int = 100
    seed: int = 0

    @property
    def settling(self) -> int:
        """The first step of the last phase."""
        return self.steps + self.hasty_steps

    @property
    def last(self) -> int:
        """All steps together."""
        return self.settling + self.settling_steps

    def phase(self, step: int) -> Phase:
        """What is read at a step."""
        if step < self.steps:
            return "careful"
        return "hasty" if step < self.settling else "settling"

    def rate(self, step: int) -> float:
        """Share of the full learning rate at a step."""
        if step < self.steps:
            return self._rise_and_fall(step, 0, self.steps)
        if step < self.settling:
            return self.hasty_rate * self._rise_and_fall(step, self.steps, self.settling)
        return self.settling_rate * self._rise_and_fall(step, self.settling, self.last)

    def _rise_and_fall(self, step: int, first: int, end: int) -> float:
        return min((step - first + 1) / self.warmup, (end - step) / (end - first), 1.0)


def new_trainer(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> Trainer:
    """An untrained model, and what trains it as the recipe says."""
    model = new_model(tokenizer, recipe.seed)
    return Trainer(model, tokenizer, recipe.matrix_lr, recipe.other_lr, recipe.micro_batch)


def train_step(trainer: Trainer, recipe: Recipe, step: int) -> float:
    """One optimizer step on the documents of its number; the mean loss of a completion token."""
    numbers = [f"nano/{recipe.seed}/{step}/{i}" for i in range(recipe.documents)]
    documents = [draw_document(random.Random(number), recipe.phase(step)) for number in numbers]
    return trainer.learn([encode(document, trainer.tokenizer) for document in documents], recipe.rate(step))


@dataclass(frozen=True)
class Options:
    """Train nano from scratch, or go on from the checkpoint in the output folder.

    Examples:
      python -m agents.nano.pretrain --out runs/nano
      python -m agents.nano.pretrain --recipe.steps 100 --recipe.hasty-steps 0 --recipe.settling-steps 0
      python -m agents.nano.pretrain --check
      python -m agents.nano.pretrain --check --no-probe

    Exit status: 0 done, 1 --check found other weights or another recipe, 2 a mistake, 130 stopped with Ctrl-C.
    """

    out: Path = Path("runs/nano")
    """Folder of the checkpoint and log."""
    recipe: Recipe = Recipe()
    install: bool = False
    """Replace the shipped weights when done."""
    check: bool = False
    """Train nothing: do the shipped weights come from this recipe?"""
    probe: bool = True
    """With --check: also whether another probe finds the recorded scores, which takes minutes."""
    json: bool = False
    """With --check: print what is recorded and found as JSON."""
    checkpoint_every: int = 100
    """Steps between checkpoints."""
    compiled: bool = True
    """Compile the model, a third faster; needs a C++ compiler."""
    probe_every: int = 0
    """Steps between two looks at what the weights make of help, drawn in the end; 0 never looks."""


@as_command
def main() -> int:
    """Do what the options say."""
    options = read_options(Options, tyro.cli)
    if options.probe_every < 0:
        raise ConfigError(f"--probe-every {options.probe_every} is below 0")
    console, recipe, out = Console(), options.recipe, options.out
    if options.check:
        return _check(recipe, console, probe=options.probe, as_json=options.json)
    with claim(out, asdict(recipe)):
        _pretrain(options, console)
    return 0


def _pretrain(options: Options, console: Console) -> None:
    """Train, and write the weights."""
    recipe, out = options.recipe, options.out
    tokenizer = _tokenizer(out, recipe, console)
    trainer = new_trainer(recipe, tokenizer)
    if options.compiled:
        trainer.compile()
    probes = ProbeCurve(out / "probes", options.probe_every)
    curve = _train(trainer, recipe, out, options.checkpoint_every, console, probes)
    target = WEIGHTS if options.install else out / "weights"
    save(trainer.model, tokenizer, target)
    manifest.write(target, asdict(recipe), recipe.seed)
    if options.install:
        curve.path = WEIGHTS.parent / "log.csv"
        curve.write()
    curve.draw(curve.path.with_suffix(".png"))
    if probes.every:
        table = curve.path.with_name("probes.csv")
        probes.write(table)
        probes.draw(table.with_suffix(".png"), (recipe.steps, recipe.settling))
    console.print(f"wrote {target}")


def _train(
    trainer: Trainer,
    recipe: Recipe,
    out: Path,
    checkpoint_every: int,
    console: Console,
    probes: ProbeCurve | None = None,
) -> LossCurve:
    """Train until the recipe's last step, from wherever the checkpoint is."""
    (first, curve), last = restore(trainer, out), recipe.last
    console.print(f"{trainer.model.num_parameters() / 1e6:.2f} M parameters, steps {first} to {last}")
    if probes is not None and probes.is_due(first, last):
        _look(trainer, first, out, probes)
    columns = (TextColumn("pretraining"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("loss {task.fields[loss]:.3f}"), console=console) as progress:
        bar = progress.add_task("", total=last, completed=first, loss=float("nan"))
        for step in range(first, last):
            if step == recipe.settling:
                trainer.renew_optimizers()
            loss = train_step(trainer, recipe, step)
            curve.add(step, loss)
            progress.update(bar, advance=1, loss=loss)
            if (step + 1) % checkpoint_every == 0 or step + 1 == last:
                checkpoint(trainer, step + 1, out, curve)
            if probes is not None and probes.is_due(step + 1, last):
                checkpoint(trainer, step + 1, out, curve)  # a run that is killed while it looks begins with this look
                _look(trainer, step + 1, out, probes)
    return curve


def _look(trainer: Trainer, step: int, out: Path, probes: ProbeCurve) -> None:
    save(trainer.model, trainer.tokenizer, out / "probed")
    probes.add(step, out / "probed")


def _check(recipe: Recipe, console: Console, *, probe: bool, as_json: bool = False) -> int:
    """Print what the manifest of the shipped weights says and what is found; 1 if they differ."""
    findings = manifest.check(WEIGHTS, asdict(recipe), recipe.seed)
    if probe:
        findings.append(manifest.probe_again())
    if as_json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2) + "\n")
        return 0 if all(finding.holds for finding in findings) else 1
    table = Table("", "recorded", "found", title=f"shipped weights: {WEIGHTS}")
    for finding in findings:
        table.add_row(finding.what, finding.recorded, finding.found, style=None if finding.holds else "red")
    console.print(table)
    return 0 if all(finding.holds for finding in findings) else 1


def _tokenizer(out: Path, recipe: Recipe, console: Console) -> PreTrainedTokenizerFast:
    if (out / "tokenizer" / "tokenizer.json").exists():
        kept: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(out / "tokenizer")
        return kept
    console.print(f"training the tokenizer on {TOKENIZER_DOCUMENTS} documents")
    documents = (draw_document(random.Random(f"tokenizer/{recipe.seed}/{i}")) for i in range(TOKENIZER_DOCUMENTS))
    tokenizer = train_tokenizer(document.prompt + document.completion for document in documents)
    tokenizer.save_pretrained(out / "tokenizer")
    return tokenizer


if __name__ == "__main__":
    sys.exit(main())
