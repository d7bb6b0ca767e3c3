"""Which program a response hands in: fences of every kind, several blocks, and that steps and verdicts agree."""

import ast
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs.families.function_synthesis import FunctionSynthesis
from pmd_envs.families.humaneval import HumanEval
from pmd_envs.families.mbpp import MBPP
from pmd_envs.families.program_repair import ProgramRepair
from pmd_envs.records import Task
from pmd_envs.sandbox.source import extract_program, syntax_error
from pmd_envs.thoughts import spoken

SOLVE = "def solve(n):\n    return n"
USES = "print(solve(3))"


def fenced(*blocks, opening="```python", closing="```"):
    return "\nAnd:\n".join(f"{opening}\n{block}\n{closing}" for block in blocks)


@pytest.mark.parametrize(
    "opening",
    [
        "```python3.11",
        '```python title="a.py"',
        "```{python}",
        "```{.python .numberLines}",
        "```python:a.py",
        "``` Python",
        "```py3",
        "````python",
        "````",
        "~~~python",
        "~~~~ {python}",
    ],
)
def test_fences_of_every_kind(opening):
    closing = "".join(mark for mark in opening if mark in "`~")
    assert extract_program(f"Here:\n{fenced(SOLVE, opening=opening, closing=closing)}\nDone.") == SOLVE
    assert extract_program(f"Here:\n{fenced(SOLVE, opening=opening, closing=closing + closing[0])}\nDone.") == SOLVE


@pytest.mark.parametrize("opening", ["```python-repl", "```pycon", "```pyi", "```python++", "```text", "~~~c"])
def test_fences_of_other_languages(opening):
    closing = opening[:3]
    assert extract_program(f"{fenced(SOLVE)}\n{fenced(USES, opening=opening, closing=closing)}") == SOLVE


@pytest.mark.parametrize(
    ("response", "program"),
    [
        # A fence of another kind, or a shorter one, is part of a block.
        ("````python\nx = '''\n```\n'''\n````", "x = '''\n```\n'''"),
        ("```python\nx = '''\n~~~\n'''\n```", "x = '''\n~~~\n'''"),
        ("```python\nx = '''\n``` of a sentence\n'''\n```", "x = '''\n``` of a sentence\n'''"),
        # A block in an answer that is Markdown, as a whole.
        ("````markdown\nHere:\n```python\na = 1\n```\n````", "a = 1"),
        ("~~~text\n```python\na = 1\n```\n~~~", "a = 1"),
        ("````python\n```python\na = 1\n```\n````", "a = 1"),
        ("````python\nx = '''\n```python\na = 1\n```\n'''\n````", "x = '''\n```python\na = 1\n```\n'''"),
        # Headings are underlined with tildes, and a sentence may stand after backticks.
        ('"""Title\n~~~~~\nText\n~~~~~\n"""\na = 1', '"""Title\n~~~~~\nText\n~~~~~\n"""\na = 1'),
        ("``` is a fence\n```\na = 1\n```", "a = 1"),
        # A block that was not closed.
        ("```python\na = 1\n```python\nb = 2\n```", "b = 2"),
        ("```python\na = 1\n```python\nb = 2", "a = 1"),
        ("```\na = 1\n```python\nDone.", "a = 1"),
        ("```python\na = 1\n~~~", "a = 1\n~~~"),
        # Blocks without anything in them.
        ("```python\na = 1\n```\n```python\n```", "a = 1"),
        ("```python\n\n```", ""),
    ],
)
def test_where_a_block_ends(response, program):
    assert extract_program(response) == program


@pytest.mark.parametrize("indent", [1, 2, 3])
def test_a_block_in_a_list_is_moved_to_the_left(indent):
    margin = " " * indent
    block = "\n".join(margin + line for line in fenced(f"{SOLVE}\n\n\nx = 1").split("\n"))
    assert extract_program(f"1. Write it:\n\n{block}") == f"{SOLVE}\n\n\nx = 1"
    body = f"{margin}```python\n{margin}    return n\n{margin}```"
    assert extract_program(body) == "    return n"


