"""Runs that were posted before, under whatever name: what they answered gives them away.

Two runs that sample their answers do not agree in every word. Where they do, one is a copy, or the policy ignores
its seed, or training changed nothing: whichever it is, it is no second measurement and gets no second rank.
"""

import sqlite3

from leaderboard.entry import Entry
from leaderboard.errors import RefusedError
from leaderboard.standings import newest_of_run


def check_duplicate(connection: sqlite3.Connection, entry: Entry, *, replace: bool) -> str:
    """The mark of a new entry: its own, or which entry it repeats.

    Raises:
        RefusedError: It is a copy of an entry, or would take the place of one without ``replace``.
    """
    report = entry.report
    if not replace:
        _check_name(connection, entry)
    found = connection.execute(
        "SELECT id, document FROM entries JOIN standings ON entry_id = id WHERE answers = ? AND answers != '' "
        "ORDER BY id LIMIT 50",
        (entry.answers,),
    ).fetchall()
    for entry_id, document in found:
        other = Entry.from_json(document).report
        same_settings = entry.settings == Entry.from_json(document).settings
        if same_settings and other.run_id == report.run_id:
            return entry.mark  # the same run, evaluated once more
        if same_settings:
            raise RefusedError(
                f"it is a copy of entry {entry_id} (run {other.run_id!r}): settings and answers are equal"
            )
    if found:
        return f"same answers, word for word, as entry {found[0][0]}: no second measurement"
    return entry.mark


def _check_name(connection: sqlite3.Connection, entry: Entry) -> None:
    taken = newest_of_run(connection, entry)
    if taken is not None:
        raise RefusedError(
            f"run {entry.report.run_id!r} with these settings is entry {taken}: a run in a folder of another name "
            "stands beside it, and it is replaced only where the database is"
        )
