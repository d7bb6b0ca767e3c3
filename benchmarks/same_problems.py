"""Runs are compared problem by problem, which takes that all of them were measured on the same ones by one verifier.

The suite alone does not say so: an environment takes generated problems where published ones cannot be read, and code
changes between two runs.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple, TypeAlias

from leaderboard.entry import REPORT_FILE
from leaderboard.records import Report
from pmd_envs.errors import ConfigError

WHOLE = "evaluation.jsonl"
UNSEEN = "unseen/*.jsonl"


class Asked(NamedTuple):
    """A problem, and the fingerprint of the data that it is of."""

    task_id: str
    fingerprint: str


Table: TypeAlias = Mapping[str, tuple[Asked, ...]]
"""The problems of each environment, in order: they are paired by their place."""


def check_same_problems(folders: Iterable[Path], files: str) -> None:
    """Refuse to compare evaluations of different problems, or by different verifiers as far as reports name these.

    Args:
        folders: Of finished runs.
        files: Which of a run's evaluations: those with :data:`WHOLE` or :data:`UNSEEN` problems.

    Raises:
        ConfigError: Two runs, or two evaluations of one, differ in their problems, or two runs in a verifier.
    """
    folders = list(folders)
    _check_same_verifiers(folders)
    tables = ((folder, row, table) for folder in folders for row, table in _tables(folder, files))
    first, label, wanted = next(tables, (Path(), "", {}))
    for folder, row, found in tables:
        for env in wanted | found:
            one, other = wanted.get(env, ()), found.get(env, ())
            if one != other:
                raise ConfigError(
                    f"{first} ({label}) and {folder} ({row}) were measured on different problems of {env}: "
                    f"{_difference(one, other)}; delete one of the two and run it again with the data of the other"
                )


def _check_same_verifiers(folders: Iterable[Path]) -> None:
    first: dict[str, tuple[Path, str]] = {}
    for folder in folders:
        report = Report.read(folder / REPORT_FILE)
        for env in report.environments:
            now = report.provenance.verifiers.get(env.id)
            if now:  # older reports do not say it
                other, then = first.setdefault(env.id, (folder, now))
                if then != now:
                    raise ConfigError(
                        f"{other} and {folder} were scored by different verifiers of {env.id}: {then} and {now}; "
                        "delete one of the two and run it again with the code of the other"
                    )


def _tables(folder: Path, files: str) -> Iterator[tuple[str, dict[str, tuple[Asked, ...]]]]:
    """The problems of each row of a run's evaluations."""
    found: dict[str, dict[str, dict[Asked, None]]] = {}
    for file in sorted(folder.glob(files)):
        with file.open() as lines:
            try:
                for episode in map(json.loads, lines):
                    asked = Asked(episode["task_id"], episode["fingerprint"])
                    found.setdefault(episode["row"], {}).setdefault(episode["env"], {})[asked] = None
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigError(f"{file} is damaged: {error!r}") from error
    for row, envs in found.items():
        yield row, {env: tuple(problems) for env, problems in envs.items()}


def _difference(one: tuple[Asked, ...], other: tuple[Asked, ...]) -> str:
    """The first place where they are not the same."""
    pair = next((a, b) for a, b in zip_longest(one, other) if a != b)
    return " and ".join(f"{asked.task_id} of data {asked.fingerprint}" if asked else "nothing" for asked in pair)
