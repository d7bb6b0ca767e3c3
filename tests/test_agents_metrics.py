"""What a training step says about itself: distances, clipping, masks, tokens by part."""

from dataclasses import replace

import pytest
import torch
from agent_scene import TASK, group, new_state

from agents.choices import Choices
from agents.diagnosis import WINDOW, complaints
from agents.distil import Lesson, shown_stats
from agents.drift import drift
from agents.losses import is_clipped
from agents.pmd import PMD, attempts_of, count
from agents.policy import Sampling
from agents.prompts import MEMORY_PHRASES, Blocks
from agents.records import Group
from agents.reflector import subject_of
from agents.rlvr import RLVR
from agents.rollout import Rollout
from agents.sampling import generate
from agents.sdpo import SDPO
from agents.train import Clock, TrainConfig, batch_metrics, finite, learn_from
from agents.update import Optim, update, update_in_parts

CONFIG = TrainConfig(9, Rollout(2, Sampling(max_new_tokens=8)), Optim(lr=1e-2, warmup=0))


def by_hand(student, teacher):
    """Mean KL(student || teacher) of (T, V) log-probabilities."""
    return (student.exp() * (student - teacher)).sum(-1).mean().item()


def test_the_distance_to_the_teacher_is_the_reverse_kl_whatever_is_trained():
    found = {}
    for alpha, top_k in ((1.0, None), (0.5, None), (1.0, 5)):
        state = new_state()
        batch = group(state, ("good", 1.0), ("bad", 0.0))
        agent = SDPO(alpha=alpha, top_k=top_k)
        targets = agent.targets(batch, state)
        turn = batch.episodes[1].turns[0]
        logits = state.policy.read([turn.prompt_tokens], [turn.completion.tokens]).logits()[0]
        found[alpha, top_k] = update(state, [targets], agent.loss, Optim(), 16)["kl_teacher"]
        if top_k is None:
            expected = by_hand(logits.detach().log_softmax(-1), targets.rows[1].teacher.logprobs)
            assert found[alpha, top_k] == pytest.approx(expected, rel=1e-4)
    assert 0 < found[1.0, 5] < found[1.0, None]  # what is not told apart can only bring them nearer


def test_a_token_is_clipped_where_its_gradient_is_cut():
    ratios = torch.tensor([[0.5, 0.9, 1.1, 1.5]]).log()
    old = torch.zeros(1, 4)
    up, down = torch.ones(1, 1), -torch.ones(1, 1)
    assert is_clipped(ratios, old, up, (0.2, 0.28)).tolist() == [[False, False, False, True]]
    assert is_clipped(ratios, old, down, (0.2, 0.28)).tolist() == [[True, False, False, False]]
    assert not is_clipped(ratios, old, torch.zeros(1, 1), (0.2, 0.28)).any()


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_what_samples_is_what_is_trained_until_the_policy_moves(temperature):
    state = new_state()
    state.temperature = temperature
    hand_made = group(state, ("good", 1.0), ("bad", 0.0))
    prompts = [episode.turns[0].prompt_tokens for episode in hand_made.episodes]
    completions = generate(state.policy, prompts, Sampling(max_new_tokens=8, temperature=temperature), seed=1)
    episodes = tuple(
        replace(episode, turns=(replace(episode.turns[0], completion=completion),))
        for episode, completion in zip(hand_made.episodes, completions, strict=True)
    )
    targets = [RLVR().targets(Group(TASK, episodes), state)]
    first, second = (update(state, targets, RLVR().loss, Optim(lr=1e-2, warmup=0), 8)["off_policy"] for _ in range(2))
    assert first < 1e-4
    assert second > 0.01


def test_only_what_was_measured_is_reported():
    state = new_state()
    batch = group(state, ("good", 1.0), ("bad", 0.0))
    metrics = update(state, [RLVR().targets(batch, state)], RLVR().loss, Optim(), 16)
    assert "kl_teacher" not in metrics
    assert 0 <= metrics["clipped"] <= 1
    metrics = update(state, [SDPO().targets(batch, state)], SDPO().loss, Optim(), 16)
    assert "clipped" not in metrics
    assert metrics["kl_teacher"] > 0
    both = SDPO(reward_weight=0.5)
    assert {"clipped", "kl_teacher", "weights_cut", "tis", "tis_cut"} <= set(
        update(state, [both.targets(batch, state)], both.loss, Optim(), 16)
    )


