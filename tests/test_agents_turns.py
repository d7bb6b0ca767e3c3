"""Episodes of several turns: one sequence for the loss, a teacher at each turn, one batch for the warm-up."""

from dataclasses import replace

import pytest
import torch
from agent_scene import TASK, episode, group, new_state
from hypothesis import given
from hypothesis import strategies as st
from tiny_policy import tiny_policy

from agents.checkpoint import load_checkpoint, save_checkpoint
from agents.distil import Distillation, Lesson, as_read, teach
from agents.losses import token_weights
from agents.prompts import Blocks
from agents.records import Group, RowTarget, Targets, View
from agents.rlvr import RLVR, group_advantages
from agents.train import of_episodes
from agents.update import Optim, update, update_in_parts


def with_turns(state, number, score, texts):
    turns = tuple(turn for text in texts for turn in episode(state, number, text, score).turns)
    return replace(episode(state, number, texts[0], score), turns=turns)


@given(
    st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=4), min_size=1, max_size=5),
    st.sampled_from(["sequence", "token", "constant"]),
)
def test_an_episode_weighs_the_same_however_it_is_cut_into_turns(lengths, aggregation):
    """As one row that holds all of its tokens would."""
    episodes = [i for i, turns in enumerate(lengths) for _ in turns]
    rows = [length for turns in lengths for length in turns]
    mask = torch.tensor([[float(t < length) for t in range(5)] for length in rows])
    whole = torch.tensor([[float(t < sum(turns)) for t in range(20)] for turns in lengths])
    cut = token_weights(mask, aggregation, 20, episodes).sum(1)
    found = torch.zeros(len(lengths)).index_add_(0, torch.tensor(episodes), cut)
    assert torch.allclose(found, token_weights(whole, aggregation, 20).sum(1), atol=1e-6)


def test_centred_advantages_sum_to_zero_over_episodes_of_other_numbers_of_turns():
    lengths = [2] + [8] * 7
    rows = [i for i, turns in enumerate(lengths) for _ in range(turns)]
    weights = token_weights(torch.ones(len(rows), 10), "sequence", 96, rows).sum(1)
    advantages = torch.tensor([group_advantages([1.0] + [0.0] * 7, divide_by_deviation=True)[i] for i in rows])
    assert float(weights @ advantages) == pytest.approx(0, abs=1e-6)
    assert float(weights[:2].sum()) == pytest.approx(1 / 8)


def test_the_turns_of_an_episode_are_one_sequence_of_the_update():
    """The gradient is that of token weights per episode, not per turn."""
    state = new_state()
    batch = Group(TASK, (with_turns(state, 0, 1.0, ["good"]), with_turns(state, 1, 0.0, ["bad", "worse", "worst"])))
    targets = of_episodes(RLVR(variant="sdpo_baseline").targets(batch, state), batch)
    assert [row.episode for row in targets.rows] == [e.id for e in batch.episodes for _ in e.turns]
    names = {}
    for optim_rows, cut in (("together", targets), ("apart", replace(targets, rows=_without_episodes(targets)))):
        state = new_state()
        loss = update(state, [cut], replace(RLVR().loss, tis_ceiling=None), Optim(lr=1e-9), 16)["loss"]
        names[optim_rows] = loss
    # Log-probabilities are not those that were "sampled" with, so the loss tells the two weightings apart.
    assert names["together"] != pytest.approx(names["apart"], rel=1e-3)


def _without_episodes(targets):
    return tuple(replace(row, episode=None) for row in targets.rows)


def test_rows_of_an_agent_that_makes_turns_of_its_own_count_by_themselves():
    state = new_state()
    batch = group(state, ("good", 1.0), ("bad", 0.0))
    own = group(state, ("other", 1.0)).episodes[0].turns[0]
    rows = (*(RowTarget(e.turns[0]) for e in batch.episodes), RowTarget(own))
    found = of_episodes(Targets(rows, {}), batch).rows
    assert [row.episode for row in found] == [*(e.id for e in batch.episodes), None]


