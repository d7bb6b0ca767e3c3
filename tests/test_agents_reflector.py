"""What the reflecting policy reads where not all of it fits: the problem and the request stay whole."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_policy import tiny_policy

from agents.prompts import reflection_prompt, shortened
from agents.reflector import PolicyReflector, _experience
from memory import Behavior, Insight, InsightRequest, Provenance, Subject
from memory.reflection import BehaviorRequest, ProblemSummary
from pmd_envs import Task

TASK = Task("t", "Sums", "train", "What is 12 + 7?", "19", {}, "f")
SUBJECT = Subject("t", "Sums", "train", "What is 12 + 7?", "19", "f")
ORIGIN = Provenance(("t",), ("Sums",), "train", ("f",), ("e",), 1.0, 0)


def insight_request(right: str, wrong: str, feedback: str) -> InsightRequest:
    successes = (_experience(TASK, "a", right, 1.0, ""),)
    return InsightRequest(SUBJECT, "contrastive", successes, (_experience(TASK, "b", wrong, 0.0, feedback),), 1, 2)


def behavior_request(problems: int, known: int) -> BehaviorRequest:
    insight = Insight(1, "t", "strategy", "Add", "Add both numbers.", 1.0, 0, None, ("e",), ORIGIN)
    behavior = Behavior(2, "behavior_add", "Add the tens first.", ("t",), 0, None, ORIGIN)
    return BehaviorRequest((ProblemSummary(SUBJECT, (insight,), ()),) * problems, (behavior,) * known)


@given(st.text(max_size=3000), st.text(max_size=3000), st.text(max_size=300), st.integers(800, 1500))
@settings(max_examples=40, deadline=None)
def test_attempts_are_cut_and_neither_the_problem_nor_the_request(right, wrong, feedback, room):
    policy = tiny_policy()
    policy.max_prompt_tokens = room
    request, reflector = insight_request(right, wrong, feedback), PolicyReflector(policy)
    prompt = reflector._prompt(request)
    assert len(prompt) <= room
    whole = policy.encode(reflection_prompt(request))
    assert (prompt == whole) == (reflector.shortened == [])
    said = policy.tokenizer.decode(list(prompt))
    assert said.startswith("Problem: What is 12 + 7?\n1 of 2 attempts were correct.")
    assert said.endswith("Write general strategies and lessons for problems of this kind as JSON.\n")


@given(st.integers(1, 12), st.integers(0, 6))
def test_taking_away_ends_and_leaves_a_problem(problems, known):
    request, steps = behavior_request(problems, known), 0
    while (shorter := shortened(request)) is not None:
        assert len(reflection_prompt(shorter)) < len(reflection_prompt(request))
        request, steps = shorter, steps + 1
    assert (len(request.problems) >= 1, len(request.existing)) == (True, 0)
    assert steps == known + problems - 1
    assert "- What is 12 + 7?" in reflection_prompt(request)


def test_what_never_fits_keeps_its_end():
    policy = tiny_policy()
    policy.max_prompt_tokens = 60
    prompt = PolicyReflector(policy)._prompt(replace(insight_request("", "", ""), successes=(), failures=()))
    assert policy.tokenizer.decode(list(prompt)).endswith("for problems of this kind as JSON.\n")