def test_drift_is_nothing_at_first_and_grows_with_training():
    state = new_state()
    batch = group(state, ("good", 1.0), ("a longer bad answer", 0.0))
    assert drift([batch], state) == {}
    state.initial = state.policy.twin()
    assert drift([batch], state)["kl_initial"] == pytest.approx(0, abs=1e-6)
    seen = []
    for _ in range(4):
        metrics = learn_from([batch], RLVR(), state, CONFIG, Clock())
        seen.append("kl_initial" in metrics)
    assert seen == [True, False, False, False]  # every fifth batch
    moved = drift([batch], state)["kl_initial"]
    assert moved > 1e-3
    shown = []
    for episode in batch.episodes:
        turn = episode.turns[0]
        pair = [p.read([turn.prompt_tokens], [turn.completion.tokens]).logits()[0].detach().log_softmax(-1)
                for p in (state.policy, state.initial)]  # fmt: skip
        shown.append((by_hand(*pair), len(turn.completion.tokens)))
    assert moved == pytest.approx(sum(kl * n for kl, n in shown) / sum(n for _, n in shown), rel=1e-3)


def test_masks_are_counted_by_our_rule_and_by_sdpos(tmp_path):
    state = new_state(tmp_path)
    first = group(state, ("one right answer", 1.0), ("wrong", 0.0))
    stats = SDPO().targets(first, state).stats
    assert (stats["reprompted"], stats["masked"], stats["masked_in_sdpo"]) == (0.5, 0.5, 0.5)
    agent = PMD()
    agent.observe([first], state)
    state.step = 1
    lone = group(state, ("another right answer", 1.0))  # no sibling, no feedback: only the memory knows more
    stats = agent.targets(lone, state).stats
    assert (stats["reprompted"], stats["masked"], stats["masked_in_sdpo"]) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("blocks", "share"),
    [
        (Blocks(solution="The  graded answer is 19."), 1.0),
        (Blocks(strategies=("as I said: the graded answer is 19. So",)), 1.0),
        (Blocks(lessons=("never say: the graded answer is 19. again",)), 1.0),
        (Blocks(behaviors=("behavior_x: the graded answer is 19.",)), 1.0),
        (Blocks(solution="Another answer is 19.", strategies=("add them",)), 0.0),
        (Blocks(feedback="the graded answer is 19. is not correct"), 0.0),
    ],
)
def test_a_graded_rollout_in_its_own_context_is_counted_and_said_at_once(blocks, share):
    state = new_state()
    batch = group(state, ("The graded answer is 19.", 0.0))
    stats = shown_stats([Lesson(batch.episodes[0], blocks)], batch)
    assert stats["own_answer_shown"] == share
    assert any("this is a bug" in complaint for complaint in complaints([stats])) == bool(share)


def test_what_becomes_of_reflections_is_counted(tmp_path):
    state = new_state(tmp_path)
    agent = PMD(writer="scripted")
    batch = group(state, ("right", 1.0), ("wrong", 0.0), ("quite another thing", 0.0))
    metrics = learn_from([batch], agent, state, CONFIG, Clock())
    counts = state.memory.counts()
    assert (metrics["experience/admitted"], metrics["experience/rejected_duplicate"]) == (counts.experience, 0)
    assert (metrics["insight/requests"], metrics["insight/admitted"]) == (1, counts.insight)
    assert (metrics["insight/contamination"], metrics["insight/unreadable"]) == (0, 0)
    assert "behavior/added" not in metrics  # the epoch goes on
    metrics = learn_from([batch], agent, state, CONFIG, Clock())
    assert metrics["experience/rejected_duplicate"] == 3
    assert metrics["behavior/added"] == state.memory.counts().behavior > 0
    assert "behavior/shortened" not in metrics  # a script reads everything
    metrics = learn_from([batch], PMD(ours=Choices(reflection_tokens=4)), state, CONFIG, Clock())
    assert metrics["insight/unreadable"] == 1  # a random model writes no JSON
    assert metrics["insight/shortened"] == 0
    state.policy.max_prompt_tokens = 20
    PMD(ours=Choices(reflection_tokens=4))._consolidate(state)
    assert state.counted["behavior/shortened"] == 1
    assert any("cannot be read" in text for text in complaints([metrics] * WINDOW))


def test_shortcuts_that_a_policy_writes_are_measured(tmp_path):
    state = new_state(tmp_path)
    said = '{"strategies": [{"title": "a", "content": "Pick option A."}, {"title": "b", "content": "Add the parts."}]}'
    batch = group(state, ("right", 1.0))
    agent = PMD()
    state.memory.record(subject_of(TASK), attempts_of(batch), 0)
    count(state, "insight", state.memory.reflect([subject_of(TASK)], lambda requests: [said] * len(requests), 0))
    assert (state.counted["insight/rejected_shortcut"], state.counted["insight/contamination"]) == (1, 0.5)
    assert agent.targets(batch, state).stats["insight_shown"] == 1
    assert any("instead of the subject" in text for text in complaints([dict(state.counted)] * WINDOW))


