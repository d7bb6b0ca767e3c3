r"""Verdicts on programs: whole test suites, and why one failed.

    >>> verify_code("def add(a, b):\n    return a - b", ["assert add(2, 0) == 2", "assert add(2, 1) == 3"]).reason
    'test 2 of 2 failed: add(2, 1) returned 1, expected 3'

Tests are statements with asserts, run in order in a trusted process that reaches the program only by calling it, or
pairs of standard input and expected output, each a run of its own. The program never sees an expected value.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pmd_envs.errors import ConfigError
from pmd_envs.records import Json, Verdict
from pmd_envs.sandbox.output import same_output
from pmd_envs.sandbox.pool import Limits, Sandbox, default_sandbox

CodeTest: TypeAlias = "str | tuple[str, str]"
MAX_REASON = 2000
MAX_PART = 450
HIDDEN = "a hidden test failed"


@dataclass(frozen=True)
class CodeResult:
    """What is known about a program after its tests."""

    passed: bool
    """All tests passed, public and hidden."""
    reason: str
    """The first failure in words, at most 2,000 characters; of hidden tests it tells nothing else."""
    failed: int | None = None
    """Index of the first test that failed, public ones first; None if none did or the program did not start."""
    public_passed: bool = False
    """The public tests passed; what failed was hidden."""
    weak: bool = False
    """The verdict rests on the program's word: its own methods compared its own objects, it changed what the tests look
    at again in a call that gave a result too, or the tests had to run beside it."""
    unsafe: tuple[str, ...] = ()
    """What the program could have reached because isolation was missing and the caller allowed it."""

    def verdict(self) -> Verdict:
        """The same as a score, with what weakens it in the reason."""
        notes = [f"unsafe: {' and '.join(self.unsafe)} not isolated"] if self.unsafe else []
        notes += ["weaker evidence: a part of it is the program's own word"] if self.weak else []
        reason = self.reason + (f" ({'; '.join(notes)})" if notes else "")
        return Verdict(float(self.passed), reason[-MAX_REASON:] if notes else reason)


def verify_code(
    program: str, tests: Sequence[CodeTest], entry_point: str | None = None, *, timeout_s: float = 5
) -> Verdict:
    """1 if a program passes all tests, else 0 and the first failing test as feedback.

    Args:
        program: Python source.
        tests: Statements with asserts, or pairs of standard input and expected output.
        entry_point: The function or class that the tests call; without it, the names that the tests do not
            define. A name of Python's own is among them only if there is no other.
        timeout_s: Seconds for all asserts together, or for each run of a script.
    """
    return check_code(program, tests, entry_point=entry_point, timeout_s=timeout_s).verdict()


def check_code(  # noqa: PLR0913  the last five are options
    program: str,
    tests: Sequence[CodeTest],
    hidden: Sequence[CodeTest] = (),
    *,
    entry_point: str | None = None,
    given: str = "",
    timeout_s: float = 5,
    tuples_pass: bool = False,
    sandbox: Sandbox | None = None,
) -> CodeResult:
    """As :func:`verify_code`, with hidden tests of which the reason tells nothing.

    What is ``given`` is source that runs before the program in its module, such as imports that it need not write.
    Where ``tuples_pass``, a test ``call == value`` also takes tuples for the lists of the value, at any depth: JSON,
    which the value comes from, has no tuples.

    Raises:
        ConfigError: No tests, a test that is no Python, tests of both kinds, or tests that use nothing of the program.
        VerifierError: The machinery broke or programs are not safe to run here.
    """
    everything = (*tests, *hidden)
    if not everything:
        raise ConfigError("a program without tests cannot be judged")
    if timeout_s <= 0:
        raise ConfigError(f"timeout_s is {timeout_s}: it has to be positive")
    box = sandbox or default_sandbox()
    # A second more of the processor than of the clock: a loop then ends by the clock, which is what the reason says.
    limits = Limits(cpu_seconds=math.ceil(timeout_s) + 1, wall_seconds=float(timeout_s))
    if not program.strip():
        report: dict[str, Json] = {"load": "the response contains no program"}
    elif all(isinstance(test, str) for test in everything):
        job: dict[str, object] = {"program": program, "given": given, "entry": entry_point, "public": len(tests)}
        job["tuples_pass"] = tuples_pass
        report = _run_asserts(box, {**job, "tests": [str(test) for test in everything]}, limits)
    elif all(isinstance(test, tuple) for test in everything):
        pairs = [test for test in everything if isinstance(test, tuple)]
        report = _run_scripts(box, {"kind": "script", "program": program, "given": given}, pairs, limits)
    else:
        raise ConfigError("tests are all statements or all pairs of input and output, not both")
    return _result(report, len(tests), len(everything), box.missing)


def _result(report: dict[str, Json], public: int, total: int, unsafe: tuple[str, ...]) -> CodeResult:
    """A report in words."""
    weak = report.get("weak") is True
    if "load" in report:
        return CodeResult(False, cut(str(report["load"])), unsafe=unsafe)
    if "failed" not in report:
        return CodeResult(False, cut(f"the program {report['failure']}"), unsafe=unsafe)
    failed = report["failed"]
    if not isinstance(failed, int):
        return CodeResult(True, f"all {total} tests pass" if total > 1 else "the test passes", None, True, weak, unsafe)
    if failed >= public:
        return CodeResult(False, HIDDEN, failed, True, weak, unsafe)
    where = f"test {failed + 1} of {public} failed: "
    return CodeResult(False, cut(where + str(report["failure"])), failed, False, weak, unsafe)


def cut(text: str, limit: int = MAX_REASON) -> str:
    """The beginning and the end of a long text."""
    if len(text) <= limit:
        return text
    return f"{text[: limit * 2 // 3 - 10]}\n...\n{text[-limit // 3 + 10 :]}"


def _run_asserts(box: Sandbox, job: dict[str, object], limits: Limits) -> dict[str, Json]:
    report = box.run({**job, "kind": "tests"}, limits)
    if "invalid" in report:
        raise ConfigError(f"a test is no Python: {report['invalid']}")
    if "aimless" in report:
        raise ConfigError("the tests use no name that a program could define: they would pass with any")
    return box.run({**job, "kind": "inside"}, limits) if report.get("unsplittable") else report


def _run_scripts(box: Sandbox, job: dict[str, object], tests: list[tuple[str, str]], limits: Limits) -> dict[str, Json]:
    """One run for each pair, up to the first failure."""
    for index, (given, expected) in enumerate(tests):
        report = box.run({**job, "stdin": given}, limits)
        failure, output = str(report["failure"]), str(report.get("output", ""))
        if not failure and same_output(output, expected):
            continue
        words = f"the program {failure}" if failure else f"output:\n{cut(output, MAX_PART)}"
        parts = f"input:\n{cut(given, MAX_PART)}\nexpected output:\n{cut(expected, MAX_PART)}\n"
        return {"failed": index, "failure": f"{parts}{words}" if failure else parts + words}
    return {"failed": None}
