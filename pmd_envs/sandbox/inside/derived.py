"""Instances of a program's subclasses of Python's own types: here the plain value, and what else they have by asking.

``Color.RED`` of an IntEnum compares as the int that it stores, by int's own methods; its ``name`` is asked for over
there. What the program overrides of those methods counts for nothing here.
"""

import copy
from collections import deque
from collections.abc import Callable

from .remote import Remote

IMMUTABLE = (int, str, float, bytes, tuple, frozenset)


def _ask(value: object, name: str) -> object:
    remote = vars(value).get("_pmd_remote")
    if remote is None or name.startswith("__"):  # copy and its like try names that have to be absent
        raise AttributeError(name)
    return getattr(remote, name)


def _copied(operation: str, plainly: Callable[[object], object]) -> Callable[..., object]:
    """A copy made by the program; of a value that the tests made themselves, a plain one."""

    def copied(value: object, *_: object) -> object:
        remote = vars(value).get("_pmd_remote")
        return plainly(type(value).__mro__[1](value)) if remote is None else remote._pmd_copied(operation)

    return copied


ATTRIBUTES: dict[str, object] = {
    "__getattr__": _ask,
    "__copy__": _copied("copy", copy.copy),
    "__deepcopy__": _copied("deepcopy", copy.deepcopy),
}
DERIVED: dict[type, Callable[..., object]] = {
    base: type(base.__name__, (base,), ATTRIBUTES) for base in (*IMMUTABLE, list, dict, set, deque)
}


def derived(value: object, remote: Remote) -> object:
    """A plain value that knows the object which it was stored in."""
    if type(value) not in DERIVED:
        return value
    found = DERIVED[type(value)](value)
    found.__dict__["_pmd_remote"] = remote
    return found


def original(value: object) -> Remote | None:
    """The program's object of such a value."""
    remote = vars(value).get("_pmd_remote") if type(value) in DERIVED.values() else None
    return remote if isinstance(remote, Remote) else None
