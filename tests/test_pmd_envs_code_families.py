"""HumanEval, MBPP, CRUXEval, LiveCodeBench and ProgramRepair: rows of their forms, feedback, and published data."""

import ast
import base64
import json
import pickle
import random
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import gymnasium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs.datasets import read_rows
from pmd_envs.env import ReasoningEnv
from pmd_envs.errors import ConfigError, DatasetError
from pmd_envs.families.cruxeval import CRUXEval
from pmd_envs.families.docstring_examples import read_examples
from pmd_envs.families.humaneval import HumanEval
from pmd_envs.families.literal_slips import slips
from pmd_envs.families.livecodebench import LiveCodeBench
from pmd_envs.families.livecodebench_rows import read_cases
from pmd_envs.families.mbpp import MBPP, MBPP_DATA
from pmd_envs.families.program_repair import ProgramRepair
from pmd_envs.functions import CATALOGUE
from pmd_envs.functions.bounded import bounded_answer
from pmd_envs.functions.faults import FAULTS, faults
from pmd_envs.generated import split_of
from pmd_envs.records import Problem, StepVerdict, Task
from pmd_envs.sandbox import decode, encode, same
from pmd_envs.sandbox.source import defines
from pmd_envs.sources import open_source
from pmd_envs.verifiers.literals import read_literal

any_text = st.text(st.characters(exclude_categories=()), max_size=60)


def task_of(family, problem: Problem, split="train") -> Task:
    return Task("x", family.name, split, problem.prompt, problem.gold, problem.facts, "")


# Docstring examples

DOCSTRING = '''
import math

def helper(n):
    """>>> helper(1)
    7
    """
    return 7


def twice(n, m=None):
    r"""Double a number.
    >>> twice(2)  # a comment
    4
    >>> round(twice(0.5), 1)
    1.0
    >>> print(helper(3))
    7
    twice(3) => 6
    twice(4) -> 8.
    twice("ab")  ➞ "abab"
    twice([1]) == [1, 1]   # twice as long
    twice(0) returns False
    twice(None) = none
    twice(n) = 2 * n
    twice(1) is two
    twice(f(1)) == 3
    twice(5) == unknown
    """
'''


def test_examples_of_a_docstring_become_tests():
    assert read_examples(DOCSTRING, "twice") == [
        "assert twice(2) == 4",
        "assert round(twice(0.5), 1) == 1.0",
        "assert twice(3) == 6",
        "assert twice(4) == 8",
        'assert twice("ab") == "abab"',
        "assert twice([1]) == [1, 1]",
        "assert twice(0) == False",
        "assert twice(None) == None",
    ]


@given(any_text)
def test_examples_of_any_text_are_python(text):
    prompt = f"def f(x):\n    {text!r}\n"
    for test in [*read_examples(prompt, "f"), *read_examples(text, "f")]:
        ast.parse(test)


# HumanEval

HUMAN_ROW = {
    "task_id": "Own/1",
    "prompt": (
        "def base():\n    return 10\n\n\n"
        'def over(n):\n    """How far n is over the base.\n    >>> over(12)\n    2\n    """\n'
    ),
    "canonical_solution": "    return max(n - base(), 0)\n",
    "test": "def check(candidate):\n    assert candidate(12) == 2\n    assert candidate(3) == 0\n",
    "entry_point": "over",
}  # fmt: skip


@pytest.mark.parametrize(
    "response",
    [
        "    return max(n - base(), 0)",
        "def over(n):\n    return max(n - base(), 0)",
        "```python\ndef over(n):\n    return max(n - base(), 0)\n```",
        HUMAN_ROW["prompt"] + HUMAN_ROW["canonical_solution"],
        "over = lambda n: max(n - base(), 0)",
    ],
)
def test_a_whole_function_or_its_body_is_a_program(response):
    family = HumanEval()
    task = task_of(family, family.from_row(HUMAN_ROW), "test")
    assert task.facts["public"] == ["assert over(12) == 2"]
    assert family.verify(task, response).score == 1
    assert family.check_step(task, (), response) == StepVerdict(True, "the public tests pass")


