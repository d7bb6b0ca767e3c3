"""Values that are a little off, as people get them wrong: one too many, one left out, two swapped."""

from collections.abc import Callable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def slips(value: object) -> list[object]:
    """Values that look like ``value``; most differ from it."""
    for kind, make in _SLIPS.items():
        if type(value) is kind:
            return make(value)
    return [0, ""]


def _of_text(text: str) -> list[object]:
    return [text[:-1], text[1:], text[::-1], text + text[-1:], text + "a"]


def _of_list(items: list[object]) -> list[object]:
    return list(_reordered(items, 0))


def _of_dict(items: dict[object, object]) -> list[object]:
    return [dict(pairs) for pairs in _reordered(list(items.items()), ("", 0))]


def _reordered(items: list[Item], fill: Item) -> Iterator[list[Item]]:
    yield items[:-1]
    yield items[1:]
    yield [*items[1:2], *items[:1], *items[2:]]
    yield [*items, *(items[-1:] or [fill])]


_SLIPS: dict[type, Callable[..., list[object]]] = {
    bool: lambda value: [not value],
    int: lambda value: [value + 1, value - 1, value + 10, -value],
    float: lambda value: [value + 1, value / 2, -value],
    str: _of_text,
    bytes: lambda value: [value[:-1], value + b"a"],
    list: _of_list,
    tuple: lambda value: [tuple(items) for items in _reordered(list(value), 0)],
    dict: _of_dict,
    set: lambda value: [value | {0}, value | {""}, set()],
}
