#!/usr/bin/env python3
"""verify_math from many threads and processes at once, with a hostile answer every tenth call.

    python benchmarks/soak.py --seconds 60 --threads 8 --processes 4
    python benchmarks/soak.py --json > soak.json

The threads run in this process, and each further process runs one. Every verdict is compared with the known one;
at the end no process may be left over, and memory may not have grown since the first third. The last line is the
verdict.

Exit status: 0 clean, 1 not clean, 2 a mistake, 130 stopped with Ctrl-C.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from pmd_envs import verify_math
from pmd_envs.command_line import as_command
from pmd_envs.completion import script_parser
from pmd_envs.math import guard

ROOT = Path(__file__).resolve().parents[1]
_GROWTH = 16 * 2**20
"""Bytes that a process may grow by between a third of its time and the end: caches and arenas, but no leak."""
_EVERY = 10
_KEPT = 5
_PAIRS = (
    ("\\sin 2x", "2 \\sin x \\cos x", 1), ("\\sin 2x", "2 \\sin x", 0), ("\\ln 6", "\\ln 2 + \\ln 3", 1),
    ("1-\\frac{1}{e}", "1+\\frac{1}{e}", 0), ("\\sqrt[3]{2}", "2^{1/3}", 1), ("e^{2x}", "(e^x)^2", 1),
    ("(1,3)", "1<x<3", 1), ("(1,3)", "[1,3]", 0), ("1,-2", "-2 \\text{ and } 1", 1), ("3", "3 or 4", 0),
    ("\\frac{\\sqrt{3}}{3}", "1/\\sqrt{3}", 1), ("(a+5)(b+2)", "ab+10", 0), ("101_2", "101_3", 0), ("28\\%", "0.28", 1),
)  # fmt: skip
_HOSTILE = (
    "9^{9^{9^9}}", "(10^6)!", "(x+y+z+a+b+c)^{40}", "\\sin(9^{9^9})", "e^{e^{e^{e^{e}}}}", "1.0000000001^{1000000000}",
    "\\sinh(\\sinh(\\sinh(10)))", "x^{x^{x^{x}}}", "\\sqrt{" * 45 + "x" + "}" * 45, "{" * 5000, "(a|a)*b" * 60,
    "__import__('os').system('true')", "1" * 10**5, "\\cos(" * 45 + "x" + ")" * 45, "\x00", "\\frac" * 300,
)  # fmt: skip


@dataclass
class Findings:
    """What one process saw."""

    calls: int = 0
    hostile: int = 0
    slowest: float = 0.0
    """Seconds of the slowest call, by the clock."""
    grown: int = 0
    """Bytes that memory grew by after the first third."""
    wrong: list[str] = field(default_factory=list)
    """The first verdicts that were not the known ones, and exceptions."""
    children: list[int] = field(default_factory=list)
    """Processes that compared expressions at the end."""


def run_threads(seconds: float, threads: int, seed: int) -> Findings:
    """Verify in this process until the time is over."""
    findings, lock = Findings(), threading.Lock()
    end = time.monotonic() + seconds
    workers = [threading.Thread(target=_verify, args=(findings, lock, end, seed * 1000 + at)) for at in range(threads)]
    for worker in workers:
        worker.start()
    time.sleep(seconds / 3)
    early = _memory()
    for worker in workers:
        worker.join()
    findings.grown = max(0, _memory() - early)
    findings.children = [pid for pid in _children() if _compares(pid)]
    return findings


def _verify(findings: Findings, lock: threading.Lock, end: float, seed: int) -> None:
    rng = random.Random(f"soak/{seed}")
    calls = 0
    while time.monotonic() < end:
        calls += 1
        gold, answer, score = _hostile(rng) if calls % _EVERY == 0 else _known(rng)
        started = time.monotonic()
        try:
            verdict = verify_math(f"So it is $\\boxed{{{answer}}}$.", gold)
            problem = (
                "" if verdict.score == score else f"{answer[:60]!r} for {gold!r}: {verdict.score}, {verdict.reason}"
            )
        except Exception as error:  # noqa: BLE001  whatever is raised is a finding
            problem = f"{answer[:60]!r} for {gold!r}: {error!r}"
        with lock:
            findings.calls += 1
            findings.hostile += calls % _EVERY == 0
            findings.slowest = max(findings.slowest, time.monotonic() - started)
            if problem and len(findings.wrong) < _KEPT:
                findings.wrong.append(problem)


def _known(rng: random.Random) -> tuple[str, str, int]:
    """A gold answer, an answer and whether they are equal."""
    if rng.random() < 0.5:
        return rng.choice(_PAIRS)
    value, off = rng.randint(-500, 500), rng.choice((0, 0, 1, -1))
    return (
        f"{value}",
        rng.choice((f"{value + off}", f"{value + off}.0", f"\\frac{{{2 * (value + off)}}}{{2}}")),
        int(not off),
    )


def _hostile(rng: random.Random) -> tuple[str, str, int]:
    return rng.choice(("42", "\\sin 2x", "x^2")), rng.choice(_HOSTILE), 0


def _memory() -> int:
    """Bytes of this process that are in memory."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _children() -> list[int]:
    """The child processes of this process, also those that have ended and were not waited for."""
    tasks = Path("/proc/self/task").glob("*/children")
    return sorted({int(pid) for task in tasks for pid in task.read_text(encoding="ascii").split()})


