"""The gradient of a whole update, through a two-layer model, against differences of its loss."""

from dataclasses import replace

import pytest
import torch
from agent_scene import group, new_state

from agents.records import Group
from agents.rlvr import RLVR
from agents.sdpo import SDPO
from agents.update import Optim, update

OPTIM = Optim(lr=1.0, warmup=0, clip=1e9)
STEP = 2e-3


def sampled(state, batch, below):
    """The batch as if it had been sampled with log-probabilities ``below`` those of the policy."""
    episodes = []
    for episode in batch.episodes:
        [turn] = episode.turns
        logits = state.policy.read([turn.prompt_tokens], [turn.completion.tokens]).logits()[0].detach()
        chosen = logits.log_softmax(-1)[range(len(logits)), list(turn.completion.tokens)] - below
        completion = replace(turn.completion, logprobs=tuple(chosen.tolist()))
        episodes.append(replace(episode, turns=(replace(turn, completion=completion),)))
    return Group(batch.task, tuple(episodes))


def loss_at(state, parameters, targets, agent):
    """The loss of an update that starts from these parameters, and how plain gradient descent moves them."""
    with torch.no_grad():
        for own, wanted in zip(state.policy.model.parameters(), parameters, strict=True):
            own.copy_(wanted)
    state.optimizer = torch.optim.SGD(state.policy.model.parameters(), lr=1.0)
    loss = update(state, targets, agent.loss, OPTIM, 32)["loss"]
    moved = [a - b.detach() for a, b in zip(parameters, state.policy.model.parameters(), strict=True)]
    return loss, moved


# A teacher's importance weights carry no gradient: where they are at their ceiling, the loss does not move with them.
@pytest.mark.parametrize(
    ("agent", "below"),
    [
        (RLVR(), 0.0),
        (RLVR("dr_grpo"), 0.0),
        (RLVR("dapo"), 0.0),
        (SDPO(alpha=0.0, top_k=None), 3.0),
        (SDPO(alpha=0.5, top_k=5), 3.0),
        (SDPO(alpha=1.0, top_k=None), 3.0),
    ],
    ids=str,
)
def test_the_gradient_of_an_update_agrees_with_finite_differences(agent, below):
    state = new_state()
    batch = sampled(state, group(state, ("good", 1.0), ("a longer bad answer", 0.0), ("good too", 1.0)), below)
    targets = [agent.targets(batch, state)]
    start = [parameter.detach().clone() for parameter in state.policy.model.parameters()]
    _, gradient = loss_at(state, start, targets, agent)
    length = torch.stack([g.square().sum() for g in gradient]).sum().sqrt()
    assert length > 0.01
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        noise = [torch.randn(g.shape, generator=generator) for g in gradient]
        size = torch.stack([n.square().sum() for n in noise]).sum().sqrt()
        direction = [g / length + n / size for g, n in zip(gradient, noise, strict=True)]
        ahead, behind = (
            loss_at(state, [p + sign * STEP * d for p, d in zip(start, direction, strict=True)], targets, agent)[0]
            for sign in (1, -1)
        )
        slope = sum(float((g * d).sum()) for g, d in zip(gradient, direction, strict=True))
        assert (ahead - behind) / (2 * STEP) == pytest.approx(slope, rel=0.02)
