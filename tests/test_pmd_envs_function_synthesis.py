"""FunctionSynthesis: the catalogue means what it says, and the family scores what the programs do."""

import itertools
import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmd_envs.errors import ConfigError
from pmd_envs.families.function_synthesis import FunctionSynthesis
from pmd_envs.functions import CATALOGUE
from pmd_envs.functions.chains import chains_of
from pmd_envs.functions.problems import draw_tests
from pmd_envs.functions.trusted import answer
from pmd_envs.records import Task
from pmd_envs.sandbox import decode, encode

FAMILY = FunctionSynthesis()

# One value worked out by hand for every kind: (parameters, arguments, what the words of the task ask for).
BY_HAND = {
    "add_constant": ((5,), (3,), 8),
    "subtract_from": ((10,), (4,), 6),
    "times_plus": ((3, 2), (4,), 14),
    "times_minus": ((3, 2), (4,), 10),
    "is_above": ((5,), (5,), False),
    "is_divisible": ((4,), (12,), True),
    "remainder": ((4,), (11,), 3),
    "quotient": ((4,), (11,), 2),
    "larger_plus": ((3,), (2, 7), 10),
    "smaller_times": ((3,), (2, 7), 6),
    "distance_to": ((10,), (4,), 6),
    "at_least": ((5,), (2,), 5),
    "at_most": ((5,), (9,), 5),
    "clamp": ((2, 9), (1,), 2),
    "in_range": ((2, 9), (9,), True),
    "half_or_times": ((3,), (7,), 21),
    "above_or_zero": ((5,), (6,), 6),
    "excess_over": ((5,), (8,), 3),
    "compare_word": ((5,), (5,), "equal"),
    "round_down_to": ((5,), (13,), 10),
    "round_up_to": ((5,), (13,), 15),
    "last_digit_is": ((3,), (43,), True),
    "digit_count": ((3,), (343,), 2),
    "digit_sum_plus": ((2,), (345,), 14),
    "sum_of_multiples": ((3,), (9,), 18),
    "power_sum": ((2,), (3,), 14),
    "count_divisors_above": ((2,), (12,), 4),
    "first_items": ((2,), ([7, 8, 9],), [7, 8]),
    "drop_first_items": ((2,), ([7, 8, 9],), [9]),
    "count_equal": ((3,), ([3, 1, 3],), 2),
    "has_item": ((3,), ([1, 3],), True),
    "sum_plus": ((4,), ([1, 2],), 7),
    "append_item": ((4,), ([1, 2],), [1, 2, 4]),
    "add_each": ((4,), ([1, 2],), [5, 6]),
    "multiply_each": ((4,), ([1, 2],), [4, 8]),
    "keep_above": ((4,), ([4, 5, 1, 9],), [5, 9]),
    "keep_divisible": ((3,), ([3, 4, -6],), [3, -6]),
    "count_above": ((4,), ([4, 5, 1, 9],), 2),
    "sum_above": ((4,), ([4, 5, 1, 9],), 14),
    "sum_divisible": ((3,), ([3, 4, 6],), 9),
    "count_between": ((2, 6), ([2, 6, 7, 1],), 2),
    "keep_between": ((2, 6), ([2, 6, 7, 1],), [2, 6]),
    "any_above": ((4,), ([1, 5],), True),
    "all_below": ((5,), ([1, 5],), False),
    "smallest_items": ((2,), ([5, 3, 4],), [3, 4]),
    "largest_items": ((2,), ([3, 5, 4],), [5, 4]),
    "every_kth_item": ((2,), ([1, 2, 3, 4, 5],), [1, 3, 5]),
    "max_distance_to": ((4,), ([1, 9, 4],), 5),
    "rotate_left": ((2,), ([1, 2, 3, 4],), [3, 4, 1, 2]),
    "sum_largest": ((2,), ([5, 1, 4],), 9),
    "sum_squares_above": ((2,), ([2, 3, 4],), 25),
    "clamp_each": ((0, 8), ([-3, 5, 12],), [0, 5, 8]),
    "indices_above": ((4,), ([9, 4, 5],), [0, 2]),
    "steps_above": ((3,), ([1, 5, 2, 9],), 2),
    "scaled_range": ((3,), ([2, 7],), 19),
    "repeat_text": ((3,), ("ab",), "ababab"),
    "first_letters": ((2,), ("apple",), "ap"),
    "last_letters": ((2,), ("apple",), "le"),
    "count_letter": (("e",), ("tree",), 2),
    "starts_with": (("a",), ("apple",), True),
    "ends_with": (("e",), ("apple",), True),
    "replace_letter": (("e", "-"), ("tree",), "tr--"),
    "remove_letter": (("e",), ("tree",), "tr"),
    "wrap_text": (("-",), ("tree",), "-tree-"),
    "reverse_and_add": (("-",), ("tre",), "ert-"),
    "longer_than": ((4,), ("tree",), False),
    "shorten": ((3,), ("tree",), "tre.."),
    "upper_start": ((2,), ("tree",), "TRee"),
    "same_both_ways": ((), ("Level",), True),
    "swap_ends": ((2,), ("tree",), "eetr"),
    "every_kth_letter": ((2,), ("apple",), "ape"),
    "join_words": (("-",), (["a", "b"],), "a-b"),
    "keep_long_words": ((3,), (["cat", "tree"],), ["tree"]),
    "words_starting_with": (("c",), (["cat", "ice"],), 1),
    "cut_each_word": ((2,), (["cat", "a"],), ["ca", "a"]),
    "words_in_text": ((4,), ("cat tree apple",), 2),
    "initials_with_mark": (("-",), ("cat tree",), "c-t"),
    "reverse_words": (("-",), ("cat tree",), "tree-cat"),
    "letters_not_in": (("a", "l"), ("apple",), "ppe"),
    "vowels_over": ((1,), ("apple",), True),
    "vowels_to_mark": (("*",), ("apple",), "*ppl*"),
    "shift_letters": ((3,), ("yz",), "bc"),
    "drop_repeats": (("-",), ("noon",), "non-"),
    "mark_between": ((2, "-"), ("apple",), "ap-pl-e"),
    "sum_until_above": ((5,), ([1, 5, 6, 2],), 6),
    "first_above": ((5,), ([5, 7, 9],), 7),
    "running_totals": ((3,), ([1, 2],), [4, 6]),
    "capped_total": ((10,), ([8, 5, -3],), 7),
    "longest_run_of": ((2,), ([2, 2, 1, 2],), 2),
    "halvings_to": ((3,), (20,), 3),
    "doublings_to": ((16,), (7,), 32),
    "repeat_map": ((2,), (3,), 15),
    "unique_above": ((2,), ([3, 2, 3, 4],), [3, 4]),
    "pairs_with_sum": ((6,), ([3, 3, 3, 1],), 3),
    "alternating_sum": ((2,), ([5, 3, 1],), 5),
    "number_words": ((2,), (4,), [1, "x", 3, "x"]),
}


