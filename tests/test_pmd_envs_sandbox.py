"""The sandbox: what crosses the border, what a hostile program gains (nothing) and what it leaves behind (nothing)."""

import datetime
import json
import os
import time
import zoneinfo
from collections import Counter, OrderedDict, defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmd_envs.errors import ConfigError
from pmd_envs.sandbox import Limits, Opaque, Sandbox, decode, encode, run_calls, same, show
from pmd_envs.sandbox.inside.values import MAX_DEPTH, MAX_ITEMS, TooLarge
from pmd_envs.sandbox.source import MAX_PROGRAM, extract_program, syntax_error
from pmd_envs.sandbox.values import canonical

QUICK = Limits(cpu_seconds=1, wall_seconds=1.5)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**5000, max_value=2**5001)
    | st.floats()
    | st.text(st.characters(codec=None, exclude_categories=()))
    | st.binary()
)
hashable = st.recursive(scalars, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=4)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.sets(hashable, max_size=3)
        | st.frozensets(hashable, max_size=3)
        | st.dictionaries(hashable, inner, max_size=3)
    ),
    max_leaves=12,
)


def typed(value):
    """A value with its types, for comparing a round trip exactly."""
    if isinstance(value, float):
        return (float, value.hex())
    if isinstance(value, (list, tuple)):
        return (type(value), [typed(item) for item in value])
    if isinstance(value, (set, frozenset)):
        return (type(value), sorted((typed(item) for item in value), key=repr))
    if isinstance(value, dict):
        return (dict, [(typed(key), typed(item)) for key, item in value.items()])
    return (type(value), hex(value) if type(value) is int else value)


@given(values)
def test_values_come_back_with_their_exact_types(value):
    tree = json.loads(json.dumps(encode(value)))
    assert typed(decode(tree)) == typed(value)
    assert same(tree, encode(value))
    assert len(show(tree, 50)) <= 50


@given(scalars, scalars)
def test_values_are_the_same_when_python_says_so_and_the_types_agree(left, right):
    expected = type(left) is type(right) and (left == right or (left != left and right != right))
    assert same(encode(left), encode(right)) == expected
    assert same(encode([left, (right,)]), encode([right, (left,)])) == expected


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (True, 1),
        (1, 1.0),
        ([1], (1,)),
        ({1}, frozenset({1})),
        ({1: 2}, {True: 2}),
        ("a", b"a"),
        (None, False),
        ((), []),
    ],
)
def test_equal_values_of_different_types_are_not_the_same(left, right):
    assert not same(encode(left), encode(right))


def test_order_matters_only_where_python_says_so():
    assert same(encode({"a": 1, "b": 2}), encode({"b": 2, "a": 1}))
    assert same({"set": [1, 2]}, {"set": [2, 1]})
    assert not same([1, 2], [2, 1])
    assert same({"set": [{"tuple": [1]}, {"tuple": [2]}]}, {"set": [{"tuple": [2]}, {"tuple": [1]}]})
    for kind in (Counter, partial(defaultdict, int)):
        assert same(encode(kind({"a": 1, "b": 2})), encode(kind({"b": 2, "a": 1})))
    assert not same(encode(OrderedDict(a=1, b=2)), encode(OrderedDict(b=2, a=1)))
    assert same(encode(0.0), encode(-0.0))


def test_an_instance_of_a_subclass_is_opaque_and_equal_to_nothing():
    class AlwaysEqual(int):
        def __eq__(self, other):
            return True

        __hash__ = int.__hash__

    tree = encode(AlwaysEqual(3))
    assert tree == {"sub": ["AlwaysEqual", 3]}
    assert not same(tree, tree)
    assert not same([tree], [3])
    assert decode(tree) == 3
    assert type(decode(tree)) is int
    assert show([tree]) == "[AlwaysEqual(3)]"


def test_other_objects_are_opaque_and_equal_to_nothing():
    tree = encode(object())
    assert tree == {"opaque": "object"}
    assert not same(tree, tree)
    assert isinstance(decode(tree), Opaque)
    assert decode(tree) != decode(tree)
    assert show([tree]) == "[<object object>]"
    for base in (object, int):  # of a name that is cut
        long_named = encode(type("L" * 60, (base,), {})())
        assert not same(long_named, long_named)


