"""Level 2: what holds across problems, in one bank with one live behavior a name.

At the cold start the reflector extracts behaviors from clusters of related problems; later it also sees the
nearest behaviors and says which are new, better put, or wrong. A small model confuses "new" and "update", so
both write under the name: whatever had it makes way. It can only remove what it was shown.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from memory.admission import admit
from memory.bank import Bank, bank_changed
from memory.clusters import cluster
from memory.draft import Draft, Living
from memory.errors import MemoryStoreError
from memory.firewall import gives_away
from memory.novelty import Vectors, cosines, is_novel, quantise, unpack
from memory.numbering import without_numbering
from memory.records import Behavior, Experience, Insight, Item, Subject
from memory.reflection import BehaviorRequest, ProblemSummary
from memory.replies import Action, read_actions
from memory.reports import Caps, Consolidated
from memory.rows import NewItem, is_known, origin, select, select_ids
from memory.shortcuts import find_shortcuts

_BEST_KNOWN = """
    i.level = 'insight' OR i.level = 'experience' AND NOT EXISTS (
        SELECT 1 FROM items o
        WHERE o.subject_id = i.subject_id AND o.kind IN ('strategy', 'lesson') AND o.removed_step IS NULL
    )
"""
"""By kinds in the inner query: by their level SQLite would look through all insights for each attempt."""


@dataclass(frozen=True)
class Question:
    """What is asked about a cluster of related problems."""

    request: BehaviorRequest
    """With the problems that the reflector is shown."""
    prompts: Vectors
    """Mean prompt vector of all problems of the cluster."""


@dataclass(frozen=True)
class Change:
    """A change that passed the filters, with the question that it answers."""

    question: Question
    action: Action

    @property
    def text(self) -> str:
        """What is embedded: the instruction, for the name says little."""
        return self.action.instruction


def questions(connection: sqlite3.Connection, bank: Bank, seed: int, caps: Caps) -> list[Question]:
    """One a cluster of about ``caps.related`` problems."""
    summaries, vectors = _summaries(connection)
    if not summaries:
        return []
    groups = cluster(vectors, seed, caps.related)
    centres = [_unit(vectors[rows].sum(axis=0)) for rows in groups]
    nearest = bank.nearest(connection, np.stack(centres), caps.behaviors_read, None)
    known = select_ids(connection, [item_id for ids in nearest for item_id in ids], None)
    found = []
    for rows, centre, ids in zip(groups, centres, nearest, strict=True):
        shown = tuple(summaries[row] for row in rows[: caps.problems_read])
        found.append(Question(BehaviorRequest(shown, _behaviors(known[item_id] for item_id in ids)), centre))
    return found


def filter_changes(asked: Sequence[Question], replies: Sequence[str]) -> tuple[list[Change], Counter[str]]:
    """The changes worth making, and how many replies and behaviors were turned away for what."""
    kept, tally = [], Counter[str]()
    for question, reply in zip(asked, replies, strict=True):
        read = read_actions(reply)
        if read is None:
            tally["invalid_json"] += 1
            continue
        tally["malformed"] += read.malformed
        for action in read.items:
            refusal = _refusal(question, action)
            if refusal:
                tally[refusal] += 1
            else:
                kept.append(Change(question, action))
    return kept, tally


def write_changes(
    connection: sqlite3.Connection, changes: Sequence[Change], vectors: Vectors, caps: Caps, step: int
) -> Consolidated:
    """Make the changes in order."""
    tally, draft = Counter[str](), Draft(connection, step)
    living = draft.living("behavior", None, vectors.shape[1] if len(vectors) else None)
    for change, vector in zip(changes, vectors, strict=True):
        if not all(is_known(connection, problem.subject.id) for problem in change.question.request.problems):
            continue  # the memory was rewound meanwhile, to before a problem that this is about
        name = change.action.name
        named = living.titles.index(name) if name in living.titles else None
        if change.action.action == "remove":
            tally[_remove(draft, named, living, change.question.request.existing)] += 1
        elif named is not None:
            tally[_update(draft, _new_item(change, vector), named, living, caps)] += 1
        else:
            tally += admit(draft, _new_item(change, vector), caps.behaviors, caps.novelty)
    draft.write()
    if changes:
        bank_changed(connection)
    return Consolidated(
        added=tally["admitted"],
        updated=tally["updated"],
        removed=tally["removed"],
        ignored=tally["ignored"],
        rejected_duplicate=tally["duplicate"],
        evicted=tally["evicted"],
    )


def _summaries(connection: sqlite3.Connection) -> tuple[list[ProblemSummary], Vectors]:
    """Every problem with something to say about it, with its prompt vector."""
    known: dict[str, list[Item]] = {}
    for item in select(connection, _BEST_KNOWN, None):
        if isinstance(item, Experience | Insight):
            known.setdefault(item.subject_id, []).append(item)
    summaries: list[ProblemSummary] = []
    vectors: list[tuple[object, object]] = []
    columns = "id, family, split, prompt, gold, fingerprint, vector"
    for *fields, vector in connection.execute(f"SELECT {columns} FROM subjects ORDER BY id"):
        if not all(isinstance(field, str) for field in fields):
            raise MemoryStoreError(f"problem {fields[0]!r:.60} is damaged: it does not say what it should")
        subject = Subject(*fields)
        if subject.id in known:
            summaries.append(_summary(subject, known[subject.id]))
            vectors.append((subject.id, vector))
    return summaries, unpack(vectors, "problem") if vectors else np.zeros((0, 0), dtype=np.float32)


def _summary(subject: Subject, items: list[Item]) -> ProblemSummary:
    """The newest insight; without any, the newest success; without any, the newest failure."""
    insights = [item for item in items if isinstance(item, Insight)]
    if insights:
        return ProblemSummary(subject, tuple(insights[:1]), ())
    tried = [item for item in items if isinstance(item, Experience)]
    return ProblemSummary(subject, (), (next((item for item in tried if item.success), tried[0]),))


def _behaviors(items: Iterable[Item]) -> tuple[Behavior, ...]:
    return tuple(item for item in items if isinstance(item, Behavior))


def _refusal(question: Question, action: Action) -> str | None:
    """What an action is turned away for.

    Of the problems whose answers it may not state only those count that the reflector read: what it cannot know it can
    only meet by chance, and in a text about twenty problems with small answers it mostly would.
    """
    if action.action == "remove":
        return None if action.name in {behavior.name for behavior in question.request.existing} else "ignored"
    name = action.name.replace("_", " ")
    said = without_numbering(action.instruction)
    golds = [problem.subject.gold for problem in question.request.problems]
    if any(gives_away(text, gold) for text in (f"{name}. {said}", f"{name}: {said}") for gold in golds):
        return "rejected_firewall"
    return "rejected_shortcut" if find_shortcuts(f"{name}. {action.instruction}") else None


def _remove(draft: Draft, named: int | None, living: Living, shown: Sequence[Behavior]) -> str:
    if named is None or living.ids[named] not in {behavior.id for behavior in shown}:
        return "ignored"  # an earlier reply, or another process, has removed it, or put another under its name
    draft.remove(living.pop(named), "removed")
    return "removed"


def _update(draft: Draft, item: NewItem, named: int, living: Living, caps: Caps) -> str:
    """Put ``item`` in the place of ``named``, unless another behavior says the same or nothing changed."""
    unchanged = draft.body(living.ids[named]) == item.body
    if unchanged or not is_novel(cosines(item.vector, living.without(named)), caps.novelty, item.vector):
        return "duplicate"
    draft.remove(living.pop(named), "updated")
    draft.add(item)
    return "updated"


def _new_item(change: Change, vector: Vectors) -> NewItem:
    """Searched by its instruction and the problems of its cluster: questions resemble questions more than advice."""
    problems = change.question.request.problems
    known: list[Experience | Insight] = []
    for problem in problems:
        known += [*problem.insights, *problem.experience]
    return NewItem(
        kind="behavior",
        subject_id=None,
        title=change.action.name,
        body=change.action.instruction,
        feedback=None,
        provenance=origin(
            [problem.subject for problem in problems],
            [episode for item in known for episode in item.provenance.episode_ids],
            sum(item.provenance.reward for item in known) / len(known),
            max(item.provenance.policy_step for item in known),
        ),
        vector=vector,
        retrieval_key=quantise(_unit(vector + change.question.prompts)),
    )


def _unit(vector: Vectors) -> Vectors:
    return vector / np.float32(max(float(np.linalg.norm(vector)), 1e-6))
