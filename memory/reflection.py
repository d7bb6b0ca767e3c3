"""The seam to the language model that reflects.

The memory says what it wants understood, as records; whoever owns the model chooses the wording and sends
back raw text. So the same memory works with the policy itself, with a server, or with a script.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

from memory.errors import MemoryUseError
from memory.records import Behavior, Experience, Insight, Subject

InsightMode = Literal["contrastive", "strategies", "lessons"]


@dataclass(frozen=True)
class InsightRequest:
    """Compare the attempts at one problem. Reply: ``{"strategies": [{"title", "content"}], "lessons": [...]}``.

    A request of the memory holds what is to be shown and no more: what is written in reply counts as learnt from it.
    """

    subject: Subject
    mode: InsightMode
    successes: tuple[Experience, ...]
    """Newest first."""
    failures: tuple[Experience, ...]
    n_success: int
    """Successes among the ``n_total`` attempts of the newest group: how far to trust the comparison. Where that has
    only successes, or only failures, older attempts of the other kind that are shown count too."""
    n_total: int


@dataclass(frozen=True)
class ProblemSummary:
    """What is known about one problem, for the reflector that looks across problems."""

    subject: Subject
    insights: tuple[Insight, ...]
    experience: tuple[Experience, ...]
    """Only when there is no insight yet."""

    @property
    def prompt(self) -> str:
        """The problem's own text."""
        return self.subject.prompt

    @property
    def knowledge(self) -> tuple[str, ...]:
        """The insights, or else the attempts, as plain text."""
        if self.insights:
            return tuple(f"{item.title}: {item.content}" for item in self.insights)
        return tuple(item.text for item in self.experience)


@dataclass(frozen=True)
class BehaviorRequest:
    """Find what holds across related problems; like :class:`InsightRequest` it holds what is to be shown.

    Reply: ``{"behaviors": [{"name", "instruction"}]}`` when nothing is known yet, later
    ``{"actions": [{"action": "new" | "update" | "remove", "name", "instruction"}]}``; both are always read.
    """

    problems: tuple[ProblemSummary, ...]
    existing: tuple[Behavior, ...]
    """The behaviors nearest to these problems; empty at the cold start."""


ReflectionRequest: TypeAlias = InsightRequest | BehaviorRequest
OneKind = TypeVar("OneKind", bound=ReflectionRequest)


class Reflector(Protocol):
    """Turns requests into raw replies, one each, in order."""

    def __call__(self, requests: Sequence[ReflectionRequest]) -> Sequence[str]:
        """Answer every request with the text of a language model."""
        ...


@runtime_checkable
class FittingReflector(Protocol):
    """A reflector whose model has not always room for all of a request."""

    def fit(self, request: OneKind) -> OneKind:
        """The request with what its model reads of it, which may be all."""
        ...


def as_shown(reflector: Reflector, requests: Sequence[OneKind]) -> list[OneKind]:
    """What the reflector's model reads of ``requests``: from anything else nothing was learnt, and nobody judged it."""
    if isinstance(reflector, FittingReflector):
        return [reflector.fit(request) for request in requests]
    return list(requests)


def ask(reflector: Reflector, requests: Sequence[ReflectionRequest]) -> Sequence[str]:
    """Replies to ``requests``; a reflector that loses some would misattribute the rest, so it is refused."""
    if not requests:
        return ()
    replies = reflector(requests)
    if len(replies) != len(requests):
        raise MemoryUseError(f"the reflector gave {len(replies)} replies to {len(requests)} requests")
    return replies
