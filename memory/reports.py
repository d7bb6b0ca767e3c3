"""Limits of the memory, and the numbers it reports about what it did and holds."""

from dataclasses import astuple, dataclass, fields

from memory.arguments import whole
from memory.errors import MemoryUseError


@dataclass(frozen=True)
class Caps:
    """How much is kept, read and shown. The first five are the paper's; it gives nothing of the rest, which is ours."""

    successes: int = 5
    """Successful attempts a problem."""
    failures: int = 3
    """Failed attempts a problem."""
    strategies: int = 10
    """Strategies a problem."""
    lessons: int = 10
    """Lessons a problem."""
    behaviors: int = 500
    """Behaviors in all."""
    novelty: float = 0.9
    """Cosine from which a newcomer is a duplicate; above 1 nothing is."""
    support: float = 0.6
    """Cosine from which insights about two problems say nearly the same, where support is asked for."""
    fruitless: int = 8
    """Attempts that followed an insight's showings, none of them right, after which it goes although it is supported,
    where that is asked for."""
    related: int = 15
    """Problems that the reflector looks at together, about."""
    attempts_read: int = 1
    """Successes, and failures, of a problem that the reflector compares: the newest. A small model's context holds no
    more."""
    problems_read: int = 3
    """Of those that it looks at together, the most typical ones, of which it reads, with one note each."""
    behaviors_read: int = 8
    """The nearest behaviors that it is told of beside them."""
    insights_shown: int = 3
    """Strategies, and lessons, in one context: the newest."""

    def __post_init__(self) -> None:
        shares = ("novelty", "support")
        for name in (field.name for field in fields(self) if field.name not in shares):
            if whole(getattr(self, name), f"Caps.{name}") < 1:
                raise MemoryUseError(f"Caps.{name} is at least 1, not {getattr(self, name)}")
        for name in shares:
            if not getattr(self, name) > 0:  # which "not a number" is not either
                raise MemoryUseError(f"Caps.{name} is above 0, not {getattr(self, name)}")


@dataclass(frozen=True)
class Counts:
    """Items at each level."""

    experience: int = 0
    insight: int = 0
    behavior: int = 0

    @property
    def total(self) -> int:
        """Items at all levels."""
        return self.experience + self.insight + self.behavior


@dataclass(frozen=True)
class Recorded:
    """What became of a group of attempts; groups add up."""

    admitted: int = 0
    rejected_duplicate: int = 0
    evicted: int = 0

    def __add__(self, other: "Recorded") -> "Recorded":
        return Recorded(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Recorded)))


@dataclass(frozen=True)
class Reflected:
    """What became of one round of insight extraction."""

    requests: int = 0
    invalid_json: int = 0
    """Replies, not items: without an object of the right form, or with nothing in it that is well formed."""
    malformed: int = 0
    """Items without a title or name, without a text, or without letters in them, of replies that had others."""
    admitted: int = 0
    rejected_duplicate: int = 0
    rejected_firewall: int = 0
    """Items that gave an answer away."""
    rejected_shortcut: int = 0
    evicted: int = 0

    @property
    def contamination(self) -> float:
        """Share of the proposed items that were shortcuts."""
        proposed = self.admitted + self.rejected_duplicate + self.rejected_firewall + self.rejected_shortcut
        return self.rejected_shortcut / proposed if proposed else 0.0

    @property
    def unreadable(self) -> float:
        """Share of the replies that held nothing of the right form."""
        return self.invalid_json / self.requests if self.requests else 0.0


@dataclass(frozen=True)
class Consolidated:
    """What became of one round of behavior extraction."""

    requests: int = 0
    invalid_json: int = 0
    """Replies, not items: without an object of the right form, or with nothing in it that is well formed."""
    malformed: int = 0
    """Items without a title or name, without a text, or without letters in them, of replies that had others."""
    added: int = 0
    updated: int = 0
    removed: int = 0
    ignored: int = 0
    """Removals of behaviors that the reflector was not shown or that are gone."""
    rejected_duplicate: int = 0
    rejected_firewall: int = 0
    rejected_shortcut: int = 0
    evicted: int = 0

    @property
    def contamination(self) -> float:
        """Share of the proposed behaviors that were shortcuts."""
        kept = self.added + self.updated
        proposed = kept + self.rejected_duplicate + self.rejected_firewall + self.rejected_shortcut
        return self.rejected_shortcut / proposed if proposed else 0.0

    @property
    def unreadable(self) -> float:
        """Share of the replies that held nothing of the right form."""
        return self.invalid_json / self.requests if self.requests else 0.0


def numbers(report: Recorded | Reflected | Consolidated) -> dict[str, float]:
    """A report as a log takes it: its counts by name, and its shares where anything was asked."""
    found = {f.name: float(count) for f, count in zip(fields(report), astuple(report), strict=True)}
    if not isinstance(report, Recorded) and report.requests:
        found |= {"contamination": report.contamination, "unreadable": report.unreadable}
    return found
