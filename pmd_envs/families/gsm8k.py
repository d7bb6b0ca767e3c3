"""Grade-school word problems, one to ten steps long: GSM8K itself, or problems of the same kind of our own.

Example::

    Ada buys 3 boxes of 4 pens and gives 2 pens to a friend. How many pens does she have left?

    Pens in all: 3 * 4 = 12
    Pens left: 12 - 2 = 10
    #### 10

The verdict depends on the final number alone, compared exactly. Each step is judged by its own arithmetic,
so that a policy hears where it went wrong and not only that it did.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import ClassVar

from pmd_envs.datasets import Dataset
from pmd_envs.errors import DatasetError, VerifierError, unknown
from pmd_envs.family import Family
from pmd_envs.records import Json, Problem, StepVerdict, Task, Verdict
from pmd_envs.thoughts import spoken
from pmd_envs.verifiers.answers import PLAIN_ANSWER, extract_answer
from pmd_envs.verifiers.arithmetic import check_step_arithmetic, evaluate, strip_annotations
from pmd_envs.verifiers.final_numbers import read_final
from pmd_envs.verifiers.numbers import parse_number
from pmd_envs.word_problems import TEMPLATES, Drawn, Template

GSM8K_DATA = Dataset(
    folder="gsm8k",
    files={"train": ("train.jsonl",), "test": ("test.jsonl",)},
    hub_repo="openai/gsm8k",
    hub_revision="740312add88f781978c0658806c59bc2815b9866",
    hub_files={
        "train": ("main/train-00000-of-00001.parquet",),
        "test": ("main/test-00000-of-00001.parquet",),
    },
    checksums={
        "train.jsonl": "17f347dc51477c50d4efb83959dbb7c56297aba886e5544ee2aaed3024813465",
        "test.jsonl": "3730d312f6e3440559ace48831e51066acaca737f6eabec99bccb9e4b3c39d14",
        "main/train-00000-of-00001.parquet": "ea82612ea9582142387730c793eb67d3b12849002bc0b7fa6f8efafa7351419d",
        "main/test-00000-of-00001.parquet": "ee7b8da9e381df27b9e3f7758a159ab2bdaa4dbaa910546cbbc47e0cb44e4f59",
    },
)

_TEMPLATES = {template.name: template for template in TEMPLATES}
_KINDS = {
    difficulty: tuple(template.name for template in TEMPLATES if template.difficulty == difficulty)
    for difficulty in sorted({template.difficulty for template in TEMPLATES})
}
_MARK = "####"
_MAX_CHECKED_STEPS = 200
_MAX_CHECKED_LENGTH = 100_000
_MAX_REASON = 150
_MAX_QUOTED = 40
_ATTEMPTS = 60
_EQUATION = re.compile(r"(?<![\d.,/])(\$?\d+(?:\s*[-+*/x]\s*\$?\d+)+)\s*=\s*\$?(\d+)(?![\d.,%]*\d)")
_OTHER_SIGNS = {"+": "-*", "-": "+", "*": "+-", "x": "+-", "/": "*-"}
_RIGHT = Verdict(1.0, "the answer is correct")
_SLIPS = (-10, -2, -1, 1, 2, 10)
_Mistake = Callable[[random.Random, Sequence[str], Fraction], str | None]


class GSM8K(Family):
    """Word problems whose answer is one number."""

    name: ClassVar[str] = "GSM8K"
    instructions: ClassVar[str] = (
        "Solve the problem step by step. Write one step per line, each with its equation, such as 3 * 4 = 12. "
        "End with the line '#### <number>': the number alone, without a unit or percent sign."
    )
    difficulties: ClassVar[tuple[int, ...]] = tuple(_KINDS)
    added: ClassVar[tuple[int, ...]] = (6, 7, 8, 9, 10)
    max_turns: ClassVar[int] = 12
    dataset: ClassVar[Dataset | None] = GSM8K_DATA

    def kinds(self, difficulty: int) -> tuple[str, ...]:
        """The names of the templates with this many steps."""
        if difficulty not in self.difficulties:
            raise unknown("difficulty of GSM8K", difficulty, self.difficulties)
        return _KINDS[difficulty]

    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        """Draw a problem with ``difficulty`` steps, all kinds equally often."""
        template = _TEMPLATES[rng.choice(self.kinds(difficulty))]
        return _problem(template, template.draw(rng))

    def generate_kind(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """Draw a problem from one template."""
        template = _template(kind, self.kinds(difficulty))
        return _problem(template, template.draw(rng))

    def generate_wanted(
        self, rng: random.Random, difficulty: int, kinds: Sequence[str] | None, wanted: Callable[[str], bool]
    ) -> Problem | None:
        """Draw numbers, and words around them if the numbers are wanted."""
        template = _TEMPLATES[rng.choice(self.kinds(difficulty) if kinds is None else kinds)]
        numbers = template.draw_numbers(rng)
        if not wanted(_content(template.name, list(numbers.used))):
            return None
        return _problem(template, template.tell(rng, numbers))

    def from_row(self, row: dict[str, Json]) -> Problem:
        """A published row: ``question``, and ``answer`` which ends with ``#### <number>``."""
        question, answer = row.get("question"), row.get("answer")
        if not isinstance(question, str) or not isinstance(answer, str):
            raise DatasetError(f"a GSM8K row needs the texts 'question' and 'answer', this one has {sorted(row)}")
        gold = answer.rpartition(_MARK)[2].strip()
        if _MARK not in answer or parse_number(gold) is None:
            raise DatasetError(f"a GSM8K answer ends with '#### <number>', this one with {answer[-40:]!r}")
        facts: dict[str, Json] = {"kind": "gsm8k", "plan": "", "solution": strip_annotations(answer)}
        return Problem(question, gold, facts)

    def content(self, problem: Problem) -> str:
        """The template and its numbers; names and things do not make another problem."""
        numbers = problem.facts.get("numbers")
        return problem.prompt if numbers is None else _content(problem.facts["kind"], numbers)

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """Judge the arithmetic that the step itself states."""
        del task, accepted
        return check_step_arithmetic(step)

    def verify(self, task: Task, response: str) -> Verdict:
        """Score 1 if the final answer is the number, whatever the steps before it."""
        plain = PLAIN_ANSWER.fullmatch(response)
        if plain is not None:  # there is no step to check and nothing to work out, as in most episodes
            right = plain[1] == task.gold or int(plain[1]) == _gold_value(task)
            return _RIGHT if right else Verdict(0.0, f"the answer {_quoted(plain[1])} is not correct")
        wrong = self._first_wrong(task, response)
        step, finding = wrong if wrong is not None else (None, "")
        answer = extract_answer(response)
        if answer is None:
            return Verdict(0.0, _short(finding or f"no final answer: end with '{_MARK} <number>'"), step)
        stated = read_final(answer, task.prompt)
        value = stated.value
        # A quotient that comes out even is the last step of many problems, left to the reader.
        unfinished = value is not None and value.denominator == 1 and not stated.is_worked_out
        if value is not None and value == _gold_value(task) and not unfinished:
            return Verdict(1.0, _short(f"{_RIGHT.reason}, but {finding}"), step) if finding else _RIGHT
        quoted = _quoted(answer)
        if unfinished:
            return Verdict(0.0, _short(finding or f"the answer {quoted} is not worked out"), step)
        if value is None:
            return Verdict(0.0, _short(finding or f"the answer {quoted!r} is not one number"), step)
        return Verdict(0.0, _short(finding or f"the answer {quoted} is not correct"), step)

    def gold_solution(self, task: Task) -> str:
        """The solution that was generated or published, without calculator annotations."""
        return str(task.facts["solution"])

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:
        """A step that states a final answer ends the episode."""
        del task, verdict
        return extract_answer(step) is not None

    def answer(self, response: str) -> str:
        """The stated number, written plainly."""
        value = read_final(extract_answer(response) or "").value
        return "" if value is None else str(value)

    def feedback_on_wrong(self, task: Task, response: str) -> str:
        """What an episode with this wrong response ends with."""
        return self.verify(task, response).reason

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """A plausible wrong response: a wrong operation, a slip that is carried on, or a missing last step."""
        return self._go_wrong(rng, task, (_change_operation, _slip, _drop_last_step))

    def misreading(self, rng: random.Random, task: Task) -> str:
        """A wrong response whose sums are right: a wrong operation, or a missing last step."""
        return self._go_wrong(rng, task, (_change_operation, _drop_last_step))

    def _go_wrong(self, rng: random.Random, task: Task, mistakes: Sequence[_Mistake]) -> str:
        lines = [line for line in self.gold_solution(task).splitlines() if not line.startswith(_MARK)]
        gold = _gold_value(task)
        for attempt in range(_ATTEMPTS):
            mistake = rng.choice(mistakes)
            # Published solutions without plain equations only get another number at the end.
            wrong = mistake(rng, lines, gold) if attempt < _ATTEMPTS // 2 else None
            response = wrong or "\n".join([*lines, f"{_MARK} {_text(gold + rng.randint(1, 9))}"])
            if (wrong or attempt >= _ATTEMPTS // 2) and self.verify(task, response).score == 0:
                return response
        raise RuntimeError(f"no wrong solution found for {task.id}")

    def _first_wrong(self, task: Task, response: str) -> tuple[int, str] | None:
        steps = self.cut_steps(spoken(response)[:_MAX_CHECKED_LENGTH])[:_MAX_CHECKED_STEPS]
        for index, step in enumerate(steps):
            verdict = self.check_step(task, steps[:index], step)
            if verdict.ok is False:
                return index, f"step {index + 1}: {verdict.reason}"
        return None


def _content(kind: Json, numbers: Json) -> str:
    return f"{kind} {numbers}"


def _problem(template: Template, drawn: Drawn) -> Problem:
    facts: dict[str, Json] = {
        "kind": template.name,
        "plan": template.plan,
        "solution": drawn.solution,
        "numbers": list(drawn.numbers),
    }
    return Problem(drawn.prompt, str(drawn.answer), facts)


def _template(kind: str, known: Sequence[str]) -> Template:
    if kind not in known:
        raise unknown("kind of GSM8K problem at this difficulty", kind, known)
    return _TEMPLATES[kind]


def _gold_value(task: Task) -> Fraction:
    value = parse_number(task.gold)
    if value is None:
        raise VerifierError(f"the gold answer {task.gold!r} of {task.id} is not a number")
    return value


def _quoted(answer: str) -> str:
    return answer if len(answer) <= _MAX_QUOTED else f"{answer[:_MAX_QUOTED]}..."


def _short(reason: str) -> str:
    return reason if len(reason) <= _MAX_REASON else f"{reason[: _MAX_REASON - 3]}..."


def _text(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"


def _change_operation(rng: random.Random, lines: Sequence[str], gold: Fraction) -> str | None:
    """Put another sign into one equation and work on from its result."""
    chosen = _choose_equation(rng, lines)
    if chosen is None:
        return None
    match = _EQUATION.search(lines[chosen])
    assert match is not None
    expression = match[1]
    sign = rng.choice(list(re.finditer(r"[-+*/x]", expression)))
    other = rng.choice(_OTHER_SIGNS[sign[0]])
    return _work_out(lines, gold, chosen, f"{expression[: sign.start()]}{other}{expression[sign.end() :]}", 0)


def _slip(rng: random.Random, lines: Sequence[str], gold: Fraction) -> str | None:
    """Miss the result of one equation by a little and work on from there."""
    chosen = _choose_equation(rng, lines)
    return None if chosen is None else _work_out(lines, gold, chosen, None, rng.choice(_SLIPS))


def _drop_last_step(rng: random.Random, lines: Sequence[str], gold: Fraction) -> str | None:
    """Stop one step early and give the result so far."""
    del rng, gold
    equations = [(index, match[2]) for index, line in enumerate(lines) if (match := _EQUATION.search(line))]
    if len(equations) < 2:
        return None
    (_, result), (last, _) = equations[-2:]
    return "\n".join([*lines[:last], f"{_MARK} {result}"])


def _choose_equation(rng: random.Random, lines: Sequence[str]) -> int | None:
    candidates = [index for index, line in enumerate(lines) if _EQUATION.search(line)]
    return rng.choice(candidates) if candidates else None


def _work_out(lines: Sequence[str], gold: Fraction, chosen: int, expression: str | None, slip: int) -> str | None:
    """Redo a solution with a mistake in line ``chosen``; ``None`` if it leaves the whole numbers."""
    changed: dict[str, str] = {}
    written: list[str] = []
    for index, line in enumerate(lines):
        match = _EQUATION.search(line)
        if match is None:
            written.append(line)
            continue
        left = expression if index == chosen and expression is not None else _carry(match[1], changed)
        value = evaluate(left)
        if value is None or value.denominator != 1:
            return None
        reached = int(value) + (slip if index == chosen else 0)
        if reached < 0:
            return None
        result = str(reached)
        if result != match[2]:
            changed[match[2]] = result
        middle, rest = line[match.end(1) : match.start(2)], line[match.end(2) :]
        written.append(f"{line[: match.start(1)]}{left}{middle}{result}{rest}")
    final = changed.get(_text(gold))
    return None if final is None else "\n".join([*written, f"{_MARK} {final}"])


def _carry(expression: str, changed: Mapping[str, str]) -> str:
    """Put changed results in place of the old ones, each once: an equal number may be another thing."""
    left = dict(changed)
    return re.sub(r"\d+", lambda number: left.pop(number[0], number[0]), expression)
