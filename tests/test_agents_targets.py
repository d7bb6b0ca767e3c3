"""What each agent asks the update to do, on hand-made groups."""

import json
from dataclasses import replace

import pytest
import torch
from agent_scene import OTHERS, TASK, group, new_state

from agents.choices import Choices
from agents.distil import Lesson, prefers_right, sibling
from agents.frozen import Frozen
from agents.placebo import partner
from agents.pmd import PMD, attempts_of
from agents.prompts import Blocks, render_blocks
from agents.records import Group
from agents.reflector import subject_of
from agents.registry import make_agent
from agents.rlvr import RLVR, group_advantages
from agents.sdpo import SDPO
from agents.stream import TaskStream
from agents.update import Optim, update
from memory import Attempt, Subject
from pmd_envs.errors import ConfigError


def test_group_advantages_on_paper():
    assert group_advantages([1, 0, 0, 0], divide_by_deviation=False) == [0.75, -0.25, -0.25, -0.25]
    assert group_advantages([1, 0, 0, 0], divide_by_deviation=True) == pytest.approx([1.5, -0.5, -0.5, -0.5], rel=1e-3)
    assert group_advantages([1, 1, 1], divide_by_deviation=True) == [0, 0, 0]


@pytest.mark.parametrize("variant", ["grpo", "dr_grpo", "dapo"])
def test_rlvr_is_silent_on_groups_of_equal_rewards(variant):
    state = new_state()
    targets = RLVR(variant=variant).targets(group(state, ("a", 0.0), ("b", 0.0)), state)
    assert not any(row.is_active for row in targets.rows)
    assert update(state, [targets], RLVR(variant=variant).loss, Optim(), 16)["grad_norm"] == 0


def test_rlvr_variants_differ_in_scale_aggregation_and_clip():
    assert RLVR(variant="dapo").loss.clip == (0.2, 0.28)
    assert RLVR(variant="grpo").loss.clip == (0.2, 0.2)
    assert [RLVR(variant=v).loss.aggregation for v in ("grpo", "dr_grpo", "dapo")] == ["sequence", "constant", "token"]
    state = new_state()
    batch = group(state, ("good", 1.0), ("bad", 0.0), ("worse", 0.0), ("worst", 0.0))
    ours = RLVR(variant="sdpo_baseline")  # what the papers on SDPO and PMD compare with
    assert (ours.loss.aggregation, ours.loss.clip, ours.loss.tis_ceiling, ours.most_draws) == (
        "sequence", (0.2, 0.28), 2.0, 1
    )  # fmt: skip
    assert [row.advantage for row in ours.targets(batch, state).rows] == [0.75, -0.25, -0.25, -0.25]
    for variant, first in (("grpo", 1.5), ("dapo", 1.5), ("dr_grpo", 0.75)):
        assert RLVR(variant=variant).targets(batch, state).rows[0].advantage == pytest.approx(first, rel=1e-3)
    assert RLVR(variant="dapo", clip_low=0.1, clip_high=0.0).loss.clip == (0.1, 0.0)
    with pytest.raises(ValueError, match="known: grpo, dr_grpo, dapo, sdpo_baseline"):
        RLVR(variant="ppo")


def test_frozen_has_nothing_to_learn():
    state = new_state()
    assert not any(row.is_active for row in Frozen().targets(group(state, ("a", 1.0), ("b", 0.0)), state).rows)


def test_sdpo_shows_a_sibling_never_the_rollout_itself():
    state = new_state()
    two = group(state, ("good one", 1.0), ("good two", 1.0), ("bad", 0.0))
    assert sibling(two, two.episodes[0], state).text == "good two"
    assert sibling(two, two.episodes[2], state).text in ("good one", "good two")
    same_twice = group(state, ("same", 1.0), ("same", 1.0))
    assert sibling(same_twice, same_twice.episodes[0], state, copies=False).text == ""
    for same in ("Twice\n 2 is 4", " twice 2  IS 4", "<think>hm</think>Twice 2 is 4", "twice ² is 4"):
        alike = group(state, ("twice 2 is 4", 1.0), (same, 1.0))
        for copies in (False, True):
            assert SDPO(copies=copies).targets(alike, state).stats["own_answer_shown"] == 0
        for episode in alike.episodes:
            assert sibling(alike, episode, state, copies=False).text == ""


