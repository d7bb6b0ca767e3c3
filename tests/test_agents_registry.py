import dataclasses
import sys

import pytest

from agents.agent import Agent
from agents.arms import ARMS
from agents.choices import Choices
from agents.pmd import PMD
from agents.policies import load_policy
from agents.records import Targets
from agents.registry import NamedAgent, agent_paths, labelled, make_agent, named_agent, register, usable_agents
from agents.rlvr import RLVR
from memory import Caps
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


def test_arms_are_agents_with_other_settings():
    for name, arm in ARMS.items():
        assert make_agent(name, {}) == make_agent(arm.agent, dict(arm.settings))
        assert make_agent(name, {}) != make_agent(arm.agent, {}) or name == "rlvr-grpo"  # grpo is rlvr's default
    assert make_agent("pmd-transient", {"recall": 1}) == PMD(keep="step", recall=1, ours=Choices(related=4))
    with pytest.raises(ConfigError, match="Did you mean 'pmd-shuffled'"):
        make_agent("pmd-shufled", {})


def test_a_knob_may_be_a_record_of_knobs():
    wanted = PMD(recall=1, ours=Choices(novelty=0.8, related=6))
    assert make_agent("pmd", {"recall": 1, "ours.novelty": 0.8, "ours.related": 6}) == wanted
    assert make_agent("pmd", {"recall": 1, "ours": {"novelty": 0.8, "related": 6}}) == wanted
    transient = make_agent("pmd-transient", {"ours.taught": "as in sdpo"})
    assert transient == PMD(keep="step", ours=Choices(taught="as in sdpo", related=4))
    assert wanted.caps == Caps(novelty=0.8, related=6)


def test_only_what_knows_the_generators_plans_is_an_upper_bound():
    assert {name for name in (*ARMS, "pmd", "sdpo", "rlvr", "frozen") if labelled(name) != name} == {"pmd-scripted"}
    assert labelled("pmd-scripted") == "pmd-scripted (upper bound)"
    assert named_agent("pmd", {"writer": "scripted"}) == NamedAgent("pmd (upper bound)", PMD(writer="scripted"))


def test_agents_from_outside_work_by_path_and_by_name():
    path = f"{__name__}:Idle"
    assert make_agent(path, {"speed": 3}) == Idle(3)
    register("idle", path)
    assert agent_paths()["idle"] == path
    assert make_agent("idle", {}) == Idle()
    for taken in ("pmd", "pmd-shuffled"):
        with pytest.raises(ConfigError, match="already"):
            register(taken, path)


def install(folder, name, points):
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(points)


