"""nano: a small Llama-architecture model of this project's own making, and the recipe that trained it.

``weights/`` holds what :mod:`agents.nano.pretrain` wrote. :mod:`agents.nano.corpus` generates the documents,
:mod:`agents.nano.teaching` the tasks and advice in them, :mod:`agents.nano.model` the architecture and tokenizer.
"""

from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights"
"""The folder that is shipped."""