def test_teachers_of_a_group_share_the_solution_they_read():
    state = new_state()
    answers = [(f"good {i}", 1.0) for i in range(6)]
    seen = set()
    for step in range(12):
        state.step = step
        batch = group(state, *answers, ("bad", 0.0))
        shown = [sibling(batch, episode, state).text for episode in batch.episodes]
        assert all(text != episode.response for text, episode in zip(shown, batch.episodes, strict=True))
        assert len(set(shown)) == 2  # one for all, and another for the rollout that wrote it
        seen.add(shown[-1])
    assert len(seen) > 3
    others = set()
    for state.seed in range(12):
        others.add(sibling(batch, batch.episodes[-1], state).text)
    assert len(others) > 3  # and another seed draws others


def test_likeliest_tokens_from_sampling_are_those_of_a_second_reading():
    state = new_state()
    rollouts = group(state, ("good", 1.0), ("bad", 0.0), ("a longer bad answer", 0.0))
    read_again = SDPO(top_k=7).targets(rollouts, state).rows
    prompts = [row.turn.prompt_tokens for row in read_again]
    logits = state.policy.read(prompts, [row.turn.completion.tokens for row in read_again]).logits()
    noted = logits.topk(9, -1).indices.int()
    episodes = []
    for i, episode in enumerate(rollouts.episodes):
        [turn] = episode.turns
        completion = replace(turn.completion, likeliest=noted[i, : len(turn.completion.tokens)])
        episodes.append(replace(episode, turns=(replace(turn, completion=completion),)))
    for row, again in zip(SDPO(top_k=7).targets(Group(TASK, tuple(episodes)), state).rows, read_again, strict=True):
        assert (row.teacher is None) == (again.teacher is None)
        if row.teacher is not None:
            assert torch.equal(row.teacher.indices, again.teacher.indices)
            assert torch.equal(row.teacher.logprobs, again.teacher.logprobs)


def test_sdpo_masks_what_it_knows_nothing_about():
    state = new_state()
    lone = group(state, ("good", 1.0), ("bad", 0.0))
    assert [row.is_active for row in SDPO().targets(lone, state).rows] == [False, True]
    failures = group(state, ("x", 0.0), ("y", 0.0))
    assert [row.is_active for row in SDPO().targets(failures, state).rows] == [True, True]
    assert [row.is_active for row in SDPO(feedback=False).targets(failures, state).rows] == [False, False]


def test_sdpo_uses_feedback_only_without_a_solution():
    state = new_state()
    stats = SDPO().targets(group(state, ("good", 1.0), ("bad", 0.0)), state).stats
    assert (stats["solution_shown"], stats["feedback_shown"]) == (0.5, 0.0)


def test_teacher_logprobs_are_normalised_over_the_whole_vocabulary():
    state = new_state()
    full = SDPO(top_k=None).targets(group(state, ("good", 1.0), ("bad", 0.0)), state).rows[1].teacher
    some = SDPO(top_k=5).targets(group(state, ("good", 1.0), ("bad", 0.0)), state).rows[1].teacher
    assert torch.allclose(full.logprobs.exp().sum(-1), torch.ones(len(full.logprobs)), atol=1e-5)
    assert torch.allclose(full.logprobs.gather(-1, some.indices), some.logprobs, atol=1e-5)


def test_teachers_speak_at_the_temperature_of_the_rollouts():
    state = new_state()
    batch = group(state, ("good", 1.0), ("bad", 0.0))
    found = {}
    for state.temperature in (1.0, 0.5):
        found[state.temperature] = SDPO(top_k=None).targets(batch, state).rows[1].teacher
    colder = (found[1.0].logprobs / 0.5).log_softmax(-1)
    assert torch.allclose(found[0.5].logprobs, colder, atol=1e-4)
    assert not torch.allclose(found[0.5].logprobs, found[1.0].logprobs, atol=1e-2)


