"""What tests hand to a program: they see what becomes of it, and a program gains nothing by changing it."""

import ast
import contextlib
import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmd_envs.sandbox import Sandbox, check_code
from pmd_envs.sandbox.inside.touches import may_change, touched

SORTS = "def f(xs):\n    xs.sort()\n    return xs"
EMPTIES = "def f(xs):\n    xs.clear()\n    return []"
RAISES = "def f(xs):\n    xs.pop()\n    raise KeyError(xs[:])"
CLASS = "class A:\n    def __init__(self):\n        self.xs = [2, 1]\n"


@pytest.fixture(scope="module")
def box():
    made = Sandbox()
    yield made
    made.close()


SEEN = (
    (SORTS, "nums = [2, 1]\ndef call():\n    return f(nums)\ncall()\nassert nums == [1, 2]"),
    (SORTS, "xs = [2, 1]\nrun = lambda: f(xs)\nrun()\nassert xs == [1, 2]"),
    (SORTS, f"{CLASS}    def go(self):\n        return f(self.xs)\na = A()\na.go()\nassert a.xs == [1, 2]"),
    (SORTS, "d = {'k': [2, 1]}\nf(d.get('k'))\nassert d == {'k': [1, 2]}"),
    (SORTS, "xs = [2, 1]\ndef given():\n    return xs\nf(given())\nassert xs == [1, 2]"),
    (SORTS, "def call(xs):\n    ys = xs[:]\n    f(ys)\n    return ys\nassert call([2, 1]) == [1, 2]"),
    (SORTS, "def check(c):\n    '''Text.'''\n    xs = [2, 1]\n    c(xs)\n    assert xs == [1, 2]\ncheck(f)"),
    (SORTS, "def each(xss):\n  for xs in xss:\n    f(xs)\n    yield xs\nassert [*each([[2, 1]])] == [[1, 2]]"),
    (RAISES, "xs = [1, 2]\ntry:\n    f(xs)\nexcept KeyError:\n    assert xs == [1]"),
    (RAISES, "xs = [1, 2]\ndef call():\n    return f(xs)\ntry:\n    call()\nexcept KeyError:\n    assert xs == [1]"),
    (RAISES, "xs = [1, 2]\ntry:\n  try:\n    f(xs)\n  finally:\n    assert xs == [1]\nexcept KeyError:\n  pass"),
    (EMPTIES, "xs = [2, 1]\nmatch f(xs):\n    case []:\n        assert xs == []\n    case _:\n        assert False"),
)  # fmt: skip


@pytest.mark.parametrize(("program", "test"), SEEN, ids=range(len(SEEN)))
def test_changes_are_seen_wherever_the_call_stands(box, program, test):
    result = check_code(program, [test], entry_point="f", sandbox=box)
    assert result.passed, result.reason
    idle = "def f(xs):\n    raise KeyError" if program == RAISES else "def f(xs):\n    return xs"
    assert not check_code(idle, [test], entry_point="f", sandbox=box).passed


@pytest.mark.parametrize(
    ("tests", "weak"),
    [
        (["xs = [3, 1]\nf(xs)\nassert xs == [1, 3]", "assert f([2, 1]) == [1, 2]", "assert f([5]) == [5]"], False),
        (["nums = [2, 1]\ndef call():\n    return f(nums)\ncall()\nassert nums == [1, 2]"], False),
        (["nums = [2, 1]\ndef call():\n    return f(nums)\nr = call()\nassert r == sorted(nums)"], True),
        (["nums = [2, 1]\nout = []\ndef call():\n    return out.append(f(nums))\ncall()\nassert out[0] == nums"], True),
        (["nums = [2, 1]\nout = []\nout.append(f(nums))\nassert out[0] == nums"], True),
        (["def call(xs):\n    return f(xs)\nr = call([2, 1])\nassert r == [1, 2]"], False),
        (["rows = [[2, 1]]\nassert all(f(row) == [1, 2] for row in rows)"], True),
        (["assert all(f(row) == [1, 2] for row in [[2, 1]])"], False),
        (["def up(n):\n    return n and 1 + up(n - 1)\nnums = [2, 1]\nf(nums)\nassert nums == [1, up(2)]"], False),
        (
            [
                "def call():\n    return f(nums)\ndef first():\n    return call()[0]\nnums = [2, 1]\n"
                "out = []\ndef keep():\n    return out.append(first())\nkeep()\nassert out[0] == nums[0]"
            ],
            True,
        ),
        (["rows = [[2, 1]]\nlater = map(f, rows)\nr = list(later)\nassert r == rows"], True),
        (["rows = [[2, 1]]\nlater = (f(row) for row in rows)\nr = list(later)\nassert r == rows"], True),
        ([f"{CLASS}    def __neg__(self):\n        return f(self.xs)\na = A()\nr = -a\nassert r == a.xs"], True),
    ],
)
def test_a_program_is_judged_by_what_it_changed_only_where_tests_still_hold_it(box, tests, weak):
    result = check_code(SORTS, tests, entry_point="f", sandbox=box)
    assert (result.passed, result.weak) == (True, weak), result.reason