def task_of(problem, number=0):
    return Task(str(number), FAMILY.name, "train", problem.prompt, problem.gold, problem.facts, "")


def one_task(kind, seed=0):
    return task_of(FAMILY.generate_kind(random.Random(seed), kind, CATALOGUE[kind].difficulty))


def custom_task(public, hidden):
    tests = [[[encode(args), encode(value)] for args, value in group] for group in (public, hidden)]
    return Task("x", FAMILY.name, "train", "", "", {"public": tests[0], "hidden": tests[1]}, "")


ADD_ONE = custom_task([([1], 2), ([5], 6)], [([7], 8), ([0], 1)])


CHAINS = [kind for kind in CATALOGUE.values() if kind.difficulty > 5]


@pytest.mark.parametrize("kind", [CATALOGUE[name] for name in BY_HAND], ids=list(BY_HAND))
def test_a_kind_computes_what_its_words_ask_for(kind):
    values, args, expected = BY_HAND[kind.name]
    assert all(value in choices for value, (_, choices) in zip(values, kind.parameters, strict=True))
    assert answer(kind, values, kind.body, args).value == encode(expected)


@given(st.sampled_from(CHAINS), st.randoms(use_true_random=False))
def test_a_chain_computes_one_step_after_the_other(chain, rng):
    values = {name: rng.choice(choices) for name, choices in chain.parameters}
    [xs] = args = chain.inputs.draw(rng, tuple(values.values()))
    for place, name in enumerate(chain.name.split("+"), 1):
        step = CATALOGUE[name]
        numbers = tuple(values[f"{parameter}{place}"] for parameter, _ in step.parameters)
        xs = decode(answer(step, numbers, step.body, (xs,)).value)
        for way in (0, 1):
            assert step.fill(step.spec[way], numbers) in chain.fill(chain.spec[way], tuple(values.values()))
    assert answer(chain, tuple(values.values()), chain.body, args).value == encode(xs)


def test_chains_have_two_steps_more_at_each_level():
    steps = {
        level: {len(kind.name.split("+")) for kind in CHAINS if kind.difficulty == level} for level in range(6, 11)
    }
    assert steps == {6: {6}, 7: {8}, 8: {10}, 9: {12}, 10: {14}}
    with pytest.raises(ValueError, match="one return, in its last line"):
        chains_of({name: replace(kind, body=f"if xs:\n    return 0\n{kind.body}") for name, kind in CATALOGUE.items()})


