"""Rollouts, the training loop, and going on after a stop."""

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import gymnasium
import pytest
import torch
from gymnasium.vector import AutoresetMode
from tiny_policy import tiny_policy
from toy_family import ToySums
from transformers import AutoModelForCausalLM, GPT2Config, MixtralConfig, OPTConfig

import pmd_envs
from agents.checkpoint import checkpoint_step, load_checkpoint, replace_folder, save_checkpoint
from agents.choices import Choices
from agents.dropout import check_training
from agents.memories import open_memory
from agents.pmd import PMD
from agents.policies import load_policy
from agents.policy import Policy, Sampling
from agents.prompts import Blocks
from agents.records import Completion
from agents.rlvr import RLVR
from agents.rollout import Rollout, roll_out
from agents.scoring import read_responses
from agents.sdpo import SDPO
from agents.stream import TaskStream
from agents.train import TrainConfig, start, train
from agents.update import Optim
from benchmarks.evaluate import Problems, lanes
from benchmarks.suites import EnvChoice
from memory import Attempt, Caps, Memory, Subject
from pmd_envs import ReasoningVectorEnv
from pmd_envs.errors import ConfigError
from pmd_envs.generated import GeneratedSource

SAMPLING = Sampling(max_new_tokens=8)


def make_lanes(
    env_id: str, count: int, mode: AutoresetMode = AutoresetMode.SAME_STEP, **kwargs: object
) -> ReasoningVectorEnv:
    make = partial(gymnasium.make, env_id, source="generated", **kwargs)
    return ReasoningVectorEnv.of([lambda: make().unwrapped] * count, mode)


def pool(env_id: str, size: int) -> tuple[pmd_envs.Task, ...]:
    env = gymnasium.make(env_id, source="generated").unwrapped
    return tuple(env.dataset.at(i) for i in range(size))


@pytest.mark.parametrize("granularity", ["episode", "step"])
def test_roll_out_gives_every_task_its_group(toy_id, granularity):
    tasks = pool(toy_id, 3)
    env = make_lanes(toy_id, 6, granularity=granularity)
    groups = roll_out(env, tiny_policy(), tasks, Rollout(2, SAMPLING, 5), policy_step=7)
    assert [group.task for group in groups] == list(tasks)
    episodes = [episode for group in groups for episode in group.episodes]
    assert len({episode.id for episode in episodes}) == 6
    for episode in episodes:
        assert episode.policy_step == 7
        assert len(episode.turns) == (1 if granularity == "episode" else ToySums.max_turns)
        assert episode.verdict.score == env.envs[0].unwrapped.family.verify(episode.task, episode.response).score
    env.close()


def test_episodes_end_when_they_end_and_no_other_task_is_drawn(toy_id, monkeypatch):
    tasks, asked = pool(toy_id, 2), []

    def answer(_, views, *__):
        asked.append(len(views))
        texts = ["#### 7" if len(asked) == number % 3 + 1 else "Hm." for number in range(len(views))]
        return [((1,), Completion(text, (1,), (0.0,), True)) for text in texts]

    monkeypatch.setattr("agents.rollout._answer", answer)
    found = []
    for mode in (AutoresetMode.SAME_STEP, AutoresetMode.DISABLED):
        asked.clear()
        env = make_lanes(toy_id, 6, mode, granularity="step")
        if mode == AutoresetMode.DISABLED:
            monkeypatch.setattr(GeneratedSource, "draw", lambda *_: pytest.fail("a task was drawn"))
        found.append(roll_out(env, tiny_policy(), tasks, Rollout(3, SAMPLING)))
        assert len({len(episode.turns) for group in found[-1] for episode in group.episodes}) > 1
        assert asked[0] == 6 > asked[1] > 0
    assert found[0] == found[1]


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.DISABLED])
def test_a_right_answer_with_a_wrong_step_has_no_feedback_on_a_failed_attempt(mode, monkeypatch):
    env = make_lanes("pmd/GSM8K-v0", 2, mode, granularity="episode", difficulty=1)
    inner = env.envs[0].unwrapped
    task = inner.dataset.at(0)
    gold = inner.family.gold_solution(task)

    def answer(*_):
        return [((1,), Completion(f"1 + 1 = 3\n{end}", (1,), (0.0,), True)) for end in (gold, "#### -7")]

    monkeypatch.setattr("agents.rollout._answer", answer)
    [group] = roll_out(env, tiny_policy(), [task], Rollout(2, SAMPLING))
    right, wrong = group.episodes
    assert (right.solved, right.feedback) == (True, "")
    assert "1 + 1 = 3 is wrong" in right.verdict.reason
    assert not wrong.solved
    assert "1 + 1 = 3 is wrong" in wrong.feedback


