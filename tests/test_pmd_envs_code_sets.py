"""The published code sets through verify_code: every reference solution passes, and mutated ones are found out."""

import ast
import gzip
import json
import random
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from pmd_envs.sandbox import check_code

pytestmark = pytest.mark.realdata

# Reference solutions that do not pass their own tests, each with the reason. There are none.
EXCEPTIONS = {"HumanEval": {}, "MBPP": {}, "CRUXEval": {}}
# Mutants that pass show tests that are too few, so the least share that must fail differs by set.
LEAST_CAUGHT = {"HumanEval": 0.9, "MBPP": 0.85, "CRUXEval": 0.7}
SIZES = {"HumanEval": 164, "MBPP": 974, "CRUXEval": 800}
MUTANTS = 120
SWAPS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Lt: ast.GtE, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
         ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.FloorDiv: ast.Mult,
         ast.Mod: ast.FloorDiv, ast.And: ast.Or, ast.Or: ast.And}  # fmt: skip


def human_eval(folder):
    for line in gzip.decompress((folder / "humaneval" / "HumanEval.jsonl.gz").read_bytes()).splitlines():
        row = json.loads(line)
        name = row["entry_point"]
        yield row["task_id"], row["prompt"] + row["canonical_solution"], [f"{row['test']}\ncheck({name})"], name


def mbpp(folder):
    for line in (folder / "mbpp" / "mbpp.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        setup = [row["test_setup_code"]] if row["test_setup_code"] else []
        yield row["task_id"], row["code"], setup + row["test_list"], None


def cruxeval(folder):
    for line in (folder / "cruxeval" / "cruxeval.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        yield row["id"], row["code"], [f"assert f({row['input']}) == {row['output']}"], "f"


READERS = {"HumanEval": human_eval, "MBPP": mbpp, "CRUXEval": cruxeval}


def judge(row, timeout_s=60):
    _, program, tests, entry_point = row
    return check_code(program, tests, entry_point=entry_point, timeout_s=timeout_s)


@pytest.mark.parametrize("name", READERS)
def test_every_reference_solution_passes(data_dir, name):
    rows = list(READERS[name](data_dir))
    assert len(rows) == SIZES[name]
    with ThreadPoolExecutor(2) as pool:
        results = dict(zip((row[0] for row in rows), pool.map(judge, rows), strict=True))
    failed = {key: result.reason for key, result in results.items() if not result.passed}
    assert set(failed) == set(EXCEPTIONS[name]), failed
    assert sum(result.weak for result in results.values()) <= 3


def mutated(program, rng):
    """The program with one constant, operator or return changed, or None if there is nothing to change."""
    with warnings.catch_warnings(action="ignore"):
        tree = ast.parse(program)
    places = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) is int:
            places.append((node, "value", node.value + 1))
        elif isinstance(node, (ast.BinOp, ast.BoolOp)) and type(node.op) in SWAPS:
            places.append((node, "op", SWAPS[type(node.op)]()))
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
            places.append((node, "ops", [SWAPS[type(node.ops[0])](), *node.ops[1:]]))
        elif isinstance(node, ast.Return) and node.value is not None:
            places.append((node, "value", ast.List([node.value], ast.Load())))
    if not places:
        return None
    node, field, value = rng.choice(places)
    setattr(node, field, value)
    return ast.unparse(ast.fix_missing_locations(tree))


@pytest.mark.parametrize("name", READERS)
def test_mutated_solutions_fail_at_the_rate_the_tests_allow(data_dir, name, record_property):
    rng = random.Random(f"mutants/{name}")
    rows = rng.sample(list(READERS[name](data_dir)), MUTANTS)
    mutants = [(key, mutated(program, rng), tests, entry) for key, program, tests, entry in rows]
    mutants = [row for row in mutants if row[1] is not None]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda row: judge(row, 1), mutants))
    caught = sum(not result.passed for result in results)
    record_property("caught", f"{caught} of {len(mutants)}")
    print(f"{name}: {caught} of {len(mutants)} mutated solutions fail")  # noqa: T201  shown with pytest -s
    assert caught / len(mutants) >= LEAST_CAUGHT[name]
