"""What an agent of one's own returns as its targets is looked at before anything is made of it."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from agent_scene import group, new_state

from agents.agent import Agent
from agents.checked_targets import checked
from agents.records import RowTarget, Targets, TeacherLogprobs
from agents.rlvr import RLVR
from agents.rollout import Rollout
from agents.sampling import Sampling
from agents.train import Clock, TrainConfig, learn_from
from agents.update import Optim
from pmd_envs.errors import ConfigError


@dataclass(frozen=True)
class Returning(Agent):
    """Gives whatever it was made of."""

    found: object

    def targets(self, group, state):
        return self.found


def asking(**wanted):
    """Makes targets of rows that all ask for the same."""
    return lambda rows: Targets(tuple(replace(row, **wanted) for row in rows), {})


def teaching(lines, width=258, indices=None):
    """Makes targets of rows with a teacher of so many lines, each for a turn of eight tokens."""
    return asking(teacher=TeacherLogprobs(torch.zeros(lines, width), indices, torch.zeros(lines)))


def rows_of(batch):
    return tuple(RowTarget(turn) for episode in batch.episodes for turn in episode.turns)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (list, "targets gave a list, not agents.records.Targets"),
        (lambda _: None, "targets gave None, not agents.records.Targets"),
        (lambda rows: Targets(rows[:1], {}), "its targets have 1 rows for the 2 turns of a group; each turn has one"),
        (lambda rows: Targets(rows * 2, {}), "its targets have 4 rows for the 2 turns of a group"),
        (lambda rows: Targets((rows[0], 1.0), {}), "a row of its targets is a float, not agents.records.RowTarget"),
        (
            lambda rows: Targets(rows, {"kept": "many"}),
            r"its targets have stats\['kept'\] = 'many', which is no number",
        ),
        (lambda rows: Targets(rows, {"kept": "1"}), "which is no number"),
        (lambda rows: Targets(rows, {"kept": None}), "= None, which is no number"),
        (lambda rows: Targets(rows, [1.0]), "the stats of its targets are a list, not a dict of numbers"),
        (asking(advantage=[1.0] * 8), r"a row of its targets has advantage=\[1.0, .*, which is not one number"),
        (asking(advantage=torch.ones(8)), "which is not one number: each token gets the row's"),
        (asking(advantage="1"), "advantage='1', which is not one number"),
        (asking(teacher=torch.zeros(8, 258)), "has a Tensor as its teacher, not agents.records.TeacherLogprobs"),
        (
            teaching(7),
            r"a teacher with logprobs of shape \(7, 258\) for the 8 tokens of its turn, which have a line each",
        ),
        (teaching(9), r"logprobs of shape \(9, 258\) for the 8 tokens"),
        (teaching(8, 4, torch.zeros(8, 3)), r"logprobs of shape \(8, 4\) at indices of shape \(8, 3\)"),
    ],
)
def test_what_is_wrong_is_named_with_the_agent(make, message):
    state = new_state()
    batch = group(state, ("#### 19", 1.0), ("#### 18", 0.0))
    agent = Returning(make(rows_of(batch)))
    config = TrainConfig(1, Rollout(2, Sampling(4)), Optim(), drift_every=0)
    with pytest.raises(ConfigError, match=f"agent {__name__}:Returning: .*{message}"):
        learn_from([batch], agent, state, config, Clock())


@pytest.mark.parametrize("advantage", [1, np.float32(1), torch.tensor(1.0), torch.ones(1)])
def test_an_advantage_may_be_a_number_of_any_kind(advantage):
    losses = []
    for value in (advantage, 1.0):
        state = new_state()
        batch = group(state, ("#### 19", 1.0), ("#### 18", 0.0))
        agent = Returning(asking(advantage=value)(rows_of(batch)))
        config = TrainConfig(1, Rollout(2, Sampling(4)), Optim(), drift_every=0)
        losses.append(learn_from([batch], agent, state, config, Clock())["loss"])
    assert losses[0] == losses[1] != 0


def test_numbers_of_all_kinds_are_logged():
    batch = SimpleNamespace(episodes=())
    stats = {"a": 1, "b": np.float32(2), "c": torch.tensor(3.0), "d": True, "e": float("nan")}
    assert checked(Targets((), stats), batch, RLVR()).stats == stats
