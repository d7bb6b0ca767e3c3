"""Making a report: from the samples of an evaluation to rows, and where a run comes from.

The records are the leaderboard's, which decides what may be ranked; import them from here.
"""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from benchmarks.statistics import Floats, Interval, avg_at_k, bootstrap_interval, maj_at_k, pass_at_k
from leaderboard.alike import different
from leaderboard.errors import ReportError
from leaderboard.records import (
    BASELINE,
    FORMAT,
    UNKNOWN_COMMIT,
    EnvUsed,
    Provenance,
    Report,
    ResultRow,
    Scores,
    Usage,
)
from leaderboard.reproducibility import REACHABLE
from leaderboard.verifiers import verifier_versions
from pmd_envs.errors import VerifierError
from pmd_envs.sandbox import default_sandbox, run_calls

__all__ = [
    "BASELINE",
    "FORMAT",
    "EnvSamples",
    "EnvUsed",
    "Provenance",
    "Report",
    "ReportError",
    "ResultRow",
    "Scores",
    "Usage",
    "collect_provenance",
    "result_row",
    "utc_now",
]

PACKAGES = ("gymnasium", "numpy", "torch", "transformers", "tokenizers", "scikit-learn", "python-sat")


@dataclass(frozen=True)
class EnvSamples:
    """What a policy answered in one environment."""

    scores: Floats
    """Shape (problems, k)."""
    answers: Sequence[Sequence[str]] | None
    """The answers read from the responses, in the same shape; None where a vote makes no sense."""
    same: Sequence[int] | None = None
    """For each problem the place of the first that asks the same; None where all are different."""


def result_row(
    label: str, samples: Mapping[str, EnvSamples], *, with_memory: bool, policy_step: int, seed: int
) -> ResultRow:
    """The row of a report: scores per environment and over all. An answer is right if its score is 1.

    ``samples`` is by environment id; ``seed`` makes the intervals repeatable.
    """
    per_env = {name: _scores(used, seed) for name, used in samples.items()}
    tables = [used.scores for used in samples.values()]
    same = [range(len(used.scores)) if used.same is None else used.same for used in samples.values()]
    return ResultRow(
        label=label,
        with_memory=with_memory,
        policy_step=policy_step,
        per_env=per_env,
        overall=_overall(list(per_env.values()), bootstrap_interval(tables, seed, same)),
    )


def _scores(samples: EnvSamples, seed: int) -> Scores:
    problems, k = samples.scores.shape
    right = samples.scores >= 1
    same = range(problems) if samples.same is None else samples.same
    between = bootstrap_interval([samples.scores], seed, [same])
    return Scores(
        avg_at_k=avg_at_k(samples.scores),
        low=between.low,
        high=between.high,
        pass_at_k=pass_at_k(right, k),
        maj_at_k=None if samples.answers is None else maj_at_k(samples.answers, right),
        k=k,
        problems=problems,
        different=different(same),
    )


def _overall(per_env: Sequence[Scores], between: Interval) -> Scores:
    votes = [scores.maj_at_k for scores in per_env if scores.maj_at_k is not None]
    return Scores(
        avg_at_k=_mean([scores.avg_at_k for scores in per_env]),
        low=between.low,
        high=between.high,
        pass_at_k=_mean([scores.pass_at_k for scores in per_env]),
        maj_at_k=_mean(votes) if len(votes) == len(per_env) else None,
        k=per_env[0].k,
        problems=sum(scores.problems for scores in per_env),
        different=sum(scores.different or scores.problems for scores in per_env),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def utc_now() -> str:
    """The time as a report wants it."""
    return datetime.now(UTC).isoformat("T", "seconds")


def collect_provenance(root: Path, threads: int, accelerator: str = "") -> Provenance:
    """Which code this is (the git checkout at ``root``) and where it runs.

    Outside a git checkout the commit is "unknown", which the leaderboard does not accept.
    """
    commit = _git(root, "rev-parse", "HEAD")
    return Provenance(
        commit=commit or UNKNOWN_COMMIT,
        dirty=bool(_git(root, "status", "--porcelain")),
        python=platform.python_version(),
        platform=platform.platform(),
        processor=processor(),
        cores=os.cpu_count() or 1,
        threads=threads,
        packages=package_versions(PACKAGES),
        verifiers=verifier_versions(),
        sandbox=_sandbox_layers(),
        accelerator=accelerator,
    )


def _sandbox_layers() -> tuple[str, ...]:
    """What confines a program on this machine, and what it can reach in spite of that; nothing where none may run."""
    try:
        layers = run_calls("def solve():\n    return 0", "solve", [()]).isolation
    except VerifierError:
        return ()
    return (*layers, *(f"{REACHABLE}{what}" for what in default_sandbox().missing))


def _git(root: Path, *arguments: str) -> str:
    """What git says about the checkout; nothing if there is no git, or no checkout."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def processor() -> str:
    """The processor's name; Linux tells it only in /proc."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def package_versions(packages: Sequence[str]) -> dict[str, str]:
    """The versions of those that are installed."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
