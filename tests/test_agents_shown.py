"""What teachers are shown is noted, so that the run folder and the pages can tell."""

from agent_scene import group, new_state

from agents.pmd import PMD
from agents.sdpo import SDPO


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
