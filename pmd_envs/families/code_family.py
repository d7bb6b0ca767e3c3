"""What families of programs with public and hidden tests have in common.

A submission is a turn: the first public test that fails is the feedback, and the first program that passes the public
tests ends the episode. All tests together are the verdict, and of hidden ones nothing is told. A task's facts hold the
tests as :func:`pmd_envs.sandbox.check_code` takes them.
"""

import json
import random
from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar, cast

from pmd_envs.errors import DatasetError
from pmd_envs.families.function_family import FunctionFamily
from pmd_envs.functions.faults import faults
from pmd_envs.records import Json, StepVerdict, Task, Verdict
from pmd_envs.sandbox.code import CodeResult, CodeTest, check_code
from pmd_envs.sandbox.source import extract_program, syntax_error

_NO_PUBLIC = "there are no public tests"
_GIVES_UP = "raise NotImplementedError"
_MUTANTS = 12
_PATIENCE = 2.0  # seconds for a program that may be endless


class CodeFamily(FunctionFamily):
    """Programs, judged by running them."""

    continues = False
    starts_processes = True
    max_turns = 3
    timeout_s: ClassVar[float] = 10
    """Seconds for all statements together, or for each run of a script."""
    tuples_pass: ClassVar[bool] = False
    """Whether a tuple is as right as the list that a test expects."""

    def cut_steps(self, text: str) -> tuple[str, ...]:
        """A response is one step: a program is judged whole."""
        return (text,)

    def join_steps(self, steps: Sequence[str]) -> str:
        """The last submission counts."""
        return steps[-1] if steps else ""

    def names(self, task: Task) -> tuple[str, ...]:
        """What a program has to define, as far as that is known: of several, one is enough to tell a program."""
        entry_point = str(task.facts.get("entry_point") or "")
        return (entry_point,) if entry_point else ()

    def program(self, task: Task, response: str) -> str:
        """The program that a response hands in."""
        return extract_program(response, self.names(task))

    def given(self, task: Task, program: str) -> str:  # noqa: ARG002  subclasses read them
        """What runs before such a program in its module and is no part of it."""
        return ""

    def tests(self, task: Task) -> tuple[list[CodeTest], list[CodeTest]]:
        """The public and the hidden tests of a task."""
        return read_tests(task.facts["public"]), read_tests(task.facts["hidden"])

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:  # noqa: ARG002
        """Run the tests and tell of the public ones."""
        result = self._result(task, step)
        if not result.public_passed:
            return StepVerdict(False, result.reason)
        public, _ = self.tests(task)
        return StepVerdict(True, "the public tests pass") if public else StepVerdict(None, _NO_PUBLIC)

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:  # noqa: ARG002
        """The episode ends when no public test fails."""
        return verdict.ok is not False

    def verify(self, task: Task, response: str) -> Verdict:
        """Run all tests; nothing about a hidden one is told."""
        result = self._result(task, response)
        verdict = result.verdict()
        return Verdict(verdict.score, verdict.reason, None if result.public_passed else 0)

    def gold_solution(self, task: Task) -> str:
        """The reference program."""
        return task.gold

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """The reference program with one fault that a test notices, or one that only gives up."""
        mutants = [fault.program for fault in faults(task.gold)]
        for program in rng.sample(mutants, min(len(mutants), _MUTANTS)):
            result = self._result(task, program, _PATIENCE)
            if not result.passed and "did not finish" not in result.reason:  # an endless program costs every reader
                return program
        return _GIVES_UP

    def feedback_on_wrong(self, task: Task, response: str) -> str:
        """What an episode with this wrong response ends with."""
        return self.verify(task, response).reason

    def _result(self, task: Task, response: str, timeout_s: float | None = None) -> CodeResult:
        program = self.program(task, response)
        error = syntax_error(program)
        if error:
            return CodeResult(False, error)
        tests = json.dumps(self.tests(task))
        entry_point = str(task.facts.get("entry_point") or "")
        given = self.given(task, program)
        return _run(program, given, tests, entry_point, timeout_s or self.timeout_s, self.tuples_pass)


@lru_cache(maxsize=256)
def _run(program: str, given: str, tests: str, entry_point: str, timeout_s: float, tuples_pass: bool) -> CodeResult:
    """One run for public and hidden tests, shared by the step check and the verdict."""
    public, hidden = map(read_tests, json.loads(tests))
    return check_code(
        program,
        public,
        hidden,
        entry_point=entry_point or None,
        given=given,
        timeout_s=timeout_s,
        tuples_pass=tuples_pass,
    )


def read_tests(stored: Json) -> list[CodeTest]:
    """Tests as a task's facts hold them: statements, or pairs of input and output."""
    tests = cast("list[str | list[str]]", stored)
    return [test if isinstance(test, str) else (test[0], test[1]) for test in tests]


def texts_of(row: dict[str, Json], what: str, *names: str) -> list[str]:
    """The texts of a published row by name.

    Raises:
        DatasetError: One is missing.
    """
    found = [row.get(name) for name in names]
    texts = [text for text in found if isinstance(text, str)]
    if len(texts) < len(names):
        raise DatasetError(f"a row of {what} needs the texts {', '.join(names)}; this one has {sorted(row)}")
    return texts
