"""PMD: procedural memory distillation (2607.01480).

As in SDPO the teacher is the policy itself knowing more, but what it knows is kept: solutions and failures of each
problem (experience), strategies and lessons that the policy wrote about them (insight), and procedures that hold
across problems (behavior, rebuilt once an epoch). The student never sees any of it, so the final model needs no memory.

Choices that the paper leaves open are ours. Those with values are in :mod:`agents.choices`. The others: a stored
solution is drawn at random; the graded rollout is excluded from its own context by id, and by text in all that is
stored (of siblings' solutions with ``ours.copies=false``); a prompt that is too long loses behaviors, then lessons,
strategies, the solution; reflection is synchronous, and what cannot be read is counted and skipped; texts are compared
by hashed character n-grams, unless the memory is another one (``memory``); the policy itself writes the behaviors too
(the paper used an external model), and of a reflection at most three strategies, three lessons and eight behaviors are
asked for and read (the paper asks for two to three and three to eight); a problem that was never attempted is helped
by behaviors alone; an item's success is that of the attempts that followed its showing (:mod:`memory.utility`).

The arms of a study are values of its fields: what is shown, how long it is kept, placebos in its place, who writes it,
and whether the policy learns at all.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from agents.agent import Agent, LossSpec, TrainState
from agents.choices import Choices
from agents.distil import (
    Distillation,
    Lesson,
    Sibling,
    TeacherKind,
    as_read,
    graded_texts,
    prefers_right,
    share,
    shortened,
    shown_stats,
    sibling,
    teach,
)
from agents.placebo import SHOWN_INSTEAD, Placebo, partner
from agents.prompts import Blocks, blocks_of, demonstration, shown_items
from agents.records import Episode, Group, RowTarget, Targets
from agents.reflector import PolicyReflector, subject_of
from agents.rlvr import beside_reward
from agents.scripted import ScriptedReflector
from memory import (
    Attempt,
    Caps,
    Consolidated,
    Context,
    ContextRequest,
    Level,
    Memory,
    Recorded,
    Reflected,
    Reflector,
    numbers,
)
from memory.insight import Evidence
from pmd_envs import Task

Shown = Literal["behavior", "insight+behavior", "full", "experience", "experience+insight"]
Keep = Literal["always", "step", "first epoch"]
Writer = Literal["policy", "scripted"]
Insights = Literal["all", "successes", "supported"]
LEVELS: dict[str, frozenset[Level]] = {
    "behavior": frozenset({"behavior"}),
    "insight+behavior": frozenset({"insight", "behavior"}),
    "full": frozenset({"experience", "insight", "behavior"}),
    "experience": frozenset({"experience"}),
    "experience+insight": frozenset({"experience", "insight"}),
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
    teacher_kind: TeacherKind = "ema"
    """The teacher's weights: ema, trust-region, frozen or live (known to diverge)."""
    teacher_rate: float = 0.05
    """Share of the policy in the teacher, per batch (ema) or in its logits (trust-region); 0 freezes it."""
    keep: Keep = "always"
    """How long memory lasts: always, for one step (PMD-Transient), or what the untrained policy wrote in the first
    epoch, in which it does not learn, and nothing after that (frozen memory)."""
    placebo: Placebo = "none"
    """Put something else in the memory's place: another problem's memory, neutral filler, or no context at all."""
    writer: Writer = "policy"
    """Who reflects: the policy, or a script that knows the generator's plans (an upper bound, not a result)."""
    insights: Insights = "all"
    """Which insights there are: all that pass the filters; only those read off successful attempts; or all, of which
    those that only one problem supports, or that no right attempt followed, lose their place after each epoch."""
    feedback: bool = True
    """Show the environment's feedback on a failed attempt where there is no solution; the memory keeps it anyway."""
    distil: bool = True
    """Whether the policy learns. Without, only the memory evolves, and the score with memory is what counts."""
    ours: Choices = field(default_factory=Choices)
    """What the paper leaves open: set as ours.NAME (:mod:`agents.choices`)."""

    def __post_init__(self) -> None:
        self._distillation  # noqa: B018  checks the values
        if self.recall < 0:
            raise ValueError(f"recall={self.recall} is below 0")
        for name, value, kind in (
            ("shown", self.shown, Shown),
            ("keep", self.keep, Keep),
            ("placebo", self.placebo, Placebo),
            ("writer", self.writer, Writer),
            ("insights", self.insights, Insights),
        ):
            if value not in get_args(kind):
                raise ValueError(f"{name}={value!r}; known: {', '.join(get_args(kind))}")
        if self.keep == "step" and self.insights == "supported":
            raise ValueError(
                "insights='supported' is decided after an epoch, and with keep='step' nothing lasts so long"
            )
        if self.keep == "step" and self.ours.behaviors_every != 1:
            raise ValueError(
                f"ours.behaviors_every={self.ours.behaviors_every} counts epochs, and with keep='step' behaviors are "
                "written for each batch"
            )

    @property
    def teacher(self) -> Literal["none", "live", "own"]:
        """Own weights unless the teacher is live."""
        return self._distillation.teacher

    @property
    def loss(self) -> LossSpec:
        """The divergence, averaged over each row and then over rows, with what share the reward leaves it."""
        return LossSpec(alpha=self.alpha, distillation=1 - self.ours.reward_weight)

    @property
    def likeliest(self) -> int:
        """The tokens on which student and teacher are compared."""
        return self.top_k or 0

    @property
    def after_an_epoch(self) -> str:
        """A frozen memory is first written, and behaviors are what an epoch has in common."""
        if self.keep == "step":
            return ""
        learns = "the policy begins to learn" if self.distil and self.keep == "first epoch" else ""
        return learns or "there are behaviors to show"

    @property
    def _distillation(self) -> Distillation:
        return Distillation(self.alpha, self.top_k, self.teacher_kind, self.teacher_rate)

    def teaches(self, state: TrainState) -> bool:
        """Not where only the memory evolves, and not in the epoch in which a frozen memory is written."""
        return self.distil and not (self.keep == "first epoch" and state.epoch == 0)

    def observe(self, groups: Sequence[Group], state: TrainState) -> None:
        """Write the batch's experience, and have the policy compare the attempts at each problem."""
        memory = memory_of(state)
        attempts = [(subject_of(group.task), attempts_of(group)) for group in groups]
        if not self._writes(state):
            memory.count_batch(attempts, state.step)
            return
        recorded = memory.record_batch(attempts, state.step)
        evidence: Evidence = "successes" if self.insights == "successes" else "all"
        reflector = self._reflector(state, "insights")
        understood = memory.reflect([subject_of(g.task) for g in groups], reflector, state.step, evidence)
        count(state, "experience", recorded)
        count(state, "insight", understood)
        count_shortened(state, "insight", reflector)
        if self.keep == "step":
            self._consolidate(state)

    def targets(self, group: Group, state: TrainState) -> Targets:
        """The teacher's token distributions, with memory and the current group in its context."""
        if not self.teaches(state):
            return Targets(tuple(RowTarget(turn) for e in group.episodes for turn in e.turns), {})
        remembered = partner(group.task, state) if self.placebo == "shuffled" else group.task
        requests = [ContextRequest(subject_of(remembered), frozenset({e.id}), graded_texts(e)) for e in group.episodes]
        memory = memory_of(state)
        # A stored attempt may have come to the graded text by other thoughts, which are not shown.
        contexts = memory.contexts(
            requests, levels=LEVELS[self.shown], recall=self.recall, step=state.step, shown_as=demonstration
        )
        asked = [
            self._lesson(group, episode, context, state)
            for episode, context in zip(group.episodes, contexts, strict=True)
        ]
        lessons = as_read(asked, state)
        read = [i for x, context in zip(lessons, contexts, strict=True) for i in shown_items(context, x.blocks)]
        memory.note_shown(subject_of(group.task), read, state.step)
        rows = teach(lessons, state, self._distillation, knowing_nothing=self.placebo == "empty")
        stats = shown_stats(lessons, group, copies=self.ours.copies, feedback=self.feedback) | {
            "shortened": shortened(asked, lessons),
            "insight_shown": share([bool(x.blocks.strategies or x.blocks.lessons) for x in lessons]),
            "behavior_shown": share([bool(x.blocks.behaviors) for x in lessons]),
            **prefers_right(lessons, rows),
        }
        if self.placebo == "empty":
            del stats["masked"]  # teachers that know nothing more teach all the same
        return Targets(beside_reward(rows, group, self.ours.reward_weight), stats)

    def _lesson(self, group: Group, episode: Episode, context: Context, state: TrainState) -> Lesson:
        other = sibling(group, episode, state, copies=self.ours.copies)
        said = episode.feedback if self.feedback else ""
        masked = self.ours.taught == "as in sdpo" and not (other.text or said)
        if masked or self.placebo == "empty":
            return Lesson(episode, Blocks())
        shown = SHOWN_INSTEAD[self.placebo](self._remembered(context, other, said))
        if "experience" not in LEVELS[self.shown]:
            return Lesson(episode, shown)
        solution = shown.solution or other.text
        feedback = "" if solution else said or shown.feedback
        return Lesson(episode, replace(shown, solution=solution, feedback=feedback), "" if shown.solution else other.id)

    def _remembered(self, context: Context, other: Sibling, said: str) -> Blocks:
        """What of the memory is to be shown beside a sibling's solution and the environment's feedback."""
        known = blocks_of(context)
        stored = "" if other.text and self.ours.solution == "sibling first" else known.solution
        feedback = known.feedback if self.feedback and not (stored or other.text or said) else ""
        return replace(known, solution=stored, feedback=feedback)

    def learn(self, groups: Sequence[Group], state: TrainState) -> None:  # noqa: ARG002  the memory has the groups
        """Let the teacher follow the policy; at the end of an epoch rebuild the behaviors."""
        self._distillation.follow_policy(state)
        if self.keep == "step":
            memory_of(state).rewind(-1)
        elif state.ends_epoch and self._writes(state):
            if self.insights == "supported":
                pruned = memory_of(state).prune(state.step)
                state.counted |= {"insight/pruned_alone": pruned.alone, "insight/pruned_fruitless": pruned.fruitless}
            if self.keep == "first epoch" or (state.epoch + 1) % self.ours.behaviors_every == 0:
                self._consolidate(state)

    def help_with(self, task: Task, state: TrainState) -> Blocks | None:
        """What the memory knows of a problem it may never have seen."""
        return blocks_of(memory_of(state).context(subject_of(task), levels=LEVELS[self.shown], recall=self.recall))

    @property
    def caps(self) -> Caps:
        """Of the paper, and of ours."""
        return self.ours.caps

    @property
    def upper_bound(self) -> bool:
        """A script that knows the generator's plans is one."""
        return self.writer == "scripted"

    def _consolidate(self, state: TrainState) -> None:
        reflector = self._reflector(state, "behaviors")
        count(state, "behavior", memory_of(state).consolidate(reflector, state.step))
        count_shortened(state, "behavior", reflector)

    def _writes(self, state: TrainState) -> bool:
        return self.keep != "first epoch" or state.epoch == 0

    def _reflector(self, state: TrainState, purpose: str) -> Reflector:
        if self.writer == "scripted":
            return ScriptedReflector(state.stream.tasks)
        tokens, temperature = self.ours.reflection_tokens, self.ours.reflection_temperature
        seed = random.Random(f"{purpose}/{state.seed}/{state.step}").getrandbits(62)
        return PolicyReflector(state.policy, tokens, state.spent, temperature=temperature, seed=seed)


def count(state: TrainState, level: Level, report: Recorded | Reflected | Consolidated) -> None:
    """Log what became of what was written to a level of the memory."""
    state.counted |= {f"{level}/{name}": value for name, value in numbers(report).items()}


def count_shortened(state: TrainState, level: Level, reflector: Reflector) -> None:
    """Log how many prompts had no room for all; a script reads everything."""
    if isinstance(reflector, PolicyReflector):
        state.counted[f"{level}/shortened"] = float(len(reflector.shortened))


def attempts_of(group: Group) -> list[Attempt]:
    """The group's episodes as the memory takes them."""
    return [Attempt(e.id, e.response, e.verdict.score, e.feedback, e.policy_step) for e in group.episodes]


def memory_of(state: TrainState) -> Memory:
    """The run's memory.

    Raises:
        ValueError: The run was set up without one.
    """
    if state.memory is None:
        raise ValueError("this agent needs a memory, and the run has none")
    return state.memory