def test_what_the_teacher_prefers_is_read_off_the_sampled_tokens():
    state = new_state()
    batch = group(state, ("good", 1.0), ("good too", 1.0), ("bad", 0.0))
    rows = SDPO(top_k=None).targets(batch, state).rows
    for row in rows:  # the sampled tokens' own entries, whatever else is compared
        picked = row.teacher.logprobs[range(len(row.teacher.chosen)), list(row.turn.completion.tokens)]
        assert torch.equal(row.teacher.chosen, picked)
    lessons = [Lesson(episode, Blocks()) for episode in batch.episodes]
    gain = [float(row.teacher.chosen.mean()) + 1.0 for row in rows]  # the scene's rollouts were sampled at -1 a token
    found = prefers_right(lessons, rows)
    assert found == {"teacher_prefers_right": pytest.approx((gain[0] + gain[1]) / 2 - gain[2], abs=1e-5)}
    assert prefers_right(lessons[:2], rows[:2]) == {}


def test_a_live_teacher_without_context_gives_no_gradient(tmp_path):
    state = new_state(tmp_path, own_teacher=False)
    nothing = group(state, ("good", 1.0))
    targets = PMD().targets(nothing, state)
    assert not any(row.is_active for row in targets.rows)


@pytest.mark.parametrize("top_k", [5, None])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_a_live_teacher_that_knows_nothing_more_is_at_the_minimum_of_every_divergence(alpha, top_k, tmp_path):
    state, found = new_state(tmp_path, own_teacher=False), {}
    batch = group(state, ("good", 1.0), ("bad", 0.0))
    for placebo in ("empty", "none"):  # the second is shown a sibling's solution: the same loss has a gradient there
        agent = PMD(placebo=placebo, teacher_kind="live", alpha=alpha, top_k=top_k)
        targets = agent.targets(batch, state)
        assert all(row.is_active for row in targets.rows) == (placebo == "empty")
        found[placebo] = update(state, [targets], agent.loss, Optim(lr=1e-9), 16)
    assert found["empty"]["grad_norm"] < 1e-4 < 1e-2 < found["none"]["grad_norm"]
    state.memory.close()


def test_distillation_pulls_the_student_towards_the_teacher():
    state = new_state()
    agent = SDPO(top_k=None, teacher_rate=0.0)
    targets = [agent.targets(group(state, ("good", 1.0), ("bad", 0.0)), state)]
    losses = [update(state, targets, agent.loss, Optim(lr=1e-2, warmup=0), 16)["loss"] for _ in range(15)]
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize(
    "agent", [RLVR(), RLVR(variant="dapo"), SDPO(), SDPO(top_k=None, alpha=1.0), PMD(), PMD(top_k=None, alpha=0.0)]
)
def test_gradients_do_not_depend_on_micro_batches(agent, monkeypatch, tmp_path):
    metrics, gradients = [], []
    for tokens_at_once, enough_rows in ((1, 16), (150, 16), (100_000, 16), (100_000, 1)):
        monkeypatch.setattr("agents.microbatches._ENOUGH_ROWS", enough_rows)
        folder = tmp_path / str(len(metrics))
        folder.mkdir()
        state = new_state(folder)
        before = torch.cat([weights.detach().flatten().clone() for weights in state.policy.model.parameters()])
        state.optimizer = torch.optim.SGD(state.policy.model.parameters(), lr=1.0)  # so that a step is a gradient
        optim = Optim(lr=1.0, warmup=0, clip=1e9, tokens_at_once=tokens_at_once)
        batch = group(state, ("good", 1.0), ("a longer bad answer", 0.0), ("bad", 0.0), ("good too", 1.0))
        if agent.uses_memory:
            state.memory.record_batch([(subject_of(batch.task), attempts_of(batch))], 0)
        found = update(state, [agent.targets(batch, state)], agent.loss, optim, 32)
        metrics.append((found["loss"], found["grad_norm"], found["entropy"]))
        gradients.append(before - torch.cat([w.detach().flatten() for w in state.policy.model.parameters()]))
        state.memory.close()
    assert metrics[0][1] > 0
    for numbers, gradient in zip(metrics[1:], gradients[1:], strict=True):
        assert numbers == pytest.approx(metrics[0], rel=1e-4)
        torch.testing.assert_close(gradient, gradients[0], atol=1e-6, rtol=1e-4)


