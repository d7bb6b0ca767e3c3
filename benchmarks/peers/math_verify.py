#!/usr/bin/env python3
r"""Our math verdicts beside those of Hugging Face's Math-Verify: answers a second, and where the verdicts differ.

Run from the checkout, in an environment that also has ``pip install "math-verify[antlr4_13_2]"``::

    PMD_DATA_DIR=... python benchmarks/peers/math_verify.py
    PMD_DATA_DIR=... python benchmarks/peers/math_verify.py --json > math_verify.json

Three sets of pairs: plain numbers, the 500 answers of MATH-500 as whole gold solutions and corrupted (with
PMD_DATA_DIR), and the pairs of our own tests. Both graders judge every pair once, by turns, in one process.

Exit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.
"""

import gc
import importlib
import importlib.util
import json
import os
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])  # this file would shadow the package that has its name

from benchmarks.measurement import json_option, measuring
from pmd_envs.command_line import as_command
from pmd_envs.completion import script_parser

ROOT = Path(__file__).resolve().parents[2]
_PLAIN_PAIRS = 1000
_MAX_LISTED = 60
_CHUNK = 100


@dataclass(frozen=True)
class Pair:
    """A gold answer and a response, with the verdict that is right if the set says so."""

    gold: str
    response: str
    equal: bool


@dataclass(frozen=True)
class Difference:
    """A pair that the two graders do not agree about."""

    gold: str
    response: str
    equal: bool
    """As labelled."""
    ours: bool
    reason: str
    """Of our verdict."""


@dataclass(frozen=True)
class Comparison:
    """What the graders made of a set of pairs."""

    pairs: int
    answers_per_second: dict[str, float]
    """By grader, as the next."""
    as_labelled: dict[str, int]
    ratio: float
    differences: tuple[Difference, ...]


@dataclass
class Grader:
    """A way to judge pairs, and the time it has used."""

    name: str
    judge: Callable[[Pair], bool]
    seconds: float = 0.0


@as_command
def main() -> int:
    """Measure and print; 2 if Math-Verify is not installed."""
    parser = script_parser(__doc__)
    json_option(parser)
    options = parser.parse_args()
    if importlib.util.find_spec("math_verify") is None:
        sys.stderr.write('error: the peer is missing: pip install "math-verify[antlr4_13_2]"\n')
        return 2
    with measuring(options.json) as found:
        for name, pairs in _sets().items():
            comparison = _compare(pairs)
            found[name] = asdict(comparison)
            sys.stdout.write(_report(name, comparison))
    return 0


def _ours() -> Grader:
    verify_math = importlib.import_module("pmd_envs").verify_math
    return Grader("pmd_envs", lambda pair: verify_math(pair.response, pair.gold).score == 1)


def _theirs() -> Grader:
    theirs = importlib.import_module("math_verify")

    def judge(pair: Pair) -> bool:
        gold = theirs.parse(f"\\boxed{{{pair.gold}}}")
        return bool(theirs.verify(gold, theirs.parse(pair.response)))

    return Grader("math-verify", judge)


def _compare(pairs: Sequence[Pair]) -> Comparison:
    graders = ours, theirs = _ours(), _theirs()
    for grader in graders:  # grammars and processes start here and not in the measurement
        grader.judge(Pair("\\sin 2x", "\\boxed{2 \\sin x \\cos x}", True))
    verdicts = _judge(pairs, graders)
    judged = list(zip(pairs, verdicts, strict=True))
    return Comparison(
        len(pairs),
        {grader.name: len(pairs) / grader.seconds for grader in graders},
        {grader.name: sum(verdict[grader.name] == pair.equal for pair, verdict in judged) for grader in graders},
        theirs.seconds / ours.seconds,
        tuple(
            _difference(pair, verdict[ours.name])
            for pair, verdict in judged
            if verdict[ours.name] != verdict[theirs.name]
        ),
    )


