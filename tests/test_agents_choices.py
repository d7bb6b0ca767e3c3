"""What the PMD paper leaves open, and what counts as shown."""

import json

import pytest
from agent_scene import TASK, group, new_state
from memory_scene import sentence
from test_agents_targets import batch_of_two

from agents.choices import Choices
from agents.pmd import PMD, attempts_of
from agents.reflector import _request, subject_of


def shown_counts(state):
    """How often each kind of item was shown: successes, failures, insights."""
    experience = state.memory.items("experience")
    return (
        sum(item.provenance.shown for item in experience if item.success),
        sum(item.provenance.shown for item in experience if not item.success),
        sum(item.provenance.shown for item in state.memory.items("insight")),
    )


def test_only_what_a_teacher_reads_counts_as_shown(tmp_path):
    shown = {}
    for placebo in ("none", "filler", "empty"):
        (tmp_path / placebo).mkdir()
        state = new_state(tmp_path / placebo)
        agent = PMD(placebo=placebo, writer="scripted")
        agent.observe([group(state, ("stored", 1.0), ("wrong", 0.0))], state)
        state.step = 1
        agent.targets(group(state, ("a sibling", 1.0), ("failed", 0.0)), state)
        shown[placebo] = [shown_counts(state)]
        agent.targets(group(state, ("failed again", 0.0)), state)
        shown[placebo].append(shown_counts(state))
    # the success reads the stored solution, the failure its sibling's; both read one strategy and one lesson
    assert shown["none"] == [(1, 0, 4), (2, 0, 6)]
    assert shown["filler"] == shown["empty"] == [(0, 0, 0)] * 2


def test_what_is_taught_without_this_batchs_help_is_a_choice(tmp_path):
    for taught, active in (("any block", [True]), ("as in sdpo", [False])):
        (tmp_path / taught).mkdir()
        state = new_state(tmp_path / taught)
        agent = PMD(writer="scripted", ours=Choices(taught=taught))
        agent.observe([group(state, ("stored", 1.0), ("wrong", 0.0))], state)
        state.step = 1
        lone = group(state, ("another right one", 1.0))  # no sibling, no feedback: only the memory knows more
        assert [row.is_active for row in agent.targets(lone, state).rows] == active
        helped = group(state, ("one", 1.0), ("two", 1.0), ("bad", 0.0))
        assert all(row.is_active for row in agent.targets(helped, state).rows)


@pytest.mark.parametrize(("agent", "written"), [
    (PMD(writer="scripted"), [1, 3]),
    (PMD(writer="scripted", ours=Choices(behaviors_every=2)), [3]),
    (PMD(writer="scripted", keep="first epoch", ours=Choices(behaviors_every=2)), [1]),
    (PMD(writer="scripted", keep="step"), [0, 1, 2, 3]),
])  # fmt: skip
def test_behaviors_are_written_every_so_many_epochs(agent, written, tmp_path):
    state = new_state(tmp_path)
    found = []
    for state.step in range(4):  # two batches an epoch
        state.counted.clear()
        groups = batch_of_two(state)
        agent.observe(groups, state)
        agent.learn(groups, state)
        found += [state.step] if "behavior/requests" in state.counted else []
    assert found == written


def test_feedback_is_shown_only_where_it_may_be(tmp_path):
    for shows in (True, False):
        (tmp_path / str(shows)).mkdir()
        state = new_state(tmp_path / str(shows))
        agent = PMD(feedback=shows, shown="experience")
        agent.observe([group(state, ("wrong", 0.0))], state)
        state.step = 1
        stats = agent.targets(group(state, ("no", 0.0), ("bad", 0.0)), state).stats
        found = stats["feedback_shown"], stats["masked"], stats["masked_in_sdpo"]
        assert found == ((1.0, 0.0, 0.0) if shows else (0.0, 1.0, 1.0))
        assert [item.feedback for item in state.memory.items("experience")] == ["wrong is not correct"]


@pytest.mark.parametrize(("choice", "stored_shown"), [("sibling first", 1), ("stored first", 2)])
def test_which_solution_comes_first_is_a_choice(choice, stored_shown, tmp_path):
    state = new_state(tmp_path)
    agent = PMD(writer="scripted", ours=Choices(solution=choice))
    agent.observe([group(state, ("stored", 1.0))], state)
    state.step = 1
    agent.targets(group(state, ("a sibling", 1.0), ("failed", 0.0)), state)  # only the failure has a right sibling
    assert shown_counts(state)[0] == stored_shown


@pytest.mark.parametrize("recall", [0, 1, 2])
def test_as_many_behaviors_are_shown_as_are_to_be_recalled(recall, tmp_path):
    state = new_state(tmp_path)
    state.memory.record(subject_of(TASK), attempts_of(group(state, ("stored", 1.0))), 0)
    said = json.dumps({"behaviors": [{"name": f"b{i}", "instruction": sentence(i)} for i in range(5)]})
    assert state.memory.consolidate(lambda requests: [said] * len(requests), 0).added == 5
    agent = PMD(recall=recall)
    assert len(agent.help_with(TASK, state).behaviors) == recall
    assert PMD(shown="experience").help_with(TASK, state).behaviors == ()
    agent.targets(group(state, ("failed", 0.0)), state)
    assert sum(item.provenance.shown for item in state.memory.items("behavior")) == recall
    state.memory.close()


def test_with_each_step_another_stored_solution_is_shown(tmp_path):
    state, seen = new_state(tmp_path), set()
    state.memory.record(subject_of(TASK), attempts_of(group(state, *((sentence(i), 1.0) for i in range(5)))), 0)
    for state.step in range(1, 9):
        PMD(shown="experience").targets(group(state, ("failed", 0.0)), state)
        seen |= set(state.shown.values())
    assert len(seen) > 2
    state.memory.close()


def test_how_much_is_read_and_shown_reaches_the_memory():
    choices = Choices(insights_shown=4, attempts_read=2, problems_read=5, behaviors_read=6)
    caps = PMD(ours=choices).caps
    assert (caps.insights_shown, caps.attempts_read, caps.problems_read, caps.behaviors_read) == (4, 2, 5, 6)


def test_reflections_are_drawn_where_a_temperature_is_asked_for(tmp_path):
    state = new_state(tmp_path)
    batch = [group(state, ("stored", 1.0), ("wrong", 0.0))]

    def written(temperature, step, seed=0):
        state.step, state.seed = step, seed
        agent = PMD(ours=Choices(reflection_tokens=8, reflection_temperature=temperature))
        assert agent._reflector(state, "insights").max_tokens == 8
        return agent._reflector(state, "insights")([_request(one) for one in batch])

    assert written(0.0, 1) == written(0.0, 2)
    seeds = {PMD()._reflector(state, purpose).seed for purpose in ("insights", "behaviors")}
    assert len(seeds) == 2
    assert written(2.0, 1) == written(2.0, 1) != written(2.0, 2)
    assert written(2.0, 1, seed=1) != written(2.0, 1)
