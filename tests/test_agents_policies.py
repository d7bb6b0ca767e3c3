"""Policies by name: what has to be done to a model before it can be trained and saved."""

import json
import re
from functools import partial
from types import SimpleNamespace

import gymnasium
import pytest
import torch
from agent_scene import OTHERS, TASK
from tiny_policy import tiny_policy
from tokenizers.processors import TemplateProcessing
from transformers import (
    AutoModelForCausalLM,
    GgufConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MptConfig,
    MptForCausalLM,
    OPTConfig,
    OPTForCausalLM,
)

from agents.lengths import longest_text
from agents.model_files import reason_of
from agents.nano.trainer import Trainer
from agents.policies import _forget_quantization, load_policy
from agents.policy import Policy, Sampling
from agents.prompts import RULES, Blocks
from agents.records import View
from agents.reflector import PolicyReflector, subject_of
from agents.rollout import Rollout, roll_out
from agents.sampling import generate
from agents.sdpo import SDPO
from agents.stream import TaskStream
from agents.train import TrainConfig, start
from agents.update import Optim
from memory import InsightRequest
from pmd_envs import ReasoningVectorEnv
from pmd_envs.errors import ConfigError


def test_a_model_that_was_unpacked_is_saved_as_a_plain_one(tmp_path):
    model = tiny_policy().model
    model.hf_quantizer = SimpleNamespace(
        is_serializable=lambda: False, quantization_config=SimpleNamespace(quant_method="gguf")
    )
    model.config.quantization_config = GgufConfig(dequantize=True)
    with pytest.raises(ValueError, match="not serializable"):
        model.save_pretrained(tmp_path / "refused")
    _forget_quantization(model)
    model.save_pretrained(tmp_path / "plain")
    again = AutoModelForCausalLM.from_pretrained(tmp_path / "plain")
    assert not hasattr(again.config, "quantization_config")
    assert again.num_parameters() == model.num_parameters()


CHATML = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}assistant:"
    "{% if enable_thinking is defined and not enable_thinking %}<think></think>{% endif %}"
)


def test_a_template_that_knows_thinking_is_told_not_to():
    policy = tiny_policy()
    policy.tokenizer.chat_template = CHATML
    assert policy.tokenizer.decode(policy.encode("2 + 2?")) == "user: 2 + 2?\nassistant:<think></think>"
    policy.thinks = True
    assert policy.tokenizer.decode(policy.encode("2 + 2?")) == "user: 2 + 2?\nassistant:"
    assert policy.twin().thinks


def test_a_base_models_prompt_begins_as_its_tokenizer_says():
    policy = tiny_policy()
    plain = policy.encode("2 + 2?")
    assert policy.tokenizer.decode(plain) == "2 + 2?"
    policy.tokenizer.bos_token = "<end>"
    assert policy.encode("2 + 2?") == plain  # it has a first token, and does not put it there
    policy.tokenizer._tokenizer.post_processor = TemplateProcessing(
        single="<end> $A", special_tokens=[("<end>", policy.tokenizer.bos_token_id)]
    )
    assert policy.encode("2 + 2?") == (policy.tokenizer.bos_token_id, *plain)
    numbers = policy.tokenizer.convert_tokens_to_ids(["<pad>", "<end>"])
    policy.tokenizer._tokenizer.post_processor = TemplateProcessing(  # as GLM's, whose texts begin with two
        single="<pad> <end> $A <end>", special_tokens=[*zip(["<pad>", "<end>"], numbers, strict=True)]
    )
    assert policy.encode("2 + 2?") == (*numbers, *plain)


def test_a_cut_file_of_weights_is_a_mistake(tmp_path):
    policy = tiny_policy()
    policy.model.save_pretrained(tmp_path)
    policy.tokenizer.save_pretrained(tmp_path)
    assert load_policy(str(tmp_path)).model.num_parameters() == policy.model.num_parameters()
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ConfigError, match="cannot be loaded: "):
        load_policy(str(tmp_path))


