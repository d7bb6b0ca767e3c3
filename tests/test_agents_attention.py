"""Attention in float32 where a processor's bfloat16 is slow: what is computed, and when."""

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from tiny_policy import tiny_policy
from transformers import AutoModelForCausalLM

from agents.attention import attend_in_float32
from agents.nano.trainer import Trainer
from agents.policies import load_policy
from agents.sampling import Sampling, generate
from agents.scoring import read_responses

PROMPTS = [(40, 41, 42), (50,), (50,), (60, 61, 62, 63, 64, 65)]
COMPLETIONS = [(33, 34, 35), (36,), (37, 38, 39, 40, 41), (42, 43)]


def coarse_policy(seed=0):
    policy = tiny_policy(seed=seed)
    policy.model.to(torch.bfloat16)
    return policy


def inputs_of(seed, columns):
    generator = torch.Generator().manual_seed(seed)
    shapes = [(2, 4, 3, 8), (2, 2, columns, 8), (2, 2, columns, 8)]
    return [torch.randn(shape, generator=generator).bfloat16() for shape in shapes]


def attended(name, inputs, mask):
    """What the attention of this name makes of query, key and value, and their gradients."""
    from transformers import AttentionInterface

    module = torch.nn.Module()
    module.num_key_value_groups = 2
    leaves = [x.clone().requires_grad_(torch.is_grad_enabled()) for x in inputs]
    mixed, _ = AttentionInterface()[name](module, *leaves, mask, dropout=0.0, scaling=8**-0.5, is_causal=False)
    if not torch.is_grad_enabled():
        return [mixed]
    mixed.float().square().sum().backward()
    return [mixed.detach(), *(x.grad for x in leaves)]


@given(st.integers(0, 99), st.integers(3, 40), st.booleans())
@settings(max_examples=25, deadline=None)
def test_training_passes_are_those_of_float32_rounded(seed, columns, additive):
    attend_in_float32(coarse_policy().model)
    inputs = inputs_of(seed, columns)
    seen = torch.ones(2, 1, 3, columns, dtype=torch.bool).tril(columns - 3)
    mask = torch.zeros(seen.shape).masked_fill(~seen, float("-inf")).bfloat16() if additive else seen
    mine = attended("sdpa_float32_gradients", inputs, mask)
    exact = attended("sdpa", [x.float() for x in inputs], mask.float() if additive else mask)
    assert torch.equal(mine[0], exact[0].bfloat16())
    for rounded, whole in zip(mine[1:], exact[1:], strict=True):
        assert rounded.dtype == torch.bfloat16
        assert torch.allclose(rounded.float(), whole, rtol=2**-6, atol=2**-6 * float(whole.abs().max()))


@pytest.mark.parametrize(("gradients", "columns"), [(False, 20), (True, 512)])
def test_passes_without_gradients_and_long_ones_are_torchs(gradients, columns):
    attend_in_float32(coarse_policy().model)
    with torch.set_grad_enabled(gradients):
        mine, theirs = (attended(name, inputs_of(1, columns), None) for name in ("sdpa_float32_gradients", "sdpa"))
    assert all(map(torch.equal, mine, theirs))


def test_autocast_leaves_it_exact():
    attend_in_float32(coarse_policy().model)
    inputs = inputs_of(2, 12)
    outside = attended("sdpa_float32_gradients", inputs, None)
    with torch.autocast("cpu", torch.bfloat16):
        inside = attended("sdpa_float32_gradients", inputs, None)
    assert all(map(torch.equal, inside, outside))


def test_gradients_of_a_model_are_closer_to_float32s_or_as_close():
    far = {}
    weights = coarse_policy().model.state_dict()
    for name in ("float32", "sdpa", "ours"):
        policy = tiny_policy() if name == "float32" else coarse_policy()
        policy.model.load_state_dict(weights)
        if name == "ours":
            attend_in_float32(policy.model)
        policy.model.train()
        read = read_responses(policy.model, PROMPTS, COMPLETIONS, policy.pad_id)
        read.logits().float().log_softmax(-1)[..., 33].sum().backward()
        far[name] = torch.cat([p.grad.float().flatten() for p in policy.model.parameters()])
    whole = far.pop("float32")
    distances = {name: float((found - whole).norm() / whole.norm()) for name, found in far.items()}
    assert not torch.equal(far["ours"], far["sdpa"])  # so it is not torch's own attention that was measured
    assert distances["ours"] < max(1.2 * distances["sdpa"], 0.01), distances


def test_only_coarse_policies_attend_so_and_files_do_not_say_it(tmp_path):
    fine, coarse = load_policy("nano"), load_policy("nano", dtype="bfloat16")
    assert fine.model.config._attn_implementation == "sdpa"
    assert coarse.model.config._attn_implementation == "sdpa_float32_gradients"
    coarse.model.save_pretrained(tmp_path)
    assert "sdpa_float32" not in (tmp_path / "config.json").read_text()
    assert AutoModelForCausalLM.from_pretrained(tmp_path).config._attn_implementation == "sdpa"


def test_other_attention_is_left_as_it_is():
    model = coarse_policy().model
    model.set_attn_implementation("eager")
    attend_in_float32(model)
    assert model.config._attn_implementation == "eager"


@pytest.mark.parametrize("fast", [False, True])
def test_a_trainer_attends_so_where_it_trains_in_bfloat16(fast, monkeypatch):
    monkeypatch.setattr("agents.nano.trainer.fast_bfloat16", lambda _: fast)
    policy = tiny_policy()
    Trainer(policy.model, policy.tokenizer)
    assert (policy.model.config._attn_implementation == "sdpa_float32_gradients") == fast


@pytest.mark.parametrize("joins_up_to", [2**20, 0])
def test_coarse_policies_sample_what_they_think_but_for_rounding(joins_up_to, monkeypatch):
    monkeypatch.setattr("agents.decoding._SMALL", joins_up_to)
    policy, twin = coarse_policy(), tiny_policy()
    twin.model.load_state_dict(policy.model.state_dict())
    done = generate(policy, PROMPTS, Sampling(max_new_tokens=20), seed=3)
    with torch.no_grad():
        logprobs = twin.read(PROMPTS, [c.tokens for c in done]).logits().log_softmax(-1)
    for i, completion in enumerate(done):
        own = torch.tensor(completion.tokens)
        again = logprobs[i, : len(own)].gather(-1, own[:, None])[:, 0]
        assert torch.allclose(torch.tensor(completion.logprobs), again, atol=0.2)
