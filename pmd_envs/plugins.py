"""What other packages add through entry points: environments, agents, memories and verifiers.

A package says so in its ``pyproject.toml``, as in ``[project.entry-points."pmd.envs"]``. One that cannot be loaded
is reported by name in the log ``pmd_envs`` and skipped: a stranger's package must not take us along. One that
is imported before us imports us halfway, when what we look for is not there yet: it is loaded when that has ended.
"""

import logging
import sys
import traceback
from collections.abc import Callable, Iterable
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points
from pathlib import Path
from typing import Literal, TypeAlias, get_args

Group = Literal["pmd.envs", "pmd.agents", "pmd.memories", "pmd.verifiers"]
GROUPS: tuple[Group, ...] = get_args(Group)
Take: TypeAlias = Callable[[str, object], object]
_LOG = logging.getLogger("pmd_envs")
_WAITING: list[tuple[EntryPoint, Take]] = []


def load_plugins(group: Group, take: Take) -> tuple[str, ...]:
    """Load every plug-in of a group and hand it on.

    Args:
        group: The entry-point group.
        take: Called with the name and what it stands for; what it raises is reported like a failed import.

    Returns:
        The names of those that were taken. Others may be taken later, when their module has been imported.
    """
    return tuple([plugin.name for plugin in points_of(group) if _load(plugin, take)])


def load_waiting() -> None:
    """Try those plug-ins again that could not be loaded because their module was being imported."""
    waiting = _WAITING.copy()
    _WAITING.clear()
    for plugin, take in waiting:
        _load(plugin, take)


def _load(plugin: EntryPoint, take: Take) -> bool:
    try:
        take(plugin.name, plugin.load())
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  a stranger's package may fail in any way, or exit
        halfway = _halfway(plugin, error)
        if halfway:
            _WAITING.append((plugin, take))
            for spec in halfway:
                _call_back(spec)
        else:
            _LOG.warning("plug-in %s (%s) was skipped: %s", plugin.name, plugin.value, said(error))
        return False
    return True


def _halfway(plugin: EntryPoint, error: BaseException) -> list[ModuleSpec]:
    """What is being imported just now of a plug-in's module, its packages and what it failed to import from."""
    parts = plugin.module.split(".")
    names = {".".join(parts[: i + 1]) for i in range(len(parts))}
    if isinstance(error, ImportError) and error.name:
        names.add(error.name)
    specs = [getattr(sys.modules.get(name), "__spec__", None) for name in sorted(names)]
    return [spec for spec in specs if isinstance(spec, ModuleSpec) and getattr(spec, "_initializing", False)]


class _Watched(ModuleSpec):
    """The spec of a module that is being imported. That this has ended is only said to the spec."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name == "_initializing" and not value:
            super().__setattr__("__class__", ModuleSpec)
            if self.name in sys.modules:  # or else it failed, and trying again would run it again
                load_waiting()


def _call_back(spec: ModuleSpec) -> None:
    """Have what waits tried again as soon as a module has been imported: Gymnasium asks its own registry alone."""
    if type(spec) is ModuleSpec:
        spec.__class__ = _Watched


def declared(group: Group) -> tuple[str, ...]:
    """What installed packages declare in a group, as ``name = module:object``, whether it can be loaded or not."""
    return tuple(sorted(f"{plugin.name} = {plugin.value}" for plugin in points_of(group)))


def points_of(group: Group) -> Iterable[EntryPoint]:
    """The entry points of a group; a package whose list of them cannot be read is reported and skipped."""
    try:
        return entry_points(group=group)
    except Exception:  # noqa: BLE001  one list that cannot be read spoils all, so each package is asked by itself
        found: dict[tuple[str, str], EntryPoint] = {}  # a package may be there twice, and two may use one name
        for package in distributions():
            try:
                for point in package.entry_points.select(group=group):
                    found.setdefault((_called(package), point.name), point)
            except Exception as error:  # noqa: BLE001  as above
                _LOG.warning("the plug-ins of %s were skipped: %s", _called(package), said(error))
        return tuple(found.values())


def _called(package: Distribution) -> str:
    """The name of a package, or of the folder that describes it where that does not say one."""
    try:
        name: str | None = package.metadata["Name"]
    except Exception:  # noqa: BLE001  the folder is broken, and in which way depends on Python's version
        name = None
    return name or Path(str(getattr(package, "_path", "an unnamed package"))).name


def said(error: BaseException) -> str:
    """What an error says, also where it cannot say it itself."""
    return traceback.format_exception_only(error)[-1].strip()
