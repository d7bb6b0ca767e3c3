import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_scene import Scripted, attempts, saying, sentence, subject

from memory import Attempt, BehaviorRequest, Caps, ContextRequest, Memory, MemoryUseError
from memory.clusters import cluster, most

PROMPTS = {
    "trains": "A train leaves the city at noon and drives 80 km an hour. How far is it at four?",
    "knights": "On an island of knights and knaves, Ann says that Bo is a knave. Who is what?",
    "garden": "A rectangular garden is 12 m long and 5 m wide. What is its area?",
}


def actions(*rows):
    return saying(
        json.dumps({"actions": [dict(zip(("action", "name", "instruction"), row, strict=False)) for row in rows]})
    )


def names(memory):
    return sorted(item.name for item in memory.items("behavior"))


@pytest.fixture
def memory(tmp_path):
    with Memory(tmp_path / "memory.sqlite") as opened:
        opened.record(subject(), attempts(2), 0)
        opened.record(subject(1), attempts(2, 4, 0.0, "wrong"), 0)
        yield opened


@given(st.integers(0, 90), st.integers(1, 4), st.integers(0, 999), st.integers(1, 20))
@settings(max_examples=25, deadline=None)
def test_clusters_hold_every_problem_once_and_stay_small(count, distinct, seed, size):
    rows = np.random.default_rng(seed).normal(size=(distinct, 6)).astype(np.float32)
    vectors = rows[np.arange(count) % distinct] if seed % 2 else np.random.default_rng(seed).normal(size=(count, 6))
    groups = cluster(vectors.astype(np.float32), seed, size)
    assert sorted(row for group in groups for row in group) == list(range(count))
    assert all(1 <= len(group) <= most(size) for group in groups)
    assert groups == cluster(vectors.astype(np.float32), seed, size)


def test_related_problems_share_a_cluster():
    centres = np.eye(2, 8, dtype=np.float32)
    vectors = np.repeat(centres, 15, axis=0) + np.random.default_rng(0).normal(0, 0.01, (30, 8)).astype(np.float32)
    assert [set(group) for group in cluster(vectors, 0, 15)] == [set(range(15)), set(range(15, 30))]


@pytest.mark.parametrize("apart", [0, 1])
def test_the_most_typical_problem_of_a_cluster_comes_first(apart):
    centres = np.eye(2, 8, dtype=np.float32)[: 1 + apart]
    away = np.array([0.3, 0.1, 0.2, 0.0], np.float32)[:, None] * np.eye(8, dtype=np.float32)[2:6]
    vectors = np.concatenate([centre + np.concatenate([away, -away]) for centre in centres])
    for group in cluster(vectors, 0, 8):
        assert [row % 4 for row in group] == [3, 3, 1, 1, 2, 2, 0, 0]


def test_the_cold_start_shows_insights_or_else_attempts(memory):
    memory.reflect([subject()], Scripted(), 0)
    reflector = Scripted(20)
    report = memory.consolidate(reflector, 0)
    (request,) = reflector.asked
    assert isinstance(request, BehaviorRequest)
    assert request.existing == ()
    assert {problem.prompt: len(problem.knowledge) for problem in request.problems} == {
        subject().prompt: 1,
        subject(1).prompt: 1,
    }
    told = {problem.subject.id: problem.knowledge[0] for problem in request.problems}
    assert told[subject().id].startswith("On ")
    assert told[subject(1).id] == sentence(5)
    assert (report.requests, report.added) == (1, 1)
    (behavior,) = memory.items("behavior")
    assert set(behavior.subject_ids) == {subject().id, subject(1).id}
    assert behavior.provenance.families == ("Sums",)
    assert set(behavior.provenance.episode_ids) == {"episode-1", "episode-5"}
    assert (behavior.provenance.reward, behavior.provenance.policy_step) == (0.5, 5)


def test_the_newest_insight_about_a_problem_is_told(memory):
    for step in range(3):
        assert memory.reflect([subject()], Scripted(step * 7), step).admitted == 1
    reflector, newest = Scripted(20), memory.items("insight")[0]
    memory.consolidate(reflector, 2)
    [told] = [problem for problem in reflector.asked[0].problems if problem.subject.id == subject().id]
    assert newest.written_step == 2
    assert told.knowledge == (f"{newest.title}: {newest.content}",)


