"""Programming contests: read an input and print an answer, or complete a class. LiveCodeBench itself, or our own.

    solve(xs): return the sum of the numbers in xs greater than 7. Read each argument from a line of JSON, print JSON.
    Input:
    [9, 7, 3]
    Output:
    9

The test cases that the problem shows are public. Of the hidden ones every second decides in training and validation,
and all of them in the test split, so that a policy cannot be rewarded for what it will be measured by.
"""

import json
import random
from collections.abc import Iterator

from pmd_envs.datasets import Dataset
from pmd_envs.errors import DatasetError
from pmd_envs.families.code_family import CodeFamily, texts_of
from pmd_envs.families.code_making import DrawnFunction, as_assert
from pmd_envs.families.livecodebench_rows import as_statement, function_name, read_cases
from pmd_envs.functions.problems import Test
from pmd_envs.records import Json, Problem, Task
from pmd_envs.sandbox.code import CodeTest
from pmd_envs.sandbox.source import defines
from pmd_envs.sandbox.values import decode

LIVECODEBENCH_DATA = Dataset(
    folder="livecodebench",
    # Its releases, by date of the contests: the last one measures, the ones before it train.
    files={
        "train": ("test.jsonl", "test2.jsonl", "test3.jsonl", "test4.jsonl", "test5.jsonl"),
        "test": ("test6.jsonl",),
    },
    hub_repo="livecodebench/code_generation_lite",
    hub_revision="0fe84c3912ea0c4d4a78037083943e8f0c4dd505",
    # The others are 4.4 GB, which nobody downloads by opening an environment: they are read from a folder only.
    hub_files={"test": ("test6.jsonl",)},
    solved=False,
    checksums={
        "test.jsonl": "2bd02b38beb48e8c46b5b9987095d999ff38cd8efc255ea5d58974317c48f63f",
        "test2.jsonl": "095df7c5daf15f882c51a9deb84085cff1e073495a5dbcf95015a564d485f3a3",
        "test3.jsonl": "28ed26cc83363ce3f1fe2d5fad9f8393077beb1907b167a31bd3b32f80801b79",
        "test4.jsonl": "d711138ddaebfcf5f8ec6a4283ee677298c0f5c5d374a235af92aaf0584510da",
        "test5.jsonl": "7f77571c2a6df0c2a72a3277650309f67e01e0008e18117e624633df53f81214",
        "test6.jsonl": "bb4c364f71921c4495a6ad15abe1a927350b720009f4933e2e71f8af0f6fd1f5",
    },
)

_PLAN = "Note what goes in and what comes out, choose an algorithm that is fast enough, and try it on the examples."
# Starter code is annotated with names that the contest's own judge imports.
_IMPORTS = (
    "import bisect, collections, functools, heapq, itertools, math; from typing import *; "
    "from collections import *; from functools import *; from heapq import *; from itertools import *"
)
_SCRIPT = "import json, sys\n{program}\nprint(json.dumps(solve(*map(json.loads, sys.stdin))))"


class LiveCodeBench(CodeFamily):
    """Contest problems with standard input and output, or with a class to complete."""

    name = "LiveCodeBench"
    instructions = (
        "Write a Python program that reads from standard input and prints the answer or, where the problem begins a "
        "class, the whole class. Reply with the code only."
    )
    dataset = LIVECODEBENCH_DATA
    tuples_pass = True  # its test cases are JSON, which has no tuples; its own grader makes a list of the outermost

    def made_of(self, rng: random.Random, drawn: DrawnFunction) -> Problem:
        """A script or a class, each half of the time."""
        return _class_problem(drawn) if rng.random() < 0.5 else _script_problem(drawn)

    def from_row(self, row: dict[str, Json]) -> Problem:
        """A published row: ``question_content``, ``starter_code``, ``public_test_cases``, ``private_test_cases``."""
        fields = ("question_id", "question_content", "public_test_cases", "private_test_cases")
        number, content, shown, private = texts_of(row, "LiveCodeBench", *fields)
        starter = str(row.get("starter_code") or "")
        public = read_cases(shown, f"the public test cases of {number}")
        hidden = read_cases(private, f"the private test cases of {number}")
        if not public and not hidden:
            raise DatasetError(f"{number} has no test cases")
        facts: dict[str, Json] = {"kind": "livecodebench", "plan": _PLAN, "entry_point": ""}
        if not starter.strip():
            facts["public"], facts["hidden"] = [list(case) for case in public], [list(case) for case in hidden]
            return Problem(content, "", facts)
        method = function_name(str(row.get("metadata")), number)
        for name, cases in (("public", public), ("hidden", hidden)):
            facts[name] = [as_statement(given, expected, method, number) for given, expected in cases]
        return Problem(f"{content}\n\n{starter}", "", {**facts, "entry_point": "Solution"})

    def tests(self, task: Task) -> tuple[list[CodeTest], list[CodeTest]]:
        """The test cases that decide in the task's split."""
        public, hidden = super().tests(task)
        return public, hidden if task.split == "test" else hidden[::2]

    def given(self, task: Task, program: str) -> str:  # noqa: ARG002
        """The imports that starter code takes for granted."""
        return _IMPORTS if defines(program, "Solution") else ""

    def gold_solution(self, task: Task) -> str:
        """The reference program.

        Raises:
            DatasetError: The task is a published one, of which there is none.
        """
        if not task.gold:
            raise DatasetError(f"{task.id} has no reference solution: LiveCodeBench publishes none")
        return task.gold


def _class_problem(drawn: DrawnFunction) -> Problem:
    signature = f"class Solution:\n    def solve(self, {drawn.kind.inputs.signature}):"
    examples = [as_assert(test, "Solution().solve").removeprefix("assert ") for test in drawn.public]
    prompt = "\n".join([f"Complete the class: {drawn.spec}.", *examples, signature])
    body = drawn.kind.fill(drawn.kind.body, drawn.values).split("\n")
    gold = "\n        ".join([signature, *body])
    asserts = [[as_assert(test, "Solution().solve") for test in tests] for tests in (drawn.public, drawn.hidden)]
    return Problem(prompt, gold, {**drawn.facts(asserts[0], asserts[1]), "entry_point": "Solution"})


def _script_problem(drawn: DrawnFunction) -> Problem:
    public, hidden = list(_pairs(drawn.public)), list(_pairs(drawn.hidden))
    task = f"solve({drawn.kind.inputs.signature}): {drawn.spec}. Read each argument from a line of JSON, print JSON."
    prompt = "\n".join([task, *(f"Input:\n{given}Output:\n{expected}".rstrip() for given, expected in public)])
    facts = drawn.facts([list(pair) for pair in public], [list(pair) for pair in hidden])
    return Problem(prompt, _SCRIPT.format(program=drawn.program), {**facts, "entry_point": ""})


def _pairs(tests: tuple[Test, ...]) -> Iterator[tuple[str, str]]:
    for test in tests:
        lines = [json.dumps(decode(arg)) for arg in test.args]
        yield "".join(f"{line}\n" for line in lines), f"{json.dumps(decode(test.expected))}\n"
