"""Ids of environments as command lines and suites name them.

As for ``gymnasium.make``, ``module:pmd/BigV-v0`` imports the module first, which is to register the id. Whoever reads
about the run sees the id alone.
"""

import importlib

from pmd_envs.errors import ConfigError


def known_id(asked: str) -> str:
    """The id, after the module that is named before it has been imported.

    Raises:
        ConfigError: It cannot be.
    """
    module, colon, env_id = asked.rpartition(":")
    if not colon:
        return asked
    try:
        importlib.import_module(module)
    except Exception as error:  # a module of somebody else's may fail in any way
        said = f"{type(error).__name__}: {error}"
        raise ConfigError(
            f"environment {asked!r}: the module {module!r} cannot be imported ({said}); it has to be in the folder "
            "of this checkout, installed, or in a folder that PYTHONPATH names"
        ) from error
    return env_id
