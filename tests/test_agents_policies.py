"""Policies by name: what has to be done to a model before it can be trained and saved."""

from types import SimpleNamespace

import pytest
from tiny_policy import tiny_policy
from tokenizers.processors import TemplateProcessing
from transformers import AutoModelForCausalLM, GgufConfig

from agents.policies import _forget_quantization


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