UNDO_ROW = {
    "task_id": "Own/2",
    "prompt": (
        "import math\n\n\n"
        'def wind(n):\n    """Twice the number, and one."""\n    return math.floor(n) + n + 1\n\n\n'
        'def unwind(n):\n    """Take a number that wind has made, and give back what it was made of."""\n'
    ),
    "canonical_solution": "    return (n - 1) // 2\n",
    "test": "def check(candidate):\n    for n in range(9):\n        assert candidate(wind(n)) == n\n",
    "entry_point": "unwind",
}  # fmt: skip
UNWIND = "def unwind(n):\n    return (n - 1) // 2\n"


@pytest.mark.parametrize(
    ("response", "score"),
    [
        ("    return (n - 1) // 2", 1),
        (UNWIND, 1),
        (UNDO_ROW["prompt"] + UNDO_ROW["canonical_solution"], 1),
        (f"def wind(n):\n    return n + n + 1\n\n{UNWIND}", 1),
        (f"{UNWIND}\ndel wind", 1),
        (f"{UNWIND}\ndef wind(n):\n    return n", 1),
        ("def unwind(n):\n    return next(k for k in range(99) if wind(k) == n)", 1),
        ("def wind(n):\n    return n\n\ndef unwind(n):\n    return n", 0),
        ("wind = unwind = lambda n: n", 0),
        ("def wind(n):\n    return 7\n\ndef unwind(n):\n    return n if n != 7 else 0", 0),
        ("class math:\n    floor = staticmethod(lambda n: -1)\n\ndef unwind(n):\n    return n", 0),
        ("def floor(n):\n    return -1\n\nmath.floor = floor\n\ndef unwind(n):\n    return n", 0),
        ("def unwind(n):\n    global wind\n    wind = lambda n: n\n    return (n - 1) // 2 if n < 2 else n", 0),
    ],
)
def test_tests_call_the_helper_of_the_prompt(response, score):
    family = HumanEval()
    task = task_of(family, family.from_row(UNDO_ROW), "test")
    verdict = family.verify(task, response)
    assert verdict.score == score
    assert "weaker evidence" not in verdict.reason


FUTURE = "from __future__ import annotations\n"


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (f"{FUTURE}{UNWIND}", "all tests pass"),
        (f"'Doc.'\n\n{FUTURE}{UNWIND}", "all tests pass"),
        (f"{FUTURE}def unwind(n: Later) -> Later:\n    return math.floor((n - 1) / 2)", "all tests pass"),
        ("def unwind(n):\n    m = n\n    return m / 0 + wind(n)", "ZeroDivisionError: division by zero (line 3)"),
        (f"{FUTURE}def unwind(n):\n    return wind(n) / 0", "ZeroDivisionError: division by zero (line 3)"),
        ("def unwind(n):\n    return wind(", "SyntaxError: '(' was never closed (line 2)"),
    ],
)
def test_a_program_begins_in_its_first_line(response, reason):
    family = HumanEval()
    row = {**UNDO_ROW, "prompt": UNDO_ROW["prompt"].replace("made of.", "made of.\n    >>> unwind(3)\n    1\n    ")}
    verdict = family.verify(task_of(family, family.from_row(row), "test"), response)
    assert verdict.score == float(reason == "all tests pass")
    assert reason in verdict.reason.replace("all 2 tests", "all tests")


def test_helpers_that_no_test_calls_are_left_out_of_the_tests():
    family = HumanEval()
    assert family.from_row(HUMAN_ROW).facts["hidden"] == [f"{HUMAN_ROW['test']}\ncheck(over)"]


@pytest.mark.parametrize(
    ("response", "ok", "reason"),
    [
        ("", False, "the response contains no program"),
        ("    return n", False, "the test failed: over(12) returned 12, expected 2"),
        ("    return n - base()", True, "a hidden test failed"),
        ("I would subtract.", False, "SyntaxError"),
    ],
)
def test_feedback_on_wrong_functions(response, ok, reason):
    family = HumanEval()
    task = task_of(family, family.from_row(HUMAN_ROW), "test")
    verdict = family.verify(task, response)
    assert verdict.score == 0
    assert reason.removeprefix("the test failed: ") in verdict.reason
    step = family.check_step(task, (), response)
    assert step.ok is ok
    assert family.is_final(task, response, step) is ok


