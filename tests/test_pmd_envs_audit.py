"""Every verifier withstands the audit; and the audit does find verifiers that do not."""

import json
import re
import sys
import types
from pathlib import Path

import gymnasium
import pytest

import pmd_envs
from pmd_envs import ConfigError, Family, Problem, StepVerdict, Verdict
from pmd_envs.audit.__main__ import main
from pmd_envs.audit.attacks import ATTACKS, Attack
from pmd_envs.audit.report import as_json, page, table, worst
from pmd_envs.audit.runner import audit

IDS = pmd_envs.environment_ids(reasoning_gym=False)
LONG = ("pmd/KnightsKnaves-v0", "pmd/Ordering-v0", "pmd/Sudoku-v0", "pmd/ZebraGrid-v0")
PAGE = Path(__file__).parent.parent / "docs" / "audit.md"


def raises(gold, response):
    if "\x00" in response:
        raise ValueError("a zero byte")
    return stated(response) == gold


def runs_code(gold, response):
    path = re.search(r"open\('(/[^']+)'", response)
    if path:
        Path(path[1]).touch()
    return stated(response) == gold


def stated(response):
    return response.partition("####")[2].strip().partition("\n")[0].strip(" *$.\r")


FAULTS = {
    "anything goes": lambda gold, response: response != "",
    "substring": lambda gold, response: gold in response,
    "raises": raises,
    "runs code": runs_code,
    "never": lambda gold, response: False,
    "none": lambda gold, response: stated(response) == gold,
}


class Careless(Family):
    """A family whose verifier has one of the usual faults, as its problem says."""

    name = "Careless"
    instructions = "End with #### and a number."
    difficulties = (1,)
    max_turns = 1
    fault = ""

    def generate(self, rng, difficulty):
        return Problem(f"Which number is it, {rng.random()}?", str(rng.randrange(100, 1000)))

    def check_step(self, task, accepted, step):
        return StepVerdict(None, "")

    def verify(self, task, response):
        return Verdict(float(FAULTS[self.fault](task.gold, response)), "")

    def gold_solution(self, task):
        return f"#### {task.gold}"

    def is_final(self, task, step, verdict):
        return True

    def answer(self, response):
        return stated(response)


@pytest.fixture
def careless(monkeypatch):
    env_id = pmd_envs.register(Careless)

    def attacked(fault):
        monkeypatch.setattr(Careless, "fault", fault)
        return audit([env_id], problems=2)[0]

    yield attacked
    del gymnasium.registry[env_id]


@pytest.mark.parametrize(
    "env_id", [pytest.param(env_id, marks=[pytest.mark.slow] if env_id in LONG else []) for env_id in IDS]
)
def test_every_verifier_withstands_every_attack(env_id):
    (found,) = audit([env_id], problems=1, seed=3)
    assert not found.failed, table([found])
    assert found.attacks > 25
    assert found.honest >= 5


@pytest.mark.parametrize(
    ("fault", "kind", "group"),
    [
        ("anything goes", "false accept", "empty"),
        ("substring", "false accept", "hedging"),
        ("raises", "exception", "empty"),
        ("runs code", "side effect", "code"),
        ("never", "false reject", "honest"),
    ],
)
def test_usual_faults_are_found(careless, fault, kind, group):
    found = careless(fault)
    assert (kind, group) in {(finding.kind, finding.group) for finding in found.findings}
    assert worst([found]) == 1
    assert kind in table([found])


def test_a_constant_that_is_accepted_is_found_if_it_is_not_the_right_answer(careless):
    guesses = [finding.attack for finding in careless("anything goes").findings if finding.group == "constants"]
    assert guesses.count("#### 0") == 2  # on both problems
    assert guesses.count("#### @COMMON@") == 1  # which is the answer of the other one
    assert not [finding for finding in careless("none").findings if finding.group == "constants"]


