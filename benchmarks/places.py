"""Where runs go that nobody named a folder for, and the runs of a group of suites within theirs."""

from collections.abc import Mapping
from pathlib import Path

from agents.served import PREFIX
from benchmarks.folder import check_settings
from pmd_envs.errors import ConfigError
from pmd_envs.records import Json


def usual_folder(agent: str, policy: str, seed: int, group: str = "", *, resume: bool) -> Path:
    """A free folder of the usual name, with a number if that is taken; to resume, the last one of that name."""
    name = policy.partition("@http" if policy.startswith(PREFIX) else "@")[0].removeprefix(PREFIX)
    shown = "".join(c if c.isalnum() or c in ".-" else "-" for c in Path(name).name)
    parts = [agent.rpartition(":")[2], shown, *([group] if group else []), f"seed{seed}"]
    base = Path("runs") / "-".join(parts)
    taken = 1
    while _numbered(base, taken).exists():
        taken += 1
    return _numbered(base, max(taken - 1, 1) if resume else taken)


def _numbered(base: Path, number: int) -> Path:
    return base if number == 1 else base.with_name(f"{base.name}-{number}")


def member_folder(base: Path, group: str, suite: str) -> Path:
    """The folder of one suite's run. Its name has the group's: the leaderboard tells runs apart by theirs."""
    return base / f"{base.resolve().name}-{suite.removeprefix(f'{group}-')}"


def check_places(base: Path, configs: Mapping[Path, Mapping[str, Json]], *, resume: bool) -> None:
    """Refuse folders that hold other runs, before the first of a group is started.

    Args:
        base: The folder of the group.
        configs: What each of its runs is, by folder.
        resume: Whether to go on with those that are there.

    Raises:
        ConfigError: There are runs, and they were not to be resumed; or none, and they were; or others.
    """
    found = [folder for folder in configs if (folder / "config.json").exists()]
    if resume and not found:
        raise ConfigError(f"{base} holds no runs of this group to resume")
    if found and not resume:
        raise ConfigError(f"{base} already holds runs; add --resume to go on with them, or choose another --out")
    for folder in found:
        check_settings(folder, configs[folder])
