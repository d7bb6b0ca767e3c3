"""Scoring everything on a leaderboard again, to see what a newer verifier thinks of old runs."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from leaderboard.database import transaction
from leaderboard.duplicates import own_mark
from leaderboard.entry import Entry, Rescore
from leaderboard.episodes import EvaluatedEpisode, read_episode
from leaderboard.errors import RefusedError
from leaderboard.evidence import unpack_lines
from leaderboard.rescoring import changed_scores
from leaderboard.verifiers import verifier_version

_SHOWN = 5


@dataclass(frozen=True)
class EnvDrift:
    """What one entry's episodes of one environment score now."""

    env: str
    recorded: str
    """Version of the verifier that scored the run."""
    current: str
    """Version of the one here."""
    episodes: int
    changed: int
    before: float
    """Mean score as recorded."""
    now: float
    unavailable: str = ""
    """Why the episodes could not be scored, if they could not."""


@dataclass(frozen=True)
class Verification:
    """What one entry scores now."""

    entry_id: int
    run_id: str
    environments: tuple[EnvDrift, ...]
    detail: tuple[str, ...]
    """The first episodes whose verdict changed."""

    @property
    def changed(self) -> int:
        """How many verdicts changed."""
        return sum(env.changed for env in self.environments)

    @property
    def scored(self) -> tuple[EnvDrift, ...]:
        """The environments whose episodes could be scored."""
        return tuple(env for env in self.environments if not env.unavailable)

    @property
    def unavailable(self) -> str:
        """Why part of it could not be scored; empty if all was."""
        return next((env.unavailable for env in self.environments if env.unavailable), "")


def verify_all(connection: sqlite3.Connection, rescore: Rescore) -> tuple[Verification, ...]:
    """Score the kept episodes of every entry again, one entry at a time, and write down what came out."""
    made = []
    for entry_id, document in connection.execute("SELECT id, document FROM entries ORDER BY id").fetchall():
        entry = Entry.from_json(document)
        verification = _verify(entry_id, entry, _episodes(connection, entry_id), rescore)
        with transaction(connection):
            _note(connection, entry, verification)
        made.append(verification)
    return tuple(made)


def confirm(connection: sqlite3.Connection, entry_id: int, entry: Entry) -> None:
    """Write down that all episodes of an entry were just scored again and none changed; inside a transaction."""
    same = _verify(entry_id, entry, _episodes(connection, entry_id), lambda episodes: [e.score for e in episodes])
    _note(connection, entry, same)


def _episodes(connection: sqlite3.Connection, entry_id: int) -> list[EvaluatedEpisode]:
    parts = connection.execute(
        "SELECT content FROM evidence WHERE entry_id = ? AND part = 'episodes' ORDER BY number", (entry_id,)
    )
    lines = [line for (content,) in parts for line in unpack_lines(content)]
    return [read_episode(line, number) for number, line in enumerate(lines, start=1)]


def _verify(entry_id: int, entry: Entry, episodes: list[EvaluatedEpisode], rescore: Rescore) -> Verification:
    drifts, detail = [], []
    for env in entry.report.environments:
        own = [episode for episode in episodes if episode.env == env.id]
        drift, changed = _drift(entry, env.id, own, rescore)
        drifts.append(drift)
        detail += [f"{e.row}, {e.task_id}, sample {e.sample}: {e.score:g} became {now:g}" for e, now in changed]
    return Verification(entry_id, entry.report.run_id, tuple(drifts), tuple(detail[:_SHOWN]))


def _drift(
    entry: Entry, env_id: str, episodes: list[EvaluatedEpisode], rescore: Rescore
) -> tuple[EnvDrift, list[tuple[EvaluatedEpisode, float]]]:
    versions = entry.report.provenance.verifiers.get(env_id, "unknown"), verifier_version(env_id)
    before = _mean([episode.score for episode in episodes])
    if not episodes:
        return EnvDrift(env_id, *versions, 0, 0, before, before, "its episodes were not kept"), []
    try:
        changed = changed_scores(episodes, rescore)
    except RefusedError as error:
        return EnvDrift(env_id, *versions, len(episodes), 0, before, before, str(error)), []
    now = before + sum(score - episode.score for episode, score in changed) / len(episodes)
    return EnvDrift(env_id, *versions, len(episodes), len(changed), before, now), changed


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _note(connection: sqlite3.Connection, entry: Entry, verification: Verification) -> None:
    if not verification.scored:
        return
    now = datetime.now(UTC).isoformat("T", "seconds")
    versions = json.dumps({env.env: env.current for env in verification.scored})
    total = sum(env.episodes for env in verification.scored)
    connection.execute(
        "INSERT INTO verifications (entry_id, done, verifiers, episodes, changed, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (verification.entry_id, now, versions, total, verification.changed, json.dumps(verification.detail)),
    )
    (mark,) = connection.execute("SELECT mark FROM standings WHERE entry_id = ?", (verification.entry_id,)).fetchone()
    if verification.changed:
        mark = f"verdicts changed: {verification.changed} of {total} scores are others with the verifiers of today"
    elif not verification.unavailable:
        mark = own_mark(connection, entry)
    connection.execute("UPDATE standings SET mark = ? WHERE entry_id = ?", (mark, verification.entry_id))


@dataclass(frozen=True)
class VersionDrift:
    """Everything that one version of one verifier scored."""

    env: str
    recorded: str
    current: str
    entries: int
    episodes: int
    changed: int
    before: float
    now: float


def by_version(verifications: Iterable[Verification]) -> tuple[VersionDrift, ...]:
    """Drift per verifier version, what could not be scored left out."""
    groups: dict[tuple[str, str, str], Counter[str]] = {}
    sums: dict[tuple[str, str, str], list[float]] = {}
    for drift in (env for verification in verifications for env in verification.scored):
        key = drift.env, drift.recorded, drift.current
        groups.setdefault(key, Counter()).update(entries=1, episodes=drift.episodes, changed=drift.changed)
        total = sums.setdefault(key, [0.0, 0.0])
        total[0] += drift.before * drift.episodes
        total[1] += drift.now * drift.episodes
    return tuple(
        VersionDrift(*key, n["entries"], n["episodes"], n["changed"], *(total / n["episodes"] for total in sums[key]))
        for key, n in sorted(groups.items())
    )
