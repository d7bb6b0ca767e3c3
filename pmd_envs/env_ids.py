"""Ids of environments as command lines and suites name them.

As for ``gymnasium.make``, ``module:pmd/BigV-v0`` imports the module first, which is to register the id. Whoever reads
about the run sees the id alone.
"""

import importlib

from pmd_envs.errors import ConfigError

_IMPORTED: list[str] = []


def known_id(asked: str) -> str:
    """The id, after the module that is named before it has been imported.

    Raises:
        ConfigError: It cannot be.
    """
    module, colon, env_id = asked.rpartition(":")
    if not colon:
        return asked
    try:
        import_module(module)
    except ConfigError as error:
        raise ConfigError(f"environment {asked!r}: {error}") from error
    return env_id


def import_module(name: str) -> None:
    """Import a module that registers environments.

    Raises:
        ConfigError: It cannot be imported.
    """
    try:
        importlib.import_module(name)
    except Exception as error:  # a module of somebody else's may fail in any way
        said = f"{type(error).__name__}: {error}"
        raise ConfigError(
            f"the module {name!r} cannot be imported ({said}); it has to be in the folder of this checkout, installed, "
            "or in a folder that PYTHONPATH names"
        ) from error
    if name not in _IMPORTED:
        _IMPORTED.append(name)


def imported_modules() -> tuple[str, ...]:
    """What :func:`import_module` took, for processes of our own that have to know the same environments."""
    return tuple(_IMPORTED)
