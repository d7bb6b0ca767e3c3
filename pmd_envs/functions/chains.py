"""Longer functions: simpler ones of the catalogue, one after the other on the same list.

Each step takes as ``xs`` what the one before returned, so whoever writes the function has to know every step and to
put them together: it is as hard as all of them at once, and harder with every level. Six steps at level 6, two more at
each level above. Which steps make a chain is drawn once and for all.
"""

import random
from collections.abc import Mapping, Sequence

from pmd_envs.functions.inputs import MANY
from pmd_envs.functions.kind import FunctionKind

_DRAWS = {
    6: (2, 4, 6, 14, 15, 30, 33, 35, 36, 39, 42, 45, 47, 50, 51, 53, 54, 59, 62, 68, 69, 74, 80, 91),
    7: (9, 25, 27, 30, 32, 41, 48, 57, 61, 64, 65, 71, 80, 86, 99, 104, 110, 115, 116, 117, 118, 119, 139, 141),
    8: (1, 4, 5, 12, 14, 25, 27, 37, 51, 56, 57, 58, 61, 72, 82, 115, 122, 127, 144, 156, 158, 162, 176, 193),
    9: (23, 30, 43, 51, 52, 53, 61, 81, 87, 95, 99, 109, 118, 125, 148, 164, 174, 179, 219, 235, 236, 271, 272, 284),
    10: (
        19,
        37,
        39,
        89,
        98,
        103,
        116,
        121,
        129,
        134,
        138,
        141,
        160,
        161,
        178,
        182,
        226,
        232,
        245,
        268,
        269,
        295,
        298,
        327,
    ),
}
"""By level, the draws that make a chain of which a few tests tell every wrong program, whatever the numbers in it."""
_RESHAPING = ("append_item", "rotate_left", "add_each", "multiply_each", "clamp_each", "running_totals")
"""Steps that leave about as many numbers as there were."""
_OFTEN = 3
"""A chain has none of them more often than this."""
_SELECTING = (
    "drop_first_items", "every_kth_item", "first_items", "keep_above", "keep_between", "keep_divisible",
    "largest_items", "smallest_items", "unique_above",
)  # fmt: skip
"""Steps that leave fewer; after many of them nothing is left to tell programs apart by."""
_ENDS = ("alternating_sum", "steps_above", "sum_above", "sum_divisible", "sum_largest", "sum_plus", "sum_squares_above")
"""Steps that make one number of a list; as often the list itself is returned."""


def chains_of(kinds: Mapping[str, FunctionKind]) -> tuple[FunctionKind, ...]:
    """The chains of all levels, made of some of these kinds."""
    return tuple(
        _chain([kinds[name] for name in _steps(random.Random(f"chain/{level}/{draw}"), 2 * level - 6)], level)
        for level, draws in _DRAWS.items()
        for draw in draws
    )


def _steps(rng: random.Random, length: int) -> list[str]:
    """Names of steps, of which some come several times."""
    end = rng.sample(_ENDS, rng.randrange(2))
    selecting = rng.sample(_SELECTING, 1 + length // 8)
    names = [*selecting, *rng.sample(_RESHAPING * _OFTEN, length - len(end) - len(selecting))]
    rng.shuffle(names)
    return [*names, *end]


def _chain(steps: Sequence[FunctionKind], level: int) -> FunctionKind:
    numbered = [_numbered(step, place) for place, step in enumerate(steps, 1)]
    bodies = [step.body for step in numbered]
    middle = len(steps) // 2
    wrong = (
        [numbered[0].wrong[0], *bodies[1:]],
        [*bodies[:middle], *bodies[middle + 1 :]],
        [*bodies[:-1], numbered[-1].wrong[0]],
    )
    first, second = ([step.spec[way] for step in numbered] for way in (0, 1))
    return FunctionKind(
        name="+".join(step.name for step in steps),
        difficulty=level,
        inputs=MANY,
        spec=(
            f"{'; '.join(f'({place}) {words}' for place, words in enumerate(first, 1))}: "
            "each step takes as xs what the one before returned",
            f"step by step, always with the last result as xs: {'; then '.join(second)}",
        ),
        body=_joined(bodies),
        wrong=tuple(map(_joined, wrong)),
        plan=f"Put the result of each step into xs: {', '.join(step.name.replace('_', ' ') for step in steps)}.",
        parameters=tuple(parameter for step in numbered for parameter in step.parameters),
    )


def _numbered(step: FunctionKind, place: int) -> FunctionKind:
    """The step with the number of its place in the names of its parameters, so that no two steps share one."""
    values = tuple(f"{{{name}{place}}}" for name, _ in step.parameters)
    return FunctionKind(
        name=step.name,
        difficulty=step.difficulty,
        inputs=step.inputs,
        spec=(step.fill(step.spec[0], values), step.fill(step.spec[1], values)),
        body=step.fill(step.body, values),
        wrong=tuple(step.fill(body, values) for body in step.wrong),
        plan=step.plan,
        parameters=tuple((f"{name}{place}", choices) for name, choices in step.parameters),
    )


def _joined(bodies: Sequence[str]) -> str:
    """One body, in which all but the last put their result into ``xs``."""
    return "\n".join([*(_keeping(body) for body in bodies[:-1]), bodies[-1]])


def _keeping(body: str) -> str:
    """The body with its result in ``xs``."""
    before, found, result = body.rpartition("return ")
    if not found or "return" in before or "\n" in result:
        raise ValueError(f"a step has one return, in its last line: {body!r}")
    return f"{before}xs = {result}"
