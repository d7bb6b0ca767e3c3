"""What the memory takes and gives: problems, attempts, the three kinds of item, and a teacher's context.

Experience is what was tried on one problem, insight what was understood from comparing the tries, and
behavior a named procedure that holds across problems.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from memory.errors import MemoryUseError

Level = Literal["experience", "insight", "behavior"]
LEVELS: frozenset[Level] = frozenset({"experience", "insight", "behavior"})
InsightKind = Literal["strategy", "lesson"]
SUCCESS_SCORE = 1.0
"""A verified score from which an attempt counts as a success."""


@dataclass(frozen=True)
class Subject:
    """The problem that an item is about, with what the firewall needs to know of it."""

    id: str
    family: str
    split: str
    prompt: str
    gold: str
    """What no insight or behavior may state: the answer, or a way there where the prompt states the answer itself."""
    fingerprint: str
    """Which data the problem came from."""


@dataclass(frozen=True)
class Attempt:
    """One verified response to a problem."""

    episode_id: str
    text: str
    score: float
    feedback: str | None = None
    policy_step: int = 0

    def __post_init__(self) -> None:
        if not 0.0 <= self.score <= 1.0:
            raise MemoryUseError(f"an attempt's score is between 0 and 1, not {self.score!r}")

    @property
    def success(self) -> bool:
        """Whether the verifier accepted the response."""
        return self.score >= SUCCESS_SCORE


@dataclass(frozen=True)
class Provenance:
    """Where an item comes from and what followed when it was shown (:mod:`memory.utility`)."""

    subject_ids: tuple[str, ...]
    families: tuple[str, ...]
    split: str
    fingerprints: tuple[str, ...]
    episode_ids: tuple[str, ...]
    reward: float
    """Verified: the score of an experience, the share of successes behind an insight or behavior."""
    policy_step: int
    """Step of the policy that produced the evidence."""
    shown: int = 0
    """How often a teacher read it."""
    followed: int = 0
    """Attempts, made without memory at the next visit of each problem whose teachers had read it."""
    succeeded: int = 0
    """How many of those were right."""

    @property
    def success_when_shown(self) -> float | None:
        """Share of right ones among the attempts that followed; None as long as there are none."""
        return self.succeeded / self.followed if self.followed else None


@dataclass(frozen=True)
class Experience:
    """A stored attempt (level 0)."""

    id: int
    subject_id: str
    episode_id: str
    text: str
    score: float
    feedback: str | None
    written_step: int
    removed_step: int | None
    provenance: Provenance

    @property
    def success(self) -> bool:
        """Whether the verifier accepted the response."""
        return self.score >= SUCCESS_SCORE


@dataclass(frozen=True)
class Insight:
    """What worked on a problem (strategy) or went wrong on it (lesson), in words (level 1)."""

    id: int
    subject_id: str
    kind: InsightKind
    title: str
    content: str
    success_share: float
    written_step: int
    removed_step: int | None
    episode_ids: tuple[str, ...]
    provenance: Provenance


@dataclass(frozen=True)
class Behavior:
    """A named procedure that holds across problems (level 2)."""

    id: int
    name: str
    instruction: str
    subject_ids: tuple[str, ...]
    written_step: int
    removed_step: int | None
    provenance: Provenance


Item: TypeAlias = Experience | Insight | Behavior


@dataclass(frozen=True)
class Context:
    """What the memory has to say about one problem."""

    strategies: tuple[Insight, ...] = ()
    lessons: tuple[Insight, ...] = ()
    behaviors: tuple[Behavior, ...] = ()
    solution: Experience | None = None
    failure: Experience | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """Everything shown, in the order of the fields."""
        tried = tuple(item for item in (self.solution, self.failure) if item is not None)
        return (*self.strategies, *self.lessons, *self.behaviors, *tried)

    @property
    def item_ids(self) -> tuple[int, ...]:
        """Ids of everything shown: what :meth:`memory.Memory.note_shown` takes."""
        return tuple(item.id for item in self.items)

    @property
    def is_empty(self) -> bool:
        """Whether the memory has nothing to say."""
        return not self.items


@dataclass(frozen=True)
class ContextRequest:
    """One question to the memory: the problem, and what the reader must not see."""

    subject: Subject
    exclude_episodes: frozenset[str] = field(default_factory=frozenset)
    exclude_texts: frozenset[str] = field(default_factory=frozenset)
