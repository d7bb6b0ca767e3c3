"""Whether a report says everything that somebody else would need to obtain it again, and does not contradict itself."""

import hashlib
import json
from collections.abc import Mapping

from leaderboard.errors import RefusedError
from leaderboard.fields import NAME_LENGTH, is_name
from leaderboard.records import UNKNOWN_COMMIT, Report
from pmd_envs.records import Json

NEEDED_PACKAGES = ("gymnasium", "numpy")
NEEDED_SETTINGS = {
    "seed": "another seed gives another run",
    "agent": "what was trained is unknown",
    "policy": "which model was trained is unknown",
}
OWN_PACKAGES = ("torch", "transformers")
"""Those that a policy computes with, unless somebody else serves it."""
SERVED = "openai:"
REACHABLE = "reachable: "
"""Begins what a run noted instead of a layer when its programs could reach something they should not."""
_AGAINST_NETWORK = ("seccomp", "network namespace", "user and network namespaces")
_AGAINST_FILES = ("landlock", "mount namespace")


def check_reproducible(report: Report) -> None:
    """Refuse what nobody could run again, with the first thing that is missing."""
    provenance = report.provenance
    if provenance.commit == UNKNOWN_COMMIT:
        raise RefusedError("provenance.commit is 'unknown': only a run from a git checkout can be repeated")
    if not report.config:
        raise RefusedError("config is empty: without its settings a run cannot be repeated")
    if not provenance.processor.strip():
        raise RefusedError("provenance.processor is empty: which hardware a run had is part of its result")
    _check_settings(report)
    _check_versions(report)
    _check_config(report)
    _check_effort(report)


def _check_settings(report: Report) -> None:
    """Everything that decides a run has to be in its config, which is what somebody would start again."""
    suite = report.config.get("suite")
    if not isinstance(suite, dict):
        raise RefusedError("config.suite is missing: which version of the suite was run is unknown")
    for name, meaning in NEEDED_SETTINGS.items():
        if report.config.get(name) in (None, ""):
            raise RefusedError(f"config.{name} is missing: {meaning}")
    if not suite.get("name"):
        raise RefusedError("config.suite.name is missing: which suite was run is unknown")


def _check_versions(report: Report) -> None:
    provenance = report.provenance
    own = () if report.policy.startswith(SERVED) else OWN_PACKAGES
    for package in (*NEEDED_PACKAGES, *own):
        if not provenance.packages.get(package, "").strip():
            raise RefusedError(f"provenance.packages does not have {package}: versions are needed to repeat a run")
    for env_id, version in provenance.verifiers.items():
        if not is_name(version):  # asked here, not where a report is read: older versions took and kept such ones
            raise RefusedError(
                f"provenance.verifiers has {version!r:.80} for {env_id!r:.80}, not a printable text of at most "
                f"{NAME_LENGTH} characters"
            )
    for env in report.environments:
        if not provenance.verifiers.get(env.id):
            raise RefusedError(
                f"provenance.verifiers does not have {env.id}: which version of its verifier scored the run is unknown"
            )


def _check_config(report: Report) -> None:
    """A seed or name that was changed in one place only."""
    suite = report.config["suite"]
    said: dict[str, tuple[Json, Json]] = {
        "seed": (report.seed, report.config["seed"]),
        "agent": (report.agent, report.config["agent"]),
        "policy": (report.policy, report.config["policy"]),
        "suite": (report.suite, suite["name"] if isinstance(suite, dict) else None),
    }
    for name, (stated, configured) in said.items():
        if stated != configured:
            raise RefusedError(f"{name} is {stated!r} in report.json, but {configured!r:.80} in its config")


def _check_effort(report: Report) -> None:
    shapes = {(row.overall.k, row.overall.problems) for row in report.rows}
    if len(shapes) > 1:
        raise RefusedError(f"the rows differ in (k, problems): {sorted(shapes)}; only equal effort is comparable")


def check_same_config(report: Report, config: Mapping[str, Json]) -> None:
    """Refuse a report whose settings are not those in the folder's ``config.json``."""
    changed = sorted(
        name for name in report.config if name in config and config[name] != json.loads(json.dumps(report.config[name]))
    )
    if changed:
        names = ", ".join(name if is_name(name) else f"{name!r:.80}" for name in changed)
        raise RefusedError(f"config.json and report.json differ in {names}: one of them was edited")


def suite_version(report: Report) -> str:
    """Digest of the suite's definition: it changes with anything in it, whether or not somebody thinks of a number."""
    return hashlib.sha256(json.dumps(report.config.get("suite"), sort_keys=True).encode()).hexdigest()[:10]


def is_confined(report: Report) -> bool:
    """Whether the programs that this run started could reach neither the network nor other files."""
    layers = report.provenance.sandbox
    return (
        any(layer in _AGAINST_NETWORK for layer in layers)
        and any(layer in _AGAINST_FILES for layer in layers)
        and not any(layer.startswith(REACHABLE) for layer in layers)
    )
