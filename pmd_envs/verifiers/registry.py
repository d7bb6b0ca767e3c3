"""Verifiers by name, for families that compare an answer with a known right one.

``math`` is ours; other packages add their own through the entry-point group ``pmd.verifiers``.
"""

from collections.abc import Callable
from typing import TypeAlias

from pmd_envs.errors import ConfigError, unknown
from pmd_envs.math.verify import verify_math
from pmd_envs.plugins import load_plugins, load_waiting
from pmd_envs.records import Verdict

Verifier: TypeAlias = Callable[[str, str], Verdict]
"""From a response and the right answer to a verdict. It never raises because of what the response says."""

_VERIFIERS: dict[str, Verifier] = {"math": verify_math}


def register_verifier(name: str, verifier: Verifier) -> None:
    """Make a verifier known by name.

    Raises:
        ConfigError: The name is taken by another one, or it cannot be called.
    """
    if not callable(verifier):
        raise ConfigError(f"verifier {name!r} is a {type(verifier).__name__}, which cannot be called")
    if _VERIFIERS.get(name, verifier) is not verifier:
        raise ConfigError(f"there already is a verifier {name!r}")
    _VERIFIERS[name] = verifier


def verifier(name: str) -> Verifier:
    """The verifier called ``name``.

    Raises:
        ConfigError: There is none.
    """
    load_waiting()
    if name not in _VERIFIERS:
        raise unknown("verifier", name, _VERIFIERS)
    return _VERIFIERS[name]


def verifier_names() -> tuple[str, ...]:
    """Every known verifier, sorted."""
    load_waiting()
    return tuple(sorted(_VERIFIERS))


def load_verifiers() -> None:
    """Take in those of installed packages."""
    load_plugins("pmd.verifiers", register_verifier)  # type: ignore[arg-type]  # register_verifier checks what it gets
