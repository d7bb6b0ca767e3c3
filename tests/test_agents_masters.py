"""float32 masters: a coarse model is trained as its twin in float32 is, and one in float32 as if there were none."""

import pytest
import torch
from agent_scene import OTHERS, TASK, group
from safetensors.torch import load_file, save_file
from tiny_policy import tiny_policy

from agents.agent import TrainState
from agents.checkpoint import load_checkpoint, read_weights, save_checkpoint, write_weights
from agents.frozen import Frozen
from agents.masters import Masters
from agents.policy import Sampling
from agents.rlvr import RLVR
from agents.rollout import Rollout
from agents.sdpo import SDPO
from agents.stream import TaskStream
from agents.train import TrainConfig, start
from agents.update import Optim, _step, update

OPTIM = Optim(lr=1e-5, warmup=0, clip=0.5)
CONFIG = TrainConfig(1, Rollout(2, Sampling(max_new_tokens=8), 0), OPTIM)
COARSE = (torch.bfloat16, torch.float16)


def state_in(dtype, agent=None, policy=None):
    """A state before its first step; what bfloat16 cannot say is in no state's weights."""
    policy = policy or tiny_policy()
    policy.model.to(torch.bfloat16).to(dtype)
    stream = TaskStream(((TASK, *OTHERS),), per_env=2, seed=0)
    return start(policy, agent or SDPO(teacher_rate=0.01), None, stream, CONFIG)


def gradients_of(model, seed=0):
    """A gradient for each parameter, of the kind that a coarse model could have."""
    generator = torch.Generator().manual_seed(seed)
    return {n: torch.randn(p.shape, generator=generator).bfloat16() for n, p in model.named_parameters()}


def descend(state: TrainState, gradients, steps=1, learn=lambda: None):
    """Optimizer steps on the same gradients, which arrive where a backward pass leaves them."""
    for _ in range(steps):
        for name, parameter in state.policy.model.named_parameters():
            if parameter.requires_grad:
                parameter.grad = gradients[name].to(parameter.dtype)
        state.policy.masters.take_gradients(state.policy.model)
        _step(state, OPTIM)
        learn()


def weights_of(policy):
    return dict(policy.model.named_parameters())


def assert_rounded(policy, exact):
    """The masters are these values, and the model's weights are the masters, rounded."""
    assert exact.keys() == policy.masters.values.keys() == weights_of(policy).keys()
    for name, weights in weights_of(policy).items():
        assert policy.masters.values[name].dtype == torch.float32
        assert torch.equal(policy.masters.values[name], exact[name]), name
        assert torch.equal(weights, exact[name].to(weights.dtype)), name


def test_small_steps_move_a_coarse_model_as_far_as_its_twin_in_float32():
    coarse, twin = state_in(torch.bfloat16), state_in(torch.float32)
    before = {name: weights.detach().clone() for name, weights in weights_of(twin.policy).items()}
    gradients = gradients_of(twin.policy.model)
    descend(coarse, gradients, 50)
    descend(twin, gradients, 50)
    assert_rounded(coarse.policy, weights_of(twin.policy))
    for name, master in coarse.policy.masters.values.items():
        moved = (master - before[name])[gradients[name] != 0].abs()
        assert float(moved.min()) > 45 * OPTIM.lr  # nearly all of 50 steps; in bfloat16 most weights would stay


def test_without_masters_most_weights_would_stay():
    """What the masters are for."""
    state = state_in(torch.bfloat16)
    state.policy.masters = Masters()
    state.optimizer = torch.optim.AdamW(state.policy.model.parameters(), lr=OPTIM.lr)
    before = {name: weights.detach().clone() for name, weights in weights_of(state.policy).items()}
    descend(state, gradients_of(state.policy.model), 50)
    moved = torch.cat([(w != before[n]).flatten() for n, w in weights_of(state.policy).items()])
    assert float(moved.float().mean()) < 0.2


