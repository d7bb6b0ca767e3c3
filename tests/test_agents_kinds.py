"""Kinds of models: those whose cached steps say what a full pass says are sampled from, others are refused."""

import pytest
import torch
from agent_scene import OTHERS, TASK
from tiny_policy import byte_tokenizer, tiny_policy
from transformers import (
    AutoModelForCausalLM,
    FalconConfig,
    FalconH1Config,
    GPT2Config,
    Lfm2Config,
    MambaConfig,
    PhimoeConfig,
    Qwen3_5TextConfig,
    RwkvConfig,
)

from agents import decoding
from agents.decoding import CachedDecoder, check_steps
from agents.policy import Policy, Sampling
from agents.registry import make_agent
from agents.rlvr import RLVR
from agents.rollout import Rollout
from agents.sampling import generate
from agents.scoring import head_of
from agents.stream import TaskStream
from agents.train import TrainConfig, start
from agents.update import Optim
from pmd_envs.errors import ConfigError

PROMPTS = [(40, 41, 42), (50,), (60, 61, 62, 63, 64, 65), (50,)]
COMMON = {"vocab_size": 258, "hidden_size": 32, "initializer_range": 0.3, "eos_token_id": 1, "pad_token_id": 0}
HYBRID = COMMON | {
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "bos_token_id": None,
}
HYBRIDS = {
    "convolutions": lambda: Lfm2Config(**HYBRID, layer_types=["conv", "full_attention"]),
    "linear attention": lambda: Qwen3_5TextConfig(
        **HYBRID,
        layer_types=["linear_attention", "full_attention"],
        linear_num_key_heads=2,
        linear_num_value_heads=4,
        linear_key_head_dim=8,
        linear_value_head_dim=8,
    ),
    "state spaces beside attention": lambda: FalconH1Config(
        **HYBRID, mamba_d_ssm=64, mamba_n_heads=8, mamba_d_head=8, mamba_d_state=8
    ),
}


def policy_of(config):
    torch.manual_seed(0)
    return Policy("tiny", AutoModelForCausalLM.from_config(config).eval(), byte_tokenizer())


@pytest.mark.parametrize("kind", HYBRIDS)
def test_hybrids_sample_what_a_full_pass_says(kind):
    policy = policy_of(HYBRIDS[kind]())
    done = generate(policy, PROMPTS * 4, Sampling(max_new_tokens=40), seed=3)
    assert len({len(c.tokens) for c in done}) > 3  # rows leave the batch
    for prompt, completion in zip(PROMPTS * 4, done, strict=True):
        with torch.no_grad():
            whole = policy.model(torch.tensor([[*prompt, *completion.tokens]]), use_cache=False).logits
        said = whole[0, len(prompt) - 1 : -1].log_softmax(-1)
        chosen = said.gather(-1, torch.tensor(completion.tokens)[:, None])[:, 0]
        torch.testing.assert_close(torch.tensor(completion.logprobs), chosen, atol=1e-3, rtol=0)


@pytest.mark.parametrize(
    "config", [RwkvConfig(**COMMON, num_hidden_layers=2), MambaConfig(**COMMON, num_hidden_layers=2)]
)
def test_a_model_that_keeps_its_state_elsewhere_is_refused(config):
    policy = policy_of(config)
    name = type(policy.model).__name__
    with pytest.raises(ConfigError, match=f"a {name} cannot be a policy: .*Causal models with attention can"):
        generate(policy, PROMPTS, Sampling(max_new_tokens=4), seed=0)
    with pytest.raises(ConfigError, match=name):
        policy.read(PROMPTS, [(5, 6)] * 4)


def small_gpt2():
    return policy_of(GPT2Config(vocab_size=258, n_positions=64, n_embd=32, n_layer=2, n_head=2, initializer_range=0.3))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_cache_whose_rows_stay_where_they_are_is_found_out(dtype, monkeypatch):
    policy = small_gpt2()
    policy.model.to(dtype)
    check_steps(small_gpt2().model.to(dtype), pad_id=0)
    monkeypatch.setattr(CachedDecoder, "keep", lambda self, rows: setattr(self, "attention", self.attention[rows]))
    with pytest.raises(ConfigError, match="% away from those of a full pass"):
        check_steps(policy.model, pad_id=0)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("make", [small_gpt2, tiny_policy], ids=["cached", "llama"])
