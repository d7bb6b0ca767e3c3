"""Functions of our own catalogue as problems of the code families, where a published set has none.

What a family makes of a drawn function (a docstring, a line of words, a script) is its own affair. The content that
decides the split is the function with its parameters, so a function is in the same split in every code family.
"""

import json
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pmd_envs.errors import unknown
from pmd_envs.functions import CATALOGUE, FunctionKind, Parameter
from pmd_envs.functions.problems import AlikeError, Test, draw_tests
from pmd_envs.records import Json, Problem
from pmd_envs.sandbox.values import show

DIFFICULTIES = tuple(range(1, 11))
ADDED = (6, 7, 8, 9, 10)
_MAX_SHOWN = 400
_DRAWS = 20


@dataclass(frozen=True)
class DrawnFunction:
    """A function that is asked for, with the tests it has to pass."""

    kind: FunctionKind
    values: tuple[Parameter, ...]
    spec: str
    """What it does, in words without a full stop."""
    public: tuple[Test, ...]
    hidden: tuple[Test, ...]

    @property
    def program(self) -> str:
        """The reference program."""
        return self.kind.program(self.kind.body, self.values)

    def facts(self, public: Sequence[Json], hidden: Sequence[Json]) -> dict[str, Json]:
        """What the verifier needs, with tests as the family writes them."""
        return {
            "kind": self.kind.name,
            "plan": self.kind.plan,
            "parameters": list(self.values),
            "entry_point": "solve",
            "public": list(public),
            "hidden": list(hidden),
        }


def kinds_of(difficulty: int) -> tuple[str, ...]:
    """Names of the function kinds of a level."""
    if difficulty not in DIFFICULTIES:
        raise unknown("difficulty", difficulty, DIFFICULTIES)
    return tuple(kind.name for kind in CATALOGUE.values() if kind.difficulty == difficulty)


def draw_function(rng: random.Random, kind: str, difficulty: int) -> DrawnFunction:
    """Draw parameters and tests of one kind."""
    if kind not in kinds_of(difficulty):
        raise unknown(f"function kind of difficulty {difficulty}", kind, kinds_of(difficulty))
    record = CATALOGUE[kind]
    for _ in range(_DRAWS):
        with suppress(AlikeError):  # other parameters will do
            return _with_tests(rng, record, _draw_parameters(rng, record))
    raise RuntimeError(f"the tests of {kind} never tell wrong programs, whatever its parameters")


def draw_wanted_function(
    rng: random.Random, kinds: Sequence[str], wanted: Callable[[str], bool]
) -> DrawnFunction | None:
    """As :func:`draw_function` for one of ``kinds``, or ``None``, before any test is drawn, if it is not wanted."""
    record = CATALOGUE[rng.choice(kinds)]
    values = _draw_parameters(rng, record)
    if not wanted(_content(record.name, list(values))):
        return None
    try:
        return _with_tests(rng, record, values)
    except AlikeError:
        return None


def _draw_parameters(rng: random.Random, record: FunctionKind) -> tuple[Parameter, ...]:
    return tuple(rng.choice(choices) for _, choices in record.parameters)


def _with_tests(rng: random.Random, record: FunctionKind, values: tuple[Parameter, ...]) -> DrawnFunction:
    public, hidden = draw_tests(rng, record, values)
    return DrawnFunction(record, values, record.fill(rng.choice(record.spec), values), tuple(public), tuple(hidden))


def as_assert(test: Test, call: str = "solve") -> str:
    """A test as a statement."""
    args = ", ".join(show(arg, _MAX_SHOWN) for arg in test.args)
    return f"assert {call}({args}) == {show(test.expected, _MAX_SHOWN)}"


def content(problem: Problem) -> str:
    """Kind and parameters of a drawn function; the prompt of a published row."""
    if "parameters" not in problem.facts:
        return problem.prompt
    return _content(problem.facts["kind"], problem.facts["parameters"])


def _content(kind: Json, values: Json) -> str:
    return json.dumps([kind, values])
