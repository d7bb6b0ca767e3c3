"""Which data, verifiers and weights a run began with, kept in its folder: with others it does not go on.

An environment takes generated problems where published ones cannot be read (``source="auto"``), and each process finds
that out anew: the rest of a run would be about other problems than its beginning. A policy is a name or a folder, whose
weights may be others tomorrow: adapters would go on beside another model, and cells of a study would be compared that
began elsewhere. The code of a verifier may be edited between two processes: what is scored before and after training
would then differ by that. Runs from before this was written down go on with what they find.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from agents.adapters import base_weights
from agents.policy import Policy
from agents.served import ServedPolicy
from benchmarks.evaluate import Problems
from benchmarks.evaluation_cache import digest_weights
from benchmarks.files import write_text
from leaderboard.verifiers import verifier_version
from pmd_envs.errors import ConfigError

FILE = "data.json"
WEIGHTS = "start weights"
VERIFIER = "verifier"
"""The uses of what is no data of an environment."""


@dataclass(frozen=True)
class DataUsed:
    """The data of one environment, its verifier, or the weights of the policy."""

    use: str
    """``training``, ``held out``, ``unseen``, ``validation``, ``verifier`` or ``start weights``."""
    env: str
    """Its id; of weights, the policy and the precision that it was read in."""
    source: str
    """``generated``, ``local`` or ``hub``; of a verifier ``code``, of weights ``policy``."""
    fingerprint: str
    """Of a verifier its version, see :mod:`leaderboard.verifiers`."""

    @classmethod
    def of(cls, use: str, problems: Sequence[Problems]) -> tuple[Self, ...]:
        """What problems are of."""
        return tuple(cls(use, part.choice.id, part.env.dataset.name, part.env.dataset.fingerprint) for part in problems)

    @classmethod
    def of_verifiers(cls, problems: Sequence[Problems]) -> tuple[Self, ...]:
        """What scores the answers to problems."""
        ids = dict.fromkeys(part.choice.id for part in problems)
        return tuple(cls(VERIFIER, env_id, "code", verifier_version(env_id)) for env_id in ids)

    @classmethod
    def of_weights(cls, policy: Policy | ServedPolicy, name: str) -> tuple[Self, ...]:
        """The weights that a policy has now; nothing is known of those that somebody serves.

        Adapters that are to be trained do not count: at first they do nothing, and where they start is a matter of the
        run's seed.
        """
        if isinstance(policy, ServedPolicy):
            return ()
        kind = str(policy.model.dtype).removeprefix("torch.")
        digest = digest_weights(base_weights(policy.model))[:16]
        return (cls(WEIGHTS, f"{name} ({kind})", "policy", digest),)

    @property
    def what(self) -> str:
        """What it is, in words."""
        words = {WEIGHTS: WEIGHTS, VERIFIER: "code of the verifier"}
        return f"{words.get(self.use, f'{self.use} problems')} of {self.env}"

    @property
    def cure(self) -> str:
        """What to do where it is another one."""
        words = {WEIGHTS: "those weights", VERIFIER: "that code (code.txt names its commit)"}
        return words.get(self.use, "that data (see PMD_DATA_DIR)")

    def __str__(self) -> str:
        return self.fingerprint if self.use in (WEIGHTS, VERIFIER) else f"{self.source} data {self.fingerprint}"


def write_data(folder: Path, data: Sequence[DataUsed]) -> None:
    """Write down what a run begins with."""
    write_text(folder / FILE, json.dumps([asdict(one) for one in data], indent=2) + "\n")


def check_data(folder: Path, data: Sequence[DataUsed]) -> None:
    """Refuse to go on with other data, verifiers or weights than a run began with. Where data comes from may change.

    Raises:
        ConfigError: A fingerprint is another one, or what was written down cannot be read.
    """
    if not (folder / FILE).exists():
        write_data(folder, data)
        return
    began = {(one.use, one.env): one for one in read_data(folder)}
    kinds = {_name_of(one): one.env for one in began.values() if one.use == WEIGHTS}
    for now in data:
        if now.use == WEIGHTS and kinds.get(_name_of(now), now.env) != now.env:
            raise ConfigError(
                f"{folder} began with {kinds[_name_of(now)]}, and this is {now.env}: tell --dtype what it was"
            )
        then = began.get((now.use, now.env), now)
        if then.fingerprint != now.fingerprint:
            raise ConfigError(
                f"{folder} began with other {now.what}: with {then}, and there is {now} now; "
                f"bring back {now.cure}, or choose another --out"
            )


def _name_of(weights: DataUsed) -> str:
    """Those of a policy in any precision."""
    return weights.env.rpartition(" (")[0]


def precision_of(data: Iterable[DataUsed]) -> str:
    """In what numbers a run's policy was read; empty where that was not written down."""
    return next((one.env.rpartition(" (")[2].rstrip(")") for one in data if one.use == WEIGHTS), "")


def check_same_start(folders: Iterable[Path]) -> None:
    """Refuse to compare runs of one policy that began with different weights, as far as that was written down.

    Raises:
        ConfigError: Two of them did.
    """
    first: dict[str, tuple[Path, DataUsed]] = {}
    for folder in folders:
        for now in read_data(folder) if (folder / FILE).exists() else ():
            if now.use == WEIGHTS:
                other, then = first.setdefault(now.env, (folder, now))
                if then.fingerprint != now.fingerprint:
                    raise ConfigError(
                        f"{other} and {folder} began with different {now.what}: {then} and {now}; "
                        "delete one of the two and run it again with the weights of the other"
                    )


def read_data(folder: Path) -> list[DataUsed]:
    """What was written down in a run's folder.

    Raises:
        ConfigError: It cannot be read.
    """
    try:
        rows: list[dict[str, str]] = json.loads((folder / FILE).read_text())
        return [DataUsed(**row) for row in rows]
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"{folder}/{FILE} cannot be read: {error}") from error
