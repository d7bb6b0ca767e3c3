"""Values across the process border, on the trusted side: read, compare and show tagged JSON.

What comes back from a child is compared (:mod:`pmd_envs.sandbox.canonical`) and shown as tagged JSON and never turned
into sets or dicts, whose hashing a hostile program could make slow. Types are compared exactly: ``True`` is not ``1``,
``1`` is not ``1.0``.
"""

from collections.abc import Iterator

from pmd_envs.records import Json
from pmd_envs.sandbox.canonical import canonical, form
from pmd_envs.sandbox.inside.values import (
    FROM_PAIRS,
    FROM_TEXT,
    Decoder,
    TooLarge,
    encode,
    pairs,
    tagged,
)

__all__ = ["Opaque", "TooLarge", "canonical", "decode", "encode", "form", "same", "show"]


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


def same(left: Json, right: Json) -> bool:
    """Whether two values are equal with equal types all the way down. An opaque value equals nothing."""
    one, other = form(left), form(right)
    return one is not None and one == other


def show(tree: Json, limit: int = 60) -> str:
    """Tagged JSON as a person would type the value in Python, cut to a length. No more is written than is shown."""
    text = ""
    for piece in _pieces(tree):
        text += piece
        if len(text) > limit:
            return text[: limit - 3] + "..."
    return text


def _pieces(tree: Json) -> Iterator[str]:
    if isinstance(tree, list):
        yield from _group("[", tree, "]")
    elif not isinstance(tree, dict):
        yield repr(tree)
    else:
        tag, content = tagged(tree)
        if isinstance(content, str):
            yield _show_text(tag, content)
        elif tag in FROM_PAIRS:
            yield from _show_pairs(tag, content)
        elif tag == "sub":
            yield from _group(f"{content[0]}(", content[1:], ")")
        else:
            yield from _group(*_brackets(tag, content))


def _group(opening: str, items: list[Json], closing: str) -> Iterator[str]:
    yield opening
    for index, item in enumerate(items):
        if index:
            yield ", "
        yield from _pieces(item)
    yield closing


def _show_pairs(tag: str, content: list[Json]) -> Iterator[str]:
    yield "{" if tag == "dict" else f"{tag}({{"
    for index, (key, value) in enumerate(pairs(content)):
        if index:
            yield ", "
        yield from _pieces(key)
        yield ": "
        yield from _pieces(value)
    yield "}" if tag == "dict" else "})"


def _brackets(tag: str, items: list[Json]) -> tuple[str, list[Json], str]:
    if tag == "tuple":
        return "(", items, ",)" if len(items) == 1 else ")"
    if tag == "set" and items:
        return "{", items, "}"
    if tag == "frozenset" and items:
        return "frozenset({", items, "})"
    return (f"{tag}([", items, "])") if tag == "deque" else (f"{tag}(", items, ")")


def _show_text(tag: str, content: str) -> str:
    # Python refuses to print integers of more than 4,300 digits.
    if tag == "int" and len(content) > 3_000:
        return content
    return repr(FROM_TEXT[tag](content)) if tag in FROM_TEXT else f"<{content} object>"
