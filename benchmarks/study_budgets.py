"""Arms at equal cost: what each had reached when it had spent what the cheapest spent in all.

Arms of a study have equal rollouts, and some pay more for each: a teacher that reads, a memory that is written. The
curves are measurements on validation problems along the run, straight between two of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.study_records import ArmResult, Look

Unit = Literal["rollouts", "tokens", "seconds"]


@dataclass(frozen=True)
class AtBudget:
    """What the arms had reached at one budget."""

    unit: Unit
    budget: float
    """Steps (of equally many rollouts), tokens or seconds."""
    scores: Mapping[str, tuple[float, ...]]
    """By arm, for each seed: mean score on validation problems."""


def at_equal(arms: Sequence[ArmResult], unit: Unit) -> AtBudget | None:
    """The arms that were validated, at what the cheapest run spent; None where no arm was, or that was not counted."""
    followed = [arm for arm in arms if arm.looks]
    if not followed:
        return None
    budget = min(_cost(looks[-1], unit) for arm in followed for looks in arm.looks)
    if not budget:
        return None
    return AtBudget(
        unit, budget, {arm.name: tuple(_score_at(looks, unit, budget) for looks in arm.looks) for arm in followed}
    )


def _score_at(looks: Sequence[Look], unit: Unit, budget: float) -> float:
    return float(np.interp(budget, [_cost(look, unit) for look in looks], [look.score for look in looks]))


def _cost(look: Look, unit: Unit) -> float:
    return {"rollouts": float(look.step), "tokens": look.tokens, "seconds": look.seconds}[unit]
