#!/usr/bin/env python3
"""GSM8K's own calculator annotations (``<<48/2=24>>``) as the ground truth of our step check.

Run from the checkout, with the folder that holds ``gsm8k/train.jsonl.gz`` and ``gsm8k/test.jsonl``::

    PMD_DATA_DIR=... python benchmarks/annotations.py
    PMD_DATA_DIR=... python benchmarks/annotations.py --every 10 --json > annotations.json

Every annotated equation of the published solutions should be found and judged right, also where only the prose around
it is read; a solution with one number changed should have its first wrong step there. The published steps that
are judged wrong are listed by problem, with our reason: those are the errors of the data set.

Exit status: 0 done, 2 a mistake, 130 stopped with Ctrl-C.
"""

import gzip
import json
import os
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from pmd_envs.command_line import as_command
from pmd_envs.completion import script_parser
from pmd_envs.verifiers.arithmetic import check_equations, strip_annotations
from pmd_envs.verifiers.claims import EquationCheck
from pmd_envs.verifiers.numbers import parse_number
from pmd_envs.verifiers.steps import check_steps, first_wrong_step

ANNOTATION = re.compile(r"<<([^<>\n]*)>>")
_RESULT = re.compile(r"(<<[^<>\n]*>>\s*\$?)(-?[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+)(?![0-9/])")
_NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+")
_SLIPS = (-2, -1, 1, 2, 10)


@dataclass(frozen=True)
class Solution:
    """One published solution."""

    name: str
    """Split and line of the problem, counted from 0."""
    steps: tuple[str, ...]


@dataclass
class Findings:
    """How many annotated equations are found, and which published steps are judged wrong."""

    annotations: int = 0
    right: int = 0
    """Found, with the annotations left in, and judged right."""
    equations: int = 0
    """Annotations that state more than ``6=6``, which no prose repeats."""
    in_prose: int = 0
    """Of these: found and judged right in the prose alone."""
    wrong: list[tuple[str, int, str]] | None = None
    """Problem, step and reason."""


def solutions(folder: Path) -> Iterator[Solution]:
    """The published solutions in ``folder``."""
    train = gzip.open(folder / "gsm8k" / "train.jsonl.gz", "rt", encoding="utf-8")  # noqa: SIM115  closed below
    with train, (folder / "gsm8k" / "test.jsonl").open(encoding="utf-8") as test:
        for split, lines in (("train", train), ("test", test)):
            for index, line in enumerate(lines):
                text = json.loads(line)["answer"].rpartition("####")[0]
                yield Solution(f"{split}/{index}", tuple(step for step in text.split("\n") if step.strip()))


def judge(published: Sequence[Solution]) -> Findings:
    """Look for every annotated equation, and judge every published step."""
    findings = Findings(wrong=[])
    assert findings.wrong is not None
    for solution in published:
        for step in solution.steps:
            _count(step, findings)
        for index, verdict in enumerate(check_steps(solution.steps)):
            if verdict.ok is False:
                findings.wrong.append((solution.name, index + 1, verdict.reason))
    return findings


def _count(step: str, findings: Findings) -> None:
    prose, whole = check_equations(strip_annotations(step)), check_equations(step)
    for equation in ANNOTATION.findall(step):
        left, _, right = equation.rpartition("=")
        findings.annotations += 1
        findings.right += _is_found(right, whole)
        if left.strip() != right.strip():
            findings.equations += 1
            findings.in_prose += _is_found(right, prose)


def _is_found(result: str, checks: Sequence[EquationCheck]) -> bool:
    """Whether an equation with this result is among those that are judged right."""
    value = parse_number(result)
    return any(check.ok and value in _numbers(check.text) for check in checks)


def _numbers(text: str) -> list[Fraction | None]:
    parts = [part.strip(" $.") for part in text.split("=")]
    return [*map(parse_number, _NUMBER.findall(text)), *map(parse_number, parts)]


def change_one(solution: Solution, rng: random.Random) -> tuple[list[str], int] | None:
    """The steps with the result of one annotated equation changed, and which step that is."""
    places = [index for index, step in enumerate(solution.steps) if _RESULT.search(step)]
    if not places:
        return None
    place = rng.choice(places)
    match = rng.choice(list(_RESULT.finditer(solution.steps[place])))
    number = match[2].replace(",", "")
    other = str(int(number) + rng.choice(_SLIPS)) if number.lstrip("-").isdigit() else f"{number}7"
    steps = list(solution.steps)
    steps[place] = steps[place][: match.start(2)] + other + steps[place][match.end(2) :]
    return steps, place


def name_changes(published: Sequence[Solution]) -> dict[str, tuple[int, int]]:
    """How many changed steps are named, of how many: with the annotations left in, and of the prose alone."""
    rng = random.Random("one changed number")
    found = {"annotations left in": [0, 0], "prose alone": [0, 0]}
    for solution in published:
        changed = change_one(solution, rng)
        if changed is None:
            continue
        steps, place = changed
        for name, texts in zip(found, (steps, [strip_annotations(step) for step in steps]), strict=True):
            found[name][0] += first_wrong_step(texts) == place
            found[name][1] += 1
    return {name: (named, of) for name, (named, of) in found.items()}


@as_command
def main() -> int:
    """Measure and print; 2 without data."""
    parser = script_parser(__doc__)
    parser.add_argument("--every", type=int, default=1, help="look at every n-th problem only (default: all)")
    parser.add_argument("--json", action="store_true", help="print the counts and the steps as JSON")
    options = parser.parse_args()
    if not os.environ.get("PMD_DATA_DIR"):
        sys.stderr.write(
            "PMD_DATA_DIR is not set: it names the folder with gsm8k/train.jsonl.gz and gsm8k/test.jsonl\n"
        )
        return 2
    published = list(solutions(Path(os.environ["PMD_DATA_DIR"])))[:: options.every]
    findings = judge(published)
    if options.json:
        changes = {name: {"named": named, "of": of} for name, (named, of) in name_changes(published).items()}
        found = {"solutions": len(published), **asdict(findings), "one_result_changed": changes}
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return 0
    write = sys.stdout.write
    write(f"{len(published)} solutions, {findings.annotations} annotated equations\n")
    write(_share("found and judged as annotated", findings.right, findings.annotations))
    write(_share("found in the prose alone, but for annotations such as 6=6", findings.in_prose, findings.equations))
    for name, (named, of) in name_changes(published).items():
        write(_share(f"one result changed, {name}: the first wrong step is the changed one", named, of))
    assert findings.wrong is not None
    write(f"\n{len(findings.wrong)} published steps are judged wrong\n")
    for problem, step, reason in findings.wrong:
        write(f"  {problem} step {step}: {reason}\n")
    return 0


def _share(name: str, part: int, whole: int) -> str:
    return f"  {name}: {part} of {whole} ({100 * part / whole:.2f} %)\n"


if __name__ == "__main__":
    raise SystemExit(main())
