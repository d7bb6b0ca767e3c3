"""Putting a teacher's context together.

Own insights newest first, the nearest behaviors, one of the stored successes, and the newest failure with
feedback. Which success is shown is drawn by (seed, problem, step), so that the same question gets the same
answer while the demonstrations still change over a run, also where nothing is written any more. How many
insights are shown is ours; the paper does not say.
"""

import random
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from memory.bank import Bank
from memory.errors import MemoryStoreError
from memory.firewall import is_graded, quotes_graded
from memory.notation import normalise
from memory.novelty import Vectors
from memory.records import LEVELS, Behavior, Context, ContextRequest, Experience, Insight, Item, Level
from memory.rows import select, select_ids

_SPARE = 5
"""Behaviors looked up beyond those shown, in case some quote the graded text."""


@dataclass(frozen=True)
class Scope:
    """What of the memory may be read."""

    levels: frozenset[Level]
    recall: int
    """Behaviors."""
    insights: int
    """Strategies, and lessons."""
    as_of: int | None
    step: int | None
    """Of who asks; without one, that of the newest item counts."""
    seed: int
    shown_as: Callable[[str], str] | None = None
    """What of a solution's text its reader is shown."""


def read_contexts(
    connection: sqlite3.Connection,
    bank: Bank,
    requests: Sequence[ContextRequest],
    prompts: Mapping[str, Vectors],
    scope: Scope,
) -> list[Context]:
    """One context a request; ``prompts`` has the vector of every different prompt among them."""
    own: dict[str, list[Item]] = {}
    for request in requests:
        key = request.subject.id
        if key not in own:
            own[key] = select(connection, "i.subject_id = :subject", scope.as_of, subject=key)
    behaviors = _behaviors(connection, bank, prompts, scope)
    given = scope.step if scope.step is not None else scope.as_of
    step = given if given is not None else _newest_step(connection)
    return [
        _context(request, own[request.subject.id], behaviors.get(request.subject.prompt, []), scope, step)
        for request in requests
    ]


def _behaviors(
    connection: sqlite3.Connection, bank: Bank, prompts: Mapping[str, Vectors], scope: Scope
) -> dict[str, list[Item]]:
    """The behaviors nearest to every prompt, best first."""
    if not prompts:
        return {}
    nearest = bank.nearest(connection, np.stack(list(prompts.values())), scope.recall + _SPARE, scope.as_of)
    items = select_ids(connection, [item_id for ids in nearest for item_id in ids], scope.as_of)
    return {prompt: [items[item_id] for item_id in ids] for prompt, ids in zip(prompts, nearest, strict=True)}


def _newest_step(connection: sqlite3.Connection) -> int:
    """Looked up level by level, as it is indexed."""
    newest = "SELECT max(written_step) FROM items WHERE level = ?"
    steps = [connection.execute(newest, (level,)).fetchone()[0] for level in sorted(LEVELS)]
    for level, step in zip(sorted(LEVELS), steps, strict=True):
        if not (step is None or isinstance(step, int)):
            raise MemoryStoreError(f"an item of level {level!r} is damaged: its policy step is {step!r:.40}")
    return max((step for step in steps if step is not None), default=0)


def _context(request: ContextRequest, own: list[Item], behaviors: list[Item], scope: Scope, step: int) -> Context:
    graded, prompt = frozenset(map(normalise, request.exclude_texts)), request.subject.prompt
    insights = [
        item
        for item in own
        if isinstance(item, Insight)
        and "insight" in scope.levels
        and not any(
            quotes_graded(text, graded, prompt) for text in (item.title, item.content, f"{item.title}: {item.content}")
        )
    ]
    recalled = [
        item
        for item in behaviors
        if isinstance(item, Behavior)
        and not any(
            quotes_graded(text, graded, prompt) for text in (item.instruction, f"{item.name}: {item.instruction}")
        )
    ]
    tried = [
        item
        for item in own
        if isinstance(item, Experience)
        and "experience" in scope.levels
        and item.episode_id not in request.exclude_episodes
        and not is_graded(item.text, graded)
    ]
    successes = [item for item in tried if item.success and _can_be_shown(item.text, graded, scope.shown_as)]
    failures = [item for item in tried if not item.success and item.feedback]
    return Context(
        strategies=tuple(item for item in insights if item.kind == "strategy")[: scope.insights],
        lessons=tuple(item for item in insights if item.kind == "lesson")[: scope.insights],
        behaviors=tuple(recalled[: scope.recall]),
        solution=_drawn(successes, f"{scope.seed}/{request.subject.id}/{step}"),
        failure=failures[0] if failures else None,
    )


def _can_be_shown(text: str, graded: frozenset[str], shown_as: Callable[[str], str] | None) -> bool:
    """Whether of a stored solution something is left to show, and that is not what is graded."""
    if shown_as is None:
        return True
    shown = shown_as(text)
    return bool(shown) and not is_graded(shown, graded)


def _drawn(items: Sequence[Experience], key: str) -> Experience | None:
    """One of them at random. Leaving another out does not change which, so most readers of a problem see the same.

    By its text and not by its id: what lives on after a rewind has other ids than it would have had.
    """
    return min(items, key=lambda item: random.Random(f"{key}/{item.text}").random(), default=None)
