"""Whether a teacher may read another rollout's copy of the answer that it grades."""

from collections import Counter

import pytest
from agent_scene import group, new_state

from agents.choices import Choices
from agents.distil import Lesson, Sibling, shown_stats, sibling
from agents.pmd import PMD
from agents.prompts import Blocks
from agents.sdpo import SDPO


def test_sdpo_is_shown_copies_of_the_graded_rollout_as_by_its_code():
    state, sdpo = new_state(), SDPO()
    alike = group(state, ("same", 1.0), ("same", 1.0), ("bad", 0.0))
    assert [sibling(alike, e, state).text for e in alike.episodes] == ["same"] * 3
    stats = sdpo.targets(alike, state).stats
    assert (stats["copies_shown"], stats["own_answer_shown"], stats["masked"]) == (2 / 3, 0, 0)
    lone = group(state, ("one", 1.0), ("bad", 0.0))
    assert [sibling(lone, e, state).text for e in lone.episodes] == ["", "one"]
    assert sdpo.targets(lone, state).stats["copies_shown"] == 0
    assert SDPO(copies=False).targets(alike, state).stats["copies_shown"] == 0


def test_of_copies_rollouts_are_drawn_so_what_many_wrote_is_shown_more_often():
    state, seen = new_state(), Counter[str]()
    for state.step in range(200):
        batch = group(state, *[("common", 1.0)] * 7, ("rare", 1.0), ("bad", 0.0))
        shown = [sibling(batch, episode, state).text for episode in batch.episodes]
        assert shown[7] == "common"  # the only one of its kind is never shown itself
        assert len({*shown[:7], shown[8]}) <= 2
        seen[shown[8]] += 1
    assert 8 <= seen["rare"] <= 50  # 25 of 200 are expected, with a deviation of 4.7


@pytest.mark.parametrize(
    ("writer", "own", "copy"), [(0, 1, 0), (1, 0, 1), (None, 1, 0)], ids=["itself", "another", "the memory"]
)
def test_whose_rollout_is_shown_is_told_by_its_id_not_its_words(writer, own, copy):
    alike = group(new_state(), ("one", 1.0), ("one", 1.0))
    source = "" if writer is None else alike.episodes[writer].id
    stats = shown_stats([Lesson(alike.episodes[0], Blocks(solution="one"), source)], alike)
    assert (stats["own_answer_shown"], stats["copies_shown"]) == (own, copy)


def test_a_rollout_that_is_shown_itself_in_other_words_is_found_out():
    lone = group(new_state(), ("one", 1.0), ("another", 1.0))
    stats = shown_stats([Lesson(lone.episodes[0], Blocks(solution="cut"), lone.episodes[0].id)], lone)
    assert stats["own_answer_shown"] == 1


@pytest.mark.parametrize("agent", [SDPO(), SDPO(copies=False), PMD(), PMD(ours=Choices(solution="stored first"))])
def test_an_agent_that_draws_the_rollout_itself_is_found_out(agent, tmp_path, monkeypatch):
    state = new_state(tmp_path)
    alike = group(state, ("same", 1.0), ("same", 1.0), ("bad", 0.0))
    itself = lambda _, episode, *__, **___: Sibling(episode.response, episode.id)  # noqa: E731  a broken draw
    monkeypatch.setattr("agents.sdpo.sibling", itself)
    monkeypatch.setattr("agents.pmd.sibling", itself)
    assert agent.targets(alike, state).stats["own_answer_shown"] == 1
    state.memory.close()


@pytest.mark.parametrize("copies", [False, True])
def test_pmd_is_not_shown_copies_where_that_is_chosen(copies, tmp_path):
    state = new_state(tmp_path)
    agent = PMD(shown="experience", ours=Choices(copies=copies))
    alike = group(state, ("same", 1.0), ("same", 1.0), ("bad", 0.0))
    agent.observe([alike], state)
    stats = agent.targets(alike, state).stats
    assert stats["copies_shown"] == (2 / 3 if copies else 0)
    assert stats["own_answer_shown"] == 0
    assert stats["solution_shown"] == (1 if copies else 1 / 3)
    state.memory.close()
