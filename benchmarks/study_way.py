"""How soon arms learn: what they solve of validation problems along the run, and not only at its end.

Where all arms come to know the same in the end, as on problems that are easy, they may still differ in how many batches
that takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.statistics import Floats
from benchmarks.study_records import ArmResult


@dataclass(frozen=True)
class Way:
    """Arms on validation problems."""

    steps: tuple[int, ...]
    """Batches after which they are shown: none, then twice as many each time, and all."""
    scores: Mapping[str, Floats]
    """By arm, (seeds, steps)."""
    means: Mapping[str, Floats]
    """By arm, (seeds,): mean score over all batches, straight between all looks that there are."""


def way(arms: Sequence[ArmResult]) -> Way | None:
    """The arms that looked after the same batches as the first that did; None where none looked twice."""
    followed = [arm for arm in arms if arm.looks]
    looked = [look.step for look in followed[0].looks[0]] if followed else []
    if len(looked) < 2:
        return None
    alike = [arm for arm in followed if all([look.step for look in seed] == looked for seed in arm.looks)]
    curves = {arm.name: np.array([[look.score for look in seed] for seed in arm.looks]) for arm in alike}
    widths = np.diff(looked)
    means = {name: (found[:, 1:] + found[:, :-1]) @ widths / (2 * widths.sum()) for name, found in curves.items()}
    shown = _doubling(looked)
    columns = [looked.index(step) for step in shown]
    return Way(shown, {name: found[:, columns] for name, found in curves.items()}, means)


def of_all(ways: Sequence[Way | None]) -> dict[str, Floats]:
    """Mean over suites of how far up each arm was, (seeds,), for arms with as many seeds in each of them."""
    found = [one.means for one in ways if one is not None]
    if not found or len(found) < len(ways):
        return {}
    shared = [name for name in found[0] if all(name in means for means in found)]
    alike = [name for name in shared if len({len(means[name]) for means in found}) == 1]
    return {name: np.mean([means[name] for means in found], axis=0) for name in alike}


def _doubling(looked: Sequence[int]) -> tuple[int, ...]:
    """The first two, every one with at least twice the batches of the one before, and the last."""
    shown = [looked[0], looked[1]]
    for step in looked[2:-1]:
        if step >= 2 * shown[-1]:
            shown.append(step)
    return (*shown, looked[-1]) if looked[-1] != shown[-1] else tuple(shown)