class Silent(Careless):
    """One that does not say what a response answers: of it whole responses are compared."""

    name = "Silent"
    common = False

    def generate(self, rng, difficulty):
        problem = super().generate(rng, difficulty)
        return Problem(problem.prompt, str(rng.randrange(2))) if self.common else problem

    def answer(self, response):
        return None


@pytest.mark.parametrize("common", [False, True], ids=["all different", "one of two"])
def test_the_commonest_answer_is_no_false_accept_where_it_is_the_right_one(common, monkeypatch):
    monkeypatch.setattr(Silent, "common", common)
    monkeypatch.setattr(Silent, "version", int(common))
    env_id = pmd_envs.register(Silent)
    try:
        monkeypatch.setattr(Silent, "fault", "none")
        (found,) = audit([env_id])
        assert not found.findings, table([found])
        monkeypatch.setattr(Silent, "fault", "anything goes")
        guesses = [one for one in audit([env_id])[0].findings if one.attack == "@COMMON@"]
        assert guesses  # on the problems that it is not the answer of
        assert len(guesses) < 10
    finally:
        del gymnasium.registry[env_id]


def test_the_command_prints_a_table_and_writes_json(capsys, tmp_path):
    path = tmp_path / "audit.json"
    assert main(["pmd/FunctionSynthesis-v0", "--problems", "1", "--json", str(path)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("environment")
    assert "pmd/FunctionSynthesis-v0" in shown
    (family,) = json.loads(path.read_text())["families"]
    assert (family["env_id"], family["failed"], family["findings"]) == ("pmd/FunctionSynthesis-v0", False, [])


def test_a_wrong_argument_is_answered_with_the_right_one(capsys):
    with pytest.raises(ConfigError, match="Did you mean 'pmd/GSM8K-v0'"):
        audit(["pmd/GSM8k-v0"])
    with pytest.raises(ConfigError, match="at least one problem"):
        audit(problems=0)
    with pytest.raises(SystemExit):
        main(["pmd/GSM8k-v0"])
    assert "Did you mean" in capsys.readouterr().err


def test_nothing_audited_is_no_success():
    with pytest.raises(ConfigError, match="nothing"):
        worst([])


def test_an_attack_says_what_it_is():
    assert Attack("(", 5000, "#### ").heavy
    assert Attack("(", 5000, "#### ").name == "#### [(] x 5000"
    assert Attack("\u200b").name == "\\u200b"
    assert Attack("#### 1").guesses
    assert not Attack("#### @GOLD@ or 1").guesses
    names = [attack.name for attacks in ATTACKS.values() for attack in attacks]
    assert len(names) > 300


def test_the_page_of_the_documentation_is_of_these_families_and_attacks():
    text = PAGE.read_text("utf-8")
    assert re.findall(r"^\| (pmd/\S+) \|", text, re.MULTILINE) == list(IDS)
    (found,) = audit(["pmd/FunctionSynthesis-v0"], problems=1)
    fresh = page([found], 1, 0)
    assert fresh.partition("## Attacks")[2] == text.partition("## Attacks")[2]
    assert json.loads(as_json([found], 1, 0))["problems"] == 1


@pytest.mark.parametrize("name", ["Doubling", "Multiples"])
def test_the_families_of_the_documentation_withstand_the_audit(name, monkeypatch):
    text = (PAGE.parent / ("tutorial.md" if name == "Doubling" else "index.md")).read_text("utf-8")
    [code] = [block for block in re.findall(r"^```python\n(.*?)^```", text, re.M | re.S) if f"class {name}(" in block]
    module = types.ModuleType("a_family_of_the_docs")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    before = dict(gymnasium.registry)
    try:
        exec(compile(code, module.__name__, "exec"), module.__dict__)
        (found,) = audit([pmd_envs.register(getattr(module, name))], problems=10)
        assert not found.findings, table([found])
    finally:
        gymnasium.registry.clear()
        gymnasium.registry.update(before)