@pytest.mark.parametrize("block", [SOLVE, "    return n", "x = '''\ny\n'''\nz = 1"])
def test_a_block_at_the_margin_stays_as_it_is(block):
    for margin in ("", " ", "  ", "   "):
        text = f"{margin}```python\n{block}\n{margin}```"
        assert extract_program(text).endswith(block.strip(" "))
        assert margin == "   " or extract_program(text) == block or not margin


BLOCKS = [
    # What comes behind the program is no program.
    ([SOLVE, USES], SOLVE),
    ([SOLVE, "assert solve(1) == 1\nassert solve == solve"], SOLVE),
    ([SOLVE, "solve == 3"], SOLVE),
    ([USES, SOLVE, USES], SOLVE),
    # A later program takes the place of an earlier one.
    (["def solve(n):\n    return 0", SOLVE], SOLVE),
    ([f"{SOLVE}\nassert solve(1) == 2", SOLVE, USES], SOLVE),
    # What it uses of earlier blocks belongs to it.
    (
        ["import math", "def solve(n):\n    return math.floor(n)"],
        "import math\ndef solve(n):\n    return math.floor(n)",
    ),
    (
        ["from math import *\nprint(pi)", "def solve(n):\n    return floor(n)"],
        "from math import *\ndef solve(n):\n    return floor(n)",
    ),
    (
        [
            "A, B = 1, 2\nprint(A)",
            "def half(n):\n    return n // B\nhalf(0)",
            "def solve(n):\n    return half(n)",
            USES,
        ],
        "A, B = (1, 2)\ndef half(n):\n    return n // B\ndef solve(n):\n    return half(n)",
    ),
    (
        ["def half(n):\n    return 0", "def half(n):\n    return n // 2", "def solve(n):\n    return half(n)"],
        "def half(n):\n    return n // 2\ndef solve(n):\n    return half(n)",
    ),
    *[
        ([first, f"def solve(n):\n    return {uses}"], f"{first}\ndef solve(n):\n    return {uses}")
        for first, uses in (
            ("async def half(n):\n    return n // 2", "half(n)"),
            ("LIMIT: int = 3", "LIMIT"),
            ("import os.path", "os.path.join(n)"),
            ("import math as m", "m.floor(n)"),
            ("from math import floor as down, ceil", "down(n)"),
        )
    ],
    (  # in their order
        ["A = 0\nB = 1\n" + "A = 2\n" * 6 + "C = B", "def solve(n):\n    return C"],
        "B = 1\nC = B\ndef solve(n):\n    return C",
    ),
    # And nothing else.
    (["half = 0", f"def half(n):\n    return n\n{SOLVE}\nhalf(1)"], f"def half(n):\n    return n\n{SOLVE}\nhalf(1)"),
    (["from math import *", "def solve(n):\n    return abs(n)"], "def solve(n):\n    return abs(n)"),
    (["import os\nn = 3\ndef helper(n):\n    return n", SOLVE], SOLVE),
    (["import math", "def solve(n:\n    return math.floor(n)"], "def solve(n:\n    return math.floor(n)"),
    (["half = (", "def solve(n):\n    return half(n)"], "def solve(n):\n    return half(n)"),
    # Where nothing defines it, the last block is the program, as it is where no name is known.
    (["import math", USES], USES),
]


@pytest.mark.parametrize(("blocks", "program"), BLOCKS)
def test_the_last_block_that_defines_the_name_is_the_program(blocks, program):
    for opening in ("```python", "```"):
        response = fenced(*blocks, opening=opening)
        assert extract_program(response, ["solve"]) == program
        assert extract_program(response) == blocks[-1]


def test_what_looks_ahead_stays_first():
    block = f"from __future__ import annotations\n{SOLVE}\nx = half"
    assert extract_program(fenced("half = 2", block), ["solve"]) == block