def test_the_ema_teacher_moves_by_its_rate():
    state = new_state()
    with torch.no_grad():
        for parameter in state.policy.model.parameters():
            parameter.add_(1.0)
    before = [p.clone() for p in state.teacher.model.parameters()]
    SDPO(teacher_rate=0.25).learn([], state)
    for old, new in zip(before, state.teacher.model.parameters(), strict=True):
        assert torch.allclose(new - old, torch.full_like(old, 0.25), atol=1e-6)


class ScriptedReflector:
    """Stands where the language model does: a seam of the memory, not our code replaced."""

    def __call__(self, requests):
        return [
            json.dumps(
                {
                    "strategies": [{"title": "add them", "content": "Add the two numbers of the problem."}],
                    "lessons": [{"title": "no guessing", "content": "Do not write a sum without adding."}],
                }
            )
            for _ in requests
        ]


def test_pmd_remembers_across_batches_and_hides_the_graded_rollout(tmp_path):
    state = new_state(tmp_path)
    agent = PMD()
    first = group(state, ("the kept solution", 1.0), ("bad", 0.0))
    agent.observe([first], state)
    assert state.memory.counts().experience == 2
    # its own stored text never comes back to the rollout that wrote it
    targets = agent.targets(first, state)
    assert targets.stats["own_answer_shown"] == 0
    assert [row.is_active for row in targets.rows] == [True, True]  # the failure's feedback helps the success
    # in a later batch without a success, the stored solution is shown: SDPO would know nothing
    state.step = 1
    later = group(state, ("other", 0.0), ("another", 0.0))
    assert agent.targets(later, state).stats["solution_shown"] == 1
    assert PMD(shown="behavior").targets(later, state).stats["solution_shown"] == 0


def test_pmd_shows_insights_and_counts_their_use(tmp_path):
    state = new_state(tmp_path)
    subject = Subject(TASK.id, TASK.family, TASK.split, TASK.prompt, TASK.gold, TASK.fingerprint)
    state.memory.record(subject, [Attempt("old", "12 + 7 is nineteen", 1.0, "", 0)], 0)
    state.memory.reflect([subject], ScriptedReflector(), 0)
    stats = PMD().targets(group(state, ("bad", 0.0)), state).stats
    assert stats["insight_shown"] == 1
    assert all(insight.provenance.shown == 1 for insight in state.memory.items("insight"))


def worth(state, kind):
    """(shown, followed, succeeded) of the insights of a kind, which all have the same."""
    [found] = {
        (i.provenance.shown, i.provenance.followed, i.provenance.succeeded)
        for i in state.memory.items("insight")
        if i.kind == kind and i.subject_id == TASK.id
    }
    return found


def test_an_insight_is_judged_by_the_next_visit_and_not_by_the_rollouts_that_it_was_read_off(tmp_path):
    state = new_state(tmp_path)
    agent = PMD(writer="scripted")
    batch = group(state, ("right", 1.0), ("right too", 1.0), ("wrong", 0.0))
    agent.observe([batch], state)
    agent.targets(batch, state)  # three teachers read what was written from these very rollouts
    assert worth(state, "strategy") == (3, 0, 0)
    state.step = 2
    later = group(state, ("another", 1.0), ("bad", 0.0), ("worse", 0.0), ("worst", 0.0))
    agent.observe([later], state)
    agent.targets(later, state)
    assert worth(state, "strategy") == worth(state, "lesson") == (7, 4, 1)


def test_a_frozen_memory_hears_how_the_policy_does_with_what_it_shows(tmp_path):
    state = new_state(tmp_path)
    agent = PMD(keep="first epoch", writer="scripted")
    agent.observe([group(state, ("right", 1.0), ("wrong", 0.0))], state)
    for state.step in (2, 4):  # two batches an epoch
        batch = group(state, ("good", 1.0), ("quite good", 1.0), ("bad", 0.0))
        agent.observe([batch], state)
        agent.targets(batch, state)
    assert worth(state, "strategy") == (6, 3, 2)


