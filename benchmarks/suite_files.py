"""Suites by name, or from a TOML file of one's own.

    name = "my-suite"
    steps = 20

    [[envs]]
    id = "pmd/GSM8K-v0"
    difficulty = 2
    source = "generated"

    [settings.pmd]
    recall = 5

Keys are the fields of :class:`benchmarks.suites.Suite`, those of an environment its arguments for
``gymnasium.make``, whose ``module:id`` an id may be. What a file does not say is as in the suite class.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any

from agents.arms import ARMS
from agents.registry import agent_paths
from benchmarks.suites import GROUPS, SUITES, EnvChoice, Suite
from pmd_envs.env_ids import known_id
from pmd_envs.errors import ConfigError, unknown
from pmd_envs.records import Json

Toml = dict[str, Any]
_KINDS = {field.name: field.type for field in fields(Suite) if field.type in (int, float, str)}
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Environments:
    """Environments that a command line names, with the arguments of all of them.

    Raises:
        ConfigError: There are arguments and no environments.
    """

    ids: tuple[str, ...] = ()
    """As they are asked for, which may be as ``module:id``."""
    difficulty: int | None = None
    source: str = "auto"
    granularity: str = "episode"

    def __post_init__(self) -> None:
        if not self.ids and (self.difficulty, self.source, self.granularity) != (None, "auto", "episode"):
            raise ConfigError("--difficulty, --source and --granularity need --env: a suite has its own")

    def with_budget(self, suite: Suite) -> Suite:
        """The suite with these environments instead of its own, and so another name; itself if there are none."""
        if not self.ids:
            return suite
        kwargs: dict[str, Json] = {"granularity": self.granularity, "source": self.source}
        if self.difficulty is not None:
            kwargs["difficulty"] = self.difficulty
        return replace(suite, name="custom", envs=tuple(EnvChoice(known_id(env), kwargs) for env in self.ids))

    @property
    def options(self) -> tuple[str, ...]:
        """What ``run.py`` is told of them."""
        if not self.ids:
            return ()
        named = [text for env in self.ids for text in ("--env", env)]
        level = () if self.difficulty is None else ("--difficulty", str(self.difficulty))
        return (*named, *level, "--source", self.source, "--granularity", self.granularity)


def find_suite(name: str) -> Suite:
    """The suite of this name, or of the TOML file at this path.

    Raises:
        ConfigError: There is none, or the file is not a suite; the message names the key at fault.
    """
    if name in SUITES:
        return SUITES[name]
    if name in GROUPS:
        members = ", ".join(GROUPS[name])
        raise ConfigError(
            f"{name!r} is several suites, and here one is needed: {members}. "
            f"python benchmarks/run.py --suite {name} runs one after another, matrix.py --suites {name} side by side"
        )
    if name.endswith(".toml"):
        return read_suite(Path(name))
    raise unknown("suite", name, (*SUITES, *GROUPS, "a file such as my-suite.toml"))


def suite_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names with those of groups spelt out, each once."""
    return tuple(dict.fromkeys(member for name in names for member in GROUPS.get(name, (name,))))


def suites_by_name(names: Iterable[str]) -> dict[str, Suite]:
    """The suites of many runs, by what each was asked for as: a name, one of a group, or a TOML file.

    Raises:
        ConfigError: There is no such suite, or two are called the same, which is what their folder is called.
    """
    suites = {name: find_suite(name) for name in suite_names(names)}
    taken: dict[str, str] = {}
    for asked, suite in suites.items():
        if suite.name in taken:
            raise ConfigError(f"{taken[suite.name]} and {asked} are both called {suite.name!r}: rename one")
        taken[suite.name] = asked
    return suites


def suite_settings(suite: Suite, agent: str) -> dict[str, object]:
    """The knobs that a suite sets for an agent or arm; what makes the arm one is not touched.

    Raises:
        ConfigError: The suite has settings for an agent that does not exist.
    """
    for name in suite.settings:
        if name not in agent_paths():
            raise unknown(f"agent in the settings of suite {suite.name!r}", name, agent_paths())
    arm = ARMS.get(agent)
    knobs: dict[str, object] = {}
    for name, value in suite.settings.get(arm.agent if arm else agent, {}).items():
        if isinstance(value, Mapping):  # as TOML reads ours.copies = true
            knobs |= {f"{name}.{part}": item for part, item in value.items()}
        else:
            knobs[name] = value
    return {name: value for name, value in knobs.items() if arm is None or name not in arm.settings}


def read_suite(path: Path) -> Suite:
    """Read a suite file.

    Raises:
        ConfigError: It cannot be read, or a key or value is not one of a suite.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"suite file {path} cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"suite file {path} is not TOML: {error}") from error
    known = [field.name for field in fields(Suite)]
    for key in content:
        if key not in known:
            raise unknown(f"key of suite file {path}", key, known)
    needed = [field.name for field in fields(Suite) if field.default is MISSING and field.default_factory is MISSING]
    for key in needed:
        if key not in content:
            raise ConfigError(f"suite file {path} has no key {key!r}")
    values: Toml = {key: _value(path, key, content[key]) for key in content if key in _KINDS}
    _check_name(path, values["name"])
    values["envs"] = _environments(path, content["envs"])
    values["settings"] = _settings(path, content.get("settings", {}))
    values["stop"] = _stop(path, content.get("stop", []))
    return Suite(**values)


def _value(path: Path, key: str, value: object) -> str | int | float:
    kind = _KINDS[key]
    accepted = (int, float) if kind is float else kind
    if not isinstance(value, accepted) or isinstance(value, bool):
        raise ConfigError(f"suite file {path}: {key} = {value!r} is not of type {kind.__name__}")
    if isinstance(value, str) and not (value.strip() and value.isprintable() and len(value) <= _LONGEST_NAME):
        raise ConfigError(f"suite file {path}: {key} = {value!r:.120} is not a short printable text")
    return float(value) if kind is float else value


def _check_name(path: Path, name: str) -> None:
    """Refuse a name that would lead out of the folder that runs of the suite go to: it is the name of one there."""
    if name in (".", "..") or "/" in name or "\\" in name:
        proper = "-".join(part for part in re.split(r"[/\\]", name) if part.strip(".")) or "my-suite"
        raise ConfigError(
            f"suite file {path}: name = {name!r} is a path, and it becomes the name of a folder: write {proper!r}"
        )


def _environments(path: Path, found: object) -> tuple[EnvChoice, ...]:
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise ConfigError(f"suite file {path}: envs is written as tables [[envs]], not {found!r:.80}")
    return tuple(_environment(path, number, dict(table)) for number, table in enumerate(found, 1))


def _environment(path: Path, number: int, table: Toml) -> EnvChoice:
    env_id = table.pop("id", None)
    if not isinstance(env_id, str):
        raise ConfigError(f"suite file {path}: environment {number} has no id such as 'pmd/GSM8K-v0'")
    if "split" in table:
        raise ConfigError(f"suite file {path}: {env_id} names a split; the runner chooses it (--split)")
    kwargs: dict[str, Json] = {"granularity": "episode", "source": "auto", **table}
    return EnvChoice(known_id(env_id), kwargs)


def _stop(path: Path, found: object) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise ConfigError(f'suite file {path}: stop is a list of texts such as ["\\n"], not {found!r:.80}')
    return tuple(found)


def _settings(path: Path, found: object) -> Mapping[str, Mapping[str, Json]]:
    if not isinstance(found, dict) or not all(isinstance(knobs, dict) for knobs in found.values()):
        raise ConfigError(f"suite file {path}: settings is written as tables such as [settings.pmd]")
    return found
