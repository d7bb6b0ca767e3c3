"""Write a small Python function from one line of description and two examples.

    Write solve(xs): return the sum of the numbers in xs greater than 7.
    solve([9, 7, 3]) == 9
    solve([8, 12]) == 20

An action is a program. It runs in a process of its own (:mod:`pmd_envs.sandbox`), the first failing public test
is the feedback, and the score is 1 only if the public and the hidden tests pass. The kinds of functions are data:
:mod:`pmd_envs.functions`. Published sets with free-form test code are left to another family.
"""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import cast

from pmd_envs.errors import unknown
from pmd_envs.families.code_making import DrawnFunction
from pmd_envs.families.function_family import FunctionFamily
from pmd_envs.functions import CATALOGUE, FunctionKind, Parameter
from pmd_envs.functions.judge import Judgement, judge
from pmd_envs.functions.problems import Test
from pmd_envs.functions.trusted import answer
from pmd_envs.records import Json, Problem, StepVerdict, Task, Verdict
from pmd_envs.sandbox.pool import default_sandbox
from pmd_envs.sandbox.runner import RunResult, run_calls
from pmd_envs.sandbox.source import extract_program, syntax_error
from pmd_envs.sandbox.values import decode, show

_NO_HINT = "a hidden test failed"


class FunctionSynthesis(FunctionFamily):
    """Short functions on numbers, lists and texts, with hidden tests."""

    name = "FunctionSynthesis"
    instructions = "Write a Python function `solve` that does what is asked. Reply with the code only."
    continues = False
    starts_processes = True
    max_turns = 3

    def made_of(self, rng: random.Random, drawn: DrawnFunction) -> Problem:  # noqa: ARG002
        """The words and two examples; the other tests stay hidden."""
        examples = [f"{test.call()} == {show(test.expected, 200)}" for test in drawn.public]
        facts: dict[str, Json] = {
            "kind": drawn.kind.name,
            "plan": drawn.kind.plan,
            "parameters": list(drawn.values),
            "public": [test.as_json() for test in drawn.public],
            "hidden": [test.as_json() for test in drawn.hidden],
        }
        prompt = "\n".join([f"Write solve({drawn.kind.inputs.signature}): {drawn.spec}.", *examples])
        return Problem(prompt, drawn.program, facts)

    def cut_steps(self, text: str) -> tuple[str, ...]:
        """A response is one step: a program is judged whole."""
        return (text,)

    def join_steps(self, steps: Sequence[str]) -> str:
        """The last submission counts."""
        return steps[-1] if steps else ""

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:  # noqa: ARG002
        """Run the public tests."""
        failure = _judgement(task, step).public_failure
        return StepVerdict(not failure, failure or "the public tests pass")

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:  # noqa: ARG002
        """The episode ends when the public tests pass."""
        return verdict.ok is True

    def verify(self, task: Task, response: str) -> Verdict:
        """Run all tests; nothing about a hidden one is told."""
        verdict, note = _verdict(_judgement(task, response)), default_sandbox().unsafe_note
        return replace(verdict, reason=f"{verdict.reason} ({note})") if note else verdict

    def gold_solution(self, task: Task) -> str:
        """The reference program."""
        return task.gold

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """A program with a realistic mistake, which scores 0."""
        kind, values = _kind(task)
        for _ in range(50):
            form = rng.random()
            if form < 0.1:
                return _without_colon(rng, task.gold)
            body = _misnamed(kind) if form < 0.2 else rng.choice(kind.wrong)
            if not _trusted_judgement(task, kind, values, body).passed:
                return kind.program(body, values)
        raise RuntimeError(f"no wrong program of {kind.name}{values} fails a test of task {task.id}")

    def misreading(self, rng: random.Random, task: Task) -> str:
        """As :meth:`wrong_solution`: none of its mistakes is a slip in calculation."""
        return self.wrong_solution(rng, task)

    def feedback_on_wrong(self, task: Task, response: str) -> str:
        """What :meth:`verify` says about a wrong program.

        For programs of the catalogue (all that :meth:`wrong_solution` returns) no process is started, so that
        thousands a minute can be described.
        """
        kind, values = _kind(task)
        for body in (*kind.wrong, _misnamed(kind)):
            if kind.program(body, values) == response:
                return _verdict(_trusted_judgement(task, kind, values, body)).reason
        return self.verify(task, response).reason


def _verdict(judgement: Judgement) -> Verdict:
    if judgement.public_failure:
        return Verdict(0.0, judgement.public_failure, 0)
    return Verdict(1.0, "all tests pass") if judgement.passed else Verdict(0.0, _NO_HINT)


def _judgement(task: Task, response: str) -> Judgement:
    """Judge a response in a child process, or without one where it is no program."""
    program = extract_program(response, ["solve"])
    error = syntax_error(program)
    if error:
        return Judgement(error, False)
    return _run(program, json.dumps([task.facts["public"], task.facts["hidden"]]))


@lru_cache(maxsize=256)
def _run(program: str, tests: str) -> Judgement:
    """One process for public and hidden tests, shared by the step check and the verdict."""
    public, hidden = map(_tests, json.loads(tests))
    calls = [tuple(decode(arg) for arg in test.args) for test in (*public, *hidden)]
    return judge(run_calls(program, "solve", calls), public, hidden)


def _trusted_judgement(task: Task, kind: FunctionKind, values: tuple[Parameter, ...], body: str) -> Judgement:
    """Judge a body of our own catalogue in this process."""
    public, hidden = _tests(task.facts["public"]), _tests(task.facts["hidden"])
    calls = [tuple(decode(arg) for arg in test.args) for test in (*public, *hidden)]
    outcomes = tuple(answer(kind, values, body, args) for args in calls)
    return judge(RunResult(outcomes, True, "", True, ()), public, hidden)


def _tests(stored: Json) -> list[Test]:
    pairs = cast("list[tuple[list[Json], Json]]", stored)
    return [Test(tuple(args), expected) for args, expected in pairs]


def _kind(task: Task) -> tuple[FunctionKind, tuple[Parameter, ...]]:
    """Record and parameters of a task. They come from the catalogue, so that no other text is ever run here."""
    name = str(task.facts["kind"])
    if name not in CATALOGUE:
        raise unknown("function kind", name, CATALOGUE)
    kind = CATALOGUE[name]
    values = cast("list[Parameter]", task.facts["parameters"])
    for value, (parameter, choices) in zip(values, kind.parameters, strict=True):
        if value not in choices:
            raise unknown(f"value of {parameter} in {name}", value, choices)
    return kind, tuple(values)


def _misnamed(kind: FunctionKind) -> str:
    """The reference body with a name that is not defined at its last use of the argument."""
    argument = kind.inputs.signature.split(",")[0]
    found = list(re.finditer(rf"\b{argument}\b", kind.body))[-1]
    return kind.body[: found.start()] + "value" + kind.body[found.end() :]


def _without_colon(rng: random.Random, program: str) -> str:
    lines = program.split("\n")
    index = rng.choice([i for i, line in enumerate(lines) if line.endswith(":")])
    lines[index] = lines[index][:-1]
    return "\n".join(lines)
