"""Our losses against TRL's, on random tensors: two implementations of the same papers have to agree."""

import os
import warnings
from collections import defaultdict
from types import SimpleNamespace

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings

from agents.losses import divergence, importance_weights, policy_gradient, token_weights, with_tail
from agents.rlvr import RLVR

TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def trl_losses():
    os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
    with warnings.catch_warnings():  # what TRL's dependencies warn of is not ours to mend
        warnings.simplefilter("ignore")
        from trl.experimental.sdpo import loss_utils

        return loss_utils


@pytest.fixture(scope="module")
def trl_grpo_loss():
    """TRL's loss is a method that reads a model: it is given log-probabilities instead."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from trl import GRPOTrainer

    def loss(variant, new, old, mask, advantages, max_tokens, sampled=None):  # noqa: PLR0913  TRL reads them all
        low, high = RLVR(variant).loss.clip
        trainer = SimpleNamespace(
            _get_per_token_logps_and_entropies=lambda *_, **__: (new, torch.zeros_like(new), None),
            aux_loss_enabled=False,
            top_entropy_quantile=1.0,
            off_policy_mask_threshold=None,
            importance_sampling_level="token",
            beta=0.0,
            loss_type="grpo" if variant == "sdpo_baseline" else variant,
            epsilon_low=low,
            epsilon_high=high,
            args=SimpleNamespace(delta=None, steps_per_generation=1),
            use_vllm=sampled is not None,  # whose samples need weights
            vllm_importance_sampling_correction=sampled is not None,
            model=SimpleNamespace(training=True),
            current_gradient_accumulation_steps=1,
            max_completion_length=max_tokens,
            accelerator=SimpleNamespace(num_processes=1, gather=lambda x: x, reduce=lambda x, reduction: x),
            _entropy_bonus_enabled=False,
            _metrics=defaultdict(lambda: defaultdict(list)),
        )
        tokens = mask.long()
        inputs = {
            "prompt_ids": tokens[:, :1],
            "prompt_mask": torch.ones_like(tokens[:, :1]),
            "completion_ids": tokens,
            "completion_mask": mask,
            "advantages": advantages,
            "old_per_token_logps": old,
            "num_items_in_batch": mask.sum(),
        }
        if sampled is not None:
            inputs["importance_sampling_ratio"] = (old - sampled).exp().clamp(max=2.0)
        return GRPOTrainer._compute_loss(trainer, None, inputs)

    return loss


def logits_of(seed, scale):  # double: 1 - p loses its digits where p is near 1, and no two ways lose the same ones
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(3, 5, 40, generator=generator, dtype=torch.double) * scale for _ in range(2))


VARIANTS = st.sampled_from(["grpo", "dr_grpo", "dapo", "sdpo_baseline"])
SEEDS, SCALES, ALPHAS = st.integers(0, 10_000), st.sampled_from([0.1, 1.0, 6.0]), st.sampled_from([0.0, 0.3, 0.5, 1.0])


@settings(max_examples=40)
@given(seed=SEEDS, scale=SCALES, alpha=ALPHAS)
def test_divergence_over_the_whole_vocabulary(trl_losses, seed, scale, alpha):
    student, teacher = logits_of(seed, scale)
    ours = divergence(student.log_softmax(-1), teacher.log_softmax(-1), alpha)
    theirs = trl_losses.compute_full_logit_self_distillation_loss(student, teacher, distillation_alpha=alpha)
    torch.testing.assert_close(ours, theirs, atol=TOLERANCE, rtol=TOLERANCE)


@settings(max_examples=40)
@given(seed=SEEDS, scale=SCALES, alpha=ALPHAS, k=st.integers(1, 39))
def test_divergence_over_the_students_likeliest_tokens_and_a_tail(trl_losses, seed, scale, alpha, k):
    student, teacher = logits_of(seed, scale)
    mine, others = student.log_softmax(-1), teacher.log_softmax(-1)
    indices = mine.topk(k, -1).indices
    ours = divergence(with_tail(mine.gather(-1, indices)), with_tail(others.gather(-1, indices)), alpha)
    theirs = trl_losses.compute_topk_self_distillation_loss(
        student, teacher, distillation_topk=k, distillation_alpha=alpha, distillation_add_tail=True
    )
    torch.testing.assert_close(ours, theirs, atol=TOLERANCE, rtol=TOLERANCE)


@settings(max_examples=20)
@given(seed=SEEDS, ceiling=st.sampled_from([1.0, 2.0, 5.0]))
def test_importance_weights(trl_losses, seed, ceiling):
    new, old = logits_of(seed, 3.0)
    loss = torch.rand(new.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.double)
    theirs = trl_losses.apply_importance_sampling_clipping(loss, new, old, ceiling)
    torch.testing.assert_close(loss * importance_weights(new, old, ceiling), theirs, atol=TOLERANCE, rtol=TOLERANCE)


@settings(max_examples=20)
@given(seed=SEEDS, alpha=ALPHAS)
def test_gradients_agree_too(trl_losses, seed, alpha):
    student, teacher = logits_of(seed, 2.0)
    mine, theirs = student.clone().requires_grad_(), student.clone().requires_grad_()
    divergence(mine.log_softmax(-1), teacher.log_softmax(-1), alpha).sum().backward()
    trl_losses.compute_full_logit_self_distillation_loss(theirs, teacher, distillation_alpha=alpha).sum().backward()
    torch.testing.assert_close(mine.grad, theirs.grad, atol=TOLERANCE, rtol=TOLERANCE)


@settings(max_examples=30)
@given(seed=SEEDS, variant=VARIANTS, scale=st.sampled_from([0.0, 0.05, 0.5]), weighted=st.booleans())
def test_policy_gradients_of_every_variant_and_their_gradients(trl_grpo_loss, seed, variant, scale, weighted):
    generator = torch.Generator().manual_seed(seed)
    old = -torch.rand(4, 6, generator=generator) * 3
    mine = (old + scale * torch.randn(4, 6, generator=generator)).requires_grad_()
    theirs = mine.detach().clone().requires_grad_()
    lengths = torch.randint(1, 7, (4, 1), generator=generator)
    mask = (torch.arange(6)[None] < lengths).float()
    advantages = torch.randn(4, generator=generator)
    spec = RLVR(variant).loss
    weights = token_weights(mask, spec.aggregation, 6)
    sampled = old + 0.7 * torch.randn(4, 6, generator=generator) if weighted else None
    if sampled is not None:
        weights = weights * importance_weights(old, sampled, 2.0)
    ours = (policy_gradient(mine, old, advantages[:, None], spec.clip) * weights).sum()
    expected = trl_grpo_loss(variant, theirs, old, mask, advantages, 6, sampled)
    ours.backward()
    expected.backward()
    torch.testing.assert_close(ours, expected, atol=TOLERANCE, rtol=TOLERANCE)
    torch.testing.assert_close(mine.grad, theirs.grad, atol=TOLERANCE, rtol=TOLERANCE)
