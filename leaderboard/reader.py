"""What the pages ask a leaderboard: one method a question, each answered from an index or a single part."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from leaderboard.curves import LearningCurve
from leaderboard.entry import Entry
from leaderboard.episodes import EvaluatedEpisode
from leaderboard.errors import StoreError
from leaderboard.evidence import (
    CHUNK,
    ProblemScores,
    unpack_curve,
    unpack_episode,
    unpack_learned,
    unpack_lessons,
    unpack_problems,
    unpack_training,
)
from leaderboard.learned import Learned
from leaderboard.lessons import Lesson
from leaderboard.ranking import StoredEntry
from leaderboard.records import EnvUsed
from leaderboard.standings import COLUMNS, Row, environments_of, row_of
from leaderboard.training import TrainingPoint


@dataclass(frozen=True)
class Filters:
    """What somebody wants to see; empty: everything."""

    suite: str = ""
    policy: str = ""
    env: str = ""


@dataclass(frozen=True)
class Choices:
    """What can be asked for."""

    suites: tuple[str, ...]
    policies: tuple[str, ...]
    envs: tuple[str, ...]


@dataclass(frozen=True)
class BoardSummary:
    """A board without its runs."""

    key: str
    suite: str
    version: str
    k: int
    problems: int
    environments: tuple[EnvUsed, ...]
    runs: int
    ranked: int


@dataclass(frozen=True)
class Ranked:
    """A line of a ranking with its rank on the whole board."""

    rank: int | None
    row: Row


@dataclass(frozen=True)
class Checked:
    """The last time an entry's episodes were all scored again."""

    done: str
    episodes: int
    changed: int
    detail: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """An entry as its page shows it."""

    row: Row
    posted: str
    entry: Entry
    checked: Checked | None


