"""JSON objects in what a language model wrote, read as far as they are right.

Prose stands around them, lists end with a comma, lines break inside strings, and the limit on tokens cuts the last item
off. What was finished before something goes wrong is kept. The work is bounded, whatever the text is, and nothing
raises.
"""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import TypeAlias

from memory.escapes import unquoted

Object: TypeAlias = dict[str, object]
MAX_DEPTH = 8
"""Objects and lists inside of each other."""
MAX_STEPS = 20_000
"""Keys, values and brackets that are read before a text is given up. What was asked for has some dozens; what is nested
so that it is read again and again, from each of its braces, has more."""

_START = re.compile(r'\{\s*"')
"""A brace before anything else is LaTeX, a set, or a program."""
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_KEY = re.compile(rf"[\s,]*+(?:({_STRING})\s*+:|(\}}))", re.DOTALL)
_VALUE = re.compile(
    rf"[\s,]*+(?:({_STRING})|([\[{{\]])|-?\d[\d.eE+-]*|-?Infinity|NaN|true|false|null)",
    re.DOTALL,
)
"""Numbers and the like are read and dropped: nothing that is asked for is one."""


def objects_with(text: str, keys: Set[str]) -> Iterator[Object]:
    """The objects in a text that have one of the ``keys``, in their order, also inside of others; keys in lower case.

    Of an object that was not finished, its unfinished member is left out. In an unfinished list it is None, as is the
    first one of a list that had just begun.
    """
    steps, found = MAX_STEPS, _START.search(text)
    while found and steps > 0:
        reading = _Reading(text, found.start(), steps)
        steps -= reading.steps
        holders = list(_holders(reading.value, keys))
        yield from holders
        # Behind a quote that was forgotten there may be an object inside of what was no object.
        found = _START.search(text, reading.end if reading.is_complete or holders else found.start() + 1)


def lowered(value: Object) -> Object:
    """An object with its keys in lower case."""
    return {key.strip().lower(): member for key, member in value.items()}


def _holders(value: object, keys: Set[str]) -> Iterator[Object]:
    if isinstance(value, dict):
        value = lowered(value)
        if keys & value.keys():
            yield value
            return
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _holders(member, keys)


@dataclass
class _Open:
    """An object or a list that has not ended yet."""

    into: Object | list[object]
    key: str | None = None
    """Of an object: that of the value that comes next."""


class _Reading:
    """One object, and where it ends or went wrong."""

    def __init__(self, text: str, start: int, most_steps: int) -> None:
        self.value: Object = {}
        self.end = start + 1
        self.steps = 1
        self._path = [_Open(self.value)]
        while self._path and self.steps < most_steps and self._step(text):
            self.steps += 1
        self.is_complete = not self._path
        self._salvage()

    def _step(self, text: str) -> bool:
        """Read the next key, value or bracket, if there is one."""
        top = self._path[-1]
        wants_key = isinstance(top.into, dict) and top.key is None
        found = (_KEY if wants_key else _VALUE).match(text, self.end)
        if found is None or (found[2] == "]" and isinstance(top.into, dict)) or len(self._path) > MAX_DEPTH:
            return False
        self.end = found.end()
        string, bracket = found.groups()
        if bracket in ("{", "["):
            self._path.append(_Open({} if bracket == "{" else []))
        elif bracket:
            self._put(self._path.pop().into)
        elif wants_key:
            top.key = unquoted(string)
        else:
            self._put(unquoted(string) if string else None)
        return True

    def _put(self, value: object) -> None:
        if not self._path:
            return  # it is the outermost
        top = self._path[-1]
        if isinstance(top.into, list):
            top.into.append(value)
        elif top.key is not None:
            top.into[top.key], top.key = value, None

    def _salvage(self) -> None:
        while self._path:
            last = self._path.pop().into
            if isinstance(last, list) and not last:
                last.append(None)
            in_list = bool(self._path) and isinstance(self._path[-1].into, list)
            self._put(None if in_list and isinstance(last, dict) else last)