def test_without_public_tests_the_first_program_that_runs_ends_the_episode():
    family = HumanEval()
    row = {**HUMAN_ROW, "prompt": 'def over(n):\n    """How far n is over ten."""\n'}
    task = task_of(family, family.from_row(row), "test")
    assert task.facts["public"] == []
    runs, fails = (family.check_step(task, (), text) for text in ("    return n", "    return ("))
    assert (runs.ok, fails.ok) == (None, False)
    assert family.is_final(task, "", runs)
    assert not family.is_final(task, "", fails)


def test_rows_that_lack_something_are_refused():
    with pytest.raises(DatasetError, match="entry_point"):
        HumanEval().from_row({**HUMAN_ROW, "entry_point": None})
    with pytest.raises(DatasetError, match="does not define other"):
        HumanEval().from_row({**HUMAN_ROW, "entry_point": "other"})
    with pytest.raises(DatasetError, match="test_list"):
        MBPP().from_row({**MBPP_ROW, "test_list": "assert 1"})
    with pytest.raises(DatasetError, match="not plain"):
        CRUXEval().from_row({"code": "def f(): return open", "input": "", "output": "open"})


@given(any_text, st.sampled_from(("solve", "a")))
def test_what_defines_a_name(text, name):
    assert defines(f"{text}\nclass {name}:\n    pass", name)
    assert not defines(text.replace(name, ""), name)


# MBPP

MBPP_ROW = {
    "text": "Write a function that puts a value into the box and returns its size.",
    "code": "def put(x):\r\n    box.append(x)\r\n    return len(box)",
    "test_setup_code": "size = 1",
    "test_list": ["assert put(5) == size", "assert put(6) == 2"],
    "challenge_test_list": ["assert put(0) == 100"],
}


def test_an_mbpp_row_shows_its_first_test_only():
    family = MBPP()
    problem = family.from_row({**MBPP_ROW, "code": "box = []\r\n" + MBPP_ROW["code"]})
    task = task_of(family, problem)
    assert problem.prompt.endswith("size.\nassert put(5) == size")
    assert "\r" not in problem.gold
    assert family.verify(task, problem.gold).score == 1
    always_one = family.verify(task, "def put(x):\n    return 1")
    assert (always_one.score, always_one.reason) == (0, "a hidden test failed")


def test_the_splits_of_mbpp_are_ranges_of_one_file(tmp_path, monkeypatch):
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    (tmp_path / "mbpp").mkdir()
    rows = "".join(json.dumps({"task_id": n, "text": f"{n}", "test_list": [f"{n}"]}) + "\n" for n in range(1, 975))
    (tmp_path / "mbpp" / "mbpp.jsonl").write_text(rows)
    data = replace(MBPP_DATA, checksums={})
    ids = {split: [row["task_id"] for row in read_rows(data, split, "local")] for split in data.files}
    assert ids["test"] == list(range(11, 511))
    assert ids["validation"] == list(range(511, 601))
    assert ids["train"] == list(range(601, 975))


