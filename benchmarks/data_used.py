"""Which data a run began with, kept in its folder: with other data it does not go on.

An environment takes generated problems where published ones cannot be read (``source="auto"``), and each process finds
that out anew: the rest of a run would be about other problems than its beginning. Runs from before this was written
down go on with what they find, and it is written down then.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from benchmarks.evaluate import Problems
from benchmarks.files import write_text
from pmd_envs.errors import ConfigError

FILE = "data.json"


@dataclass(frozen=True)
class DataUsed:
    """The data of one environment."""

    use: str
    """``training``, ``held out``, ``unseen`` or ``validation``."""
    env: str
    source: str
    """``generated``, ``local`` or ``hub``."""
    fingerprint: str

    @classmethod
    def of(cls, use: str, problems: Sequence[Problems]) -> tuple[Self, ...]:
        """What problems are of."""
        return tuple(cls(use, part.choice.id, part.env.dataset.name, part.env.dataset.fingerprint) for part in problems)

    def __str__(self) -> str:
        return f"{self.source} data {self.fingerprint}"


def write_data(folder: Path, data: Sequence[DataUsed]) -> None:
    """Write down what a run begins with."""
    write_text(folder / FILE, json.dumps([asdict(one) for one in data], indent=2) + "\n")


def check_data(folder: Path, data: Sequence[DataUsed]) -> None:
    """Refuse to go on with other data than the run in a folder began with. Where it comes from may change.

    Raises:
        ConfigError: A fingerprint is another one, or what was written down cannot be read.
    """
    if not (folder / FILE).exists():
        write_data(folder, data)
        return
    try:
        began = {(one.use, one.env): one for one in (DataUsed(**row) for row in _read(folder))}
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"{folder}/{FILE} cannot be read: {error}") from error
    for now in data:
        then = began.get((now.use, now.env), now)
        if then.fingerprint != now.fingerprint:
            raise ConfigError(
                f"{folder} began with other {now.use} problems of {now.env}: with {then}, and there is {now} now; "
                "bring back that data (see PMD_DATA_DIR), or choose another --out"
            )


def _read(folder: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads((folder / FILE).read_text())
    return rows