def test_roll_out_repeats_with_its_seed_and_step(toy_id):
    tasks, policy = pool(toy_id, 2), tiny_policy()
    texts = []
    for seed, step in ((1, 0), (1, 0), (2, 0), (1, 1)):
        groups = roll_out(make_lanes(toy_id, 4), policy, tasks, Rollout(2, SAMPLING, seed), policy_step=step)
        texts.append([episode.response for group in groups for episode in group.episodes])
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]
    assert texts[0] != texts[3]


def test_help_reaches_the_prompt(toy_id):
    tasks, policy = pool(toy_id, 1), tiny_policy()
    groups = roll_out(
        make_lanes(toy_id, 1), policy, tasks, Rollout(1, SAMPLING), help_with=lambda _: Blocks(solution="look here")
    )
    assert "look here" in policy.tokenizer.decode(list(groups[0].episodes[0].turns[0].prompt_tokens))


def test_lanes_have_to_fit_the_tasks(toy_id):
    with pytest.raises(ValueError, match="2 tasks x 2 rollouts need 4 envs, not 3"):
        roll_out(make_lanes(toy_id, 3), tiny_policy(), pool(toy_id, 2), Rollout(2, SAMPLING))


def test_every_epoch_sees_every_problem_once(toy_id):
    stream = TaskStream((pool(toy_id, 6), pool(toy_id, 6)), 2, seed=0)
    assert stream.epoch_steps == 3
    epochs = [[task.id for step in range(e * 3, e * 3 + 3) for task in stream.at(step)] for e in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1])
    assert epochs[0] != epochs[1]
    with pytest.raises(ConfigError, match="a pool of 6 problems is too small for 7"):
        TaskStream((pool(toy_id, 6),), 7, seed=0)


def test_a_batch_has_as_many_problems_of_each_pool_and_each_pool_an_order_of_its_own(toy_id):
    small, large = pool(toy_id, 6), pool(toy_id, 15)[6:]

    def epoch(stream, number=0):
        """The ids of an epoch's problems of the first pool, and of the second."""
        batches = [stream.at(step) for step in range(number * 3, number * 3 + 3)]
        return [[task.id for batch in batches for task in batch[at : at + 2]] for at in (0, 2)]

    stream = TaskStream((small, large), 2, seed=0)
    assert stream.epoch_steps == 3  # the smaller one decides
    for number in range(2):
        ours, theirs = epoch(stream, number)
        assert sorted(ours) == sorted(task.id for task in small)
        assert len(set(theirs)) == 6
        assert set(theirs) < {task.id for task in large}
    assert len(stream.tasks) == 15
    assert epoch(stream) != epoch(TaskStream((small, large), 2, seed=1))
    first, second = epoch(TaskStream((small, small), 2, seed=0))
    assert first != second


def test_a_run_begins_with_what_was_chosen(tmp_path):
    agent = PMD(ours=Choices(novelty=0.8))
    config = TrainConfig(1, Rollout(2, Sampling(temperature=0.7), 3), Optim(weight_decay=0.2))
    state = start(tiny_policy(), agent, tmp_path / "memory.sqlite", TaskStream(((),), 0, seed=3), config)
    assert (state.temperature, state.seed, state.memory.seed, state.memory.caps) == (0.7, 3, 3, agent.caps)
    assert [group["weight_decay"] for group in state.optimizer.param_groups] == [0.2]
    state.memory.close()


@pytest.mark.parametrize(
    "wrong", [{"lr": 0.0}, {"clip": 0.0}, {"warmup": -1}, {"parts": 0}, {"tokens_at_once": 0}], ids=str
)
def test_optimizers_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="at least"):
        Optim(**wrong)


def test_memories_that_are_not_there_are_named(tmp_path):
    with pytest.raises(ConfigError, match="Did you mean 'sqlite'"):
        open_memory("sqlit", tmp_path / "memory.sqlite", 0, Caps())
    (tmp_path / "text").write_text("no memory" * 100)
    with pytest.raises(ConfigError, match="cannot be opened as a memory"):
        open_memory("sqlite", tmp_path / "text", 0, Caps())


def _turns(groups):
    return [turn for group in groups for episode in group.episodes for turn in episode.turns]


class Log:
    def __init__(self, folder):
        self.folder = folder
        self.metrics = []
        self.noted = set()

    def record(self, step, groups, metrics, seconds):
        assert set(seconds) == {"rollout", "drift", "observe", "targets", "update", "learn"}
        self.metrics.append((step, metrics))
        self.noted |= {None if (kept := t.completion.likeliest) is None else kept.shape[1] for t in _turns(groups)}

    def checkpoint(self, state):
        save_checkpoint(state, self.folder / "checkpoint")


