"""The smallest complete task family: sums of two numbers, with text that is hard on encodings.

What is 12 + 7? 🦊

12 + 7 = 19
#### 19
"""

import random
import re
from collections.abc import Sequence
from typing import ClassVar

from pmd_envs import Family, Problem, StepVerdict, Task, Verdict
from pmd_envs.datasets import Dataset
from pmd_envs.records import Json

NASTY = "🦊 \x00 \ud800 é"  # beyond the first plane, NUL, a lone surrogate
_SUM = re.compile(r"([0-9]{1,6}) \+ ([0-9]{1,6}) = ([0-9]{1,7})")
_ANSWER = re.compile(r"#### ([0-9]{1,7})")


class ToySums(Family):
    name: ClassVar[str] = "ToySums"
    instructions: ClassVar[str] = "End with a line such as: #### 19"
    difficulties: ClassVar[tuple[int, ...]] = (1, 2)
    max_turns: ClassVar[int] = 4
    dataset: ClassVar[Dataset | None] = Dataset(
        folder="toy", files={"train": ("train.jsonl",), "test": ("test.jsonl",)}
    )

    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        a, b = (rng.randrange(1, 10 ** (difficulty + 1)) for _ in range(2))
        return self.from_row({"a": a, "b": b, "ending": rng.choice(("", NASTY))})

    def from_row(self, row: dict[str, Json]) -> Problem:
        a, b = row["a"], row["b"]
        assert isinstance(a, int)
        assert isinstance(b, int)
        return Problem(f"What is {a} + {b}? {row.get('ending', '')}", str(a + b), {"a": a, "b": b})

    def content(self, problem: Problem) -> str:
        return f"{problem.facts['a']} + {problem.facts['b']}"

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        said = _SUM.fullmatch(step)
        if said:
            total = int(said[1]) + int(said[2])
            return StepVerdict(total == int(said[3]), f"{said[1]} + {said[2]} is {total}")
        answer = _ANSWER.fullmatch(step)
        if answer:
            return StepVerdict(answer[1] == task.gold, "the answer")
        return StepVerdict(None, "this is not a sum")

    def verify(self, task: Task, response: str) -> Verdict:
        answers = _ANSWER.findall(response)
        if not answers:
            return Verdict(0.0, "there is no answer")
        right = answers[-1] == task.gold
        return Verdict(float(right), "right" if right else "wrong")

    def gold_solution(self, task: Task) -> str:
        return f"{task.facts['a']} + {task.facts['b']} = {task.gold}\n#### {task.gold}"

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        wrong = int(task.gold) + rng.randrange(1, 9)
        return f"{task.facts['a']} + {task.facts['b']} = {wrong}\n#### {wrong}"

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:
        return _ANSWER.fullmatch(step) is not None