def test_an_insight_that_others_support_goes_when_nothing_good_follows(tmp_path):
    left = {}
    for score in (0.0, 1.0):
        folder = tmp_path / str(score)
        folder.mkdir()
        state = new_state(folder)
        agent = PMD(insights="supported", writer="scripted", ours=Choices(fruitless=2))
        state.memory.caps = agent.caps
        for state.step in range(4):  # two epochs
            outcome = score if state.step > 1 else 0.0
            groups = [
                group(state, (f"this {task.id}", outcome), (f"that {task.id}", outcome), task=task)
                for task in state.stream.at(state.step)
            ]
            agent.observe(groups, state)
            for one in groups:
                agent.targets(one, state)
            agent.learn(groups, state)
            if state.step == 1:
                assert state.memory.counts().insight > 0  # every rollout failed, but nothing was tried out yet
        left[score] = {i.kind for i in state.memory.items("insight")}
    assert left == {0.0: set(), 1.0: {"strategy", "lesson"}}


def test_a_trust_region_teacher_lies_between_its_first_weights_and_the_policy():
    state = new_state()
    batch = group(state, ("good", 1.0), ("bad", 0.0))
    with torch.no_grad():
        for parameter in state.policy.model.parameters():
            parameter.mul_(1.5)
    old, mixed, new = (
        SDPO(top_k=None, teacher_kind="trust-region", teacher_rate=rate).targets(batch, state).rows[1].teacher.logprobs
        for rate in (0.0, 0.3, 1.0)
    )
    geometric = (0.7 * old + 0.3 * new).log_softmax(-1)
    assert torch.allclose(mixed, geometric, atol=1e-4)
    assert not torch.allclose(old, new, atol=1e-2)
    frozen = SDPO(top_k=None, teacher_kind="frozen", teacher_rate=1.0)
    frozen.learn([batch], state)
    assert torch.equal(frozen.targets(batch, state).rows[1].teacher.logprobs, old)


def test_sdpo_can_follow_the_reward_too():
    state = new_state()
    batch = group(state, ("good", 1.0), ("bad", 0.0))
    rows = SDPO(reward_weight=0.9).targets(batch, state).rows
    assert [row.advantage for row in rows] == pytest.approx([0.9 * 0.5, 0.9 * -0.5])
    assert rows[1].teacher is not None
    assert all(row.advantage is None for row in SDPO().targets(batch, state).rows)


def test_pmd_can_follow_the_reward_too(tmp_path):
    state = new_state(tmp_path)
    agent = PMD(writer="scripted", ours=Choices(reward_weight=0.9))
    batch = batch_of_two(state)
    agent.observe(batch, state)
    for rows in (agent.targets(one, state).rows for one in batch):
        assert [row.advantage for row in rows] == pytest.approx([0.9 * 0.5, 0.9 * -0.5])
        assert all(row.teacher is not None for row in rows)
    assert agent.loss.distillation == pytest.approx(0.1)
    assert make_agent("pmd+grpo-anchored", {}) == PMD(teacher_kind="trust-region", ours=Choices(reward_weight=0.9))


def test_the_mix_of_sdpo_and_grpo_is_the_published_one():
    assert make_agent("sdpo+grpo", {}) == SDPO(reward_weight=0.9, alpha=1.0)
    gradients = {}
    for share in (0.0, 0.9, 1.0):
        state = new_state()
        state.optimizer = torch.optim.SGD(state.policy.model.parameters(), lr=1.0)
        agent = SDPO(reward_weight=share, alpha=1.0, top_k=None)
        targets = agent.targets(group(state, ("good", 1.0), ("a longer bad answer", 0.0)), state)
        before = [p.detach().clone() for p in state.policy.model.parameters()]
        update(state, [targets], agent.loss, Optim(lr=1.0, warmup=0, clip=1e9), 32)
        gradients[share] = [a - b.detach() for a, b in zip(before, state.policy.model.parameters(), strict=True)]
    for distilled, mixed, rewarded in zip(*gradients.values(), strict=True):
        assert torch.allclose(mixed, 0.9 * rewarded + 0.1 * distilled, atol=1e-5)
        assert not torch.allclose(rewarded, distilled, atol=1e-3)


def batch_of_two(state):
    """Groups of the two problems of the state's current batch, each with one success and one failure."""
    return [group(state, (f"right {task.id}", 1.0), ("wrong", 0.0), task=task) for task in state.stream.at(state.step)]