@pytest.mark.parametrize("rewards", [[0.1] * 3, [0.7] * 8, [1 / 3] * 6, [1.0] * 8, [0.0]])
@pytest.mark.parametrize("divide", [True, False])
def test_equal_rewards_leave_exactly_nothing_to_learn(rewards, divide):
    assert group_advantages(rewards, divide) == [0.0] * len(rewards)


def test_equal_fractions_do_not_move_the_policy():
    state = new_state()
    batch = group(state, ("good", 0.1), ("bad", 0.1), ("fine", 0.1))
    before = [weights.clone() for weights in state.policy.model.parameters()]
    update_in_parts(state, [RLVR().targets(batch, state)], RLVR().loss, Optim(), 16)
    assert not state.has_moved
    assert all(torch.equal(a, b) for a, b in zip(before, state.policy.model.parameters(), strict=True))


@pytest.mark.parametrize("knowing_nothing", [False, True])
def test_a_turn_whose_prompt_has_no_room_for_help_has_no_teacher(knowing_nothing):
    state = new_state()
    state.policy.max_prompt_tokens = state.teacher.max_prompt_tokens = 120
    first = with_turns(state, 0, 0.0, ["bad", "worse"])
    view = View(TASK.prompt, "", "x = 1\n" * 10, "", continues=True)
    later = replace(first.turns[1], view=view, prompt_tokens=state.policy.ask(view))
    whole = replace(first, turns=(first.turns[0], later))
    lessons = as_read([Lesson(whole, Blocks(strategies=("a" * 40,)))], state)
    assert not lessons[0].blocks.is_empty
    rows = teach(lessons, state, Distillation(0.5, None, "ema", 0.05), knowing_nothing=knowing_nothing)
    assert [row.teacher is not None for row in rows] == [True, knowing_nothing]


def test_a_solution_that_does_not_fit_takes_nothing_else_with_it():
    policy = tiny_policy()
    policy.max_prompt_tokens = 150
    view = View("What is 3 + 4?", "", "", "", continues=True)
    known = Blocks(strategies=("a" * 20,), lessons=("b" * 20,))
    assert policy.fit(view, known)[1] == known
    for more in ({"solution": "s" * 200}, {"feedback": "f" * 200}, {"solution": "s" * 200, "feedback": "f" * 200}):
        tokens, kept = policy.fit(view, replace(known, **more))
        assert kept == known
        assert len(tokens) <= 150
    tokens, kept = policy.fit(view, replace(known, solution="s" * 40))  # this one does: other things make room
    assert kept.solution == "s" * 40


def test_the_warm_up_counts_batches_and_not_parts(tmp_path):
    def batch(*kinds):
        outcomes = {"mixed": (("good", 1.0), ("bad", 0.0)), "alike": (("good", 1.0), ("fine", 1.0))}
        return [RLVR().targets(group(state, *outcomes[kind]), state) for kind in kinds]

    for parts, kinds in ((1, ["mixed"]), (2, ["mixed"]), (4, ["alike", "mixed", "alike", "alike"]), (4, ["mixed"] * 8)):
        state, rates = new_state(), []
        optim = Optim(lr=1.0, warmup=10, parts=parts, clip=1e-9)
        for now in (["alike"], kinds, ["alike"], kinds, kinds, ["alike"], kinds):
            update_in_parts(state, batch(*now), RLVR().loss, optim, 16)
            rates += [state.optimizer.param_groups[0]["lr"]] if "mixed" in now else []
        assert rates == pytest.approx([0.1, 0.2, 0.3, 0.4])
        save_checkpoint(state, tmp_path / f"{parts}-{len(kinds)}")
        again = new_state()
        load_checkpoint(again, tmp_path / f"{parts}-{len(kinds)}")
        assert again.batches_learnt == 4


def test_a_checkpoint_without_a_count_of_batches_has_that_of_the_optimizers_steps(tmp_path):
    state = new_state()
    for _ in range(3):
        targets = [RLVR().targets(group(state, ("good", 1.0), ("bad", 0.0)), state)]
        update_in_parts(state, targets, RLVR().loss, Optim(), 16)
    save_checkpoint(state, tmp_path / "old")
    (tmp_path / "old" / "state.json").write_text('{"format": 1, "step": 3}')
    again = new_state()
    assert load_checkpoint(again, tmp_path / "old")
    assert again.batches_learnt == 3