@pytest.mark.parametrize(
    "test",
    [
        "def run(xs):\n    r = f(xs)\n    return r\nnums = [2, 1]\nout = run(nums)\nassert out == sorted(nums)",
        "tests = [[2, 1]]\nres = [f(a) for a in tests]\nassert res == [sorted(b) for b in tests]",
        "tests, out = [[2, 1]], []\nfor t in tests:\n    out.append(f(t))\nfor xs, r in zip(tests, out):\n"
        "    assert r == sorted(xs)",
        "xs = [2, 1]\nys = xs\nr = f(ys)\nassert r == sorted(xs)",
        "nums = [2, 1]\nfor r in [f(nums)]:\n    assert r == sorted(nums)",
        "nums = [2, 1]\nif (r := f(nums)) is not None:\n    assert r == sorted(nums)",
        "def check(c):\n    def run(xs):\n        r = c(xs)\n        assert r == sorted(xs)\n    run([2, 1])\ncheck(f)",
    ],
)
def test_whatever_an_argument_is_called_a_program_that_empties_it_is_no_strong_evidence(box, test):
    result = check_code("def f(xs):\n    xs.clear()\n    return []", [test], entry_point="f", sandbox=box)
    assert result.weak or not result.passed
    honest = check_code("def f(xs):\n    return sorted(xs)", [test], entry_point="f", sandbox=box)
    assert (honest.passed, honest.weak) == (True, False), honest.reason


def test_what_a_function_keeps_on_itself_or_in_a_default_inside_is_not_lost(box):
    kept = "def g(x):\n    g.n += 1\n    return x\ng.n = 0\nassert f(g, 1) == 1\nassert g.n == 1"
    inside = "log = []\ndef g(x):\n    def add(y, acc=log):\n        acc.append(y)\n    add(x)\n    return x\n"
    for test in (kept, f"{inside}assert f(g, 1) == 1\nassert log == [1]"):
        result = check_code("def f(g, x):\n    return g(x)", [test], entry_point="f", sandbox=box)
        assert result.passed, result.reason
        assert not check_code("def f(g, x):\n    return x", [test], entry_point="f", sandbox=box).passed


def test_tests_that_are_too_deep_to_be_taken_apart_are_still_run(box):
    test = f"assert f(1) == {' + '.join(['1'] * 400)}"
    assert check_code("def f(x):\n    return 400 * x", [test], entry_point="f", sandbox=box).passed
    assert not check_code("def f(x):\n    return x", [test], entry_point="f", sandbox=box).passed


def test_long_results_with_addresses_are_shown_in_time(box):
    result = check_code(
        "def f(x):\n    return [' at 0x1>'] * 10**6", ["assert f(1) == 2"], entry_point="f", sandbox=box
    )
    assert not result.passed
    assert "returned [" in result.reason


def test_an_exception_counts_as_what_a_call_gave(box):
    shown = "xs = [1, 2]\ntry:\n    f(xs)\nexcept KeyError as e:\n    assert e.args[0] == xs"
    for test, weak in ((shown, True), ("xs = [1, 2]\ntry:\n    f(xs)\nexcept KeyError:\n    assert xs == [1]", False)):
        result = check_code(RAISES, [test], entry_point="f", sandbox=box)
        assert (result.passed, result.weak) == (True, weak), result.reason


@pytest.mark.parametrize(
    "helper",
    [
        "def want(xs):\n    print(xs)\n    return sorted(xs)",
        "def note():\n    pass\ndef want(xs):\n    note()\n    return sorted(xs)",
        "def want(xs):\n    def inner():\n        print(xs)\n        return 0\n    inner()\n    return sorted(xs)",
        "def want(xs):\n    try:\n        {}[0]\n    except KeyError:\n        return sorted(xs)",
        "def want(xs):\n    class C:\n        n = len(list(xs))\n        print(xs)\n    return sorted(xs)",
        "class W:\n    def __call__(self, xs):\n        self.n = print(xs)\n        return sorted(xs)\nwant = W()",
        "def steps(xs):\n    while True:\n        yield print(xs)\n        yield sorted(xs)\ns = steps(xs)\nnext(s)\n"
        "want = lambda xs: next(s)",
    ],
)
def test_nothing_changes_while_the_statement_of_a_call_goes_on(box, helper):
    test = f"xs = [2, 1]\n{helper}\nassert f(xs) == want(xs)"
    assert not check_code(EMPTIES, [test], entry_point="f", sandbox=box).passed
    assert check_code("def f(xs):\n    return sorted(xs)", [test], entry_point="f", sandbox=box).passed


