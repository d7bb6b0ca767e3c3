"""Procedural memory: what was tried, what was understood, and what holds across problems, in one SQLite file.

    memory = Memory("run/memory.sqlite")
    memory.record(subject, attempts, step)            # level 0: experience, after every group
    memory.reflect([subject], reflector, step)        # level 1: insights, by comparing attempts
    memory.consolidate(reflector, step)               # level 2: behaviors, across problems
    memory.context(subject, exclude_episodes={...})   # what a teacher is told
    memory.note_shown(subject, item_ids, step)        # what follows counts when the problem comes back

Text and numbers only: it knows neither environments nor models. The language model that reflects is passed
in (:class:`Reflector`), as is the embedder (:class:`Embedder`).
"""

from memory.database import Mode
from memory.embedding import Embedder, HashedNgrams
from memory.errors import FirewallError, MemoryStoreError, MemoryUseError, ProceduralMemoryError
from memory.records import (
    LEVELS,
    Attempt,
    Behavior,
    Context,
    ContextRequest,
    Experience,
    Insight,
    InsightKind,
    Item,
    Level,
    Provenance,
    Subject,
)
from memory.reflection import (
    BehaviorRequest,
    InsightMode,
    InsightRequest,
    ProblemSummary,
    ReflectionRequest,
    Reflector,
)
from memory.reports import Caps, Consolidated, Counts, Recorded, Reflected, numbers
from memory.shortcuts import ShortcutCategory, contamination_rate, find_shortcuts
from memory.store import Memory, MemoryView
from memory.support import Pruned

__all__ = [
    "LEVELS",
    "Attempt",
    "Behavior",
    "BehaviorRequest",
    "Caps",
    "Consolidated",
    "Context",
    "ContextRequest",
    "Counts",
    "Embedder",
    "Experience",
    "FirewallError",
    "HashedNgrams",
    "Insight",
    "InsightKind",
    "InsightMode",
    "InsightRequest",
    "Item",
    "Level",
    "Memory",
    "MemoryStoreError",
    "MemoryUseError",
    "MemoryView",
    "Mode",
    "ProblemSummary",
    "ProceduralMemoryError",
    "Provenance",
    "Pruned",
    "Recorded",
    "Reflected",
    "ReflectionRequest",
    "Reflector",
    "ShortcutCategory",
    "Subject",
    "contamination_rate",
    "find_shortcuts",
    "numbers",
]
