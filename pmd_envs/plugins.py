"""What other packages add through entry points: environments, agents, memories and verifiers.

A package says so in its ``pyproject.toml``, as in ``[project.entry-points."pmd.envs"]``. One that cannot be loaded
is reported by name in the log ``pmd_envs`` and skipped: a stranger's package must not take us along.
"""

import logging
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Literal, get_args

Group = Literal["pmd.envs", "pmd.agents", "pmd.memories", "pmd.verifiers"]
GROUPS: tuple[Group, ...] = get_args(Group)
_LOG = logging.getLogger("pmd_envs")


def load_plugins(group: Group, take: Callable[[str, object], object]) -> tuple[str, ...]:
    """Load every plug-in of a group and hand it on.

    Args:
        group: The entry-point group.
        take: Called with the name and what it stands for; what it raises is reported like a failed import.

    Returns:
        The names of those that were taken.
    """
    taken = []
    for plugin in entry_points(group=group):
        try:
            take(plugin.name, plugin.load())
        except Exception as error:  # noqa: BLE001  a stranger's package may fail in any way
            _LOG.warning("plug-in %s (%s) was skipped: %s", plugin.name, plugin.value, error)
        else:
            taken.append(plugin.name)
    return tuple(taken)


def declared(group: Group) -> tuple[str, ...]:
    """What installed packages declare in a group, as ``name = module:object``, whether it can be loaded or not."""
    return tuple(sorted(f"{plugin.name} = {plugin.value}" for plugin in entry_points(group=group)))
