"""The records that flow between families, environments and everybody who reads their verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pmd_envs.errors import ConfigError

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


class RecordError(ConfigError):
    """A record of what it cannot hold: the family that made it has to be mended."""


@dataclass(frozen=True)
class Problem:
    """What a generator draws or a data row holds, before it has an id and a split."""

    prompt: str
    """The problem as a person would read it, without formatting instructions."""
    gold: str
    """The answer (math: the number; logic: the assignment; code: a reference program)."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """What the verifier needs beyond the gold answer, JSON only. Never shown to a policy."""

    def __post_init__(self) -> None:
        for name, value in (("prompt", self.prompt), ("gold", self.gold)):
            if not isinstance(value, str):
                raise RecordError(f"a problem's {name} is a str, not {value!r:.80}")
        if not isinstance(self.facts, (dict, Mapping)):  # the former is found sooner
            raise RecordError(f"a problem's facts are a mapping such as a dict, not {self.facts!r:.80}")


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

    def __post_init__(self) -> None:
        if self.ok is not None and not isinstance(self.ok, bool):  # 0 and NumPy's False would not be taken for wrong
            raise RecordError(f"a step verdict's ok is True, False or None, not {self.ok!r:.80}")
        if not isinstance(self.reason, str):
            raise RecordError(f"a step verdict's reason is a str, not {self.reason!r:.80}")

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

    def __post_init__(self) -> None:
        try:
            fits = 0 <= self.score <= 1  # what is no number is not between them, and one that is not finite neither
        except (TypeError, ValueError):  # a text, or an array
            fits = False
        if not fits:
            raise RecordError(f"a verdict's score is a number from 0 to 1, not {self.score!r:.80}")
        if not isinstance(self.reason, str):
            raise RecordError(f"a verdict's reason is a str, not {self.reason!r:.80}")
