"""What an agent's targets have to be: those of a stranger's agent are looked at before anything is made of them."""

from numbers import Real

import torch

from agents.agent import Agent
from agents.records import Group, RowTarget, Targets, TeacherLogprobs
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
    fault = next(filter(None, map(_fault, targets.rows)), None)
    if fault is not None:
        raise ConfigError(f"{name}: a row of its targets {fault}")
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
        if not _is_number(value):
            raise ConfigError(f"{name}: its targets have stats[{key!r}] = {value!r:.60}, which is no number")
    return targets


def _fault(row: object) -> str:
    """What is wrong with a row; empty where nothing is."""
    if not isinstance(row, RowTarget):
        return f"is {_kind(row)}, not agents.records.RowTarget"
    advantage: object = row.advantage
    if not (advantage is None or _is_number(advantage)):
        return f"has advantage={advantage!r:.60}, which is not one number: each token gets the row's"
    return "" if row.teacher is None else _fault_of_teacher(row.teacher, len(row.turn.completion.tokens))


def _fault_of_teacher(teacher: object, count: int) -> str:
    """What is wrong with the teacher of a turn of so many tokens."""
    if not isinstance(teacher, TeacherLogprobs):
        return f"has {_kind(teacher)} as its teacher, not agents.records.TeacherLogprobs"
    shape = tuple(teacher.logprobs.shape)
    if len(shape) != 2 or shape[0] != count:
        return (
            f"has a teacher with logprobs of shape {shape} for the {count} tokens of its turn, which have a line each"
        )
    at = shape if teacher.indices is None else tuple(teacher.indices.shape)
    return "" if at == shape else f"has a teacher with logprobs of shape {shape} at indices of shape {at}"


def _is_number(value: object) -> bool:
    return isinstance(value, Real) or (isinstance(value, torch.Tensor) and value.numel() == 1)


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
