"""The steps of a solution, one after the other: which are right, which are wrong, and which come first.

>>> [verdict.ok for verdict in check_steps(["Let x = 3 * 4 = 12.", "Then 2x + 1 = 26.", "She is happy."])]
[True, False, None]
>>> first_wrong_step(["Let x = 3 * 4 = 12.", "Then 2x + 1 = 26."])
1
"""

from collections.abc import Iterable

from pmd_envs.records import StepVerdict
from pmd_envs.verifiers.arithmetic import check_step_arithmetic
from pmd_envs.verifiers.variables import Scope

_MAX_NAMES = 3


def check_steps(steps: Iterable[str], asked: int | None = None) -> list[StepVerdict]:
    """Judge every step by its equations and inequalities, with the variables that earlier steps defined.

    Args:
        steps: The steps.
        asked: As of :func:`~pmd_envs.verifiers.arithmetic.check_step_arithmetic`.
    """
    scope = Scope()
    return [_check(step, scope, asked) for step in steps]


def first_wrong_step(steps: Iterable[str]) -> int | None:
    """The index of the first step that was checked and is wrong."""
    return next((index for index, verdict in enumerate(check_steps(steps)) if verdict.ok is False), None)


def _check(step: str, scope: Scope, asked: int | None) -> StepVerdict:
    values, step = dict(scope.values), scope.set_apart(step)
    names = scope.names_in(step)[:_MAX_NAMES]
    alone = check_step_arithmetic(step, asked)
    written = scope.enter(step)
    if alone.ok is False or not names:
        return alone
    carried = check_step_arithmetic(written, asked)
    if carried.ok is None or carried == alone:
        return alone
    given = ", ".join(f"{name} = {values[name]}" for name in names)
    return StepVerdict(carried.ok, f"{carried.reason} (with {given})")
