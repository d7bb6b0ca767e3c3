"""What an agent's targets have to be: those of a stranger's agent are looked at before anything is made of them."""

from numbers import Real

import torch

from agents.agent import Agent
from agents.records import Group, RowTarget, Targets
from pmd_envs.errors import ConfigError


def checked(targets: object, group: Group, agent: Agent) -> Targets:
    """The targets, if they are some, with a row for each turn of the group and numbers to log.

    Rows count in the means of an update also where they teach nothing, so one that is missing would change what the
    others weigh.

    Raises:
        ConfigError: They are not; the message names the agent.
    """
    name = f"agent {type(agent).__module__}:{type(agent).__qualname__}"
    if not isinstance(targets, Targets):
        raise ConfigError(f"{name}: targets gave {_kind(targets)}, not agents.records.Targets(rows, stats)")
    strange = next((row for row in targets.rows if not isinstance(row, RowTarget)), None)
    if strange is not None:
        raise ConfigError(f"{name}: a row of its targets is {_kind(strange)}, not agents.records.RowTarget")
    turns = sum(len(episode.turns) for episode in group.episodes)
    if len(targets.rows) != turns:
        raise ConfigError(
            f"{name}: its targets have {len(targets.rows)} rows for the {turns} turns of a group; each turn has one, "
            "RowTarget(turn) where it teaches nothing"
        )
    if not isinstance(targets.stats, dict):
        raise ConfigError(f"{name}: the stats of its targets are {_kind(targets.stats)}, not a dict of numbers")
    noted: dict[str, object] = {**targets.stats}
    for key, value in noted.items():
        if not (isinstance(value, Real) or (isinstance(value, torch.Tensor) and value.numel() == 1)):
            raise ConfigError(f"{name}: its targets have stats[{key!r}] = {value!r:.60}, which is no number")
    return targets


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
