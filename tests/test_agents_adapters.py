"""Low-rank adapters: they alone are trained, kept and followed, and what is saved needs none."""

import pytest
import torch
from agent_scene import OTHERS, TASK, group
from safetensors.torch import load_file
from tiny_policy import byte_tokenizer, tiny_policy
from transformers import AutoModelForCausalLM, FalconH1Config, MixtralConfig

from agents.adapters import add_adapters, base_weights, check_adapters, has_adapters, merged
from agents.checkpoint import load_checkpoint, save_checkpoint, write_weights
from agents.policies import load_policy
from agents.policy import Policy, Sampling
from agents.rlvr import RLVR
from agents.rollout import Rollout
from agents.sampling import generate
from agents.sdpo import SDPO
from agents.stream import TaskStream
from agents.train import TrainConfig, start
from agents.update import Optim, update
from pmd_envs.errors import ConfigError

OPTIM = Optim(lr=1e-2, warmup=0)
CONFIG = TrainConfig(1, Rollout(2, Sampling(max_new_tokens=8), 0), OPTIM)
IDS = torch.arange(2, 14)[None]


def adapted_state(agent, rank=4):
    policy = tiny_policy()
    add_adapters(policy, rank, seed=0)
    return start(policy, agent, None, TaskStream(((TASK, *OTHERS),), per_env=2, seed=0), CONFIG)


def learn(state, agent, times=1):
    for _ in range(times):
        batch = group(state, ("good", 1.0), ("a longer bad answer", 0.0), ("good too", 1.0))
        update(state, [agent.targets(batch, state)], agent.loss, OPTIM, 32)
        agent.learn([batch], state)
        state.step += 1


def weights_of(model, adapters):
    return {n: p.detach().clone() for n, p in model.named_parameters() if ("lora" in n) == adapters}


def test_adapters_do_nothing_at_first_and_draw_nothing_from_others():
    policy, drawn = tiny_policy(), torch.random.get_rng_state()
    before = policy.model(IDS).logits
    add_adapters(policy, 4, seed=0)
    assert torch.equal(policy.model(IDS).logits, before)
    assert torch.equal(torch.random.get_rng_state(), drawn)
    again, other = tiny_policy(), tiny_policy()
    add_adapters(again, 4, seed=0)
    add_adapters(other, 4, seed=1)
    mine, same, another = (weights_of(p.model, adapters=True) for p in (policy, again, other))
    assert all(torch.equal(mine[name], same[name]) for name in mine)
    assert any(not torch.equal(mine[name], another[name]) for name in mine)


def test_the_weights_beside_adapters_are_those_of_the_model_without_them():
    plain = tiny_policy()
    before = {name: weights.clone() for name, weights in plain.model.state_dict().items()}
    for seed in range(2):
        policy = tiny_policy()
        add_adapters(policy, 4, seed)
        beside = base_weights(policy.model)
        assert list(beside) == list(before)
        assert all(torch.equal(beside[name], before[name]) for name in before)
    assert base_weights(plain.model).keys() == before.keys()


@pytest.mark.parametrize("agent", [RLVR(), SDPO(), SDPO(teacher_kind="trust-region")], ids=str)
def test_adapters_alone_are_trained(agent):
    state = adapted_state(agent)
    base, begun = (weights_of(state.policy.model, adapters=which) for which in (False, True))
    before = state.policy.model(IDS).logits
    learn(state, agent, times=2)
    assert all(torch.equal(base[n], w) for n, w in weights_of(state.policy.model, adapters=False).items())
    assert any(not torch.equal(begun[n], w) for n, w in weights_of(state.policy.model, adapters=True).items())
    assert not torch.equal(state.policy.model(IDS).logits, before)
    assert len(state.optimizer.param_groups[0]["params"]) == len(begun)


