import random
import tracemalloc

import numpy as np
import pytest

from memory import HashedNgrams, Memory, vectors


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


def test_of_too_many_prompts_all_are_forgotten_and_made_into_vectors_again(tmp_path, monkeypatch):
    monkeypatch.setattr(vectors, "_KEPT_PROMPTS", 3)
    with Memory(tmp_path / "m.sqlite") as memory:
        cache = memory._vectors
        for wanted in ("ab", "bc", "ccd", "abcdef", "fg"):
            found = cache.of_prompts(wanted)
            assert list(found) == list(dict.fromkeys(wanted))
            assert all(np.array_equal(vector, cache.of_texts([prompt])[0]) for prompt, vector in found.items())
            assert len(cache._prompts) <= max(3, len(found))