# CRUXEval

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4)
    | st.tuples(inner, inner)
    | st.dictionaries(st.integers() | st.text(), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


def asked(value) -> Task:
    row = {"code": "def f():\n    ...", "input": "", "output": repr(value)}
    return task_of(CRUXEval(), CRUXEval().from_row(row), "test")


@given(VALUES.filter(lambda value: "inf" not in repr(value)))
def test_a_value_is_right_and_a_slip_is_wrong(value):
    family, task = CRUXEval(), asked(value)
    assert same(read_literal(repr(value)), encode(value))
    for form in ("#### {}", "####{}.", "**#### {}**", "So.\n#### `{}`\nDone.", "#### 0\nno, wait\n#### {}"):
        assert family.verify(task, form.format(repr(value))).score == 1
    wrong = family.wrong_solution(random.Random(0), task)
    assert family.verify(task, wrong).score == 0
    assert family.answer(wrong) != family.answer(f"#### {value!r}")
    assert all(family.verify(task, f"#### {slip!r}").score == same(encode(slip), encode(value)) for slip in slips(value)
               if type(slip) is type(value) and "inf" not in repr(slip))  # fmt: skip


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (1, "True"), (1, "1.0"), (True, "1"), ((1,), "[1]"), ([1], "(1,)"), ("a", "a"), ("a", "b'a'"), (2, "1 + 1"),
        ([1, 2], "list((1, 2))"), (None, ""), (None, "null"), ({1: 2}, "{1: 2.0}"), (3, "3 or 4"),
        ((1, 2), "1\n#### 2"), (2, "1\n#### 2"), ("", "''\n#### 'a'"), (3, "(" * 5000), (3, "9" * 9000), (3, "{[]: 1}"),
        (3, "__import__('os')"),
        (3, "\x00"), (3, "\ud800"), (3, "f'{3}'"), (3, "3" + " " * 20_000 + "+ 0"),
    ],
)  # fmt: skip
def test_what_is_no_right_answer(value, answer):
    family, task = CRUXEval(), asked(value)
    verdict = family.verify(task, f"#### {answer}")
    assert verdict.score == 0
    assert verdict.reason
    assert len(verdict.reason) < 160


@pytest.mark.parametrize(
    ("response", "first"),
    [("#### 4", 0), ("So:\n#### 4\nno, wait\n#### 3", 1), ("#### 3", -1), ("So 4.", -1), ("", -1)],
)
def test_a_wrong_value_is_the_first_wrong_step_as_in_the_environment(response, first):
    task = asked(3)
    env = gymnasium.make("pmd/CRUXEval-v0", source="generated", difficulty=1, granularity="episode")
    env.reset(seed=0)
    env.unwrapped._task = task
    assert env.step(response)[-1]["first_wrong_step"] == first
    assert CRUXEval().verify(task, response).first_wrong_step == (None if first < 0 else first)