def test_an_unnamed_program_before_its_use():
    assert extract_program(f"```\n{SOLVE}\n```\n{fenced(USES)}", ["solve"]) == SOLVE
    assert extract_program(f"{fenced(SOLVE)}\n```\n{SOLVE}0\n```", ["solve"]) == SOLVE


pieces = st.sampled_from(
    (
        "```",
        "````",
        "~~~",
        "python",
        "{py}",
        "\n",
        "\n   ",
        SOLVE,
        USES,
        "<think>",
        "</think>",
        " ",
        "x",
        "half(",
        "\r\n",
    )
) | st.text(st.characters(exclude_categories=()), max_size=3)


@given(st.lists(pieces, max_size=25).map("".join))
def test_any_text_has_a_program(text):
    program = extract_program(text, ["solve", "half"])
    assert isinstance(syntax_error(program), str)
    assert extract_program(spoken(text), ["solve", "half"]) == program


@given(
    st.lists(
        st.sampled_from((SOLVE, USES, "x = solve", "import solve", "half = 1", "class C: ...")), min_size=1, max_size=5
    )
)
def test_a_program_that_was_put_together_is_python(blocks):
    program = extract_program(fenced(*blocks), ["solve"])
    assert not syntax_error(program)
    assert not any("solve" in block and "def " in block for block in blocks) or "def solve" in program
    assert isinstance(ast.parse(program), ast.Module)


@pytest.mark.parametrize(
    "text", ["~" * 80_000 + "`", "`" * 80_000 + "x", "```" + "x" + " " * 80_000 + "`", "~~~x\n" * 16_000]
)
def test_long_fences_are_read_once(text):
    assert isinstance(extract_program(text), str)


def drawn(family) -> Task:
    problem = family.generate(random.Random(1), 1)
    return Task("x", family.name, "train", problem.prompt, problem.gold, problem.facts, "")


@pytest.mark.parametrize(
    "family", [FunctionSynthesis(), HumanEval(), MBPP(), ProgramRepair()], ids=lambda family: family.name
)
def test_a_solution_before_its_tests_is_judged_by_itself(family):
    task = drawn(family)
    uses = "Example usage:\n```python\nprint(solve(1, 2, 3, 4, 5))\nassert False\n```"
    wrong, tildes = fenced("def solve(*x):\n    return object()"), fenced(task.gold, opening="~~~python", closing="~~~")
    for response, score in (
        (f"{fenced(task.gold)}\n{uses}", 1),
        (f"<think>\n{wrong}</think>{tildes}\n{uses}", 1),
        (f"{wrong}\n{uses}", 0),
        (f"{fenced(task.gold)}\n{wrong}", 0),
        (f"<th<think></think>ink>\n{fenced(task.gold)}", 0),
    ):
        (step,) = family.split_steps(response)
        assert family.verify(task, response).score == score
        assert family.verify(task, family.join_steps([step])).score == score
        assert family.check_step(task, (), step).ok is bool(score)


def test_a_published_row_of_mbpp_says_by_its_solution_what_is_asked_for():
    family = MBPP()
    problem = family.from_row(
        {
            "text": "Write a function to halve.",
            "code": "import math\ndef half(n):\n    return n / 2\ndef main():\n    half(1)",
            "test_setup_code": "",
            "test_list": ["assert math.isclose(half(3), 1.5)", "assert half(0) == 0"],
        }
    )
    task = Task("x", "MBPP", "train", problem.prompt, problem.gold, problem.facts, "")
    assert family.names(task) == ("half",)
    assert family.verify(task, f"{fenced(problem.gold)}\n{fenced('print(half(3))')}").score == 1


@pytest.mark.parametrize("constant", ["0x" + "f" * 5000, "0b" + "1" * 15_000])
def test_an_integer_that_python_cannot_write_does_not_raise(constant):
    block = "def solve(x):\n    return K + x"
    response = f"```python\nK = {constant}\n```\n```python\n{block}\n```\n"
    assert extract_program(response, ["solve"]) == block
