"""What a pass keeps in memory, counted, and what is made of it."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_policy import tiny_policy
from transformers import (
    CTRLConfig,
    CTRLLMHeadModel,
    Gemma3nForCausalLM,
    Gemma3nTextConfig,
    Gemma4ForCausalLM,
    Gemma4TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from agents.footprint import bytes_of_token, recompute_layers, recomputes, rows_that_fit, tokens_that_fit
from agents.microbatches import by_prompt, micro_batches
from agents.policies import load_policy
from agents.policy import Sampling
from agents.records import Completion, RowTarget, Turn, View
from agents.sampling import generate
from agents.scoring import pad_rows
from agents.update import Optim
from pmd_envs.errors import ConfigError

SHAPE = {
    "vocab_size": 64,
    "hidden_size": 64,
    "intermediate_size": 160,
    "num_hidden_layers": 6,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "bos_token_id": None,
}
MODELS = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**SHAPE)),
    "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**SHAPE)),
}


def kept_bytes(model, rows=4, width=64):
    """Bytes a token that a training pass keeps for the backward pass, beside the weights."""
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    kept = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = (storage.nbytes(), tensor)  # held, or its place would be given away
        return tensor

    ids = torch.randint(2, 60, (rows, width))
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model.train().base_model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False)
    return sum(size for size, _ in kept.values()) / ids.numel()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("name", MODELS)
def test_the_estimate_is_near_what_is_kept(name, dtype):
    model = MODELS[name]().to(dtype)
    assert 0.6 < kept_bytes(model) / bytes_of_token(model) < 1.25


def test_recomputed_layers_keep_their_inputs_alone():
    model = MODELS["llama"]()
    before, estimated = kept_bytes(model), bytes_of_token(model)
    assert not recomputes(model)
    recompute_layers(model)
    assert recomputes(model)
    assert kept_bytes(model) < before / 8
    assert bytes_of_token(model) < estimated / 3


def test_models_that_name_their_sizes_otherwise_are_understood():
    model = GPT2LMHeadModel(GPT2Config(vocab_size=50, n_embd=32, n_layer=2, n_head=4))
    assert bytes_of_token(model) == 2 * (12 * 32 + 4 * 128) * 4
    assert rows_that_fit(model, 1024) == 4 * 2**30 // (2 * 2 * 32 * 1024 * 4)


def test_layers_that_differ_are_added_up():
    gemma4 = {"layer_types": ["sliding_attention"] * 5 + ["full_attention"], "hidden_size_per_layer_input": 0}
    gemma3n = {"layer_types": ["full_attention"] * 6, "intermediate_size": [160, 160, 160, 200, 200, 200]}
    with torch.device("meta"):
        keys = Gemma4ForCausalLM(Gemma4TextConfig(**SHAPE | gemma4, global_head_dim=32))
        inner = Gemma3nForCausalLM(
            Gemma3nTextConfig(**SHAPE | gemma3n, num_kv_shared_layers=0, activation_sparsity_pattern=[0.0] * 6)
        )
    assert rows_that_fit(keys, 1024) == 4 * 2**30 // (2 * (5 * 2 * 16 + 2 * 32) * 1024 * 4)
    assert bytes_of_token(keys) == 6 * (12 * 64 + 4 * 160) * 4
    assert bytes_of_token(inner) == (6 * 12 * 64 + 3 * 4 * 160 + 3 * 4 * 200) * 4
    recompute_layers(inner)
    assert bytes_of_token(inner) == (6 * 64 + 12 * 64 + 4 * 200) * 4


def test_a_model_that_cannot_compute_its_layers_again_is_told_so():
    model = CTRLLMHeadModel(CTRLConfig(vocab_size=50, n_positions=32, n_embd=16, dff=16, n_layer=1, n_head=2))
    with pytest.raises(ConfigError, match="a CTRLLMHeadModel cannot compute its layers again: leave --recompute out"):
        recompute_layers(model)


def test_a_larger_model_takes_fewer_tokens_and_rows_and_always_one():
    nano = load_policy("nano").model
    assert Optim().limit(load_policy("nano")) == 24_576
    smollm2 = {"hidden_size": 576, "intermediate_size": 1536, "head_dim": 64, "num_key_value_heads": 3}
    with torch.device("meta"):
        larger = LlamaForCausalLM(
            LlamaConfig(**SHAPE | smollm2 | {"num_attention_heads": 9, "num_hidden_layers": 30, "vocab_size": 49152})
        )
    assert 1000 < tokens_that_fit(larger) < 4000 < tokens_that_fit(nano)
    assert 1 <= rows_that_fit(larger, 400) < rows_that_fit(nano, 400)
    assert rows_that_fit(larger, 10**9) == 1


def test_what_a_row_samples_does_not_depend_on_how_many_fit(monkeypatch):
    policy, sampling = tiny_policy(), Sampling(max_new_tokens=12)
    prompts = [(40, 41, 42)] * 3 + [(50,)] * 2 + [(60, 61)]
    together = generate(policy, prompts, sampling, seed=3)
    batches = []
    monkeypatch.setattr("agents.footprint.ON_CPU", 2 * 2 * 2 * 8 * 4 * 15 * 2)  # two rows of 15 columns
    apart = generate(policy, prompts, sampling, seed=3, advance=batches.append)
    assert [c.tokens for c in apart] == [c.tokens for c in together]
    assert batches == [2, 2, 2]


def row_of(prompt, completion):
    """A row to learn from, with tokens for a prompt and so many that follow it."""
    said = Completion("", (6,) * completion, (0.0,) * completion, finished=True)
    return RowTarget(Turn(View("", "", "", "", continues=True), prompt, said, 0), advantage=1.0)


def padded_size(batch, rows):
    ids, _ = pad_rows([rows[i].turn.prompt_tokens for i in batch], [rows[i].turn.completion.tokens for i in batch], 0)
    return ids.numel()


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(0, 3)), min_size=1), st.integers(1, 900))
def test_a_micro_batch_fits_the_limit_after_padding(sizes, limit):
    rows = [row_of((which,) * prompt, completion) for prompt, completion, which in sizes]
    batches = list(micro_batches(by_prompt(rows), rows, limit))
    assert sorted(i for batch in batches for i in batch) == list(range(len(rows)))
    assert all(len(batch) == 1 or padded_size(batch, rows) <= limit for batch in batches)


def test_long_prompts_beside_long_completions_are_padded_to_both():
    rows = [row_of((i,) * (60 if i % 2 else 2000), 2000 if i % 2 else 60) for i in range(24)]
    assert max(padded_size(batch, rows) for batch in micro_batches(by_prompt(rows), rows, 24_576)) <= 24_576
    alike = [row_of((i,) * 100, 156) for i in range(96)]
    assert [len(batch) for batch in micro_batches(by_prompt(alike), alike, 24_576)] == [96]  # to the last token
