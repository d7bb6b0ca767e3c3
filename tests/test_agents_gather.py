"""Dynamic sampling: which groups an update waits for, and what becomes of the others."""

import gymnasium
import pytest
import torch
from agent_scene import OTHERS, TASK, group, new_state
from test_agents_train import Log, make_lanes, pool
from tiny_policy import tiny_policy
from toy_family import ToySums

import pmd_envs
from agents.agent import Agent
from agents.checkpoint import load_checkpoint
from agents.gather import gather
from agents.pmd import PMD
from agents.policy import Sampling
from agents.rlvr import RLVR
from agents.rollout import Rollout
from agents.sdpo import SDPO
from agents.stream import TaskStream
from agents.train import Clock, TrainConfig, learn_from, start, train
from agents.update import Optim, update
from pmd_envs import Verdict

CONFIG = TrainConfig(9, Rollout(2, Sampling(max_new_tokens=8)), Optim(lr=1e-2, warmup=0))
DAPO = RLVR(variant="dapo")


def useful(state, task=TASK):
    return group(state, (f"right {task.id}", 1.0), ("a longer wrong answer", 0.0), task=task)


def useless(state, score, task=TASK):
    return group(state, ("one", score), ("two", score), task=task)


def weights(state):
    return [parameter.detach().clone() for parameter in state.policy.model.parameters()]


def same(first, second):
    return all(map(torch.equal, first, second))


@pytest.mark.parametrize("agent", [RLVR(), RLVR("dr_grpo"), SDPO(), PMD(), RLVR("dapo", draws=1)])
def test_other_agents_learn_from_each_batch_as_it_is(agent):
    state = new_state()
    batch = [useless(state, 0.0), useful(state), useless(state, 1.0)]
    assert gather(batch, agent, state).groups == tuple(batch)
    assert (state.waiting, state.draws) == ([], 0)


def test_dapo_waits_for_as_many_groups_of_unequal_rewards_as_a_batch_has():
    state = new_state()
    first, second = useful(state), useful(state, OTHERS[0])
    assert gather([useless(state, 0.0), first], DAPO, state) is None
    assert gather([useless(state, 1.0), useless(state, 0.0)], DAPO, state) is None
    found = gather([second, useless(state, 1.0)], DAPO, state)
    assert (found.groups, found.draws, found.dropped) == ((first, second), 3, 4)
    assert (state.waiting, state.draws) == ([], 0)


def test_an_update_makes_do_with_what_there_is_when_the_draws_are_used_up():
    state, agent = new_state(), RLVR("dapo", draws=2)
    only = useful(state)
    assert gather([only, useless(state, 0.0)], agent, state) is None
    found = gather([useless(state, 0.0), useless(state, 0.0)], agent, state)
    assert (found.groups, found.draws, found.dropped) == ((only,), 2, 3)
    nothing = RLVR("dapo", draws=1)
    assert gather([useless(state, 0.0)], nothing, state).groups  # one draw: not filtered


def test_surplus_is_dropped_at_random_and_the_same_again():
    lost = set()
    for seed in range(12):
        found = []
        for _ in range(2):
            state = new_state()
            state.seed = seed
            batches = [
                [useful(state), useless(state, 0.0)],
                [useful(state, OTHERS[0]), useful(state, OTHERS[1])],
            ]
            assert gather(batches[0], DAPO, state) is None
            found.append(gather(batches[1], DAPO, state))
        kept = [g.task.id for g in found[0].groups]
        assert kept == [g.task.id for g in found[1].groups]
        everybody = [TASK.id, OTHERS[0].id, OTHERS[1].id]
        assert kept == [task_id for task_id in everybody if task_id in kept]  # in order
        assert (len(kept), found[0].dropped) == (2, 2)
        lost |= set(everybody) - set(kept)
    assert len(lost) == 3


def test_the_update_is_that_on_the_kept_groups_alone():
    state, by_hand = new_state(), new_state()
    before = weights(state)
    assert same(before, weights(by_hand))
    metrics = learn_from([useful(state), useless(state, 0.0)], DAPO, state, CONFIG, Clock())
    assert same(before, weights(state))  # nothing moved while it waits
    assert not {"loss", "draws", "grad_norm"} & set(metrics)
    assert metrics["groups_without_success"] == 0.5  # of all that was drawn
    metrics = learn_from([useless(state, 1.0), useful(state, OTHERS[0])], DAPO, state, CONFIG, Clock())
    assert (metrics["draws"], metrics["groups_dropped"], metrics["signal"]) == (2, 2, 1)
    kept = [useful(by_hand), useful(by_hand, OTHERS[0])]
    expected = update(by_hand, [DAPO.targets(g, by_hand) for g in kept], DAPO.loss, CONFIG.optim, 8)
    assert metrics["loss"] == expected["loss"]
    assert same(weights(by_hand), weights(state))
    assert not same(before, weights(state))


