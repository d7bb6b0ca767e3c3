"""Who stands where. Only runs that answered the same problems of the same data, equally often, are compared."""

from collections.abc import Iterable
from dataclasses import dataclass

from leaderboard.entry import Entry
from leaderboard.records import EnvUsed
from leaderboard.standings import DIGITS


@dataclass(frozen=True)
class StoredEntry:
    """An entry and its place in the database."""

    id: int
    posted: str
    """ISO 8601, UTC."""
    entry: Entry
    mark: str = ""
    """Why it has no rank, if it was marked."""


@dataclass(frozen=True)
class Standing:
    """A run's place on a board."""

    rank: int | None
    """Equal scores share a rank. None: the run has no row that is ranked."""
    stored: StoredEntry


@dataclass(frozen=True)
class Board:
    """Runs that may be compared, best first, then those that are not ranked."""

    key: str
    suite: str
    environments: tuple[EnvUsed, ...]
    k: int
    problems: int
    standings: tuple[Standing, ...]

    @property
    def ranked(self) -> int:
        """How many runs have a rank."""
        return sum(standing.rank is not None for standing in self.standings)


def boards(stored: Iterable[StoredEntry]) -> tuple[Board, ...]:
    """All boards, by suite; of the entries of one run on one board, only the newest counts."""
    newest: dict[str, dict[tuple[str, str], StoredEntry]] = {}
    for item in sorted(stored, key=lambda item: item.id):
        newest.setdefault(item.entry.board, {})[item.entry.report.run_id, item.entry.settings] = item
    made = [_board(key, list(items.values())) for key, items in newest.items()]
    return tuple(sorted(made, key=lambda board: (board.suite, board.key)))


def _board(key: str, items: list[StoredEntry]) -> Board:
    report = items[0].entry.report
    overall = report.rows[0].overall
    return Board(key, report.suite, report.environments, overall.k, overall.problems, _standings(items))


def _standings(items: list[StoredEntry]) -> tuple[Standing, ...]:
    scored = [(_score(item), item) for item in sorted(items, key=lambda item: item.id)]
    scores = [score for score, _ in scored if score is not None]
    standings = [
        Standing(None if score is None else 1 + sum(other > score for other in scores), item) for score, item in scored
    ]
    return tuple(sorted(standings, key=lambda standing: standing.rank or len(standings) + 1))


def _score(item: StoredEntry) -> float | None:
    headline = item.entry.headline
    return None if headline is None or item.mark else round(headline.overall.avg_at_k, DIGITS)
