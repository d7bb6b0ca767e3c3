"""The boards in a terminal, as tables or as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from leaderboard.fields import printable
from leaderboard.html import percent
from leaderboard.ranking import Board, Standing
from leaderboard.records import BASELINE, ResultRow
from leaderboard.reverification import VersionDrift


def as_json(boards: Sequence[Board]) -> str:
    """All boards with everything in their entries."""
    return json.dumps([{**asdict(board), "ranked": board.ranked} for board in boards], indent=2)


def _plain(text: str) -> Text:
    """A text of a run: neither markup nor anything that steers a terminal."""
    return Text(printable(text, keep="\n"))


_ENDLESS = 10_000
NARROWED = ("maj@k", "commit", "steps", "seed", "pass@k", "policy", "95 %")
"""Columns that a narrow terminal does without, the first ones first."""
_NUMBERS = ("rank", "avg@k", "95 %", "pass@k", "maj@k", "seed", "steps")
_COLUMNS = ("rank", "run", "row", "avg@k", "95 %", "pass@k", "maj@k", "policy", "seed", "steps", "commit")


def table(board: Board, width: int | None = None) -> Table:
    """One board. Every cell is plain text: nothing in a report is read as markup.

    Args:
        board: What to show.
        width: Characters of a line. Columns are left out until names need not be broken into pieces; None keeps all.
    """
    for count in range(len(NARROWED) + 1):
        made = _table(board, NARROWED[:count])
        if width is None or _needs(made) <= width:
            break
    return made


def _needs(made: Table) -> int:
    """Characters of a line in which no cell is broken."""
    unlimited = Console(width=_ENDLESS, file=StringIO())
    return unlimited.measure(made).maximum


def _table(board: Board, without: Sequence[str]) -> Table:
    title = f"{board.suite}: {board.problems} problems, {board.k} answers each (board {board.key})"
    note = f"\nnot shown in so few columns: {', '.join(_heads(board, without))}" if without else ""
    made = Table(
        title=_plain(title), caption=_plain(_caption(board) + note), title_justify="left", caption_justify="left"
    )
    shown = [index for index, name in enumerate(_COLUMNS) if name not in without]
    for name, head in zip(_COLUMNS, _heads(board, _COLUMNS), strict=True):
        if name not in without:
            made.add_column(head, justify="right" if name in _NUMBERS else "left", overflow="fold")
    for standing in board.standings:
        rows = standing.stored.entry.rows
        for index, row in enumerate(rows):
            cells = _cells(standing, row)
            made.add_row(*(_plain(cells[place]) for place in shown), end_section=index == len(rows) - 1)
    return made


def _heads(board: Board, names: Sequence[str]) -> list[str]:
    return [name.replace("@k", f"@{board.k}") for name in names]


def _cells(standing: Standing, row: ResultRow) -> list[str]:
    entry = standing.stored.entry
    report, scores = entry.report, row.overall
    first = row is entry.rows[0]
    commit = report.provenance.commit[:10] + ("*" if report.provenance.dirty else "")
    return [
        _rank(standing, row),
        (report.run_id + (f"\n(not ranked: {standing.stored.mark})" if standing.stored.mark else "")) if first else "",
        row.label + (" (baseline)" if row.label == BASELINE else ""),
        percent(scores.avg_at_k),
        f"{percent(scores.low)}–{percent(scores.high)}",
        percent(scores.pass_at_k),
        percent(scores.maj_at_k),
        *([report.policy, str(report.seed), str(report.steps), commit] if first else [""] * 4),
    ]


def _rank(standing: Standing, row: ResultRow) -> str:
    """Beside the row that is ranked; a dash where there is no rank, beside the first one."""
    headline = standing.stored.entry.headline
    if row is not (headline or standing.stored.entry.rows[0]):
        return ""
    return "–" if standing.rank is None else str(standing.rank)


def _caption(board: Board) -> str:
    envs = ", ".join(f"{env.id} ({env.dataset} {env.fingerprint})" for env in board.environments)
    dirty = any(standing.stored.entry.report.provenance.dirty for standing in board.standings)
    return envs + ("\n* with other code besides: uncommitted changes, or another commit" if dirty else "")


_DRIFT = ("environment", "scored by", "verifier here", "entries", "episodes", "changed", "mean then", "mean now")
DRIFT_NARROWED = ("entries", "scored by", "mean then")
"""The same of what drifted."""


def drift_table(drifts: Sequence[VersionDrift], width: int | None = None) -> Table:
    """How many verdicts changed, for every version of a verifier that scored something here.

    Args:
        drifts: What to show.
        width: As of :func:`table`.
    """
    for count in range(len(DRIFT_NARROWED) + 1):
        made = _drift_table(drifts, DRIFT_NARROWED[:count])
        if width is None or _needs(made) <= width:
            break
    return made


def _drift_table(drifts: Sequence[VersionDrift], without: Sequence[str]) -> Table:
    note = Text(f"not shown in so few columns: {', '.join(without)}") if without else None
    made = Table(title=Text("scored again"), caption=note, title_justify="left", caption_justify="left")
    for name in _DRIFT:
        if name not in without:
            made.add_column(name, justify="left" if name in _DRIFT[:3] else "right", overflow="fold")
    for drift in drifts:
        here = "the same" if drift.current == drift.recorded else drift.current
        numbers = (str(drift.entries), str(drift.episodes), str(drift.changed))
        cells = (drift.env, drift.recorded, here, *numbers, percent(drift.before), percent(drift.now))
        made.add_row(*(_plain(cell) for name, cell in zip(_DRIFT, cells, strict=True) if name not in without))
    return made