def test_only_answers_of_problems_that_the_reflector_read_can_be_given_away(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        for number in range(8):
            memory.record(subject(number, gold=str(700 + number)), attempts(1, number), 0)
        asked = []
        memory.consolidate(lambda requests: asked.extend(requests) or ['{"behaviors": []}'], 0)
        [request] = asked
        shown = {problem.subject.gold for problem in request.problems}
        unseen = sorted({str(700 + number) for number in range(8)} - shown)
        assert (len(shown), len(unseen)) == (3, 5)
        said = [("new", f"b{gold}", f"{sentence(int(gold))} and get {gold}") for gold in (*unseen, *shown)]
        report = memory.consolidate(actions(*said), 1)
        assert (report.rejected_firewall, report.added) == (3, 5)
        assert all(not shown & set(item.instruction.split()) for item in memory.items("behavior"))


def test_answers_of_problems_that_the_reflector_had_no_room_for_do_not_count(tmp_path):
    class Short:
        def fit(self, request):
            return replace(request, problems=request.problems[:1])

        def __call__(self, requests):
            [[first]] = [request.problems for request in requests]
            said = [("new", f"b{n}", f"{sentence(n)} and get {700 + n}") for n in range(3)]
            self.read = first.subject.gold
            return actions(*said)(requests)

    with Memory(tmp_path / "m.sqlite") as memory:
        for number in range(3):
            memory.record(subject(number, gold=str(700 + number)), attempts(1, number), 0)
        reflector = Short()
        report = memory.consolidate(reflector, 0)
        assert (report.rejected_firewall, report.added) == (1, 2)
        assert not any(reflector.read in item.instruction for item in memory.items("behavior"))


def test_malformed_actions_are_counted(memory):
    said = {"actions": [{"action": "add"}, {"action": "add", "name": "a", "instruction": sentence(1)}, "b"]}
    report = memory.consolidate(saying(json.dumps(said)), 1)
    assert (report.malformed, report.added, report.invalid_json) == (2, 1, 0)
    assert memory.consolidate(saying('{"actions": ["a"]}'), 1).invalid_json == 1


def test_a_removal_among_behaviors_removes(memory):
    memory.consolidate(actions(("new", "x", sentence(1))), 1)
    said = {"behaviors": [{"action": "remove", "name": "behavior_x", "instruction": sentence(4)}]}
    report = memory.consolidate(saying(json.dumps(said)), 2)
    assert (report.removed, report.added, names(memory)) == (1, 0, [])


def test_the_bank_evolves(memory):
    memory.consolidate(actions(("new", "a", sentence(1)), ("new", "b", sentence(2)), ("new", "c", sentence(3))), 1)
    assert names(memory) == ["behavior_a", "behavior_b", "behavior_c"]
    reflector_saw = []

    def reflector(requests):
        reflector_saw.extend(behavior.name for behavior in requests[0].existing)
        return actions(("update", "a", sentence(11)), ("remove", "b"), ("new", "d", sentence(14)))(requests)

    report = memory.consolidate(reflector, 2)
    assert sorted(reflector_saw) == ["behavior_a", "behavior_b", "behavior_c"]
    assert (report.updated, report.removed, report.added) == (1, 1, 1)
    assert names(memory) == ["behavior_a", "behavior_c", "behavior_d"]
    assert {item.instruction for item in memory.items("behavior") if item.name == "behavior_a"} == {sentence(11)}
    assert [item.name for item in memory.items("behavior", as_of=1)] == ["behavior_c", "behavior_b", "behavior_a"]


def test_a_behavior_cannot_be_duplicated_or_removed_unseen(memory):
    memory.consolidate(actions(("new", "a", sentence(1)), ("new", "copy", sentence(1))), 1)
    assert names(memory) == ["behavior_a"]
    report = memory.consolidate(actions(("update", "a", sentence(1)), ("remove", "never_there")), 2)
    assert (report.rejected_duplicate, report.ignored, report.updated, report.removed) == (1, 1, 0, 0)
    report = memory.consolidate(actions(("remove", "a"), ("remove", "a"), ("new", "a", sentence(1))), 3)
    assert (report.removed, report.ignored, report.added) == (1, 1, 1)


def test_a_behavior_may_be_put_a_little_better_but_not_as_another_is(memory):
    memory.consolidate(actions(("new", "a", sentence(1)), ("new", "b", sentence(2))), 1)
    assert memory.consolidate(actions(("update", "a", f"{sentence(1)} now")), 2).updated == 1
    report = memory.consolidate(actions(("update", "a", f"{sentence(2)} now")), 3)
    assert (report.updated, report.rejected_duplicate) == (0, 1)
    assert {item.instruction for item in memory.items("behavior")} == {f"{sentence(1)} now", sentence(2)}


def test_what_another_process_put_under_a_name_is_not_removed_unseen(memory, tmp_path):
    memory.consolidate(actions(("new", "a", sentence(1))), 1)

    def meanwhile(requests):
        with Memory(tmp_path / "memory.sqlite") as other:
            assert other.consolidate(actions(("update", "a", sentence(9))), 1).updated == 1
        return actions(("remove", "a"))(requests)

    report = memory.consolidate(meanwhile, 2)
    assert (report.removed, report.ignored) == (0, 1)
    assert [item.instruction for item in memory.items("behavior")] == [sentence(9)]


def test_the_bank_keeps_its_cap(tmp_path):
    with Memory(tmp_path / "m.sqlite", caps=Caps(behaviors=4)) as memory:
        memory.record(subject(), attempts(2), 0)
        reports = [memory.consolidate(Scripted(step), step) for step in range(9)]
        assert memory.counts().behavior == 4
        assert sum(report.added for report in reports) - sum(report.evicted for report in reports) == 4


def test_shortcuts_do_not_become_behaviors(memory):
    report = memory.consolidate(
        actions(("new", "eliminate", "Use process of elimination."), ("new", "x", sentence(1))), 1
    )
    assert (report.rejected_shortcut, report.added, report.contamination) == (1, 1, 0.5)


def test_an_unseen_problem_gets_the_nearest_behaviors_only(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        for number, (name, prompt) in enumerate(PROMPTS.items()):
            about = subject(number)
            about = type(about)(name, "Mixed", "train", prompt, "", "gen-1")
            memory.record(about, [Attempt(f"e-{name}", sentence(number), 1.0)], number)
            memory.consolidate(actions(("new", name, f"{sentence(number + 3)}, as with {name}")), number)
        unseen = type(about)("t", "Mixed", "test", "Two knights and a knave meet on the island. Who lies?", "", "gen-1")
        context = memory.context(unseen, recall=1)
        assert [item.name for item in context.behaviors] == ["behavior_knights"]
        assert (context.strategies, context.lessons, context.solution, context.failure) == ((), (), None, None)
        assert len(memory.context(unseen).behaviors) == 3
        assert memory.context(unseen, recall=0).is_empty
        assert memory.context(unseen, levels={"experience", "insight"}).is_empty


def test_behaviors_are_found_by_the_problems_that_they_are_about(tmp_path):
    def about(requests):
        named = [(request.problems[0].subject.id, sentence(n)) for n, request in enumerate(requests)]
        return [json.dumps({"behaviors": [{"name": name, "instruction": said}]}) for name, said in named]

    with Memory(tmp_path / "m.sqlite", caps=Caps(related=1)) as memory:
        for number, (name, prompt) in enumerate(PROMPTS.items()):
            memory.record(replace(subject(), id=name, prompt=prompt), attempts(1, number * 7), 0)
        assert memory.consolidate(about, 0).added == 3
        for name, prompt in PROMPTS.items():
            unseen = replace(subject(), id="t", split="test", prompt=prompt)
            assert [item.name for item in memory.context(unseen, recall=1).behaviors] == [f"behavior_{name}"]


def test_behaviors_about_the_same_problems_are_found_by_what_they_say(memory):
    said = {
        "garden": "Multiply how long a rectangular garden is by how wide it is for its area.",
        "trains": "Multiply the hours that a train drives by its km an hour.",
    }
    assert memory.consolidate(actions(*(("new", name, text) for name, text in said.items())), 0).added == 2
    for name in said:
        unseen = replace(subject(), id="t", split="test", prompt=PROMPTS[name])
        assert [item.name for item in memory.context(unseen, recall=1).behaviors] == [f"behavior_{name}"]


@pytest.mark.parametrize("levels", [set(), {"experience"}, {"insight"}, {"behavior"}, {"experience", "insight"}])
def test_nothing_but_the_levels_that_are_asked_for_is_read(memory, levels):
    memory.record(subject(), attempts(1, 9, 0.0, "off by one"), 0)
    memory.reflect([subject()], Scripted(), 0)
    memory.consolidate(Scripted(30), 0)
    found = memory.context(subject(), levels=levels)
    assert bool(found.solution) == bool(found.failure) == ("experience" in levels)
    assert bool(found.strategies) == bool(found.lessons) == ("insight" in levels)
    assert bool(found.behaviors) == ("behavior" in levels)


def test_another_process_sees_the_bank_change(tmp_path):
    path = tmp_path / "m.sqlite"
    with Memory(path) as writer, Memory(path, "r") as reader:
        writer.record(subject(), attempts(1), 0)
        assert reader.context(subject()).behaviors == ()
        writer.consolidate(Scripted(3), 1)
        assert len(reader.context(subject()).behaviors) == 1
        writer.rewind(0)
        assert reader.context(subject()).behaviors == ()


def test_the_newest_three_insights_of_each_kind_are_shown(tmp_path):
    reflector = Scripted()
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(1) + attempts(1, 3, 0.0, "wrong"), 0)
        for step in range(5):
            assert memory.reflect([subject()], reflector, step).admitted == 2
        context = memory.context(subject())
    assert [item.written_step for item in context.strategies] == [4, 3, 2]
    assert [item.written_step for item in context.lessons] == [4, 3, 2]
    assert len(context.item_ids) == len(set(context.item_ids)) == 8


def test_how_much_is_read_and_shown_is_a_limit(tmp_path):
    caps = Caps(insights_shown=1, attempts_read=2, problems_read=2, behaviors_read=1)
    with Memory(tmp_path / "m.sqlite", caps=caps) as memory:
        for number in range(5):
            memory.record(subject(number), [*attempts(3, number * 9), *attempts(3, number * 9 + 3, 0.0)], number)
        insights, behaviors = Scripted(), Scripted(40)
        for step in range(5, 8):
            memory.reflect([subject(0)], insights, step)
        assert {(len(asked.successes), len(asked.failures)) for asked in insights.asked} == {(2, 2)}
        assert [attempt.episode_id for attempt in insights.asked[0].successes] == ["episode-2", "episode-1"]
        assert len(memory.context(subject(0)).strategies) == len(memory.context(subject(0)).lessons) == 1
        for step in range(8, 11):
            memory.consolidate(behaviors, step)
        assert {len(asked.problems) for asked in behaviors.asked} == {2}
        assert {len(asked.existing) for asked in behaviors.asked} == {0, 1}


def test_the_shown_solution_is_drawn_by_seed_problem_and_step(tmp_path):
    path = tmp_path / "m.sqlite"
    with Memory(path) as memory:
        memory.record(subject(), attempts(5), 0)
        drawn = [memory.context(subject(), as_of=step).solution.id for step in range(30)]
        assert drawn == [memory.context(subject(), as_of=step).solution.id for step in range(30)]
        assert set(drawn) == {item.id for item in memory.items("experience")}
        texts = [memory.context(subject(), as_of=step).solution.text for step in range(30)]
        memory.record(subject(1), attempts(5), 0)
        assert texts != [memory.context(subject(1), as_of=step).solution.text for step in range(30)]
    with Memory(path, "r", seed=1) as other:
        assert drawn != [other.context(subject(), as_of=step).solution.id for step in range(30)]


def test_a_memory_that_no_longer_grows_still_shows_one_solution_and_another(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(5), 0)
        request = [ContextRequest(subject(), frozenset(), frozenset())]
        drawn = [memory.contexts(request, step=step)[0].solution.id for step in range(30)]
        assert drawn == [memory.contexts(request, as_of=step)[0].solution.id for step in range(30)]
        assert len(set(drawn)) == 5


def test_who_names_no_step_is_at_that_of_the_newest_item_and_step_0_is_one(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(5), 0)
        memory.reflect([subject()], Scripted(), 0)
        first = memory.context(subject(), as_of=0).solution
        request = [ContextRequest(subject())]
        for step in range(1, 9):
            memory.record(subject(step), attempts(1, 10 + step), step)
            assert memory.context(subject(), as_of=0).solution == first
            assert memory.contexts(request, step=0)[0].solution == first
            assert memory.contexts(request)[0].solution == memory.contexts(request, step=step)[0].solution


def test_a_failure_without_feedback_is_not_shown(tmp_path):
    with Memory(tmp_path / "m.sqlite") as memory:
        memory.record(subject(), attempts(1, 0, 0.0) + attempts(1, 1, 0.0, ""), 0)
        assert memory.counts().experience == 2
        assert memory.context(subject()).is_empty
        memory.record(subject(), attempts(1, 2, 0.0, "the sum is off"), 1)
        assert memory.context(subject()).failure.feedback == "the sum is off"
        memory.record(subject(), attempts(1, 3, 0.0, "a unit is missing"), 2)
        assert memory.context(subject()).failure.feedback == "a unit is missing"  # the newest
        assert memory.context(subject(), as_of=1).failure.feedback == "the sum is off"


def test_many_contexts_are_the_same_as_one_at_a_time(memory):
    memory.reflect([subject(), subject(1)], Scripted(), 0)
    memory.consolidate(Scripted(30), 0)
    requests = [ContextRequest(subject(n), frozenset({f"episode-{n}"}), frozenset({sentence(4)})) for n in (0, 1, 2, 0)]
    one_by_one = [
        memory.context(r.subject, exclude_episodes=r.exclude_episodes, exclude_texts=r.exclude_texts) for r in requests
    ]
    assert memory.contexts(requests) == one_by_one
    assert memory.contexts([]) == []


def test_bad_questions_are_refused(memory):
    with pytest.raises(MemoryUseError, match="unknown level 'skills'"):
        memory.context(subject(), levels={"skills"})
    with pytest.raises(MemoryUseError, match="unknown level 'skills'"):
        memory.items("skills")
    with pytest.raises(MemoryUseError, match="recall"):
        memory.context(subject(), recall=-1)