@pytest.mark.parametrize(
    "value",
    [
        1 + 2j,
        Counter("aab"),
        defaultdict(list, {1: [2]}),
        OrderedDict(a=1),
        deque([1, (2,)]),
        range(1, 9, 2),
        Decimal("0.10"),
        Fraction(2, 6),
        datetime.date(2024, 2, 29),
        datetime.datetime(2024, 2, 29, 1, 2, 3, 4),
        datetime.time(1, 2, 3),
        datetime.datetime(2024, 2, 29, 1, tzinfo=datetime.UTC),
        datetime.time(1, 2, 3, tzinfo=datetime.timezone(datetime.timedelta(hours=-2), "west")),
        datetime.timezone(datetime.timedelta(minutes=90)),
        datetime.timedelta(days=-1, seconds=3),
        bytearray(b"x"),
        slice(1, None),
        ...,
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_of_the_standard_library_cross_and_compare(value):
    tree = json.loads(json.dumps(encode([value])))
    assert decode(tree) == [value]
    assert type(decode(tree)[0]) is type(value)
    assert same(tree, encode([value]))
    assert not same(tree, encode([str(value)]))
    assert show(tree)


def test_a_moment_keeps_its_time_zone_or_does_not_cross():
    moment = datetime.datetime(2024, 2, 29, 1)
    zones = [None, datetime.UTC, datetime.timezone(datetime.timedelta(hours=1))]
    trees = [encode(moment.replace(tzinfo=zone)) for zone in zones]
    assert [[same(one, other) for other in trees] for one in trees] == [[i == j for j in range(3)] for i in range(3)]
    assert [decode(tree).tzinfo for tree in trees] == zones
    assert encode(moment.replace(tzinfo=zoneinfo.ZoneInfo("UTC"))) == {"opaque": "datetime"}


def test_values_have_a_largest_size():
    deep = []
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    endless = []
    endless.append(endless)
    for value in (deep, endless, [0] * MAX_ITEMS):
        with pytest.raises(TooLarge):
            encode(value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "int",
                        "float",
                        "set",
                        "dict",
                        "bytes",
                        "opaque",
                        "x",
                        "sub",
                        "range",
                        "fraction",
                        "counter",
                        "date",
                    ]
                ),
                inner,
                max_size=2,
            )
        ),
    )
)
def test_forged_trees_are_refused_or_can_be_compared_and_shown(tree):
    try:
        canonical(tree)
    except ValueError:
        return
    show(tree)
    same(tree, encode([1]))


@pytest.mark.parametrize(
    "value", [1, -2.5, "a'b", b"x", [1, "b"], (1,), (), {1}, set(), {"a": (2,)}, frozenset({1}), None]
)
def test_show_writes_values_as_python_does(value):
    assert show(encode(value)) == repr(value)


def test_what_is_shown_has_a_largest_length():
    assert show("x" * 58) == repr("x" * 58)
    assert show("x" * 59) == "'" + "x" * 56 + "..."
    assert show([1] * 100, limit=12) == "[1, 1, 1,..."
    assert show(encode(16**4_000)) == "0x1" + "0" * 54 + "..."  # which Python would not write in decimal


@given(st.text(max_size=400))
def test_source_functions_never_raise(text):
    assert isinstance(syntax_error(extract_program(text)), str)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 9999,
        "-" * 19999 + "1",
        "x" + ".x" * 9000,
        "1" + "+1" * 9000,
        "\0",
        "\ud800",
        "lambda:" * 2800,
        "f'" + "{" * 99,
    ],
)
def test_hostile_syntax_is_a_verdict(text):
    assert isinstance(syntax_error(text), str)


def test_a_syntax_error_is_described_with_its_line():
    assert syntax_error("def solve(x)\n    return x") == "SyntaxError: expected ':' (line 1)"
    assert syntax_error("x = 1\n  y = 2").startswith("IndentationError: unexpected indent")
    assert syntax_error("a\n" * MAX_PROGRAM) == f"the program is longer than {MAX_PROGRAM} characters"
    assert syntax_error("") == "the response contains no program"
    assert syntax_error("x = '\\d'") == ""


@pytest.mark.parametrize(
    ("response", "program"),
    [
        ("def f():\n    pass\n", "def f():\n    pass"),
        ("Here:\n```python\na = 1\n```\nDone.", "a = 1"),
        ("```python\na = 1\n```\nBetter:\n```py\na = 2\n```", "a = 2"),
        ("```python\na = 1\n```\nOutput:\n```text\n1\n```", "a = 1"),
        ("```python\na = 1\n```\nOutput:\n```\n1\n```", "a = 1"),
        ("```\na = 0\n```\n```Python3\na = 1\n```\n```\n1\n```\n```text\n2\n```", "a = 1"),
        ("```\na = 0\n```\nBetter:\n```\na = 1\n```", "a = 1"),
        ("```\na = 1", "a = 1"),
        ("\ufeffa = 1", "a = 1"),
        ("```python\r\na = 1\r\n```", "a = 1"),
        ("<think>\nHm.\n</think>\na = 1", "a = 1"),
        ("Hm.\n</think>\n\na = 1", "a = 1"),
        ("<think>\n```python\na = 2\n```\n</think>\na = 1", "a = 1"),
        ("<thinking>\n```python\na = 2\n```</thinking>\n```python\na = 1\n```", "a = 1"),
        ("```python\na = 1\n```\n<think>\n```python\na = 2\n```\n</think>\nDone.", "a = 1"),
        ("<think>\n```python\na = 2\n```\n</think>\n", ""),
        ("<think>\n```python\na = 2\n```\n", ""),
        ("<think>" + "hm " * 4 * MAX_PROGRAM + "</think>\n```python\na = 1\n```", "a = 1"),
    ],
)
def test_the_program_is_found_in_a_response(response, program):
    assert extract_program(response) == program


