"""Say what a call of a given Python function returns: CRUXEval itself, or functions of our own in its form.

    def f(n):
        return n * 3 + 2
    What does f(4) return?

    #### 14

The answer is read as a Python literal, never run, and compared by value with exact types: 1 is neither True nor 1.0.
"""

import json
import random
import re
from collections.abc import Sequence

from pmd_envs.datasets import Dataset
from pmd_envs.errors import DatasetError
from pmd_envs.families.code_family import texts_of
from pmd_envs.families.code_making import DrawnFunction
from pmd_envs.families.function_family import FunctionFamily
from pmd_envs.families.literal_slips import slips
from pmd_envs.functions import CATALOGUE
from pmd_envs.functions.trusted import answer as outcome_of
from pmd_envs.records import Json, Problem, StepVerdict, Task, Verdict
from pmd_envs.sandbox.values import decode, encode, same, show
from pmd_envs.verifiers.answers import FENCE, without_mark
from pmd_envs.verifiers.literals import MAX_LITERAL, read_literal

CRUXEVAL_DATA = Dataset(
    folder="cruxeval",
    files={"test": ("cruxeval.jsonl",)},
    hub_repo="cruxeval-org/cruxeval",
    hub_revision="b96af0450242eb4da433032b90998f25588a5d0f",
    hub_files={"test": ("test.jsonl",)},
    # The same file under two names.
    checksums=dict.fromkeys(
        ("cruxeval.jsonl", "test.jsonl"), "8368b81047dc5014e4caf5a2f97604eff7644e0ecd7415e3ceeb184bbc2e0c96"
    ),
)

_MARK = "####"
_PLAN = "Go through the program line by line with the given input, note each variable, and read off what it returns."
_MAX_QUOTED = 60
_MAX_STEPS = 64
_EMPHASIS = " \t\r\n*$`"  # no literal begins or ends with these
_DRAWS = 200


class CRUXEval(FunctionFamily):
    """Predict what a function returns."""

    name = "CRUXEval"
    instructions = (
        "Work out what the call returns, one step per line. End with the line '#### <value>', where the value is "
        "written as a Python literal, strings in quotes."
    )
    max_turns = 12
    dataset = CRUXEVAL_DATA

    def made_of(self, rng: random.Random, drawn: DrawnFunction) -> Problem:
        """A call with the arguments of one of its tests."""
        test = rng.choice((*drawn.public, *drawn.hidden))
        code = re.sub(r"\bsolve\b", "f", drawn.program)
        facts = {**drawn.facts([], []), "plan": f"Go through the program with the input. {drawn.kind.plan}"}
        arguments = ", ".join(show(arg, MAX_LITERAL) for arg in test.args)
        facts["arguments"] = list(test.args)
        return _problem(code, arguments, show(test.expected, MAX_LITERAL), facts)

    def from_row(self, row: dict[str, Json]) -> Problem:
        """A published row: ``code``, ``input`` and ``output``."""
        code, arguments, output = texts_of(row, "CRUXEval", "code", "input", "output")
        try:
            read_literal(output)
        except ValueError as error:
            raise DatasetError(f"the output of a CRUXEval row is not plain: {output[:40]!r}") from error
        return _problem(code, arguments, output, {"kind": "cruxeval", "plan": _PLAN})

    def cut_steps(self, text: str) -> tuple[str, ...]:
        """Lines; a mark alone and the value in the line after it are one."""
        steps: list[str] = []
        marked = False
        for line in super().cut_steps(text):
            if marked and FENCE.fullmatch(line):
                continue
            if marked and _stated(line) is None:
                steps[-1] = f"{steps[-1]} {line}"
                marked = False
            else:
                steps.append(line)
                marked = _stated(line) == ""
        return tuple(steps)

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:  # noqa: ARG002
        """Judge the answer; what comes before it cannot be checked."""
        stated = _stated(step)
        if not stated:
            return StepVerdict(None, "this line states no value")
        failure = _failure(task, stated)
        return StepVerdict(not failure, failure or "the value is correct")

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:  # noqa: ARG002
        """A line that states a value ends the episode."""
        return bool(_stated(step))

    def verify(self, task: Task, response: str) -> Verdict:
        """Compare the last value that the response states."""
        stated = self._final(response)
        steps = self.split_steps(response)[:_MAX_STEPS]
        wrong = next((index for index, step in enumerate(steps) if self.check_step(task, (), step).ok is False), None)
        if stated is None:
            return Verdict(0.0, f"no final answer: end with '{_MARK} <value>'", wrong)
        failure = _failure(task, stated)
        return Verdict(0.0, failure, wrong) if failure else Verdict(1.0, "the value is correct", wrong)

    def _final(self, response: str) -> str | None:
        """What the last marked line states; different values in marked lines that follow each other are no value."""
        values: list[str] = []
        for step in reversed(self.split_steps(response)):
            stated = _stated(step)
            if not stated and values:
                break
            if stated:
                values.append(stated)
        if len(set(values)) > 1:  # "1." and "1" are the same value with and without a full stop
            values = list(dict.fromkeys(map(_without_stop, values)))
        return "\n".join(dict.fromkeys(values)) if values else None

    def gold_solution(self, task: Task) -> str:
        """The value alone: published rows show no way to it."""
        return f"{_MARK} {task.gold}"

    def answer(self, response: str) -> str:
        """The stated value in one spelling."""
        stated = self._final(response)
        try:
            return json.dumps(read_literal(_without_stop(stated))) if stated is not None else ""
        except ValueError:
            return ""

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """What a mistaken program of the same kind would return, or the value with a slip in it."""
        gold, wrong = read_literal(task.gold), _mistaken(task)
        for _ in range(_DRAWS):
            value = rng.choice(wrong) if wrong and rng.random() < 0.5 else encode(rng.choice(slips(decode(gold))))
            if not same(value, gold):
                return f"{_MARK} {show(value, MAX_LITERAL)}"
        raise RuntimeError(f"no wrong value found for {task.id}")

    def feedback_on_wrong(self, task: Task, response: str) -> str:
        """What an episode with this wrong response ends with."""
        return self.verify(task, response).reason