def test_a_package_whose_plug_ins_cannot_be_read_spoils_no_agent(tmp_path, monkeypatch):
    install(tmp_path, "malformed", "[pmd.envs]\nbad\n")
    install(tmp_path, "sound", f"[pmd.agents]\nidle-of-sound = {__name__}:Idle\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert {"idle-of-sound", "pmd"} <= set(agent_paths())
    assert make_agent("idle-of-sound", {"speed": 2}) == Idle(2)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import sys; sys.exit('needs another Python')", "SystemExit: needs another Python"),
        ("class Stop(BaseException): pass\nraise Stop('no')", "agent_that_exits.Stop: no"),
        ("class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute", "agent_that_exits.Mute: <"),
        ("", "agent 'agent_that_exits:Agent' cannot be loaded"),
    ],
)
def test_an_agent_that_exits_when_it_is_loaded_is_named_and_no_more(body, said, tmp_path, monkeypatch):
    (tmp_path / "agent_that_exits.py").write_text(body)
    install(tmp_path, "exits", "[pmd.agents]\nexits = agent_that_exits:Agent\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "agent_that_exits", raising=False)
    usable, broken = usable_agents()
    assert "pmd" in usable
    assert "exits" not in usable
    (line,) = [line for line in broken if line.startswith("exits: ")]
    assert line.startswith(f"exits: {said}")


def test_an_agent_of_a_package_takes_no_name_of_ours(tmp_path, monkeypatch, caplog):
    points = [f"{name} = {__name__}:Idle" for name in ("pmd", "pmd-shuffled", "of-two")]
    install(tmp_path, "first", "\n".join(["[pmd.agents]", *points, "rlvr = agents.rlvr:RLVR"]))
    install(tmp_path, "second", "[pmd.agents]\nof-two = agents.rlvr:RLVR\n")
    monkeypatch.syspath_prepend(tmp_path)
    for _ in range(2):
        usable, broken = usable_agents()
    assert {"pmd", "of-two", "rlvr"} <= set(usable)
    assert "pmd-shuffled" not in usable
    names = sorted(line.partition(":")[0] for line in broken if "has its name" in line)
    assert names == ["of-two", "pmd", "pmd-shuffled"]
    assert isinstance(make_agent("pmd", {}), PMD)
    assert make_agent("pmd-shuffled", {}) == PMD(placebo="shuffled")
    assert isinstance(make_agent("of-two", {}), Idle | RLVR)
    warned = sorted(message.split()[1] for message in caplog.messages if "was skipped" in message)
    assert warned == names  # once each


def test_ctrl_c_while_agents_are_loaded_still_stops(tmp_path, monkeypatch):
    (tmp_path / "agent_that_waits.py").write_text("raise KeyboardInterrupt")
    install(tmp_path, "waits", "[pmd.agents]\nwaits = agent_that_waits:Agent\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        usable_agents()


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("pdm", {}, "Did you mean 'pmd'"),
        ("sdpo", {"alhpa": 1}, "Did you mean 'alpha'"),
        ("sdpo", {"alpha": 7}, "outside 0..1"),
        ("pmd", {"ours.noveltie": 0.8}, "Did you mean 'ours.novelty'"),
        ("pmd", {"ours": {"noveltie": 0.8}}, "Did you mean 'ours.novelty'"),
        ("pmd", {"ours.related": 0}, "related is at least 1, not 0"),
        ("pmd", {"ours.novelty": -1}, "novelty is above 0, not -1"),
        ("pmd", {"ours.taught": "all"}, "known: any block, as in sdpo"),
        ("pmd", {"ours.behaviors_every": 0}, "ours.behaviors_every=0 is below 1"),
        ("pmd", {"ours.attempts_read": 0}, "attempts_read is at least 1, not 0"),
        ("pmd-transient", {"insights": "supported"}, "insights='supported' is decided after an epoch"),
        ("pmd-transient", {"ours.behaviors_every": 2}, "ours.behaviors_every=2 counts epochs"),
        (
            "sdpo-anchored",
            {"teacher_kind": "ema"},
            "would not be sdpo-anchored, which is sdpo with teacher_kind='trust-",
        ),
        ("rlvr-dapo", {"variant": "grpo"}, "set it for the agent rlvr"),
        ("pmd", {"ours.solution": "stored"}, "known: sibling first, stored first"),
        ("pmd", {"ours.reflection_temperature": -1}, "ours.reflection_temperature=-1 is below 0"),
        ("pmd", {"ours": 3}, "ours"),
        ("pmd", {"recall": -1}, "recall=-1 is below 0"),
        ("pmd", {"recall": 1.5}, "recall=1.5 is not a whole number"),
        ("pmd", {"recall": True}, "recall=True is not a number"),
        ("pmd", {"top_k": "many"}, "top_k='many' is not a number"),
        ("pmd", {"ours.attempts_read": 1.5}, "ours.attempts_read=1.5 is not a whole number"),
        ("pmd", {"ours.reflection_temperature": float("nan")}, "ours.reflection_temperature=nan is not a number"),
        ("pmd", {"distil": "False"}, "distil='False' is neither true nor false"),
        ("pmd", {"ours.copies": "no"}, "ours.copies='no' is neither true nor false"),
        ("sdpo", {"feedback": None}, "feedback=None is neither true nor false"),
        ("sdpo", {"copies": 1}, "copies=1 is neither true nor false"),
        ("rlvr", {"clip_low": None}, "clip_low=None is not a number"),
        ("rlvr", {"clip_low": 2}, "clip_low=2 is not from 0 to 1"),
        ("rlvr", {"clip_high": -0.5}, "clip_high=-0.5 is below 0"),
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