NOTES = (
    ("lambda x, log=log: log.append(x)", "[]", "[5]"),
    ("lambda x, *, log=log: log.append(x)", "[]", "[5]"),
    ("lambda x: log[0].append(x)", "([], 0)", "([5], 0)"),
    ("lambda x, log=log: log[0].append(x)", "([], 0)", "([5], 0)"),
    ("lambda x: [row.append(x) for row in log]", "[[1], [2]]", "[[1, 5], [2, 5]]"),
    ("lambda x: {row.pop() for row in log[1:]}", "[[1], [2]]", "[[1], []]"),
    ("lambda x: {row: part.append(x) for row, part in zip('ab', log)}", "([], [])", "([5], [5])"),
    ("lambda x: any(row.append(x) for row in reversed(log))", "[[1], [2]]", "[[1, 5], [2, 5]]"),
    ("lambda x: max(log).append(x)", "[[1], [2]]", "[[1], [2, 5]]"),
    ("lambda x: max([9], log).append(x)", "[10]", "[10, 5]"),
    ("lambda x: dict(a=log)['a'].append(x)", "[]", "[5]"),
    ("lambda x: ((log if x else ()) or [0]).append(x)", "[1]", "[1, 5]"),
    ("lambda x: sorted(log, key=lambda row: row.append(x) or 0)", "[[1], [2]]", "[[1, 5], [2, 5]]"),
    ("lambda x: sorted(log, key=note)", "[[], []]", "[[5], [5]]"),
    ("lambda x: (part := log[0]) and part.update(a=x)", "[{1: 2}]", "[{1: 2, 'a': 5}]"),
)
BODIES = (
    ("for i, row in enumerate(log):\n        row[0] += i + x", "[[1], [2]]", "[[6], [8]]"),
    ("for row in zip(log, log):\n        row[0].append(x)", "[[1]]", "[[1, 5]]"),
    ("row = log[0]\n    row += [x]", "[[1]]", "[[1, 5]]"),
    ("row, _ = log\n    row.append(x)", "([], 0)", "([5], 0)"),
    ("log[0][x] = 1", "({},)", "({5: 1},)"),
    ("del log[0][0]", "[[1]]", "[[]]"),
    ("match log:\n        case [row]:\n            row.append(x)", "[[]]", "[[5]]"),
    ("rows = list(log)\n    rows[0].append(x)", "[[]]", "[[5]]"),
    ("rows = log + []\n    rows[0].append(x)", "[[]]", "[[5]]"),
)


@pytest.mark.parametrize(
    ("function", "before", "after"),
    [*NOTES, *((f"def g(x):\n    {body}", *values) for body, *values in BODIES)],
)
def test_what_functions_of_the_tests_change_is_seen(box, function, before, after):
    made = f"g = {function}" if function.startswith("lambda") else function
    test = f"def note(row):\n    row.append(5)\n    return 0\nlog = {before}\n{made}\nf(g, 5)\nassert log == {after}"
    result = check_code("def f(g, x):\n    g(x)", [test], entry_point="f", sandbox=box)
    assert result.passed, result.reason
    assert not check_code("def f(g, x):\n    pass", [test], entry_point="f", sandbox=box).passed


def test_a_default_that_collects_keeps_what_it_has(box):
    test = "def g(x, log=[]):\n    log.append(x)\n    return len(log)\nassert f(g, 1) == 1\nassert f(g, 1) == 2"
    assert check_code("def f(g, x):\n    return g(x)", [test], entry_point="f", sandbox=box).passed
    assert not check_code("def f(g, x):\n    return 1", [test], entry_point="f", sandbox=box).passed


# fmt: off
WAYS = (
    "{}[0]", "{}[1:]", "list({})", "({} if log else 0)", "max({})", "[*{}]", "[y for y in {}]", "({} or 0)",
    "sorted({})", "({} + [])", "tuple({})", "list(reversed({}))", "[{}]", "({}, 0)", "dict(a={})['a']", "{{1: {}}}[1]",
    "sum([], {})", "min({}, [9])", "list(enumerate({}))[0][1]", "(lambda: {})()", "[y for w in {} for y in w]",
    "next(iter({}))",
)
ENDS = (
    "{}.append(5)", "y = {}\n    y.append(5)", "for y in {}:\n        y.append(5)", "{}[0] = 5", "del {}[0]",
    "for i, y in enumerate({}):\n        y[0] = i", "y, *_ = {}\n    y.append(5)", "y = {}\n    y += [5]",
    "[y.append(5) for y in {}]", "print({})", "match {}:\n        case [y, *_]:\n            y.append(5)",
    "change({})", "return {}", "sorted({}, key=change)", "len({})",
)
# fmt: on


def change(value):
    if isinstance(value, list):
        value.append(5)
    return 0


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WAYS), max_size=3), st.sampled_from(ENDS), st.integers(1, 3))
def test_a_function_that_changes_something_is_known_by_its_text(ways, end, depth):
    path = "log"
    for way in ways:
        path = way.format(path)
    text = f"def g(log):\n    {end.format(path)}"
    log = [1, 2]
    for _ in range(depth - 1):
        log = [log, [3]]
    seen, scope = copy.deepcopy(log), {"change": change, "print": lambda value: None}
    exec(text, scope)
    with contextlib.suppress(Exception):
        change(scope["g"](log))
    steps = touched(ast.walk(ast.parse(text))).get("log")
    assert log == seen or (steps is not None and may_change(seen, steps))
