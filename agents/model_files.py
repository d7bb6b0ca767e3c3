"""The files of a model: in a word what keeps them from being loaded, and whether tokenizer and model fit together."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from pmd_envs.errors import ConfigError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_CONFIGS = ("config.json", "adapter_config.json")
_TOKENIZERS = ("tokenizer*", "vocab*", "*.model", "*.tiktoken", "tekken.json")
"""What tokenizers of all kinds are kept in."""
_PROBE = "2 + 2?"
_OTHER_TEMPLATE = (
    "give its tokenizer another chat_template, which writes a single text of the user's, or None, and save it with "
    "tokenizer.save_pretrained"
)
_WRITES_TOKENIZER = "tokenizer.save_pretrained writes it beside the model"


def reason_of(error: Exception, place: str) -> str:
    """Why a model cannot be loaded from a folder or the hub, on one line."""
    folder = Path(place)
    if not folder.is_dir():
        return f"{_said(error)} (and there is no folder {place!r} here)"
    if not any((folder / name).exists() for name in _CONFIGS):
        return "the folder has no config.json; model.save_pretrained writes it"
    if not any(any(folder.glob(pattern)) for pattern in _TOKENIZERS):
        return f"the folder has no tokenizer (tokenizer.json); {_WRITES_TOKENIZER}"
    return _said(error)


def unreadable() -> tuple[type[Exception], ...]:
    """What transformers raises where a model's files are not what they should be."""
    from huggingface_hub.errors import StrictDataclassError  # takes seconds
    from safetensors import SafetensorError

    own = (SafetensorError, StrictDataclassError)
    return (OSError, ValueError, ImportError, RuntimeError, LookupError, *own)


def _said(error: Exception) -> str:
    """The first line of an error; all of them where that only announces a list."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    if isinstance(error, LookupError):  # which says no more than what was looked up
        lines[0] = f"{type(error).__name__}: {lines[0]}"
    return " ".join(lines) if lines[0].endswith(":") else lines[0]


def check_weights(
    model: PreTrainedModel, missing: Collection[str], mismatched: Collection[tuple[str, torch.Size, torch.Size]]
) -> None:
    """Refuse a model of which some weights would be random numbers.

    Args:
        model: What was made of its files.
        missing: Names that transformers did not find there.
        mismatched: Those that have another size, the size that they have and that which the configuration wants.

    Raises:
        ConfigError: A weight is one of these.
    """
    sizes = [f"{name} is {tuple(has)} and not {tuple(wanted)}" for name, has, wanted in sorted(mismatched)]
    own = {name for name, _ in model.named_parameters()}
    lacks = [f"{name} is missing" for name in sorted(missing) if name in own]
    if sizes or lacks:
        more = f" (and {len(sizes) + len(lacks) - 1} more)" if len(sizes) + len(lacks) > 1 else ""
        raise ConfigError(
            f"its weights are not those of the {type(model).__name__} that its config.json describes: "
            f"{(sizes + lacks)[0]}{more}; model.save_pretrained writes both"
        )


def check_template(name: str, tokenizer: PreTrainedTokenizerBase) -> None:
    """Refuse a chat template that cannot be asked with.

    Raises:
        ConfigError: It fails, or leaves out what the user says.
    """
    if not tokenizer.chat_template:
        return
    from jinja2 import TemplateError

    asked = [{"role": "user", "content": _PROBE}]
    try:
        said = tokenizer.apply_chat_template(asked, add_generation_prompt=True, tokenize=False)
    except (TemplateError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise ConfigError(f"policy {name!r}: its chat template fails: {_said(error)}; {_OTHER_TEMPLATE}") from error
    if _PROBE not in said:
        raise ConfigError(f"policy {name!r}: its chat template leaves out what the user says; {_OTHER_TEMPLATE}")


def check_tokenizer(name: str, tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel) -> None:
    """Refuse a policy that could not read a text.

    A token that only fills rows may lie beyond the embedding: another one fills them then.

    Raises:
        ConfigError: The tokenizer has no tokens, as one has that is made without its files, or some that the model has
            no row for.
    """
    if not tokenizer(_PROBE).input_ids:
        raise ConfigError(
            f"policy {name!r}: its tokenizer makes no token of a text, since its files (tokenizer.json) are missing; "
            f"{_WRITES_TOKENIZER}"
        )
    weights = model.get_input_embeddings().weight
    rows = len(weights) if isinstance(weights, torch.Tensor) else sys.maxsize
    known = tokenizer.get_vocab()
    beyond = [token for token, number in known.items() if number >= rows and number != tokenizer.pad_token_id]
    if beyond:
        first = min(beyond, key=known.__getitem__)
        raise ConfigError(
            f"policy {name!r}: its tokenizer has {len(known):,} tokens and the embedding of its model {rows:,} rows, "
            f"none for {first!r}: call model.resize_token_embeddings(len(tokenizer)) and save it, or take the "
            "tokenizer that the model was trained with"
        )
