"""Level 1: what comparing the attempts at a problem teaches.

Insights accumulate. At the cap the paper leaves open what happens; here the most redundant one makes room,
because a full level that rejects everything would freeze at what an early policy understood.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from memory.admission import admit
from memory.draft import Draft
from memory.experience import newest_group
from memory.firewall import gives_away
from memory.novelty import Vectors
from memory.numbering import without_numbering
from memory.records import Experience, Subject
from memory.reflection import InsightMode, InsightRequest
from memory.replies import ProposedInsight, read_insights
from memory.reports import Caps, Reflected
from memory.rows import Kind, NewItem, is_known, origin, select
from memory.shortcuts import find_shortcuts

Evidence = Literal["all", "successes"]
"""Which attempts insights are read off."""

_TRIED = "i.subject_id = :subject AND i.kind IN ('success', 'failure')"
"""By kinds and not by their level: SQLite would look through all that anybody ever tried."""


@dataclass(frozen=True)
class Candidate:
    """A proposed insight that passed the filters, with the request that it answers."""

    request: InsightRequest
    proposed: ProposedInsight

    @property
    def text(self) -> str:
        """What is embedded."""
        return f"{self.proposed.title}. {self.proposed.content}"

    @property
    def gives_away(self) -> bool:
        """Whether it states the answer of its problem, as it stands or as a teacher reads it."""
        gold = self.request.subject.gold
        title, content = without_numbering(self.proposed.title), without_numbering(self.proposed.content)
        return gives_away(f"{title}. {content}", gold) or gives_away(f"{title}: {content}", gold)


def insight_requests(
    connection: sqlite3.Connection, subjects: Sequence[Subject], evidence: Evidence, read: int
) -> list[InsightRequest]:
    """What to ask about each problem, and its ``read`` newest successes and failures; nothing where there are none."""
    requests = []
    for subject in {subject.id: subject for subject in subjects}.values():
        tried = select(connection, _TRIED, None, subject=subject.id)
        experience = [item for item in tried if isinstance(item, Experience)]
        successes = tuple(item for item in experience if item.success)[:read]
        failures = tuple(item for item in experience if not item.success)[:read] if evidence == "all" else ()
        if successes or failures:
            n_success, n_total = newest_group(connection, subject.id)
            if n_success in (0, n_total):  # the others that are shown are older, and count too
                n_success, n_total = (n_success or len(successes)), n_total + len(failures if n_success else successes)
            mode = _mode(bool(successes), bool(failures))
            requests.append(InsightRequest(subject, mode, successes, failures, n_success, n_total))
    return requests


def filter_replies(requests: Sequence[InsightRequest], replies: Sequence[str]) -> tuple[list[Candidate], Counter[str]]:
    """The insights worth storing, and how many replies and items were turned away for what."""
    kept, tally = [], Counter[str]()
    for request, reply in zip(requests, replies, strict=True):
        read = read_insights(reply)
        if read is None:
            tally["invalid_json"] += 1
            continue
        tally["malformed"] += read.malformed
        for proposed in read.items:
            if request.mode not in ("contrastive", _MODE_OF[proposed.kind]):
                continue  # a lesson without a failure behind it, or a strategy without a success
            candidate = Candidate(request, proposed)
            if candidate.gives_away:
                tally["rejected_firewall"] += 1
            elif find_shortcuts(candidate.text):
                tally["rejected_shortcut"] += 1
            else:
                kept.append(candidate)
    return kept, tally


def write_insights(
    connection: sqlite3.Connection, candidates: Sequence[Candidate], vectors: Vectors, caps: Caps, step: int
) -> Reflected:
    """Gate the candidates in order.

    Another process may have rewound the memory while the model wrote: what is about a problem that is gone is left out,
    and of it only the request counts.
    """
    limits: dict[Kind, int] = {"strategy": caps.strategies, "lesson": caps.lessons}
    tally, draft = Counter[str](), Draft(connection, step)
    about = {candidate.request.subject.id for candidate in candidates}
    known = {subject_id for subject_id in about if is_known(connection, subject_id)}
    for candidate, vector in zip(candidates, vectors, strict=True):
        if candidate.request.subject.id not in known:
            continue
        item = _new_item(candidate, vector)
        tally += admit(draft, item, limits[item.kind], caps.novelty)
    draft.write()
    return Reflected(
        admitted=tally["admitted"],
        rejected_duplicate=tally["duplicate"],
        evicted=tally["evicted"],
    )


_MODE_OF: dict[str, InsightMode] = {"strategy": "strategies", "lesson": "lessons"}


def _mode(succeeded: bool, failed: bool) -> InsightMode:
    if succeeded and failed:
        return "contrastive"
    return "strategies" if succeeded else "lessons"


def _new_item(candidate: Candidate, vector: Vectors) -> NewItem:
    request, proposed = candidate.request, candidate.proposed
    evidence = (*request.successes, *request.failures)
    share = request.n_success / request.n_total if request.n_total else 0.0
    return NewItem(
        kind=proposed.kind,
        subject_id=request.subject.id,
        title=proposed.title,
        body=proposed.content,
        feedback=None,
        provenance=origin(
            [request.subject],
            [item.episode_id for item in evidence],
            share,
            max(item.provenance.policy_step for item in evidence),
        ),
        vector=vector,
    )
