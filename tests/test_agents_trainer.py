"""The trainer of texts: its loss is the model's own, whatever the model does behind its head."""

import pytest
import torch
from tiny_policy import byte_tokenizer
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    GraniteConfig,
    GraniteForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
)

from agents.nano import trainer
from agents.nano.trainer import Trainer

SMALL = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "bos_token_id": None,
    "initializer_range": 0.3,
}
ROWS = [(list(range(5, 25)), [False] * 8 + [True] * 12), (list(range(40, 47)), [False, True] + [True] * 5)]


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        (LlamaForCausalLM, LlamaConfig),
        (GraniteForCausalLM, lambda **sizes: GraniteConfig(**sizes, logits_scaling=8.0)),
        (Gemma2ForCausalLM, lambda **sizes: Gemma2Config(**sizes, final_logit_softcapping=3.0)),
    ],
)
def test_the_loss_is_the_models_own(kind, config, monkeypatch):
    monkeypatch.setattr(trainer, "fast_bfloat16", lambda _: False)
    torch.manual_seed(0)
    tokenizer = byte_tokenizer()
    model = kind(config(vocab_size=len(tokenizer), **SMALL))
    expected = 0.0
    for ids, learnt in ROWS:
        labels = torch.where(torch.tensor(learnt), torch.tensor(ids), -100)[None]
        expected += sum(learnt) * model(input_ids=torch.tensor([ids]), labels=labels).loss.item()
    tokens = sum(sum(learnt) for _, learnt in ROWS)
    assert Trainer(model, tokenizer).learn(ROWS, 0.0) == pytest.approx(expected / tokens, rel=1e-4)
