"""The memory of a run, where its file is another one than at the checkpoint, or turns out to be damaged."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from agents.memories import MemoryStoreError
from benchmarks.disk import is_full
from pmd_envs.errors import ConfigError

BRING_BACK = "put the files memory.sqlite* of this run back together, or choose another --out"
"""What to do then."""


def check_counts(memory: Path, counts: Mapping[str, int], noted: Mapping[str, float], step: int) -> None:
    """Compare what a memory has of the steps before the checkpoint with what was noted after the last of them.

    Args:
        memory: Its file.
        counts: Its items by level.
        noted: The metrics of that step; none before the first.
        step: Of the checkpoint.

    Raises:
        ConfigError: It has fewer.
    """
    for level, count in counts.items():
        then = int(noted.get(f"memory/{level}", 0))
        if count < then:
            raise ConfigError(
                f"{memory} has {count} {level} items of the first {step} steps, and {then} were there at the "
                f"checkpoint: it is another file, or lacks its {memory.name}-wal; {BRING_BACK}"
            )


@contextmanager
def named(memory: Path) -> Iterator[None]:
    """Say in one line which file is damaged, and what to do about it, where the memory finds out.

    Raises:
        ConfigError: It did.
    """
    try:
        yield
    except MemoryStoreError as error:
        if is_full(error, memory.parent):
            raise
        said = str(error).removeprefix(f"{memory}: ")
        raise ConfigError(f"{memory} cannot be used: {said}; {BRING_BACK}") from error
