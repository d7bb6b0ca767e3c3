"""Policies by name: what has to be done to a model before it can be trained and saved."""

from types import SimpleNamespace

import pytest
from tiny_policy import tiny_policy
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
