"""The leaderboard as a folder of pages that needs no server: ``index.html`` and, beside it, ``pages/``.

A posted entry never changes, so the pages of its problems and comparisons are written once and kept; they are made
anew when code, a template or a verifier changes, or where their problem could not be shown for lack of its data. Pages
of entries that are no longer shown are removed.
"""

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from itertools import combinations
from pathlib import Path

from leaderboard.agents import MOST_RUNS, show_agents
from leaderboard.database import reading
from leaderboard.errors import StoreError
from leaderboard.html import templates_version
from leaderboard.links import FileLinks, agents_file
from leaderboard.pages import COMPARED, Pages
from leaderboard.reader import Filters, Reader
from leaderboard.standings import Row
from leaderboard.verifiers import verifier_versions

PAGE_FILE = "index.html"
STAMP_FILE = ".made-by"
UNAVAILABLE = b" data-unavailable>"
"""In the page of a problem whose data was missing; text of a run is escaped, so it cannot have that."""
_OURS = (b'<meta name="generator" content="PMD Gym leaderboard">', b"<title>PMD Gym leaderboard</title>")
"""What tells our first page: the second, that of older versions, which said nothing else of where it is from."""
RUNS_OF_A_BOARD = 200
PROBLEMS_OF_A_RUN = 200
"""Those whose attempts have pages of their own."""
_NAME = re.compile(r"(board|agents|run|problem|lesson|compare)-[0-9a-f]{12}[0-9a-f-]*\.html")
_UNFINISHED = re.compile(rf"\.{_NAME.pattern}\.[0-9]+|\.{re.escape(PAGE_FILE)}\.[0-9]+")
"""What :func:`_write` had begun in a process that was killed."""


def write_site(database: Path, folder: Path) -> Path:
    """Write all pages below ``folder``, each as a whole or not at all; the path of the first one.

    An export that another process began there is waited for, and only then the database is looked at: whichever is
    the last one knows all that the others knew.

    Raises:
        StoreError: The folder cannot be made or written, or its first page is somebody else's.
    """
    try:
        _check_first_page(folder / PAGE_FILE)
        inner = folder / FileLinks.folder
        inner.mkdir(parents=True, exist_ok=True)
        with _alone_in(inner), reading(database) as connection:
            return _Site(Reader(connection), folder).write()
    except OSError as error:
        raise StoreError(f"cannot write {folder / PAGE_FILE}: {error.strerror or error}") from error


def _check_first_page(page: Path) -> None:
    """Refuse to write over a page that no version of this program wrote: a site of one's own, for example."""
    if page.exists() and not any(mark in page.read_bytes() for mark in _OURS):
        raise StoreError(f"{page} was not written by this program: name another folder, or move that file away")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Other processes wait until the block, or this process, ends. The folder itself is locked: no file is left."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


class _Site:
    """One export under way."""

    def __init__(self, reader: Reader, folder: Path) -> None:
        self._reader = reader
        self._folder = folder
        self._inner = folder / FileLinks.folder
        self._written: set[str] = set()

    def write(self) -> Path:
        boards, _ = self._reader.boards(Filters())
        rankings = {
            board.key: [line.row for line in self._reader.ranking(board.key, Filters(), 0, RUNS_OF_A_BOARD)]
            for board in boards
        }
        rows = [row for key, ranking in rankings.items() for row in [*ranking, *self._compared_besides(key, ranking)]]
        names = {row.entry_id: self._reader.content(row.entry_id)[:12] for row in rows}
        pages = Pages(self._reader, FileLinks(names, inside=True, problems=PROBLEMS_OF_A_RUN), RUNS_OF_A_BOARD)
        fresh = self._is_fresh()
        if not fresh:  # if this one is killed halfway, no later one may take its pages for those of the former code
            (self._inner / STAMP_FILE).unlink(missing_ok=True)
        for key, ranking in rankings.items():
            self._page(f"board-{key}", partial(pages.board, key, Filters()))
            self._page(f"agents-{key}", partial(pages.agents, key))
            self._agents(pages, key)
            self._comparisons(pages, ranking, names, keep=fresh)
        for row in rows:
            self._run(pages, row, names[row.entry_id], keep=fresh)
        self._remove_others()
        (self._inner / STAMP_FILE).write_text(_stamp())
        front = Pages(self._reader, FileLinks(names, inside=False, problems=PROBLEMS_OF_A_RUN), RUNS_OF_A_BOARD)
        _write(self._folder / PAGE_FILE, front.home(Filters()))
        return self._folder / PAGE_FILE

    def _compared_besides(self, key: str, ranking: list[Row]) -> list[Row]:
        """Runs that the comparisons of agents link to, and that are not among the best of their board."""
        there = {row.entry_id for row in ranking}
        agents = show_agents(self._reader.ranked_entries(key, MOST_RUNS)).agents
        newest = [shown.newest for shown in agents]
        return [self._reader.row(entry_id) for entry_id in newest if entry_id not in there]

    def _is_fresh(self) -> bool:
        """Whether the pages that are there were made by the same code, templates and verifiers."""
        path = self._inner / STAMP_FILE
        return path.is_file() and path.read_bytes() == _stamp().encode()

    def _comparisons(self, pages: Pages, ranking: list[Row], names: dict[int, str], *, keep: bool) -> None:
        for first, second in combinations([row for row in ranking if row.ranked][:COMPARED], 2):
            name = f"compare-{names[first.entry_id]}-{names[second.entry_id]}"
            self._page(name, partial(pages.compare, first.entry_id, second.entry_id), keep=keep)

    def _agents(self, pages: Pages, key: str) -> None:
        """The first agent with each of the others, as the page of agents links to them."""
        players = [shown.player for shown in pages.shown_agents(key).agents]
        for other in players[1:]:
            name = agents_file(key, players[0], other)
            self._page(name, partial(pages.compare_agents, key, players[0], other))

    def _run(self, pages: Pages, row: Row, name: str, *, keep: bool) -> None:
        self._page(f"run-{name}", partial(pages.run, row.entry_id))
        for number in range(min(len(self._reader.problems(row.entry_id)), PROBLEMS_OF_A_RUN)):
            self._page(f"problem-{name}-{number}", partial(pages.problem, row.entry_id, number), keep=keep)
        for number in range(len(self._reader.lessons(row.entry_id))):
            self._page(f"lesson-{name}-{number}", partial(pages.lesson, row.entry_id, number), keep=keep)

    def _page(self, name: str, make: Callable[[], str], *, keep: bool = False) -> None:
        path = self._inner / f"{name}.html"
        self._written.add(path.name)
        if not (keep and path.exists() and UNAVAILABLE not in path.read_bytes()):
            _write(path, make())

    def _remove_others(self) -> None:
        for path in (*self._inner.iterdir(), *self._folder.iterdir()):
            old = path.parent == self._inner and _NAME.fullmatch(path.name) and path.name not in self._written
            if old or _UNFINISHED.fullmatch(path.name):
                path.unlink(missing_ok=True)


def _stamp() -> str:
    made_by = json.dumps([_code_version(), templates_version(), verifier_versions()], sort_keys=True)
    return hashlib.sha256(made_by.encode()).hexdigest()


@cache
def _code_version() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _write(path: Path, html: str) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # A lone surrogate, which JSON can smuggle in, becomes a character reference instead of an error.
        unfinished.write_text(html, encoding="utf-8", errors="xmlcharrefreplace")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
