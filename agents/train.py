"""The training loop. It names no agent.

Everything random is decided by the run's seed and the step, so a run that goes on from a checkpoint draws what it
would have drawn.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Protocol, TypeVar

import torch

from agents.agent import Agent, TrainState
from agents.checked_targets import checked
from agents.decoding import check_steps
from agents.drift import drift
from agents.dropout import check_training
from agents.footprint import recompute_layers
from agents.gather import gather
from agents.masters import Masters
from agents.memories import open_memory
from agents.policy import Policy
from agents.prompts import MEMORY_PHRASES
from agents.records import Episode, Group, Targets, Turn
from agents.rollout import Rollout, roll_out
from agents.stream import TaskStream
from agents.update import Optim, update_in_parts
from pmd_envs import ReasoningVectorEnv
from pmd_envs.errors import ConfigError

OF_AN_UPDATE = ("loss", "active_rows", "grad_norm")
"""Metrics of an update that are there even if there was nothing to learn from."""
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class TrainConfig:
    """How long and how to train, whatever the agent."""

    steps: int
    rollout: Rollout
    optim: Optim
    drift_every: int = 5
    """Batches between two looks at how far the policy has moved from its first weights, of which a copy is kept; 0 does
    without."""


Watch = Callable[[TrainState], dict[str, float]]
"""Called after every batch; what it measures goes into the metrics."""


class Journal(Protocol):
    """Who writes down what happens."""

    def record(self, step: int, groups: Sequence[Group], metrics: dict[str, float], seconds: dict[str, float]) -> None:
        """One batch is done."""
        ...

    def checkpoint(self, state: TrainState) -> None:
        """Everything so far is consistent: make it durable."""
        ...


def start(policy: Policy, agent: Agent, memory_file: Path, stream: TaskStream, config: TrainConfig) -> TrainState:
    """The state before the first step; the memory is opened if the agent keeps one, masters are made if it trains.

    Raises:
        ConfigError: The policy's model has too few positions for a prompt and what may follow it, cannot be sampled
            from (:func:`agents.decoding.check_steps`) or trained (:func:`agents.dropout.check_training`), or an agent
            that trains would be given the likeliest answers, whose log-probabilities are those of no distribution.
    """
    if agent.trains and config.rollout.sampling.temperature == 0:
        raise ConfigError("temperature 0 gives one answer again and again, from which nothing can be learnt")
    policy.leave_room(config.rollout.sampling.max_new_tokens)  # which what a teacher knows would take
    if agent.trains:
        check_steps(policy.model, policy.pad_id)
        check_training(policy.model)
    policy.masters = Masters.of(policy.model, policy.model) if agent.trains else Masters()
    weights = policy.trained_weights().values()
    optimizer = torch.optim.AdamW(
        weights, lr=config.optim.lr, betas=(0.9, 0.999), weight_decay=config.optim.weight_decay
    )
    teacher = policy.twin() if agent.teacher == "own" else None
    seed, temperature = config.rollout.seed, config.rollout.sampling.temperature
    memory = open_memory(agent.memory, memory_file, seed, agent.caps) if agent.uses_memory else None
    initial = policy.twin() if agent.trains and config.drift_every else None
    if config.optim.recompute and agent.trains:
        recompute_layers(policy.model)
    return TrainState(policy, teacher, optimizer, memory, 0, stream, seed, temperature, initial)


def train(  # noqa: PLR0913  the last is an option
    agent: Agent,
    state: TrainState,
    stream: TaskStream,
    env: ReasoningVectorEnv,
    config: TrainConfig,
    journal: Journal,
    watch: Watch | None = None,
) -> None:
    """Train until ``config.steps``, from wherever ``state`` is."""
    rollout = config.rollout.keeping(agent.likeliest)
    for step in range(state.step, config.steps):
        clock = Clock()
        state.spent.clear()
        groups = roll_out(env, state.policy, stream.at(step), rollout, policy_step=step)
        clock.lap("rollout")
        metrics = learn_from(groups, agent, state, config, clock)
        if watch is not None:
            metrics |= watch(state)
            clock.lap("watch")
        journal.record(step, groups, metrics, clock.seconds)
        if not state.draws:  # what waits for an update is in no checkpoint: a resumed run draws it again
            journal.checkpoint(state)


def learn_from(
    groups: Sequence[Group], agent: Agent, state: TrainState, config: TrainConfig, clock: "Clock"
) -> dict[str, float]:
    """One training step on a fresh batch, with an update if enough was gathered; what there is to say of it."""
    state.counted.clear()
    state.shown.clear()
    taught = agent.teaches(state)
    moved = drift(groups, state) if config.drift_every and state.step % config.drift_every == 0 else {}
    clock.lap("drift")
    agent.observe(groups, state)
    clock.lap("observe")
    gathered = gather(groups, agent, state)
    targets = [of_episodes(checked(agent.targets(g, state), g, agent), g) for g in gathered.groups] if gathered else []
    clock.lap("targets")
    metrics, state.has_moved = {}, False
    if gathered:
        metrics = update_in_parts(state, targets, agent.loss, config.optim, config.rollout.sampling.max_new_tokens)
        if agent.most_draws > 1:
            metrics |= {"draws": float(gathered.draws), "groups_dropped": float(gathered.dropped)}
    if not taught:
        metrics = {name: value for name, value in metrics.items() if name not in OF_AN_UPDATE}
    clock.lap("update")
    agent.learn(groups, state)
    clock.lap("learn")
    state.step += 1
    return finite(batch_metrics(groups, targets, state) | metrics | moved)


def of_episodes(targets: Targets, group: Group) -> Targets:
    """The targets of a group's turns, each with the episode that it is of."""
    episode = {id(turn): episode.id for episode in group.episodes for turn in episode.turns}
    return replace(targets, rows=tuple(replace(row, episode=episode.get(id(row.turn))) for row in targets.rows))


