r"""Short problems of school mathematics in LaTeX: MATH-500 itself, or problems of our own.

Example::

    Solve $3x + 5 = 20$ for $x$.

    3x: 20 - 5 = 15
    x: 15 / 3 = 5
    \boxed{5}

The published set is a test split alone; its problems may not be trained on, so the train and validation splits are
generated. The answer is compared by :func:`pmd_envs.verify_math`, and has to be worked out: repeating ``20 - 5`` where
15 is asked for is no answer.
"""

import math
import random
import re
from collections.abc import Sequence
from typing import ClassVar, cast

from pmd_envs.datasets import Dataset
from pmd_envs.errors import DatasetError, unknown
from pmd_envs.families.math500_algebra import ALGEBRA
from pmd_envs.families.math500_kinds import Kind
from pmd_envs.families.math500_numbers import NUMBERS
from pmd_envs.family import Family
from pmd_envs.math.normalise import normalise
from pmd_envs.math.verify import check_gold, states_result, verify_math
from pmd_envs.math.vocabulary import DROPPED, STYLE_COMMANDS, TEXT_COMMANDS
from pmd_envs.records import Json, Problem, StepVerdict, Task, Verdict
from pmd_envs.thoughts import spoken
from pmd_envs.verifiers.answers import extract_answer
from pmd_envs.verifiers.numbers import parse_number
from pmd_envs.verifiers.steps import check_steps

MATH500_DATA = Dataset(
    folder="math500",
    files={"test": ("test.jsonl",)},
    hub_repo="HuggingFaceH4/MATH-500",
    hub_revision="6e4ed1a2a79af7d8630a6b768ec859cb5af4d3be",
    hub_files={"test": ("test.jsonl",)},
    checksums={"test.jsonl": "35dc41080a3680858b27fa7e0533d2d547825316fc5dafe5d316f4ccc5a06132"},
)
KINDS = {kind.name: kind for kind in (*ALGEBRA, *NUMBERS)}

_EXPRESSIONS = frozenset({"fraction_of_number", "fraction_sum", "fraction_tower"})
"""Kinds that ask what an expression comes to."""
_NUMBER = re.compile(r"[0-9]+")
_MAX_CHECKED_STEPS = 200
_MAX_CHECKED_LENGTH = 40_000
_MAX_CARRIED = 6
_MAX_REASON = 150
_ATTEMPTS = 60
_SLIPS = (-3, -2, -1, 1, 2, 3)
_BOX = "\\boxed{"
_VARIABLE = re.compile(r"(?<![^\W\d_])[b-hj-zB-HJ-Z](?![^\W\d_])")
_COMMANDS = "|".join(sorted(TEXT_COMMANDS | STYLE_COMMANDS | DROPPED | {"circ"}, key=len, reverse=True))
_FORMATTING = re.compile(rf"\\(?:{_COMMANDS})(?![A-Za-z])|\\[^A-Za-z]")
_OPERATION = re.compile(r"[+*/^!:]|\bto\b|\\[A-Za-z]+|(?<=[\w)}\]]) *-|(?<=[\w)}]) *\(")
_BRACKETED_SUM = re.compile(r"\([^()]*\w *[-+]")
_IN_BRACKETS = re.compile(r"\s*\(([^()]*)\)\s*")
_FRACTION = re.compile(r"\\[dt]?frac *\{? *([0-9]+) *\}? *\{? *([0-9]+)|([0-9]+) */ *([0-9]+)")
_FUNCTION = re.compile(r"\\(?:arc)?(?:sin|cos|tan|cot|sec|csc)(?![a-z])|\\(?:log|ln|exp|binom)(?![a-z])")
_ROOT = re.compile(r"\\sqrt\{?([0-9]{1,8})")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_MAX_ROOT = 10**8
_PLAIN_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")