def test_a_teacher_follows_with_adapters_of_its_own_and_shares_the_rest():
    agent = SDPO(teacher_rate=0.5)
    state = adapted_state(agent)
    begun = weights_of(state.policy.model, adapters=True)
    learn(state, agent)
    own, teachers = (dict(p.model.named_parameters()) for p in (state.policy, state.teacher))
    for name, weights in own.items():
        if "lora" in name:
            expected = begun[name].lerp(weights.detach(), 0.5)
            torch.testing.assert_close(teachers[name], expected, atol=1e-6, rtol=1e-5)
        else:
            assert teachers[name] is weights


def test_a_twin_of_what_is_trained_or_frozen_as_a_whole_shares_nothing():
    for policy in (tiny_policy(), tiny_policy().twin()):
        twins = dict(policy.twin().model.named_parameters())
        assert all(twins[name] is not weights for name, weights in policy.model.named_parameters())


def test_a_checkpoint_holds_the_adapters_and_goes_on_as_before(tmp_path):
    agent = SDPO()
    straight = adapted_state(agent)
    learn(straight, agent, times=2)
    killed = adapted_state(agent)
    learn(killed, agent)
    save_checkpoint(killed, tmp_path / "checkpoint")
    for name in ("policy", "teacher"):
        assert all("lora" in key for key in load_file(tmp_path / "checkpoint" / f"{name}.safetensors"))
    resumed = adapted_state(agent)
    assert load_checkpoint(resumed, tmp_path / "checkpoint")
    learn(resumed, agent)
    for mine, theirs in ((resumed.policy, straight.policy), (resumed.teacher, straight.teacher)):
        wanted = dict(theirs.model.named_parameters())
        assert all(torch.equal(weights, wanted[name]) for name, weights in mine.model.named_parameters())


def test_weights_of_another_model_are_refused(tmp_path):
    plain = start(tiny_policy(), RLVR(), None, TaskStream(((TASK, *OTHERS),), per_env=2, seed=0), CONFIG)
    save_checkpoint(plain, tmp_path / "plain")
    save_checkpoint(adapted_state(RLVR()), tmp_path / "adapted")
    with pytest.raises(ConfigError, match="another model"):
        load_checkpoint(adapted_state(RLVR()), tmp_path / "plain")
    with pytest.raises(ConfigError, match="another model"):
        load_checkpoint(plain, tmp_path / "adapted")
    weights = dict(list(plain.policy.trained_weights().items())[1:])
    write_weights(weights, tmp_path / "plain" / "policy.safetensors")
    with pytest.raises(ConfigError, match="embed_tokens"):
        load_checkpoint(plain, tmp_path / "plain")


def test_what_is_saved_needs_no_adapters(tmp_path):
    agent = RLVR()
    state = adapted_state(agent)
    learn(state, agent, times=3)
    learnt = state.policy.model(IDS).logits
    plain = merged(state.policy.model)
    assert not has_adapters(plain)
    plain.save_pretrained(tmp_path)
    torch.testing.assert_close(AutoModelForCausalLM.from_pretrained(tmp_path)(IDS).logits, learnt, atol=1e-4, rtol=1e-4)
    assert has_adapters(state.policy.model)
    assert torch.equal(state.policy.model(IDS).logits, learnt)
    without = tiny_policy().model
    assert merged(without) is without


def test_sampling_with_adapters_is_transformers_sampling():
    agent = RLVR()
    state = adapted_state(agent)
    learn(state, agent, times=3)
    model = state.policy.model.eval()
    [ours] = generate(state.policy, [(40, 41, 42)], Sampling(max_new_tokens=12, temperature=0), seed=0)
    ids = torch.tensor([[40, 41, 42]])
    theirs = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False)
    assert list(ours.tokens) == theirs[0, 3:].tolist()


def test_mistakes_are_told(monkeypatch):
    with pytest.raises(ConfigError, match="rank 0 is below 1"):
        check_adapters(0)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="peft, which is not installed"):
        add_adapters(tiny_policy(), 4, seed=0)


