"""Text to vectors, without a model: hashed character n-grams with idf weights.

Character n-grams survive unknown words, formulas and code, which is what responses are made of. The idf
weights come from a small fixed background shipped with the package, never from the memory itself: idf that
moved with the memory would make a vector depend on when it was stored, and old and new items would not
compare. N-grams that the background lacks (numbers, names, terms of a subject) get the highest weight.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from memory.background import BACKGROUND
from memory.novelty import Vectors

MAX_CHARS = 8_000
"""Of a longer text only the beginning and the end are looked at."""
_BUCKETS = 2**18
_LONGEST_REMEMBERED = 64
"""Characters of a word: 8 bytes each, where a text without spaces is one word of up to ``MAX_CHARS``."""


class Embedder(Protocol):
    """Anything that turns texts into unit vectors, the same today and tomorrow."""

    @property
    def name(self) -> str:
        """Identifies the vectors: a file takes vectors of one name only."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One L2-normalised row a text, ``(n, d)``."""
        ...


@dataclass(frozen=True)
class HashedNgrams:
    """The default embedder: offline, deterministic, about 0.1 ms a kilobyte of text."""

    dimension: int = 512
    """Cosines of unrelated texts scatter by about ``dimension ** -0.5``."""
    length: int = 4
    """Characters in an n-gram."""

    @property
    def name(self) -> str:
        """Identifies the vectors."""
        return f"hashed-ngrams-{self.length}-{self.dimension}-v1"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One L2-normalised row a text, ``(n, dimension)``."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        dense = _weigh_and_fold([_shorten(text) for text in texts], self.length, self.dimension)
        norms = np.linalg.norm(dense, axis=1, keepdims=True)
        dense[norms[:, 0] == 0, 0] = 1.0  # texts without n-grams share one direction: duplicates of each other
        return np.asarray(dense / np.where(norms == 0, 1.0, norms), dtype=np.float32)


def _shorten(text: str) -> str:
    half = MAX_CHARS // 2
    return text if len(text) <= MAX_CHARS else f"{text[:half]} {text[-half:]}"


def _weigh_and_fold(texts: list[str], length: int, dimension: int) -> Vectors:
    """Sublinear counts times idf in a wide sparse space, folded with random signs into ``dimension``."""
    buckets_of = _buckets_of_words(length)
    of_texts = [b"".join(map(buckets_of, text.lower().split())) for text in texts]
    found = np.frombuffer(b"".join(of_texts), dtype=np.int64)
    rows = np.repeat(np.arange(len(texts)), [len(own) // found.itemsize for own in of_texts])
    places, counts = np.unique(rows * _BUCKETS + found, return_counts=True)
    rows, buckets = places // _BUCKETS, places % _BUCKETS
    weights = (1.0 + np.log(counts)) * _background_idf(length)[buckets]
    signs = 1 - 2 * ((buckets // dimension) & 1)
    cells = rows * dimension + buckets % dimension
    folded = np.bincount(cells, weights=weights * signs, minlength=len(texts) * dimension)
    return folded.reshape(len(texts), dimension).astype(np.float32)


@lru_cache(maxsize=4)
def _buckets_of_words(length: int) -> Callable[[str], bytes]:
    """Where the n-grams of a word fall, in their order, as int64: scikit-learn's ``char_wb``, hashed as it hashes them.

    The same words come back in text after text, which scikit-learn would cut up and hash anew each time. Long ones do
    not, and remembering a thousand would cost up to 64 MB.
    """
    from sklearn.utils import murmurhash3_32  # takes a second to import, which reading a memory should not cost

    def cut_up(word: str) -> bytes:
        padded = f" {word} "
        starts = range(max(len(padded) - length, 0) + 1)  # a shorter word is one n-gram
        hashes = (murmurhash3_32(padded[start : start + length].encode(), 0) for start in starts)
        return np.array([abs(value) % _BUCKETS for value in hashes], dtype=np.int64).tobytes()

    remembered = lru_cache(maxsize=2**16)(cut_up)

    def buckets(word: str) -> bytes:
        return remembered(word) if len(word) <= _LONGEST_REMEMBERED else cut_up(word)

    return buckets


@lru_cache(maxsize=4)
def _background_idf(length: int) -> NDArray[np.float64]:
    """Smooth inverse document frequency of every bucket over the sentences of the background."""
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    vectorizer = HashingVectorizer(
        analyzer="char_wb", ngram_range=(length, length), n_features=_BUCKETS, norm=None, alternate_sign=False
    )
    fitted = TfidfTransformer().fit(vectorizer.transform(BACKGROUND))
    return np.asarray(fitted.idf_, dtype=np.float64)
