r"""Run a program in processes of its own and bring back the values of some calls.

For callers that compare values themselves: the program never learns what was expected. A program that exits, hangs,
eats memory or writes rubbish gives an incomplete run, never an exception and never a hang; only a machine that
cannot start or confine a process raises :class:`~pmd_envs.errors.VerifierError`.

    >>> result = run_calls("def solve(x):\n    return x + 1", "solve", [(1,), (5,)])
    >>> [outcome.value for outcome in result.outcomes], result.complete
    ([2, 6], True)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pmd_envs.errors import ConfigError
from pmd_envs.records import Json
from pmd_envs.sandbox.canonical import form
from pmd_envs.sandbox.inside.values import DEEP, HUGE, MANY, Encoder, TooLarge
from pmd_envs.sandbox.pool import Limits, Sandbox, default_sandbox

MAX_ERROR = 300
DEFAULT = Limits()


@dataclass(frozen=True)
class Outcome:
    """What one call came to: a value as tagged JSON, or what it raised."""

    value: Json = None
    error: str = ""

    @cached_property
    def form(self) -> str | None:
        """The value's :func:`~pmd_envs.sandbox.canonical.form`, made once however often it is compared."""
        return form(self.value)


@dataclass(frozen=True)
class RunResult:
    """What a program did with its calls."""

    outcomes: tuple[Outcome, ...]
    """One for each call that was answered, in order."""
    complete: bool
    """Every call was answered."""
    failure: str
    """Why the run is not complete, in words; empty when it is."""
    loaded: bool
    """False when the program already failed before the first call; ``failure`` is then its error."""
    isolation: tuple[str, ...]
    """The layers of confinement that were in force."""


class _NotPlainError(Exception):
    """An argument is none of Python's own plain types."""


def _refuse(value: object) -> Json:
    raise _NotPlainError(type(value).__name__)


def run_calls(
    program: str,
    entry_point: str,
    calls: Sequence[tuple[object, ...]],
    limits: Limits = DEFAULT,
    sandbox: Sandbox | None = None,
) -> RunResult:
    """Run ``program``, call its ``entry_point`` with each of ``calls``, report the values.

    Safe to call from many threads at once. Arguments are built from Python's own plain types.
    """
    box = sandbox or default_sandbox()
    try:
        trees = [[Encoder(_refuse, MANY, DEEP).encode(arg) for arg in args] for args in calls]
    except _NotPlainError as error:
        raise ConfigError(f"a call cannot take a {error}: only Python's own plain types") from error
    report = box.run({"kind": "calls", "program": program, "entry": entry_point, "calls": trees}, limits)
    if "load" in report:
        return RunResult((), False, str(report["load"]).partition("\n")[0][:MAX_ERROR], False, box.layers)
    replies = report.get("replies")
    outcomes: list[Outcome] = []
    for reply in replies if isinstance(replies, list) else []:
        outcome = _outcome(reply)
        if outcome is None:
            return RunResult(tuple(outcomes), False, "wrote to the result channel", True, box.layers)
        outcomes.append(outcome)
    complete = not report["failure"] and len(outcomes) == len(calls)
    return RunResult(tuple(outcomes), complete, str(report["failure"]), True, box.layers)


def _outcome(message: Json) -> Outcome | None:
    """One reply, unless it is something that our side of the program cannot have written."""
    if not isinstance(message, dict) or len(message) != 1:
        return None
    if "error" in message:
        error = message["error"]
        text = error.get("text") if isinstance(error, dict) else error
        return Outcome(error=text[:MAX_ERROR]) if isinstance(text, str) else None
    if "value" not in message:
        return None
    found = Outcome(value=message["value"])
    try:
        _ = found.form  # a value that has none cannot be compared, nor shown
    except ValueError:
        return None
    except TooLarge:
        return Outcome(value=HUGE)
    return found
