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
    6: (1, 2, 7, 10, 11, 12, 13, 14, 15, 16, 30, 32, 33, 35, 39, 42, 47, 50, 51, 52, 53, 59, 60, 68),
    7: (4, 11, 13, 24, 30, 31, 32, 43, 44, 49, 52, 57, 65, 68, 71, 75, 83, 86, 89, 90, 110, 117, 118, 125),
    8: (5, 7, 12, 13, 19, 27, 42, 47, 51, 55, 70, 71, 73, 77, 82, 84, 92, 96, 98, 101, 104, 106, 108, 115),
    9: (2, 5, 15, 23, 32, 33, 47, 55, 63, 99, 100, 107, 109, 113, 116, 117, 125, 138, 146, 148, 158, 164, 179, 189),
    10: (20, 32, 35, 38, 66, 67, 71, 72, 80, 95, 98, 100, 111, 113, 116, 129, 134, 137, 139, 141, 143, 146, 155, 157),
}
"""By level, the draws that make a chain of which a few tests tell every wrong program, whatever the numbers in it."""
_RESHAPING = (*("append_item", "rotate_left", "add_each", "multiply_each", "running_totals") * 3, "clamp_each")
"""Steps that leave about as many numbers as there were. After two cuts to limits all lists are alike."""
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
    names = [*selecting, *rng.sample(_RESHAPING, length - len(end) - len(selecting))]
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
