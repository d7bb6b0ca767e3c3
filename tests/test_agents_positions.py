"""Logits a few positions at a time are those of all positions at once, and never more than that."""

from dataclasses import replace

import pytest
import torch
from agent_scene import group, new_state
from tiny_policy import tiny_policy
from transformers import Gemma2Config, Gemma2ForCausalLM, GPT2Config, GPT2LMHeadModel

from agents.drift import drift
from agents.footprint import recompute_layers
from agents.positions import chosen_logprobs
from agents.rlvr import RLVR
from agents.scoring import head_of, read_responses
from agents.sdpo import SDPO
from agents.update import Optim, update

OPTIM = Optim(lr=1.0, warmup=0, clip=1e9, tokens_at_once=4096)
PROMPTS, COMPLETIONS = [(5, 6, 7), (8, 9), (5, 6, 7)], [(10, 11, 12), (13,), (14, 15)]
AGENTS = (
    RLVR(),
    RLVR("dapo"),
    SDPO(),
    SDPO(top_k=None, alpha=1.0),
    SDPO(top_k=7, teacher_kind="trust-region", reward_weight=0.5),
)


def after_update(agent, monkeypatch, at_once, *, recompute=False):
    """An update's metrics and weights with so many logits at once, and for how many positions the head made them."""
    monkeypatch.setattr("agents.scoring.LOGITS_AT_ONCE", at_once)
    state = new_state()
    state.optimizer = torch.optim.SGD(state.policy.model.parameters(), lr=1.0)
    if recompute:
        recompute_layers(state.policy.model)
    batch = group(state, ("good", 1.0), ("a longer bad answer", 0.0), ("good too", 1.0), ("no", 0.0))
    made = []
    heads = [p.model.lm_head for p in (state.policy, state.teacher) if p is not None]
    for head in heads:
        head.register_forward_hook(lambda _, given, __: made.append(given[0][..., 0].numel()))
    targets = [agent.targets(batch, state)]
    moved = drift([batch], replace(state, initial=state.policy.twin()))
    metrics = update(state, targets, agent.loss, OPTIM, 64)
    weights = [p.detach().clone() for p in state.policy.model.parameters()]
    return metrics | moved, weights, max(made)


@pytest.mark.parametrize("agent", AGENTS, ids=str)
def test_an_update_by_slices_is_that_of_the_whole(agent, monkeypatch):
    vocabulary, rows = 258, 4
    whole, moved, most = after_update(agent, monkeypatch, 2**26)
    assert most == rows * len("a longer bad answer") + rows
    sliced, moved_too, few = after_update(agent, monkeypatch, vocabulary * rows * 3)
    assert few == rows * 3
    assert whole["grad_norm"] > 1e-3
    assert sliced == pytest.approx(whole, rel=1e-4, abs=1e-6)
    for mine, theirs in zip(moved_too, moved, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=1e-4)


def test_a_slice_has_a_position_even_where_one_is_too_much(monkeypatch):
    metrics, _, most = after_update(RLVR(), monkeypatch, 1)
    assert most == 4
    assert metrics["grad_norm"] > 0


@pytest.mark.parametrize("rows", [1, 3])
def test_slices_cover_every_position_once(rows, monkeypatch):
    monkeypatch.setattr("agents.scoring.LOGITS_AT_ONCE", 258 * 2 * rows)
    policy = tiny_policy()
    reading = policy.read([(5, 6)] * rows, [tuple(range(2, 9))] * rows)
    assert list(reading.slices()) == [(0, 2), (2, 4), (4, 6), (6, 7)]
    parts = torch.cat([reading.logits(first, end) for first, end in reading.slices()], 1)
    torch.testing.assert_close(parts, reading.logits())


def test_log_probabilities_of_completions_are_those_at_the_temperature():
    reading = tiny_policy().read(PROMPTS, COMPLETIONS)
    found = chosen_logprobs(reading, COMPLETIONS, 0.5)
    for i, said in enumerate(COMPLETIONS):
        expected = (reading.logits()[i, : len(said)] / 0.5).log_softmax(-1)[range(len(said)), list(said)]
        torch.testing.assert_close(found[i, : len(said)], expected)


def capped(vocabulary=64):
    """A model whose logits are capped behind its head."""
    torch.manual_seed(0)
    config = Gemma2Config(
        vocab_size=vocabulary,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        final_logit_softcapping=0.5,
        initializer_range=0.5,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=None,
    )
    return Gemma2ForCausalLM(config).eval()


def test_what_is_done_behind_the_head_is_not_lost():
    model = capped()
    assert head_of(model) is None
    logits = read_responses(model, PROMPTS, COMPLETIONS, pad_id=0).logits()
    assert logits.abs().max() <= 0.5
    for i, (prompt, completion) in enumerate(zip(PROMPTS, COMPLETIONS, strict=True)):
        alone = model(torch.tensor([[*prompt, *completion]])).logits[0, len(prompt) - 1 : -1]
        torch.testing.assert_close(logits[i, : len(completion)], alone, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("prompts", "count"),
    [([(5, 6, 7)] * 3, 3 + 6), ([(5, 6, 7), (8, 9), (5, 6, 7)], 8 + 6), ([(5,), (6,), (7,)], 3 + 6)],
)
def test_a_prompt_that_is_read_once_counts_once(prompts, count):
    reading = read_responses(tiny_policy().model, prompts, COMPLETIONS, pad_id=0)  # two of three are read apart
    assert reading.tokens == count


@pytest.mark.parametrize("training", [True, False])
def test_a_plain_head_is_found_and_leaves_the_model_as_it_was(training):
    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config(vocab_size=50, n_positions=32, n_embd=16, n_layer=1, n_head=2))
    model.train(training)  # with its dropout two passes differ
    assert head_of(model) is model.lm_head
    assert model.training is training


def test_gradients_of_recomputed_layers_are_the_same(monkeypatch):
    agent = SDPO(teacher_kind="trust-region", top_k=7)
    plain, moved, _ = after_update(agent, monkeypatch, 2**26)
    again, moved_too, _ = after_update(agent, monkeypatch, 2**26, recompute=True)
    assert again == pytest.approx(plain, rel=1e-4, abs=1e-6)
    for mine, theirs in zip(moved_too, moved, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=1e-4)
