"""Hostile answers, and the processes that compare expressions."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import pytest

from pmd_envs import VerifierError, verify_math
from pmd_envs.math import guard
from pmd_envs.math.parse import parse
from pmd_envs.math.syntax import Name, Number, apply

MEGABYTE = 10**6
CODE = "open('{path}','w').write('x')"
HOSTILE = [
    "{" * 5000 + "}" * 5000,
    "\\boxed{" * 2000,
    "\\boxed{" * 300 + "1" + "}" * 300,
    "(" * 400 + "1" + ")" * 400,
    "-" * 500 + "1",
    "1" + "/1" * 250,
    "1" + "^1" * 250,
    "9**9**9",
    "9^{9^{9^9}}",
    "factorial(10**6)",
    "(10^6)!",
    "((5!)!)!",
    "5" + "!" * 400,
    "\\binom{10^9}{5*10^8}",
    "x^{10^9}",
    "(x+1)^{10^6}",
    "(x+y+z+a+b+c)^{40}",
    "(x+y+z+a+b+c)^{20}(x-y)^{40}",
    "\\sin(9^{9^9})",
    "\\sin(10^{500})",
    "e^{e^{e^{e^{e}}}}",
    "\\sqrt{" * 100 + "2" + "}" * 100,
    "\\sqrt{" * 45 + "x" + "}" * 45,
    "\\frac" * 300,
    "\\frac{1}{" * 100 + "1" + "}" * 100,
    "x" * 900,
    "*".join(f"(x+{n})" for n in range(90)),
    "1e999999999",
    "10^{1000}!",
    "1/" + "3" * 900,
    "\\sqrt{" + "7" * 900 + "}",
    "(a|a)*b" * 60,
    "\\begin{pmatrix}" * 100,
    "|" * 300,
    "+".join(["\\pm 1"] * 100),
    "\\infty-\\infty",
    "0/0",
    "1/0",
    "0^0",
    "\\ln 0",
    "\\tan(\\pi/2)",
    "2^{1000000}",
    "1.0000000001^{1000000000}",
    "x^{x^{x^{x}}}",
    "\\sqrt[1000000]{2}",
    "\\sqrt[0]{2}",
    "\\log_1 5",
    "\\cos(" * 45 + "x" + ")" * 45,
    "\\sinh(\\sinh(\\sinh(10)))",
    "_" * 300,
    "1_" * 200,
    "lambda: 1",
    "{{7*7}}",
    "\x00",
    "\ud800",
    "1" * MEGABYTE,
    "a" * MEGABYTE,
    "<think>" * 10**5,
    "$" * MEGABYTE,
    "<answer>1</answer>" * 50000,
    "#### 1\n" * 10**5,
    "\\boxed{1}," * 10**5,
    " " * MEGABYTE + "1",
    "1," * 400,
    "1,234" * 200,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_hostile_answers_cost_little_and_gain_nothing(text: str):
    started = time.process_time()  # what a child process adds is limited to 0.8 seconds by its own timer
    for gold in ("42", "\\sin x"):
        assert verify_math(text, gold).score == 0
        assert verify_math(f"\\boxed{{{text}}}", gold).score == 0
    assert time.process_time() - started < 4  # four answers


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        f"\\boxed{{{CODE}}}",
        f"\\pi*0+{CODE}",
        f"[{CODE}]",
        "__import__('os').system('touch {path}')",
        "#### " + CODE,
        'eval("' + CODE + '")',
        "f'{{" + CODE + "}}'",
        "().__class__.__base__.__subclasses__()",
        "\\text{" + CODE + "}",
    ],
)
def test_code_is_never_run(text: str, tmp_path: Path):
    target = tmp_path / "pwned"
    for gold in ("42", "x + 1", "\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "\\sin x"):
        assert verify_math(text.replace("{path}", str(target)), gold).score == 0
    assert not target.exists()


def test_plain_numbers_start_no_process():
    code = (
        "import sys, pmd_envs; from pmd_envs.math import guard;"
        "pairs = [('1,234', '1234'), ('3/4', '0.75'), ('28%', '0.28'), ('x+1', '1+x'), ('\\\\sqrt{8}', '2\\\\sqrt2')];"
        "assert all(pmd_envs.verify_math(a, g).score == 1 for a, g in pairs);"
        "assert not guard._POOL.everyone and 'mpmath' not in sys.modules and 'sympy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent.parent)


def test_a_comparison_that_takes_too_long_is_ended_and_the_next_one_works(monkeypatch: pytest.MonkeyPatch):
    pool = guard._Pool()
    monkeypatch.setattr(guard, "_POOL", pool)
    monkeypatch.setattr(guard, "CPU_SECONDS", 0.05)
    slow = parse("10^{-1400} + " + "+".join(f"({n}.3)!" for n in range(20)))
    with pytest.raises(guard.TookTooLong):
        guard.compare_numerically(slow, apply("add", slow, Number(Fraction(1))))
    assert not pool.everyone
    assert guard.compare_numerically(parse("\\sin(2x)"), parse("2 \\sin x \\cos x")) is True
    pool.close()


def test_a_timeout_is_a_verdict_that_says_so(monkeypatch: pytest.MonkeyPatch):
    def take_too_long(left: object, right: object, allowance: object) -> bool:
        raise guard.TookTooLong

    monkeypatch.setattr("pmd_envs.math.compare.compare_numerically", take_too_long)
    verdict = verify_math("\\boxed{\\cos x}", "\\sin x")
    assert verdict.score == 0
    assert "took too long" in verdict.reason


def test_a_worker_that_cannot_start_raises(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(guard, "_POOL", guard._Pool())
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(VerifierError, match="cannot start a process"):
        verify_math("\\boxed{\\cos x}", "\\sin x")


def test_a_worker_that_somebody_kills_is_replaced():
    assert verify_math("\\boxed{\\cos x}", "\\sin x").score == 0
    for child in guard._POOL.everyone:
        os.kill(child.process.pid, signal.SIGKILL)
    assert verify_math("\\boxed{2 \\sin x \\cos x}", "\\sin 2x").score == 1


MIXED = [
    ("\\sin 2x", "2\\sin x\\cos x", 1),
    ("42", "42", 1),
    ("42", "43", 0),
    ("\\ln 6", "\\ln 2 + \\ln 3", 1),
    ("e^x", "e^{-x}", 0),
    ("1", "9^{9^9}", 0),
    ("\\sin x", "\\sinh(\\sinh(\\sinh(10)))", 0),
    ("(1,2)", "(1, 2)", 1),
    ("\\cos x", "(" * 400, 0),
]


def test_threads_agree_and_leave_no_process():
    jobs = MIXED * 20
    with ThreadPoolExecutor(8) as pool:
        scores = list(pool.map(lambda job: verify_math(f"\\boxed{{{job[1]}}}", job[0]).score, jobs))
    assert scores == [score for _, _, score in jobs]
    assert len(guard._POOL.everyone) <= guard.MAX_CHILDREN


def test_a_forked_process_has_its_own_workers_and_leaves_ours():
    code = """