def test_the_teacher_of_a_coarse_policy_averages_in_float32():
    coarse, twin = state_in(torch.bfloat16), state_in(torch.float32)
    before = {name: weights.clone() for name, weights in weights_of(twin.teacher).items()}
    gradients = gradients_of(twin.policy.model)
    for state in (coarse, twin):
        descend(state, gradients, 200, lambda state=state: SDPO(teacher_rate=0.01).learn([], state))
    assert_rounded(coarse.teacher, weights_of(twin.teacher))
    for name, weights in weights_of(twin.policy).items():
        moved = weights.detach() - before[name]
        share = (coarse.teacher.masters.values[name] - before[name]) / moved
        # After n even steps it is 1 - 0.99 (1 - 0.99^n) / (0.01 n) of the way, 0.57 here.
        assert float(share[moved != 0].median()) == pytest.approx(0.57, abs=0.02)


@pytest.mark.parametrize("dtype", COARSE, ids=str)
def test_an_update_moves_the_masters_and_rounds_them(dtype):
    state = state_in(dtype, RLVR())
    batch = group(state, ("good", 1.0), ("bad", 0.0))
    before = {name: master.clone() for name, master in state.policy.masters.values.items()}
    metrics = update(state, [RLVR().targets(batch, state)], RLVR().loss, OPTIM, 32)
    assert metrics["grad_norm"] > 0
    moved = {name: master - before[name] for name, master in state.policy.masters.values.items()}
    assert all(float(delta.abs().max()) > 0 for delta in moved.values())
    for name, weights in weights_of(state.policy).items():
        assert weights.grad is None
        assert state.policy.masters.values[name].grad is None
        assert torch.equal(weights, state.policy.masters.values[name].to(dtype))


def test_gradients_of_micro_batches_are_added_in_float32():
    state = state_in(torch.bfloat16)
    for value in (1.0, 2.0**-9, 2.0**-9):
        for parameter in state.policy.model.parameters():
            parameter.grad = torch.full_like(parameter, value)
        state.policy.masters.take_gradients(state.policy.model)
    for master in state.policy.masters.values.values():
        assert torch.equal(master.grad, torch.full_like(master, 1 + 2.0**-8))  # 1 in bfloat16


def test_a_gradient_that_is_not_finite_moves_nothing():
    state = state_in(torch.bfloat16)
    before = {name: master.clone() for name, master in state.policy.masters.values.items()}
    descend(state, {name: torch.full_like(g, torch.inf) for name, g in gradients_of(state.policy.model).items()})
    assert_rounded(state.policy, before)
    assert all(master.grad is None for master in state.policy.masters.values.values())


def test_a_model_in_float32_is_trained_as_it_is():
    state = state_in(torch.float32)
    SDPO(teacher_rate=0.01).learn([], state)
    assert state.policy.masters.values == state.teacher.masters.values == {}
    [group_of_weights] = state.optimizer.param_groups
    for stepped, own in zip(group_of_weights["params"], state.policy.model.parameters(), strict=True):
        assert stepped is own


def test_only_weights_that_are_trained_have_masters():
    policy = tiny_policy()
    for name, parameter in policy.model.named_parameters():
        parameter.requires_grad_("q_proj" in name)
    policy.model.model.layers[1].self_attn.q_proj.weight.requires_grad_(False)
    state = state_in(torch.bfloat16, policy=policy)
    before = {name: weights.detach().clone() for name, weights in weights_of(policy).items()}
    descend(state, gradients_of(policy.model), 50, lambda: SDPO(teacher_rate=0.5).learn([], state))
    trained = ["model.layers.0.self_attn.q_proj.weight"]
    for some in (state.policy, state.teacher):
        assert list(some.masters.values) == trained
        assert [name for name, weights in weights_of(some).items() if not torch.equal(weights, before[name])] == trained


def test_a_policy_that_is_not_trained_has_none():
    assert state_in(torch.bfloat16, Frozen()).policy.masters.values == {}


