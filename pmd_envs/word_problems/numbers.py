"""Drawing the numbers of a template: again and again, until everything works out in whole numbers.

This is much of what a new problem costs, so a template's numbers become one Python function when they are first drawn.
``{"packs": range(2, 13), "total": "packs * 4"}`` with the step ``("each", "total / 2")`` and a cap of 150 becomes::

    def draw(random_bits):
        for _ in range(2000):
            place = random_bits(4)
            while place >= 11: place = random_bits(4)
            n0 = pools[0][place]
            n1 = n0 * 4
            if not 2 <= n1 <= 150: continue
            n2 = n1
            if n2 % 2: continue
            n2 = n2 // 2
            if not 1 <= n2 <= 150: continue
            return n0, n1, n2
        return None
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from pmd_envs.errors import unknown
from pmd_envs.word_problems.expression import operand, read, statements

Values = tuple[int, ...]
"""What the numbers of a template are in one problem, and after them what its steps result in."""
Draw = Callable[[Callable[[int], int]], Values | None]
"""Takes ``rng.getrandbits``; ``None`` if no draw works out."""
_Option = TypeVar("_Option")

_TRIES = 2000
_SMALLEST = 2
"""Counts in a story start at 2, so that plural nouns are always right."""
_COMPARISONS = ("<", ">", "!=")


def choose(random_bits: Callable[[int], int], options: Sequence[_Option]) -> _Option:
    """What ``rng.choice(options)`` chooses, in one call in place of three."""
    size = len(options)
    bits = size.bit_length()
    place = random_bits(bits)
    while place >= size:
        place = random_bits(bits)
    return options[place]


def drawing(
    sources: Mapping[str, Sequence[int] | str],
    results: Sequence[tuple[str, str]],
    where: Sequence[str],
    cap: int,
) -> Draw:
    """The function that draws the numbers of one template and computes what follows from them.

    Args:
        sources: Each number's possible values, or an expression over earlier numbers that makes it.
        results: The name and the expression of each step.
        where: What must hold, as ``"length > width"``.
        cap: No number or result is above this.
    """
    names = {name: f"n{place}" for place, name in enumerate([*sources, *(name for name, _ in results)])}
    pools: list[tuple[int, ...]] = []
    lines: list[str] = []
    for name, source in sources.items():
        if isinstance(source, str):
            lines += statements(read(source, names), names[name], names)
        else:
            lines += _pick(names[name], len(pools), len(source))
            pools.append(tuple(source))
            if min(source) >= _SMALLEST and max(source) <= cap:
                continue
        lines.append(f"if not {_SMALLEST} <= {names[name]} <= {cap}: continue")
    for name, text in results:
        lines += [*statements(read(text, names), names[name], names), f"if not 1 <= {names[name]} <= {cap}: continue"]
    lines += [f"if not {_comparison(condition, names)}: continue" for condition in where]
    lines.append(f"return {', '.join(names.values())},")
    body = "".join(f"\n        {line}" for line in lines)
    made: dict[str, Draw] = {}
    exec(f"def draw(random_bits):\n    for _ in range({_TRIES}):{body}\n    return None", {"pools": pools}, made)
    return made["draw"]


def _pick(variable: str, pool: int, size: int) -> list[str]:
    """As :func:`choose` does it."""
    again = f"place = random_bits({size.bit_length()})"
    return [again, f"while place >= {size}: {again}", f"{variable} = pools[{pool}][place]"]


def _comparison(condition: str, names: Mapping[str, str]) -> str:
    left, sign, right = condition.split()
    if sign not in _COMPARISONS:
        raise unknown("comparison", sign, _COMPARISONS)
    return f"{operand(left, names)} {sign} {operand(right, names)}"
