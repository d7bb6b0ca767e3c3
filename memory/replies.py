"""Reading what a reflector wrote.

A reply is whatever a language model produced: prose around JSON, half of a JSON object, the wrong object, or
megabytes of brackets. The readers here never raise and cost a bounded amount of work; a reply without a
usable object is None, and items that are not well formed are left out of the rest.
"""

import json
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from memory.records import InsightKind

MAX_REPLY_CHARS = 20_000
MAX_TITLE_CHARS = 80
MAX_CONTENT_CHARS = 400
MAX_INSIGHTS_EACH = 3
MAX_ACTIONS = 8
MAX_OBJECTS = 32
"""Opening brackets tried before a reply is given up."""

ActionName = Literal["new", "update", "remove"]
Object: TypeAlias = dict[str, object]


@dataclass(frozen=True)
class ProposedInsight:
    """An insight as a reflector wrote it, cut to size."""

    kind: InsightKind
    title: str
    content: str


@dataclass(frozen=True)
class Action:
    """A change to the bank of behaviors as a reflector wrote it, cut to size."""

    action: ActionName
    name: str
    instruction: str
    """Empty for a removal."""


def read_insights(reply: str) -> tuple[ProposedInsight, ...] | None:
    """The strategies and lessons in a reply, or None when it holds no such JSON object."""
    found = _first_object(reply, ("strategies", "lessons"))
    if found is None:
        return None
    strategies = _insights("strategy", found.get("strategies"))
    return strategies + _insights("lesson", found.get("lessons"))


def read_actions(reply: str) -> tuple[Action, ...] | None:
    """The changes in a reply, or None when it holds no such JSON object.

    A list of ``behaviors`` means that all of them are new.
    """
    found = _first_object(reply, ("actions", "behaviors"))
    if found is None:
        return None
    rows = [*_rows(found.get("actions"), "action"), *_rows(found.get("behaviors"), None)]
    actions = [action for row in rows if (action := _action(row)) is not None]
    return tuple(actions[:MAX_ACTIONS])


def behavior_name(name: str) -> str:
    """A name in the bank's form, ``behavior_[a-z0-9_]+``; empty if nothing is left of it."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").removeprefix("behavior").strip("_")
    return f"behavior_{words[: MAX_TITLE_CHARS - len('behavior_')].strip('_')}" if words else ""


def clip(text: str, limit: int) -> str:
    """One line of at most ``limit`` characters, cut between words where that loses little."""
    # A JSON reply can spell half of a surrogate pair, which no database takes.
    line = " ".join(text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ").split())
    if len(line) <= limit:
        return line
    cut = line[:limit]
    head, _, _ = cut.rpartition(" ")
    return (head if len(head) >= limit // 2 else cut).rstrip()


def _first_object(reply: str, keys: tuple[str, ...]) -> Object | None:
    """The first JSON object in a text that has one of the ``keys``."""
    text, decoder = reply[:MAX_REPLY_CHARS], json.JSONDecoder()
    start = text.find("{")
    for _ in range(MAX_OBJECTS):
        if start < 0:
            return None
        end = start + 1
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict) and any(key in found for key in keys):
            return found
        start = text.find("{", end)
    return None


def _insights(kind: InsightKind, rows: object) -> tuple[ProposedInsight, ...]:
    items = []
    for row in _dicts(rows):
        title = clip(_string(row, "title"), MAX_TITLE_CHARS)
        content = clip(_string(row, "content"), MAX_CONTENT_CHARS)
        if title and content:
            items.append(ProposedInsight(kind, title, content))
    return tuple(items[:MAX_INSIGHTS_EACH])


def _rows(rows: object, action_key: str | None) -> list[tuple[str, Object]]:
    return [(_string(row, action_key).strip().lower() if action_key else "new", row) for row in _dicts(rows)]


def _action(row: tuple[str, Object]) -> Action | None:
    kind, fields = row
    name = behavior_name(_string(fields, "name"))
    instruction = clip(_string(fields, "instruction"), MAX_CONTENT_CHARS)
    if not name:
        return None
    if kind == "remove":
        return Action("remove", name, "")
    if not instruction:
        return None
    if kind == "new":
        return Action("new", name, instruction)
    return Action("update", name, instruction) if kind == "update" else None


def _dicts(rows: object) -> list[Object]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _string(row: Object, key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""
