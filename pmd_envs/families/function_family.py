"""What families have in common whose generated problems are made of one function of our own catalogue."""

import random
from collections.abc import Callable, Sequence

from pmd_envs.families import code_making
from pmd_envs.family import Family
from pmd_envs.records import Problem


class FunctionFamily(Family):
    """Draws functions of the catalogue, each of which :meth:`made_of` turns into a problem."""

    difficulties = code_making.DIFFICULTIES
    added = code_making.ADDED

    def made_of(self, rng: random.Random, drawn: code_making.DrawnFunction) -> Problem:
        """A problem in the family's form."""
        raise NotImplementedError(f"{type(self).__name__} has to define made_of or generate_kind")

    def kinds(self, difficulty: int) -> tuple[str, ...]:
        """Names of the function kinds of a level."""
        return code_making.kinds_of(difficulty)

    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        """Draw a kind of this level and then a problem of it."""
        return self.generate_kind(rng, rng.choice(self.kinds(difficulty)), difficulty)

    def generate_kind(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """Draw a problem of one kind."""
        return self.made_of(rng, code_making.draw_function(rng, kind, difficulty))

    def generate_wanted(
        self, rng: random.Random, difficulty: int, kinds: Sequence[str] | None, wanted: Callable[[str], bool]
    ) -> Problem | None:
        """Draw a function, and its tests only if it is wanted."""
        drawn = code_making.draw_wanted_function(rng, self.kinds(difficulty) if kinds is None else kinds, wanted)
        return None if drawn is None else self.made_of(rng, drawn)

    def content(self, problem: Problem) -> str:
        """The function with its parameters: another wording or other examples are no other problem."""
        return code_making.content(problem)