def test_draws_that_teach_nothing_end_in_an_update_of_nothing():
    state, agent = new_state(), RLVR("dapo", draws=2)
    before = weights(state)
    for step in range(2):
        metrics = learn_from([useless(state, float(step))], agent, state, CONFIG, Clock())
    assert (metrics["draws"], metrics["groups_dropped"]) == (2, 2)
    assert (metrics["loss"], metrics["grad_norm"], metrics["active_rows"]) == (0, 0, 0)
    assert same(before, weights(state))
    assert state.step == 2


def test_dynamic_sampling_is_a_knob():
    assert (RLVR().most_draws, DAPO.most_draws, RLVR(draws=4).most_draws) == (1, 10, 4)
    with pytest.raises(ValueError, match="draws=0 is below 1"):
        RLVR(draws=0)


class LuckySums(ToySums):
    """A family in which even a random policy is often right."""

    name = "LuckySums"

    def verify(self, task, response):
        return Verdict(float(len(response) % 2), "by luck")


@pytest.fixture
def lucky_id():
    env_id = pmd_envs.register(LuckySums)
    yield env_id
    del gymnasium.registry[env_id]


class FullLog(Log):
    """What was drawn at each step, and after which ones a checkpoint was written."""

    def __init__(self, folder):
        super().__init__(folder)
        self.episodes, self.saved = [], []

    def record(self, step, groups, metrics, seconds):
        super().record(step, groups, metrics, seconds)
        self.episodes += [(step, e.id, e.task.id, e.response, e.verdict.score) for g in groups for e in g.episodes]

    def checkpoint(self, state):
        super().checkpoint(state)
        self.saved.append(state.step)


def run(agent: Agent, env_id, folder, steps):
    folder.mkdir(exist_ok=True)
    config = TrainConfig(steps, Rollout(2, Sampling(max_new_tokens=8), 3), Optim(lr=1e-3))
    stream = TaskStream((pool(env_id, 6),), 2, seed=3)
    state = start(tiny_policy(), agent, folder / "memory.sqlite", stream, config)
    load_checkpoint(state, folder / "checkpoint")
    begun, log = state.step, FullLog(folder)
    env = make_lanes(env_id, 4, granularity="episode")
    train(agent, state, stream, env, config, log)
    env.close()
    return state, log, begun


def test_a_run_that_is_stopped_while_it_waits_draws_the_same_again(lucky_id, tmp_path):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        whole, log, _ = run(DAPO, lucky_id, tmp_path / "whole", 9)
        waiting = [step for step in range(1, 9) if step not in log.saved]
        assert waiting  # the test would show nothing if every batch were full at once
        _, first, _ = run(DAPO, lucky_id, tmp_path / "parts", waiting[0])
        resumed, second, begun = run(DAPO, lucky_id, tmp_path / "parts", 9)
    finally:
        torch.set_num_threads(threads)
    assert begun < waiting[0]
    assert [line for line in first.metrics if line[0] < begun] + second.metrics == log.metrics
    assert [line for line in first.episodes if line[0] < begun] + second.episodes == log.episodes
    assert same(weights(resumed), weights(whole))
    assert not same(weights(whole), [p.detach() for p in tiny_policy().model.parameters()])


def test_rollouts_are_equal_and_all_are_written_down_whatever_is_kept(lucky_id, tmp_path):
    logs = {}
    for name, agent in (("dapo", DAPO), ("grpo", RLVR())):
        _, logs[name], _ = run(agent, lucky_id, tmp_path / name, 6)
    drawn = {name: [line[:3] for line in log.episodes] for name, log in logs.items()}
    assert drawn["dapo"] == drawn["grpo"]  # the same problems under the same ids, step by step
    assert len({line[1] for line in drawn["dapo"]}) == 6 * 4
    steps = [metrics for _, metrics in logs["dapo"].metrics]
    assert all(metrics["tokens/rollout"] > 0 for metrics in steps)
    updates = [metrics for metrics in steps if "draws" in metrics]
    assert sum(metrics["draws"] for metrics in updates) == logs["dapo"].saved[-1]
    assert any(metrics["groups_dropped"] for metrics in updates)
    assert not any("draws" in metrics for _, metrics in logs["grpo"].metrics)