def test_adapters_of_a_coarse_model_have_masters_and_nothing_else_has():
    agent = SDPO(teacher_rate=0.5)
    policy = tiny_policy()
    policy.model.to(torch.bfloat16)
    add_adapters(policy, 4, seed=0)
    state = start(policy, agent, None, TaskStream(((TASK, *OTHERS),), per_env=2, seed=0), CONFIG)
    names = set(weights_of(policy.model, adapters=True))
    assert policy.masters.values.keys() == names == policy.trained_weights().keys()
    assert all(weights.dtype == torch.float32 for weights in policy.trained_weights().values())
    begun = {name: weights.clone() for name, weights in policy.masters.values.items()}
    learn(state, agent, times=2)
    assert any(not torch.equal(begun[name], weights) for name, weights in policy.masters.values.items())
    assert state.teacher.masters.values.keys() == names
    own = dict(policy.model.named_parameters())
    assert all(torch.equal(own[name], master.to(torch.bfloat16)) for name, master in policy.masters.values.items())


SIZES = {
    "vocab_size": 258,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
SIZES |= {"num_key_value_heads": 2, "initializer_range": 0.3, "eos_token_id": 1, "pad_token_id": 0}
KINDS = {
    "experts": MixtralConfig(**SIZES, num_local_experts=4),
    "state spaces": FalconH1Config(**SIZES, mamba_d_ssm=64, mamba_n_heads=8, mamba_d_head=8, mamba_d_state=8),
}


@pytest.mark.filterwarnings("ignore:.*_pattern keys did not match:RuntimeWarning")  # of its own patterns
@pytest.mark.parametrize("kind", KINDS)
def test_other_kinds_of_models_learn_with_adapters_and_are_saved_without(kind, tmp_path):
    torch.manual_seed(0)
    policy = Policy("tiny", AutoModelForCausalLM.from_config(KINDS[kind]).eval(), byte_tokenizer())
    before = {name: weights.clone() for name, weights in policy.model.state_dict().items()}
    add_adapters(policy, 4, seed=0)
    assert list(base_weights(policy.model)) == list(before)
    state = start(policy, RLVR(), None, TaskStream(((TASK, *OTHERS),), per_env=2, seed=0), CONFIG)
    learn(state, RLVR(), times=3)
    learnt = policy.model.eval()(IDS).logits
    plain = merged(policy.model)
    assert plain.state_dict().keys() == before.keys()
    plain.save_pretrained(tmp_path)
    again = AutoModelForCausalLM.from_pretrained(tmp_path).eval()(IDS).logits
    torch.testing.assert_close(again, learnt, atol=1e-3, rtol=1e-3)
    assert all(torch.equal(before[name], weights) for name, weights in base_weights(policy.model).items())
    assert any(not torch.equal(before[name], weights) for name, weights in plain.state_dict().items())


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")  # peft asks transformers for it
@pytest.mark.filterwarnings("ignore:.*tie_word_embeddings=:UserWarning")
@pytest.mark.parametrize("more", [{}, {"modules_to_save": ["embed_tokens"]}, {"use_dora": True}], ids=str)
def test_a_folder_that_holds_adapters_alone_is_a_policy_that_has_them_added(more, tmp_path):
    from peft import LoraConfig, get_peft_model

    policy = tiny_policy()
    policy.model.save_pretrained(tmp_path / "base")
    base = AutoModelForCausalLM.from_pretrained(tmp_path / "base")
    adapted = get_peft_model(base, LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM", **more))
    with torch.no_grad():
        for weights in adapted.parameters():
            if weights.requires_grad:
                weights.add_(torch.randn_like(weights), alpha=0.3)
    adapted.save_pretrained(tmp_path / "adapters")
    policy.tokenizer.save_pretrained(tmp_path / "adapters")
    wanted = adapted.eval()(IDS).logits
    loaded = load_policy(str(tmp_path / "adapters"))
    torch.testing.assert_close(loaded.model(IDS).logits, wanted, atol=1e-3, rtol=1e-3)
    assert not has_adapters(loaded.model)
    assert loaded.trained_weights().keys() >= policy.trained_weights().keys()
    merged(loaded.model).save_pretrained(tmp_path / "saved")
    again = AutoModelForCausalLM.from_pretrained(tmp_path / "saved")
    torch.testing.assert_close(again(IDS).logits, wanted, atol=1e-3, rtol=1e-3)
