"""The tests of one job, read and made ready."""

import ast
from collections.abc import Collection, Sequence
from functools import cached_property, lru_cache

from .foresee import foreseen
from .handed import Settling
from .rewrite import TestCode, asks_which, leaves_nothing, names_by_assert, names_of, splits
from .touches import touched

_KEPT, _LONG = 64, 100_000


class Suite:
    """Tests in order. Nothing of it changes when they are run, so it serves any number of programs.

    Args:
        sources: The text of each.
        entry: The name that they test, if they say so.
        public: How many come before the hidden ones.

    Raises:
        SyntaxError: A test is no Python. So does ValueError.
    """

    def __init__(self, sources: Sequence[str], entry: str | None, public: int) -> None:
        trees = [ast.parse(source) for source in sources]
        self.entry = entry
        self.count = len(trees)
        parts = [list(ast.walk(tree)) for tree in trees]
        nodes = [node for part in parts for node in part]
        self.names = names_of(nodes, entry)
        self.splits = splits(nodes, self.names.program)
        self.leaves_nothing = leaves_nothing(nodes)
        # Not beyond the public tests: what a program returns to those is shown, and it might return what it was asked.
        halves = {0: parts[:public]} | {public: parts[public:]}
        self.ahead = {start: foreseen(half, self.names.program) for start, half in halves.items()}
        """Calls that can be asked for together, by the test with which that is done."""
        self.settling = Settling(trees, nodes, self.names.program, self.names.library)
        self.touched = touched(nodes)
        """What functions of the tests may change of the values of names."""
        self._asks_which = asks_which(nodes)
        self._used = names_by_assert(nodes) if entry is None else []
        self._trees = trees

    @cached_property
    def codes(self) -> list[TestCode]:
        """Code of each test."""
        return [TestCode(tree, self.settling) for tree in self._trees]

    def trusts(self, objects: Collection[str]) -> bool:
        """Whether tests take the program's word, where these names are those of objects and functions of its own.

        They do where they use a second name for what the first should give, or ask which object is which.
        """
        if self._asks_which:
            return True
        if self.entry is not None:
            return len(objects) > 1
        return any(len(used.intersection(objects)) > 1 for used in self._used)


def suite_of(sources: Sequence[str], entry: str | None, public: int) -> Suite:
    """As :class:`Suite`, which is read once for the many programs that are tried on a problem."""
    is_long = sum(map(len, sources)) > _LONG
    return Suite(sources, entry, public) if is_long else _kept(tuple(sources), entry, public)


@lru_cache(maxsize=_KEPT)
def _kept(sources: tuple[str, ...], entry: str | None, public: int) -> Suite:
    return Suite(sources, entry, public)
