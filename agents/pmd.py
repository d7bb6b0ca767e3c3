"""PMD: procedural memory distillation (2607.01480).

As in SDPO the teacher is the policy itself knowing more, but what it knows is kept: solutions and failures of each
problem (experience), strategies and lessons that the policy wrote about them (insight), and procedures that hold
across problems (behavior, rebuilt once an epoch). The student never sees any of it, so the final model needs no memory.

Choices that the paper leaves open are ours: a sibling's solution comes before a stored one; the graded rollout is
excluded from its own context by id and by text; a rollout is distilled whenever any block is non-empty; reflection is
synchronous; the policy itself writes the behaviors too (the paper used an external model).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from agents.agent import Agent, LossSpec, TrainState
from agents.distil import Lesson, follow_policy, share, sibling_solution, teach
from agents.prompts import Blocks, blocks_of
from agents.records import Episode, Group, Targets
from agents.reflector import PolicyReflector, subject_of
from agents.sdpo import check_distillation
from memory import Attempt, Context, ContextRequest, Level, Memory
from pmd_envs import Task

Shown = Literal["behavior", "insight+behavior", "full"]
LEVELS: dict[str, frozenset[Level]] = {
    "behavior": frozenset({"behavior"}),
    "insight+behavior": frozenset({"insight", "behavior"}),
    "full": frozenset({"experience", "insight", "behavior"}),
}


@dataclass(frozen=True)
class PMD(Agent):
    """Distil the policy that remembers into the policy that does not."""

    uses_memory = True

    shown: Shown = "full"
    """What the teacher sees of the memory. Everything is extracted in every mode."""
    recall: int = 3
    """Behaviors shown for each problem."""
    alpha: float = 0.5
    """Divergence: 0 forward KL, 1 reverse KL, 0.5 Jensen-Shannon."""
    top_k: int | None = 100
    """Compare only the student's likeliest tokens, and a bucket for the rest; None compares the whole vocabulary."""
    ema: float = 0.05
    """Share of the policy that the teacher's weights take over after each batch; 0 keeps the first weights."""
    reflection_tokens: int = 160
    """Longest reflection the policy may write."""

    def __post_init__(self) -> None:
        check_distillation(self.alpha, self.ema, self.top_k)
        if self.shown not in get_args(Shown):
            raise ValueError(f"shown={self.shown!r}; known: {', '.join(get_args(Shown))}")

    @property
    def teacher(self) -> Literal["none", "live", "own"]:
        """Weights of its own."""
        return "own"

    @property
    def loss(self) -> LossSpec:
        """The divergence, averaged over each row and then over rows."""
        return LossSpec(alpha=self.alpha)

    def observe(self, groups: Sequence[Group], state: TrainState) -> None:
        """Write the batch's experience, and have the policy compare the attempts at each problem."""
        memory = memory_of(state)
        for group in groups:
            attempts = [Attempt(e.id, e.response, e.verdict.score, e.feedback, e.policy_step) for e in group.episodes]
            memory.record(subject_of(group.task), attempts, state.step)
        memory.reflect([subject_of(group.task) for group in groups], self._reflector(state), state.step)

    def targets(self, group: Group, state: TrainState) -> Targets:
        """The teacher's token distributions, with memory and the current group in its context."""
        requests = [
            ContextRequest(subject_of(group.task), frozenset({e.id}), frozenset({e.response})) for e in group.episodes
        ]
        contexts = memory_of(state).contexts(requests, levels=LEVELS[self.shown], recall=self.recall)
        lessons = [
            Lesson(episode, self._blocks(group, episode, context, state))
            for episode, context in zip(group.episodes, contexts, strict=True)
        ]
        for episode, context in zip(group.episodes, contexts, strict=True):
            memory_of(state).credit(context.item_ids, episode.solved, state.step)
        return Targets(teach(lessons, state, self.top_k), _stats(lessons))

    def _blocks(self, group: Group, episode: Episode, context: Context, state: TrainState) -> Blocks:
        known = blocks_of(context)
        if "experience" not in LEVELS[self.shown]:
            return known
        solution = sibling_solution(group, episode, state) or known.solution
        feedback = (episode.feedback or known.feedback) if not solution else ""
        return Blocks(known.strategies, known.lessons, known.behaviors, solution, feedback)

    def learn(self, groups: Sequence[Group], state: TrainState) -> None:  # noqa: ARG002  the memory has the groups
        """Let the teacher follow the policy; at the end of an epoch rebuild the behaviors."""
        follow_policy(state, self.ema)
        if state.ends_epoch:
            memory_of(state).consolidate(self._reflector(state), state.step)

    def help_with(self, task: Task, state: TrainState) -> Blocks | None:
        """What the memory knows of a problem it may never have seen."""
        return blocks_of(memory_of(state).context(subject_of(task), levels=LEVELS[self.shown], recall=self.recall))

    def _reflector(self, state: TrainState) -> PolicyReflector:
        return PolicyReflector(state.policy, self.reflection_tokens)


def memory_of(state: TrainState) -> Memory:
    """The run's memory.

    Raises:
        ValueError: The run was set up without one.
    """
    if state.memory is None:
        raise ValueError("this agent needs a memory, and the run has none")
    return state.memory


def _stats(lessons: Sequence[Lesson]) -> dict[str, float]:
    blocks = [lesson.blocks for lesson in lessons]
    own = [lesson.blocks.solution.strip() == lesson.episode.response.strip() for lesson in lessons]
    return {
        "solution_shown": share([bool(b.solution) for b in blocks]),
        "feedback_shown": share([bool(b.feedback) for b in blocks]),
        "insight_shown": share([bool(b.strategies or b.lessons) for b in blocks]),
        "behavior_shown": share([bool(b.behaviors) for b in blocks]),
        "own_answer_shown": share([same and bool(b.solution) for same, b in zip(own, blocks, strict=True)]),
    }
