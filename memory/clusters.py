"""Which problems are looked at together: k-means over their prompts (the paper names no method)."""

import numpy as np

from memory.novelty import Vectors


def cluster(vectors: Vectors, seed: int, size: int) -> list[list[int]]:
    """Rows in groups of related ones, about ``size`` and never above :func:`most` each.

    Within a group the most typical row comes first; groups come in the order of their first rows.
    """
    wanted = -(-len(vectors) // size)
    distinct = len(np.unique(vectors, axis=0)) if len(vectors) else 0
    count = min(wanted, distinct)
    if count == 0:
        return []
    labels, distances = _k_means(vectors, count, seed)
    groups = []
    for label in range(count):
        members = np.flatnonzero(labels == label)
        groups += _in_chunks([int(row) for row in members[np.argsort(distances[members], kind="stable")]], most(size))
    return sorted(groups, key=min)


def _k_means(vectors: Vectors, count: int, seed: int) -> tuple[Vectors, Vectors]:
    exact = vectors.astype(np.float64)
    if count == 1:
        return np.zeros(len(exact), np.int32), np.linalg.norm(exact - exact.mean(0), axis=1).round(6)
    # scikit-learn takes a second to import, which reading a memory should not cost.
    from sklearn.cluster import KMeans

    fitted = KMeans(n_clusters=count, n_init=1, random_state=seed % 2**32).fit(exact)
    distances = np.linalg.norm(exact - fitted.cluster_centers_[fitted.labels_], axis=1).round(6)
    return fitted.labels_, distances


def most(size: int) -> int:
    """Rows in a group, at most, where about ``size`` are wanted: a third more."""
    return size + -(-size // 3)


def _in_chunks(rows: list[int], longest: int) -> list[list[int]]:
    return [rows[start : start + longest] for start in range(0, len(rows), longest)]
