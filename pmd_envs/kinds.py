"""Kinds of problem that a policy never trains on.

A family draws its problems from kinds (templates, forms of puzzle, functions). New problems of a kind that was trained
on ask for less than problems of a new kind. So a share of the kinds can be kept out of training: which ones is decided
by a hash of their names, the same everywhere and for every seed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from pmd_envs.contract import texts_by
from pmd_envs.errors import ConfigError, unknown
from pmd_envs.family import Family

Kinds = Literal["seen", "unseen"]
"""``seen`` are the kinds to train on, ``unseen`` the others."""
ONE_IN = 4
"""A quarter of the kinds of a level is unseen, rounded down, but at least one of two."""


def unseen_kinds(family: Family, levels: Sequence[int]) -> frozenset[str]:
    """The kinds that are kept out of training on these levels; one that several levels share is kept out of all."""
    kept: set[str] = set()
    for level in levels:
        ranked = sorted(texts_by(family, "kinds", level), key=lambda kind: hashlib.sha256(kind.encode()).digest())
        kept |= set(ranked[: max(len(ranked) // ONE_IN, int(len(ranked) > 1))])
    return frozenset(kept)


def choose_kinds(family: Family, levels: Sequence[int], wanted: str) -> Mapping[int, tuple[str, ...]]:
    """The ``seen`` or ``unseen`` kinds of each level that has some.

    Raises:
        ConfigError: ``wanted`` is neither, or no level has such kinds.
    """
    if wanted not in get_args(Kinds):
        raise unknown("kinds", wanted, get_args(Kinds))
    unseen = unseen_kinds(family, levels)
    chosen = {
        level: tuple(kind for kind in texts_by(family, "kinds", level) if (kind in unseen) == (wanted == "unseen"))
        for level in levels
    }
    found = {level: kinds for level, kinds in chosen.items() if kinds}
    if not found:
        has = {level: len(family.kinds(level)) for level in levels}
        raise ConfigError(
            f"kinds={wanted!r}: {family.name} has none; the numbers of its kinds by difficulty are {has}, and it takes "
            "two to keep one out of training"
        )
    return found
