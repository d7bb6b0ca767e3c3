"""Drawing the numbers of a template: again and again, until everything works out in whole numbers.

This is most of what a new problem costs, so that the template's text is read once, when it is first drawn from.
"""

import random
from collections.abc import Callable, Mapping, Sequence

from pmd_envs.word_problems.expression import Expression, constants, evaluate, read

_TRIES = 2000
_SMALLEST = 2
"""Counts in a story start at 2, so that plural nouns are always right."""


class Numbers:
    """The numbers of one template and what is computed from them.

    Args:
        sources: Each number's possible values, or an expression over earlier numbers that makes it.
        results: The name and the expression of each step.
        where: What must hold, as ``"length > width"``.
        cap: No number or result is above this.
    """

    def __init__(
        self,
        sources: Mapping[str, Sequence[int] | str],
        results: Sequence[tuple[str, str]],
        where: Sequence[str],
        cap: int,
    ) -> None:
        names = {*sources, *(name for name, _ in results)}
        self._cap = cap
        self._drawn: list[tuple[str, Sequence[int], int, Expression | None]] = []
        for name, source in sources.items():
            if isinstance(source, str):
                self._drawn.append((name, (), 0, read(source, names)))
            else:
                self._drawn.append((name, tuple(source), len(source).bit_length(), None))
        self._results = [(name, read(text, names)) for name, text in results]
        self._where: list[tuple[str, ...]] = [tuple(condition.split()) for condition in where]
        expressions = [source for *_, source in self._drawn if source] + [made for _, made in self._results]
        operands = [operand for expression in expressions for operand in expression.operands]
        self._constants = constants([*operands, *(side for left, _, right in self._where for side in (left, right))])

    def draw(self, rng: random.Random) -> dict[str, int] | None:
        """The values of all numbers, constants and results; ``None`` if no draw works out."""
        for _ in range(_TRIES):
            values = self._constants.copy()
            if self._choose(rng.getrandbits, values) and (not self._where or self._hold(values)):
                return values
        return None

    def _choose(self, random_bits: Callable[[int], int], values: dict[str, int]) -> bool:
        """Fill in numbers and results, as far as they work out."""
        cap = self._cap
        for name, pool, bits, source in self._drawn:
            if source is None:
                place, size = random_bits(bits), len(pool)  # as rng.choice(pool) does it, without its calls
                while place >= size:
                    place = random_bits(bits)
                number: int | None = pool[place]
            else:
                number = evaluate(source, values)
            if number is None or not _SMALLEST <= number <= cap:
                return False
            values[name] = number
        for name, expression in self._results:
            number = evaluate(expression, values)
            if number is None or not 1 <= number <= cap:
                return False
            values[name] = number
        return True

    def _hold(self, values: Mapping[str, int]) -> bool:
        """Whether every ``"a < b"``, ``"a > b"`` and ``"a != b"`` is true."""
        for left, sign, right in self._where:
            difference = values[left] - values[right]
            if not (difference < 0 if sign == "<" else difference > 0 if sign == ">" else difference):
                return False
        return True
