"""Reading what a reflector wrote.

A reply is whatever a language model produced: prose around JSON, the example that it was given before its own, half of
an object, the wrong object, or megabytes of brackets. The readers here never raise and cost a bounded amount of work.
All objects with what was asked for count together. Items that are not well formed are left out and counted; a reply
that has nothing else is None, as one without such an object is. Empty lists are well formed: there was nothing to say.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from memory.objects import Object, lowered, objects_with
from memory.records import InsightKind

MAX_REPLY_CHARS = 20_000
"""Read at the beginning of a reply, and at its end."""
MAX_TITLE_CHARS = 80
MAX_CONTENT_CHARS = 400
MAX_INSIGHTS_EACH = 3
MAX_ACTIONS = 8
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTENT = ("content", "description", "text")
_INSTRUCTION = ("instruction", *_CONTENT)

ActionName = Literal["new", "update", "remove"]
_ACTIONS: dict[str, ActionName] = {
    **dict.fromkeys(("new", "add", "create"), "new"),
    **dict.fromkeys(("update",), "update"),
    **dict.fromkeys(("remove", "delete"), "remove"),
}
Proposed = TypeVar("Proposed")


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


@dataclass(frozen=True)
class Reply(Generic[Proposed]):
    """What a reply proposes."""

    items: tuple[Proposed, ...]
    malformed: int = 0
    """Items beside these that could not be read."""


def read_insights(reply: str) -> Reply[ProposedInsight] | None:
    """The strategies and lessons in a reply, or None when it holds nothing that is well formed."""
    found = _objects(reply, "strategies", "lessons")
    strategies = _read(found, "strategies", lambda row: _insight("strategy", row))
    lessons = _read(found, "lessons", lambda row: _insight("lesson", row))
    items = (*strategies.items[:MAX_INSIGHTS_EACH], *lessons.items[:MAX_INSIGHTS_EACH])
    return _usable(found, Reply(items, strategies.malformed + lessons.malformed))


def read_actions(reply: str) -> Reply[Action] | None:
    """The changes in a reply, or None when it holds nothing that is well formed.

    In a list of ``behaviors`` those are new that do not say what they are.
    """
    found = _objects(reply, "actions", "behaviors")
    actions = _read(found, "actions", lambda row: _action(row, ""))
    behaviors = _read(found, "behaviors", lambda row: _action(row, "new"))
    items = (*actions.items, *behaviors.items)[:MAX_ACTIONS]
    return _usable(found, Reply(items, actions.malformed + behaviors.malformed))


def behavior_name(name: str) -> str:
    """A name in the bank's form, ``behavior_[a-z0-9_]+``; empty if nothing is left of it."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").removeprefix("behavior").strip("_")
    return f"behavior_{words[: MAX_TITLE_CHARS - len('behavior_')].strip('_')}" if words else ""


def clip(text: str, limit: int) -> str:
    """One line of at most ``limit`` characters, none for control, cut between words where that loses little."""
    # A JSON reply can spell half of a surrogate pair, which no database takes.
    line = " ".join(_CONTROL.sub(" ", text.encode("utf-8", "replace").decode("utf-8")).split())
    if len(line) <= limit:
        return line
    cut = line[:limit]
    head, _, _ = cut.rpartition(" ")
    return (head if len(head) >= limit // 2 else cut).rstrip()


def _objects(reply: str, *keys: str) -> list[Object]:
    """Of a reply that is too long its beginning and its end: many reason first and answer then."""
    if len(reply) <= 2 * MAX_REPLY_CHARS:
        return list(objects_with(reply, set(keys)))
    parts = reply[:MAX_REPLY_CHARS], reply[-MAX_REPLY_CHARS:]
    return [found for part in parts for found in objects_with(part, set(keys))]


def _read(objects: Iterable[Object], key: str, item: Callable[[object], Proposed | None]) -> Reply[Proposed]:
    """What stands under a key in all objects; what one of them had said already does not count again."""
    said: list[Proposed] = []
    malformed = 0
    for found in objects:
        read = [item(row) for row in _rows(found.get(key, []))]
        malformed += read.count(None)
        earlier = set(said)
        said += [one for one in read if one is not None and one not in earlier]
    return Reply(tuple(said), malformed)


def _usable(objects: list[Object], reply: Reply[Proposed]) -> Reply[Proposed] | None:
    return reply if objects and (reply.items or not reply.malformed) else None


def _rows(value: object) -> list[object]:
    """Items; one alone may stand without its list."""
    if isinstance(value, list):
        return value
    return [] if value == {} else [value]


def _insight(kind: InsightKind, row: object) -> ProposedInsight | None:
    if not isinstance(row, dict):
        return None
    fields = lowered(row)
    title = clip(_string(fields, "title"), MAX_TITLE_CHARS)
    content = clip(_string(fields, *_CONTENT), MAX_CONTENT_CHARS)
    return ProposedInsight(kind, title, content) if _says(title) and _says(content) else None


def _action(row: object, usual: str) -> Action | None:
    if not isinstance(row, dict):
        return None
    fields = lowered(row)
    said = fields.get("action", usual)
    kind = _ACTIONS.get(said.strip().lower()) if isinstance(said, str) else None
    name = behavior_name(_string(fields, "name"))
    if not kind or not name:
        return None
    if kind == "remove":
        return Action(kind, name, "")
    instruction = clip(_string(fields, *_INSTRUCTION), MAX_CONTENT_CHARS)
    return Action(kind, name, instruction) if _says(instruction) else None


def _string(row: Object, *keys: str) -> str:
    """The text under the first of the ``keys`` that has one."""
    return next((value for key in keys if isinstance(value := row.get(key), str) and value.strip()), "")


def _says(text: str) -> bool:
    """Whether there is a letter in it: the example of the format that a model was given has dots in its place."""
    return any(map(str.isalpha, text))
