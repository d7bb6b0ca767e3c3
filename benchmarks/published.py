"""Suites that measure on published problems: made-up ones in their place would be another measurement."""

import gymnasium

from benchmarks.suites import PAPER, EnvChoice, Suite
from pmd_envs.errors import ConfigError, DatasetError

_NEED_DATA = frozenset(suite.name for suite in PAPER)
_PLACES = ("local", "hub")


def require_published(suite: Suite, split: str) -> None:
    """Refuse a suite of the paper if its data is not here. Other suites take generated problems where they have to.

    Raises:
        ConfigError: Neither ``PMD_DATA_DIR`` nor the Hugging Face hub has it.
    """
    if suite.name not in _NEED_DATA:
        return
    for choice in suite.envs:
        if choice.kwargs.get("source") == "auto":
            reasons = [_missing(choice, split, place) for place in _PLACES]
            if all(reasons):
                raise ConfigError(
                    f"suite {suite.name!r} is about published problems, and none are here: {'; '.join(reasons)}"
                )


def _missing(choice: EnvChoice, split: str, place: str) -> str:
    """Why the problems cannot be read from a place; empty if they can."""
    try:
        for part in ("train", split):
            gymnasium.make(choice.id, split=part, **{**choice.kwargs, "source": place})  # type: ignore[arg-type]  # ours
    except DatasetError as error:
        return str(error)
    return ""
