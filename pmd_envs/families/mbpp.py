"""Write a short Python function from one sentence and one test: MBPP itself, or functions of our own in its form.

    Write a function to return the sum of the numbers in xs greater than 7.
    assert solve([9, 7, 3]) == 9

The first test is public; the others are hidden. Its challenge tests are not used: they are few, and not part of what
is usually reported. Six of the 374 train rows are left out: three have the sentence of a test row, and three its tests
for a function of another name.
"""

import random
import re

from pmd_envs.datasets import Dataset, Row
from pmd_envs.errors import DatasetError
from pmd_envs.families.code_family import CodeFamily, texts_of
from pmd_envs.families.code_making import DrawnFunction, as_assert
from pmd_envs.records import Json, Problem, Task

_NAME = re.compile(r"\bdef\s+(\w+)")


def _sentence(row: Row) -> str:
    """What a row asks for."""
    return " ".join(str(row.get("text")).casefold().split())


def _tests(row: Row) -> tuple[str, ...]:
    """The tests of a row, whatever its functions are called."""
    listed = row.get("test_list")
    names = "|".join(_NAME.findall(str(row.get("code")))) or "(?!)"
    tests = map(str, listed) if isinstance(listed, list) else ()
    return tuple(sorted("".join(re.sub(rf"\b(?:{names})\b", "solve", test).split()) for test in tests))


MBPP_DATA = Dataset(
    folder="mbpp",
    files={"train": ("mbpp.jsonl",), "validation": ("mbpp.jsonl",), "test": ("mbpp.jsonl",)},
    # Its authors give the splits as ranges of task ids; 1 to 10 are for prompts.
    ranges={"test": (10, 510), "validation": (510, 600), "train": (600, 974)},
    questions=(_sentence, _tests),
    hub_repo="google-research-datasets/mbpp",
    hub_revision="4bb6404fdc6cacfda99d4ac4205087b89d32030c",
    hub_files={
        "train": ("full/train-00000-of-00001.parquet",),
        "validation": ("full/validation-00000-of-00001.parquet",),
        "test": ("full/test-00000-of-00001.parquet",),
    },
    checksums={
        "mbpp.jsonl": "ccf64ceae9c5403bf50a044cb6d505bfd2a2963ee58338ba268fd65beab92a9f",
        "full/train-00000-of-00001.parquet": "09d125ca31edacb7800be8c67c45abff618faf0214ff551291817d06bdb914ae",
        "full/validation-00000-of-00001.parquet": "3f0ec060987432d99fe8fb409d31e6c67445b208a01741c5583517c80a10fe80",
        "full/test-00000-of-00001.parquet": "566fd53060ffba5766dace1d1e2f4c38906781526de222b0dfbdbc325b696c77",
    },
)

_DEFINED = re.compile(r"^(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_PLAN = "Take the name and the arguments from the test, write what the sentence asks for, and try it on the test."


class MBPP(CodeFamily):
    """Functions from one sentence."""

    name = "MBPP"
    instructions = (
        "Write the Python function that is asked for, with the name that the test calls. Reply with the code only."
    )
    dataset = MBPP_DATA

    def made_of(self, rng: random.Random, drawn: DrawnFunction) -> Problem:  # noqa: ARG002
        """A sentence and the first test."""
        public, *others = [as_assert(test) for test in (*drawn.public, *drawn.hidden)]
        prompt = f"Write solve({drawn.kind.inputs.signature}): {drawn.spec}.\n{public}"
        return Problem(prompt, drawn.program, drawn.facts([public], others))

    def names(self, task: Task) -> tuple[str, ...]:
        """Of a published row, which does not say, what its solution defines and its first test uses."""
        first = str(self.tests(task)[0][0])
        used = (name for name in _DEFINED.findall(task.gold) if re.search(rf"\b{name}\b", first))
        return super().names(task) or tuple(used)

    def from_row(self, row: dict[str, Json]) -> Problem:
        """A published row: ``text``, ``code``, ``test_setup_code`` and ``test_list``."""
        text, code, setup = texts_of(row, "MBPP", "text", "code", "test_setup_code")
        listed = row.get("test_list")
        tests = [test for test in listed if isinstance(test, str)] if isinstance(listed, list) else []
        if not tests:
            raise DatasetError(f"an MBPP row needs a list of tests, 'test_list'; this one has {sorted(row)}")
        first = f"{setup}\n{tests[0]}" if setup.strip() else tests[0]
        facts: dict[str, Json] = {
            "kind": "mbpp",
            "plan": _PLAN,
            "entry_point": "",
            "public": [first],
            "hidden": list(tests[1:]),
        }
        return Problem(f"{text}\n{tests[0]}", code.replace("\r\n", "\n"), facts)
