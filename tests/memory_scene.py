"""Problems, attempts and reflectors that the tests of the memory share."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from memory import Attempt, BehaviorRequest, Context, InsightRequest, Memory, ReflectionRequest, Subject

TOPICS = ("apples at the market", "trains leaving a city", "knights and knaves", "the area of a garden", "paid hours")
VERBS = ("Multiply", "Divide", "Draw", "Assume", "Compare", "List", "Estimate", "Rewrite", "Factor", "Invert")
NOUNS = ("rates", "fractions", "diagrams", "suspects", "units", "neighbours", "remainders", "angles", "tables", "signs")


def subject(number: int = 0, split: str = "train", gold: str = "418") -> Subject:
    prompt = f"Problem {number} about {TOPICS[number % len(TOPICS)]}: what comes out for {number * 37 + 5}?"
    return Subject(f"pmd/Sums-v0/{split}/{number}", "Sums", split, prompt, gold, "gen-1")


def sentence(number: int) -> str:
    """Sentences that differ enough to pass the novelty gate."""
    verb, noun = VERBS[number % 10], NOUNS[(number // 10 + number) % 10]
    other = NOUNS[(number * 7 + 3) % 10]
    return f"{verb} the {noun} before {verb.lower()}ing any {other} {'abcdefghij'[number % 10] * 5}"


def attempts(count: int, start: int = 0, score: float = 1.0, feedback: str | None = None) -> list[Attempt]:
    numbers = range(start, start + count)
    return [Attempt(f"episode-{number}", sentence(number), score, feedback, number) for number in numbers]


class Scripted:
    """A reflector that says something new about every problem, and remembers what it was asked."""

    def __init__(self, start: int = 0) -> None:
        self.asked: list[ReflectionRequest] = []
        self.said = start

    def __call__(self, requests: Sequence[ReflectionRequest]) -> list[str]:
        self.asked += requests
        return [self._reply(request) for request in requests]

    def _reply(self, request: ReflectionRequest) -> str:
        self.said += 1
        text = sentence(self.said)
        if isinstance(request, InsightRequest):
            item = [{"title": f"On {NOUNS[self.said % 10]}", "content": text}]
            return "Here it is: " + json.dumps({"strategies": item, "lessons": item})
        assert isinstance(request, BehaviorRequest)
        return json.dumps({"behaviors": [{"name": f"Use {self.said}", "instruction": text}]})


def saying(*replies: str):
    """A reflector with fixed replies, the last one repeated."""

    def reflector(requests: Sequence[ReflectionRequest]) -> list[str]:
        return [replies[min(number, len(replies) - 1)] for number in range(len(requests))]

    return reflector


def live_a_step(memory: Memory, step: int) -> None:
    """One training step: record, reflect, show, and every second step consolidate."""
    subjects = [subject(number) for number in range(step % 3, step % 3 + 3)]
    for number, about in enumerate(subjects):
        start = step * 30 + number * 8
        memory.record(about, attempts(2, start) + attempts(2, start + 2, 0.0, f"off by {start}"), step)
    memory.reflect(subjects, Scripted(step * 11), step)
    if step % 2:
        memory.consolidate(Scripted(step * 13), step)
    for about in subjects[:2]:
        memory.note_shown(about, memory.context(about).item_ids, step)


NEWER_INDEXES = (
    "DROP INDEX items_living; CREATE INDEX items_live_by_kind ON items (kind, removed_step);"
    "CREATE INDEX items_by_step ON items (written_step);",
    "DROP INDEX items_of_subject;"
    "CREATE INDEX items_of_subject ON items (subject_id, kind) WHERE subject_id IS NOT NULL;",
)
"""What takes the indexes of a file one version back, newest first."""


def take_back(path: Path, version: int, more: str = "") -> None:
    """Make a file one of an older version, as far as its indexes go, and do ``more`` to it."""
    connection = sqlite3.connect(path)
    try:
        now = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.executescript("".join(NEWER_INDEXES[: now - version]) + more + f"PRAGMA user_version = {version};")
    finally:
        connection.close()


def renumbered(held: dict[str, list[tuple]]) -> dict[str, list[tuple]]:
    """The rows of :func:`contents` with items numbered from 1: what was rewound keeps its ids for itself."""
    new = {row[0]: number for number, row in enumerate(held["items"], 1)}
    return {
        **held,
        "items": [(new[row[0]], *row[1:]) for row in held["items"]],
        "credits": [(new[row[0]], *row[1:]) for row in held["credits"]],
        "showings": sorted((about, step, new.get(item_id)) for about, step, item_id in held["showings"]),
    }


def told(context: Context) -> Context:
    """A context without the ids of what it holds."""

    def plain(items):
        return tuple(replace(item, id=0) for item in items)

    return Context(
        plain(context.strategies),
        plain(context.lessons),
        plain(context.behaviors),
        context.solution and replace(context.solution, id=0),
        context.failure and replace(context.failure, id=0),
    )


def contents(path: Path) -> dict[str, list[tuple]]:
    """Every row of every table that holds knowledge (``meta`` holds bookkeeping)."""
    connection = sqlite3.connect(path)
    try:
        tables = ("subjects", "groups", "items", "credits", "showings")
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() for table in tables}
    finally:
        connection.close()
