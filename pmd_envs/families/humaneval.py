"""Write a Python function from its signature and docstring: HumanEval itself, or functions of our own in its form.

    def solve(xs):
        '''Return the sum of the numbers in xs greater than 7.

        >>> solve([9, 7, 3])
        9
        '''

The examples of the docstring that can be read are the public tests; the published tests are the hidden ones.
"""

import random
import re

from pmd_envs.datasets import Dataset
from pmd_envs.errors import DatasetError
from pmd_envs.families.code_family import CodeFamily, texts_of
from pmd_envs.families.code_making import DrawnFunction, as_assert
from pmd_envs.families.docstring_examples import read_examples
from pmd_envs.records import Json, Problem, Task
from pmd_envs.sandbox.source import defines, extract_program
from pmd_envs.sandbox.values import show

HUMANEVAL_DATA = Dataset(
    folder="humaneval",
    files={"test": ("HumanEval.jsonl",)},
    hub_repo="openai/openai_humaneval",
    hub_revision="7dce6050a7d6d172f3cc5c32aa97f52fa1a2e544",
    hub_files={"test": ("openai_humaneval/test-00000-of-00001.parquet",)},
    checksums={
        "HumanEval.jsonl": "1d49078ba3e2b196b9344535bef34a43021f038fad9561d6ee7c53450609a6a2",
        "openai_humaneval/test-00000-of-00001.parquet": (
            "2f2871a15fbc95b6c683043359f4ed8e144c5a1c4f24f25f66bc51f598dfcfb6"
        ),
    },
)

WRONG_EXAMPLES = frozenset({"HumanEval/47", "HumanEval/130", "HumanEval/148"})
"""Problems whose docstring shows a value that the published solution does not return; none of theirs is a test."""

_HELPER = re.compile(r"^(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)", re.MULTILINE)

_PLAN = "Read the signature and the docstring, write the function they describe, and try it on the examples."


class HumanEval(CodeFamily):
    """Functions from docstrings."""

    name = "HumanEval"
    instructions = "Complete the Python function. Reply with the whole function, imports included, and nothing else."
    dataset = HUMANEVAL_DATA

    def made_of(self, rng: random.Random, drawn: DrawnFunction) -> Problem:  # noqa: ARG002
        """A signature and a docstring with two examples."""
        examples = [line for test in drawn.public for line in (f">>> {test.call()}", show(test.expected, 400))]
        docstring = [f'"""{drawn.spec[0].upper()}{drawn.spec[1:]}.', "", *examples, '"""']
        lines = [f"def solve({drawn.kind.inputs.signature}):", *docstring]
        prompt = "\n".join([lines[0], *(f"    {line}" if line else "" for line in lines[1:])]) + "\n"
        facts = drawn.facts([as_assert(test) for test in drawn.public], [as_assert(test) for test in drawn.hidden])
        return Problem(prompt, drawn.program, {**facts, "stub": prompt})

    def from_row(self, row: dict[str, Json]) -> Problem:
        """A published row: ``prompt``, ``canonical_solution``, ``test`` and ``entry_point``."""
        fields = ("task_id", "prompt", "canonical_solution", "test", "entry_point")
        task_id, prompt, solution, test, name = texts_of(row, "HumanEval", *fields)
        if not defines(prompt, name):
            raise DatasetError(f"the prompt of {task_id} does not define {name}")
        facts: dict[str, Json] = {
            "kind": "humaneval",
            "plan": _PLAN,
            "entry_point": name,
            "stub": prompt,
            "public": [] if task_id in WRONG_EXAMPLES else list(read_examples(prompt, name)),
            "hidden": [f"{_helpers(prompt, name, test)}{test}\ncheck({name})"],
        }
        return Problem(prompt, prompt + solution, facts)

    def program(self, task: Task, response: str) -> str:
        """The response, below the prompt if it is a mere body."""
        stub, name = str(task.facts["stub"]), str(task.facts["entry_point"])
        text = extract_program(response, self.names(task))
        if not text.strip():
            return ""
        return text if defines(text, name) else stub + text

    def given(self, task: Task, program: str) -> str:
        """What the prompt gives to a program that does not begin with it: its imports and helpers."""
        stub = str(task.facts["stub"])
        return "" if program.startswith(stub) else _given(stub, str(task.facts["entry_point"])).strip()


def _given(stub: str, name: str) -> str:
    """What a stub has before the function that is asked for: imports, and functions that help."""
    return stub.partition(f"def {name}")[0]


def _helpers(stub: str, name: str, test: str) -> str:
    """The functions of a stub that its tests call, as part of the tests.

    A program may define them anew, and must not be judged by its own: where a test decodes what the stub encodes, two
    functions that change nothing would pass.
    """
    given = _given(stub, name)
    called = any(re.search(rf"\b{helper}\b", test) for helper in _HELPER.findall(given))
    return f"{given.rstrip()}\n\n\n" if called else ""
