"""What families have in common whose answer is one whole number that is worked out line by line.

A family of this kind is a table of exercises. An exercise draws numbers for a level, words the problem and solves it
by way of :class:`~pmd_envs.families.math500_kinds.Work`, which can miss one result, so that wrong solutions are those
that a person would hand in.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, cast

from pmd_envs.errors import unknown
from pmd_envs.families.math500_kinds import Numbers, Work
from pmd_envs.family import Family
from pmd_envs.records import Json, Problem, StepVerdict, Task, Verdict
from pmd_envs.thoughts import spoken
from pmd_envs.verifiers.answers import extract_answer
from pmd_envs.verifiers.arithmetic import check_step_arithmetic
from pmd_envs.verifiers.final_numbers import read_final
from pmd_envs.verifiers.numbers import parse_number

LEVELS = tuple(range(1, 11))
_MARK = "####"
_MAX_STEPS, _MAX_LENGTH, _MAX_REASON, _MAX_QUOTED = 200, 100_000, 150, 40
_ATTEMPTS = 40
_SLIPS = (-10, -2, -1, 1, 2, 10)


@dataclass(frozen=True)
class Exercise:
    """One kind of problem, at several levels."""

    name: str
    levels: range
    plan: str
    """How it is done, without the numbers."""
    draw: Callable[[random.Random, int], Numbers]
    """Numbers of a problem of a level. Two problems with the same ones are the same problem."""
    ask: Callable[[Numbers], str]
    solve: Callable[[Numbers, Work], Fraction]
    """Write the steps and return the answer, a whole number."""

    def solution(self, numbers: Numbers, slip_at: int | None = None, slip: int = 1) -> tuple[list[str], Fraction]:
        """The lines and the answer that they lead to, right or with a slip."""
        work = Work(slip_at, slip)
        answer = self.solve(numbers, work)
        return work.lines, answer


class WorkedFamily(Family):
    """Problems whose answer is one whole number."""

    instructions: ClassVar[str] = (
        "Solve the problem step by step. Write one step per line, each with its equation, such as 3 * 4 = 12. "
        "End with the line '#### <number>': the number alone."
    )
    difficulties: ClassVar[tuple[int, ...]] = LEVELS
    max_turns: ClassVar[int] = 32
    exercises: ClassVar[tuple[Exercise, ...]]

    def kinds(self, difficulty: int) -> tuple[str, ...]:
        """Names of the exercises of a level."""
        if difficulty not in self.difficulties:
            raise unknown(f"difficulty of {self.name}", difficulty, self.difficulties)
        return tuple(exercise.name for exercise in self.exercises if difficulty in exercise.levels)

    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        """Draw a problem, all exercises of the level equally often."""
        return self.generate_kind(rng, rng.choice(self.kinds(difficulty)), difficulty)

    def generate_kind(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """Draw a problem of one exercise."""
        if kind not in self.kinds(difficulty):
            raise unknown(f"kind of {self.name} at difficulty {difficulty}", kind, self.kinds(difficulty))
        exercise = self._exercise(kind)
        numbers = exercise.draw(rng, difficulty)
        lines, answer = exercise.solution(numbers)
        facts: dict[str, Json] = {
            "kind": kind,
            "plan": exercise.plan,
            "solution": _response(lines, answer),
            "numbers": list(numbers),
        }
        return Problem(exercise.ask(numbers), str(answer), facts)

    def _exercise(self, kind: str) -> Exercise:
        return next(exercise for exercise in self.exercises if exercise.name == kind)

    def content(self, problem: Problem) -> str:
        """The exercise and its numbers; the wording does not make another problem."""
        return f"{problem.facts['kind']} {problem.facts['numbers']}"

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Judge the arithmetic that the step itself states."""
        del accepted
        return check_step_arithmetic(step, self.numbers_asked(task))

    def numbers_asked(self, task: Task) -> int | None:  # noqa: ARG002  families that ask for an expression read it
        """How many numbers the expression has that the question asks for; None where it asks for something else."""
        return None

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:
        """A step that states a final answer ends the episode."""
        del task, verdict
        return extract_answer(step) is not None

    def verify(self, task: Task, response: str) -> Verdict:
        """Score 1 if the final answer is the number, worked out, whatever the steps before it."""
        wrong, finding = self._first_wrong(task, response)
        answer = extract_answer(response)
        if answer is None:
            return Verdict(0.0, _short(finding or f"no final answer: end with '{_MARK} <number>'"), wrong)
        stated = read_final(answer, task.prompt)
        value = stated.value
        quoted = answer if len(answer) <= _MAX_QUOTED else f"{answer[:_MAX_QUOTED]}..."
        if value is None:
            return Verdict(0.0, _short(finding or f"the answer {quoted!r} is not one number"), wrong)
        if not stated.is_worked_out:
            return Verdict(0.0, _short(finding or f"the answer {quoted} is not worked out"), wrong)
        if value != Fraction(task.gold):
            return Verdict(0.0, _short(finding or f"the answer {quoted} is not correct"), wrong)
        return Verdict(1.0, _short("the answer is correct" + (f", but {finding}" if finding else "")), wrong)

    def _first_wrong(self, task: Task, response: str) -> tuple[int | None, str]:
        for index, step in enumerate(self.cut_steps(spoken(response)[:_MAX_LENGTH])[:_MAX_STEPS]):
            verdict = self.check_step(task, (), step)
            if verdict.ok is False:
                return index, f"step {index + 1}: {verdict.reason}"
        return None, ""

    def gold_solution(self, task: Task) -> str:
        """The solution that was generated."""
        return str(task.facts["solution"])

    def answer(self, response: str) -> str:
        """The stated number, written plainly."""
        value = read_final(extract_answer(response) or "").value
        return "" if value is None else str(value)

    def feedback_on_wrong(self, task: Task, response: str) -> str:
        """What an episode with this wrong response ends with."""
        return self.verify(task, response).reason

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """A slip that is carried on, or the result of an earlier step as the answer."""
        exercise = self._exercise(str(task.facts["kind"]))
        numbers = tuple(cast("list[int]", task.facts["numbers"]))
        lines, answer = exercise.solution(numbers)
        for _ in range(_ATTEMPTS):
            if rng.random() < 0.25 and len(lines) > 1:
                kept = lines[: rng.randint(1, len(lines) - 1)]
                reached = parse_number(kept[-1].rpartition("= ")[2])
            else:
                kept, reached = exercise.solution(numbers, rng.randrange(len(lines)), rng.choice(_SLIPS))
            if reached is not None and reached.denominator == 1 and reached != answer:
                return _response(kept, reached)
        return _response(lines[:-1], answer + rng.randint(1, 9))


def _response(lines: Sequence[str], answer: Fraction) -> str:
    return "\n".join([*lines, f"{_MARK} {answer}"])


def _short(reason: str) -> str:
    return reason if len(reason) <= _MAX_REASON else f"{reason[: _MAX_REASON - 3]}..."