class Reader:
    """Questions to one open database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def choices(self) -> Choices:
        """All suites, policies and environments."""
        return Choices(
            self._names("SELECT DISTINCT suite FROM boards ORDER BY suite"),
            self._names(_POLICIES),
            self._names("SELECT DISTINCT env FROM board_environments ORDER BY env"),
        )

    def _names(self, query: str) -> tuple[str, ...]:
        return tuple(str(name) for (name,) in self._connection.execute(query))

    def policies(self, key: str) -> tuple[str, ...]:
        """The policies of a board's runs, as they can be asked for."""
        found = self._connection.execute(
            "SELECT DISTINCT policy FROM standings WHERE board = ? AND newest = 1 ORDER BY policy", (key,)
        )
        return tuple(str(policy) for (policy,) in found)

    def boards(self, filters: Filters, start: int = 0, most: int = -1) -> tuple[list[BoardSummary], int]:
        """The boards that have what is asked for, and how many there are in all."""
        found = self._connection.execute(
            "SELECT key FROM boards WHERE (?1 = '' OR suite = ?1)"
            " AND (?2 = '' OR EXISTS (SELECT 1 FROM board_environments WHERE env = ?2 AND board = key))"
            " AND (?3 = '' OR EXISTS (SELECT 1 FROM standings WHERE board = key AND policy = ?3 AND newest = 1))"
            " ORDER BY suite, key",
            (filters.suite, filters.env, filters.policy),
        ).fetchall()
        page = found[start:] if most < 0 else found[start : start + most]
        return [self.board(str(key), filters) for (key,) in page], len(found)

    def board(self, key: str, filters: Filters) -> BoardSummary:
        """One board; its numbers of runs are those that the filters let through."""
        found = self._connection.execute("SELECT * FROM boards WHERE key = ?", (key,)).fetchone()
        if found is None:
            raise StoreError(f"there is no board {key!r}")
        where, values = _where(key, filters)
        runs, ranked = self._connection.execute(
            f"SELECT count(*), coalesce(sum(ranked), 0) FROM standings WHERE {where}", values
        ).fetchone()
        *head, environments = found
        return BoardSummary(*(*head, environments_of(environments), int(runs), int(ranked)))

    def ranking(self, key: str, filters: Filters, start: int, most: int) -> list[Ranked]:
        """Best first, then those without a rank."""
        where, values = _where(key, filters)
        found = self._connection.execute(
            f"SELECT {COLUMNS} FROM standings WHERE {where}"
            " ORDER BY ranked DESC, score DESC, entry_id LIMIT ? OFFSET ?",
            (*values, most, start),
        ).fetchall()
        rows = [row_of(values) for values in found]
        ranks = self._ranks(key, [row.score for row in rows if row.ranked])
        return [Ranked(ranks[row.score] if row.ranked else None, row) for row in rows]

    def _ranks(self, key: str, scores: Sequence[float | None]) -> dict[float | None, int]:
        """The rank of each score, best first: together these counts pass over the better runs once."""
        query = "SELECT count(*) FROM standings WHERE board = ? AND newest = 1 AND ranked = 1 AND score > ?"
        ranks: dict[float | None, int] = {}
        rank, above = 1, 2.0  # no score is above 1
        for score in dict.fromkeys(scores):
            between = self._connection.execute(f"{query} AND score <= ?", (key, score, above)).fetchone()[0]
            rank += int(between)
            ranks[score] = rank
            above = float(score or 0.0)
        return ranks

    def ranked_entries(self, key: str, most: int) -> list[StoredEntry]:
        """The ranked entries of a board, the newest ones first."""
        found = self._connection.execute(
            "SELECT id, posted, document FROM standings JOIN entries ON id = entry_id"
            " WHERE board = ? AND newest = 1 AND ranked = 1 ORDER BY entry_id DESC LIMIT ?",
            (key, most),
        )
        return [StoredEntry(entry_id, posted, Entry.from_json(document)) for entry_id, posted, document in found]

    def row(self, entry_id: int) -> Row:
        """The summary of an entry."""
        found = self._connection.execute(f"SELECT {COLUMNS} FROM standings WHERE entry_id = ?", (entry_id,)).fetchone()
        if found is None:
            raise StoreError(f"there is no entry {entry_id}")
        return row_of(found)

    def shown(self, entry_id: int) -> Shown:
        """An entry with everything that its report says."""
        row = self.row(entry_id)
        posted, document = self._connection.execute(
            "SELECT posted, document FROM entries WHERE id = ?", (entry_id,)
        ).fetchone()
        last = self._connection.execute(
            "SELECT done, episodes, changed, detail FROM verifications WHERE entry_id = ? ORDER BY id DESC LIMIT 1",
            (entry_id,),
        ).fetchone()
        checked = None if last is None else Checked(*(*last[:3], tuple(json.loads(last[3]))))
        return Shown(row, posted, Entry.from_json(document), checked)

    def content(self, entry_id: int) -> str:
        """Digest of an entry's files."""
        found = self._connection.execute("SELECT content FROM entries WHERE id = ?", (entry_id,)).fetchone()
        return str(found[0])

    def _part(self, entry_id: int, part: str, number: int = 0) -> bytes | None:
        found = self._connection.execute(
            "SELECT content FROM evidence WHERE entry_id = ? AND part = ? AND number = ?", (entry_id, part, number)
        ).fetchone()
        return None if found is None else bytes(found[0])

    def problems(self, entry_id: int) -> Sequence[ProblemScores]:
        """How every row did on every problem; nothing for entries of older versions."""
        content = self._part(entry_id, "problems")
        return [] if content is None else unpack_problems(content)

    def training(self, entry_id: int) -> Sequence[TrainingPoint]:
        """The training curve."""
        content = self._part(entry_id, "training")
        return () if content is None else unpack_training(content)

    def curve(self, entry_id: int) -> LearningCurve | None:
        """How it learnt, by rollouts; None where nothing was trained, and for entries of older versions."""
        content = self._part(entry_id, "curve")
        return None if content is None else unpack_curve(content)

    def learned(self, entry_id: int) -> Sequence[Learned]:
        """Insights and behaviors."""
        content = self._part(entry_id, "learned")
        return () if content is None else unpack_learned(content)

    def lessons(self, entry_id: int) -> Sequence[Lesson]:
        """Some problems of training."""
        content = self._part(entry_id, "lessons")
        return () if content is None else unpack_lessons(content)

    def episode(self, entry_id: int, line: int) -> EvaluatedEpisode:
        """One episode."""
        content = self._part(entry_id, "episodes", line // CHUNK)
        if content is None:
            raise StoreError(f"entry {entry_id} has no episode {line}")
        return unpack_episode(content, line)


# One step in the index for each policy, instead of one for each entry.
_POLICIES = """
WITH RECURSIVE found (policy) AS (
    SELECT min(policy) FROM standings
    UNION ALL
    SELECT (SELECT min(policy) FROM standings WHERE policy > found.policy) FROM found WHERE policy IS NOT NULL)
SELECT policy FROM found WHERE policy IS NOT NULL
"""


def _where(key: str, filters: Filters) -> tuple[str, tuple[str, ...]]:
    if filters.policy:
        return "board = ? AND newest = 1 AND policy = ?", (key, filters.policy)
    return "board = ? AND newest = 1", (key,)
