"""Level 0: what was tried on a problem.

Successes and failures are gated and capped apart, so that neither crowds the other out. The size and success
of every group is kept too, because rejected duplicates are missing from the items but count as evidence.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from memory.admission import admit
from memory.arguments import whole
from memory.draft import Draft
from memory.errors import MemoryStoreError
from memory.novelty import Vectors
from memory.records import Attempt, Subject
from memory.reports import Caps, Recorded
from memory.rows import Kind, NewItem, origin, put_subject
from memory.utility import follow


def write_group(draft: Draft, subject: Subject, attempts: Sequence[Attempt], vectors: Vectors, caps: Caps) -> Recorded:
    """Gate the attempts of one group in their order."""
    limits: dict[Kind, int] = {"success": caps.successes, "failure": caps.failures}
    about, tally = origin([subject], [], 0.0, 0), Counter[str]()
    for attempt, vector in zip(attempts, vectors, strict=True):
        kind: Kind = "success" if attempt.success else "failure"
        item = NewItem(
            kind=kind,
            subject_id=subject.id,
            title="",
            body=attempt.text,
            feedback=attempt.feedback,
            provenance=replace(
                about,
                episode_ids=(attempt.episode_id,),
                reward=attempt.score,
                policy_step=whole(attempt.policy_step, "policy_step"),
            ),
            vector=vector,
        )
        tally += admit(draft, item, limits[kind], caps.novelty)
    return Recorded(tally["admitted"], tally["duplicate"], tally["evicted"])


def keep_subject(connection: sqlite3.Connection, subject: Subject, vector: Vectors, step: int) -> None:
    """:func:`memory.rows.put_subject`, which cannot compare a damaged step."""
    try:
        put_subject(connection, subject, vector, step)
    except TypeError as error:
        raise MemoryStoreError(f"problem {subject.id!r} is damaged: its policy step is no number ({error})") from error


def newest_group(connection: sqlite3.Connection, subject_id: str) -> tuple[int, int]:
    """Successes and attempts of the newest group of a problem."""
    successes, total = connection.execute(
        "SELECT successes, total FROM groups WHERE subject_id = ? ORDER BY step DESC LIMIT 1", (subject_id,)
    ).fetchone() or (0, 0)
    if not (isinstance(successes, int) and isinstance(total, int)):
        raise MemoryStoreError(
            f"problem {subject_id!r} is damaged: its newest group has {successes!r:.40} successes of {total!r:.40}"
        )
    return successes, total


def count_group(connection: sqlite3.Connection, subject: Subject, attempts: Sequence[Attempt], step: int) -> None:
    """Count the attempts at a problem that the memory knows, also as what followed when something was shown."""
    successes, total = sum(attempt.success for attempt in attempts), len(attempts)
    connection.execute(
        "INSERT INTO groups SELECT id, ?, ?, ? FROM subjects WHERE id = ? ON CONFLICT (subject_id, step) DO UPDATE SET"
        " successes = successes + excluded.successes, total = total + excluded.total",
        (step, successes, total, subject.id),
    )
    follow(connection, subject.id, successes, total, step)