@given(any_text)
def test_no_text_breaks_the_reader(text):
    family, task = CRUXEval(), asked(7)
    for response in (text, f"#### {text}"):
        family.verify(task, response)
        family.answer(response)
        family.check_step(task, (), response)
    try:
        read_literal(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017  nothing else may be raised, and most texts are no literal


def test_the_order_of_dictionaries_and_sets_does_not_matter():
    family = CRUXEval()
    assert family.verify(asked({1: 2, 3: [4]}), "#### {3: [4], 1: 2}").score == 1
    assert family.verify(asked({1, 2, 9}), "#### {9, 2, 1}").score == 1
    assert family.answer("#### {9, 2, 1}") == family.answer("#### {1, 2, 9}")


# Faults

PROGRAM = 'def f(n, xs):\n    """É 1 < 2."""\n    é = "ü"\n    for i in range(1, n):\n        if é < "x" and i % 2 == 0:\n            n += xs[i:][0]\n    return n + 1'  # noqa: E501


def test_faults_change_one_place_of_a_program():
    made = faults(PROGRAM)
    assert {fault.name for fault in made} == set(FAULTS)
    assert len({fault.program for fault in made}) == len(made)
    for fault in made:
        ast.parse(fault.program)
        before, after = PROGRAM.split("\n"), fault.program.split("\n")
        assert sum(ours != theirs for ours, theirs in zip(before, after, strict=True)) == 1
        assert '"""É 1 < 2."""' in fault.program


@given(any_text)
def test_text_that_is_no_program_has_no_broken_programs(text):
    for fault in faults(text):
        ast.parse(fault.program)


def test_an_endless_program_of_ours_is_stopped():
    program = "def solve(n):\n    while n > 0:\n        n = n + 1\n    return n"
    assert "TooManyLines" in str(bounded_answer(program, (1,))["error"])
    assert bounded_answer(program, (0,)) == {"value": 0}


# ProgramRepair


def test_every_broken_program_fails_an_example_and_differs_in_one_line():
    family = ProgramRepair()
    seen = set()
    for level in family.difficulties:
        for number, kind in enumerate(family.kinds(level)):
            problem = family.generate_kind(random.Random(f"{kind}/{number}"), kind, level)
            broken, gold = str(problem.facts["broken"]), problem.gold
            assert broken in problem.prompt
            assert gold not in problem.prompt
            assert sum(a != b for a, b in zip(broken.split("\n"), gold.split("\n"), strict=True)) == 1
            assert any(not holds(broken, test) for test in problem.facts["public"])
            assert all(holds(gold, test) for test in (*problem.facts["public"], *problem.facts["hidden"]))
            seen.add(problem.facts["fault"])
    assert seen == set(FAULTS)


def holds(program, statement):
    """Whether a program of ours passes one of our tests, without the sandbox."""
    compared = ast.parse(statement).body[0].test
    args = tuple(ast.literal_eval(arg) for arg in compared.left.args)
    outcome = bounded_answer(program, args)
    return "value" in outcome and decode(outcome["value"]) == ast.literal_eval(compared.comparators[0])


def test_kinds_without_faults_are_left_out():
    family = ProgramRepair()
    kinds = {kind for level in family.difficulties for kind in family.kinds(level)}
    left_out = set(CATALOGUE) - kinds
    assert 0 < len(left_out) < 5
    for kind in left_out:
        for level in family.difficulties:
            with pytest.raises(ConfigError, match="function kind"):
                family.generate_kind(random.Random(0), kind, level)


def test_levels_of_repairs_hold_the_functions_of_one_level_each():
    family = ProgramRepair()
    levels = [{CATALOGUE[kind].difficulty for kind in family.kinds(level)} for level in family.difficulties]
    assert levels == [{level} for level in (3, 1, 2, 5, 4, 6, 7, 8, 9, 10)]


def test_repairing_in_two_turns():
    env = ReasoningEnv("pmd_envs.families.program_repair:ProgramRepair", source="generated")
    env.reset(seed=4)
    observation, reward, terminated, _, info = env.step(env.task.facts["broken"])
    assert (reward, terminated, info["verified"]) == (0.0, False, -1)
    assert observation["feedback"].startswith("test ")
    _, reward, terminated, _, _ = env.step(f"Here it is:\n```python\n{env.task.gold}\n```")
    assert (reward, terminated) == (1.0, True)


@pytest.mark.parametrize("family", [HumanEval(), MBPP(), CRUXEval(), LiveCodeBench(), ProgramRepair()])
def test_a_function_is_in_one_split_in_all_code_families(family):
    for level in family.difficulties:
        problem = family.generate(random.Random(level), level)
        facts = problem.facts
        assert split_of(family.content(problem)) == split_of(json.dumps([facts["kind"], facts["parameters"]]))
        assert 8 <= len(str(facts["plan"]).split()) <= (45 if level <= 5 else 60)


def test_verdicts_of_a_vector_env_come_in_order_whatever_they_take():
    envs = gymnasium.make_vec("pmd/MBPP-v0", num_envs=6, source="generated", granularity="episode")
    envs.reset(seed=0)
    tasks = [env.unwrapped.task for env in envs.unwrapped.envs]
    wait = "import time\ntime.sleep({})\n"
    actions = [wait.format(0.3 if number < 3 else 0) + task.gold for number, task in enumerate(tasks)]
    actions[1] = actions[1].replace("def solve", "def other")
    actions[4] = "import time\ndef solve(*args): raise ValueError('late')"
    _, rewards, terminations, _, infos = envs.step(actions)
    assert list(rewards) == [1, 0, 1, 1, 0, 1]
    assert all(terminations)
    reasons = infos["final_info"]["reason"]
    assert "all 10 tests pass" in reasons[0]
    assert "solve" in reasons[1]
    assert "late" in reasons[4]
    envs.close()


# LiveCodeBench

CASES = [{"input": f"{n}\n", "output": f"{2 * n}\n", "testtype": "stdin"} for n in range(1, 6)]
SCRIPT_ROW = {
    "question_id": "own_1",
    "question_content": "Print twice the number.",
    "starter_code": "",
    "public_test_cases": json.dumps(CASES[:1]),
    "private_test_cases": json.dumps(CASES[1:]),
    "metadata": "{}",
}
CLASS_ROW = {
    "question_id": "own_2",
    "question_content": "Join the words, or nothing if there are none.",
    "starter_code": "class Solution:\n    def join(self, words: List[str], end: Optional[str]) -> str:\n        ",
    "public_test_cases": json.dumps([{"input": '["a", "b"]\nnull', "output": '"ab"', "testtype": "functional"}]),
    "private_test_cases": json.dumps([{"input": '[]\n"!"', "output": '"!"', "testtype": "functional"}]),
    "metadata": json.dumps({"func_name": "join"}),
}
CLASS_PROGRAM = CLASS_ROW["starter_code"] + "return ''.join(words) + (end or '')"


def packed(value):
    return base64.b64encode(zlib.compress(value)).decode()


@pytest.mark.parametrize("private", [json.dumps(CASES[1:]), packed(json.dumps(CASES[1:]).encode()),
                                     packed(json.dumps(json.dumps(CASES[1:])).encode())])  # fmt: skip
def test_test_cases_in_every_published_form(private):
    family = LiveCodeBench()
    problem = family.from_row({**SCRIPT_ROW, "private_test_cases": private})
    assert problem.facts["hidden"] == [[case["input"], case["output"]] for case in CASES[1:]]
    assert family.verify(task_of(family, problem), "print(2 * int(input()))").score == 1
    assert family.verify(task_of(family, problem), "print(3 * int(input()))").score == 0


def test_published_test_cases_are_a_text_in_a_pickle():
    # Of the set itself: problem 1873_A.
    private = (
        "eJxrYJmaz8gABhEZQEZ0tVJmXkFpiZKVgpJhTF5iUnJMnpKOglJ+aQlUNNI1GCJUklpcUlJZkAoSLC5JycxTqtVRQNJuDNWOILAYhCCIMdI0"
        "Ji85MQloWjKQSE5KjMlLSgSam5SciG64nz+y2WACJESMJWYY7ibFG8T5KnaKHgAcinnp"
    )
    hidden = LiveCodeBench().from_row({**SCRIPT_ROW, "private_test_cases": private}).facts["hidden"]
    assert [printed for _, printed in hidden] == ["YES\n", "YES\nYES\nYES\n", "NO\nYES\nYES\nYES\nNO\n", "YES\n" * 6]
    assert hidden[0] == ["1\nabc\n", "YES\n"]


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("length", [1, 100, 200_000])  # of a length in one byte, in four, and outside of any frame
def test_a_text_of_any_length_is_read_from_a_pickle_of_any_protocol(protocol, length):
    text = json.dumps([{"input": "é" * length, "output": "1"}], ensure_ascii=False)
    assert read_cases(packed(pickle.dumps(text, protocol)), "they") == [("é" * length, "1")]


class Bomb:
    def __reduce__(self):
        return exec, ("raise SystemExit('a pickle was run')",)


@pytest.mark.parametrize(
    ("pickled", "words"),
    [
        (pickle.dumps(Bomb()), "own_1 are a pickle with STACK_GLOBAL"),
        (pickle.dumps(Bomb(), 2), "own_1 are a pickle with GLOBAL"),
        (pickle.dumps([json.dumps(CASES)]), "own_1 are a pickle with EMPTY_LIST"),
        (pickle.dumps(json.dumps(CASES))[:-1] + pickle.dumps("[]")[2:], "own_1 are a pickle of 2 texts"),
        (b"\x80\x04.", "own_1 are a pickle of 0 texts"),
        (pickle.dumps(json.dumps(CASES))[:-9], "own_1 are a broken pickle"),
        (b"\x80\x04\xff", "own_1 are a broken pickle"),
        (pickle.dumps("no JSON"), "own_1 are not JSON"),
    ],
)
def test_any_other_pickle_is_refused_and_not_run(pickled, words):
    with pytest.raises(DatasetError, match=words):
        LiveCodeBench().from_row({**SCRIPT_ROW, "private_test_cases": packed(pickled)})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"private_test_cases": "no JSON"}, "neither JSON nor"),
        ({"private_test_cases": packed(b"no JSON")}, "not JSON"),
        ({"private_test_cases": "{}"}, "should be a JSON list"),
        ({"private_test_cases": '[{"input": "1"}]'}, "'input' and 'output'"),
        ({"public_test_cases": "[]", "private_test_cases": "[]"}, "has no test cases"),
        ({"question_content": None}, "question_content"),
        ({"starter_code": "class Solution:", "metadata": "{}"}, "func_name"),
        ({"starter_code": "class Solution:", "metadata": '{"func_name": "a; b"}'}, "func_name"),
    ],
)
def test_broken_rows_are_refused_in_words(change, words):
    with pytest.raises(DatasetError, match=words):
        LiveCodeBench().from_row({**SCRIPT_ROW, **change})


