"""What the reflecting policy reads where not all of it fits: the problem and the request stay whole."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from agent_scene import group, new_state
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_scene import attempts, saying, sentence, subject
from tiny_policy import tiny_policy

from agents import reflector as reflecting
from agents.prompts import RULES, Blocks, reflection_prompt, shortened
from agents.reflector import PolicyReflector, _experience, insights_without_memory, subject_of
from memory import Behavior, Insight, InsightRequest, Memory, MemoryUseError, Provenance, Subject
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
    prompt = reflector._prompt(reflector.fit(request))
    assert prompt == reflector._prompt(request)
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


@pytest.mark.parametrize("told", [False, True])
def test_a_policy_that_is_told_how_to_answer_is_told_how_to_reflect(told):
    policy, request = tiny_policy(), insight_request("19", "18", "")
    policy.instructed = told
    said = policy.tokenizer.decode(list(PolicyReflector(policy)._prompt(request)))
    assert said == reflection_prompt(request) + (RULES if told else "")


@pytest.fixture
def known(tmp_path):
    """A memory of three problems and three behaviors."""
    with Memory(tmp_path / "m.sqlite") as memory:
        for number in range(3):
            memory.record(subject(number), attempts(1, number), number)
        named = [{"name": name, "instruction": sentence(20 + place)} for place, name in enumerate(("a", "b", "c"))]
        memory.consolidate(saying(json.dumps({"behaviors": named})), 0)
        yield memory


@pytest.mark.parametrize(
    ("room", "seen", "left"),
    [(8000, 3, ["behavior_new"]), (480, 3, ["behavior_a", "behavior_b", "behavior_c", "behavior_new"]), (330, 2, None)],
)
def test_only_what_the_policy_read_is_judged_and_counts_as_read(known, monkeypatch, room, seen, left):
    shown = []

    def generate(policy, prompts, sampling, seed):
        shown.extend(policy.tokenizer.decode(list(prompt)) for prompt in prompts)
        gone = [{"action": "remove", "name": name} for name in ("behavior_a", "behavior_b", "behavior_c")]
        said = json.dumps({"actions": [*gone, {"action": "new", "name": "new", "instruction": sentence(33)}]})
        return [SimpleNamespace(text=said, tokens=()) for _ in prompts]

    monkeypatch.setattr(reflecting, "generate", generate)
    policy = tiny_policy()
    policy.max_prompt_tokens = room
    reflector = PolicyReflector(policy)
    report = known.consolidate(reflector, 5)
    [prompt] = shown
    read = [name for name in ("behavior_a", "behavior_b", "behavior_c") if name in prompt]
    assert (report.removed, report.ignored) == (len(read), 3 - len(read))
    assert len(reflector.shortened) == (room < 8000)
    [new] = [behavior for behavior in known.items("behavior") if behavior.name == "behavior_new"]
    assert set(new.subject_ids) == {subject(number).id for number in range(3) if subject(number).prompt in prompt}
    assert len(new.subject_ids) == len(new.provenance.episode_ids) == seen
    assert left is None or sorted(behavior.name for behavior in known.items("behavior")) == left


def test_attempts_that_are_cut_are_evidence_all_the_same(tmp_path, monkeypatch):
    said = json.dumps({"strategies": [{"title": "Tables", "content": sentence(7)}]})
    monkeypatch.setattr(reflecting, "generate", lambda *_: [SimpleNamespace(text=said, tokens=())])
    policy = tiny_policy()
    policy.max_prompt_tokens = 260
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), [replace(attempts(1)[0], text="long " * 200)], 0)
        reflector = PolicyReflector(policy)
        assert memory.reflect([subject()], reflector, 0).admitted == 1
        assert len(reflector.shortened) == 1
        assert memory.items("insight")[0].episode_ids == ("episode-0",)


def test_a_probe_is_shown_what_a_memory_would_have_kept():
    state = new_state()
    failed = group(state, ("18", 0.0), ("17", 0.0))
    mixed = group(state, ("19", 1.0), ("17", 0.0))
    kept = {"title": "Carry", "content": "Carry the ten."}
    turned_away = [
        {"title": "Sum", "content": "The answer is 19."},
        {"title": "Guess", "content": "Use process of elimination."},
    ]
    reply = json.dumps({"strategies": [kept, *turned_away], "lessons": [kept, *turned_away]})
    found = insights_without_memory([failed, mixed, mixed], lambda requests: [reply, reply, "no JSON"])
    line = ("Carry: Carry the ten.",)
    asked = []
    three = group(state, ("19", 1.0), ("nineteen", 1.0), ("17", 0.0))
    insights_without_memory([three], lambda requests: asked.extend(requests) or ["{}"])
    assert (len(asked[0].successes), len(asked[0].failures)) == (1, 1)  # what a small model reads
    assert (asked[0].n_success, asked[0].n_total) == (2, 3)
    assert found == [Blocks(lessons=line), Blocks(strategies=line, lessons=line), None]  # no strategy of failures alone


def test_what_is_secret_of_a_target_that_the_prompt_names_is_the_way_there(tmp_path):
    facts = {"numbers": [4, 17, 17], "solution": "17 + 17 = 34\n34 - 4 = 30\n#### (17 + 17) - 4"}
    prompt = "Make 30 from the numbers 17, 17, 4. Use each at most once."
    task = Task("c", "Countdown", "train", prompt, "30", facts, "f")
    assert subject_of(task).gold == "(17 + 17) - 4"
    assert subject_of(replace(task, family="Sums")).gold == "30"
    assert subject_of(replace(task, facts={})).gold == "30"
    told = [{"title": "Way", "content": text} for text in ("Write (17 + 17) - 4.", "As 17 * 2 - 4 = 30, write that.")]
    honest = {"title": "Aim", "content": "Aim for the target 30 by sums before trying products."}
    with Memory(tmp_path / "m.sqlite") as memory:
        old = replace(subject_of(task), gold="30")
        memory.record(old, attempts(1), 0)  # as older versions did
        memory.record(subject_of(task), attempts(1, 1), 1)
        with pytest.raises(MemoryUseError, match="other content"):
            memory.record(old, attempts(1, 2), 1)
        reply = json.dumps({"strategies": [*told, honest]})
        report = memory.reflect([subject_of(task)], saying(reply), 1)
        assert (report.rejected_firewall, report.admitted) == (2, 1)
