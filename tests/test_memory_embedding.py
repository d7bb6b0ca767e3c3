import random
import tracemalloc

import numpy as np
import pytest

from memory import HashedNgrams


@pytest.mark.slow
def test_texts_without_spaces_are_not_remembered():
    """Base64, or a script that writes no spaces: each of them is one word, which never comes back."""
    embedder, rng = HashedNgrams(), random.Random(0)
    texts = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=7_900)) for _ in range(50)]
    before = embedder.embed(texts[:1])
    tracemalloc.start()
    for text in texts:
        embedder.embed([text])
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 5e5  # bytes, where the 50 words take 3 million
    assert np.array_equal(embedder.embed(texts[:1]), before)