@given(any_text)
def test_any_text_for_test_cases_is_read_or_refused(text):
    try:
        assert isinstance(read_cases(text, "the test cases"), list)
    except DatasetError as error:
        assert "the test cases" in str(error)  # noqa: PT017  most texts are refused


def test_half_of_the_hidden_tests_train_and_all_evaluate():
    family = LiveCodeBench()
    problem = family.from_row(SCRIPT_ROW)
    # Right for 1 (public), 2 and 4 (every second hidden one), wrong for 3 and 5.
    half = "n = int(input())\nprint(2 * n if n in (1, 2, 4) else 0)"
    scores = {split: family.verify(task_of(family, problem, split), half).score for split in ("train", "test")}
    assert scores == {"train": 1, "test": 0}


def test_a_class_is_called_with_its_arguments():
    family = LiveCodeBench()
    task = task_of(family, family.from_row(CLASS_ROW), "test")
    assert task.prompt.endswith(CLASS_ROW["starter_code"])
    assert family.verify(task, CLASS_PROGRAM).score == 1
    assert family.verify(task, f"{FUTURE}{CLASS_PROGRAM}").score == 1
    assert "(line 4)" in family.verify(task, f"{FUTURE}{CLASS_PROGRAM} + heapq.nothing").reason
    wrong = family.verify(task, CLASS_PROGRAM.replace("''.join(words)", "str(words)"))
    assert wrong.score == 0
    assert "['a', 'b']" in wrong.reason
    with pytest.raises(DatasetError, match="publishes none"):
        family.gold_solution(task)
    assert family.verify(task, family.wrong_solution(random.Random(0), task)).score == 0


