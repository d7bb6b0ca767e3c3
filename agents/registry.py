"""Agents by name: a table from name to ``module:Class``, open to other packages, and named settings of ours."""

import dataclasses
import importlib
import logging
import math
from collections.abc import Collection, Mapping
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, TypeGuard, get_args, get_type_hints

from agents.agent import Agent
from agents.arms import ARMS
from pmd_envs.errors import ConfigError, unknown
from pmd_envs.plugins import points_of, said

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

BUILT_IN = {
    "frozen": "agents.frozen:Frozen",
    "rlvr": "agents.rlvr:RLVR",
    "sdpo": "agents.sdpo:SDPO",
    "pmd": "agents.pmd:PMD",
}
_ADDED: dict[str, str] = {}
UPPER_BOUND = " (upper bound)"
_LOG = logging.getLogger("pmd_envs")


def register(name: str, path: str) -> None:
    """Make ``module:Class`` known as ``name``.

    Raises:
        ConfigError: The name is taken by another class.
    """
    taken = agent_paths().get(name, path)
    if taken != path or name in ARMS:
        raise ConfigError(f"the agent {name!r} is already {ARMS.get(name, taken)}")
    _ADDED[name] = path


def agent_paths() -> dict[str, str]:
    """Every known agent: ours, those of installed packages (group ``pmd.agents``) and registered ones.

    One of a package whose name is taken is reported and skipped.
    """
    plugins, refused = _plugins()
    for refusal in refused:
        _report(refusal)
    return plugins | _ADDED | BUILT_IN


def _plugins() -> tuple[dict[str, str], list[str]]:
    """Agents of installed packages, and those that take a name of ours or of another package, with the reason."""
    found: dict[str, str] = {}
    refused = []
    for point in points_of("pmd.agents"):
        taken = BUILT_IN.get(point.name) or found.get(point.name, point.value)
        if point.name in ARMS:
            refused.append(f"{point.name}: agent {point.value!r} cannot be used, since an arm has its name")
        elif taken != point.value:
            refused.append(f"{point.name}: agent {point.value!r} cannot be used, since {taken!r} has its name")
        else:
            found[point.name] = point.value
    return found, refused


@cache
def _report(refusal: str) -> None:
    """Say it once: agents are looked up again and again."""
    _LOG.warning("plug-in %s was skipped: %s", *refusal.split(": ", 1))


