"""Rolling a policy out in a vector environment.

A turn is taken by all live episodes at once; the policy batches them. The result is a list of groups, one for each
task, of equally many episodes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Self

from agents.policy import Policy, Sampling
from agents.prompts import Blocks, continuation
from agents.records import Completion, Episode, Group, Turn, View
from agents.sampling import Advance, generate
from agents.served import ServedPolicy
from pmd_envs import ReasoningEnv, ReasoningVectorEnv, Task, Verdict
from pmd_envs.env import MAX_RESPONSE

Help = Callable[[Task], Blocks | None]
"""What a policy is shown beside a problem; None for nothing."""


@dataclass(frozen=True)
class Rollout:
    """How groups are sampled."""

    rollouts: int = 8
    """Episodes of each task (G)."""
    sampling: Sampling = field(default_factory=Sampling)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.rollouts < 1:
            raise ValueError(f"rollouts={self.rollouts}: a group has at least one episode")

    def keeping(self, likeliest: int) -> Self:
        """The same, but noting the likeliest tokens at each position."""
        return replace(self, sampling=replace(self.sampling, likeliest=likeliest))


def roll_out(  # noqa: PLR0913  the last four are options
    env: ReasoningVectorEnv,
    policy: Policy | ServedPolicy,
    tasks: Sequence[Task],
    rollout: Rollout,
    *,
    policy_step: int = 0,
    help_with: Help | None = None,
    advance: Advance | None = None,
    first: int = 0,
) -> list[Group]:
    """G episodes of every task.

    Where a model has only so many positions and an episode's earlier turns leave no room for another one, the policy
    says nothing more in it.

    Args:
        env: One sub-environment for each episode; episode j of task i runs in number i * G + j, so the families of
            the sub-environments have to fit the tasks. With autoreset disabled no task is drawn when an episode ends.
        policy: Who acts.
        tasks: What to solve.
        rollout: G, sampling and seed.
        policy_step: Written into the episodes; with the seed it decides what is sampled.
        help_with: What the policy is shown beside a problem (evaluation with memory, teacher probes).
        advance: Told how many completions are done, for a progress bar.
        first: Number of the first episode. Where a long evaluation is made in parts each of them goes on counting, or
            else their episodes would sample from the same random numbers.

    Raises:
        ConfigError: The policy's model has too few positions for a problem and what may follow it.
    """
    if isinstance(policy, Policy):
        policy.leave_room(rollout.sampling.max_new_tokens)
    size = rollout.rollouts
    lanes = _lanes(env, tasks, size)
    helps = [blocks for task in tasks for blocks in [help_with(task) if help_with else None] * size]
    ids = [task.id for task in lanes]
    observations, infos = env.reset(seed=rollout.seed, options={"task_ids": ids})
    views = [_view(env, observations, infos, i) for i in range(len(lanes))]
    turns: list[list[Turn]] = [[] for _ in lanes]
    ends: dict[int, tuple[Verdict, str]] = {}
    for number in count():
        live = [i for i in range(len(lanes)) if i not in ends]
        if not live:
            break
        asking = [i for i in live if number == 0 or _has_room(policy, views[i], helps[i])]
        seed = _mix(rollout.seed, policy_step, number)
        asked = [views[i] for i in asking], [helps[i] for i in asking]
        answers = _answer(policy, *asked, rollout.sampling, seed, advance, [first + i for i in asking])
        prompts = {i: prompt for i, (prompt, _) in zip(asking, answers, strict=True)}
        sampled = {i: completion for i, (_, completion) in zip(asking, answers, strict=True)}
        # An episode that is over gets an empty action: its lane has begun another one, which nobody asked for. So does
        # one without room for a turn, until its turns are used up and the environment judges what there is.
        actions = [sampled[i].text[:MAX_RESPONSE] if i in sampled else "" for i in range(len(lanes))]
        observations, _, terminated, truncated, infos = env.step(actions)
        over, last = terminated | truncated, observations["feedback"]
        for i in live:
            info = infos["final_info"] if over[i] and "final_info" in infos else infos
            if i in sampled:
                turns[i].append(Turn(views[i], prompts[i], sampled[i], int(info["verified"][i])))
            if over[i]:
                ends[i] = _end(info, infos["final_obs"][i]["feedback"] if "final_obs" in infos else last[i], i)
            else:
                views[i] = _view(env, observations, infos, i)
        if over.any() and len(ends) < len(lanes) and "final_info" not in infos:
            env.reset(options={"task_ids": ids, "reset_mask": over})  # tasks that are known, and cost nothing to draw
    episodes = [
        Episode(f"{rollout.seed}.{policy_step}.{first + i}", task, tuple(turns[i]), *ends[i], policy_step)
        for i, task in enumerate(lanes)
    ]
    return [Group(task, tuple(episodes[i * size : (i + 1) * size])) for i, task in enumerate(tasks)]


def _lanes(env: ReasoningVectorEnv, tasks: Sequence[Task], rollouts: int) -> list[Task]:
    """The task of each sub-environment."""
    lanes = [task for task in tasks for _ in range(rollouts)]
    if len(lanes) != env.num_envs:
        raise ValueError(f"{len(tasks)} tasks x {rollouts} rollouts need {len(lanes)} envs, not {env.num_envs}")
    return lanes


def _answer(  # noqa: PLR0913  all of what :func:`generate` is told
    policy: Policy | ServedPolicy,
    views: Sequence[View],
    helps: Sequence[Blocks | None],
    sampling: Sampling,
    seed: int,
    advance: Advance | None,
    rows: Sequence[int],
) -> list[tuple[tuple[int, ...], Completion]]:
    """Prompt tokens (none where somebody else makes them) and completion of one turn of each episode.

    Where the prompt leaves a thought open that no earlier text begins with, the text begins with its tag, so that
    whoever reads it knows. The tokens are as sampled.
    """
    if isinstance(policy, ServedPolicy):
        return [((), completion) for completion in policy.answer(views, helps, sampling, seed, advance, rows)]
    prompts = policy.ask_each(zip(views, helps, strict=True))
    completions, thought = generate(policy, prompts, sampling, seed, advance, rows), policy.begun_thought
    texts = [
        completion.text if continuation(view) else thought + completion.text
        for view, completion in zip(views, completions, strict=True)
    ]
    told = [replace(completion, text=text) for completion, text in zip(completions, texts, strict=True)]
    return list(zip(prompts, told, strict=True))


def _has_room(policy: Policy | ServedPolicy, view: View, blocks: Blocks | None) -> bool:
    return isinstance(policy, ServedPolicy) or policy.has_room(view, blocks)


def _end(info: dict[str, Any], feedback: str, i: int) -> tuple[Verdict, str]:
    """How episode i ended, and what is said of its failed attempt.

    A right answer may have a wrong step, and no teacher is told that its attempt had failed.
    """
    first_wrong = int(info["first_wrong_step"][i])
    verdict = Verdict(float(info["score"][i]), str(info["reason"][i]), None if first_wrong < 0 else first_wrong)
    return verdict, "" if verdict.score >= 1 else str(feedback)


def _view(env: ReasoningVectorEnv, observations: dict[str, Any], infos: dict[str, Any], i: int) -> View:
    inner = env.envs[i].unwrapped
    assert isinstance(inner, ReasoningEnv)
    return View(
        observations["problem"][i],
        str(infos["instructions"][i]),
        observations["steps"][i],
        observations["feedback"][i],
        inner.family.continues,
    )


def _mix(*numbers: int) -> int:
    """One seed of several numbers, well apart for neighbours (a 63-bit linear congruential walk)."""
    state = 0x9E3779B97F4A7C15
    for number in numbers:
        state = (state ^ (number & 0xFFFFFFFFFFFF)) * 6364136223846793005 + 1442695040888963407
        state &= 0x7FFFFFFFFFFFFFFF
    return state
