"""Which problems are looked at together: k-means over their prompts (the paper names no method)."""

import numpy as np

from memory.novelty import Vectors

PER_CLUSTER = 15
MAX_PROBLEMS = 20


def cluster(vectors: Vectors, seed: int) -> list[list[int]]:
    """Rows in groups of related ones, about :data:`PER_CLUSTER` and never above :data:`MAX_PROBLEMS` each.

    Within a group the most typical row comes first; groups come in the order of their first rows.
    """
    wanted = -(-len(vectors) // PER_CLUSTER)
    distinct = len(np.unique(vectors, axis=0)) if len(vectors) else 0
    count = min(wanted, distinct)
    if count <= 1:
        return _in_chunks(list(range(len(vectors))))
    labels, distances = _k_means(vectors, count, seed)
    groups = []
    for label in range(count):
        members = np.flatnonzero(labels == label)
        groups += _in_chunks([int(row) for row in members[np.argsort(distances[members], kind="stable")]])
    return sorted(groups, key=min)


def _k_means(vectors: Vectors, count: int, seed: int) -> tuple[Vectors, Vectors]:
    # scikit-learn takes a second to import, which reading a memory should not cost.
    from sklearn.cluster import KMeans

    exact = vectors.astype(np.float64)
    fitted = KMeans(n_clusters=count, n_init=1, random_state=seed % 2**32).fit(exact)
    distances = np.linalg.norm(exact - fitted.cluster_centers_[fitted.labels_], axis=1).round(6)
    return fitted.labels_, distances


def _in_chunks(rows: list[int]) -> list[list[int]]:
    return [rows[start : start + MAX_PROBLEMS] for start in range(0, len(rows), MAX_PROBLEMS)]
