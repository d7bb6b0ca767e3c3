"""Where pages stand: addresses on a server, or files beside each other."""

import hashlib
import json
from dataclasses import asdict, astuple, dataclass
from typing import Protocol
from urllib.parse import urlencode

from leaderboard.methods import Player
from leaderboard.reader import Filters


class Links(Protocol):
    """How one page names another. ``content`` is an entry's digest, which outlives a rebuild."""

    is_static: bool
    """Whether there is no server that could answer a form."""

    def home(self) -> str:
        """All boards."""
        ...

    def board(self, key: str, filters: Filters, start: int = 0) -> str:
        """One board from a place on."""
        ...

    def agents(self, key: str) -> str:
        """The agents of a board."""
        ...

    def run(self, entry_id: int, start: int = 0) -> str:
        """One entry, its problems from a place on."""
        ...

    def problem(self, entry_id: int, number: int) -> str:
        """The attempts at one problem; empty where they have no page."""
        ...

    def lesson(self, entry_id: int, number: int) -> str:
        """The attempts at one training problem."""
        ...

    def compare(self, first: int, second: int) -> str:
        """Two entries."""
        ...

    def compare_agents(self, key: str, first: Player, second: Player) -> str:
        """Two agents of a board, each with all of its runs."""
        ...


def _asked(**values: str | int) -> str:
    given = {name: value for name, value in values.items() if value}
    return f"?{urlencode(given, errors='replace')}" if given else ""


class ServerLinks:
    """Addresses of :mod:`leaderboard.web`."""

    is_static = False

    def home(self) -> str:
        """All boards."""
        return "/"

    def board(self, key: str, filters: Filters, start: int = 0) -> str:
        """One board from a place on."""
        return f"/boards/{key}{_asked(policy=filters.policy, start=start)}"

    def agents(self, key: str) -> str:
        """The agents of a board."""
        return f"/boards/{key}/agents"

    def run(self, entry_id: int, start: int = 0) -> str:
        """One entry, its problems from a place on."""
        return f"/entries/{entry_id}{_asked(start=start)}"

    def problem(self, entry_id: int, number: int) -> str:
        """The attempts at one problem."""
        return f"/entries/{entry_id}/problems/{number}"

    def lesson(self, entry_id: int, number: int) -> str:
        """The attempts at one training problem."""
        return f"/entries/{entry_id}/lessons/{number}"

    def compare(self, first: int, second: int) -> str:
        """Two entries."""
        return f"/compare?entry={first}&entry={second}"

    def compare_agents(self, key: str, first: Player, second: Player) -> str:
        """Two agents of a board, each with all of its runs."""
        asked = [pair for player in (first, second) for pair in asdict(player).items()]
        return f"/boards/{key}/agents/compare?{urlencode(asked, errors='replace')}"


@dataclass(frozen=True)
class FileLinks:
    """Files of an export. Their names come from digests, so that an old page can stay as it is."""

    names: dict[int, str]
    """Digest of each entry's content by its id."""
    inside: bool
    """Whether the page that links stands in the folder of pages itself."""

    problems: int
    """How many problems of each run, from the first on, have pages."""

    is_static = True
    folder = "pages"

    def _file(self, name: str) -> str:
        return name if self.inside else f"{self.folder}/{name}"

    def home(self) -> str:
        """All boards."""
        return "../index.html" if self.inside else "index.html"

    def board(self, key: str, filters: Filters, start: int = 0) -> str:  # noqa: ARG002  a file is one whole board
        """One board."""
        return self._file(f"board-{key}.html")

    def agents(self, key: str) -> str:
        """The agents of a board."""
        return self._file(f"agents-{key}.html")

    def run(self, entry_id: int, start: int = 0) -> str:  # noqa: ARG002  as above
        """One entry."""
        return self._file(f"run-{self.names[entry_id]}.html")

    def problem(self, entry_id: int, number: int) -> str:
        """The attempts at one problem; empty where they have no page."""
        return self._file(f"problem-{self.names[entry_id]}-{number}.html") if number < self.problems else ""

    def lesson(self, entry_id: int, number: int) -> str:
        """The attempts at one training problem."""
        return self._file(f"lesson-{self.names[entry_id]}-{number}.html")

    def compare(self, first: int, second: int) -> str:
        """Two entries."""
        return self._file(f"compare-{self.names[first]}-{self.names[second]}.html")

    def compare_agents(self, key: str, first: Player, second: Player) -> str:
        """Two agents of a board, each with all of its runs."""
        return self._file(f"{agents_file(key, first, second)}.html")


def agents_file(key: str, first: Player, second: Player) -> str:
    """The name of the page that compares two agents, whatever these are called."""
    return f"agents-{key}-{hashlib.sha256(json.dumps([astuple(first), astuple(second)]).encode()).hexdigest()[:12]}"
