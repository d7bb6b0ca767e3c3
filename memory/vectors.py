"""The embedder as the memory uses it: checked against the file, and not asked twice for a prompt."""

import sqlite3
from collections.abc import Iterable, Sequence

from memory.database import Database
from memory.embedding import Embedder
from memory.errors import MemoryStoreError
from memory.novelty import Vectors, quantise
from memory.rows import storable

_KEPT_PROMPTS = 20_000
_EMBEDDER = "embedder"


class VectorCache:
    """Vectors of texts, rounded as the file rounds them."""

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder
        self._checked = False
        self._prompts: dict[str, Vectors] = {}

    def of_texts(self, texts: Sequence[str]) -> Vectors:
        """One row a text."""
        self._check()
        return quantise(self._embedder.embed([storable(text) for text in texts]))

    def of_prompts(self, prompts: Iterable[str]) -> dict[str, Vectors]:
        """The vector of every different prompt; prompts come back every epoch, so they are remembered."""
        self._check()
        wanted = list(dict.fromkeys(prompts))
        missing = [prompt for prompt in wanted if prompt not in self._prompts]
        if missing and len(self._prompts) + len(missing) > _KEPT_PROMPTS:
            self._prompts.clear()
            missing = wanted
        self._prompts.update(zip(missing, self.of_texts(missing), strict=True))
        return {prompt: self._prompts[prompt] for prompt in wanted}

    def claim(self, connection: sqlite3.Connection) -> None:
        """Note with the first vectors whose they are."""
        connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (_EMBEDDER, self._embedder.name))
        _require_same(self._database, connection, self._embedder)

    def _check(self) -> None:
        if not self._checked:
            with self._database.reading() as connection:
                self._checked = _require_same(self._database, connection, self._embedder)


def _require_same(database: Database, connection: sqlite3.Connection, embedder: Embedder) -> bool:
    """Whether the file names its embedder; vectors of another one would compare to nothing."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (_EMBEDDER,)).fetchone()
    if row and row[0] != embedder.name:
        raise MemoryStoreError(f"{database.path} holds vectors of {row[0]!r}, which {embedder.name!r} cannot search")
    return row is not None
