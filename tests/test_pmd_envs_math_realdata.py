"""verify_math on the 500 problems of MATH-500 and the 8,792 of GSM8K: right answers, and the same answers corrupted."""

import gzip
import json
import random
import re
from pathlib import Path

import pytest

from pmd_envs import verify_math
from pmd_envs.families.gsm8k import GSM8K
from pmd_envs.math.verify import check_gold

pytestmark = pytest.mark.realdata

STILL_EQUAL: dict[tuple[str, str], str] = {
    ("0", "-0"): "minus zero is zero",
}
"""Corrupted answers that say the same as the gold, and why."""


def math500(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "math500" / "test.jsonl").read_text("utf-8").splitlines()]


def test_every_gold_and_every_gold_solution_scores_one(data_dir: Path):
    rows = math500(data_dir)
    assert len(rows) == 500
    for row in rows:
        check_gold(row["answer"])
        for response in (
            f"\\boxed{{{row['answer']}}}",
            row["answer"],
            row["solution"],
            f"<think>0</think>{row['solution']}",
        ):
            verdict = verify_math(response, row["answer"])
            assert verdict.score == 1, (row["answer"], verdict.reason)


def corruptions(gold: str, rng: random.Random) -> list[str]:
    """The gold with one digit changed, with its sign flipped, and with one more or less in its last number."""
    wrong = [gold[1:] if gold.startswith("-") else f"-{gold}"]
    digits = [match.start() for match in re.finditer(r"\d", gold)]
    if digits:
        place = rng.choice(digits)
        other = rng.choice([digit for digit in "123456789" if digit != gold[place]])
        wrong.append(gold[:place] + other + gold[place + 1 :])
        *_, last = re.finditer(r"\d+", gold)
        changed = int(last[0]) + (rng.choice((-1, 1)) if int(last[0]) > 1 else 1)
        wrong.append(gold[: last.start()] + str(changed).rjust(len(last[0]), "0") + gold[last.end() :])
    return wrong


def test_every_corrupted_answer_scores_zero(data_dir: Path):
    rng = random.Random("corrupted")
    found = {}
    for row in math500(data_dir):
        for wrong in corruptions(row["answer"], rng):
            if verify_math(f"\\boxed{{{wrong}}}", row["answer"]).score:
                found[row["answer"], wrong] = row["unique_id"]
    assert found.keys() <= STILL_EQUAL.keys()


def test_the_numbers_of_gsm8k_and_their_neighbours(data_dir: Path):
    with gzip.open(data_dir / "gsm8k" / "train.jsonl.gz", "rt", encoding="utf-8") as train:
        lines = [*train, *(data_dir / "gsm8k" / "test.jsonl").read_text("utf-8").splitlines()]
    assert len(lines) == 8792
    rng = random.Random("neighbours")
    family = GSM8K()
    for line in lines:
        problem = family.from_row(json.loads(line))
        solution, gold = str(problem.facts["solution"]), problem.gold
        assert verify_math(solution, gold).score == 1
        for wrong in corruptions(gold, rng):
            if (gold, wrong) not in STILL_EQUAL:
                assert verify_math(f"#### {wrong}", gold).score == 0, (gold, wrong)
