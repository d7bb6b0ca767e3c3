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
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from pmd_envs.errors import ConfigError
from pmd_envs.word_problems.expression import read
from pmd_envs.word_problems.numbers import Draw, Values, choose, drawing
from pmd_envs.word_problems.words import PEOPLE, people, with_capitals

_BLANK = "\n\n"
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Step:
    """One line of a solution: ``label: equation``."""

    result: str
    """The name under which later steps use the result."""
    expression: str
    """What is computed, in the language of :mod:`pmd_envs.word_problems.expression`."""
    label: str
    """A short noun phrase saying what the result is; may hold placeholders for words."""


class Numbers(NamedTuple):
    """The numbers of one problem."""

    values: Values
    used: tuple[int, ...]
    """Those that the solution uses. With the template's name they are the problem's substance."""


class Drawn(NamedTuple):
    """One problem drawn from a template."""

    prompt: str
    solution: str
    """One line a step, then ``#### answer``."""
    answer: int
    numbers: tuple[int, ...]
    """Those that the solution uses."""


class _Words(dict[str, str]):
    """Words to put into a text; a place for which there is none yet stays."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


class _Page(NamedTuple):
    """A prompt, a blank line and a solution, with places for people and numbers, as Python fills them quickest."""

    pattern: str
    """The text with ``%s`` for each place."""
    pick: Callable[[tuple[str | int, ...]], tuple[str | int, ...]]
    """The words for those places, out of all people's words and numbers."""


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
        if not 1 <= len(self.steps) <= 10:
            raise ConfigError(f"template {self.name!r} has {len(self.steps)} steps, not 1 to 10")
        known: dict[str, object] = {}
        for name, source in self.numbers.items():
            if isinstance(source, str):
                read(source, known)
            known[name] = source
        for step in self.steps:
            read(step.expression, known)
            if step.result in known:
                raise ConfigError(f"template {self.name!r} defines {step.result!r} twice")
            known[step.result] = step

    @property
    def difficulty(self) -> int:
        """How many steps the solution has, 1 to 10."""
        return len(self.steps)

    @property
    def cap(self) -> int:
        """No number or result is above this."""
        return 150 if self.difficulty <= 2 else 400 if self.difficulty <= 5 else 1000

    def draw(self, rng: random.Random) -> Drawn:
        """Draw numbers that work out in whole numbers, and words around them."""
        return self.tell(rng, self.draw_numbers(rng))

    def draw_numbers(self, rng: random.Random) -> Numbers:
        """Draw numbers that work out in whole numbers.

        Raises:
            RuntimeError: There are none.
        """
        values = self._draw_values(rng.getrandbits)
        if values is None:
            raise RuntimeError(f"no numbers fit template {self.name!r}")
        return Numbers(values, tuple([values[place] for place in self._used]))

    def tell(self, rng: random.Random, numbers: Numbers) -> Drawn:
        """Draw words around numbers."""
        bits = rng.getrandbits
        who = people(bits)
        pattern, pick = choose(bits, choose(bits, choose(bits, self._pages)))
        prompt, _, solution = (pattern % pick(who + numbers.values)).rpartition(_BLANK)
        return Drawn(prompt, solution, numbers.values[-1], numbers.used)

    @cached_property
    def _draw_values(self) -> Draw:
        return drawing(self.numbers, [(step.result, step.expression) for step in self.steps], self.where, self.cap)

    @cached_property
    def _pages(self) -> tuple[tuple[tuple[_Page, ...], ...], ...]:
        """By scene, story and question."""
        return tuple(
            tuple(tuple(self._page(scene, story, question) for question in self.questions) for story in self.stories)
            for scene in self.scenes
        )

    def _page(self, scene: Mapping[str, str], story: str, question: str) -> _Page:
        text = f"{story} {question}{_BLANK}{self._solution}".format_map(_Words(with_capitals(scene)))
        literals, names = (_PLACE.split(text)[start::2] for start in (0, 1))
        known = {name: at for at, name in enumerate([*PEOPLE, *self.numbers, *(step.result for step in self.steps)])}
        pattern = "%s".join(literal.replace("%", "%%") for literal in literals)
        return _Page(pattern, itemgetter(*[known[name] for name in names]))  # two at least: a result is there twice

    @cached_property
    def _used(self) -> tuple[int, ...]:
        """Which numbers the solution uses."""
        operands = {word for step in self.steps for word in step.expression.split()}
        return tuple(place for place, name in enumerate(self.numbers) if name in operands)

    @cached_property
    def _solution(self) -> str:
        """All lines of a solution, with places for words and numbers."""
        lines = []
        for step in self.steps:
            words = step.expression.split()
            words[::2] = [word if word.isdigit() else f"{{{word}}}" for word in words[::2]]
            lines.append(f"{step.label}: {' '.join(words)} = {{{step.result}}}")
        return "\n".join([*lines, f"#### {{{self.steps[-1].result}}}"])