@pytest.fixture
def saved(tmp_path):
    """A folder with a tiny model and its tokenizer."""
    policy = tiny_policy()
    policy.model.save_pretrained(tmp_path / "m")
    policy.tokenizer.save_pretrained(tmp_path / "m")
    return tmp_path / "m"


def refused(policy):
    with pytest.raises(ConfigError) as raised:
        load_policy(str(policy))
    said = str(raised.value)
    assert "\n" not in said
    assert not said.endswith((":", ": "))
    return said


def test_what_a_folder_lacks_is_named(saved, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "cannot be loaded: the folder has no config.json; model.save_pretrained" in refused(tmp_path / "empty")
    for file in saved.glob("tokenizer*"):
        file.unlink()
    assert "cannot be loaded: the folder has no tokenizer (tokenizer.json); tokenizer.save_pret" in refused(saved)
    (saved / "config.json").unlink()
    assert "the folder has no config.json" in refused(saved)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"num_hidden_layers": 3}, r"model.layers.2.input_layernorm.weight is missing \(and 8 more\)"),
        ({"tie_word_embeddings": False}, "LlamaForCausalLM that its config.json describes: lm_head.weight is missing;"),
        ({"vocab_size": 300}, r"embed_tokens.weight is \(258, 32\) and not \(300, 32\)"),
        ({"num_attention_heads": 5}, r"hidden size \(32\) is not a multiple of the number of attention heads \(5\)"),
        ({"hidden_size": "a"}, "'hidden_size' expected int, got str"),
    ],
    ids=str,
)
def test_weights_that_would_be_random_numbers_are_a_mistake(said, reason, saved):
    config = saved / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | said))
    assert re.search(reason, refused(saved))


def test_a_tokenizer_file_of_something_else_is_a_mistake(saved):
    (saved / "tokenizer.json").write_text('{"a": 1}')
    assert "cannot be loaded: KeyError: 'added_tokens'" in refused(saved)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ raise_exception('A system prompt is needed') }}", "template fails: A system prompt is needed; give its"),
        ("{% for message in messages %}{{ message.content", "template fails: unexpected end of template"),
        ("{% for message in messages %}{{ message.parts.text }}{% endfor %}", "template fails: 'dict object' has no"),
        ("{% for message in messages %}{{ message.content[0]['text'] }}{% endfor %}", "leaves out what the user says"),
        ({"rag": "{{ messages[0].content }}", "tool": "-"}, "template fails: This model has multiple chat templates"),
    ],
    ids=str,
)
def test_a_chat_template_that_cannot_be_asked_with_is_a_mistake(template, reason, saved):
    tokenizer = tiny_policy().tokenizer
    tokenizer.chat_template = template
    tokenizer.save_pretrained(saved)
    assert reason in refused(saved)


def test_a_tokenizer_that_was_made_of_nothing_is_a_mistake(tmp_path):
    next(learnt_positions()).save_pretrained(tmp_path)  # transformers makes an empty tokenizer for a GPT-2 without one
    assert "its tokenizer makes no token of a text, since its files (tokenizer.json) are missing" in refused(tmp_path)


def test_a_tokenizer_has_no_tokens_that_the_model_has_no_row_for(saved):
    tokenizer = tiny_policy().tokenizer
    tokenizer.add_special_tokens({"pad_token": "[PAD]"})  # only fills rows, which another one does then
    tokenizer.save_pretrained(saved)
    load_policy(str(saved))
    tokenizer.add_tokens(["<think>", "</think>"])
    tokenizer.save_pretrained(saved)
    said = refused(saved)
    assert "its tokenizer has 261 tokens and the embedding of its model 258 rows, none for '<think>'" in said
    assert "model.resize_token_embeddings(len(tokenizer))" in said


def test_a_policy_that_is_no_folder_is_said_to_be_none():
    assert refused("./gpt2").endswith("(and there is no folder './gpt2' here)")