def finite(metrics: dict[str, float]) -> dict[str, float]:
    """The metrics that are numbers; how many are none is one more, ``not_finite``, where there are any."""
    kept = {name: value for name, value in metrics.items() if math.isfinite(value)}
    lost = len(metrics) - len(kept) + int(kept.get("not_finite", 0))
    return kept | ({"not_finite": float(lost)} if lost else {})


class Clock:
    """Seconds spent by part of a step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """The part called ``name`` has just ended."""
        now = time.perf_counter()
        self.seconds[name] = now - self._last
        self._last = now


def batch_metrics(groups: Sequence[Group], targets: Sequence[Targets], state: TrainState) -> dict[str, float]:
    """What a batch looked like: rewards, groups, lengths, leaks, the agents' own counters and the memory's size."""
    episodes = [episode for group in groups for episode in group.episodes]
    turns = [turn for episode in episodes for turn in episode.turns]
    written = [sum(len(turn.completion.tokens) for turn in episode.turns) for episode in episodes]
    solved = [[episode.solved for episode in group.episodes] for group in groups]
    metrics = {
        "reward": _mean(episodes, lambda e: e.verdict.score),
        "groups_without_success": _mean(solved, lambda flags: not any(flags)),
        "groups_all_success": _mean(solved, all),
        "completion_tokens": _mean(written, float),
        "completion_tokens_median": float(median(written or [0])),
        "finished": _mean(turns, lambda t: t.completion.finished),
        "wrong_steps": _mean(turns, lambda t: t.verified < 0),
        "leaked_phrases": _mean(episodes, _leaks),
    }
    for family in sorted({episode.task.family for episode in episodes}):
        own = [episode for episode in episodes if episode.task.family == family]
        metrics[f"reward/{family}"] = _mean(own, lambda e: e.verdict.score)
    for name in sorted({name for target in targets for name in target.stats}):
        metrics[name] = _mean([t.stats[name] for t in targets if name in t.stats], float)
    if state.memory is not None:
        counts = state.memory.counts()
        metrics |= {
            "memory/experience": counts.experience,
            "memory/insight": counts.insight,
            "memory/behavior": counts.behavior,
        }
    return metrics | state.counted | tokens_by_part(turns, state)


def _leaks(episode: Episode) -> bool:
    return any(phrase in turn.completion.text for turn in episode.turns for phrase in MEMORY_PHRASES)


def tokens_by_part(turns: Sequence[Turn], state: TrainState) -> dict[str, float]:
    """Tokens that the models read and wrote for a batch: a group's prompt counts once in its rollouts."""
    asked = {turn.prompt_tokens for turn in turns}
    rollout = sum(map(len, asked)) + sum(len(turn.completion.tokens) for turn in turns)
    return {f"tokens/{part}": float(count) for part, count in sorted({"rollout": rollout, **state.spent}.items())}


def _mean(items: Sequence[_Item], value: Callable[[_Item], float]) -> float:
    return sum(float(value(item)) for item in items) / len(items) if items else 0.0