@pytest.mark.parametrize(
    "fence", ["```" + " " * 70_000 + "x y", "```" + "x" * 70_000 + "!", "```" + "\t" * 70_000 + "```"]
)
def test_a_fence_that_is_none_takes_no_time(fence):
    began = time.process_time()
    assert extract_program(fence) == fence
    assert time.process_time() - began < 10  # quadratic time would be a minute


def test_every_type_crosses_in_both_directions():
    calls = [((1, 2.5, "ä", b"b", None, True, {1: [2]}, {3}, frozenset({4}), 2**5000),)]
    result = run_calls("def solve(x):\n    return x", "solve", calls)
    assert typed(decode(result.outcomes[0].value)) == typed(calls[0][0])


def test_errors_carry_name_message_and_line():
    result = run_calls("def solve(x):\n    return 1 // x + y", "solve", [(0,), (1,)])
    assert [outcome.error for outcome in result.outcomes] == [
        "ZeroDivisionError: integer division or modulo by zero (line 2)",
        "NameError: name 'y' is not defined (line 2)",
    ]
    result = run_calls("\nreturn 3", "solve", [(0,)])
    assert (result.loaded, result.failure) == (False, "SyntaxError: 'return' outside function (line 2)")
    assert run_calls("x = 1", "solve", [(0,)]).failure == "NameError: the program defines no function solve"


FORGED = {
    "fake replies": (
        "import os\n"
        "def solve(x):\n"
        "    for fd in range(3, 20):\n"
        "        try:\n"
        "            os.write(fd, b'\\0\\0\\0\\x0b{\"value\":6}' * 2)\n"
        "        except OSError:\n"
        "            pass\n"
        "    os._exit(0)"
    ),
    "exit": "import os\ndef solve(x):\n    os._exit(0)",
    "equal to everything": (
        "class A(int):\n    __eq__ = lambda s, o: True\n    __hash__ = int.__hash__\ndef solve(x):\n    return A(6)"
    ),
    "huge value": "def solve(x):\n    return 'a' * 10**8",
}


@pytest.mark.parametrize("name", FORGED)
def test_only_values_of_the_exact_type_count(name):
    result = run_calls(FORGED[name], "solve", [(3,), (4,), (5,)], QUICK)
    right = [same(outcome.value, 6) and not outcome.error for outcome in result.outcomes]
    assert not (result.complete and all(right))
    assert result.complete or result.failure


def test_a_program_sees_neither_our_files_nor_the_network_nor_our_process():
    program = (
        (
            "import os, socket\ndef solve(what):\n"
            "    if what == 'file':\n        return open(%r).read()\n"
            "    if what == 'net':\n        return socket.create_connection(('127.0.0.1', 9)).fileno()\n"
            "    if what == 'memory':\n        return open(f'/proc/{os.getppid()}/mem', 'rb').read(1)\n"
            "    if what == 'kill':\n        return os.kill(%d, 0)\n"
            "    return dict(os.environ)"
        )
        .replace("%r", repr(__file__))
        .replace("%d", str(os.getpid()))
    )
    result = run_calls(program, "solve", [("file",), ("net",), ("memory",), ("kill",), ("environment",)])
    file, net, memory, kill, environment = result.outcomes
    assert file.error.startswith(("PermissionError", "FileNotFoundError"))
    assert memory.error.startswith(("PermissionError", "FileNotFoundError"))
    assert net.error.startswith("PermissionError")
    assert kill.error
    assert set(decode(environment.value)) <= {"PYTHONHASHSEED", "LC_CTYPE"}


def test_sets_of_strings_have_the_same_order_in_every_run():
    program = "def solve(x):\n    return ''.join(set(x))"
    results = {run_calls(program, "solve", [("abcdefghijk",)]).outcomes[0].value for _ in range(3)}
    assert len(results) == 1


def test_many_threads_can_run_programs_at_once():
    programs = [f"def solve(x):\n    return x * {i}" for i in range(24)]
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda program: run_calls(program, "solve", [(10,)]), programs))
    assert [result.outcomes[0].value for result in results] == [10 * i for i in range(24)]


def test_a_large_request_does_not_block():
    result = run_calls("def solve(x):\n    return len(x)", "solve", [("a" * 10**6,)])
    assert result.outcomes[0].value == 10**6


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=60) | st.text("defsolv(x):\n return+", max_size=40).map("def solve(x):\n ".__add__))
def test_any_text_gives_a_result(program):
    result = run_calls(program, "solve", [(1,)], QUICK)
    assert result.complete or result.failure


def test_callers_mistakes_raise():
    with pytest.raises(ConfigError, match="object"):
        run_calls("x", "solve", [(object(),)])
    with pytest.raises(ConfigError, match="Did you mean 'landlock'"):
        Sandbox(without=["landlok"])
