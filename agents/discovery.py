"""Test-time self-distillation: learning on one hard problem until it is solved for the first time.

The policy attempts the problem in batches, and an agent that trains learns from each batch in which nothing succeeded,
as SDPO does from feedback (2601.20802, section 5). What counts is how many attempts the first success took; for an
agent that does not train this is sampling best of k.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agents.agent import Agent
from agents.policy import Policy
from agents.rollout import roll_out
from agents.stream import TaskStream
from agents.train import Clock, TrainConfig, learn_from, start
from pmd_envs import ReasoningVectorEnv, Task


@dataclass(frozen=True)
class Search:
    """How the search for a first success on one problem went."""

    task_id: str
    attempts: int
    """All that were made: whole batches."""
    solved_at: int | None
    """Number of the first attempt that succeeded, counted from 1; None if none did."""


def search(  # noqa: PLR0913  the last is an option
    agent: Agent,
    policy: Policy,
    task: Task,
    env: ReasoningVectorEnv,
    config: TrainConfig,
    memory_file: Path,
    advance: Callable[[int], None] | None = None,
) -> Search:
    """Attempt a problem, and learn from failed batches, until it is solved or ``config.steps`` batches are used up.

    Args:
        agent: Who learns.
        policy: What is trained; its weights change.
        task: The problem. An agent with a memory can only take one of the train split, which its firewall demands.
        env: One sub-environment for each attempt of a batch.
        config: Batches, attempts in each, sampling and optimizer.
        memory_file: Where the memory goes, for agents that keep one.
        advance: Told how many attempts each batch had.
    """
    stream = TaskStream(((task,),), 1, config.rollout.seed)
    state = start(policy, agent, memory_file, stream, config)
    size, rollout = config.rollout.rollouts, config.rollout.keeping(agent.likeliest)
    try:
        for step in range(config.steps):
            [group] = roll_out(env, policy, [task], rollout, policy_step=step)
            if advance is not None:
                advance(size)
            solved = [episode.solved for episode in group.episodes]
            if any(solved):
                return Search(task.id, (step + 1) * size, step * size + solved.index(True) + 1)
            if agent.trains:
                learn_from([group], agent, state, config, Clock())
    finally:
        if state.memory is not None:
            state.memory.close()
    return Search(task.id, config.steps * size, None)
