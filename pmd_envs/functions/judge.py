"""From what a program returned to what is said about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pmd_envs.functions.problems import Test
from pmd_envs.sandbox.runner import Outcome, RunResult
from pmd_envs.sandbox.values import show

MAX_REASON = 159


@dataclass(frozen=True)
class Judgement:
    """How a program did on the public and on the hidden tests."""

    public_failure: str
    """The first failure on a public test in words, empty when they pass."""
    passed: bool
    """Every test, public and hidden, passed and the run came to its end."""


def judge(result: RunResult, public: Sequence[Test], hidden: Sequence[Test]) -> Judgement:
    """Compare the values of a run with the expected ones. Tests without a value count as failed."""
    failure = "" if result.loaded else result.failure
    for index, test in enumerate(public):
        if not failure:
            answered = index < len(result.outcomes)
            problem = _problem(result.outcomes[index], test) if answered else result.failure
            failure = f"{test.call()} {problem}" if problem else ""
    passed = result.complete and not failure
    passed = passed and len(result.outcomes) == len(public) + len(hidden)
    passed = passed and not any(map(_problem, result.outcomes[len(public) :], hidden))
    return Judgement(failure[:MAX_REASON], passed)


def _problem(outcome: Outcome, test: Test) -> str:
    """What is wrong with one outcome; empty when it is the expected value."""
    if outcome.error:
        return f"raised {outcome.error}"
    if outcome.form is not None and outcome.form == test.form:
        return ""
    return f"returned {show(outcome.value, 40)}, expected {show(test.expected, 40)}"
