"""What calls have changed of their arguments, until tests are to see it."""

import sys
from collections import deque
from collections.abc import Callable, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pmd_envs.records import Json

    Change = tuple[int, object, Json]


class Changes:
    """Changes in the order of their calls; each has a number, which grows.

    Args:
        read: The value of what came over.
    """

    def __init__(self, read: "Callable[[Json], object]") -> None:
        self._read = read
        self._count = 0
        self.waiting: list[Change] = []
        """The number of each, what has changed, and to what; always the same list, at which tests look."""

    def begin(self) -> int:
        """The number of the next, from which on a function of the tests settles: earlier ones are its caller's."""
        return self._count

    def add(self, inputs: Sequence[object], changed: "list[Json]") -> None:
        """What a call has made of the arguments that it changed."""
        for value, tree in zip(inputs, changed, strict=False):
            if tree is not None:
                self.waiting.append((self._count, value, tree))
                self._count += 1

    def touch(self, inputs: Sequence[object]) -> bool:
        """Whether one of these objects has changed."""
        return any(value is change[1] for value in inputs for change in self.waiting)

    def settle(self, since: int) -> bool:
        """Change objects as the program did, and say whether the tests still hold one of them."""
        due = [change for change in self.waiting if change[0] >= since]
        self.waiting[:] = [change for change in self.waiting if change[0] < since]
        seen = False
        for change in due:
            if _references(change) > _OWN:
                seen |= _changed(change[1], self._read(change[2]))
        return seen


def _references(change: "Change") -> int:
    return sys.getrefcount(change[1])


_OWN = _references((0, object(), None))
"""The references to an object that nobody but its change holds."""


def _changed(value: object, new: object) -> bool:
    """Give an object the contents of another of the same kind."""
    if type(new) is not type(value):
        return False
    if isinstance(value, (list, bytearray)):
        value[:] = new  # type: ignore[call-overload]
    elif isinstance(value, (dict, set)):
        value.clear()
        value.update(new)  # type: ignore[call-overload, arg-type]
    elif isinstance(value, deque):
        value.clear()
        value.extend(new)  # type: ignore[arg-type]
    return True