def returns(value, expected):
    """What LiveCodeBench says of a program that returns a value where its test case expects another."""
    case = json.dumps([{"input": "0", "output": json.dumps(expected), "testtype": "functional"}])
    metadata = json.dumps({"func_name": "f"})
    row = {**CLASS_ROW, "public_test_cases": case, "private_test_cases": case, "metadata": metadata}
    family = LiveCodeBench()
    program = f"from collections import namedtuple\nPair = namedtuple('Pair', 'a b')\n{ALWAYS_EQUAL}"
    program += f"class Solution:\n    def f(self, n):\n        return {value}\n"
    return family.verify(task_of(family, family.from_row(row)), program)


ALWAYS_EQUAL = "class Any(tuple):\n    __eq__ = lambda self, other: True\n    __hash__ = None\n"
ALWAYS_EQUAL += "class Same:\n    __eq__ = lambda self, other: True\n"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("(1, 2)", [1, 2]),
        ("[(1, 'a'), [2, 'b']]", [[1, "a"], [2, "b"]]),
        ("((), ((),))", [[], [[]]]),
        ("{'a': (1, [(2,)])}", {"a": [1, [[2]]]}),
        ("Pair(1, (2.5, None))", [1, [2.5, None]]),
    ],
)
def test_a_tuple_is_as_right_as_the_list_that_json_makes_of_it(value, expected):
    assert returns(value, expected).score == 1


