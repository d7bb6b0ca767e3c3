"""Weights for a sampler that differs from what is trained (TIS), on paper and in an update."""

import math
from dataclasses import replace

import pytest
import torch
from agent_scene import TASK, group, new_state

from agents.agent import LossSpec
from agents.policy import Sampling
from agents.records import Completion, Group, RowTarget, Targets
from agents.rlvr import RLVR
from agents.sampling import generate
from agents.sdpo import SDPO
from agents.update import Optim, samples_as_trained, update, update_in_parts

OPTIM = Optim(lr=1.0, warmup=0, clip=1e9)
STILL = Optim(lr=1e-30, warmup=0, parts=2)


def own(state, turn):
    """What the policy thinks of a turn's tokens, (T,)."""
    logits = state.policy.read([turn.prompt_tokens], [turn.completion.tokens]).logits()[0].detach().float()
    return logits.log_softmax(-1)[range(len(logits)), list(turn.completion.tokens)]


def rows_sampled(state, advantages, ratios, moved=None):
    """A row for each advantage, sampled so that the trained policy's probabilities are ``ratios`` times the sampler's.

    ``moved`` is how many times likelier than before the batch the policy now makes every token.
    """
    rows = []
    for number, advantage in enumerate(advantages):
        [turn] = group(state, ("seven tokens"[: 4 + 3 * number], 1.0)).episodes[0].turns
        now = own(state, turn)
        before = now - math.log(moved or 1.0)
        logs = torch.tensor([math.log(ratios[i % len(ratios)]) for i in range(len(now))])
        completion = replace(turn.completion, logprobs=tuple((before - logs).tolist()))
        known = None if moved is None else tuple(before.tolist())
        rows.append(RowTarget(replace(turn, completion=completion), advantage=advantage, before=known))
    return Targets(tuple(rows), {})


def moves(state, targets, loss, **how):
    """The metrics of an update by plain gradient descent at rate 1, and its gradient."""
    state.optimizer = torch.optim.SGD(state.policy.model.parameters(), lr=1.0)
    before = [p.detach().clone() for p in state.policy.model.parameters()]
    metrics = update(state, [targets], loss, how.pop("optim", OPTIM), 32, **how)
    return metrics, [a - b.detach() for a, b in zip(before, state.policy.model.parameters(), strict=True)]


