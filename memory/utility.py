"""What showing an item was good for: counted when the problem is attempted again.

A teacher reads an item and grades attempts that were made before, and without it. Whether those were right says nothing
of the item, and an item that was written from them would take the credit for its own origin. What the policy makes of
the lesson shows at the next visit: when the next group of attempts at the *same problem* is counted, every item that
teachers of that problem were shown since its last group is followed by that group. So an item has three numbers:
``shown``, how often a teacher read it; ``followed``, the attempts of those next groups; ``succeeded``, how many of
these were right. Success when shown is ``succeeded / followed``, and unknown until the problem comes back.

It is no causal effect: items about easy problems look good, and the policy learns from much else in between. So it
only ever counts against an item that nothing good followed (:mod:`memory.support`). Attempts are the policy's own,
without memory; evaluations *with* memory are about held-out problems, which may not shape a memory, and count nothing.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable


def show(connection: sqlite3.Connection, subject_id: str, item_ids: Iterable[int], step: int) -> None:
    """Count each time that a teacher of a problem read an item; ids of no item are left out.

    What follows is only counted for problems of which the memory knows attempts.
    """
    times = sorted(Counter(item_ids).items())
    connection.executemany(
        "INSERT INTO credits (item_id, step, shown, succeeded) SELECT id, ?, ?, 0 FROM items WHERE id = ?"
        " ON CONFLICT (item_id, step) DO UPDATE SET shown = shown + excluded.shown",
        [(step, count, item_id) for item_id, count in times],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO showings SELECT s.id, ?, i.id FROM subjects s, items i WHERE s.id = ? AND i.id = ?",
        [(step, subject_id, item_id) for item_id, _ in times],
    )


def follow(connection: sqlite3.Connection, subject_id: str, successes: int, total: int, step: int) -> None:
    """Let a problem's next attempts follow what its teachers were shown at its last group or since then.

    Several processes may meet a problem in another order than that of their steps: a group that is older than one that
    has been counted follows nothing, so nothing is followed twice.
    """
    last, newer = connection.execute(
        "SELECT (SELECT max(step) FROM groups WHERE subject_id = :subject AND step < :step),"
        " EXISTS (SELECT 1 FROM groups WHERE subject_id = :subject AND step > :step)",
        {"subject": subject_id, "step": step},
    ).fetchone()
    if last is None or newer:
        return
    connection.execute(
        "INSERT INTO credits (item_id, step, shown, followed, succeeded)"
        " SELECT DISTINCT i.id, :step, 0, :total, :successes FROM showings w JOIN items i ON i.id = w.item_id"
        " AND i.written_step <= w.step"
        " WHERE w.subject_id = :subject AND w.step >= :last AND w.step < :step"
        " ON CONFLICT (item_id, step) DO UPDATE"
        " SET followed = followed + excluded.followed, succeeded = succeeded + excluded.succeeded",
        {"subject": subject_id, "step": step, "last": last, "total": total, "successes": successes},
    )
