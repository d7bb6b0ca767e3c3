"""The records that flow between families, environments and everybody who reads their verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class Problem:
    """What a generator draws or a data row holds, before it has an id and a split."""

    prompt: str
    """The problem as a person would read it, without formatting instructions."""
    gold: str
    """The answer (math: the number; logic: the assignment; code: a reference program)."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """What the verifier needs beyond the gold answer, JSON only. Never shown to a policy."""


@dataclass(frozen=True)
class Task:
    """One problem with its identity. The id alone, with the data, is enough to make it again."""

    id: str
    family: str
    split: Split
    prompt: str
    gold: str
    facts: Mapping[str, Json]
    fingerprint: str
    """Which data it came from: results of different fingerprints are never ranked together."""


@dataclass(frozen=True)
class StepVerdict:
    """What a program could establish about one reasoning step, and why in words."""

    ok: bool | None
    """True: checked and right. False: checked and wrong. None: not checkable."""
    reason: str

    @property
    def code(self) -> int:
        """-1 wrong, 0 not checkable, 1 right: the value of ``info["verified"]``."""
        return 0 if self.ok is None else (1 if self.ok else -1)


@dataclass(frozen=True)
class Verdict:
    """A score in [0, 1] for a whole response and, in words, why."""

    score: float
    reason: str
    first_wrong_step: int | None = None
    """Index of the first step that was checked and found wrong."""
