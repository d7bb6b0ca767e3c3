"""What other packages add through entry points: environments, agents, memories and verifiers.

A package says so in its ``pyproject.toml``, as in ``[project.entry-points."pmd.envs"]``. One that cannot be loaded
is reported by name in the log ``pmd_envs`` and skipped: a stranger's package must not take us along.
"""

import logging
import traceback
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, distributions, entry_points
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
    for plugin in _points(group):
        try:
            take(plugin.name, plugin.load())
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  a stranger's package may fail in any way, or exit
            _LOG.warning("plug-in %s (%s) was skipped: %s", plugin.name, plugin.value, _said(error))
        else:
            taken.append(plugin.name)
    return tuple(taken)


def declared(group: Group) -> tuple[str, ...]:
    """What installed packages declare in a group, as ``name = module:object``, whether it can be loaded or not."""
    return tuple(sorted(f"{plugin.name} = {plugin.value}" for plugin in _points(group)))


def _points(group: Group) -> Iterable[EntryPoint]:
    """The entry points of a group; a package whose list of them cannot be read is reported and skipped."""
    try:
        return entry_points(group=group)
    except Exception:  # noqa: BLE001  one list that cannot be read spoils all, so each package is asked by itself
        found: dict[str, EntryPoint] = {}
        for package in distributions():
            try:
                for point in package.entry_points.select(group=group):
                    found.setdefault(point.name, point)
            except Exception as error:  # noqa: BLE001  as above
                _LOG.warning("the plug-ins of %s were skipped: %s", package.metadata["Name"], _said(error))
        return tuple(found.values())


def _said(error: BaseException) -> str:
    """What an error says, also where it cannot say it itself."""
    return traceback.format_exception_only(error)[-1].strip()