import os, threading, pmd_envs
from pmd_envs.math import guard
ask = lambda: pmd_envs.verify_math("\\\\boxed{2 \\\\sin x \\\\cos x}", "\\\\sin 2x").score
assert ask() == 1
ours = {child.process.pid for child in guard._POOL.everyone}
pid = os.fork()
if pid == 0:
    fine = not guard._POOL.everyone and ask() == 1 and not ours & {c.process.pid for c in guard._POOL.everyone}
    guard._POOL.close()
    os._exit(0 if fine else 1)
assert os.waitpid(pid, 0)[1] == 0
assert ask() == 1 and {child.process.pid for child in guard._POOL.everyone} == ours
print(*ours)
"""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert run.stderr == ""
    assert all(not Path(f"/proc/{pid}").exists() for pid in run.stdout.split())


def test_workers_end_with_a_killed_parent():
    code = """
import os, sys, time, pmd_envs
from pmd_envs.math import guard
pmd_envs.verify_math("\\\\boxed{2 \\\\sin x \\\\cos x}", "\\\\sin 2x")
print(*[child.process.pid for child in guard._POOL.everyone], flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    for _ in range(600):
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]:
            return
        time.sleep(0.05)
    pytest.fail("the worker outlived its parent")


def test_threads_are_not_left_waiting_when_no_worker_starts(monkeypatch: pytest.MonkeyPatch):
    pool = guard._Pool()
    monkeypatch.setattr(guard, "_POOL", pool)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    errors: list[Exception] = []

    def ask() -> None:
        try:
            guard.compare_numerically(Name("x"), Name("y"))
        except VerifierError as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 12
    gc.collect()
