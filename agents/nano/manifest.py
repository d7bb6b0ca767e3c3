"""Where the shipped weights come from, and a check that they still fit the recipe.

``manifest.json`` beside the weights holds the recipe, hashes of the corpus, the tokenizer and the weights, and the loss
on documents that training never drew. :func:`check` computes all of them again, and :func:`probe_again` measures what
the weights do with each kind of help.
"""

import hashlib
import itertools
import json
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from agents.nano.corpus import MIXTURES, draw_document
from agents.nano.documents import encode

FILE = "manifest.json"
HASHED_DOCUMENTS = 1500
"""Of each phase."""
FRESH_DOCUMENTS = 128
LOSS_TOLERANCE = 0.02
"""Share by which the loss may differ: kernels of other processors round differently."""
PROBE = ("benchmarks/probe.py", "--seed", "1", "--check", "docs/nano-probe.csv")
"""The recorded scores are of seed 0: the same attempts would prove less."""


@dataclass(frozen=True)
class Finding:
    """One comparison of what the manifest says with what is there."""

    what: str
    recorded: str
    found: str
    holds: bool


def corpus_hash(seed: int) -> str:
    """SHA-256 of the first documents of the corpus: it changes with any wording, generator or mixture."""
    digest = hashlib.sha256()
    for phase, i in itertools.product(MIXTURES, range(HASHED_DOCUMENTS)):
        document = draw_document(random.Random(f"nano/{seed}/0/{i}"), phase)
        digest.update(f"{document.kind}\0{document.prompt}\0{document.completion}\0".encode())
    return digest.hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@torch.no_grad()
def fresh_loss(folder: Path) -> float:
    """Mean loss of a token that is learnt, in nats, on documents like the last that training draws, but others."""
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    total, count = 0.0, 0
    for i in range(FRESH_DOCUMENTS):
        document = draw_document(random.Random(f"nano/fresh/{i}"), "settling")
        ids, learnt = encode(document, tokenizer)
        logits = model(input_ids=torch.tensor([ids])).logits[0, :-1]
        wanted = torch.tensor(learnt[1:])  # a token is predicted at the one before it
        targets = torch.tensor(ids[1:])
        total += torch.nn.functional.cross_entropy(logits[wanted], targets[wanted], reduction="sum").item()
        count += int(wanted.sum())
    return total / count


def write(folder: Path, recipe: Mapping[str, int | float], seed: int) -> None:
    """Put the manifest beside weights that have just been saved."""
    content = {"recipe": dict(recipe), **_measured(folder, seed)}
    (folder / FILE).write_text(json.dumps(content, indent=2) + "\n")


def check(folder: Path, recipe: Mapping[str, int | float], seed: int) -> list[Finding]:
    """Compare weights with their manifest, and the manifest with the recipe of this checkout."""
    recorded = json.loads((folder / FILE).read_text())
    measured = _measured(folder, seed)
    findings = [Finding("recipe", json.dumps(recorded["recipe"]), json.dumps(recipe), recorded["recipe"] == recipe)]
    for name, value in measured.items():
        old = recorded[name]
        holds = abs(value - old) <= LOSS_TOLERANCE * old if isinstance(value, float) else value == old
        findings.append(Finding(name, _short(old), _short(value), holds))
    return findings


def probe_again() -> Finding:
    """Whether every score of the shipped weights' probe is found again; it is told on stderr.

    A probe is made of environments and statistics of which agents know nothing, so it is the command that a user would
    give, in a process of its own.
    """
    checkout = Path(__file__).parents[2]
    status = subprocess.run([sys.executable, *PROBE], cwd=checkout, stdout=sys.stderr, check=False).returncode
    found = {0: "all scores found again", 1: "scores not found again"}.get(status, f"the probe failed: status {status}")
    return Finding("probe", PROBE[-1], found, status == 0)


def _measured(folder: Path, seed: int) -> dict[str, str | float]:
    return {
        "corpus": corpus_hash(seed),
        "tokenizer": file_hash(folder / "tokenizer.json"),
        "weights": file_hash(folder / "model.safetensors"),
        "fresh_loss": round(fresh_loss(folder), 5),
    }


def _short(value: str | float) -> str:
    return f"{value:.4f}" if isinstance(value, float) else value[:16]
