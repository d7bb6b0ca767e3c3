import math

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given

from agents.losses import divergence, entropy, importance_weights, policy_gradient, token_weights, with_tail

P = torch.tensor([0.5, 0.25, 0.25])
Q = torch.tensor([0.25, 0.25, 0.5])
LN2 = math.log(2)


def test_forward_and_reverse_kl_have_their_value_on_paper():
    # KL(q||p) = 1/4 ln(1/2) + 0 + 1/2 ln 2 = ln2 / 4; by symmetry of these two the reverse is the same
    assert divergence(P.log(), Q.log(), 0.0).item() == pytest.approx(LN2 / 4)
    skewed = torch.tensor([0.75, 0.125, 0.125])
    forward = 0.25 * math.log(0.25 / 0.75) + 0.25 * math.log(2) + 0.5 * math.log(4)
    reverse = 0.75 * math.log(3) + 0.125 * math.log(0.5) + 0.125 * math.log(0.25)
    assert divergence(skewed.log(), Q.log(), 0.0).item() == pytest.approx(forward, rel=1e-5)
    assert divergence(skewed.log(), Q.log(), 1.0).item() == pytest.approx(reverse, rel=1e-5)


def test_jensen_shannon_of_disjoint_distributions_is_ln_2():
    first, second = torch.tensor([1.0, 0.0]).log(), torch.tensor([0.0, 1.0]).log()
    assert divergence(first, second, 0.5).item() == pytest.approx(LN2)


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("k", [3, None])
def test_a_token_that_neither_can_say_changes_nothing(alpha, k):
    found = []
    for tokens in (2, 3):
        logits = torch.tensor([0.0, 1.0, -math.inf])[:tokens].requires_grad_()
        student, teacher = logits.log_softmax(-1), torch.tensor([1.0, 0.0, -math.inf])[:tokens].log_softmax(-1)
        value = (
            divergence(student, teacher, alpha) if k is None else divergence(*map(with_tail, (student, teacher)), alpha)
        )
        value.backward()
        found.append([value.item(), *logits.grad[:2].tolist()])
    assert found[1] == pytest.approx(found[0], rel=1e-5)
    assert logits.grad[2] == 0


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.5, 1.0])
def test_divergence_is_zero_with_zero_gradient_at_the_teacher(alpha):
    logits = torch.randn(2, 3, 7, dtype=torch.float64, requires_grad=True)
    student = logits.log_softmax(-1)
    loss = divergence(student, student.detach(), alpha).sum()
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-12)
    assert logits.grad.abs().max().item() < 1e-12


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]))
def test_divergence_is_never_negative_and_jensen_shannon_bounded(seed, alpha):
    generator = torch.Generator().manual_seed(seed)
    student, teacher = (torch.randn(4, 9, generator=generator, dtype=torch.float64) * 4 for _ in range(2))
    value = divergence(student.log_softmax(-1), teacher.log_softmax(-1), alpha)
    assert (value > -1e-9).all()
    if 0 < alpha < 1:
        assert (value <= LN2 + 1e-9).all()


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_divergence_gradient_agrees_with_finite_differences(alpha):
    torch.manual_seed(0)
    teacher = torch.randn(5, dtype=torch.float64).log_softmax(-1)
    logits = torch.randn(5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: divergence(x.log_softmax(-1), teacher, alpha), (logits,))


def test_gradient_of_the_reverse_kl_is_a_policy_gradient_with_the_log_ratio():
    # SDPO section 2.1: advantage of token v is log q(v) - log p(v)
    logits = torch.randn(6, dtype=torch.float64, requires_grad=True)
    teacher = torch.randn(6, dtype=torch.float64).log_softmax(-1)
    student = logits.log_softmax(-1)
    divergence(student, teacher, 1.0).backward()
    p = student.detach().exp()
    advantage = teacher - student.detach()
    expected = -(p * (advantage - (p * advantage).sum()))
    assert torch.allclose(logits.grad, expected)


@given(st.integers(0, 10_000), st.integers(1, 8))
def test_tail_completes_the_distribution(seed, k):
    logprobs = torch.randn(9, generator=torch.Generator().manual_seed(seed)).log_softmax(-1)
    assert with_tail(logprobs.topk(k).values).exp().sum().item() == pytest.approx(1, abs=1e-5)


def test_clip_stops_the_gradient_only_in_the_direction_that_goes_too_far():
    old = torch.zeros(1, 4)
    new = torch.tensor([[0.5, -0.5, 0.5, -0.5]], requires_grad=True)
    advantages = torch.tensor([[1.0, 1.0, -1.0, -1.0]])
    policy_gradient(new, old, advantages, (0.2, 0.28)).sum().backward()
    assert (new.grad != 0).tolist() == [[False, True, True, False]]


def test_policy_gradient_on_policy_is_minus_the_advantage():
    logprobs = torch.tensor([[-1.0, -2.0]], requires_grad=True)
    loss = policy_gradient(logprobs, logprobs.detach(), torch.tensor([[0.7]]), (0.2, 0.2))
    loss.sum().backward()
    assert loss.tolist() == [[pytest.approx(-0.7)] * 2]
    assert logprobs.grad.tolist() == [[pytest.approx(-0.7)] * 2]


def test_importance_weights_are_capped_above_and_carry_no_gradient():
    new = torch.tensor([[0.0, 3.0, -3.0]], requires_grad=True)
    weights = importance_weights(new, torch.zeros(1, 3), 2.0)
    assert weights.tolist() == [[1.0, 2.0, pytest.approx(math.exp(-3))]]
    assert not weights.requires_grad


def test_token_weights_on_paper():
    mask = torch.tensor([[1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    assert token_weights(mask, "sequence", 8)[:, 0].tolist() == [0.25, 0.125]
    assert token_weights(mask, "token", 8)[:, 0].tolist() == pytest.approx([1 / 6, 1 / 6])
    assert token_weights(mask, "constant", 8)[:, 0].tolist() == [1 / 16, 1 / 16]
    assert (token_weights(mask, "token", 8)[0, 2:] == 0).all()


def test_entropy_of_a_uniform_distribution():
    assert entropy(torch.zeros(8).log_softmax(-1)).item() == pytest.approx(math.log(8))
    some = torch.tensor([0.0, 0.0, -math.inf]).log_softmax(-1)  # a token that cannot be said
    assert entropy(some).item() == pytest.approx(LN2)