def test_tokens_are_counted_by_part(tmp_path):
    state = new_state(tmp_path)
    batch = group(state, ("right", 1.0), ("wrong", 0.0))
    metrics = learn_from([batch], PMD(ours=Choices(reflection_tokens=4)), state, CONFIG, Clock())
    turns = [episode.turns[0] for episode in batch.episodes]
    written = sum(len(turn.completion.tokens) for turn in turns)
    assert metrics["completion_tokens"] == metrics["completion_tokens_median"] == written / 2
    assert metrics["tokens/rollout"] == len(turns[0].prompt_tokens) + written
    assert metrics["tokens/update"] == len(turns[0].prompt_tokens) + written  # both are taught, and share a prompt
    assert metrics["tokens/teacher"] > metrics["tokens/update"]  # the same completions after longer prompts
    assert metrics["tokens/reflection"] > len(state.policy.encode(TASK.prompt))
    assert set(metrics) >= {"kl_teacher", "masked", "reprompted", "own_answer_shown", "leaked_phrases", "entropy"}


def test_phrases_of_a_teachers_prompt_in_a_rollout_are_counted(tmp_path):
    state = new_state(tmp_path)
    texts = [("So 19.", 1.0), *((f"{phrase}\nSo 19.", 1.0) for phrase in MEMORY_PHRASES), ("A strategy helps.", 0.0)]
    metrics = batch_metrics([group(state, *texts)], [], state)
    assert metrics["leaked_phrases"] == len(MEMORY_PHRASES) / len(texts)
    leaked, clean = (one.turns[0] for one in group(state, texts[1], texts[0]).episodes)
    submitted = replace(clean, view=replace(clean.view, continues=False))
    answer = replace(group(state, texts[0]).episodes[0], turns=(leaked, submitted))  # not what was submitted last
    assert batch_metrics([Group(TASK, (answer,))], [], state)["leaked_phrases"] == 1
    state.memory.close()


@pytest.mark.parametrize("top_k", [5, None])
def test_a_teacher_of_two_models_reads_everything_twice(top_k):
    spent = {}
    for kind in ("ema", "trust-region"):
        state = new_state()
        SDPO(teacher_kind=kind, top_k=top_k).targets(group(state, ("right", 1.0), ("wrong", 0.0)), state)
        spent[kind] = state.spent["teacher"]
    state = new_state()
    batch = group(state, ("right", 1.0), ("wrong", 0.0))
    [wrong] = [episode.turns[0] for episode in batch.episodes if not episode.solved]
    again = len(wrong.prompt_tokens) + len(wrong.completion.tokens) if top_k else 0  # nobody noted the likeliest
    assert spent["trust-region"] - again == 2 * (spent["ema"] - again) > 0


def test_parts_that_teach_nothing_do_not_count_as_certain():
    entropy = {}
    for parts in (1, 2):
        state = new_state()
        batch = [group(state, ("right", 1.0), ("wrong", 0.0)), group(state, ("wrong", 0.0), ("worse", 0.0))]
        targets = [RLVR("dr_grpo").targets(one, state) for one in batch]
        found = update_in_parts(state, targets, RLVR("dr_grpo").loss, Optim(parts=parts), 32)
        entropy[parts] = found["entropy"]
    assert entropy[2] == pytest.approx(entropy[1], rel=1e-5)
    state = new_state()
    nothing = [RLVR("dr_grpo").targets(batch[1], state)]
    assert "entropy" not in update_in_parts(state, nothing, RLVR("dr_grpo").loss, Optim(), 32)


@pytest.mark.parametrize(
    ("parts", "groups", "expected"),
    [(2, "abcde", ["ace", "bd"]), (3, "ab", ["a", "b"]), (1, "ab", ["ab"]), (2, "", [""])],
)
def test_neighbouring_groups_go_to_different_parts_of_which_none_is_empty(parts, groups, expected, monkeypatch):
    seen = []
    monkeypatch.setattr("agents.update.update", lambda _, part, *__, first: seen.append((part, first)) or {})
    update_in_parts(new_state(), list(groups), RLVR().loss, Optim(parts=parts), 8)
    assert seen == [(list(part), i == 0) for i, part in enumerate(expected)]


def test_the_length_of_an_answer_is_that_of_all_its_turns():
    state = new_state()
    batch = group(state, ("right", 1.0), ("quite another thing", 0.0))
    first, second = batch.episodes
    stepwise = replace(batch, episodes=(replace(first, turns=first.turns * 3), second))
    lengths = [len(episode.turns[0].completion.tokens) for episode in batch.episodes]
    metrics = batch_metrics([stepwise], [], state)
    assert metrics["completion_tokens"] == metrics["completion_tokens_median"] == (3 * lengths[0] + lengths[1]) / 2
    metrics = batch_metrics([replace(batch, episodes=(stepwise.episodes[0],))], [], state)
    assert metrics["completion_tokens"] == 3 * lengths[0]