def _problem(code: str, arguments: str, output: str, facts: dict[str, Json]) -> Problem:
    return Problem(f"{code}\nWhat does f({arguments}) return?", output, facts)


def _stated(step: str) -> str | None:
    """What stands behind the mark, if the line begins with it and is no heading, without emphasis."""
    line = step.strip(_EMPHASIS)
    marked = without_mark(line)
    return None if marked is None else marked.strip(_EMPHASIS)


def _without_stop(stated: str) -> str:
    return stated.rstrip(".").strip(_EMPHASIS)


def _failure(task: Task, stated: str) -> str:
    """Why a stated value is not the right one; empty if it is."""
    quoted = stated if len(stated) <= _MAX_QUOTED else f"{stated[:_MAX_QUOTED]}..."
    values = _values(stated)
    if not values:
        return f"the answer {quoted} is not a value that Python can read"
    gold = read_literal(task.gold)
    return "" if any(same(value, gold) for value in values) else f"the call does not return {quoted}"


def _values(stated: str) -> list[Json]:
    """What a stated value may be: the point behind ``1.`` belongs to the number, or ends the sentence."""
    values = []
    for text in dict.fromkeys((stated, _without_stop(stated))):
        try:
            values.append(read_literal(text))
        except ValueError:
            continue
    return values


def _mistaken(task: Task) -> list[Json]:
    """What the wrong programs of the catalogue return, for a call of a function from there."""
    parameters, arguments = task.facts.get("parameters"), task.facts.get("arguments")
    kind = CATALOGUE.get(str(task.facts["kind"]))
    if kind is None or not isinstance(parameters, list) or not isinstance(arguments, list):
        return []
    values = tuple(value for value in parameters if isinstance(value, (int, str)))
    outcomes = [outcome_of(kind, values, body, tuple(map(decode, arguments))) for body in kind.wrong]
    return [outcome.value for outcome in outcomes if not outcome.error]