def test_the_likeliest_answers_teach_nothing_and_are_refused(tmp_path):
    config = TrainConfig(1, Rollout(2, Sampling(temperature=0), 3), Optim(lr=1e-3))
    stream = TaskStream(((),), 0, seed=3)
    with pytest.raises(ConfigError, match="temperature 0 gives one answer again and again"):
        start(tiny_policy(), RLVR(), tmp_path / "memory.sqlite", stream, config)


def run(agent, env_id, folder, steps, dtype=torch.float32):
    folder.mkdir(exist_ok=True)
    config = TrainConfig(steps, Rollout(2, SAMPLING, 3), Optim(lr=1e-3))
    stream = TaskStream((pool(env_id, 4),), 2, seed=3)
    policy = tiny_policy()
    policy.model.to(dtype)
    state = start(policy, agent, folder / "memory.sqlite", stream, config)
    if load_checkpoint(state, folder / "checkpoint") and state.memory is not None:
        state.memory.rewind(state.step - 1)
    log = Log(folder)
    env = make_lanes(env_id, 4)
    train(agent, state, stream, env, config, log)
    env.close()
    return state, log


def assert_equal(ours, theirs):
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["float32", "bfloat16"])
@pytest.mark.parametrize(
    "agent", [RLVR(), SDPO(top_k=8), PMD(top_k=8, ours=Choices(reflection_tokens=8))], ids=["rlvr", "sdpo", "pmd"]
)
def test_a_resumed_run_is_the_uninterrupted_one(agent, dtype, toy_id, tmp_path):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        whole, whole_log = run(agent, toy_id, tmp_path / "whole", 4, dtype)
        _, first_log = run(agent, toy_id, tmp_path / "parts", 2, dtype)
        resumed, second_log = run(agent, toy_id, tmp_path / "parts", 4, dtype)
    finally:
        torch.set_num_threads(threads)
    assert first_log.metrics + second_log.metrics == whole_log.metrics
    for ours, theirs in ((resumed.policy, whole.policy), (resumed.teacher, whole.teacher)):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert_equal(ours.model.state_dict(), theirs.model.state_dict())
            assert_equal(ours.masters.values, theirs.masters.values)
    if whole.memory is not None:
        assert resumed.memory.items("experience") == whole.memory.items("experience")
        assert resumed.memory.counts() == whole.memory.counts()
        assert whole.memory.counts().experience > 0


def test_a_run_that_is_resumed_from_before_its_memory_is_the_uninterrupted_one(toy_id, tmp_path):
    agent = PMD(top_k=8, ours=Choices(reflection_tokens=8))
    whole, whole_log = run(agent, toy_id, tmp_path / "whole", 4)
    run(agent, toy_id, tmp_path / "parts", 2)
    with Memory(tmp_path / "parts" / "memory.sqlite") as memory:  # a step was written, and its checkpoint was not
        about = Subject("lost", "Toy", "train", "Lost?", "no", "toy")
        memory.record(about, [Attempt(f"lost-{n}", str(n) * 50, 1.0) for n in range(3)], 2)
    resumed, log = run(agent, toy_id, tmp_path / "parts", 4)
    assert log.metrics == whole_log.metrics[2:]
    ours, theirs = ([replace(item, id=0) for item in s.memory.items("experience")] for s in (resumed, whole))
    assert ours == theirs


@pytest.mark.parametrize(("agent", "noted"), [(RLVR(), None), (SDPO(top_k=8), 8), (PMD(top_k=None), None)])
def test_rollouts_note_the_tokens_that_an_agent_compares(agent, noted, toy_id, tmp_path):
    _, log = run(agent, toy_id, tmp_path, 1)
    assert log.noted == {noted}


def test_a_half_written_checkpoint_is_not_used(toy_id, tmp_path):
    state, _ = run(RLVR(), toy_id, tmp_path, 2)
    broken = tmp_path / "checkpoint.new"
    broken.mkdir()
    (broken / "policy.safetensors").write_bytes(b"half")
    fresh, _ = run(RLVR(), toy_id, tmp_path, 2)
    assert fresh.step == state.step == 2
    # killed between the two renames: the old one is still there
    (tmp_path / "checkpoint").rename(tmp_path / "checkpoint.old")
    again, _ = run(RLVR(), toy_id, tmp_path, 2)
    assert again.step == 2


def test_a_checkpoint_of_a_gpu_is_resumed_without_one(toy_id, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.serialization, "location_tag", lambda _: "cuda:0")  # as if tensors were there
    whole, _ = run(SDPO(top_k=8), toy_id, tmp_path, 2)
    monkeypatch.undo()
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeError, match="map_location"):
            torch.load(tmp_path / "checkpoint" / "optimizer.pt", weights_only=True)
    state, _ = run(SDPO(top_k=8), toy_id, tmp_path, 2)
    assert state.step == 2
    kept, known = (one.optimizer.state_dict()["state"] for one in (state, whole))
    assert kept.keys() == known.keys() != set()
    for number, values in kept.items():
        assert_equal(values, known[number])


