"""Agents by name: a table from name to ``module:Class``, open to other packages, and named settings of ours."""

import dataclasses
import importlib
from collections.abc import Mapping
from importlib.metadata import entry_points

from agents.agent import Agent
from agents.arms import ARMS
from pmd_envs.errors import ConfigError, unknown

BUILT_IN = {
    "frozen": "agents.frozen:Frozen",
    "rlvr": "agents.rlvr:RLVR",
    "sdpo": "agents.sdpo:SDPO",
    "pmd": "agents.pmd:PMD",
}
_ADDED: dict[str, str] = {}


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
    """Every known agent: ours, those of installed packages (group ``pmd.agents``) and registered ones."""
    plugins = {point.name: point.value for point in entry_points(group="pmd.agents")}
    return plugins | _ADDED | BUILT_IN


def usable_agents() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the agents that can be loaded, and those that cannot, each with the reason."""
    usable, broken = [], []
    for name, path in agent_paths().items():
        try:
            _load(path)
        except Exception as error:  # noqa: BLE001  a stranger's package may fail in any way
            broken.append(f"{name}: {error}")
        else:
            usable.append(name)
    return tuple(usable), tuple(broken)


def make_agent(name: str, settings: Mapping[str, object]) -> Agent:
    """An agent by name, arm or ``module:Class``, with some of its knobs set.

    Raises:
        ConfigError: Unknown name, a class that is no agent, an unknown knob or a value it refuses.
    """
    paths = agent_paths()
    if name in ARMS and name not in paths:
        return make_agent(ARMS[name].agent, {**ARMS[name].settings, **settings})
    if name not in paths and ":" not in name:
        raise unknown("agent", name, (*paths, *ARMS))
    agent_class = _load(paths.get(name, name))
    knobs = {field.name for field in dataclasses.fields(agent_class)}
    for key in settings:
        if key not in knobs:
            raise unknown(f"setting of {name}", key, sorted(knobs))
    try:
        return agent_class(**settings)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name}: {error}") from error


def _load(path: str) -> type[Agent]:
    module_name, _, class_name = path.partition(":")
    try:
        agent_class = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"agent {path!r} cannot be loaded: {error}") from error
    if not (isinstance(agent_class, type) and issubclass(agent_class, Agent) and dataclasses.is_dataclass(agent_class)):
        raise ConfigError(f"agent {path!r} is not a dataclass that subclasses agents.agent.Agent")
    return agent_class
