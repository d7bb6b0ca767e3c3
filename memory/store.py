"""The memory as everybody uses it: one object, one file."""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, get_args, overload

from memory import history
from memory.arguments import whole, whole_if_any
from memory.bank import Bank
from memory.behavior import filter_changes, questions, write_changes
from memory.database import Database, Mode
from memory.draft import Draft
from memory.embedding import Embedder, HashedNgrams
from memory.errors import MemoryUseError
from memory.experience import count_group, keep_subject, write_group
from memory.firewall import require_writable
from memory.insight import Evidence, filter_replies, insight_requests, write_insights
from memory.novelty import Vectors
from memory.records import (
    LEVELS,
    Attempt,
    Behavior,
    Context,
    ContextRequest,
    Experience,
    Insight,
    Item,
    Level,
    Subject,
)
from memory.reflection import Reflector, as_shown, ask
from memory.reports import Caps, Consolidated, Counts, Recorded, Reflected
from memory.retrieval import Scope, read_contexts
from memory.rows import select
from memory.support import Pruned, prune
from memory.utility import show
from memory.vectors import VectorCache


class Memory:
    """Procedural memory in one SQLite file.

    Writing takes the policy step of the change; reading takes ``as_of``, the step to look at (None: now).
    An object belongs to one thread; processes and threads that share a file each open their own.

    Its history is exact where they write in the order of their steps. A process that is behind adds to what there is
    already: what it offers again is a duplicate of what was written at a later step, and a rewind to between the two
    forgets both. (Dating the stored one back would put it into a past that it was no part of: with the words and the
    episode of the later step, above the caps, and beside what only made way for it later.)
    """

    def __init__(
        self,
        path: str | Path,
        mode: Mode = "rw",
        embedder: Embedder | None = None,
        caps: Caps | None = None,
        seed: int = 0,
    ) -> None:
        self.path = Path(path)
        self.caps = caps or Caps()
        self.seed = whole(seed, "seed")
        self._database = Database(self.path, mode)
        self._vectors = VectorCache(self._database, embedder or HashedNgrams())
        self._bank = Bank()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def record(self, subject: Subject, attempts: Sequence[Attempt], step: int) -> Recorded:
        """Level 0: keep what is new among the attempts of one group."""
        return self.record_batch([(subject, attempts)], step)

    def record_batch(self, groups: Sequence[tuple[Subject, Sequence[Attempt]]], step: int) -> Recorded:
        """:meth:`record` for all groups of a training step: all of them are written, or none."""
        step = whole(step, "step")
        for subject, _ in groups:
            require_writable(subject)
        groups = [(subject, attempts) for subject, attempts in groups if attempts]
        if not groups:
            return Recorded()
        prompts = self._vectors.of_prompts([subject.prompt for subject, _ in groups])
        vectors = self._vectors.of_texts([attempt.text for _, attempts in groups for attempt in attempts])
        done, total = 0, Recorded()
        with self._database.writing() as connection:
            self._vectors.claim(connection)
            draft = Draft(connection, step)
            for subject, attempts in groups:
                keep_subject(connection, subject, prompts[subject.prompt], step)
                count_group(connection, subject, attempts, step)
                own = vectors[done : done + len(attempts)]
                total += write_group(draft, subject, attempts, own, self.caps)
                done += len(attempts)
            draft.write()
        return total

    def count_batch(self, groups: Sequence[tuple[Subject, Sequence[Attempt]]], step: int) -> None:
        """Count attempts without keeping any: what follows the items of a memory that no longer grows."""
        step = whole(step, "step")
        for subject, _ in groups:
            require_writable(subject)
        with self._database.writing() as connection:
            for subject, attempts in groups:
                count_group(connection, subject, attempts, step)

    def reflect(
        self, subjects: Sequence[Subject], reflector: Reflector, step: int, evidence: Evidence = "all"
    ) -> Reflected:
        """Level 1: have the attempts at each problem (or its successes alone) compared; keep the insights that pass."""
        step = whole(step, "step")
        if evidence not in get_args(Evidence):
            raise MemoryUseError(f"unknown evidence {evidence!r}. Known: {', '.join(get_args(Evidence))}.")
        for subject in subjects:
            require_writable(subject)
        with self._database.reading() as connection:
            requests = insight_requests(connection, subjects, evidence, self.caps.attempts_read)
        requests = as_shown(reflector, requests)
        candidates, tally = filter_replies(requests, ask(reflector, requests))
        vectors = self._vectors.of_texts([candidate.text for candidate in candidates])
        with self._database.writing() as connection:
            written = write_insights(connection, candidates, vectors, self.caps, step)
        return replace(written, requests=len(requests), **tally)

    def prune(self, step: int) -> Pruned:
        """Level 1: remove insights that only one problem supports, and those that helped nobody (:mod:`support`)."""
        step = whole(step, "step")
        with self._database.writing() as connection:
            return prune(connection, self.caps, step)

    def consolidate(self, reflector: Reflector, step: int) -> Consolidated:
        """Level 2: have related problems looked at together, and change the bank of behaviors."""
        step = whole(step, "step")
        with self._database.reading() as connection:
            asked = questions(connection, self._bank, self.seed, self.caps)
        shown = as_shown(reflector, [question.request for question in asked])
        asked = [replace(question, request=request) for question, request in zip(asked, shown, strict=True)]
        changes, tally = filter_changes(asked, ask(reflector, shown))
        vectors = self._vectors.of_texts([change.text for change in changes])
        with self._database.writing() as connection:
            written = write_changes(connection, changes, vectors, self.caps, step)
        ignored = written.ignored + tally.pop("ignored", 0)
        return replace(written, requests=len(asked), ignored=ignored, **tally)

    def context(
        self,
        subject: Subject,
        *,
        exclude_episodes: Set[str] = frozenset(),
        exclude_texts: Set[str] = frozenset(),
        levels: Set[Level] = LEVELS,
        recall: int = 3,
        as_of: int | None = None,
    ) -> Context:
        """What the memory has to say about a problem, without the excluded episodes and texts."""
        request = ContextRequest(subject, frozenset(exclude_episodes), frozenset(exclude_texts))
        return self.contexts([request], levels=levels, recall=recall, as_of=as_of)[0]

    def contexts(
        self,
        requests: Sequence[ContextRequest],
        *,
        levels: Set[Level] = LEVELS,
        recall: int = 3,
        as_of: int | None = None,
        step: int | None = None,
        shown_as: Callable[[str], str] | None = None,
    ) -> list[Context]:
        """:meth:`context` for many requests at once: one snapshot, one search of the bank.

        ``step`` is that of the policy that asks: with each step another of the stored solutions is shown. ``shown_as``
        makes of a solution what of it is shown; one of which that is empty or excluded is not drawn.
        """
        as_of, step = whole_if_any(as_of, "as_of"), whole_if_any(step, "step")
        if unknown := set(levels) - LEVELS:
            raise MemoryUseError(f"unknown level {min(unknown)!r}. Known: {', '.join(sorted(LEVELS))}.")
        if whole(recall, "recall") < 0:
            raise MemoryUseError(f"recall is at least 0, not {recall}")
        scope = Scope(frozenset(levels), recall, self.caps.insights_shown, as_of, step, self.seed, shown_as)
        prompts: dict[str, Vectors] = {}
        if "behavior" in scope.levels and recall:
            prompts = self._vectors.of_prompts([request.subject.prompt for request in requests])
        with self._database.reading() as connection:
            return read_contexts(connection, self._bank, requests, prompts, scope)

    def note_shown(self, subject: Subject, item_ids: Iterable[int], step: int) -> None:
        """Count what teachers of a problem have read, once a teacher; what follows counts at the next visit."""
        step, item_ids = whole(step, "step"), [whole(item_id, "an item's id") for item_id in item_ids]
        require_writable(subject)
        with self._database.writing() as connection:
            show(connection, subject.id, item_ids, step)

    def counts(self, as_of: int | None = None) -> Counts:
        """Items at each level."""
        as_of = whole_if_any(as_of, "as_of")
        with self._database.reading() as connection:
            return history.count(connection, as_of)

    def growth(self) -> list[tuple[int, Counts]]:
        """Items at each level after every step that changed something."""
        with self._database.reading() as connection:
            return history.growth(connection)

    @overload
    def items(self, level: Literal["experience"], as_of: int | None = None) -> tuple[Experience, ...]: ...
    @overload
    def items(self, level: Literal["insight"], as_of: int | None = None) -> tuple[Insight, ...]: ...
    @overload
    def items(self, level: Literal["behavior"], as_of: int | None = None) -> tuple[Behavior, ...]: ...
    @overload
    def items(self, level: Level, as_of: int | None = None) -> tuple[Item, ...]: ...

    def items(self, level: Level, as_of: int | None = None) -> tuple[Item, ...]:
        """All items of a level, newest first."""
        as_of = whole_if_any(as_of, "as_of")
        if level not in LEVELS:
            raise MemoryUseError(f"unknown level {level!r}. Known: {', '.join(sorted(LEVELS))}.")
        with self._database.reading() as connection:
            return tuple(select(connection, "i.level = :level", as_of, level=level))

    def rewind(self, step: int) -> None:
        """Forget everything after a policy step, as if it had not happened: for resuming from a checkpoint.

        Only the ids of what is forgotten stay taken (:mod:`memory.ids`).
        """
        step = whole(step, "step")
        with self._database.writing() as connection:
            history.rewind(connection, step)

    def as_of(self, step: int) -> "MemoryView":
        """The memory as it was after a policy step, for reading."""
        return MemoryView(self, step)


class MemoryView:
    """A memory as it was after one policy step."""

    def __init__(self, memory: Memory, step: int) -> None:
        self._memory = memory
        self.step = whole(step, "as_of")

    def context(
        self,
        subject: Subject,
        *,
        exclude_episodes: Set[str] = frozenset(),
        exclude_texts: Set[str] = frozenset(),
        levels: Set[Level] = LEVELS,
        recall: int = 3,
    ) -> Context:
        """What it had to say about a problem, without the excluded episodes and texts."""
        request = ContextRequest(subject, frozenset(exclude_episodes), frozenset(exclude_texts))
        return self.contexts([request], levels=levels, recall=recall)[0]

    def contexts(
        self, requests: Sequence[ContextRequest], *, levels: Set[Level] = LEVELS, recall: int = 3
    ) -> list[Context]:
        """What it had to say about many problems."""
        return self._memory.contexts(requests, levels=levels, recall=recall, as_of=self.step)

    def counts(self) -> Counts:
        """Items at each level."""
        return self._memory.counts(self.step)

    def items(self, level: Level) -> tuple[Item, ...]:
        """All items of a level, newest first."""
        return self._memory.items(level, self.step)
