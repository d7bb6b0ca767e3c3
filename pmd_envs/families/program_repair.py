"""Repair a small Python function that has one fault.

    Repair solve(xs): return the sum of the numbers in xs greater than 7.
    def solve(xs):
        return sum(x for x in xs if x < 7)
    solve([9, 7, 3]) == 9
    solve([8, 12]) == 20

The answer is the whole repaired program. The fault is one changed constant, operator, comparison, return value or
border, and it is shown to matter: the program was run, and at least one of the examples fails.
"""

import random
from collections.abc import Callable, Sequence
from functools import cache

from pmd_envs.errors import unknown
from pmd_envs.families.code_family import CodeFamily
from pmd_envs.families.code_making import DrawnFunction, as_assert, draw_function, kinds_of
from pmd_envs.family import Family
from pmd_envs.functions import CATALOGUE
from pmd_envs.functions.bounded import bounded_answer
from pmd_envs.functions.faults import FAULTS, Fault, faults
from pmd_envs.functions.problems import Test
from pmd_envs.records import Json, Problem, Task
from pmd_envs.sandbox.values import decode

_ATTEMPTS = 50
_CATALOGUE_LEVELS = {1: 3, 2: 1, 3: 2, 4: 5, 5: 4}
"""Of which level of the catalogue the functions are, where it is another: a fault in a longer function of these levels
may be the easier one to find. The order is that of how often nano, taught all kinds alike, repaired them."""


class ProgramRepair(CodeFamily):
    """Short functions with one fault each."""

    name = "ProgramRepair"
    instructions = "The function has one fault. Reply with the whole repaired function and nothing else."

    def kinds(self, difficulty: int) -> tuple[str, ...]:
        """Names of the function kinds of a level in which a fault can be made."""
        return _breakable(difficulty)

    def generate_kind(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """Draw a function of one kind and break it."""
        if kind not in self.kinds(difficulty):
            raise unknown(f"function kind of difficulty {difficulty}", kind, self.kinds(difficulty))
        for _ in range(_ATTEMPTS):
            drawn = draw_function(rng, kind, CATALOGUE[kind].difficulty)
            fault = _break(rng, drawn)
            if fault is not None:
                return _problem(drawn, fault)
        raise RuntimeError(f"no fault of {kind} fails an example in {_ATTEMPTS} draws")

    def generate_wanted(
        self, rng: random.Random, difficulty: int, kinds: Sequence[str] | None, wanted: Callable[[str], bool]
    ) -> Problem | None:
        """Draw the whole problem: parameters are drawn again while no fault fails an example."""
        return Family.generate_wanted(self, rng, difficulty, kinds, wanted)

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """The program as it was, or with another fault."""
        return str(task.facts["broken"]) if rng.random() < 0.5 else super().wrong_solution(rng, task)


@cache
def _breakable(difficulty: int) -> tuple[str, ...]:
    names = kinds_of(_CATALOGUE_LEVELS.get(difficulty, difficulty))
    return tuple(name for name in names if _has_faults(name))


def _has_faults(name: str) -> bool:
    kind = CATALOGUE[name]
    values = tuple(choices[0] for _, choices in kind.parameters)
    return bool(faults(kind.program(kind.body, values)))


def _break(rng: random.Random, drawn: DrawnFunction) -> Fault | None:
    """A fault that an example shows, each sort of fault as likely as the others."""
    found = faults(drawn.program)
    for sort in rng.sample(FAULTS, len(FAULTS)):
        candidates = [fault for fault in found if fault.name == sort]
        for fault in rng.sample(candidates, len(candidates)):
            if any(_fails(fault.program, test) for test in drawn.public):
                return fault
    return None


def _fails(program: str, test: Test) -> bool:
    outcome = bounded_answer(program, tuple(decode(arg) for arg in test.args))
    return "error" in outcome or decode(outcome["value"]) != decode(test.expected)


def _problem(drawn: DrawnFunction, fault: Fault) -> Problem:
    examples = [as_assert(test).removeprefix("assert ") for test in drawn.public]
    prompt = "\n".join([f"Repair solve({drawn.kind.inputs.signature}): {drawn.spec}.", fault.program, *examples])
    facts: dict[str, Json] = {
        **drawn.facts([as_assert(test) for test in drawn.public], [as_assert(test) for test in drawn.hidden]),
        "plan": f"Find the one place that differs from this and change only that: {drawn.kind.plan}",
        "fault": fault.name,
        "broken": fault.program,
    }
    return Problem(prompt, drawn.program, facts)
