"""Which runs repeat one another: the same agent with the same policy and settings, and another seed.

Left out of the settings is what all runs of a board share, and what only says how a run was watched and written down.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leaderboard.errors import StoreError
from leaderboard.ranking import StoredEntry
from leaderboard.records import Report
from pmd_envs.records import Json

_NO_SETTINGS = ("agent", "policy", "seed", "suite", "split", "validation", "format", "report_format")
"""Of a config. Agent and policy are told apart by their names."""
_DEEPEST = 3
_MOST_NAMED = 5
_LONGEST = 60


@dataclass(frozen=True)
class Player:
    """An agent with its policy, and which of its settings, where several were run."""

    agent: str
    policy: str
    settings: str = ""
    """Their digest; empty: those of its newest run."""


@dataclass(frozen=True)
class Method:
    """The runs that repeat one another."""

    player: Player
    differs: str
    """The settings that tell it from others of the same name; empty where there are no others."""
    runs: tuple[StoredEntry, ...]
    """As they were given."""

    @property
    def name(self) -> str:
        """The agent, and what is different about it."""
        return f"{self.player.agent} ({self.differs})" if self.differs else self.player.agent


def by_method(stored: Sequence[StoredEntry]) -> tuple[Method, ...]:
    """The entries of a board by what they repeat, in the order of the first one of each."""
    found: dict[Player, list[StoredEntry]] = {}
    settings: dict[Player, dict[str, str]] = {}
    for item in stored:
        own = _settings(item.entry.report)
        digest = hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()[:12]
        player = Player(item.entry.report.agent, item.entry.report.policy, digest)
        found.setdefault(player, []).append(item)
        settings[player] = own
    return tuple(Method(player, _differs(player, settings), tuple(runs)) for player, runs in found.items())


def find_method(methods: Sequence[Method], player: Player) -> Method:
    """The one that is asked for.

    Raises:
        StoreError: There is none.
    """
    for method in methods:
        known = method.player
        if (known.agent, known.policy) == (player.agent, player.policy) and player.settings in ("", known.settings):
            return method
    raise StoreError(
        f"there is no ranked run of agent {player.agent!r} with policy {player.policy!r} and such settings"
    )


def _settings(report: Report) -> dict[str, str]:
    own = {name: value for name, value in report.config.items() if name not in _NO_SETTINGS}
    return dict(_flat({**own, "steps": report.steps}))


def _flat(value: Json, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Settings by name, those of records by RECORD.NAME, each as JSON."""
    if isinstance(value, dict) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else key, depth + 1)
    else:
        yield name, json.dumps(value, sort_keys=True)


def _differs(player: Player, settings: dict[Player, dict[str, str]]) -> str:
    own = settings[player]
    named = [s for p, s in settings.items() if (p.agent, p.policy) == (player.agent, player.policy)]
    names = sorted({name for other in named for name in other if len({s.get(name) for s in named}) > 1})
    parts = [_said(name.removeprefix("settings."), own.get(name)) for name in names[:_MOST_NAMED]]
    more = len(names) - len(parts)
    return ", ".join([*parts, *([f"and {more} more"] if more else [])])


def _said(name: str, value: str | None) -> str:
    text = f"no {name}" if value is None else f"{name}={value}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
