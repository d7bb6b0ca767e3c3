"""Values across the process border, on the trusted side: read, compare and show tagged JSON.

What comes back from a child is compared and shown as tagged JSON and never turned into sets or dicts, whose
hashing a hostile program could make slow. Types are compared exactly: ``True`` is not ``1``, ``1`` is not ``1.0``.
"""

import json
from collections.abc import Callable

from pmd_envs.records import Json
from pmd_envs.sandbox.child import MAX_DEPTH, TooLarge, encode

__all__ = ["Opaque", "TooLarge", "canonical", "decode", "encode", "same", "show"]


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


def _hex_int(text: str) -> int:
    if len(text) > 300_000:
        raise ValueError("an integer is too long")
    return int(text, 16)


_FROM_TEXT: dict[str, Callable[[str], object]] = {
    "int": _hex_int,
    "float": float.fromhex,
    "str": lambda text: bytes.fromhex(text).decode("utf-8", "surrogatepass"),
    "bytes": bytes.fromhex,
    "opaque": Opaque,
}
_FROM_ITEMS: dict[str, Callable[[list[object]], object]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}


def decode(tree: Json) -> object:
    """The value of tagged JSON that we wrote ourselves; raise ValueError where the tags make no sense."""
    if isinstance(tree, list):
        return [decode(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    tag, content = _tagged(tree)
    if isinstance(content, str):
        return _from_text(tag, content)
    if tag == "dict":
        return {decode(key): decode(value) for key, value in _pairs(content)}
    return _FROM_ITEMS[tag]([decode(item) for item in content])


def _from_text(tag: str, content: str) -> object:
    try:
        return _FROM_TEXT[tag](content)
    except OverflowError as error:
        raise ValueError(f"no {tag} is that large") from error


def _tagged(tree: dict[str, Json]) -> tuple[str, "str | list[Json]"]:
    """Tag and content, checked to fit each other."""
    if len(tree) != 1:
        raise ValueError("a tagged value has exactly one tag")
    [(tag, content)] = tree.items()
    if isinstance(content, str) and tag in _FROM_TEXT:
        return tag, content
    if isinstance(content, list) and (tag in _FROM_ITEMS or tag == "dict"):
        return tag, content
    raise ValueError(f"a value cannot be tagged {tag!r}")


def _pairs(items: list[Json]) -> "list[tuple[Json, Json]]":
    pairs: list[tuple[Json, Json]] = []
    for item in items:
        if not isinstance(item, list) or len(item) != 2:
            raise ValueError("a dict is a list of pairs")
        pairs.append((item[0], item[1]))
    return pairs


def canonical(tree: Json, depth: int = 0) -> Json:
    """The same value in one fixed order; raise ValueError for anything that :func:`encode` cannot have written."""
    if depth > MAX_DEPTH or isinstance(tree, float):
        raise ValueError("not a tagged value")
    if isinstance(tree, list):
        return [canonical(item, depth + 1) for item in tree]
    if not isinstance(tree, dict):
        return tree
    tag, content = _tagged(tree)
    if isinstance(content, str):
        _from_text(tag, content)
        return {tag: "0x0.0p+0" if (tag, content) == ("float", "-0x0.0p+0") else content}
    if tag == "dict":
        _pairs(content)
    items = [canonical(item, depth + 1) for item in content]
    return {tag: items if tag == "tuple" else sorted(items, key=json.dumps)}


def same(left: Json, right: Json) -> bool:
    """Whether two values are equal with equal types all the way down. An opaque value equals nothing."""
    one, other = json.dumps(canonical(left)), json.dumps(canonical(right))
    return one == other and not _has_opaque(left)


def _has_opaque(tree: Json) -> bool:
    if isinstance(tree, list):
        return any(_has_opaque(item) for item in tree)
    return isinstance(tree, dict) and ("opaque" in tree or any(map(_has_opaque, tree.values())))


def show(tree: Json, limit: int = 60) -> str:
    """Tagged JSON as a person would type the value in Python, cut to a length."""
    text = _show(tree)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _show(tree: Json) -> str:
    if isinstance(tree, list):
        return "[" + ", ".join(map(_show, tree)) + "]"
    if not isinstance(tree, dict):
        return repr(tree)
    tag, content = _tagged(tree)
    if isinstance(content, str):
        # Python refuses to print integers of more than 4,300 digits.
        return content if tag == "int" and len(content) > 3_000 else repr(_FROM_TEXT[tag](content))
    if tag == "dict":
        return "{" + ", ".join(f"{_show(key)}: {_show(value)}" for key, value in _pairs(content)) + "}"
    return _show_group(tag, [_show(item) for item in content])


def _show_group(tag: str, items: list[str]) -> str:
    inner = ", ".join(items)
    if tag == "tuple":
        return f"({inner},)" if len(items) == 1 else f"({inner})"
    if tag == "set" and items:
        return "{" + inner + "}"
    return f"{tag}({'{' + inner + '}' if items else ''})"
