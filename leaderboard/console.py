"""The boards in a terminal, as tables or as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from leaderboard.html import percent
from leaderboard.ranking import Board, Standing
from leaderboard.records import BASELINE, ResultRow
from leaderboard.reverification import VersionDrift


def as_json(boards: Sequence[Board]) -> str:
    """All boards with everything in their entries."""
    return json.dumps([{**asdict(board), "ranked": board.ranked} for board in boards], indent=2)


def table(board: Board) -> Table:
    """One board. Every cell is plain text: nothing in a report is read as markup."""
    title = f"{board.suite}: {board.problems} problems, {board.k} answers each (board {board.key})"
    made = Table(title=Text(title), caption=Text(_caption(board)), title_justify="left", caption_justify="left")
    for name, right in (
        ("rank", True), ("run", False), ("row", False), (f"avg@{board.k}", True), ("95 %", True),
        (f"pass@{board.k}", True), (f"maj@{board.k}", True), ("policy", False), ("seed", True),
        ("steps", True), ("commit", False),
    ):  # fmt: skip
        made.add_column(name, justify="right" if right else "left", overflow="fold")
    for standing in board.standings:
        rows = standing.stored.entry.rows
        for index, row in enumerate(rows):
            made.add_row(*map(Text, _cells(standing, row)), end_section=index == len(rows) - 1)
    return made


def _cells(standing: Standing, row: ResultRow) -> list[str]:
    entry = standing.stored.entry
    report, scores = entry.report, row.overall
    first = row is entry.rows[0]
    commit = report.provenance.commit[:10] + ("*" if report.provenance.dirty else "")
    return [
        str(standing.rank) if row is entry.headline else "",
        (report.run_id + (f"\n(not ranked: {standing.stored.mark})" if standing.stored.mark else "")) if first else "",
        row.label + (" (baseline)" if row.label == BASELINE else ""),
        percent(scores.avg_at_k),
        f"{percent(scores.low)}–{percent(scores.high)}",
        percent(scores.pass_at_k),
        percent(scores.maj_at_k),
        *([report.policy, str(report.seed), str(report.steps), commit] if first else [""] * 4),
    ]


def _caption(board: Board) -> str:
    envs = ", ".join(f"{env.id} ({env.dataset} {env.fingerprint})" for env in board.environments)
    dirty = any(standing.stored.entry.report.provenance.dirty for standing in board.standings)
    return envs + ("\n* with uncommitted changes" if dirty else "")


def drift_table(drifts: Sequence[VersionDrift]) -> Table:
    """How many verdicts changed, for every version of a verifier that scored something here."""
    made = Table(title=Text("scored again"), title_justify="left")
    for name in (
        "environment",
        "scored by",
        "verifier here",
        "entries",
        "episodes",
        "changed",
        "mean then",
        "mean now",
    ):
        made.add_column(name, justify="left" if name in ("environment", "scored by", "verifier here") else "right")
    for drift in drifts:
        here = "the same" if drift.current == drift.recorded else drift.current
        numbers = (str(drift.entries), str(drift.episodes), str(drift.changed))
        cells = (drift.env, drift.recorded, here, *numbers, percent(drift.before), percent(drift.now))
        made.add_row(*map(Text, cells))
    return made
