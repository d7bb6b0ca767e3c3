"""Which groups an update learns from, and when there are enough of them.

Most agents learn from each batch as it was drawn. One that allows several draws (DAPO's dynamic sampling, 2503.14476)
keeps the groups that teach it something, and its update waits until there are as many as a batch has problems. A draw
is the next batch of the stream and a step of the run, with seeds and episode ids of its own: runs of equally many steps
have drawn equally many rollouts, whatever they made of them. The policy stands still while groups wait, so they stay
on-policy.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from agents.agent import Agent, TrainState
from agents.records import Group


@dataclass(frozen=True)
class Gathered:
    """What one update is made of."""

    groups: tuple[Group, ...]
    draws: int
    """Batches that were drawn for it."""
    dropped: int
    """Groups among them that it does not learn from."""


def gather(drawn: Sequence[Group], agent: Agent, state: TrainState) -> Gathered | None:
    """The groups to learn from now; None while more are to be drawn.

    Args:
        drawn: A fresh batch. It says how many groups an update wants.
        agent: Which groups teach it something, and how many batches it may draw.
        state: Keeps what waits.
    """
    state.waiting += [group for group in drawn if agent.keeps(group)]
    state.draws += 1
    if len(state.waiting) < len(drawn) and state.draws < agent.most_draws:
        return None
    kept, draws = state.waiting, state.draws
    state.waiting, state.draws = [], 0
    if len(kept) > len(drawn):  # at random: groups stand in the order of their environments, and the last are no worse
        places = random.Random(f"surplus/{state.seed}/{state.step}").sample(range(len(kept)), len(drawn))
        kept = [kept[place] for place in sorted(places)]
    return Gathered(tuple(kept), draws, draws * len(drawn) - len(kept))
