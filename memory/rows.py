"""Between records and rows: the SQL that every level shares."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from memory.errors import MemoryStoreError, MemoryUseError
from memory.firewall import gives_away
from memory.novelty import Vectors, pack
from memory.records import Behavior, Experience, Insight, Item, Provenance, Subject

Kind = Literal["success", "failure", "strategy", "lesson", "behavior"]
LEVEL_OF: dict[Kind, str] = {
    "success": "experience",
    "failure": "experience",
    "strategy": "insight",
    "lesson": "insight",
    "behavior": "behavior",
}
RemovedFor = Literal["evicted", "updated", "removed"]
_MANY = 500
"""Ids in one statement: well below SQLite's limit on parameters."""


@dataclass(frozen=True)
class NewItem:
    """An item on its way into the file."""

    kind: Kind
    subject_id: str | None
    title: str
    body: str
    feedback: str | None
    provenance: Provenance
    vector: Vectors
    retrieval_key: Vectors | None = None


def visible(as_of: int | None, step: str = "as_of") -> str:
    """The condition for a row ``i`` to hold, now or at the policy step bound to the parameter ``step``."""
    if as_of is None:
        return "i.removed_step IS NULL"
    return f"i.written_step <= :{step} AND (i.removed_step IS NULL OR i.removed_step > :{step})"


def storable(text: str) -> str:
    """Text that SQLite takes: half of a surrogate pair cannot be encoded."""
    return text.encode("utf-8", "replace").decode("utf-8")


def is_known(connection: sqlite3.Connection, subject_id: str) -> bool:
    """Whether there is anything about a problem: a memory that is rewound forgets those that came later."""
    return connection.execute("SELECT 1 FROM subjects WHERE id = ?", (subject_id,)).fetchone() is not None


def put_subject(connection: sqlite3.Connection, subject: Subject, vector: Vectors, step: int) -> None:
    """Store a problem on its first item; later ones must agree with it."""
    row = connection.execute(
        "SELECT written_step, family, split, prompt, gold, fingerprint FROM subjects WHERE id = ?", (subject.id,)
    ).fetchone()
    written, stored = (row[0], row[1:]) if row else (step, None)
    fields = (subject.family, subject.split, storable(subject.prompt), storable(subject.gold), subject.fingerprint)
    if stored is None:
        connection.execute(
            "INSERT INTO subjects VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (subject.id, *fields, pack(vector), step)
        )
    elif stored == fields:
        # A slower process may be at an earlier step; rewinding to it has to keep the problem.
        if step < written:
            connection.execute("UPDATE subjects SET written_step = ? WHERE id = ?", (step, subject.id))
    elif stored == (*fields[:3], stored[3], fields[4]) and gives_away(subject.prompt, stored[3]):
        # Files of older versions have the target that a prompt names, and not the way there, which is what is secret.
        connection.execute("UPDATE subjects SET gold = ? WHERE id = ?", (fields[3], subject.id))
    else:
        raise MemoryUseError(
            f"problem {subject.id!r} is in the memory with other content "
            f"(data {stored[4]!r}, now {subject.fingerprint!r}): memories of different data do not mix"
        )


def select(connection: sqlite3.Connection, where: str, as_of: int | None, **values: object) -> list[Item]:
    """Visible items that fulfil ``where`` (columns of ``i``), newest first."""
    until = "" if as_of is None else "AND c.step <= :as_of"
    rows = connection.execute(
        f"""SELECT i.id, i.kind, i.subject_id, i.title, i.body, i.feedback, i.score, i.provenance,
            i.written_step, i.removed_step,
            (SELECT coalesce(sum(c.shown), 0) FROM credits c WHERE c.item_id = i.id {until}),
            (SELECT coalesce(sum(c.followed), 0) FROM credits c WHERE c.item_id = i.id {until}),
            (SELECT coalesce(sum(c.succeeded), 0) FROM credits c WHERE c.item_id = i.id {until})
            FROM items i WHERE ({where}) AND {visible(as_of)} ORDER BY i.written_step DESC, i.id DESC""",
        {"as_of": as_of, **values},
    )
    return [_read(row) for row in rows]


def select_ids(connection: sqlite3.Connection, ids: Iterable[int], as_of: int | None) -> dict[int, Item]:
    """Visible items by id."""
    wanted = sorted(set(ids))
    found: dict[int, Item] = {}
    for start in range(0, len(wanted), _MANY):
        block = ",".join(str(int(item_id)) for item_id in wanted[start : start + _MANY])
        found |= {item.id: item for item in select(connection, f"i.id IN ({block})", as_of)}
    return found


def origin(subjects: Sequence[Subject], episode_ids: Sequence[str], reward: float, policy_step: int) -> Provenance:
    """Provenance of an item about ``subjects``."""
    return Provenance(
        subject_ids=tuple(subject.id for subject in subjects),
        families=tuple(sorted({subject.family for subject in subjects})),
        split=subjects[0].split,
        fingerprints=tuple(sorted({subject.fingerprint for subject in subjects})),
        episode_ids=tuple(dict.fromkeys(episode_ids)),
        reward=reward,
        policy_step=policy_step,
    )


def _read(row: sqlite3.Row | tuple[object, ...]) -> Item:
    """A row as an item; another program, or a disk, may have damaged it."""
    try:
        return _item(row)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError) as error:
        raise MemoryStoreError(f"item {row[0]} is damaged: it does not say what it should ({error!r})") from error


def _item(row: sqlite3.Row | tuple[object, ...]) -> Item:
    item_id, kind, subject_id, title, body, feedback, score, packed, written, removed, *counted = row
    shown, followed, succeeded = (int(str(count)) for count in counted)
    provenance = replace(
        _provenance(str(packed), float(str(score))), shown=shown, followed=followed, succeeded=succeeded
    )
    number, step = int(str(item_id)), int(str(written))
    gone = None if removed is None else int(str(removed))
    if kind == "behavior":
        return Behavior(number, str(title), str(body), provenance.subject_ids, step, gone, provenance)
    if kind == "strategy" or kind == "lesson":
        share, episodes = provenance.reward, provenance.episode_ids
        return Insight(number, str(subject_id), kind, str(title), str(body), share, step, gone, episodes, provenance)
    said = None if feedback is None else str(feedback)
    episode = provenance.episode_ids[0]
    return Experience(number, str(subject_id), episode, str(body), provenance.reward, said, step, gone, provenance)


def _provenance(packed: str, reward: float) -> Provenance:
    fields = json.loads(packed)
    return Provenance(
        subject_ids=tuple(fields["subjects"]),
        families=tuple(fields["families"]),
        split=fields["split"],
        fingerprints=tuple(fields["fingerprints"]),
        episode_ids=tuple(fields["episodes"]),
        reward=reward,
        policy_step=fields["policy_step"],
    )
