"""What a word problem template is: data that an engine fills with numbers and words.

A template names its numbers, says how a solution computes with them, and gives the sentences around
them. Example: with ``numbers={"packs": range(2, 13), "each": range(2, 13)}``, the story "{name} buys
{packs} boxes of {each} pens.", the question "How many pens does {he} buy?" and one
``Step("total", "packs * each", "Pens in all")``, a draw is::

    Ada buys 3 boxes of 4 pens. How many pens does she buy?

    Pens in all: 3 * 4 = 12
    #### 12
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pmd_envs.errors import ConfigError
from pmd_envs.word_problems.expression import check, equation, evaluate, operands
from pmd_envs.word_problems.words import people, with_capitals

_TRIES = 2000
_SMALLEST = 2
"""Counts in a story start at 2, so that plural nouns are always right."""


@dataclass(frozen=True)
class Step:
    """One line of a solution: ``label: equation``."""

    result: str
    """The name under which later steps use the result."""
    expression: str
    """What is computed, in the language of :mod:`pmd_envs.word_problems.expression`."""
    label: str
    """A short noun phrase saying what the result is; may hold placeholders for words."""


@dataclass(frozen=True)
class Drawn:
    """One problem drawn from a template."""

    prompt: str
    solution: str
    """One line a step, then ``#### answer``."""
    answer: int
    numbers: tuple[int, ...]
    """The numbers that the solution uses. With the template's name they are the problem's substance."""


@dataclass(frozen=True)
class Template:
    """One kind of word problem."""

    name: str
    plan: str
    """One sentence that says which operations to do in which order."""
    numbers: Mapping[str, Sequence[int] | str]
    """Each number's possible values, or an expression over earlier numbers that makes it."""
    stories: tuple[str, ...]
    questions: tuple[str, ...]
    """A prompt is any story followed by any question."""
    steps: tuple[Step, ...]
    scenes: tuple[Mapping[str, str], ...] = ({},)
    """Sets of words that belong together; a problem uses one of them."""
    where: tuple[str, ...] = field(default=())
    """What must hold between numbers or results: ``"length > width"``, ``"age < 90"``."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= 5:
            raise ConfigError(f"template {self.name!r} has {len(self.steps)} steps, not 1 to 5")
        known: dict[str, object] = {}
        for name, source in self.numbers.items():
            if isinstance(source, str):
                check(source, known)
            known[name] = source
        for step in self.steps:
            check(step.expression, known)
            if step.result in known:
                raise ConfigError(f"template {self.name!r} defines {step.result!r} twice")
            known[step.result] = step

    @property
    def difficulty(self) -> int:
        """How many steps the solution has, 1 to 5."""
        return len(self.steps)

    @property
    def cap(self) -> int:
        """No number or result is above this."""
        return 150 if self.difficulty <= 2 else 400

    def draw(self, rng: random.Random) -> Drawn:
        """Draw numbers that work out in whole numbers, and words around them."""
        for _ in range(_TRIES):
            values = self._choose(rng)
            if values is not None and all(_holds(condition, values) for condition in self.where):
                return self._render(rng, values)
        raise RuntimeError(f"no numbers fit template {self.name!r} in {_TRIES} tries")

    def _choose(self, rng: random.Random) -> dict[str, int] | None:
        """The values of all numbers and results, or ``None`` if this draw does not work out."""
        values: dict[str, int] = {}
        cap = self.cap
        for name, source in self.numbers.items():
            number = evaluate(source, values) if isinstance(source, str) else rng.choice(source)
            if number is None or not _SMALLEST <= number <= cap:
                return None
            values[name] = number
        for step in self.steps:
            result = evaluate(step.expression, values)
            if result is None or not 1 <= result <= cap:
                return None
            values[step.result] = result
        return values

    def _render(self, rng: random.Random, values: Mapping[str, int]) -> Drawn:
        words = with_capitals({**people(rng), **rng.choice(self.scenes)})
        story, question = rng.choice(self.stories), rng.choice(self.questions)
        lines = [
            f"{step.label.format_map(words)}: {equation(step.expression, values, values[step.result])}"
            for step in self.steps
        ]
        answer = values[self.steps[-1].result]
        used = {operand for step in self.steps for operand in operands(step.expression)}
        return Drawn(
            prompt=f"{story} {question}".format_map({**words, **values}),
            solution="\n".join([*lines, f"#### {answer}"]),
            answer=answer,
            numbers=tuple(values[name] for name in self.numbers if name in used),
        )


def _holds(condition: str, values: Mapping[str, int]) -> bool:
    """Whether ``"a < b"``, ``"a > b"`` or ``"a != b"`` is true; a side is a name or a whole number."""
    left, sign, right = condition.split()
    difference = _side(left, values) - _side(right, values)
    return {"<": difference < 0, ">": difference > 0, "!=": difference != 0}[sign]


def _side(side: str, values: Mapping[str, int]) -> int:
    return int(side) if side.isdigit() else values[side]
