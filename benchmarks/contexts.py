"""What a probe puts beside a problem: one function for each kind of help, true, false or empty."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agents.nano.teaching import TeachableFamily
from agents.placebo import filler
from agents.prompts import Blocks
from pmd_envs import Task


@dataclass(frozen=True)
class Case:
    """A held-out problem and what helps to write contexts for it."""

    family: TeachableFamily
    task: Task
    others: tuple[Task, ...]
    """Problems of other kinds, from the same environment."""
    own: Blocks
    """What the policy wrote about its own attempts at the problem; empty where that could not be read."""
    similar: Task | None = None
    """Another problem of the same kind."""

    @property
    def stranger(self) -> Task:
        """The first of the others."""
        return self.others[0]


def _plan(task: Task) -> str:
    return str(task.facts["plan"])


def _strategies(case: Case) -> Blocks:
    return Blocks(strategies=(_strategy(case.task),))


def _strategy(task: Task) -> str:
    return f"{str(task.facts['kind']).replace('_', ' ')}: {_plan(task)}"


def _lessons(case: Case) -> Blocks:
    return Blocks(lessons=(f"missed step: Do not guess. {_plan(case.task)}",))


def _behaviors(case: Case) -> Blocks:
    shown = [case.task, *case.others[:2]]
    random.Random(case.task.id).shuffle(shown)
    return Blocks(behaviors=tuple(f"behavior_{task.facts['kind']}: {_plan(task)}" for task in shown))


def _solution(case: Case) -> Blocks:
    return Blocks(solution=case.family.gold_solution(case.task))


def _feedback(case: Case) -> Blocks:
    wrong = case.family.wrong_solution(random.Random(case.task.id), case.task)
    return Blocks(feedback=case.family.feedback_on_wrong(case.task, wrong))


def _memory(case: Case) -> Blocks:
    return Blocks(_strategies(case).strategies, _lessons(case).lessons, _behaviors(case).behaviors)


def _everything(case: Case) -> Blocks:
    memory = _memory(case)
    return Blocks(memory.strategies, memory.lessons, memory.behaviors, _solution(case).solution)


def _shuffled(case: Case) -> Blocks:
    stranger = case.stranger
    return Blocks(
        (_strategy(stranger),),
        (f"missed step: Do not guess. {_plan(stranger)}",),
        tuple(f"behavior_{task.facts['kind']}: {_plan(task)}" for task in case.others[:3]),
    )


def _similar(case: Case) -> Blocks:
    if case.similar is None:
        return Blocks()
    return Blocks(solution=f"{case.similar.prompt}\n{case.family.gold_solution(case.similar)}")


def _own_and_solution(case: Case) -> Blocks:
    return Blocks(case.own.strategies, case.own.lessons, solution=_solution(case).solution)


OWN_INSIGHTS = "its own insights"
WRONG = "the answer is not correct"
"""What any environment could say of any failed attempt."""
CONTEXTS: Mapping[str, Callable[[Case], Blocks | None]] = {
    "a correct solution": _solution,
    "feedback on a wrong attempt": _feedback,
    "no more than that it was wrong": lambda _: Blocks(feedback=WRONG),
    "a scripted strategy": _strategies,
    "a scripted lesson": _lessons,
    "scripted behaviors, one relevant": _behaviors,
    "all three of these": _memory,
    "all three and the solution": _everything,
    OWN_INSIGHTS: lambda case: case.own,
    "its own insights and the solution": _own_and_solution,
    "a solved problem of its kind": _similar,
    "another problem's memory": _shuffled,
    "filler of the same length": lambda case: filler(_memory(case)),
    "another problem's solution": lambda case: Blocks(solution=case.family.gold_solution(case.stranger)),
}
"""Name to context. The last three know nothing of the problem and must not help."""