def test_logits_that_are_no_numbers_are_found_out_and_said(make, value):
    policy = make()
    with torch.no_grad():
        list(policy.model.parameters())[-1].view(-1)[0] = value  # of the last layer's norm
    with pytest.raises(ConfigError, match=r"logits of this .* are not all finite: its weights are damaged, or its num"):
        generate(policy, PROMPTS, Sampling(max_new_tokens=4), seed=0)
    with pytest.raises(ConfigError, match="not all finite"):
        policy.read(PROMPTS, [(5, 6)] * 4)


def test_one_row_of_logits_that_are_no_numbers_is_enough():
    policy = small_gpt2()
    with torch.no_grad():
        policy.model.transformer.wpe.weight[2] = float("nan")  # seen from the third token on
    with pytest.raises(ConfigError, match="not all finite"):
        check_steps(policy.model, pad_id=0)


def test_logits_that_are_all_equal_are_right():
    policy = policy_of(GPT2Config(vocab_size=258, n_positions=64, n_embd=32, n_layer=2, n_head=2))
    with torch.no_grad():
        policy.model.lm_head.weight.zero_()
    assert len(generate(policy, PROMPTS, Sampling(max_new_tokens=4), seed=0)) == 4


def test_a_model_is_checked_once_and_left_as_it_was(monkeypatch):
    policy, checks = small_gpt2(), []
    measure = decoding._distance_of_steps
    monkeypatch.setattr(decoding, "_distance_of_steps", lambda *of: checks.append(of) or measure(*of))
    policy.model.train()
    state = torch.get_rng_state()
    check_steps(policy.model, pad_id=0)
    check_steps(policy.model, pad_id=0)
    assert len(checks) == 1
    assert policy.model.training
    assert torch.equal(torch.get_rng_state(), state)


def test_states_that_are_finer_than_the_head_are_not_given_to_it():
    model = policy_of(MambaConfig(**COMMON, num_hidden_layers=2)).model.to(torch.bfloat16)
    assert head_of(model) is None


@pytest.mark.parametrize(
    ("config", "advice"),
    [
        (FalconConfig, "Set hidden_dropout, attention_dropout to 0 in its config.json"),
        (PhimoeConfig, "The agent 'frozen' can take it"),
    ],
)
def test_a_model_that_draws_in_training_all_the_same_is_evaluated_and_not_trained(config, advice):
    rates = {"hidden_dropout": 0.1, "attention_dropout": 0.1} if config is FalconConfig else {"intermediate_size": 16}
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2}
    policy = policy_of(config(vocab_size=258, **sizes, **rates, initializer_range=0.3))
    stream = TaskStream(((TASK, *OTHERS),), per_env=2, seed=0)
    how = TrainConfig(1, Rollout(2, Sampling(max_new_tokens=4), 0), Optim())
    with pytest.raises(ConfigError, match=f"a {type(policy.model).__name__} cannot be trained: .*{advice}"):
        start(policy, RLVR(), None, stream, how)
    assert not policy.model.training
    start(policy, make_agent("frozen", {}), None, stream, how)
    assert len(generate(policy, [(40, 41)], Sampling(max_new_tokens=4), seed=0)) == 1


def test_a_model_that_cannot_be_sampled_from_is_refused_before_training_begins():
    policy = policy_of(MambaConfig(**COMMON, num_hidden_layers=2))
    stream = TaskStream(((TASK, *OTHERS),), per_env=2, seed=0)
    with pytest.raises(ConfigError, match="a MambaForCausalLM cannot be a policy"):
        start(policy, RLVR(), None, stream, TrainConfig(1, Rollout(2, Sampling(max_new_tokens=4), 0), Optim()))
