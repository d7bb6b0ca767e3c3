"""Values across the process border, on the trusted side: read, compare and show tagged JSON.

What comes back from a child is compared and shown as tagged JSON and never turned into sets or dicts, whose
hashing a hostile program could make slow. Types are compared exactly: ``True`` is not ``1``, ``1`` is not ``1.0``.
"""

import json

from pmd_envs.records import Json
from pmd_envs.sandbox.inside.values import (
    FROM_PAIRS,
    FROM_TEXT,
    MAX_DEPTH,
    Decoder,
    TooLarge,
    encode,
    pairs,
    tagged,
)

__all__ = ["Opaque", "TooLarge", "canonical", "decode", "encode", "same", "show"]

UNORDERED = {"set", "frozenset", "dict", "counter", "defaultdict"}
UNEQUAL = {"opaque", "remote", "sub"}


class Opaque:
    """An object that could not cross the border; equal to nothing, itself included."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<{self.name} object>"


def _opaque(tag: str, content: "str | list[Json]") -> object:
    if tag == "opaque" and isinstance(content, str):
        return Opaque(content)
    raise ValueError(f"a value cannot be tagged {tag!r}")


def decode(tree: Json) -> object:
    """The value of tagged JSON that we wrote ourselves; raise ValueError where the tags make no sense."""
    return Decoder(_opaque).decode(tree)


def canonical(tree: Json, depth: int = 0) -> Json:
    """The same value in one fixed order; raise ValueError for anything that :func:`encode` cannot have written."""
    if depth > MAX_DEPTH or isinstance(tree, float):
        raise ValueError("not a tagged value")
    if isinstance(tree, list):
        return [canonical(item, depth + 1) for item in tree]
    if not isinstance(tree, dict):
        return tree
    tag, content = tagged(tree)
    if isinstance(content, str):
        if tag != "opaque":
            decode({tag: content})
        return {tag: "0x0.0p+0" if (tag, content) == ("float", "-0x0.0p+0") else content}
    return {tag: _canonical_items(tag, content, depth)}


def _canonical_items(tag: str, content: "list[Json]", depth: int) -> "list[Json]":
    if tag in FROM_PAIRS:
        pairs(content)
    items = [canonical(item, depth + 1) for item in content]
    if tag in UNORDERED:
        return sorted(items, key=json.dumps)
    if tag not in ("tuple", "sub", "ordereddict", "deque"):
        decode({tag: items})
    return items


def same(left: Json, right: Json) -> bool:
    """Whether two values are equal with equal types all the way down. An opaque value equals nothing."""
    one, other = json.dumps(canonical(left)), json.dumps(canonical(right))
    return one == other and not _has_opaque(left)


def _has_opaque(tree: Json) -> bool:
    if isinstance(tree, list):
        return any(_has_opaque(item) for item in tree)
    return isinstance(tree, dict) and (bool(UNEQUAL & tree.keys()) or any(map(_has_opaque, tree.values())))


def show(tree: Json, limit: int = 60) -> str:
    """Tagged JSON as a person would type the value in Python, cut to a length."""
    text = _show(tree)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _show(tree: Json) -> str:
    if isinstance(tree, list):
        return "[" + ", ".join(map(_show, tree)) + "]"
    if not isinstance(tree, dict):
        return repr(tree)
    tag, content = tagged(tree)
    if isinstance(content, str):
        return _show_text(tag, content)
    if tag == "sub":
        return f"{content[0]}({_show(content[1])})"
    if tag in FROM_PAIRS:
        inner = "{" + ", ".join(f"{_show(key)}: {_show(value)}" for key, value in pairs(content)) + "}"
        return inner if tag == "dict" else f"{tag}({inner})"
    return _show_group(tag, [_show(item) for item in content])


def _show_text(tag: str, content: str) -> str:
    # Python refuses to print integers of more than 4,300 digits.
    if tag == "int" and len(content) > 3_000:
        return content
    return repr(FROM_TEXT[tag](content)) if tag in FROM_TEXT else f"<{content} object>"


def _show_group(tag: str, items: list[str]) -> str:
    inner = ", ".join(items)
    if tag == "tuple":
        return f"({inner},)" if len(items) == 1 else f"({inner})"
    if tag == "set" and items:
        return "{" + inner + "}"
    if tag in ("set", "frozenset"):
        return f"{tag}({'{' + inner + '}' if items else ''})"
    return f"{tag}([{inner}])" if tag == "deque" else f"{tag}({inner})"
