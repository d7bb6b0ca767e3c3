"""The canonical form of a value that a child has sent, made in one pass and without building the value.

Whatever a program may have put together is read here. Only what :func:`encode` writes is accepted, part by part, so
that no other text becomes a number and no fraction is reduced. Members of sets and pairs of dicts get a fixed order by
short keys, so that deep values cost no more than flat ones.
"""

import hashlib
import json

from pmd_envs.records import Json
from pmd_envs.sandbox.inside.values import (
    FROM_PAIRS,
    FROM_TEXT,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_ITEMS,
    PLAIN_INT,
    Decoder,
    TooLarge,
    encode,
    pairs,
    tagged,
)

__all__ = ["canonical", "form"]

UNORDERED = frozenset(("set", "frozenset", "dict", "counter", "defaultdict"))
GROUPS = frozenset(("tuple", "set", "frozenset", "deque"))
"""Tags whose content is any number of any values."""
SHAPES: dict[str, tuple[tuple[str, ...], ...]] = {
    "fraction": (("int",) * 2,),
    "range": (("int",) * 3,),
    "timedelta": (("int",) * 3,),
    "datetime": (("int",) * 7, (*("int",) * 7, "timezone")),
    "time": (("int",) * 4, (*("int",) * 4, "timezone")),
    "timezone": (("timedelta",), ("timedelta", "str")),
}
"""What the content of a tag consists of where that is fixed."""
SLICE_PARTS = 3
MAX_PART_DIGITS = 4_000
"""Hexadecimal digits of an integer in a fraction or a range."""
MAX_NAME = 40
MAX_KEY = 500
ZERO, MINUS_ZERO = (0.0).hex(), (-0.0).hex()


def canonical(tree: Json) -> Json:
    """The same value in one fixed order.

    Raises:
        ValueError: :func:`encode` cannot have written it.
        TooLarge: It has a number of more digits than are compared.
    """
    return _Reading().read(tree, 0, False)[0]


def form(tree: Json) -> str | None:
    """A text that is the same for equal values of equal types, or None for a value that is equal to nothing.

    Raises:
        ValueError: :func:`encode` cannot have written it.
        TooLarge: It has a number of more digits than are compared.
    """
    reading = _Reading()
    ordered, _ = reading.read(tree, 0, False)
    return json.dumps(ordered) if reading.comparable else None


class _Reading:
    """One value on its way in, with what is left of the caps that :func:`encode` keeps to."""

    def __init__(self) -> None:
        self.room = MAX_ITEMS
        self.comparable = True
        """Whether there is no opaque object and no instance of a subclass in it."""

    def read(self, tree: Json, depth: int, keyed: bool) -> tuple[Json, str]:
        """The value in its order and, where it is ``keyed``, what it is ordered by."""
        self.room -= 1
        if self.room < 0 or depth > MAX_DEPTH:
            raise ValueError("a value of more parts, or deeper, than any that is written")
        if isinstance(tree, list):
            items, keys = self._items(tree, depth, keyed)
            return items, _key(f"[{', '.join(keys)}]") if keyed else ""
        if isinstance(tree, dict):
            return self._tagged(tree, depth, keyed)
        _require(_is_untagged(tree))
        return tree, _key(json.dumps(tree)) if keyed else ""

    def _items(self, items: list[Json], depth: int, keyed: bool) -> tuple[list[Json], list[str]]:
        read = [self.read(item, depth + 1, keyed) for item in items]
        return [item for item, _ in read], [key for _, key in read]

    def _tagged(self, tree: dict[str, Json], depth: int, keyed: bool) -> tuple[Json, str]:
        tag, content = tagged(tree)
        self.comparable &= tag not in ("opaque", "sub")
        if isinstance(content, str):
            text = _text(tag, content)
            return {tag: text}, _key(json.dumps({tag: text})) if keyed else ""
        if tag in FROM_PAIRS:
            pairs(content)
        items, keys = self._items(content, depth, keyed or tag in UNORDERED)
        if tag in UNORDERED:
            order = sorted(range(len(items)), key=keys.__getitem__)
            items, keys = [items[i] for i in order], [keys[i] for i in order]
        elif tag not in GROUPS and tag not in FROM_PAIRS:
            _check_parts(tag, items)
        return {tag: items}, _key(f'{{"{tag}": [{", ".join(keys)}]}}') if keyed else ""


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("not a tagged value")


def _key(text: str) -> str:
    """The text of a value, or its beginning and a digest: then the keys of what holds it stay short.

    Values are not compared by their keys: two with the same key would only keep the order in which they came.
    """
    return text if len(text) <= MAX_KEY else text[:MAX_KEY] + hashlib.sha256(text.encode()).hexdigest()


def _is_untagged(tree: Json) -> bool:
    """Whether it is one of the values that are written without a tag."""
    if isinstance(tree, str):  # one with lone surrogates has a tag
        return tree.isascii() or tree.encode("utf-8", "ignore").decode() == tree
    return tree is None or isinstance(tree, bool) or (isinstance(tree, int) and -PLAIN_INT < tree < PLAIN_INT)


def _text(tag: str, content: str) -> str:
    """The content of a tag whose content is a text; all of these are read in linear time."""
    if tag == "opaque":
        _require(len(content) <= MAX_NAME)
        return content
    _require(tag in FROM_TEXT)
    if tag in ("int", "decimal") and len(content) > MAX_DIGITS:
        raise TooLarge
    _require_as_written({tag: content})
    if tag in ("float", "complex"):
        return " ".join(ZERO if part == MINUS_ZERO else part for part in content.split(" "))
    return content


def _check_parts(tag: str, items: list[Json]) -> None:
    """Refuse what is no content of a tag whose parts are fixed, given that each part is a value.

    A fraction that is not in its lowest terms is let through: it is equal to none, and to find out would take time.
    """
    if tag == "sub":
        _require(len(str(items[0])) <= MAX_NAME)
    elif tag == "slice":
        _require(len(items) == SLICE_PARTS)
    else:
        _require(tag in SHAPES and tuple(map(_kind, items)) in SHAPES[tag])
        if tag in ("fraction", "range"):
            _check_divisor(tag, [_hexadecimal(item) for item in items])
        else:  # numbers out of their range have no moment
            _require_as_written({tag: items})


def _check_divisor(tag: str, numbers: list[str]) -> None:
    if any(len(number) > MAX_PART_DIGITS for number in numbers):
        raise TooLarge
    _require(numbers[-1] != "0x0" and not (tag == "fraction" and numbers[-1].startswith("-")))


def _kind(tree: Json) -> str:
    """The type of a value as it is written."""
    return next(iter(tree)) if isinstance(tree, dict) else type(tree).__name__


def _hexadecimal(tree: Json) -> str:
    return str(tree["int"]) if isinstance(tree, dict) else hex(tree)  # type: ignore[arg-type]


def _refuse(tag: str, content: "str | list[Json]") -> object:  # noqa: ARG001
    raise ValueError(f"a value cannot be tagged {tag!r}")


def _require_as_written(tree: Json) -> None:
    """Refuse a value in another spelling than the one in which :func:`encode` writes it."""
    _require(json.dumps(encode(Decoder(_refuse).decode(tree))) == json.dumps(tree))