def soak(seconds: float, threads: int, processes: int) -> tuple[list[Findings], list[str]]:
    """Run everything at once.

    Returns:
        What each process saw, this one first, and what is wrong, in words; empty if nothing is.
    """
    before = _children()
    command = [sys.executable, str(Path(__file__)), "--seconds", str(seconds), "--threads", "1", "--processes", "0"]
    others = [
        subprocess.Popen([*command, "--report", str(at + 1)], stdout=subprocess.PIPE, text=True)
        for at in range(processes)
    ]
    all_findings = [run_threads(seconds, threads, 0)]
    for other in others:
        report = other.communicate()[0]
        if other.returncode:
            return all_findings, [f"a process ended with status {other.returncode}"]
        all_findings.append(Findings(**json.loads(report)))
    return all_findings, [*_problems(all_findings), *_left_over(before, all_findings[1:])]


def _print(all_findings: list[Findings]) -> None:
    for name, findings in zip(("this process", *["another"] * len(all_findings)), all_findings, strict=False):
        sys.stdout.write(
            f"{name}: {findings.calls} calls, {findings.hostile} of them hostile, slowest {findings.slowest:.2f} s, "
            f"grown by {findings.grown / 2**20:.1f} MiB, {len(findings.children)} children\n"
        )


def _problems(all_findings: list[Findings]) -> list[str]:
    problems = [f"wrong: {problem}" for findings in all_findings for problem in findings.wrong]
    for findings in all_findings:
        if not findings.hostile:
            problems.append(f"only {findings.calls} calls were made, none of them hostile")
        if findings.grown > _GROWTH:
            problems.append(f"memory grew by {findings.grown / 2**20:.1f} MiB")
        if len(findings.children) > guard.MAX_CHILDREN:
            problems.append(f"{len(findings.children)} child processes are kept, more than {guard.MAX_CHILDREN}")
    return problems


def _left_over(before: list[int], others: list[Findings]) -> list[str]:
    """Processes that outlived those that started them, or that closing the pool leaves behind."""
    guard.close()
    mine = sorted(set(_children()) - set(before))
    orphans = [pid for findings in others for pid in findings.children if _runs(pid)]
    return [f"processes are left over: {pids}" for pids in (mine, orphans) if pids]


def _runs(pid: int) -> bool:
    """Whether a comparing process still runs under this id; a moment is allowed for its end."""
    for _ in range(50):
        if not _compares(pid):
            return False
        time.sleep(0.1)
    return True


def _compares(pid: int) -> bool:
    """Whether this is a process for comparing expressions, and not a number that another one has now."""
    try:
        return b"numeric.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return False


@as_command
def main() -> int:
    """Run, print and judge; 1 if anything was wrong."""
    parser = script_parser(__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long (default 60)")
    parser.add_argument("--threads", type=int, default=8, help="threads in this process (default 8)")
    parser.add_argument("--processes", type=int, default=4, help="further processes (default 4)")
    parser.add_argument("--json", action="store_true", help="print the findings of every process as JSON")
    parser.add_argument("--report", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.report is not None:
        sys.stdout.write(json.dumps(asdict(run_threads(options.seconds, options.threads, options.report))))
        return 0
    all_findings, problems = soak(options.seconds, options.threads, options.processes)
    if options.json:
        found = {"clean": not problems, "problems": problems, "processes": [asdict(one) for one in all_findings]}
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return int(bool(problems))
    _print(all_findings)
    for problem in problems:
        sys.stdout.write(f"  {problem}\n")
    sys.stdout.write("not clean\n" if problems else "clean: no wrong verdict, no process left over, flat memory\n")
    return int(bool(problems))


if __name__ == "__main__":
    raise SystemExit(main())
