"""Paired tests of two arms, and what many such tests at once are worth.

The test flips signs: if both arms were equally good, the difference of a unit would be as likely the other way round
(Fisher 1935, "The design of experiments", section 21). What is claimed of an agent has to hold when it is trained
again, and a training run moves its scores on all problems at once, so the units are then whole seeds. With problems as
the units a test is about the very runs that were measured. Of a family of planned comparisons Holm's adjusted
p-values are the ones to report, since they bound the chance of even one false claim whatever the dependence between
the tests, and arms that share a baseline are dependent. Benjamini and Hochberg's bound the share of false claims
instead, and suit a long list in which one looks for candidates.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.statistics import Floats

EXACT = 16
"""With so many differing units or fewer, all assignments of signs are counted."""
FLIPS = 20_000
_TINY = 1e-12  # sums of the same numbers in another order differ by rounding
_CHUNK = 1000


def sign_flip_test(strata: Sequence[ArrayLike], seed: int = 0) -> float:
    """Two-sided p-value of the mean over strata of the mean difference.

    Args:
        strata: The differences between the arms: one array of those of whole seeds, or for every environment those on
            its problems, in any shape.
        seed: Of the random signs, where there are too many units to try all.

    Returns:
        The share of sign assignments with a mean at least as far from 0. At random, (b + 1) / (n + 1), which is valid
        for every n and never 0 (Phipson and Smyth 2010).
    """
    tables = [np.asarray(stratum, dtype=np.float64).ravel() for stratum in strata]
    if not tables or any(not table.size for table in tables):
        raise ValueError("a paired test needs at least one difference in every stratum")
    weighted = np.concatenate([table / (len(table) * len(tables)) for table in tables])
    weighted = weighted[weighted != 0]
    if not weighted.size:
        return 1.0
    bound = abs(weighted.sum()) - _TINY
    if len(weighted) <= EXACT:
        signs = 1 - 2 * ((np.arange(2 ** len(weighted))[:, None] >> np.arange(len(weighted))) & 1)
        return float(np.mean(np.abs(signs @ weighted) >= bound))
    rng = np.random.default_rng(seed)
    far = 0
    for _ in range(FLIPS // _CHUNK):
        signs = rng.integers(2, size=(_CHUNK, len(weighted))) * 2 - 1
        far += int(np.sum(np.abs(signs @ weighted) >= bound))
    return (far + 1) / (FLIPS + 1)


def holm(p_values: ArrayLike) -> Floats:
    """Adjusted p-values that bound the chance of any false claim (Holm 1979)."""
    p, order = _sorted(p_values)
    adjusted = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return _restored(adjusted, order)


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Adjusted p-values that bound the expected share of false claims (Benjamini and Hochberg 1995)."""
    p, order = _sorted(p_values)
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    return _restored(np.minimum.accumulate(scaled[::-1])[::-1], order)


def _sorted(p_values: ArrayLike) -> tuple[Floats, np.ndarray]:
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not np.all((p >= 0) & (p <= 1)):
        raise ValueError(f"p-values are a flat list of numbers from 0 to 1, not {p_values!r:.80}")
    return p, np.argsort(p, kind="stable")


def _restored(adjusted: Floats, order: np.ndarray) -> Floats:
    back = np.empty_like(adjusted)
    back[order] = np.minimum(adjusted, 1.0)
    return back
