"""Contexts that look like memory and are none: what any extra text does to a teacher, without knowledge in it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import cycle, islice
from typing import Literal

from agents.agent import TrainState
from agents.prompts import Blocks
from pmd_envs import Task
from pmd_envs.errors import ConfigError

Placebo = Literal["none", "shuffled", "filler", "empty"]
"""``shuffled`` shows the memory of another problem, ``filler`` neutral text of the same length, ``empty`` nothing.

Neither of the first two says anything wrong about the problem: another problem's answer, or neutral text, under "A
correct solution" would do harm that no memory does.
"""

_NEUTRAL = (
    "The harbour was quiet in the morning and a light wind came from the hills. Somebody had left a blue umbrella at "
    "the station, and the trains went by as they always do. In the garden the old gate stood open all day long."
)


def partner(task: Task, state: TrainState) -> Task:
    """Another problem of the same batch, of the same family where there is one; in a batch of one, of all problems.

    Raises:
        ConfigError: There is only one problem to train on.
    """
    batch = state.stream.at(state.step)
    others = [other for other in batch if other.id != task.id]
    others = others or [other for other in state.stream.tasks.values() if other.id != task.id]
    if not others:
        raise ConfigError(
            f"placebo='shuffled': {task.id!r} is all there is to train on, and there is no other problem whose memory "
            "could be shown; take filler or empty, or more problems"
        )
    alike = [other for other in others if other.family == task.family]
    choices = alike or others
    place = next((i for i, other in enumerate(batch) if other.id == task.id), 0)
    return choices[(place if len(batch) > 1 else state.step) % len(choices)]


def shuffled(blocks: Blocks) -> Blocks:
    """What another problem's memory says in general; its solutions and feedback are about that problem alone."""
    return replace(blocks, solution="", feedback="")


def filler(blocks: Blocks) -> Blocks:
    """The same advice with neutral words in it, as many as there were; a stored attempt's are one more strategy."""
    stored = tuple(text for text in (blocks.solution, blocks.feedback) if text)
    return Blocks(
        strategies=_fill((*blocks.strategies, *stored)),
        lessons=_fill(blocks.lessons),
        behaviors=_fill(blocks.behaviors),
    )


def _fill(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_neutral(line) for line in lines)


def _neutral(text: str) -> str:
    return " ".join(islice(cycle(_NEUTRAL.split()), len(text.split())))


def _as_it_is(blocks: Blocks) -> Blocks:
    return blocks


SHOWN_INSTEAD: Mapping[Placebo, Callable[[Blocks], Blocks]] = {
    "none": _as_it_is,
    "shuffled": shuffled,
    "filler": filler,
    "empty": lambda _: Blocks(),
}
"""What a placebo makes of what the memory would show."""
