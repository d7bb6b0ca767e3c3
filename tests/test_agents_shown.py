"""What teachers and reflectors are shown is noted, so that the run folder and the pages can tell."""

import pytest
from agent_scene import PLAN, TASK, group, new_state
from memory_scene import Scripted, subject

from agents.distil import sibling
from agents.pmd import PMD, attempts_of
from agents.prompts import Blocks, demonstration, reflection_prompt
from agents.reflector import subject_of
from agents.sdpo import SDPO
from memory import Attempt, Caps, Memory


def test_what_a_teacher_was_shown_is_noted_for_the_run_folder(tmp_path):
    state = new_state()
    lone = group(state, ("good", 1.0), ("bad", 0.0))
    SDPO().targets(lone, state)
    assert state.shown == {lone.episodes[1].id: "A correct solution:\ngood\n"}
    state = new_state(tmp_path)
    failures = group(state, ("x", 0.0), ("y", 0.0))
    PMD().observe([failures], state)
    PMD().targets(failures, state)
    assert set(state.shown) == {episode.id for episode in failures.episodes}
    state.memory.close()


def test_what_a_prompt_has_no_room_for_was_not_shown(tmp_path):
    state = new_state(tmp_path)
    agent = PMD(writer="scripted")
    batch = group(state, ("right", 1.0), ("quite so", 1.0), ("wrong", 0.0))  # each has another's solution
    agent.observe([batch], state)
    assert agent.targets(batch, state).stats["shortened"] == 0
    written = {item.kind: item.provenance.shown for item in state.memory.items("insight")}
    assert written == {"strategy": 3, "lesson": 3}
    view = batch.episodes[0].turns[0].view
    with_both = len(state.teacher.ask(view, Blocks(strategies=("sum of two: " + PLAN["plan"],), solution="quite so")))
    state.teacher.max_prompt_tokens = with_both + 20  # which leaves no room for a lesson
    stats = agent.targets(batch, state).stats
    assert stats["shortened"] == 1
    written = {item.kind: item.provenance.shown for item in state.memory.items("insight")}
    assert written == {"strategy": 6, "lesson": 3}
    assert not any("Lessons:" in text for text in state.shown.values())
    state.memory.close()


def test_a_solution_is_shown_without_what_was_thought_before_it(tmp_path):
    state = new_state(tmp_path)
    thought = group(state, ("<think>12 and 7 is\n19</think>\nIt is nineteen.", 1.0), ("bad", 0.0))
    assert sibling(thought, thought.episodes[1], state).text == "It is nineteen."
    only = group(state, ("<think>19</think>", 1.0), ("bad", 0.0))
    assert sibling(only, only.episodes[1], state).text == ""
    agent = PMD()
    state.memory.record(subject_of(TASK), attempts_of(thought), 0)
    state.step = 1
    failures = group(state, ("no", 0.0), ("nor this", 0.0))
    agent.targets(failures, state)
    assert set(state.shown.values()) == {"A correct solution:\nIt is nineteen.\n"}
    [kept] = [item for item in state.memory.items("experience") if item.success]
    assert kept.provenance.shown == 2
    state.memory.close()


def test_a_stored_solution_that_only_thought_otherwise_is_the_graded_one(tmp_path):
    state = new_state(tmp_path)
    agent = PMD(shown="experience")
    state.memory.record(subject_of(TASK), attempts_of(group(state, ("<think>12 + 7</think>Nineteen it is.", 1.0))), 0)
    state.step = 1
    same = group(state, ("<think>7 + 12</think>nineteen  it is.", 1.0), ("No.", 0.0))
    contexts = [agent.targets(same, state).stats[name] for name in ("own_answer_shown", "solution_shown")]
    assert contexts == [0, 0.5]  # only the wrong rollout's teacher reads it
    state.memory.close()


def test_another_stored_solution_is_shown_where_one_says_what_is_graded_or_nothing(tmp_path):
    state = new_state(tmp_path)
    agent = PMD(shown="experience")
    other = "Take ten and nine: the first and the last digit stay."
    kept = ("<think>12 + 7</think>Nineteen it is.", "<think>12 + 7, and who knows what else", other)
    state.memory.record(subject_of(TASK), attempts_of(group(state, *((text, 1.0) for text in kept))), 0)
    same = group(state, ("<think>7 + 12</think>nineteen  it is.", 1.0), ("No.", 0.0))
    for step in range(1, 9):
        state.step, state.shown = step, {}
        stats = agent.targets(same, state).stats
        assert (stats["own_answer_shown"], stats["solution_shown"]) == (0, 1)
        assert other in state.shown[same.episodes[0].id]
    state.memory.close()


@pytest.mark.parametrize(
    ("response", "shown"),
    [
        ("Let me see\n</think>\n\n12", "12"),  # the chat template had opened the block
        ("<thinking>12?</thinking>Twelve: 12", "Twelve: 12"),
        ("<think>12", ""),
        ("  12 \n", "  12 \n"),
    ],
)
def test_thoughts_are_left_out_however_they_are_marked(response, shown):
    assert demonstration(response) == shown


class Reading(Scripted):
    """Remembers what it was given to read too."""

    def __call__(self, requests):
        self.read = [reflection_prompt(request) for request in requests]
        return super().__call__(requests)


def test_items_come_from_the_problems_and_attempts_that_the_reflector_read(tmp_path):
    subjects = [subject(number) for number in range(20)]
    tried = [[Attempt(f"{n}/{i}", f"Attempt {i} at number {n}.", float(i < 3)) for i in range(6)] for n in range(20)]
    with Memory(tmp_path / "m.sqlite", caps=Caps(novelty=1.1)) as memory:  # nothing is too much like another
        memory.record_batch(list(zip(subjects, tried, strict=True)), 0)
        assert memory.counts().experience == 120
        writer = Reading()
        memory.consolidate(writer, 0)
        behaviors = memory.items("behavior")[::-1]
        assert len(behaviors) > 1
        for behavior, prompt in zip(behaviors, writer.read, strict=True):
            assert set(behavior.subject_ids) == {one.id for one in subjects if one.prompt in prompt}
            assert set(behavior.provenance.episode_ids) == read_in(prompt, tried)
            assert len(behavior.provenance.episode_ids) == len(behavior.subject_ids) == 3
        memory.reflect(subjects, writer, 1)
        insights = memory.items("insight")
        for one, prompt in zip(subjects, writer.read, strict=True):
            found = {frozenset(item.episode_ids) for item in insights if item.subject_id == one.id}
            assert found == {frozenset(read_in(prompt, tried))}
            assert {len(ids) for ids in found} == {2}
        memory.consolidate(writer, 2)
        behaviors = [item for item in memory.items("behavior")[::-1] if item.written_step == 2]
        for behavior, prompt in zip(behaviors, writer.read, strict=True):
            notes = [item for item in insights if f"\n  {item.title}: {item.content}\n" in prompt]
            assert {item.subject_id for item in notes} == set(behavior.subject_ids)
            assert set(behavior.provenance.episode_ids) == {episode for item in notes for episode in item.episode_ids}


def read_in(prompt, tried):
    """Ids of the attempts whose text stands in a prompt."""
    return {attempt.episode_id for attempts in tried for attempt in attempts if attempt.text in prompt}
