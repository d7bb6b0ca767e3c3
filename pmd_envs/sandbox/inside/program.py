"""Run a program's top level and describe what it raises, whatever the exception does when it is shown."""

import sys
from collections.abc import Callable
from types import ModuleType, TracebackType

from .values import HUGE, TooLarge, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pmd_envs.records import Json

PROGRAM, GIVEN = "<solution>", "<given>"
MAX_TEXT = 200
FIRST_FRAMES, LAST_FRAMES = 3, 7


def _message(error: BaseException) -> str:
    try:
        text = str(error.msg) if isinstance(error, SyntaxError) else str(error)
    except Exception:  # noqa: BLE001 (the exception's own __str__ is part of the program)
        text = ""
    return " ".join(text[:MAX_TEXT].split())


def _frames(trace: TracebackType | None) -> list[tuple[int, str]]:
    """Line and function of the program's own frames."""
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == PROGRAM:
            found.append((trace.tb_lineno, code.co_name))
        trace = trace.tb_next
    return found


def describe(error: BaseException) -> str:
    """``NameError: name 'y' is not defined (line 2)``."""
    message, frames = _message(error), _frames(error.__traceback__)
    line = error.lineno if isinstance(error, SyntaxError) else frames[-1][0] if frames else None
    return type(error).__name__ + (f": {message}" if message else "") + (f" (line {line})" if line else "")


def trace_of(error: BaseException) -> str:
    """The traceback, cut to the program's own lines and to a length."""
    frames = [f"line {line}, in {name}" for line, name in _frames(error.__traceback__)]
    if len(frames) > FIRST_FRAMES + LAST_FRAMES:
        left_out = len(frames) - FIRST_FRAMES - LAST_FRAMES
        frames[FIRST_FRAMES:-LAST_FRAMES] = [f"... {left_out} more ..."]
    return "\n".join(frames) if len(frames) > 1 else ""


def start(program: str, name: str, given: str = "") -> ModuleType:
    """A fresh module, registered under its name, as dataclasses and pickling need it.

    What is ``given`` runs first in it. It is no part of the program: lines count from the program's first, where its
    ``from __future__ import`` may stand.
    """
    module = sys.modules[name] = ModuleType(name)
    sys.argv = [""]
    if given:
        exec(compile(given, GIVEN, "exec", dont_inherit=True), module.__dict__)
    code = compile(program.removeprefix("\ufeff"), PROGRAM, "exec", dont_inherit=True)
    exec(code, module.__dict__)
    return module


def load(program: str, entry_point: str, scope: dict[str, object]) -> Callable[..., object]:
    """Run the program's top level in ``scope`` and return the function it defines."""
    exec(compile(program, PROGRAM, "exec", dont_inherit=True), scope)
    return pick(scope, entry_point)


def pick(scope: dict[str, object], entry_point: str) -> Callable[..., object]:
    """The function of that name, or NameError."""
    function = scope.get(entry_point)
    if not callable(function):
        raise NameError(f"the program defines no function {entry_point}")
    return function


def outcome(function: Callable[..., object], args: tuple[object, ...]) -> "dict[str, Json]":
    """Call the function and say what it returned or raised."""
    try:
        return {"value": encode(function(*args))}
    except (TooLarge, RecursionError) as error:
        return {"value": HUGE} if isinstance(error, TooLarge) else {"error": describe(error)}
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 (any exit from the program is its result)
        return {"error": describe(error)}