def test_a_transient_memory_lasts_one_step(tmp_path):
    state = new_state(tmp_path)
    agent, groups = PMD(keep="step", writer="scripted"), batch_of_two(state)
    agent.observe(groups, state)
    assert min(vars(state.memory.counts()).values()) > 0  # within the step all three levels work
    assert agent.targets(groups[0], state).stats["insight_shown"] == 1
    agent.learn(groups, state)
    assert state.memory.counts().total == 0


def test_a_frozen_memory_is_written_in_the_first_epoch_and_taught_from_after_it(tmp_path):
    state = new_state(tmp_path)
    agent = PMD(keep="first epoch", writer="scripted")
    for state.step in range(4):  # two batches an epoch
        groups = batch_of_two(state)
        agent.observe(groups, state)
        taught = [row.is_active for g in groups for row in agent.targets(g, state).rows]
        assert any(taught) == (state.step >= 2)
        agent.learn(groups, state)
        if state.step == 1:
            after_first_epoch = state.memory.counts()
    assert after_first_epoch.behavior > 0
    assert state.memory.counts() == after_first_epoch


def test_memory_alone_can_evolve_without_the_policy(tmp_path):
    state = new_state(tmp_path)
    agent, groups = PMD(distil=False, writer="scripted"), batch_of_two(state)
    agent.observe(groups, state)
    assert not any(row.is_active for row in agent.targets(groups[0], state).rows)
    assert state.memory.counts().insight > 0
    assert agent.help_with(groups[0].task, state).solution


def contexts(agent, batch, state):
    """What the teacher reads beside each rollout of a group."""
    seen, ask_each = [], state.teacher.ask_each

    def note(asked):
        asked = list(asked)
        seen.extend(blocks for _, blocks in asked)
        return ask_each(asked)

    state.teacher.ask_each = note
    agent.targets(batch, state)
    return seen


def test_placebos_replace_the_memory_and_nothing_else(tmp_path):
    shown = {}
    for placebo in ("none", "shuffled", "filler", "empty"):
        (tmp_path / placebo).mkdir()
        state = new_state(tmp_path / placebo)
        agent, groups = PMD(placebo=placebo, writer="scripted"), batch_of_two(state)
        agent.observe(groups, state)
        shown[placebo] = contexts(agent, groups[0], state)[1]  # the failed rollout
    assert shown["empty"] == Blocks()
    assert shown["none"].solution == shown["shuffled"].solution == shown["filler"].solution  # a sibling's, no memory
    assert "Add the two numbers" in shown["none"].strategies[0]
    lengths = {name: [len(line.split()) for line in shown[name].strategies] for name in ("none", "filler")}
    assert lengths["none"] == lengths["filler"]
    assert "Add" not in " ".join(shown["filler"].strategies)


def test_a_batch_of_one_problem_is_shuffled_with_one_from_elsewhere(tmp_path):
    state = new_state(tmp_path)
    state.stream = TaskStream(((TASK, *OTHERS),), per_env=1, seed=0)
    assert all(partner(task, state) != task for task in (TASK, *OTHERS))
    state.stream = TaskStream(((TASK,),), per_env=1, seed=0)
    with pytest.raises(ConfigError, match="no other problem whose memory could be shown"):
        partner(TASK, state)
    state.memory.close()


def test_a_placebo_says_nothing_wrong_about_the_problem(tmp_path):
    shown, longer = {}, {}
    for placebo in ("none", "shuffled", "filler"):
        (tmp_path / placebo).mkdir()
        state = new_state(tmp_path / placebo)
        agent, groups = PMD(placebo=placebo, writer="scripted"), batch_of_two(state)
        agent.observe(groups, state)
        state.step = 1  # other episodes than those that are stored
        alone = group(state, ("wrong", 0.0), ("wrong too", 0.0), task=groups[0].task)
        shown[placebo] = contexts(agent, alone, state)[0]
        longer[placebo] = len(render_blocks(replace(shown[placebo], feedback="")).split())
        state.memory.close()
    assert shown["none"].solution.startswith("right ")
    assert shown["none"].feedback == ""
    for placebo in ("shuffled", "filler"):  # no solution is known then, and the environment says what was wrong
        assert (shown[placebo].solution, shown[placebo].feedback) == ("", "wrong is not correct")
    assert len(shown["filler"].strategies) == len(shown["none"].strategies) + 1
    assert abs(longer["filler"] - longer["none"]) <= 5  # the words of headings