@pytest.mark.parametrize(
    ("value", "expected", "words"),
    [
        ("(1, 3)", [1, 2], "returned (1, 3), expected [1, 2]"),
        ("(1, 2, 3)", [1, 2], "expected [1, 2]"),
        ("((1, 2),)", [1, 2], "expected [1, 2]"),
        ("{1, 2}", [1, 2], "expected [1, 2]"),
        ("'12'", ["1", "2"], "expected ['1', '2']"),
        ("(1,)", 1, "expected 1"),
        ("()", None, "expected None"),
        ("(n for n in (1, 2))", [1, 2], "expected [1, 2]"),
        ("Any((1, 3))", [1, 2], "expected [1, 2]"),
        ("(Same(), Same())", [1, 2], "expected [1, 2]"),
        ("Same()", [1, 2], "expected [1, 2]"),
    ],
)
def test_what_is_no_such_tuple_stays_wrong(value, expected, words):
    verdict = returns(value, expected)
    assert verdict.score == 0
    assert words in verdict.reason


def test_elsewhere_a_tuple_is_no_list():
    human = HumanEval()
    test = "def check(candidate):\n    assert candidate(12) == [1, 2]\n"
    problem = human.from_row({**HUMAN_ROW, "test": test})
    task = task_of(human, replace(problem, facts={**problem.facts, "public": []}))
    for value, score in (("(1, 2)", 0), ("[1, 2]", 1)):
        assert human.verify(task, f"def over(n):\n    return {value}").score == score
    for generated in (True, False):  # of LiveCodeBench's own generated problems, where a tuple is asked for
        tests = [f"assert Solution().f(0) == {(1, 2) if generated else [1, 2]}"]
        facts = {"kind": "", "public": tests, "hidden": [], "entry_point": "Solution"}
        task = task_of(LiveCodeBench(), Problem("", "", facts))
        for value in ((1, 2), [1, 2]):
            program = f"class Solution:\n    def f(self, n):\n        return {value}"
            assert LiveCodeBench().verify(task, program).score == (not generated or type(value) is tuple)


# Published data

published = pytest.mark.realdata


def tasks_of(family, splits):
    sources = [open_source(family, split, None, "local") for split in splits]
    return [source.at(index) for source in sources for index in range(source.size)]


@published
@pytest.mark.parametrize(
    ("family", "splits", "count"),
    [(HumanEval(), ("test",), 164), (MBPP(), ("train", "validation", "test"), 958), (CRUXEval(), ("test",), 800)],
)
def test_every_published_solution_scores_one(data_dir, family, splits, count, monkeypatch):
    monkeypatch.setattr(
        type(family), "timeout_s", 60, raising=False
    )  # one of them takes seconds, and tests run side by side
    tasks = tasks_of(family, splits)
    assert len(tasks) == count
    with ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(lambda task: family.verify(task, family.gold_solution(task)), tasks))
    assert {task.id: verdict.reason for task, verdict in zip(tasks, verdicts, strict=True) if verdict.score < 1} == {}


@published
@pytest.mark.parametrize("family", [HumanEval(), MBPP(), CRUXEval()])
def test_empty_and_wrong_answers_to_published_problems_score_zero(data_dir, family):
    tasks = tasks_of(family, ("test",))
    rng = random.Random(0)
    assert all(family.verify(task, "").score == 0 for task in tasks)
    for task in tasks[:: len(tasks) // 25]:
        wrong = family.wrong_solution(rng, task)
        assert family.verify(task, wrong).score == 0
        assert family.feedback_on_wrong(task, wrong)


@published
@pytest.mark.parametrize("number", [32, 38, 50])
def test_replaced_helpers_of_published_prompts_gain_nothing(data_dir, number):
    family = HumanEval()
    task = next(task for task in tasks_of(family, ("test",)) if task.id.endswith(f"/{number}"))
    name, solution = str(task.facts["entry_point"]), family.gold_solution(task)
    helper = next(node.name for node in ast.parse(task.prompt + "    pass").body if isinstance(node, ast.FunctionDef))
    assert helper != name
    assert family.verify(task, solution).score == 1
    for value in ("args[0]", "0"):
        same = f"def {helper}(*args):\n    return {value}\n\ndef {name}(*args):\n    return args[0]"
        assert family.verify(replace(task, facts={**task.facts, "public": []}), same).score == 0


@published
def test_most_published_docstrings_give_public_tests(data_dir):
    tasks = tasks_of(HumanEval(), ("test",))
    assert sum(bool(task.facts["public"]) for task in tasks) == 128
