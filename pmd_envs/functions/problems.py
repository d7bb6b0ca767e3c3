"""Tests for a function: drawn so that every listed mistake fails at least one of them."""

import random
from dataclasses import dataclass
from functools import cached_property

from pmd_envs.functions.kind import Arguments, FunctionKind, Parameter
from pmd_envs.functions.trusted import answer
from pmd_envs.records import Json
from pmd_envs.sandbox.values import encode, form, show

PUBLIC, HIDDEN, CANDIDATES, ATTEMPTS = 2, 8, 12, 60


@dataclass(frozen=True)
class Test:
    """One call and what it should return, both as tagged JSON."""

    args: tuple[Json, ...]
    expected: Json

    @cached_property
    def form(self) -> str | None:
        """The expected value's :func:`~pmd_envs.sandbox.canonical.form`."""
        return form(self.expected)

    def call(self) -> str:
        """The call as a person would type it."""
        return f"solve({', '.join(show(arg, 100) for arg in self.args)})"

    def as_json(self) -> Json:
        """The test as it is stored with its task."""
        return [list(self.args), self.expected]


@dataclass(frozen=True)
class _Candidate:
    test: Test
    caught: frozenset[int]
    """Which of the kind's wrong bodies fail it."""


class AlikeError(RuntimeError):
    """With these parameters a wrong program of the kind can hardly be told from the right one."""


def draw_tests(rng: random.Random, kind: FunctionKind, values: tuple[Parameter, ...]) -> tuple[list[Test], list[Test]]:
    """Public and hidden tests of one problem.

    Raises:
        AlikeError: No tests were found that catch all wrong programs.
    """
    edges = [_candidate(kind, values, args) for args in kind.inputs.edges]
    for _ in range(ATTEMPTS):
        typical = _typical(rng, kind, values, [edge.test.args for edge in edges])
        public = _choose_public(typical)
        hidden = [*edges, *(candidate for candidate in typical if candidate not in public)][:HIDDEN]
        caught = frozenset[int]().union(*(candidate.caught for candidate in (*public, *hidden)))
        if len(caught) == len(kind.wrong):
            return [candidate.test for candidate in public], [candidate.test for candidate in hidden]
    raise AlikeError(f"the tests of {kind.name}{values} never catch all wrong programs")


def _typical(
    rng: random.Random, kind: FunctionKind, values: tuple[Parameter, ...], known: list[tuple[Json, ...]]
) -> list[_Candidate]:
    """Candidates with different arguments."""
    found: list[_Candidate] = []
    seen = list(known)
    for _ in range(3 * CANDIDATES):
        candidate = _candidate(kind, values, kind.inputs.draw(rng, values))
        if candidate.test.args not in seen and len(found) < CANDIDATES:
            seen.append(candidate.test.args)
            found.append(candidate)
    return found


def _candidate(kind: FunctionKind, values: tuple[Parameter, ...], args: Arguments) -> _Candidate:
    expected = answer(kind, values, kind.body, args)
    if expected.error:
        raise RuntimeError(f"the reference program of {kind.name}{values} fails on {args}: {expected.error}")
    test = Test(tuple(encode(arg) for arg in args), expected.value)
    outcomes = [answer(kind, values, body, args) for body in kind.wrong]
    caught = (i for i, got in enumerate(outcomes) if got.error or got.form is None or got.form != test.form)
    return _Candidate(test, frozenset(caught))


def _choose_public(candidates: list[_Candidate]) -> list[_Candidate]:
    """The examples of the prompt: those that show most mistakes, with different answers if possible."""
    chosen: list[_Candidate] = []
    for _ in range(PUBLIC):
        caught = frozenset[int]().union(*(candidate.caught for candidate in chosen))
        answers = [candidate.test.expected for candidate in chosen]
        left = [candidate for candidate in candidates if candidate not in chosen]
        chosen.append(max(left, key=lambda c: (len(c.caught - caught), c.test.expected not in answers)))
    return chosen