class MATH500(Family):
    """Problems whose answer is a number, a fraction, an expression or a list of them."""

    name: ClassVar[str] = "MATH500"
    instructions: ClassVar[str] = (
        "Solve the problem step by step. Write one step per line, each with its equation, such as 3 * 4 = 12. "
        "End with a line that has the answer, worked out and in LaTeX, in a box, such as \\boxed{\\frac{3}{4}}"
    )
    difficulties: ClassVar[tuple[int, ...]] = (1, 2, 3, 4, 5)
    max_turns: ClassVar[int] = 64
    dataset: ClassVar[Dataset | None] = MATH500_DATA

    def kinds(self, difficulty: int) -> tuple[str, ...]:
        """The names of the kinds of problem of a level."""
        if difficulty not in self.difficulties:
            raise unknown("difficulty of MATH500", difficulty, self.difficulties)
        return tuple(kind.name for kind in KINDS.values() if kind.difficulty == difficulty)

    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        """Draw a problem, all kinds of the level equally often."""
        return self.generate_kind(rng, rng.choice(self.kinds(difficulty)), difficulty)

    def generate_kind(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """Draw a problem of one kind."""
        if kind not in self.kinds(difficulty):
            raise unknown("kind of MATH500 problem at this difficulty", kind, self.kinds(difficulty))
        record = KINDS[kind]
        numbers = record.draw(rng)
        solution = record.solution(numbers)
        facts: dict[str, Json] = {"kind": kind, "plan": record.plan, "solution": solution, "numbers": list(numbers)}
        return Problem(record.ask(numbers), extract_answer(solution) or "", facts)

    def from_row(self, row: dict[str, Json]) -> Problem:
        """A published row: ``problem``, ``solution`` and ``answer``.

        Raises:
            DatasetError: Something is missing, or the answer cannot be read.
        """
        match row:
            case {"problem": str(prompt), "solution": str(solution), "answer": str(gold)}:
                check_gold(gold)
                facts: dict[str, Json] = {"kind": "published", "plan": "", "solution": solution}
                return Problem(prompt, gold, facts)
        raise DatasetError(f"a MATH-500 row needs the texts problem, solution and answer, this one has {sorted(row)}")

    def content(self, problem: Problem) -> str:
        """The kind and its numbers; published problems, their text."""
        numbers = problem.facts.get("numbers")
        return problem.prompt if numbers is None else f"{problem.facts['kind']} {numbers}"

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Judge the equations and inequalities of a step, with the variables that earlier steps defined."""
        earlier = [before for before in accepted if _VARIABLE.search(before)]
        return check_steps([*earlier[-_MAX_CARRIED:], step], _numbers_asked(task))[-1]

    def verify(self, task: Task, response: str) -> Verdict:
        """Score 1 if the final answer is the right one and worked out, whatever the steps before it."""
        steps = self.cut_steps(spoken(response)[:_MAX_CHECKED_LENGTH])[:_MAX_CHECKED_STEPS]
        checks = check_steps(steps, _numbers_asked(task))
        wrong = next((index for index, check in enumerate(checks) if check.ok is False), None)
        finding = "" if wrong is None else f"step {wrong + 1}: {checks[wrong].reason}"
        verdict = verify_math(response, task.gold, last_line=False)
        if verdict.score and not _is_worked_out(extract_answer(response) or "", task):
            return Verdict(0.0, "the answer is not worked out: compute it and write it as short as possible", wrong)
        if verdict.score:
            reason = f"{verdict.reason}, but {finding}" if finding else verdict.reason
            return Verdict(verdict.score, _short(reason), wrong)
        if extract_answer(response) is None:
            finding = finding or f"no final answer: end with {_BOX}...}}"
        return Verdict(0.0, _short(finding or verdict.reason), wrong)

    def gold_solution(self, task: Task) -> str:
        """The solution that was generated or published."""
        return str(task.facts["solution"])

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:
        """A step that states a final answer ends the episode."""
        del task, verdict
        return extract_answer(step) is not None

    def answer(self, response: str) -> str:
        """The stated answer in one spelling."""
        text = normalise((extract_answer(response) or "")[:_MAX_REASON])
        value = parse_number(text)
        return "".join(text.replace("dfrac", "frac").split()) if value is None else str(value)

    def feedback_on_wrong(self, task: Task, response: str) -> str:
        """What an episode with this wrong response ends with."""
        return self.verify(task, response).reason

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """A plausible wrong response: a slip that is carried on, or a result on the way as the answer."""
        for attempt in range(_ATTEMPTS):
            kind = KINDS.get(str(task.facts["kind"]))
            if kind is None:
                wrong = _other_answer(rng, task, attempt)
            else:
                mistake = rng.choice((_slip, _slip, _stop_early))
                wrong = mistake(rng, kind, tuple(cast("list[int]", task.facts["numbers"])))
            if self.verify(task, wrong).score == 0:
                return wrong
        raise RuntimeError(f"no wrong solution found for {task.id}")


def _is_worked_out(answer: str, task: Task) -> bool:
    """Whether an equal answer is a result, and its fractions are in lowest terms.

    Where the gold is a plain number, the answer is one too, perhaps with a unit and a label. Otherwise it has no more
    operations in it than the gold of a generated problem. Published expressions can be written in many ways: there it
    is not what the problem itself says, and no number that is left to be computed.
    """
    if _PLAIN_NUMBER.fullmatch(task.gold):
        return states_result(answer) and _is_reduced(answer) and not _is_the_fraction(answer, task)
    if "numbers" in task.facts:
        return _operations(answer) <= _operations(task.gold) and _is_reduced(answer)
    return not (_repeats(answer, task) or _leaves_work(answer, task.gold))


def _repeats(answer: str, task: Task) -> bool:
    """Whether an expression stands in the problem as it is, and the gold is written in another way."""
    said = _bare(answer)
    return (
        bool(_operations(answer))
        and not states_result(answer)
        and said != _bare(task.gold)
        and said in _bare(task.prompt)
    )


def _is_the_fraction(answer: str, task: Task) -> bool:
    """Whether it is the fraction that was to be written as a decimal."""
    is_fraction = "frac" in answer or "/" in answer
    return is_fraction and "decimal" in task.prompt.lower() and _bare(answer) in _bare(task.prompt)


def _leaves_work(answer: str, gold: str) -> bool:
    """Whether there is a function in the answer, or a root of a square, that the gold has done without."""
    functions, done = (set(_FUNCTION.findall(normalise(text))) for text in (answer, gold))
    if functions - done and not _VARIABLE.search(_COMMAND.sub(" ", gold)):
        return True
    mine, right = ({int(n) for n in _ROOT.findall(_bare(text))} for text in (answer, gold))
    return any(_has_square(n) for n in mine) and not any(_has_square(n) for n in right)


def _has_square(number: int) -> bool:
    return any(number % (root * root) == 0 for root in range(2, math.isqrt(min(number, _MAX_ROOT)) + 1))


def _bare(text: str) -> str:
    """Without spaces and what only sets it."""
    return "".join(_FORMATTING.sub(" ", normalise(text)).split()).replace("dfrac", "frac").replace("tfrac", "frac")


def _is_reduced(answer: str) -> bool:
    fractions = ([int(part) for part in found if part] for found in _FRACTION.findall(normalise(answer)))
    return all(math.gcd(*fraction) == 1 for fraction in fractions)


def _operations(text: str) -> int:
    text = _FORMATTING.sub(" ", normalise(text))
    whole = _IN_BRACKETS.fullmatch(text)
    text = whole[1] if whole else text
    return len(_OPERATION.findall(text)) + len(_BRACKETED_SUM.findall(text))


def _short(reason: str) -> str:
    return reason if len(reason) <= _MAX_REASON else f"{reason[: _MAX_REASON - 3]}..."


def _slip(rng: random.Random, kind: Kind, numbers: tuple[int, ...]) -> str:
    """Miss one result by a little and work on from there."""
    return kind.solution(numbers, rng.randrange(kind.results(numbers)), rng.choice(_SLIPS))


def _stop_early(rng: random.Random, kind: Kind, numbers: tuple[int, ...]) -> str:
    """Give the result of an earlier step as the answer."""
    *steps, _ = kind.solution(numbers).splitlines()
    kept = steps[: rng.randint(1, max(1, len(steps) - 1))]
    return "\n".join([*kept, f"{_BOX}{kept[-1].rpartition('= ')[2]}}}"])


def _other_answer(rng: random.Random, task: Task, attempt: int) -> str:
    """Another answer to a published problem: one digit changed, or a small number."""
    digits = [match.start() for match in re.finditer(r"[0-9]", task.gold)]
    if not digits or attempt >= _ATTEMPTS // 2:
        return f"{_BOX}{rng.randint(0, 99)}}}"
    place = rng.choice(digits)
    return f"{_BOX}{task.gold[:place]}{rng.choice('123456789')}{task.gold[place + 1 :]}}}"


def _numbers_asked(task: Task) -> int | None:
    """How many numbers the expression has that a question asks for; None where it asks for something else."""
    return len(_NUMBER.findall(task.prompt)) if task.facts["kind"] in _EXPRESSIONS else None
