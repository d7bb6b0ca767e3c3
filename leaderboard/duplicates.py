"""Runs that are on a board already, under whatever name: what they answered gives them away.

Two runs that sample their answers do not agree in every word. Where they do, one is a copy, or the policy ignores
its seed, or training changed nothing: whichever it is, it is no second measurement and gets no second rank.
Where no run of a board has its answers it is the only measurement there, whatever other boards have: suites that differ
in their training alone ask the same problems, and whoever does not train answers them the same.
"""

import sqlite3
from collections.abc import Iterator

from leaderboard.entry import Entry
from leaderboard.errors import RefusedError
from leaderboard.standings import newest_of_run


def check_duplicate(connection: sqlite3.Connection, entry: Entry, *, replace: bool) -> str:
    """The mark of a new entry: its own, or which entry it repeats.

    Raises:
        RefusedError: It is a copy of an entry, or would take the place of one without ``replace``.
    """
    if not replace:
        _check_name(connection, entry)
    for entry_id, other in _same_answers(connection, entry):
        if other.settings == entry.settings and other.report.run_id != entry.report.run_id:
            raise RefusedError(
                f"it is a copy of entry {entry_id} (run {other.report.run_id!r}): settings and answers are equal"
            )
    return own_mark(connection, entry)


def own_mark(connection: sqlite3.Connection, entry: Entry) -> str:
    """The mark of an entry whose scores are confirmed, new or not: its own, unless another run gave its answers first.

    That run keeps its rank, however often it or a copy of it is evaluated once more.
    """
    first = next(_same_answers(connection, entry), None)
    if first is None:
        return entry.mark
    entry_id, other = first
    if (other.report.run_id, other.settings) == (entry.report.run_id, entry.settings):
        return entry.mark
    return f"same answers, word for word, as entry {entry_id}: no second measurement"


def _same_answers(connection: sqlite3.Connection, entry: Entry) -> Iterator[tuple[int, Entry]]:
    """The entries of its board with the answers of this one, the first one first.

    One that is marked itself (its programs were not confined) is no measurement, and keeps no other from being one.
    """
    found = connection.execute(
        "SELECT id, document FROM entries JOIN standings ON entry_id = id"
        " WHERE answers = ? AND answers != '' AND board = ? ORDER BY id",
        (entry.answers, entry.board),
    )
    known = ((int(entry_id), Entry.from_json(document)) for entry_id, document in found)
    return ((entry_id, other) for entry_id, other in known if entry.mark or not other.mark)


def _check_name(connection: sqlite3.Connection, entry: Entry) -> None:
    taken = newest_of_run(connection, entry)
    if taken is not None:
        raise RefusedError(
            f"run {entry.report.run_id!r} with these settings is entry {taken}: a run in a folder of another name "
            "stands beside it, and it is replaced only where the database is"
        )
