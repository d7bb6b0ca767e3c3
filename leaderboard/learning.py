"""How fast a run learns and what that costs, as single numbers."""

from collections.abc import Sequence

import numpy as np


def area_under_curve(samples: Sequence[float], scores: Sequence[float]) -> float:
    """Mean height of a learning curve between its first and last point (trapezoids over their distance).

    Args:
        samples: What the run had used at each point (steps, rollouts, tokens), rising.
        scores: What it scored there. A curve of one point has its height.
    """
    x, y = _curve(samples, scores)
    if len(x) == 1:
        return float(y[0])
    return float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2) / (x[-1] - x[0]))


def samples_to_reach(samples: Sequence[float], scores: Sequence[float], target: float) -> float | None:
    """Where the curve, straight between its points, first reaches ``target``; None if it never does."""
    x, y = _curve(samples, scores)
    reached = np.flatnonzero(y >= target)
    if not reached.size:
        return None
    first = int(reached[0])
    if first == 0:
        return float(x[0])
    rise = (target - y[first - 1]) / (y[first] - y[first - 1])
    return float(x[first - 1] + rise * (x[first] - x[first - 1]))


def cost_per_solved(cost: float, solved: float) -> float | None:
    """What one solved problem cost (seconds, tokens or money); None if none was solved."""
    if cost < 0 or solved < 0:
        raise ValueError(f"neither cost nor solved problems are below 0: {cost}, {solved}")
    return cost / solved if solved else None


def smoothed(values: Sequence[float], weight: float = 0.9) -> list[float]:
    """Exponential moving average, corrected for its start."""
    made, total, mass = [], 0.0, 0.0
    for value in values:
        total = weight * total + (1 - weight) * value
        mass = weight * mass + (1 - weight)
        made.append(total / mass)
    return made


def _curve(samples: Sequence[float], scores: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(samples, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1 or not x.size:
        raise ValueError(f"a curve has as many samples as scores, at least one: {x.shape} and {y.shape}")
    if np.any(np.diff(x) <= 0):
        raise ValueError("the samples of a curve rise from point to point")
    return x, y
