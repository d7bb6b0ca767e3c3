"""Faulty programs of our own as callables of this process, stopped after a number of lines.

A fault can turn a loop into an endless one. Counting lines instead of seconds gives the same result on every machine.
Only variants of the catalogue's own text come here, never a model's.
"""

import sys
from collections.abc import Callable
from functools import lru_cache
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

from pmd_envs.records import Json
from pmd_envs.sandbox.inside.program import PROGRAM, load, outcome

if TYPE_CHECKING:
    from _typeshed import TraceFunction

MAX_LINES = 2_000


class TooManyLines(BaseException):
    """The program was stopped."""


class _LineLimit:
    def __init__(self) -> None:
        self._left = MAX_LINES
        self._before = sys.gettrace()

    def __enter__(self) -> None:
        sys.settrace(self._enter)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.settrace(self._before)

    def _enter(self, frame: FrameType, event: str, arg: object) -> "TraceFunction | None":  # noqa: ARG002
        return self._count if frame.f_code.co_filename == PROGRAM else None

    def _count(self, frame: FrameType, event: str, arg: object) -> "TraceFunction | None":  # noqa: ARG002
        self._left -= event == "line"
        if self._left < 0:
            raise TooManyLines
        return self._count


@lru_cache(maxsize=1024)
def _loaded(program: str) -> Callable[..., object]:
    return load(program, "solve", {})


def bounded_answer(program: str, args: tuple[object, ...]) -> dict[str, Json]:
    """What ``solve`` of a variant of the catalogue comes to: ``value`` as tagged JSON, or ``error``."""
    function = _loaded(program)
    with _LineLimit():
        return outcome(function, args)