def test_each_token_counts_by_its_probability_ratio_of_at_most_two():
    state = new_state()
    targets = rows_sampled(state, (0.75, -0.25), (0.5, 1.5, 4.0))  # weights 0.5, 1.5 and 2
    means = []
    for row in targets.rows:
        length = len(row.turn.completion.tokens)
        means.append(sum((0.5, 1.5, 2.0)[i % 3] for i in range(length)) / length)
    metrics, _ = moves(state, targets, RLVR(variant="sdpo_baseline").loss)
    assert metrics["loss"] == pytest.approx(-(0.75 * means[0] - 0.25 * means[1]) / 2, rel=1e-4)
    tokens = [len(row.turn.completion.tokens) for row in targets.rows]
    assert metrics["tis"] == pytest.approx(
        sum(m * n for m, n in zip(means, tokens, strict=True)) / sum(tokens), rel=1e-4
    )
    assert metrics["tis_cut"] == pytest.approx(sum(n // 3 for n in tokens) / sum(tokens), rel=1e-4)
    assert metrics["clipped"] == 0  # the policy has not moved, however far the sampler was


def test_the_weight_scales_the_gradient_and_has_none_of_its_own():
    gradients = {}
    for ratio in (1.0, 0.5, 1.5, 9.0):
        state = new_state()
        _, gradients[ratio] = moves(state, rows_sampled(state, (1.0,), (ratio,)), RLVR(variant="dr_grpo").loss)
    for ratio, weight in ((0.5, 0.5), (1.5, 1.5), (9.0, 2.0)):
        for plain, weighted in zip(gradients[1.0], gradients[ratio], strict=True):
            assert torch.allclose(weighted, weight * plain, atol=1e-5)


@pytest.mark.parametrize(
    ("advantage", "moved", "ratio", "stops"),
    [(1.0, 1.1, 1.1, False), (1.0, 1.5, 1.28, True), (-1.0, 1.5, 1.5, False), (-1.0, 0.5, 0.8, True)],
)
def test_ratios_are_to_the_policy_before_the_batch_and_weights_from_it_to_the_sampler(advantage, moved, ratio, stops):
    state = new_state()
    targets = rows_sampled(state, (advantage,), (3.0, 0.7), moved=moved)
    length = len(targets.rows[0].turn.completion.tokens)
    weight = sum((2.0, 0.7)[i % 2] for i in range(length)) / length
    metrics, _ = moves(state, targets, RLVR(variant="sdpo_baseline").loss, first=False)
    assert metrics["loss"] == pytest.approx(-advantage * ratio * weight, rel=1e-4)
    assert (metrics["grad_norm"] == 0, metrics["clipped"]) == (stops, float(stops))


def test_a_teachers_lesson_is_weighted_too_beside_its_own_importance_weight():
    state = new_state()
    [_, row] = SDPO(alpha=1.0).targets(group(state, ("good", 1.0), ("bad", 0.0)), state).rows
    now, length = own(state, row.turn), len(row.turn.completion.tokens)
    losses = {}
    for ratio, moved in ((1.0, 1.0), (1.6, 1.0), (1.6, 1.2), (5.0, 7.0)):
        before = now - math.log(moved)
        completion = replace(row.turn.completion, logprobs=tuple((before - math.log(ratio)).tolist()))
        asked = replace(row, turn=replace(row.turn, completion=completion), before=tuple(before.tolist()))
        state = new_state()
        metrics, _ = moves(state, Targets((asked,), {}), SDPO(alpha=1.0).loss, first=False)
        losses[ratio, moved] = metrics["loss"]
        assert metrics["weights_cut"] == (moved > 2)
    assert length > 2
    for (ratio, moved), loss in losses.items():
        assert loss == pytest.approx(losses[1.0, 1.0] * min(ratio, 2) * min(moved, 2), rel=1e-4)


def test_rows_without_an_advantage_or_a_teacher_dilute_no_mean_over_those_with_one():
    state = new_state()
    taught = SDPO().targets(group(state, ("good", 1.0), ("bad", 0.0), ("worse", 0.0)), state)
    rewarded = rows_sampled(state, (1.0,), (1.0,), moved=3.0)  # clipped, and beyond the ceiling of a lesson's weight
    alone, _ = moves(state, taught, SDPO().loss)
    assert alone["active_rows"] == pytest.approx(2 / 3)  # nothing is known beside the right one
    both, _ = moves(new_state(), Targets(taught.rows + rewarded.rows, {}), SDPO().loss, first=False)
    assert both["active_rows"] == 3 / 4
    assert (both["clipped"], both["weights_cut"]) == (1.0, alone["weights_cut"])
    assert both["kl_teacher"] == pytest.approx(alone["kl_teacher"], rel=1e-4)


@pytest.mark.parametrize("clip", [0.1, 1e9])
def test_a_gradient_is_cut_to_its_longest_length(clip):
    state = new_state()
    targets = rows_sampled(state, (1.0, -0.5), (1.0,))
    metrics, gradient = moves(state, targets, RLVR().loss, optim=replace(OPTIM, clip=clip))
    assert metrics["grad_norm"] > 0.2
    length = torch.cat([part.flatten() for part in gradient]).norm().item()
    assert length == pytest.approx(min(metrics["grad_norm"], clip), rel=1e-2)


def test_a_row_without_tokens_is_none():
    losses = []
    for more in (0, 1):
        state = new_state()
        targets = rows_sampled(state, (1.0, -0.5), (1.5,))
        nothing = replace(targets.rows[0].turn, completion=Completion("", (), (), finished=True))
        rows = (RowTarget(nothing, advantage=1.0),) * more + targets.rows
        metrics, _ = moves(state, Targets(rows, {}), RLVR().loss)
        losses.append((metrics["loss"], metrics["active_rows"], metrics["tis"]))
    assert losses[0] == losses[1]


def test_without_the_weights_ratios_are_to_the_sampler():
    state = new_state()
    loss = RLVR(variant="sdpo_baseline", tis_ceiling=None).loss
    metrics, _ = moves(state, rows_sampled(state, (1.0,), (1.1,)), loss)
    assert metrics["loss"] == pytest.approx(-1.1, rel=1e-4)
    assert "tis" not in metrics
    state = new_state()
    metrics, _ = moves(state, rows_sampled(state, (1.0,), (3.0,)), loss)
    assert (metrics["loss"], metrics["clipped"], metrics["grad_norm"]) == (pytest.approx(-1.28, rel=1e-4), 1, 0)
    for ceiling in (0, -1.0):
        with pytest.raises(ValueError, match="is not above 0"):
            RLVR(tis_ceiling=ceiling)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("variant", ["sdpo_baseline", "dr_grpo", "dapo"])
def test_the_gradient_does_not_depend_on_micro_batches(first, variant):
    found = []
    for tokens_at_once in (1, 150, 100_000):
        state = new_state()
        targets = rows_sampled(state, (0.75, -0.25, -0.5), (0.5, 1.5, 4.0), moved=None if first else 1.1)
        optim = replace(OPTIM, tokens_at_once=tokens_at_once)
        metrics, gradient = moves(state, targets, RLVR(variant=variant).loss, first=first, optim=optim)
        found.append((metrics["loss"], metrics["tis"], metrics["tis_cut"], gradient))
    assert found[0][2] > 0
    for loss, tis, cut, gradient in found[1:]:
        assert (loss, tis, cut) == pytest.approx(found[0][:3], rel=1e-4)
        for one, other in zip(gradient, found[0][3], strict=True):
            assert torch.allclose(one, other, atol=1e-5)


def two_groups(state, ratio):
    """Targets of two groups whose sampler was off by ``ratio``."""
    return [rows_sampled(state, (0.5, -0.5), (ratio,)) for _ in range(2)]


def test_what_training_thinks_is_computed_again_only_where_the_sampler_may_differ():
    spent = {}
    for dtype in (torch.float32, torch.bfloat16):
        state = new_state()
        state.policy.model.to(dtype)
        assert samples_as_trained(state.policy) == (dtype is torch.float32)
        metrics = update_in_parts(state, two_groups(state, 8.0), LossSpec(), STILL, 32)
        spent[dtype] = state.spent["update"]
        # In float32 a later step takes the sampler's word, so what is off looks like a policy that has moved.
        assert metrics["clipped"] == pytest.approx(0.0 if dtype is torch.bfloat16 else 0.25, abs=0.1)
        assert metrics["tis_cut"] == (1.0 if dtype is torch.bfloat16 else 0.5)
    assert spent[torch.bfloat16] == spent[torch.float32] * 3 / 2  # the second group is read twice
    state = new_state()
    state.policy.model.to(torch.bfloat16)
    update_in_parts(state, two_groups(state, 8.0), LossSpec(tis_ceiling=None), STILL, 32)
    assert state.spent["update"] == spent[torch.float32]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_a_policy_samples_has_weights_near_one(dtype):
    state = new_state()
    state.policy.model.to(dtype)
    hand_made = group(state, ("good", 1.0), ("bad", 0.0))
    prompts = [episode.turns[0].prompt_tokens for episode in hand_made.episodes]
    completions = generate(state.policy, prompts, Sampling(max_new_tokens=24), seed=1)
    episodes = tuple(
        replace(episode, turns=(replace(episode.turns[0], completion=completion),))
        for episode, completion in zip(hand_made.episodes, completions, strict=True)
    )
    metrics = update(state, [RLVR().targets(Group(TASK, episodes), state)], RLVR().loss, OPTIM, 24)
    if dtype is torch.float32:
        assert metrics["tis"] == pytest.approx(1, abs=1e-4)
    else:
        assert metrics["off_policy"] > 1e-3  # rounding: a cache and a whole text do not add in the same order
        assert metrics["tis"] == pytest.approx(1, abs=0.2)
    assert metrics["clipped"] == 0
