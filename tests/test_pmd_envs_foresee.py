"""Calls that are asked for together give the verdicts that they give one by one, and let a program know no more."""

import ast

import pytest

from pmd_envs.errors import ConfigError
from pmd_envs.sandbox import Sandbox, check_code
from pmd_envs.sandbox.inside.foresee import Call, foreseen
from pmd_envs.sandbox.inside.link import MAX_AHEAD

COUNTER = "count = 0\ndef f(x):\n    global count\n    count += 1\n    return x + count"
HIDDEN = 987_654_321


@pytest.fixture(scope="module")
def box():
    made = Sandbox()
    yield made
    made.close()


def plan(*tests):
    return foreseen([list(ast.walk(ast.parse(test))) for test in tests], {"f", "g"})


@pytest.mark.parametrize(
    ("test", "args", "kwargs"),
    [
        ("assert f(1) == 2", (1,), {}),
        ("assert [1, {2}] == f({'a': [1]}, key=-1.5), 'words'", ({"a": [1]},), {"key": -1.5}),
        ("assert abs(f() - 2.5) < 10 ** -3", (), {}),
        ("assert not f('x')", ("x",), {}),
        ("assert sorted(f(set())) is not None", (set(),), {}),
    ],
)
def test_a_plain_assert_says_what_it_calls(test, args, kwargs):
    assert plan(test) == [Call("f", args, kwargs)]


@pytest.mark.parametrize(
    "test",
    [
        "assert f(x) == 1",
        "assert f(f(1)) == 1",
        "assert f(1) == g(1)",
        "assert f(1) and 2",
        "assert 1 < f(1) < 2",
        "assert f(1 + 1) == 2",
        "assert f(*[1]) == 1",
        "assert f(**{'a': 1}) == 1",
        "assert f(1).x == 1",
        "assert f(1)[0] == 1",
        "assert f(len('a')) == 1",
        "assert f(lambda: 1) == 1",
        "assert f([{16, 12, 13, 14, 15}]) == 1",
        "assert print(f(1)) is None",
        "assert (f)",
        "assert f(1) == 1; x = 1",
        "x = f(1)",
        "f(1)",
        "assert 1",
        "pass",
        "",
        "for i in range(3):\n    assert f(1) == 1",
        "assert f({[]: 1}) == 1",
    ],
)
def test_anything_else_is_asked_for_in_its_turn(test):
    assert plan(test) == []
    assert plan("assert f(0)", test, "assert f(2)") == [Call("f", (0,), {})]


@pytest.mark.parametrize(
    ("program", "tests"),
    [
        (COUNTER, ["assert f(0) == 1", "assert f(0) == 2", "assert f(0) == 3"]),
        (COUNTER, ["assert f(0) == 1", "assert f(1) == 3", "for i in 3, 4:\n    assert f(0) == i", "assert f(0) == 5"]),
        (COUNTER, ["pass", "assert f(0) == 1", "assert f(1) == 3"]),
        (f"class E(ValueError):\n    pass\n{COUNTER}", ["assert E(0)", "assert f(0) == 1", "assert f(0) == 2"]),
        (
            f"{COUNTER}\ndef g(x):\n    while x:\n        x -= 1\n        yield f(x)",
            ["assert f(0) == 1", "assert list(g(2)) == [3, 3]", "assert set(g(1)) == {4}", "assert f(0) == 5"],
        ),
        (f"{COUNTER}\nclass C:\n    pass", ["assert C()", "assert f(0) == 1", "assert f(0) == 2"]),
        (f"{COUNTER}\ndef g(x):\n    return len(x)", [f"assert g('a' * {MAX_AHEAD}) > 1", "assert f(0) == 1"]),
        ("def f(x):\n    return tuple(x)", ["assert f({3, 1}) == (1, 3)", "assert f({16, 12, 13}) == (16, 12, 13)"]),
        ("def f(x):\n    return len(x)", [f"assert f({'a' * MAX_AHEAD!r}) == {MAX_AHEAD}", "assert f('ab') == 2"]),
    ],
)  # fmt: skip
def test_calls_come_once_and_in_their_order(box, program, tests):
    result = check_code(program, tests, sandbox=box)
    assert result.passed, result.reason


@pytest.mark.parametrize(
    "second", ["while True: pass", "import os; os._exit(0)", "raise SystemExit", "return 'a' * 10**8"]
)
def test_what_comes_later_does_not_change_the_first_failure(box, second):
    program = f"def f(x):\n    if x == 2:\n        {second}\n    return 0"
    result = check_code(program, ["assert f(1) == 1", "assert f(2) == 2"], timeout_s=2, sandbox=box)
    assert (result.failed, result.reason) == (0, "test 1 of 2 failed: f(1) returned 0, expected 1")
    result = check_code(program, ["assert f(1) == 0", "assert f(2) == 2"], timeout_s=2, sandbox=box)
    assert result.failed == 1


def test_a_program_that_fails_to_load_is_not_called(box):
    program = "def f(x):\n    return x\nraise KeyError('top')"
    assert check_code(program, ["assert f(1) == 1"], sandbox=box).reason.startswith("KeyError: 'top'")


def test_inputs_of_hidden_tests_come_after_the_public_ones(box):
    spy = (
        "import re, sys\n"
        "def f(x):\n"
        "    frame, seen = sys._getframe(), ''\n"
        "    while frame:\n"
        "        seen += repr({k: v for k, v in frame.f_locals.items() if k in ('calls', 'request')})\n"
        "        wire = getattr(frame.f_locals.get('self'), 'wire', None)\n"
        "        seen += repr(wire and vars(wire))\n"
        "        frame = frame.f_back\n"
        "    return re.findall('[0-9]{4,}', seen)"
    )
    tests = ["assert f(1) == 'x'", "assert f(2468) == 'x'"]
    result = check_code(spy, tests, [f"assert f({HIDDEN}) == 'x'"], sandbox=box)
    assert "2468" in result.reason  # the spy sees what it can
    assert str(HIDDEN) not in result.reason
    counting = check_code(COUNTER, ["assert f(0) == 1"], ["assert f(0) == 2", "assert f(0) == 3"], sandbox=box)
    assert counting.passed
    result = check_code(COUNTER, ["assert f(0) == 1"], ["assert f(0) == 2", "assert f(0) == 2"], sandbox=box)
    assert (result.failed, result.reason) == (2, "a hidden test failed")
    assert check_code(COUNTER, [], ["assert f(0) == 1", "assert f(0) == 2"], sandbox=box).passed


def test_a_test_that_does_not_compile_is_the_callers_mistake(box):
    with pytest.raises(ConfigError, match="outside function"):
        check_code(COUNTER, ["assert f(0) == 1", "return 3"], sandbox=box)


def test_the_same_program_draws_the_same_numbers(box):
    program = "import random\ndef f(x):\n    return random.random()"
    tests = ["assert f(0) == 2"]
    assert check_code(program, tests, sandbox=box).reason == check_code(program, tests, sandbox=box).reason


def test_a_program_knows_its_own_thread(box):
    program = "import threading\ndef f(x):\n    return threading.main_thread().native_id == threading.get_native_id()"
    assert check_code(program, ["assert f(0) is True"], sandbox=box).passed