def test_checkpoints_of_another_format_are_refused(toy_id, tmp_path):
    state, _ = run(RLVR(), toy_id, tmp_path, 1)
    (tmp_path / "checkpoint" / "state.json").write_text('{"format": 99, "step": 1}')
    with pytest.raises(ConfigError, match="format 99"):
        load_checkpoint(state, tmp_path / "checkpoint")


@pytest.mark.parametrize("name", ["state.json", "policy.safetensors", "teacher.safetensors", "optimizer.pt"])
@pytest.mark.parametrize("damage", ["garbage", "cut", "gone"])
def test_a_damaged_checkpoint_is_named(name, damage, toy_id, tmp_path):
    state, _ = run(SDPO(top_k=8), toy_id, tmp_path, 1)
    assert checkpoint_step(tmp_path / "checkpoint") == 1
    file = tmp_path / "checkpoint" / name
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(b"garbage" if damage == "garbage" else file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(ConfigError) as raised:
        load_checkpoint(state, tmp_path / "checkpoint")
    said = str(raised.value)
    assert said.startswith(f"{file} cannot be read: ")
    assert "delete the run's checkpoint folder" in said
    assert "\n" not in said
    shutil.rmtree(tmp_path / "checkpoint")
    assert checkpoint_step(tmp_path / "checkpoint") == 0
    assert not load_checkpoint(state, tmp_path / "checkpoint")


def test_a_line_break_as_a_stop_text_makes_every_action_one_step():
    choice = EnvChoice("pmd/GSM8K-v0", {"granularity": "step", "source": "generated", "difficulty": 1})
    part = Problems.open(choice, "train", 4)
    sampling = Sampling(max_new_tokens=60, stop=("\n",))
    env = lanes([part], [8])
    groups = roll_out(env, load_policy("nano"), part.tasks, Rollout(2, sampling, 3))
    env.close()
    turns = [turn for group in groups for episode in group.episodes for turn in episode.turns]
    assert all(turn.completion.finished and "\n" not in turn.completion.text for turn in turns)
    assert any(turn.verified == 1 for turn in turns)
    solved = [episode for group in groups for episode in group.episodes if episode.solved]
    assert solved
    assert all(len(episode.turns) == len(episode.response.splitlines()) > 1 for episode in solved)


@pytest.mark.parametrize("kills", [1, 2, 3])
def test_a_whole_folder_can_be_found_however_often_writing_it_is_killed(tmp_path, kills, monkeypatch):
    folder = tmp_path / "checkpoint"
    replace_folder(folder, lambda new: (new / "state").write_text("0"))
    rename = Path.rename

    def killed(self, target):
        if self.name == "checkpoint.new":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", killed)
    for number in range(kills):
        with pytest.raises(KeyboardInterrupt):
            replace_folder(folder, lambda new, number=number: (new / "state").write_text(str(number + 1)))
        found = folder if folder.exists() else folder.with_name("checkpoint.old")
        assert (found / "state").read_text() == "0"


def test_a_policy_has_no_dropout():
    configs = (
        GPT2Config(vocab_size=400, n_positions=64, n_embd=16, n_layer=1, n_head=2),
        OPTConfig(vocab_size=400, hidden_size=16, ffn_dim=16, num_hidden_layers=1, num_attention_heads=2,
                  max_position_embeddings=64, word_embed_proj_dim=16, attention_dropout=0.5, dropout=0.5),
        OPTConfig(vocab_size=400, hidden_size=16, ffn_dim=16, num_hidden_layers=9, num_attention_heads=2,
                  max_position_embeddings=64, word_embed_proj_dim=16, dropout=0.0, layerdrop=0.5, init_std=0.3),
        MixtralConfig(vocab_size=400, hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
                      num_key_value_heads=2, num_local_experts=4, router_jitter_noise=0.5, initializer_range=0.3),
    )  # fmt: skip
    for config in configs:
        model = AutoModelForCausalLM.from_config(config).train()
        prompts, completions = [(5, 6, 7)], [(8, 9)]
        first, again = (read_responses(model, prompts, completions, 0).logits(0, 2) for _ in range(2))
        assert not torch.equal(first, again)
        policy = Policy("with dropout", model, tiny_policy().tokenizer)
        assert policy.model.training
        first, again = (policy.read(prompts, completions).logits(0, 2) for _ in range(2))
        assert torch.equal(first, again)
        check_training(policy.model)