def _report(name: str, found: Comparison) -> str:
    lines = [f"\n{name}: {found.pairs} pairs"]
    for grader, rate in found.answers_per_second.items():
        right = found.as_labelled[grader]
        lines.append(f"  {grader:12} {rate:10.0f} answers/s   {right}/{found.pairs} as labelled")
    lines.append(f"  ratio        {found.ratio:10.1f}")
    lines.append(f"  {len(found.differences)} verdicts differ")
    for one in found.differences[:_MAX_LISTED]:
        label, verdict = ("equal" if value else "not equal" for value in (one.equal, one.ours))
        lines.append(f"    gold {one.gold!r} ({label}), ours says {verdict}: {one.response[-60:]!r}: {one.reason}")
    return "\n".join(lines) + "\n"


def _judge(pairs: Sequence[Pair], graders: Sequence[Grader]) -> list[dict[str, bool]]:
    """Every verdict of every grader; they take turns, so that a slow moment of the machine hits both."""
    verdicts: list[dict[str, bool]] = [{} for _ in pairs]
    for start in range(0, len(pairs), _CHUNK):
        for grader in graders:
            gc.collect()  # nobody pays for what the other one left behind
            begun = time.perf_counter()
            for index in range(start, min(start + _CHUNK, len(pairs))):
                verdicts[index][grader.name] = grader.judge(pairs[index])
            grader.seconds += time.perf_counter() - begun
    return verdicts


def _difference(pair: Pair, equal: bool) -> Difference:
    reason = importlib.import_module("pmd_envs").verify_math(pair.response, pair.gold).reason
    return Difference(pair.gold, pair.response, pair.equal, equal, reason)


def _sets() -> dict[str, list[Pair]]:
    sets = {"plain numbers": _plain_numbers(random.Random("plain numbers"))}
    if os.environ.get("PMD_DATA_DIR"):
        rows = (Path(os.environ["PMD_DATA_DIR"]) / "math500" / "test.jsonl").read_text("utf-8").splitlines()
        sets["MATH-500"] = _math500([json.loads(row) for row in rows])
    else:
        sys.stderr.write("PMD_DATA_DIR is not set: MATH-500 is left out\n")
    sets["pairs of our tests"] = _tested()
    return sets


def _plain_numbers(rng: random.Random) -> list[Pair]:
    pairs = []
    for _ in range(_PLAIN_PAIRS):
        whole = rng.randint(-99_999, 999_999)
        gold, same = rng.choice(
            [
                (f"{whole}", f"{whole}"), (f"{whole}", f"{whole:,}"), (f"{whole / 100:.2f}", f"{whole / 100:.2f}"),
                (f"{whole}/7", f"\\frac{{{whole}}}{{7}}"), (f"{whole}", f"{whole}.0"),
            ]
        )  # fmt: skip
        equal = rng.random() < 0.5
        answer = same if equal else re.sub(r"\d(?!.*\d)", lambda digit: str((int(digit[0]) + 1) % 10), same)
        answer = answer if equal or not answer.endswith(".1") else f"{whole + 1}.0"
        pairs.append(Pair(gold, f"so the answer is $\\boxed{{{answer}}}$.", equal))
    return pairs


def _math500(rows: Sequence[dict[str, str]]) -> list[Pair]:
    pairs = [Pair(row["answer"], row["solution"], True) for row in rows]
    for row in rows:
        changed = re.sub(r"\d(?!.*\d)", lambda digit: str(int(digit[0]) % 9 + 1), row["answer"])
        if changed != row["answer"]:
            pairs.append(Pair(row["answer"], f"\\boxed{{{changed}}}", False))
    return pairs


def _tested() -> list[Pair]:
    sys.path.append(str(ROOT / "tests"))
    tables = importlib.import_module("math_pairs")
    return [
        Pair(gold, f"so it is $\\boxed{{{answer}}}$.", equal)
        for equal, table in ((True, tables.EQUAL), (False, tables.NOT_EQUAL))
        for pairs in table.values()
        for gold, answer in pairs
    ]


if __name__ == "__main__":
    raise SystemExit(main())
