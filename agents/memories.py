"""Memories by name: ours, and those of installed packages (entry-point group ``pmd.memories``)."""

from pathlib import Path

from memory import Caps, Memory, MemoryStoreError
from pmd_envs.errors import ConfigError, unknown
from pmd_envs.plugins import load_plugins

__all__ = ["MemoryStoreError", "memories", "open_memory"]


def memories() -> dict[str, type[Memory]]:
    """Every known memory; a broken plug-in is reported and skipped."""
    known: dict[str, type[Memory]] = {"sqlite": Memory}

    def take(name: str, memory: object) -> None:
        if not (isinstance(memory, type) and issubclass(memory, Memory)):
            raise ConfigError(f"it is not a subclass of memory.Memory: {memory!r}")
        if name in known:
            raise ConfigError(f"the name {name!r} is taken")
        known[name] = memory

    load_plugins("pmd.memories", take)
    return known


def open_memory(name: str, path: Path, seed: int, caps: Caps) -> Memory:
    """Open the memory called ``name`` at a file.

    Raises:
        ConfigError: There is no such memory, or the file is none.
    """
    known = memories()
    if name not in known:
        raise unknown("memory", name, known)
    try:
        return known[name](path, seed=seed, caps=caps)
    except MemoryStoreError as error:
        raise ConfigError(str(error)) from error
