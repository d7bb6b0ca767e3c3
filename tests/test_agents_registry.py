import dataclasses

import pytest

from agents.agent import Agent
from agents.policies import load_policy
from agents.records import Targets
from agents.registry import agent_paths, make_agent, register
from agents.rlvr import RLVR
from pmd_envs.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Idle(Agent):
    """An agent from outside."""

    speed: int = 1

    def targets(self, group, state):
        return Targets((), {})


def test_built_in_agents_are_made_by_name():
    for name in ("frozen", "rlvr", "sdpo", "pmd"):
        assert isinstance(make_agent(name, {}), Agent)
    assert make_agent("rlvr", {"variant": "dapo"}) == RLVR(variant="dapo")


def test_agents_from_outside_work_by_path_and_by_name():
    path = f"{__name__}:Idle"
    assert make_agent(path, {"speed": 3}) == Idle(3)
    register("idle", path)
    assert agent_paths()["idle"] == path
    assert make_agent("idle", {}) == Idle()
    with pytest.raises(ConfigError, match="already"):
        register("pmd", path)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("pdm", {}, "Did you mean 'pmd'"),
        ("sdpo", {"alhpa": 1}, "Did you mean 'alpha'"),
        ("sdpo", {"alpha": 7}, "outside 0..1"),
        ("nowhere:Thing", {}, "cannot be loaded"),
        ("agents.rlvr:group_advantages", {}, "not a dataclass"),
    ],
)
def test_mistakes_are_named(name, settings, message):
    with pytest.raises(ConfigError, match=message):
        make_agent(name, settings)


def test_policies_that_are_not_there_are_named(tmp_path):
    with pytest.raises(ConfigError, match="Did you mean 'nano'"):
        load_policy("nanoo")
    with pytest.raises(ConfigError, match="cannot be loaded"):
        load_policy(str(tmp_path))
