import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from memory.bank import _best

COSINES = st.integers(-3, 3).map(lambda tenths: tenths / 10)


@given(st.lists(st.tuples(COSINES, st.booleans()), min_size=1, max_size=60), st.integers(1, 20), st.randoms())
def test_of_equals_the_oldest_come_first_whoever_is_hidden_among_them(rows, count, rng):
    """Each score a few last bits off, as sums in another order are."""
    rows.append((0.1, True))
    exact = {number: cosine for number, (cosine, is_visible) in enumerate(rows, 1) if is_visible}
    scores = np.array([cosine + rng.uniform(-1e-7, 1e-7) if seen else -2.0 for cosine, seen in rows], np.float32)
    wanted = sorted(exact, key=lambda number: (-exact[number], number))[:count]
    assert _best(scores, np.arange(1, len(rows) + 1), min(count, len(exact))) == wanted


def test_equals_are_taken_in_order_from_among_many():
    scores, ids = np.full(100_000, 0.5, dtype=np.float32), np.arange(100_000)
    scores[1::2] = np.nextafter(np.float32(0.5), np.float32(1))
    assert _best(scores, ids, 8) == list(range(8))
    scores[70_000] = 0.75
    assert _best(scores, ids, 3) == [70_000, 0, 1]
