"""verify_code: what the feedback says, what hidden tests keep to themselves, and what callers may not do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pmd_envs
from pmd_envs.errors import ConfigError
from pmd_envs.sandbox import check_code, verify_code
from pmd_envs.sandbox.code import HIDDEN, MAX_REASON, cut
from pmd_envs.sandbox.output import same_output

ADD = ["assert add(2, 0) == 2", "assert add(2, 1) == 3", "assert 7 == add(3, 4)"]
FEEDBACK = {
    "def add(a, b):\n    return a + b": "all 3 tests pass",
    "def add(a, b):\n    return a - b": "test 2 of 3 failed: add(2, 1) returned 1, expected 3",
    "def add(a, b):\n    return a + b if a < 3 else None": "test 3 of 3 failed: add(3, 4) returned None, expected 7",
    "def add(a, b):\n    return c": "test 1 of 3 failed: add(2, 0) raised NameError: name 'c' is not defined (line 2)",
    "def helper(a):\n    return 1 // a\ndef add(a, b):\n    return a + helper(b)": (
        "test 1 of 3 failed: add(2, 0) raised ZeroDivisionError: integer division or modulo by zero (line 2)\n"
        "line 4, in add\nline 2, in helper"
    ),
    "def add(a b):\n    return a": "SyntaxError: invalid syntax (line 1)",
    "x = y": "NameError: name 'y' is not defined (line 1)",
    "def sub(a, b):\n    return a": "NameError: the program defines no function add",
    "import os\ndef add(a, b):\n    os._exit(0)": "test 1 of 3 failed: add(2, 0) ended the process",
    "import time\ndef add(a, b):\n    time.sleep(9)": "test 1 of 3 failed: add(2, 0) did not finish within 0.5 s",
    " \n": "the response contains no program",
    "class A: pass\ndef add(a, b):\n    return A()": "test 1 of 3 failed: add(2, 0) returned <A object>, expected 2",
}


@pytest.mark.parametrize("program", FEEDBACK)
def test_the_reason_names_the_first_failure(program):
    verdict = verify_code(program, ADD, "add", timeout_s=0.5 if "sleep" in program else 20)
    assert verdict.reason == FEEDBACK[program]
    assert verdict.score == float(verdict.reason == "all 3 tests pass")


def test_verify_code_is_public():
    assert pmd_envs.verify_code is verify_code


@pytest.mark.parametrize(
    ("program", "test", "reason"),
    [
        (
            "def f(x):\n    return [x]",
            "assert len(f(3)) == 2",
            "assert len(f(3)) == 2: 1 == 2 is not true; f(3) returned [3]",
        ),
        ("def f(x):\n    return x", "assert f(3) > 4", "assert f(3) > 4: 3 > 4 is not true; f(3) returned 3"),
        ("def f(x):\n    return 0", "for i in range(3):\n    assert f(i) == i", "f(1) returned 0, expected 1"),
        ("def f(x):\n    return 0", "assert f(1)", "assert f(1); f(1) returned 0"),
        (
            "def f(x):\n    return 3",
            "assert len(f(1)) == 1",
            "TypeError: \"object of type 'int' has no len()\"; f(1) returned 3",
        ),
    ],
)
def test_other_shapes_of_tests_say_what_was_not_true(program, test, reason):
    assert verify_code(program, [test], "f", timeout_s=20).reason == f"test 1 of 1 failed: {reason}"


def test_input_and_output_are_shown():
    tests = [("1\n", "2\n"), ("5\n", "6\n")]
    assert verify_code("print(int(input()) + 1)", tests).reason == "all 2 tests pass"
    reason = verify_code("print(2)", tests).reason
    assert reason == "test 2 of 2 failed: input:\n5\n\nexpected output:\n6\n\noutput:\n2\n"
    assert "raised EOFError" in verify_code("input()\ninput()", tests).reason
    assert "exited with code 3" in verify_code("raise SystemExit(3)", tests).reason
    assert "did not finish within 0.5 s" in verify_code("while True:\n    pass", tests, timeout_s=0.5).reason
    assert "returned more than can be read" in verify_code("while True:\n    print('x' * 10**6)", tests).reason


def test_what_is_given_is_no_part_of_the_program():
    program = '"""Doc."""\nfrom __future__ import annotations\nn = floor(2.5)\n'
    given = "from math import floor\n\n\ndef half(x):\n    return x / 0\n"
    assert check_code(f"{program}print(n)", [("", "2")], given=given).passed
    assert "line 4)" in check_code(f"{program}half(1)", [("", "2")], given=given).reason
    assert check_code(f"{program}def f(x):\n    return n + x", ["assert f(1) == 3"], given=given).passed
    beside = ["import asyncio\nassert asyncio.run(f(1)) == 3"]
    assert check_code(f"{program}async def f(x):\n    return n + x", beside, given=given).passed
    assert "(line 5)" in check_code(f"{program}def f(x):\n    return half(x)", ["assert f(1) == 3"], given=given).reason


def test_reasons_have_a_largest_length():
    big = "'" + "x" * 5000 + "'"
    verdict = verify_code("def f(x):\n    return x + 'y'", [f"assert f({big}) == {big}"], "f")
    assert verdict.score == 0
    assert len(verdict.reason) < 1500
    assert len(verify_code("print('y' * 10**5)", [("x" * 10**5, "z" * 10**5)]).reason) <= MAX_REASON
    deep = verify_code("def f(x):\n    return f(x - 1) if x else 1 // 0", ["assert f(200) == 1"], "f").reason
    assert "... 191 more ..." in deep


@given(st.text(), st.integers(40, 2000))
def test_cut_keeps_to_its_limit(text, limit):
    assert len(cut(text, limit)) <= max(limit, 40)
    assert cut(text, limit) == text or len(text) > limit


def test_hidden_tests_tell_nothing():
    hidden = ["assert add(51966, 0) == 51966"]
    for program in (
        "def add(a, b):\n    return a + b if a < 9 else 0",
        "def add(a, b):\n    return a + b if a < 9 else 1 // 0",
        "import os\ndef add(a, b):\n    return a + b if a < 9 else os._exit(0)",
        "def add(a, b):\n    while a > 9:\n        pass\n    return a + b",
    ):
        result = check_code(program, ADD, hidden, entry_point="add", timeout_s=1)
        assert (result.passed, result.reason, result.failed, result.public_passed) == (False, HIDDEN, 3, True)
    assert check_code("def add(a, b):\n    return a + b", ADD, hidden, entry_point="add").passed
    wrong = check_code("def add(a, b):\n    return 0", ADD, hidden, entry_point="add")
    assert (wrong.public_passed, wrong.failed) == (False, 0)
    script = check_code("print(1)", [("", "1")], [("9", "2")])
    assert (script.reason, script.public_passed) == (HIDDEN, True)


def test_evidence_that_rests_on_the_programs_word_is_marked():
    point = "class P:\n    def __init__(s, x):\n        s.x = x\n    def __eq__(s, o):\n        return True\n"
    program = point + "def f(x):\n    return P(x)"
    assert check_code(program, ["assert f(1).x == 1"], entry_point="f").weak is False
    weak = check_code(program, ["assert f(1) == P(2)"])
    assert (weak.passed, weak.weak) == (True, True)
    assert "weaker evidence" in weak.verdict().reason
    beside = check_code("async def f(x):\n    return x", ["import asyncio\nassert asyncio.run(f(1)) == 1"])
    assert (beside.passed, beside.weak) == (True, True)
    assert not check_code("async def f(x):\n    return 2", ["import asyncio\nassert asyncio.run(f(1)) == 1"]).passed
    derived = "class T(f):\n    pass\nassert T().x == 1"
    assert check_code("class f:\n    x = 1", [derived]).weak


def test_a_program_cannot_replace_what_the_tests_compare_with():
    program = "def f(x):\n    return 0\ndef sorted(x):\n    return 0\nset = len = Counter = sorted"
    for test in (
        "sorted(f(1)) == sorted([1])",
        "len(f(1)) == len([])",
        "f(1) == Counter([1])",
        "set(f(1)) == set([2])",
    ):
        assert not check_code(program, [f"assert {test}"]).passed
        assert not check_code("sorted = len = set = Counter = lambda x: 0", [f"assert {test}"]).passed


CLOSE = "def isclose(a, b):\n    return abs(a - b) < 1e-6"
HALF = "class Fraction:\n    def __init__(s, a, b):\n        s.x = a / b\n    def half(s):\n        return s.x / 2"
PILE = "class deque:\n    def __init__(s):\n        s.items = []\n    def push(s, x):\n        s.items.append(x)"
OWN = (
    ("assert isclose(1.0, 1.0000000001)", CLOSE),
    ("assert isclose(abs(-2.0), 2.0)", CLOSE),
    ("assert Fraction(1, 2).half() == 0.25", HALF),
    ("d = deque()\nd.push(3)\nassert d.items == [3]", PILE),
    ("assert sum(1, 2) == 3", "def sum(a, b):\n    return a + b"),
    (
        "assert sorted(reversed('ab')) == ['b', 'a']",
        "def reversed(x):\n    return x\ndef sorted(x):\n    return ['b', 'a']",
    ),
)


@pytest.mark.parametrize(("test", "program"), OWN)
def test_what_is_named_like_pythons_own_is_the_programs_where_nothing_else_is_tested(test, program):
    assert check_code(program, [test]).passed
    for other in ("x = 1", "def solve():\n    return 1"):
        result = check_code(other, [test])
        assert not result.passed
        assert result.reason.startswith("NameError: the program defines nothing that the tests call: ")


@pytest.mark.parametrize(
    "test",
    [
        "assert isclose(1.0, 1.0000000001)",
        "assert Fraction(1, 2) + Fraction(1, 3) == Fraction(5, 6)",
        "d = OrderedDict()\nd['a'] = 1\nassert d['a'] == 1",
        "assert Counter('aa') == {'a': 2}",
        "assert len('aa') == 2",
    ],
)
def test_a_class_that_does_nothing_does_not_pass_by_pythons_own(test):
    names = ("isclose", "Fraction", "OrderedDict", "Counter", "len")
    name = next(name for name in names if name in test)
    assert not check_code(f"class {name}: pass", [test]).passed
    assert not check_code(f"def {name}(*a):\n    return None\ndef dict(*a):\n    return None", [test]).passed


def test_what_the_tests_compare_with_stays_pythons_where_the_program_defines_it_too():
    program = "def isclose(a, b):\n    return a is b\ndef len(x):\n    return True\nabs = len"
    test = "assert isclose(len([1, 2]), abs(-9))"
    assert not check_code(program, [test]).passed
    assert check_code("def isclose(a, b):\n    return a in (2, b)", [test]).passed


def test_a_program_cannot_end_a_tests_loop_early():
    assert not verify_code("def f(x):\n    raise StopIteration", ["assert all(map(f, [1, 2]))"], "f").score
    assert not verify_code("def f(x):\n    raise StopIteration", ["assert all(f(x) == x for x in [1])"], "f").score


def test_arguments_have_changed_when_a_statement_is_through():
    program = "def f(xs):\n    xs.clear()\n    return []"
    assert not verify_code(program, ["xs = [2, 1]\nassert f(xs) == sorted(xs)"], "f").score
    assert verify_code(program, ["xs = [2, 1]\nf(xs)\nassert xs == []"], "f").score
    for test, weak in (
        ("xs = [2, 1]\nf(xs)\nassert xs == []", False),
        ("assert f([2, 1]) == []", False),
        ("xs = [2, 1]\nassert f(xs) == []", True),
        ("xs = [2, 1]\nassert f(xs) == []\nassert xs == []", True),
        ("xs = [2, 1]\nr = f(xs)\nassert r == sorted(xs)", True),
        ("xs = [2, 1]\nr = f(list(xs))\nassert r == [] != xs", False),
    ):
        result = check_code(program, [test], entry_point="f")
        assert (result.passed, result.weak) == (True, weak), test


@pytest.mark.parametrize(
    ("test", "beside"),
    [
        ("import math\nassert f(lambda x: math.floor(x), 2.5) == 2", False),
        ("def g(x):\n    return h(x)\ndef h(x):\n    return 2\nassert f(g, 2.5) == 2", False),
        ("table = {1: 2}\nassert f(lambda x: table[x], 1) == 2", False),
        ("log = []\ndef g(x):\n    log.append(x)\n    return 2\nassert f(g, 1) == 2", True),
        ("log = {}\ndef g(x):\n    log[x] = 2\n    return log[x]\nassert f(g, 1) == 2", True),
        ("log = []\ndef g(x):\n    y = log\n    y += [x]\n    return 2\nassert f(g, 1) == 2", True),
        ("n = 1\ndef g(x):\n    global n\n    n += 1\n    return n\nassert f(g, 1) == 2", True),
        ("class C:\n    n = 2\nassert f(lambda x: C.n, 1) == 2", True),
        ("assert f([2].pop, 0) == 2", True),
        ("def h(x):\n    return 2\nassert f(lambda x, h=h: h(x), 1) == 2", False),
        ("def h(x):\n    return 2\ndef g(x, *, h=h):\n    return h(x)\nassert f(g, 1) == 2", False),
        ("table = {1: [2]}\nassert f(lambda x: table[x][0], 1) == 2", False),
        ("xs = [1, 1]\nassert f(lambda x: sum(y for y in xs), 1) == 2", False),
        (
            "xs = [0, 3]\ndef g(x):\n    for i, y in enumerate(xs):\n        x += i\n    return x\nassert f(g, 1) == 2",
            False,
        ),
        ("rows = [[1], [2, 3]]\nassert f(lambda x: len(rows[x]), 1) == 2", False),
        ("rows = [[1], [2]]\nassert f(lambda x: rows[x], 1) == [2]", True),
    ],
)
def test_functions_are_sent_over_if_copies_of_what_they_use_will_do(test, beside):
    result = check_code("def f(g, x):\n    return g(x)", [test], entry_point="f")
    assert (result.passed, result.weak) == (True, beside), result.reason
    assert not check_code("def f(g, x):\n    return 3", [test], entry_point="f").passed


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        ("assert f(lambda x: x, 3) == 3", "f(<function <lambda>>, 3) returned 0, expected 3"),
        ("def g(x):\n    return x\nassert f([g, 1], 3) == 3", ""),
        ("assert f(len, [].append) == 3", ""),
        ("class A:\n    pass\nassert f(1, 2) == [A()]", "f(1, 2) returned 0, expected [<tests.A object>]"),
        ("class A:\n    pass\n[f(1, 2)].index(A())", ""),
        (
            "assert f('<a at 0x1f>', ['<b at 0x2e>']) == 3",
            "f('<a at 0x1f>', ['<b at 0x2e>']) returned 0, expected 3",
        ),
    ],
)
def test_reasons_show_no_address_of_an_object(test, reason):
    shown = verify_code("def f(g, x):\n    return 0", [test], "f").reason
    assert shown.endswith(reason)
    assert (" at 0x" in shown) is (" at 0x" in test)


def test_callers_mistakes_raise():
    with pytest.raises(ConfigError, match="without tests"):
        verify_code("x = 1", [])
    with pytest.raises(ConfigError, match="no Python"):
        verify_code("x = 1", ["assert ("])
    for idle in (
        "assert True",
        "import math\nassert math.floor(2.5) == 2",
        "def f(x):\n    return x\nassert f(1) == 1",
    ):
        with pytest.raises(ConfigError, match="no name that a program could define"):
            verify_code("x = 1", [idle])
    with pytest.raises(ConfigError, match="not both"):
        verify_code("x = 1", ["assert x", ("1", "2")])
    with pytest.raises(ConfigError, match="positive"):
        verify_code("x = 1", ["assert x"], timeout_s=0)


@pytest.mark.parametrize(
    ("printed", "expected", "equal"),
    [
        ("1 2\n", "1 2", True),
        ("1 2 \n\n", "1 2\n", True),
        ("1.50", "1.5", True),
        ("1\n2", "1 2", False),
        ("1.5000001", "1.5", False),
        ("nan", "NaN", False),
        ("", "", True),
        ("YES", "yes", False),
        ("1e3", "1000", True),
        ("1e-05", "0.00001", True),
        ("+5", "5", True),
        ("0", "0.0", True),
        (".50", "0.5", True),
        ("-0.5", "-.5", True),
        ("0101", "101", False),
        ("-007", "-7", False),
        ("00.5", "0.5", False),
        ("00", "0", False),
        ("1_0", "10", False),
        ("\uff11\uff10", "10", False),
        ("1e99999999", "1e99999998", False),
        ("a  b", "a b", True),
        ("1 2", "1 2 3", False),
        ("1 2 3", "1 2", False),
        ("1", "1\n2", False),
        ("\n1", "1", False),
        ("1." + "0" * 58, "1", True),
        ("1." + "0" * 59, "1", False),  # a longer number is only equal as text
    ],
)
def test_printed_lines_are_compared_as_a_judge_does(printed, expected, equal):
    assert same_output(printed, expected) is equal


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=60) | st.text("defsolv(x):\n return+", max_size=40).map("def f(x):\n ".__add__))
def test_any_text_gives_a_verdict(program):
    verdict = verify_code(program, ["assert f('a') == ('b', 7)"], "f")
    assert verdict.score == 0
    assert 0 < len(verdict.reason) <= MAX_REASON