def usable_agents() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the agents that can be loaded, and those that cannot, each with the reason."""
    usable, broken = [], _plugins()[1]
    for name, path in agent_paths().items():
        try:
            _load(path)
        except ConfigError as error:
            broken.append(f"{name}: {error}")
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  a stranger's package may fail in any way, or exit
            broken.append(f"{name}: {said(error)}")
        else:
            usable.append(name)
    return tuple(usable), tuple(broken)


def make_agent(name: str, settings: Mapping[str, object]) -> Agent:
    """An agent by name, arm or ``module:Class``, with some of its knobs set.

    Args:
        name: Which one.
        settings: Values by knob. A knob that is a record of knobs takes a mapping, or values by NAME.PART.

    Raises:
        ConfigError: Unknown name, a class that is no agent, an unknown knob or a value it refuses.
    """
    paths = agent_paths()
    if name in ARMS and name not in paths:
        return make_agent(ARMS[name].agent, {**_unlike(name, settings), **settings})
    if name not in paths and ":" not in name:
        raise unknown("agent", name, (*paths, *ARMS))
    agent_class = _load(paths.get(name, name))
    records = _records(agent_class)
    flat = _flat(settings, records)
    knobs = {field.name for field in _fields(agent_class)} - records.keys()
    knobs |= {f"{record}.{part.name}" for record, value in records.items() for part in dataclasses.fields(value)}
    for key in flat:
        if key not in knobs:
            raise unknown(f"setting of {name}", key, sorted(knobs))
    try:
        for record, value in records.items():
            parts = {key.partition(".")[2]: flat.pop(key) for key in list(flat) if key.startswith(f"{record}.")}
            _check_numbers(type(value), parts, f"{record}.")
            flat[record] = dataclasses.replace(value, **parts)
        _check_numbers(agent_class, flat)
        return agent_class(**flat)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name}: {error}") from error


def _unlike(arm: str, settings: Mapping[str, object]) -> Mapping[str, object]:
    """What makes an arm the one it is.

    Raises:
        ConfigError: The settings would make another one of it, under its name.
    """
    made = ARMS[arm].settings
    for key, value in settings.items():
        if key in made and value != made[key]:
            raise ConfigError(
                f"{key}={value!r} would not be {arm}, which is {ARMS[arm].agent} with {key}={made[key]!r}; set it for "
                f"the agent {ARMS[arm].agent}"
            )
    return made


def _check_numbers(owner: type, values: Mapping[str, object], prefix: str = "") -> None:
    """Refuse what is no number or truth value where the knob is one, a fraction where it counts, what is not finite.

    Raises:
        ValueError: One of the values is.
    """
    try:
        hints = get_type_hints(owner)
    except NameError:  # a plug-in's types may be known to type checkers alone
        return
    for name, value in values.items():
        kinds = set(get_args(hints[name])) or {hints[name]}
        if not kinds & {int, float, bool} or (value is None and NoneType in kinds):
            continue
        if bool in kinds:
            if not isinstance(value, bool):  # any text, also "False", would count as true
                raise ValueError(f"{prefix}{name}={value!r} is neither true nor false")
            continue
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise ValueError(f"{prefix}{name}={value!r} is not a number")
        if float not in kinds and not isinstance(value, int):
            raise ValueError(f"{prefix}{name}={value!r} is not a whole number")


def _fields(agent_class: type[Agent]) -> tuple[dataclasses.Field[object], ...]:
    return dataclasses.fields(agent_class)  # type: ignore[arg-type]  # that it is a dataclass was seen when it was loaded


def _records(agent_class: type[Agent]) -> dict[str, "DataclassInstance"]:
    """The knobs that are records of knobs, with their defaults."""
    made = {
        field.name: field.default_factory()
        for field in _fields(agent_class)
        if field.default_factory is not dataclasses.MISSING
    }
    return {name: value for name, value in made.items() if _is_record(value)}


def _is_record(value: object) -> TypeGuard["DataclassInstance"]:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _flat(settings: Mapping[str, object], records: Collection[str]) -> dict[str, object]:
    """Settings in which the parts of a record are named NAME.PART."""
    found: dict[str, object] = {}
    for key, value in settings.items():
        if key in records and isinstance(value, Mapping):
            found |= {f"{key}.{part}": item for part, item in value.items()}
        else:
            found[key] = value
    return found


@dataclasses.dataclass(frozen=True)
class NamedAgent:
    """An agent with the name under which its results appear: what is no result of a policy says so."""

    name: str
    agent: Agent


def named_agent(name: str, settings: Mapping[str, object]) -> NamedAgent:
    """As :func:`make_agent`, with the name for its results."""
    agent = make_agent(name, settings)
    return NamedAgent(f"{name}{UPPER_BOUND}" if agent.upper_bound else name, agent)


def labelled(name: str) -> str:
    """An agent or arm as tables name it."""
    return named_agent(name, {}).name if name in ARMS else name


def _load(path: str) -> type[Agent]:
    module_name, _, class_name = path.partition(":")
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"agent {path!r} cannot be loaded: {error}") from error
    if not _is_agent(found):
        raise ConfigError(f"agent {path!r} is not a dataclass that subclasses agents.agent.Agent")
    return found


def _is_agent(value: object) -> TypeGuard[type[Agent]]:
    return isinstance(value, type) and issubclass(value, Agent) and dataclasses.is_dataclass(value)