def test_adapters_in_float32_on_a_coarse_model_have_none():
    policy = tiny_policy()
    policy.model.to(torch.bfloat16).requires_grad_(False)
    adapter = policy.model.model.layers[0].self_attn.q_proj
    adapter.weight = torch.nn.Parameter(adapter.weight.float())
    assert Masters.of(policy.model, policy.model).values == {}


def test_a_checkpoint_holds_masters_and_means(tmp_path):
    state = state_in(torch.bfloat16)
    gradients = gradients_of(state.policy.model)
    descend(state, gradients, 3, lambda: SDPO(teacher_rate=0.01).learn([], state))
    save_checkpoint(state, tmp_path / "checkpoint")
    again = state_in(torch.bfloat16)
    assert load_checkpoint(again, tmp_path / "checkpoint")
    for mine, theirs in ((again.policy, state.policy), (again.teacher, state.teacher)):
        assert_rounded(mine, theirs.masters.values)
    for some in (state, again):
        descend(some, gradients, 3, lambda some=some: SDPO(teacher_rate=0.01).learn([], some))
    assert_rounded(again.policy, state.policy.masters.values)
    assert_rounded(again.teacher, state.teacher.masters.values)


def test_a_teacher_that_never_followed_has_no_mean_after_a_resume_either(tmp_path):
    state = state_in(torch.bfloat16, SDPO(teacher_kind="trust-region"))
    save_checkpoint(state, tmp_path / "checkpoint")
    again = state_in(torch.bfloat16, SDPO(teacher_kind="trust-region"))
    assert load_checkpoint(again, tmp_path / "checkpoint")
    assert again.teacher.masters.values == {}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_checkpoints_from_before_there_were_masters_load(dtype, tmp_path):
    """Such a checkpoint has the model's weights, and moments as coarse as these."""
    old = tiny_policy(seed=1)
    old.model.to(dtype)
    optimizer = torch.optim.AdamW(old.model.parameters(), lr=1e-3)
    for parameter in old.model.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    for file in ("policy.safetensors", "teacher.safetensors"):
        save_file({name: weights.detach() for name, weights in weights_of(old).items()}, tmp_path / file)
    torch.save(optimizer.state_dict(), tmp_path / "optimizer.pt")
    (tmp_path / "state.json").write_text('{"format": 1, "step": 7}')
    state = state_in(dtype)
    assert load_checkpoint(state, tmp_path)
    assert state.step == 7
    assert len(state.policy.masters.values) == (0 if dtype == torch.float32 else len(weights_of(old)))
    for name, weights in weights_of(old).items():
        assert torch.equal(weights_of(state.policy)[name], weights)
        assert torch.equal(weights_of(state.teacher)[name], weights)
        assert torch.equal(state.policy.masters.behind(state.policy.model)[name], weights.float())
    descend(state, gradients_of(state.policy.model))
    assert all(values["exp_avg"].dtype == torch.float32 for values in state.optimizer.state.values())


def test_a_checkpoint_of_a_model_in_float32_is_written_as_ever(tmp_path):
    state = state_in(torch.float32)
    descend(state, gradients_of(state.policy.model), 2, lambda: SDPO().learn([], state))
    save_checkpoint(state, tmp_path / "checkpoint")
    names = {path.name for path in (tmp_path / "checkpoint").iterdir()}
    assert names == {"policy.safetensors", "teacher.safetensors", "optimizer.pt", "state.json"}
    stored = load_file(tmp_path / "checkpoint" / "policy.safetensors")
    assert stored.keys() == weights_of(state.policy).keys()
    assert all(torch.equal(stored[name], weights) for name, weights in weights_of(state.policy).items())


def test_other_weights_replace_the_masters_too(tmp_path):
    state, best = state_in(torch.bfloat16), tiny_policy(seed=1)
    best.model.to(torch.bfloat16)
    write_weights(weights_of(best), tmp_path / "policy.safetensors")
    read_weights(state.policy, tmp_path / "policy.safetensors")
    assert_rounded(state.policy, {name: weights.float() for name, weights in weights_of(best).items()})
