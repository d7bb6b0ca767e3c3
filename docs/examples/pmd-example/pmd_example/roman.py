"""Write a number in Roman numerals.

Write 14 in Roman numerals.

XIV
"""

import random
import re
from collections.abc import Sequence

from pmd_envs import Family, Problem, StepVerdict, Task, Verdict

_SIGNS = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"))
_SMALL = ((9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
_NUMERAL = re.compile(r"\s*([MDCLXVI]{1,15})\s*")


def roman(number: int) -> str:
    """A number of 1 to 3999 in Roman numerals."""
    written = ""
    for value, sign in (*_SIGNS, *_SMALL):
        written += sign * (number // value)
        number %= value
    return written


def verify_roman(response: str, gold: str) -> Verdict:
    """Whether a response is the numeral, and nothing else."""
    stated = _NUMERAL.fullmatch(response)
    if stated is None:
        return Verdict(0.0, "this is not a Roman numeral")
    return Verdict(1.0, "right") if stated[1] == gold else Verdict(0.0, f"{stated[1]} is another number")


class RomanNumerals(Family):
    """Write a number in Roman numerals."""

    name = "RomanNumerals"
    instructions = "Reply with the numeral alone, in capitals."
    difficulties = (1, 2, 3)
    max_turns = 3

    def generate(self, rng: random.Random, difficulty: int) -> Problem:
        """Draw a number of up to ``difficulty`` + 1 digits that no smaller level has many of."""
        number = rng.randrange(1, (50, 500, 4000)[difficulty - 1])
        return Problem(f"Write {number} in Roman numerals.", roman(number))

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:  # noqa: ARG002  each stands alone
        """A step is an answer."""
        verdict = verify_roman(step, task.gold)
        return StepVerdict(verdict.score == 1, verdict.reason)

    def verify(self, task: Task, response: str) -> Verdict:
        """The last line counts."""
        lines = self.split_steps(response)
        return verify_roman(lines[-1] if lines else "", task.gold)

    def gold_solution(self, task: Task) -> str:
        """The numeral."""
        return task.gold

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """The numeral of a number close by."""
        near = [roman(number) for number in range(1, 4000) if roman(number) != task.gold]
        return rng.choice(near)

    def is_final(self, task: Task, step: str, verdict: StepVerdict) -> bool:  # noqa: ARG002  the verdict says it
        """Only a right answer ends the episode before its turns are used up."""
        return verdict.ok is True

    def answer(self, response: str) -> str:
        """What the last line states."""
        lines = self.split_steps(response)
        return lines[-1] if lines else ""
