"""Programs of our own catalogue as callables of this process, so that expected values need no child.

Only text that the catalogue itself wrote comes here, never a model's. It runs through the same code that
answers calls in the child, so values, error messages and line numbers are the ones a child would report.
"""

from collections.abc import Callable
from functools import lru_cache

from pmd_envs.functions.kind import Arguments, FunctionKind, Parameter
from pmd_envs.sandbox.inside.program import load, outcome
from pmd_envs.sandbox.runner import Outcome


@lru_cache(maxsize=4096)
def _function(program: str) -> Callable[..., object]:
    return load(program, "solve", {})


def answer(kind: FunctionKind, values: tuple[Parameter, ...], body: str, args: Arguments) -> Outcome:
    """What a body of the catalogue returns or raises. ``args`` are not copied: no body changes them."""
    result = outcome(_function(kind.program(body, values)), args)
    return Outcome(error=str(result["error"])) if "error" in result else Outcome(value=result["value"])
