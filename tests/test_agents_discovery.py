"""Test-time self-distillation: learning on one problem until the first success, and how soon that comes."""

import json
import sys

import gymnasium
import pytest
import torch
from test_agents_train import make_lanes, pool
from tiny_policy import tiny_policy
from toy_family import ToySums

import pmd_envs
from agents.discovery import Search, search
from agents.policy import Sampling
from agents.registry import make_agent
from agents.rollout import Rollout, roll_out
from agents.train import TrainConfig
from agents.update import Optim
from benchmarks import discover
from benchmarks.statistics import discovery_at_k
from pmd_envs import Verdict

CONFIG = TrainConfig(3, Rollout(4, Sampling(max_new_tokens=8), 5), Optim(lr=1e-2, warmup=0), drift_every=0)


class Vowels(ToySums):
    """Solved by any response with the letter e: now and then by a policy that knows nothing."""

    name = "Vowels"

    def verify(self, task, response):
        return Verdict(float("e" in response), "looked for an e")


@pytest.fixture
def vowels():
    env_id = pmd_envs.register(Vowels)
    yield env_id
    del gymnasium.registry[env_id]


def test_discovery_at_k_on_paper():
    found = [1, 16, 17, None]
    assert [discovery_at_k(found, k) for k in (1, 15, 16, 17, 10_000)] == [0.25, 0.25, 0.5, 0.75, 0.75]
    with pytest.raises(ValueError, match="at least one search"):
        discovery_at_k([], 4)


def test_the_first_success_is_counted_attempt_by_attempt(vowels, tmp_path):
    [task] = pool(vowels, 1)
    env = make_lanes(vowels, 4, granularity="episode")
    config = TrainConfig(12, CONFIG.rollout, CONFIG.optim, drift_every=0)
    solved = []
    for step in range(config.steps):
        [group] = roll_out(env, tiny_policy(), [task], config.rollout, policy_step=step)
        solved += [episode.solved for episode in group.episodes]
    first = solved.index(True) + 1
    found = search(make_agent("frozen", {}), tiny_policy(), task, env, config, tmp_path / "m.sqlite")
    assert found == Search(task.id, -(-first // 4) * 4, first)
    env.close()


@pytest.mark.parametrize(("agent", "learns"), [("frozen", False), ("sdpo", True), ("pmd", True)])
def test_agents_that_train_learn_from_failed_batches(agent, learns, toy_id, tmp_path):
    [task] = pool(toy_id, 1)
    env = make_lanes(toy_id, 4, granularity="episode")
    policy = tiny_policy()
    before = [parameter.clone() for parameter in policy.model.parameters()]
    made = []
    knobs = {"ours.reflection_tokens": 8} if agent == "pmd" else {}
    found = search(make_agent(agent, knobs), policy, task, env, CONFIG, tmp_path / "m.sqlite", made.append)
    assert (found, made) == (Search(task.id, 12, None), [4, 4, 4])
    same = all(torch.equal(a, b) for a, b in zip(before, policy.model.parameters(), strict=True))
    assert same != learns
    assert (tmp_path / "m.sqlite").exists() == (agent == "pmd")
    env.close()


def run(monkeypatch, folder, *arguments):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["discover.py", *arguments])
    return discover.main()


SMALL = ("--env", "pmd/GSM8K-v0", "--difficulty", "3", "--attempts", "4", "--batch", "2", "--seeds", "1")
SMALL += ("--max-new-tokens", "8", "--threads", "1")


def test_the_command_searches_prints_and_goes_on(tmp_path, monkeypatch, capsys):
    asked = (*SMALL, "--agents", "frozen", "sdpo", "--problems", "1", "--screen", "2", "--out", "found", "--json")
    assert run(monkeypatch, tmp_path, *asked) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == {
        "problems": ["GSM8K-v0/generated/train/d3/0"],
        "k": [4],
        "discovery": {"frozen": [0], "sdpo": [0]},
    }
    rows = [json.loads(line) for line in (tmp_path / "found" / "searches.jsonl").read_text().splitlines()]
    assert [(row["agent"], row["made"], row["solved_at"]) for row in rows] == [("frozen", 4, None), ("sdpo", 4, None)]
    rows[1]["solved_at"] = 3  # as if it had been found: what is written down is not searched for again
    (tmp_path / "found" / "searches.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run(monkeypatch, tmp_path, *asked) == 0
    assert json.loads(capsys.readouterr().out)["discovery"] == {"frozen": [0], "sdpo": [1.0]}
    rows[1]["weights"] = "others"  # of a policy of the same name
    (tmp_path / "found" / "searches.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run(monkeypatch, tmp_path, *asked) == 0
    assert json.loads(capsys.readouterr().out)["discovery"] == {"frozen": [0], "sdpo": [0]}


@pytest.mark.parametrize(("changes", "found"), [({}, 1.0), ({"alpha": 0.5}, 0), ({"teacher_rate": 0.05}, 0), (None, 0)])
def test_a_search_with_other_settings_of_its_agent_is_made_again(changes, found, tmp_path, monkeypatch, capsys):
    asked = (*SMALL, "--agents", "sdpo", "--indices", "0", "--out", ".", "--json")
    assert run(monkeypatch, tmp_path, *asked) == 0
    log = tmp_path / "searches.jsonl"
    row = json.loads(log.read_text()) | {"solved_at": 3}
    assert row["settings"]["teacher_rate"] == discover.TEST_TIME["teacher_rate"]
    if changes is None:  # as older versions wrote it
        del row["settings"]
    else:
        row["settings"] |= changes
    log.write_text(json.dumps(row) + "\n")
    capsys.readouterr()
    assert run(monkeypatch, tmp_path, *asked) == 0
    assert json.loads(capsys.readouterr().out)["discovery"] == {"sdpo": [found]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--agents", "sdpoo"), "unknown agent 'sdpoo'. Did you mean 'sdpo'?"),
        (("--env", "pmd/GSM8k-v0"), "Did you mean 'pmd/GSM8K-v0'?"),
        (("--attempts", "20", "--batch", "16"), "--attempts 20 is not a multiple of --batch 16"),
        (("--seeds", "0"), "--seeds 0 is below 1"),
        (("--below", "0"), "--below 0.0 is not a share"),
        (("--lr", "0"), "--lr 0.0 is no learning rate above 0"),
        (("--max-new-tokens", "0"), "--max-new-tokens 0 is below 1"),
        (("--threads", "0"), "--threads 0 is below 1"),
        (("--out", __file__), f"--out {__file__} cannot be a folder: {__file__} is a file"),
        (("--difficulty", "99"), "unknown difficulty of GSM8K 99"),
    ],
)
def test_a_mistake_is_one_line(arguments, message, tmp_path, monkeypatch, capsys):
    assert run(monkeypatch, tmp_path, *arguments) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert message in line


def test_where_nothing_is_hard_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(discover, "LONGEST_SEARCH", 1)
    asked = ("--env", "pmd/GSM8K-v0", "--difficulty", "1", "--problems", "1", "--screen", "16", "--below", "0.01")
    assert run(monkeypatch, tmp_path, *asked, "--threads", "1") == 2
    assert "only 0 of 1 problems of pmd/GSM8K-v0 at difficulty 1 are solved in less than 1%" in capsys.readouterr().err