def test_a_shuffled_memory_is_another_problems(tmp_path):
    state = new_state(tmp_path)
    agent, groups = PMD(placebo="shuffled"), batch_of_two(state)

    def write(requests):
        lines = [{"title": request.subject.id, "content": "As it says."} for request in requests]
        return [json.dumps({"strategies": [line]}) for line in lines]

    state.memory.record_batch([(subject_of(one.task), attempts_of(one)) for one in groups], 0)
    state.memory.reflect([subject_of(one.task) for one in groups], write, 0)
    found = contexts(agent, groups[0], state)[0].strategies
    assert found == (f"{groups[1].task.id}: As it says.",)


def test_a_shuffled_memory_is_followed_by_the_problem_whose_teachers_read_it(tmp_path):
    state = new_state(tmp_path)
    agent, groups = PMD(placebo="shuffled", writer="scripted"), batch_of_two(state)
    agent.observe(groups, state)
    agent.targets(groups[0], state)
    state.memory.count_batch([(subject_of(groups[0].task), attempts_of(groups[0]))], 1)
    followed = {(i.subject_id, i.provenance.followed) for i in state.memory.items("insight")}
    assert followed == {(groups[0].task.id, 0), (groups[1].task.id, 2)}
    state.memory.close()


def test_an_empty_context_still_pulls_towards_the_teachers_weights(tmp_path):
    state = new_state(tmp_path)
    targets = PMD(placebo="empty").targets(group(state, ("good", 1.0)), state)
    assert all(row.is_active for row in targets.rows)


def test_settings_that_make_no_sense_are_refused():
    for make in (
        lambda: SDPO(alpha=1.5),
        lambda: PMD(teacher_rate=-0.1),
        lambda: SDPO(top_k=0),
        lambda: SDPO(teacher_kind="mean"),
        lambda: SDPO(reward_weight=-1),
        lambda: SDPO(reward_weight=1.5),
        lambda: PMD(shown="all"),
        lambda: PMD(keep="forever"),
        lambda: PMD(placebo="sugar"),
        lambda: PMD(writer="gpt"),
        lambda: PMD(insights="good"),
        lambda: PMD(ours=Choices(reward_weight=-0.1)),
        lambda: PMD(ours=Choices(reward_weight=1.1)),
    ):
        with pytest.raises(ValueError, match=r"outside|below|known"):
            make()


def test_insights_can_come_from_successes_alone(tmp_path):
    kinds = {}
    for insights in ("all", "successes"):
        (tmp_path / insights).mkdir()
        state = new_state(tmp_path / insights)
        agent = PMD(insights=insights, writer="scripted")
        solved, failed = state.stream.at(0)
        agent.observe(
            [group(state, ("right", 1.0), ("wrong", 0.0), task=solved), group(state, ("bad", 0.0), task=failed)], state
        )
        kinds[insights] = sorted((i.kind, i.subject_id == solved.id) for i in state.memory.items("insight"))
    assert kinds["all"] == [("lesson", False), ("lesson", True), ("strategy", True)]
    assert kinds["successes"] == [("strategy", True)]


def test_unsupported_insights_lose_their_place_at_the_end_of_the_epoch(tmp_path):
    state = new_state(tmp_path)
    agent = PMD(insights="supported", writer="scripted")
    odd = Subject(TASK.id, TASK.family, TASK.split, TASK.prompt, TASK.gold, TASK.fingerprint)
    state.memory.record(odd, [Attempt("odd", "a guess that was lucky", 1.0)], 0)
    lucky = '{"strategies": [{"title": "lucky", "content": "Always write the same word twice."}]}'
    state.memory.reflect([odd], lambda requests: [lucky] * len(requests), 0)
    for state.step in range(2):
        groups = batch_of_two(state)
        agent.observe(groups, state)
        assert "lucky" in {insight.title for insight in state.memory.items("insight")}
        agent.learn(groups, state)
    assert (state.counted["insight/pruned_alone"], state.counted["insight/pruned_fruitless"]) == (1, 0)
    titles = {insight.title for insight in state.memory.items("insight")}
    assert titles == {"sum of two", "missed step"}  # every problem of the batch led to these
    assert "lucky" in {insight.title for insight in state.memory.items("insight", as_of=0)}