def test_every_kind_is_described_in_its_own_words():
    assert set(BY_HAND) | {kind.name for kind in CHAINS} == set(CATALOGUE)
    assert len(CATALOGUE) >= 60
    plans = [kind.plan for kind in CATALOGUE.values()]
    specs = [spec for kind in CATALOGUE.values() for spec in kind.spec]
    assert len(set(plans)) == len(plans)
    assert len(set(specs)) == len(specs)
    for kind in CATALOGUE.values():
        assert 8 <= len(kind.plan.split()) <= (25 if kind.difficulty <= 5 else 60), kind.plan
        assert all("{" + name + "}" in spec for spec in kind.spec for name, _ in kind.parameters), kind.name
        assert 2 <= len(kind.wrong) <= 3


@pytest.mark.slow
def test_tests_catch_every_mistake_for_all_parameters():
    rng = random.Random(0)
    for kind in CATALOGUE.values():
        every = itertools.product(*(choices for _, choices in kind.parameters))
        some = (tuple(rng.choice(choices) for _, choices in kind.parameters) for _ in range(3))
        for values in every if kind.difficulty <= 5 else some:
            public, hidden = draw_tests(random.Random(f"{kind.name}{values}"), kind, values)
            assert (len(public), len(hidden)) == (2, 8)
            calls = [test.args for test in (*public, *hidden)]
            assert all(calls.count(args) == 1 for args in calls)


@pytest.mark.slow
def test_gold_programs_pass_in_the_child_and_wrong_ones_say_the_same_in_both_processes():
    """The trusted callables and the program texts agree, for the reference and for every listed mistake."""
    rng = random.Random(5)
    jobs = []
    for kind in CATALOGUE.values():
        task = one_task(kind.name)
        assert FAMILY.gold_solution(task) == task.gold
        values = tuple(task.facts["parameters"])
        jobs.append((task, task.gold, 1.0, "all tests pass"))
        programs = {kind.program(body, values) for body in rng.sample(kind.wrong, 1)} | {
            FAMILY.wrong_solution(rng, task)
        }
        jobs += [(task, program, 0.0, FAMILY.feedback_on_wrong(task, program)) for program in sorted(programs)]
    with ThreadPoolExecutor(3) as pool:
        verdicts = list(pool.map(lambda job: FAMILY.verify(job[0], job[1]), jobs))
    for (task, program, score, reason), verdict in zip(jobs, verdicts, strict=True):
        assert (verdict.score, verdict.reason) == (score, reason), program
        assert len(reason) < 160
        assert task.gold not in reason


@pytest.mark.parametrize("difficulty", FAMILY.difficulties)
def test_problems_are_small_and_complete(difficulty):
    rng = random.Random(difficulty)
    seen = set()
    for _ in range(40):
        problem = FAMILY.generate(rng, difficulty)
        seen.add(problem.facts["kind"])
        assert problem.facts["kind"] in FAMILY.kinds(difficulty)
        assert json.loads(json.dumps(problem.facts)) == problem.facts
        assert len(problem.prompt) <= (320 if difficulty <= 5 else 1_100)
        lines = problem.prompt.split("\n")
        assert len(lines) == 3
        assert "{" not in problem.prompt
        for line, (args, expected) in zip(lines[1:], problem.facts["public"], strict=True):
            assert line == f"solve({', '.join(repr(decode(arg)) for arg in args)}) == {decode(expected)!r}"
        assert len(problem.gold.split("\n")) <= (7 if difficulty <= 5 else 40)
    assert len(seen) > 8


def test_problems_depend_on_nothing_but_the_generator_and_their_content_is_kind_and_parameters():
    first, again = (FAMILY.generate(random.Random("a/1"), 3) for _ in range(2))
    assert first == again
    kind = first.facts["kind"]
    others = [FAMILY.generate_kind(random.Random(seed), kind, 3) for seed in range(60)]
    by_content = {}
    for problem in others:
        by_content.setdefault(FAMILY.content(problem), set()).add(problem.gold)
    assert all(len(golds) == 1 for golds in by_content.values())
    assert len(by_content) == len({problem.gold for problem in others})
    assert all(len({FAMILY.content(FAMILY.generate(random.Random(s), d)) for s in range(60)}) > 20 for d in range(1, 6))


def test_a_caller_learns_the_nearest_right_name():
    with pytest.raises(ConfigError, match="Did you mean 'sum_above'"):
        FAMILY.generate_kind(random.Random(0), "sum_abov", 3)
    with pytest.raises(ConfigError):
        FAMILY.generate(random.Random(0), 11)
    task = one_task("sum_above")
    forged = Task("x", FAMILY.name, "train", "", "", {**task.facts, "parameters": ["__import__('os')"]}, "")
    with pytest.raises(ConfigError):
        FAMILY.wrong_solution(random.Random(0), forged)