def test_an_error_that_announces_a_list_is_not_cut():
    assert reason_of(OSError("one of:\n (1) a\n\n (2) b\n"), "a/b").startswith("one of: (1) a (2) b (and")
    assert reason_of(OSError("first\nsecond"), "a/b").startswith("first (and")
    assert reason_of(OSError(), "a/b").startswith("OSError (and")


@pytest.mark.parametrize("device", ["gpu", "GPU:0"])
def test_a_gpu_is_called_cuda(device):
    with pytest.raises(ConfigError, match=f"unknown device '{device}'. Did you mean 'cuda'?"):
        load_policy("nano", device)


@pytest.mark.parametrize("device", ["cpu:x", "auto:0", "cuda:-1", "cuda:9"])
def test_a_device_that_is_not_there_is_a_mistake(device, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(ConfigError, match=f"unknown device '{device}'.*cuda:0"):
        load_policy("nano", device)


@pytest.mark.parametrize(
    ("pad", "ends", "filler"),
    [
        ("<pad>", [1, 5], 0),
        ("[PAD]", [1], 1),  # was added to the tokenizer, and the model has no row for it
        (None, [999, 7], 7),
        (None, [], 0),
    ],
)
def test_rows_are_filled_with_a_token_that_the_model_has(pad, ends, filler):
    policy = tiny_policy()
    policy.tokenizer.eos_token = None
    policy.tokenizer.pad_token = None
    if pad is not None:
        policy.tokenizer.add_special_tokens({"pad_token": pad})
    policy.model.generation_config.eos_token_id = ends
    assert policy.pad_id == filler
    done = generate(policy, [(40, 41), (50,)], Sampling(max_new_tokens=4), seed=0)
    policy.read([(40, 41), (50,)], [completion.tokens for completion in done])


def learnt_positions():
    torch.manual_seed(0)
    sizes = {"vocab_size": 258, "eos_token_id": 1, "bos_token_id": None, "pad_token_id": 0}
    yield GPT2LMHeadModel(GPT2Config(**sizes, n_positions=64, n_embd=16, n_layer=1, n_head=2))
    attention = {"ffn_dim": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    yield OPTForCausalLM(
        OPTConfig(**sizes, **attention, max_position_embeddings=64, hidden_size=16, word_embed_proj_dim=16)
    )


def test_a_prompt_for_which_there_are_too_few_positions_is_a_mistake():
    for model in learnt_positions():
        policy = Policy("tiny", model.eval(), tiny_policy().tokenizer)
        [full] = generate(policy, [(5,) * 50], Sampling(max_new_tokens=14), seed=0)
        assert len(full.tokens) <= 14
        policy.read([(5,) * 50], [(6,) * 14])
        name = type(model).__name__
        with pytest.raises(ConfigError, match=f"of 50 tokens and 15 new .* the 64 positions that a {name} .*; 14 new"):
            generate(policy, [(5,), (5,) * 50], Sampling(max_new_tokens=15), seed=0)
        with pytest.raises(ConfigError, match=r"of 70 tokens and 1 new ones .* of this size has$"):
            policy.read([(5,), (5,) * 70], [(6,) * 9, (6,)])
        trainer = Trainer(policy.model, policy.tokenizer)
        fits, long = ([5] * 64, [False] * 60 + [True] * 4), ([5] * 65, [False] * 60 + [True] * 5)
        assert trainer.learn([fits], 0.0) > 0
        with pytest.raises(ConfigError, match=r"of 60 tokens and 5 new .* the 64 positions"):
            trainer.learn([fits, long], 0.0)


VIEW = View("2 + 2?", "", "", "", continues=True)
MUCH = Blocks(strategies=("a",) * 30)


def test_what_a_teacher_knows_leaves_room_for_the_longest_completion():
    for model in learnt_positions():
        policy = Policy("tiny", model.eval(), tiny_policy().tokenizer, max_prompt_tokens=48)
        [said] = generate(policy, [policy.ask(VIEW)], Sampling(max_new_tokens=20), seed=0)
        long = (*said.tokens, *(5,) * 20)[:20]
        with pytest.raises(ConfigError, match="do not fit into the 64 positions"):
            policy.read([policy.ask(VIEW, MUCH)], [long])
        policy.leave_room(20)
        assert len(policy.ask(VIEW)) < len(policy.ask(VIEW, MUCH)) <= 64 - 20
        policy.read([policy.ask(VIEW, MUCH)], [long])
        with pytest.raises(ConfigError, match="64 new tokens leave no room for a prompt in the 64 positions"):
            policy.leave_room(64)


def test_a_training_leaves_its_teacher_room_before_the_first_step(tmp_path):
    stream = TaskStream(((TASK, *OTHERS),), per_env=2, seed=0)
    for model in learnt_positions():
        policy = Policy("tiny", model, tiny_policy().tokenizer, max_prompt_tokens=48)
        begin = partial(start, policy, SDPO(), tmp_path / "memory.sqlite", stream)
        state = begin(TrainConfig(1, Rollout(2, Sampling(max_new_tokens=30)), Optim()))
        assert state.teacher is not None
        assert policy.max_prompt_tokens == state.teacher.max_prompt_tokens == 34
        with pytest.raises(ConfigError, match="leave no room for a prompt"):
            begin(TrainConfig(1, Rollout(2, Sampling(max_new_tokens=70)), Optim()))


def test_a_rollout_with_help_has_room_for_what_follows(toy_id):
    model = GPT2LMHeadModel(GPT2Config(vocab_size=258, n_positions=128, n_embd=16, n_layer=1, n_head=2))
    policy = Policy("tiny", model.eval(), tiny_policy().tokenizer, max_prompt_tokens=96)
    env = ReasoningVectorEnv.of([lambda: gymnasium.make(toy_id, granularity="episode").unwrapped])
    tasks = [env.envs[0].unwrapped.dataset.at(0)]
    rollout = Rollout(1, Sampling(max_new_tokens=64))
    [group] = roll_out(env, policy, tasks, rollout, help_with=lambda _: Blocks(strategies=("a",) * 20))
    env.close()
    assert len(group.episodes[0].turns[0].prompt_tokens) <= 64


def test_an_episode_that_leaves_no_room_for_another_turn_ends_without_one(toy_id):
    model = GPT2LMHeadModel(GPT2Config(vocab_size=258, n_positions=128, n_embd=16, n_layer=1, n_head=2)).eval()
    with torch.no_grad():
        model.lm_head.weight[1] = 0  # no end: every turn is as long as may be
    policy = Policy("tiny", model, tiny_policy().tokenizer, max_prompt_tokens=96)
    env = ReasoningVectorEnv.of([lambda: gymnasium.make(toy_id, granularity="step").unwrapped] * 2)
    inner = env.envs[0].unwrapped
    [group] = roll_out(env, policy, [inner.dataset.at(0)], Rollout(2, Sampling(max_new_tokens=30)))
    env.close()
    for episode in group.episodes:
        assert 0 < len(episode.turns) < inner.family.max_turns
        assert all(len(turn.prompt_tokens) <= 128 - 30 for turn in episode.turns)
        assert episode.verdict.score == inner.family.verify(episode.task, episode.response).score
    policy.max_prompt_tokens = 1
    with pytest.raises(ConfigError, match="do not fit into the 128 positions"):  # a problem that has none
        roll_out(env, policy, [inner.dataset.at(0)], Rollout(2, Sampling(max_new_tokens=127)))


def test_distances_for_which_there_are_biases_count_as_positions():
    sizes = {"vocab_size": 258, "d_model": 16, "n_layers": 1, "n_heads": 2, "max_seq_len": 64}
    policy = Policy("tiny", MptForCausalLM(MptConfig(**sizes)).eval(), tiny_policy().tokenizer)
    policy.read([(5,) * 50], [(6,) * 14])
    with pytest.raises(ConfigError, match="the 64 positions that a MptForCausalLM of this size has"):
        policy.read([(5,) * 50], [(6,) * 15])


def test_a_reflector_leaves_room_for_what_it_writes():
    for model in learnt_positions():
        policy = Policy("tiny", model.eval(), tiny_policy().tokenizer, max_prompt_tokens=48)
        request = InsightRequest(subject_of(TASK), "lessons", (), (), 0, 2)
        assert len(PolicyReflector(policy, max_tokens=40)([request])) == 1
        with pytest.raises(ConfigError, match="leave no room for a prompt"):
            PolicyReflector(policy, max_tokens=64)([request])


def rotating(**rope):
    """A model that turns positions by other angles in long texts."""
    config = tiny_policy().model.config.to_dict() | {"rope_parameters": {"rope_theta": 10000.0, **rope}}
    config["max_position_embeddings"] = 512
    return LlamaForCausalLM(LlamaConfig(**config))


@pytest.mark.parametrize(
    ("rope", "limit"),
    [
        ({"rope_type": "default"}, None),
        ({"rope_type": "linear", "factor": 2.0}, None),
        ({"rope_type": "dynamic", "factor": 2.0}, 512),
        (
            {"rope_type": "longrope", "short_factor": [1.0] * 4, "long_factor": [4.0] * 4}
            | {"original_max_position_embeddings": 64},
            64,
        ),
    ],
)
def test_texts_stay_shorter_than_where_positions_become_others(rope, limit):
    model = rotating(**rope)
    assert longest_text(model) == limit
    policy = Policy("tiny", model, tiny_policy().tokenizer)
    if limit is not None:
        with pytest.raises(ConfigError, match=f"do not fit into the {limit} positions"):
            generate(policy, [(5,) * limit], Sampling(max_new_tokens=1), seed=0)
        policy.leave_room(20)
        assert policy.max_prompt_tokens == limit - 20


def test_what_a_row_means_depends_on_its_neighbours_beyond_that():
    # Why the limit is there: the same row, beside one that is longer than that.
    model = rotating(
        rope_type="longrope", short_factor=[1.0] * 4, long_factor=[4.0] * 4, original_max_position_embeddings=64
    ).eval()
    row, other = [5, 9, 7, 30] * 10, [11, 40, 3] * 30
    with torch.no_grad():
        alone = model(input_ids=torch.tensor([row])).logits[0, -1]
        ids = torch.tensor([row + [0] * (len(other) - len(row)), other])
        beside = model(input_ids=ids).logits[0, len(row) - 1]
    assert (alone - beside).abs().max() > 0.1


def test_only_nano_is_not_told_how_answers_look(tmp_path):
    nano = load_policy("nano")
    nano.model.save_pretrained(tmp_path / "nano")
    nano.tokenizer.save_pretrained(tmp_path / "nano")
    base = tiny_policy()
    base.tokenizer.eos_token = base.tokenizer.pad_token = "<pad>"
    base.model.save_pretrained(tmp_path / "base")
    base.tokenizer.save_pretrained(tmp_path / "base")
    view = View("What is 2 + 3?", "End with: #### 5", "", "", continues=True)
    said = {}
    for name in ("nano", "base"):
        policy = load_policy(str(tmp_path / name))
        said[name] = policy.tokenizer.decode(policy.ask(view))
        assert policy.twin().is_told == policy.is_told
    assert said["nano"] == "Problem: What is 2 + 3?\nSolve it.\n"
    assert said["base"] == "Problem: What is 2 + 3?\nSolve it.\n\nEnd with: #### 5\n"
    told = PolicyReflector(load_policy(str(tmp_path / "base")), max_tokens=4)
    request = InsightRequest(subject_of(TASK), "lessons", (), (), 0, 2)
    assert RULES in told.policy.tokenizer.decode(told._prompt(request))


def test_positions_that_are_computed_have_no_end():
    policy = tiny_policy()
    assert longest_text(policy.model) is None
    policy.leave_room(100_000)
    assert policy.max_prompt_tokens == 2048


def test_the_prompts_of_nano_are_as_long_as_ever():
    nano = load_policy("nano")
    nano.leave_room(2000)
    assert nano.max_prompt_tokens == 1536
