"""What a run would take, before it is started: answers, tokens and time, from a small trial of its own policy.

The trial answers a few of the run's training problems, a batch or less, and passes over them once as a training step
would. Time is what that took, scaled; how long answers get while a policy learns cannot be known, so a second figure
says what it would be if every answer were as long as the suite allows.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from time import perf_counter

import torch

from agents.agent import Agent
from agents.policy import Policy, Sampling
from agents.prompts import solve_prompt
from agents.records import Turn, View
from agents.rollout import Rollout
from agents.served import ServedPolicy
from benchmarks.evaluate import Problems, evaluate
from benchmarks.pace import duration
from benchmarks.suites import Suite
from benchmarks.validation import Validation
from pmd_envs.records import Json

TRIAL = 64
"""Answers of a trial at most."""
PASSES = 3
"""A forward and a backward pass take about as long as three forward ones."""
CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True)
class Workload:
    """How much a run does."""

    training: int
    """Answers in training."""
    reflections: int
    """Texts that an agent with memory writes: about one for each problem of each batch."""
    held_out: int
    """Answers to held-out problems, over all evaluations."""

    @property
    def answers(self) -> int:
        """All texts that are sampled."""
        return self.training + self.reflections + self.held_out


@dataclass(frozen=True)
class Trial:
    """What the policy did in the trial."""

    prompt_tokens: float
    """Mean length of a prompt."""
    completion_tokens: float
    """Mean length of an answer."""
    seconds: float
    """For one answer, its verdict included."""
    pass_seconds: float
    """For one answer in one forward pass."""


@dataclass(frozen=True)
class Estimate:
    """What a run would take; None where it cannot be told."""

    workload: Workload
    prompt_tokens: int
    completion_tokens: int
    most_completion_tokens: int
    """If every answer were as long as it may be."""
    seconds: float | None

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        found: dict[str, Json] = asdict(self)
        return found

    def __str__(self) -> str:
        work = self.workload
        parts = f"{work.training:,} in training, {work.reflections:,} reflections, {work.held_out:,} held out"
        time = "time: depends on the server" if self.seconds is None else f"time: about {duration(self.seconds)}"
        return (
            f"{work.answers:,} answers ({parts}); about {self.prompt_tokens:,} prompt tokens and "
            f"{self.completion_tokens:,} completion tokens, {self.most_completion_tokens:,} at most; {time}"
        )


def workload(
    suite: Suite, agent: Agent, held_out: Sequence[Problems], validation: Validation | None = None
) -> Workload:
    """What an agent does with a suite; the answers of the best weights are counted as if they were new."""
    looks = (validation or Validation()).looks(suite.steps) if agent.trains else 0
    batch = len(suite.envs) * suite.problems
    steps = suite.steps if agent.trains else 0
    evaluations = 1 + agent.trains + agent.uses_memory + bool(looks)
    looked_at = looks * len(suite.envs) * validation.problems * validation.k if validation else 0
    measured = sum(len(part.tasks) for part in held_out) + len(suite.envs) * suite.unseen
    return Workload(
        training=steps * batch * suite.rollouts,
        reflections=steps * batch if agent.uses_memory else 0,
        held_out=evaluations * measured * suite.k + looked_at,
    )


def estimate(
    suite: Suite,
    agent: Agent,
    policy: Policy | ServedPolicy,
    held_out: Sequence[Problems],
    done: Trial | None,
    validation: Validation | None = None,
) -> Estimate:
    """What a run would take by a trial; a served policy has none, since asking it may cost money."""
    work = workload(suite, agent, held_out, validation)
    most = work.answers * suite.max_new_tokens
    if isinstance(policy, ServedPolicy) or done is None:
        prompts = [len(solve_prompt(_view(task.prompt))) / CHARACTERS_A_TOKEN for p in held_out for task in p.tasks]
        asked = round(sum(prompts) / len(prompts) * work.answers)
        pace = policy.limits.per_minute if isinstance(policy, ServedPolicy) else None
        least = work.answers * 60 / pace if pace is not None else None
        return Estimate(work, asked, most, most, least)
    passes = (PASSES + (agent.teacher != "none")) * agent.trains
    seconds = work.answers * done.seconds + work.training * passes * done.pass_seconds
    prompt, completion = work.answers * done.prompt_tokens, work.answers * done.completion_tokens
    return Estimate(work, round(prompt), round(completion), most, seconds)


def _view(prompt: str) -> View:
    return View(prompt, "", "", "", continues=False)


def trial(policy: Policy, suite: Suite, problems: Sequence[Problems]) -> Trial:
    """Answer a few problems and pass over the answers once."""
    each = max(1, min(suite.problems, TRIAL // (len(problems) * suite.rollouts)))
    few = [replace(part, tasks=part.tasks[:each]) for part in problems]
    size = min(suite.rollouts, TRIAL)
    sampling = Sampling(suite.max_new_tokens, suite.temperature, stop=suite.stop)
    began = perf_counter()
    groups = evaluate(policy, few, Rollout(size, sampling), policy_step=0)
    spent = perf_counter() - began
    episodes = [episode for group in groups for episode in group.episodes]
    turns = [turn for episode in episodes for turn in episode.turns]
    return Trial(
        prompt_tokens=_mean([len(turn.prompt_tokens) for turn in turns]),
        completion_tokens=_mean([len(turn.completion.tokens) for turn in turns]),
        seconds=spent / len(episodes),
        pass_seconds=_one_pass(policy, turns[:16]),
    )


def _one_pass(policy: Policy, turns: Sequence[Turn]) -> float:
    began = perf_counter()
    with torch.inference_mode():
        reading = policy.read([t.prompt_tokens for t in turns], [t.completion.tokens for t in turns])
        for first, end in reading.slices():
            reading.logits(first, end)
    return (perf_counter() - began) / len(turns)


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)
