"""What the logic families have in common: a final answer, claims before it, and kinds of problem.

A family says what is wrong with an answer (:meth:`PuzzleFamily.fault`), what follows for a claim
(:meth:`PuzzleFamily.judge`) and how people go wrong (:meth:`PuzzleFamily.slip`); the rest is here.
"""

import random
from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from pmd_envs.errors import unknown
from pmd_envs.families.answer_lines import Parts, in_one_line
from pmd_envs.family import Family
from pmd_envs.records import Problem, StepVerdict, Task, Verdict
from pmd_envs.thoughts import spoken
from pmd_envs.verifiers.answers import extract_answer

MAX_STEPS = 64
_MAX_ANSWER = 500
_TAIL = 20_000
"""Only this much of the end of a response is searched for the lines of its answer."""
_WRONG_TRIES = 60


def quoted(text: str, limit: int = 40) -> str:
    """A piece of a response for a reason, on one line and not too long."""
    shown = " ".join(text[: 2 * limit].split())
    return repr(shown if len(shown) <= limit else f"{shown[: limit - 3]}...")[: 2 * limit]


class PuzzleFamily(Family):
    """A logic puzzle with one right answer."""

    difficulties: ClassVar[tuple[int, ...]] = tuple(range(1, 11))
    added: ClassVar[tuple[int, ...]] = (6, 7, 8, 9, 10)
    max_turns: ClassVar[int] = 32
    right: ClassVar[str] = "the answer fits every clue"
    """Why an answer is right."""
    joint: ClassVar[str] = " "
    """What stands between two parts of an answer."""

    @abstractmethod
    def kinds_at(self, difficulty: int) -> tuple[str, ...]:
        """The kinds of problem of a level that exists."""

    @abstractmethod
    def draw(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """A problem of a kind that exists."""

    @abstractmethod
    def fault(self, task: Task, answer: str) -> str:
        """What is wrong with an answer; empty if it is right."""

    @abstractmethod
    def judge(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Judge a step that states no answer."""

    @abstractmethod
    def slip(self, rng: random.Random, task: Task) -> str:
        """A response with a mistake in it, which may by chance still end in the right answer."""

    def parts(self, text: str) -> Parts:  # noqa: ARG002  families whose answers may go over several lines read it
        """What a text lists that is parts of an answer and nothing else; none if it says anything else."""
        return ()

    def kinds(self, difficulty: int) -> tuple[str, ...]:
        """The kinds of problem that :meth:`generate` draws from."""
        if difficulty not in self.difficulties:
            raise unknown(f"difficulty of {self.name}", difficulty, self.difficulties)
        return self.kinds_at(difficulty)

    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        """Draw a problem of a kind drawn uniformly."""
        return self.generate_kind(rng, rng.choice(self.kinds(difficulty)), difficulty)

    def generate_kind(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """Draw a problem of one kind."""
        if kind not in self.kinds(difficulty):
            raise unknown(f"kind of {self.name} at difficulty {difficulty}", kind, self.kinds(difficulty))
        return self.draw(rng, kind, difficulty)

    def cut_steps(self, text: str) -> tuple[str, ...]:
        """Lines; an answer that goes over several lines is one."""
        return in_one_line(super().cut_steps(text), self.parts, self.joint)

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Judge an answer by the clues, and a claim by what follows from them."""
        if extract_answer(step) is None:
            return self.judge(task, accepted[-MAX_STEPS:], step)
        fault = self._fault_of(task, "\n".join([*accepted[-MAX_STEPS:], step]))
        return StepVerdict(not fault, fault or self.right)

    def verify(self, task: Task, response: str) -> Verdict:
        """1 if the answer is complete, says nothing else and is right, else 0."""
        fault = self._fault_of(task, response)
        wrong = self._first_wrong(task, response)
        return Verdict(0.0, fault, wrong) if fault else Verdict(1.0, self.right, wrong)

    def _fault_of(self, task: Task, response: str) -> str:
        answer = self._stated(response).strip()
        if not answer:
            return "no answer is given"
        if len(answer) > _MAX_ANSWER:
            return "the answer is too long"
        return self.fault(task, answer)

    def _stated(self, response: str) -> str:
        """The answer of a response, with all of its lines; empty if there is none."""
        answer = extract_answer(response)
        tail = spoken(response)[-_TAIL:] if answer is not None else ""
        lines = super().cut_steps(tail)
        whole = in_one_line(lines, self.parts, self.joint)
        return answer or "" if len(whole) == len(lines) else extract_answer("\n".join(whole)) or ""

    def _first_wrong(self, task: Task, response: str) -> int | None:
        accepted: list[str] = []
        for index, step in enumerate(self.split_steps(response)[:MAX_STEPS]):
            if self.check_step(task, accepted, step).ok is False:
                return index
            accepted.append(step)
        return None

    def answer(self, response: str) -> str:
        """The stated answer, with the spelling evened out."""
        return " ".join(self._stated(response).casefold().split())

    def feedback_on_wrong(self, task: Task, response: str) -> str:
        """What an episode with this wrong response ends with."""
        return self.verify(task, response).reason

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """A plausible wrong response in the format of the gold solution."""
        for _ in range(_WRONG_TRIES):
            wrong = self.slip(rng, task)
            if self.verify(task, wrong).score == 0:
                return wrong
        raise RuntimeError(f"no wrong solution found for {task.id!r}")

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:  # noqa: ARG002  the base class's signature
        """Whether the step states an answer."""
        return extract_answer(step) is not None
