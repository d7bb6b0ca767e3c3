"""A summary of every entry, small enough to rank a hundred thousand of them while somebody waits for a page.

It is derived from the entries: whatever stands here can be made again from them. The only thing that changes later is
whether an entry is the newest of its run, and whether it carries a mark.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from leaderboard.entry import Entry
from leaderboard.records import BASELINE, EnvUsed
from leaderboard.reproducibility import suite_version
from pmd_envs.records import Json

DIGITS = 9
"""Scores that agree this far are equal."""

TABLES = """
CREATE TABLE evidence (
    entry_id INTEGER NOT NULL REFERENCES entries (id), part TEXT NOT NULL, number INTEGER NOT NULL,
    content BLOB NOT NULL, PRIMARY KEY (entry_id, part, number)) STRICT;
CREATE TABLE boards (
    key TEXT PRIMARY KEY, suite TEXT NOT NULL, version TEXT NOT NULL, k INTEGER NOT NULL, problems INTEGER NOT NULL,
    environments TEXT NOT NULL) STRICT;
CREATE TABLE board_environments (
    env TEXT NOT NULL, board TEXT NOT NULL, PRIMARY KEY (env, board)) STRICT, WITHOUT ROWID;
CREATE TABLE standings (
    entry_id INTEGER PRIMARY KEY REFERENCES entries (id), board TEXT NOT NULL, run_id TEXT NOT NULL,
    agent TEXT NOT NULL, policy TEXT NOT NULL, seed INTEGER NOT NULL, score REAL, low REAL, high REAL, pass_at_k REAL,
    maj_at_k REAL, baseline REAL, answers TEXT NOT NULL, mark TEXT NOT NULL, newest INTEGER NOT NULL,
    ranked INTEGER NOT NULL GENERATED ALWAYS AS (newest AND mark = '' AND score IS NOT NULL) STORED) STRICT;
CREATE INDEX standings_by_score ON standings (board, newest, ranked DESC, score DESC, entry_id);
CREATE INDEX standings_by_policy ON standings (board, policy, newest, ranked DESC, score DESC, entry_id);
CREATE INDEX standings_policies ON standings (policy);
CREATE INDEX standings_by_run ON standings (board, run_id);
CREATE INDEX standings_by_answers ON standings (answers);
CREATE TABLE verifications (
    id INTEGER PRIMARY KEY, entry_id INTEGER NOT NULL REFERENCES entries (id), done TEXT NOT NULL,
    verifiers TEXT NOT NULL, episodes INTEGER NOT NULL, changed INTEGER NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE INDEX verifications_by_entry ON verifications (entry_id, id)
"""


@dataclass(frozen=True)
class Row:
    """One line of a ranking."""

    entry_id: int
    board: str
    run_id: str
    agent: str
    policy: str
    seed: int
    score: float | None
    low: float | None
    high: float | None
    pass_at_k: float | None
    maj_at_k: float | None
    baseline: float | None
    mark: str
    newest: bool
    ranked: bool


COLUMNS = ", ".join(field.name for field in fields(Row))


def add(connection: sqlite3.Connection, entry_id: int, entry: Entry, mark: str) -> None:
    """Summarise a new entry, which from now on stands for its run on its board."""
    connection.execute("UPDATE standings SET newest = 0 WHERE entry_id = ?", (newest_of_run(connection, entry),))
    _summarise(connection, entry_id, entry, mark, newest=True)


def renew(connection: sqlite3.Connection, entry_id: int, entry: Entry) -> None:
    """Summarise an entry again, whose place among the evaluations of its run stays the same."""
    mark, newest = connection.execute("SELECT mark, newest FROM standings WHERE entry_id = ?", (entry_id,)).fetchone()
    _summarise(connection, entry_id, entry, mark, newest=bool(newest))


def _summarise(connection: sqlite3.Connection, entry_id: int, entry: Entry, mark: str, *, newest: bool) -> None:
    report, board = entry.report, entry.board
    scores = entry.headline.overall if entry.headline else None
    baseline = next((row.overall.avg_at_k for row in report.rows if row.label == BASELINE), None)
    drawn: tuple[Json, ...] = (None,) * 5
    if scores:
        drawn = (round(scores.avg_at_k, DIGITS), scores.low, scores.high, scores.pass_at_k, scores.maj_at_k)
    connection.execute(
        "INSERT OR REPLACE INTO standings (entry_id, board, run_id, agent, policy, seed, score, low, high, pass_at_k,"
        " maj_at_k, baseline, answers, mark, newest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry_id,
            board,
            report.run_id,
            report.agent,
            report.policy,
            report.seed,
            *drawn,
            baseline,
            entry.answers,
            mark,
            newest,
        ),
    )
    _add_board(connection, board, entry)


def newest_of_run(connection: sqlite3.Connection, entry: Entry) -> int | None:
    """The entry that counts so far for the same run on the same board; runs of other settings may have its name."""
    report = entry.report
    named = connection.execute(
        "SELECT entry_id, document FROM standings INDEXED BY standings_by_run JOIN entries ON id = entry_id"
        " WHERE board = ? AND standings.run_id = ? AND agent = ? AND policy = ? AND seed = ? AND newest = 1",
        (entry.board, report.run_id, report.agent, report.policy, report.seed),
    )
    return next((int(i) for i, document in named if Entry.from_json(document).settings == entry.settings), None)


def _add_board(connection: sqlite3.Connection, key: str, entry: Entry) -> None:
    report, overall = entry.report, entry.report.rows[0].overall
    environments = json.dumps([asdict(env) for env in report.environments])
    connection.execute(
        "INSERT OR IGNORE INTO boards VALUES (?, ?, ?, ?, ?, ?)",
        (key, report.suite, suite_version(report), overall.k, overall.problems, environments),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO board_environments VALUES (?, ?)", [(env.id, key) for env in report.environments]
    )


def environments_of(text: str) -> tuple[EnvUsed, ...]:
    """The environments of a board, from their column."""
    return tuple(EnvUsed(**env) for env in json.loads(text))


def row_of(values: Sequence[str | int | float | None]) -> Row:
    """A row from its :data:`COLUMNS`."""
    *rest, newest, ranked = values
    return Row(*(*rest, bool(newest), bool(ranked)))  # type: ignore[arg-type]  # strict tables hold them


def rank_of(connection: sqlite3.Connection, entry_id: int) -> tuple[int | None, int]:
    """The rank of an entry, if it has one, and how many runs are ranked on its board."""
    board, score, ranked = connection.execute(
        "SELECT board, score, ranked FROM standings WHERE entry_id = ?", (entry_id,)
    ).fetchone()
    query = "SELECT count(*) FROM standings WHERE board = ? AND newest = 1 AND ranked = 1"
    of = int(connection.execute(query, (board,)).fetchone()[0])
    if not ranked:
        return None, of
    return 1 + int(connection.execute(f"{query} AND score > ?", (board, score)).fetchone()[0]), of