def test_what_sdpo_would_mask_is_told_by_the_rollout_and_not_by_its_text():
    state = new_state()
    batch = group(state, ("nineteen", 1.0), ("nineteen", 1.0), ("wrong", 0.0))
    stats = SDPO(feedback=False, copies=False).targets(batch, state).stats
    assert stats["masked"] == pytest.approx(2 / 3)  # nobody is shown the words that it grades
    assert stats["masked_in_sdpo"] == 0
    assert SDPO(feedback=False).targets(batch, state).stats["masked"] == 0


def test_what_only_some_groups_measure_is_the_mean_over_those():
    state = new_state()
    mixed = group(state, ("right", 1.0), ("right too", 1.0), ("wrong", 0.0))
    solved = group(state, ("right", 1.0), ("right too", 1.0))
    agent = SDPO()
    both = [agent.targets(one, state) for one in (mixed, solved)]
    found = batch_metrics([mixed, solved], both, state)
    assert found["teacher_prefers_right"] == both[0].stats["teacher_prefers_right"]
    assert "teacher_prefers_right" not in batch_metrics([solved], both[1:], state)


def test_nobody_is_warned_that_an_agent_does_not_teach_which_does_not_mean_to(tmp_path):
    for name, agent in (("frozen", PMD(keep="first epoch")), ("prompt", PMD(distil=False)), ("taught", PMD())):
        (tmp_path / name).mkdir()
        state = new_state(tmp_path / name)
        found = [
            learn_from([group(state, ("right", 1.0), ("wrong", 0.0))], agent, state, CONFIG, Clock())
            for _ in range(1 if name == "frozen" else WINDOW)
        ]
        assert all(("active_rows" in metrics) == (name == "taught") for metrics in found)
        assert not any(" learn " in text or "gradient" in text for text in complaints(found * WINDOW))


def test_a_placebo_without_context_is_not_said_to_be_masked(tmp_path):
    state = new_state(tmp_path)
    stats = PMD(placebo="empty").targets(group(state, ("right", 1.0), ("wrong", 0.0)), state).stats
    assert "masked" not in stats
    assert stats["reprompted"] == 0


def test_a_part_that_is_dropped_does_not_hide_the_others(monkeypatch):
    state, agent = new_state(), RLVR("dr_grpo")
    batch = [group(state, ("right", 1.0), ("wrong", 0.0)), group(state, ("good", 1.0), ("bad", 0.0))]
    targets = [agent.targets(one, state) for one in batch]
    norms = iter([0.5, float("nan")])
    monkeypatch.setattr("agents.update._step", lambda *_: next(norms))
    found = update_in_parts(state, targets, agent.loss, Optim(parts=2), 32)
    assert (found["grad_norm"], found["not_finite"]) == (0.5, 1.0)
    assert finite(found | {"drift": float("inf")})["not_finite"] == 2.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_counted_said_and_left_out(value):
    found = finite({"loss": value, "grad_norm": value, "reward": 0.5})
    assert found == {"reward": 0.5, "not_finite": 2.0}
    assert any("not finite" in complaint for complaint in complaints([found]))
    assert finite({"reward": 0.5}) == {"reward": 0.5}
    assert complaints([{"reward": 0.5}]) == ()


def test_a_teacher_follows_a_policy_that_has_moved_and_no_other(monkeypatch):
    state = new_state()
    agent = SDPO(teacher_rate=0.5, feedback=False)
    with torch.no_grad():
        next(state.teacher.model.parameters()).add_(1.0)  # far from the policy, so that following shows

    def weights():
        return next(state.teacher.model.parameters()).clone()

    before = weights()
    metrics = learn_from([group(state, ("wrong", 0.0), ("wrong too", 0.0))], agent, state, CONFIG, Clock())
    assert metrics["active_rows"] == 0
    assert torch.equal(weights(), before)
    monkeypatch.setattr("agents.update.torch.nn.utils.clip_grad_norm_", lambda *_: torch.tensor(float("nan")))
    metrics = learn_from([group(state, ("good", 1.0), ("bad", 0.0))], agent, state, CONFIG, Clock())
    assert (metrics["not_finite"], "grad_norm" in metrics) == (1, False)
    assert torch.equal(weights(), before)
    monkeypatch.undo()
    learn_from([group(state, ("good", 1.0), ("bad", 0.0))], agent, state, CONFIG, Clock())
    assert not torch.equal(weights(), before)
