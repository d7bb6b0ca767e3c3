"""What tests hand to a program: they see what becomes of it, and a program gains nothing by changing it."""

import ast
import contextlib
import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmd_envs.sandbox import Sandbox, check_code
from pmd_envs.sandbox.inside.touches import may_change, touched


@pytest.fixture(scope="module")
def box():
    made = Sandbox()
    yield made
    made.close()


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
