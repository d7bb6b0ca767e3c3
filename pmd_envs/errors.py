"""Errors that a caller can cause.

    PMDError
    ├── ConfigError (ValueError)     a bad argument: unknown id, split, difficulty, task id
    ├── DatasetError (RuntimeError)  data that is missing, incomplete or not what its checksum says
    └── VerifierError (RuntimeError) the machinery behind a verdict broke; never a reward of 0 or 1

A model's mistake is never one of these: it is a :class:`pmd_envs.Verdict`.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class PMDError(Exception):
    """Base of every error that pmd_envs raises on purpose."""


class ConfigError(PMDError, ValueError):
    """A bad argument, named together with the nearest right one."""


class DatasetError(PMDError, RuntimeError):
    """Data that is missing, incomplete or not what it should be."""


class VerifierError(PMDError, RuntimeError):
    """The machinery behind a verdict failed, so there is no verdict."""


def unknown(what: str, value: object, known: Iterable[object]) -> ConfigError:
    """An error that names the bad value, the nearest right one (of numbers, by their size) and all right ones."""
    right = list(known)
    names = [str(name) for name in right]
    numbers = [number for number in right if isinstance(number, int)]
    if isinstance(value, int) and numbers and len(numbers) == len(right):
        near = [str(min(numbers, key=lambda number: abs(number - value)))]
    else:
        near = get_close_matches(str(value), names, n=1, cutoff=0.4)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    if near == [str(value)] and value not in right:  # only its type is another one
        meant = right[names.index(near[0])]
        hint = f" Did you mean {meant!r}, of type {type(meant).__name__}?"
    return ConfigError(f"unknown {what} {value!r}.{hint} Known: {', '.join(names) or 'none'}.")