def test_the_first_public_failure_is_the_feedback():
    cases = {
        "def solve(n):\n    return n + 1": "",
        "```python\ndef solve(n):\n    return n + 1\n```": "",
        "def solve(n):\n    return 2 * n": "solve(5) returned 10, expected 6",
        "def solve(n):\n    return True": "solve(1) returned True, expected 2",
        "def solve(n):\n    return n + 1.0": "solve(1) returned 2.0, expected 2",
        "def solve(n):\n    return y": "solve(1) raised NameError: name 'y' is not defined (line 2)",
        "import os\nx = y": "NameError: name 'y' is not defined (line 2)",
        "def solve(n)\n    return n": "SyntaxError: expected ':' (line 1)",
        "def solve(n):\n    while True:\n        pass": "solve(1) did not finish within 1 s",
        "import os\ndef solve(n):\n    os._exit(0)": "solve(1) ended the process",
        "def answer(n):\n    return n + 1": "NameError: the program defines no function solve",
        "def solve(n):\n    return [n] * 10**6": "solve(1) returned <huge object>, expected 2",
        "": "the response contains no program",
    }
    for program, failure in cases.items():
        verdict = FAMILY.check_step(ADD_ONE, (), program)
        assert verdict.ok is (not failure), (program, verdict)
        assert verdict.reason == (failure or "the public tests pass")
        assert FAMILY.is_final(ADD_ONE, program, verdict) is (not failure)
        final = FAMILY.verify(ADD_ONE, program)
        assert final.score == float(not failure)
        assert final.first_wrong_step == (0 if failure else None)


@pytest.mark.parametrize(
    "program",
    [
        "def solve(n):\n    return {1: 2, 5: 6}.get(n, 8)",
        "def solve(n):\n    return n + 1 if n != 7 else 1 // 0",
        "import os\ndef solve(n):\n    return n + 1 if n != 7 else os._exit(0)",
        "def solve(n):\n    while n == 7:\n        pass\n    return n + 1",
    ],
)
def test_hidden_tests_decide_and_tell_nothing(program):
    assert FAMILY.check_step(ADD_ONE, (), program).ok is True
    verdict = FAMILY.verify(ADD_ONE, program)
    assert (verdict.score, verdict.reason, verdict.first_wrong_step) == (0.0, "a hidden test failed", None)


def test_expected_values_are_nowhere_in_the_process_of_the_program():
    program = (
        "import gc, sys\ndef solve(x):\n    want = 'secret-value'\n    found = []\n    f = sys._getframe()\n"
        "    while f:\n        found += [*f.f_locals.values(), *f.f_globals.values()]\n        f = f.f_back\n"
        "    for o in gc.get_objects():\n        found += gc.get_referents(o)\n"
        "    return next((s for s in found if type(s) is str and s[:-2] == want), 'no')"
    )
    planted = custom_task([(["secret-value 1"], "secret-value 1")], [])
    assert FAMILY.verify(planted, program).score == 1.0  # arguments are there to be found, so the search works
    task = custom_task([(["x"], "secret-value 1")], [(["y"], "secret-value 2")])
    assert FAMILY.verify(task, program).reason == "solve('x') returned 'no', expected 'secret-value 1'"


def test_a_response_is_one_step_and_the_last_one_counts():
    assert FAMILY.split_steps("a\nb") == ("a\nb",)
    assert FAMILY.join_steps(("a", "b")) == "b"
    assert FAMILY.join_steps(()) == ""


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=80) | st.text("solve(n):+1= \n\"'", max_size=40).map("def solve(n):\n return ".__add__))
def test_no_text_makes_the_verdict_raise(text):
    verdict = FAMILY.verify(ADD_ONE, text)
    step = FAMILY.check_step(ADD_ONE, (), text)
    assert verdict.score in (0.0, 1.0)
    assert verdict.score == 0.0 or step.ok is True
    assert len(verdict.reason) < 160


def test_wrong_programs_are_made_without_processes_and_fast():
    rng = random.Random(3)
    tasks = [task_of(FAMILY.generate(rng, 1 + i % 5)) for i in range(100)]
    wrong = [FAMILY.wrong_solution(rng, task) for task in tasks]
    assert all(program != task.gold for program, task in zip(wrong, tasks, strict=True))
    reasons = [FAMILY.feedback_on_wrong(task, program) for task, program in zip(tasks, wrong, strict=True)]
    assert len(set(reasons)) > 60
    assert sum(reason == "a hidden test failed" for reason in reasons) < 10
    assert any(reason.startswith("SyntaxError") for reason in reasons)
    assert any("NameError" in reason for reason in reasons)
