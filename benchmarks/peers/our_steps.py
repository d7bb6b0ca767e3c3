"""Our side of ``trl_step.py``: steps of our training, timed, and the same ones with their operations counted."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode, sdpa_backward_flop_count, sdpa_flop_count

from agents.agent import Agent, TrainState
from agents.policy import Policy, Sampling
from agents.records import Group
from agents.rollout import Rollout, roll_out
from agents.stream import TaskStream
from agents.train import Clock, TrainConfig, learn_from, start, train
from agents.update import Optim
from benchmarks.evaluate import Problems, lanes
from benchmarks.suites import Suite
from pmd_envs.vector import ReasoningVectorEnv


class Training(NamedTuple):
    """All that a training step takes."""

    agent: Agent
    state: TrainState
    stream: TaskStream
    env: ReasoningVectorEnv
    config: TrainConfig


@dataclass
class Steps:
    """What steps took and what they earned, ours or TRL's."""

    parts: list[dict[str, float]] = field(default_factory=list)
    """Seconds of each step by part."""
    rewards: list[list[float]] = field(default_factory=list)
    """Of every rollout of each step."""

    @property
    def seconds(self) -> list[float]:
        """Of each step."""
        return [sum(parts.values()) for parts in self.parts]

    def after(self, warm_up: int) -> "Steps":
        """Without the first ones."""
        return Steps(self.parts[warm_up:], self.rewards[warm_up:])

    @property
    def earned(self) -> tuple[float, float]:
        """The share of rewards above 0, and the mean reward."""
        rewards = [reward for step in self.rewards for reward in step]
        return sum(reward > 0 for reward in rewards) / len(rewards), sum(rewards) / len(rewards)


def order_of(problems: Sequence[Problems], suite: Suite) -> TaskStream:
    """Which problems come when, for both sides."""
    return TaskStream(tuple(part.tasks for part in problems), suite.problems, seed=0)


def take_steps(agent: Agent, policy: Policy, problems: Sequence[Problems], suite: Suite) -> Steps:
    """Train for the steps of a suite, and see how long they take and what they earn."""
    watch = _Watch()
    with in_training(agent, policy, problems, suite) as on:
        train(agent, on.state, on.stream, on.env, on.config, watch)
    return watch.steps


class _Watch:
    """The journal of a training that is timed."""

    def __init__(self) -> None:
        self.steps = Steps()

    def record(self, step: int, groups: Sequence[Group], metrics: dict[str, float], seconds: dict[str, float]) -> None:
        """One batch is done."""
        self.steps.parts.append(seconds)
        self.steps.rewards.append([episode.verdict.score for group in groups for episode in group.episodes])
        parts = ", ".join(f"{name} {value:.2f}" for name, value in seconds.items())
        print(f"  ours, step {step}: {parts}; reward {metrics['reward']:.2f}, {len(groups)} groups", flush=True)

    def checkpoint(self, state: object) -> None:
        """Nothing is kept."""


@contextmanager
def in_training(agent: Agent, policy: Policy, problems: Sequence[Problems], suite: Suite) -> Iterator[Training]:
    """A training that is about to begin; its memory is thrown away."""
    sampling = Sampling(suite.max_new_tokens, suite.temperature)
    config = TrainConfig(suite.steps, Rollout(suite.rollouts, sampling), Optim(suite.lr, warmup=0))
    env = lanes(problems, [suite.problems * suite.rollouts] * len(problems))
    stream = order_of(problems, suite)
    with tempfile.TemporaryDirectory() as folder:
        yield Training(agent, start(policy, agent, Path(folder) / "memory.sqlite", stream, config), stream, env, config)
    env.close()


class _OperationClock(Clock):
    """Counts floating-point operations by part of a step, instead of seconds."""

    def __init__(self, counter: FlopCounterMode) -> None:
        super().__init__()
        self.operations: dict[str, int] = {}
        self._counter = counter
        self._before = counter.get_total_flops()

    def lap(self, name: str) -> None:
        """The part called ``name`` has just ended."""
        now = self._counter.get_total_flops()
        self.operations[name] = now - self._before
        self._before = now


def count_operations(agent: Agent, policy: Policy, problems: Sequence[Problems], suite: Suite) -> list[dict[str, int]]:
    """The operations of each part of each step of the same training: counting takes too long to be timed as well."""
    found: list[dict[str, int]] = []
    aten = torch.ops.aten
    mapping = {  # torch counts the attention of graphics cards only
        aten._scaled_dot_product_flash_attention_for_cpu: lambda query, key, value, *_, **__: sdpa_flop_count(
            query, key, value
        ),
        aten._scaled_dot_product_flash_attention_for_cpu_backward: lambda grad, query, key, value, *_, **__: (
            sdpa_backward_flop_count(grad, query, key, value)
        ),
    }
    with (
        in_training(agent, policy, problems, suite) as (_, state, stream, env, config),
        FlopCounterMode(display=False, custom_mapping=mapping) as counter,
    ):
        for step in range(config.steps):
            clock = _OperationClock(counter)
            groups = roll_out(
                env, state.policy, stream.at(step), config.rollout.keeping(agent.likeliest), policy_step=step
            )
            clock.lap("rollout")
            learn_from(groups, agent, state, config, clock)
            found.append(clock.operations)
    return found


def matmul_rate(dtype: torch.dtype, device: torch.device, turns: int = 20) -> float:
    """Floating-point operations a second of square products."""
    on_gpu = device.type == "cuda"
    size = 8192 if on_gpu else 1024
    left, right = (torch.randn(size, size, dtype=dtype, device=device) for _ in range(2))
    finish = torch.cuda.synchronize if on_gpu else lambda: None  # a GPU is still at work when it returns
    left @ right
    finish()
    began = time.perf_counter()
    for _ in range(turns):
        left @ right
    finish()
    return 2 * size**3 * turns / (time.perf_counter() - began)
