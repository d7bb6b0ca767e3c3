"""What self-distilling agents share: a teacher reads the student's own tokens after a longer prompt.

The teacher is the same model knowing more. Its prompt is the student's with extra blocks; the student's completion
tokens are appended as they are, without tokenising them again (SDPO's code, METHODS of its appendix B).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import torch
from torch.nn.utils.rnn import pad_sequence

from agents.agent import TrainState
from agents.microbatches import padded
from agents.prompts import Blocks, demonstration, render_blocks
from agents.records import Episode, Group, RowTarget, TeacherLogprobs, Turn
from memory.firewall import is_graded, quotes_graded
from memory.notation import normalise

TeacherKind = Literal["ema", "trust-region", "frozen", "live"]
"""Whose weights teach: a running mean of the policy's, a mixture of its first ones with the policy's logits (a
geometric mixture of distributions), its first ones alone, or always the policy's own (known to diverge)."""


@dataclass(frozen=True)
class Distillation:
    """How the teacher is compared with the student."""

    alpha: float
    """Divergence: 0 forward KL, 1 reverse KL, 0.5 Jensen-Shannon."""
    top_k: int | None
    """Compare only the student's likeliest tokens and one bucket for the rest; None compares the whole vocabulary."""
    kind: TeacherKind
    rate: float
    """Share of the policy in the teacher: taken over after each batch (ema), or mixed in (trust-region)."""

    def __post_init__(self) -> None:
        if not 0 <= self.alpha <= 1:
            raise ValueError(f"alpha={self.alpha} is outside 0..1")
        if not 0 <= self.rate <= 1:
            raise ValueError(f"teacher_rate={self.rate} is outside 0..1")
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top_k={self.top_k} is below 1; leave it out to compare the whole vocabulary")
        if self.kind not in get_args(TeacherKind):
            raise ValueError(f"teacher_kind={self.kind!r}; known: {', '.join(get_args(TeacherKind))}")

    @property
    def teacher(self) -> Literal["live", "own"]:
        """Whether the teacher has weights of its own."""
        return "live" if self.kind == "live" else "own"

    def follow_policy(self, state: TrainState) -> None:
        """Move an ``ema`` teacher towards a policy that has moved (SDPO's code); the others stay as they are."""
        if self.kind == "ema" and state.teacher is not None and self.rate > 0 and state.has_moved:
            state.teacher.follow(state.policy, self.rate)


@dataclass(frozen=True)
class Lesson:
    """One episode and what its teacher is shown."""

    episode: Episode
    blocks: Blocks
    source: str = ""
    """Id of the rollout of the same group that wrote the solution; empty for one that the memory kept, or none."""


def as_read(lessons: Sequence[Lesson], state: TrainState) -> list[Lesson]:
    """The lessons with as much as the teacher's prompt has room for; in later turns it may have to be less."""
    teacher, kept = state.teacher or state.policy, dict[Blocks, Blocks]()
    for lesson in lessons:
        if lesson.blocks not in kept:  # mostly a group's teachers read the same
            kept[lesson.blocks] = teacher.fit(lesson.episode.turns[0].view, lesson.blocks)[1]
    return [replace(lesson, blocks=kept[lesson.blocks]) for lesson in lessons]


def teach(
    lessons: Sequence[Lesson], state: TrainState, how: Distillation, *, knowing_nothing: bool = False
) -> tuple[RowTarget, ...]:
    """Targets for every turn of every episode; turns whose teacher knows nothing more stay without one.

    Args:
        lessons: The episodes of a group.
        state: Whose teacher reads.
        how: What it is compared on.
        knowing_nothing: Let a teacher without any context teach too (a placebo: only its weights differ).
    """
    state.shown |= {x.episode.id: render_blocks(x.blocks) for x in lessons if not x.blocks.is_empty}
    teacher = state.teacher or state.policy
    turns = [
        (turn, teacher.fit(turn.view, lesson.blocks)[1] if i else lesson.blocks)  # the first has what fits there
        for lesson in lessons
        for i, turn in enumerate(lesson.episode.turns)
    ]
    has_teacher = [(knowing_nothing or not b.is_empty) and bool(t.completion.tokens) for t, b in turns]
    active = [item for item, flag in zip(turns, has_teacher, strict=True) if flag]
    taught = iter(_read(active, state, how) if active else [])
    return tuple(
        RowTarget(turn, teacher=next(taught) if flag else None)
        for (turn, _), flag in zip(turns, has_teacher, strict=True)
    )


@torch.no_grad()
def _read(turns: Sequence[tuple[Turn, Blocks]], state: TrainState, how: Distillation) -> list[TeacherLogprobs]:
    teacher = state.teacher or state.policy
    completions = [turn.completion.tokens for turn, _ in turns]
    prompts = teacher.ask_each((turn.view, blocks) for turn, blocks in turns)
    reading = teacher.read(prompts, completions)
    policys = state.policy.read(prompts, completions) if how.kind == "trust-region" else None
    state.spent["teacher"] += reading.tokens + (policys.tokens if policys is not None else 0)
    own = padded(completions, torch.long).to(reading.held.device)
    indices = _likeliest(state, [turn for turn, _ in turns], how.top_k) if how.top_k else None
    kept, chosen = [], []
    for first, end in reading.slices():
        logits = reading.logits(first, end).float()
        if policys is not None:
            logits = logits.lerp(policys.logits(first, end).float(), how.rate)
        logprobs = (logits / state.temperature).log_softmax(-1)
        chosen.append(logprobs.gather(-1, own[:, first:end, None])[..., 0])
        kept.append(logprobs if indices is None else logprobs.gather(-1, indices[:, first:end]))
    shown, tokens = torch.cat(kept, 1), torch.cat(chosen, 1)
    return [
        TeacherLogprobs(shown[i, :length], None if indices is None else indices[i, :length], tokens[i, :length])
        for i, length in enumerate(map(len, completions))
    ]


def _likeliest(state: TrainState, turns: Sequence[Turn], top_k: int) -> torch.Tensor:
    """(B, T, K): as the sampling noted them, or else the student reads its rollouts again."""
    noted = [turn.completion.likeliest for turn in turns]
    kept = [tensor[:, :top_k] for tensor in noted if tensor is not None]
    if len(kept) == len(turns):
        return pad_sequence(kept, batch_first=True).long()
    again = state.policy.read([turn.prompt_tokens for turn in turns], [turn.completion.tokens for turn in turns])
    state.spent["teacher"] += again.tokens
    slices = (again.logits(first, end) for first, end in again.slices())
    return torch.cat([logits.topk(min(top_k, logits.shape[-1]), -1).indices for logits in slices], 1)


@dataclass(frozen=True)
class Sibling:
    """A correct answer of another rollout."""

    text: str = ""
    """Empty where there is none."""
    id: str = ""
    """Of the rollout that wrote it."""


def sibling(group: Group, episode: Episode, state: TrainState, *, copies: bool = True) -> Sibling:
    """A correct answer of another rollout of the same group, at random.

    One rollout is drawn for the whole group, and another for itself, so that most teachers of a group read the same
    prompt. What many rollouts wrote is drawn more often. (Always taking the shortest makes answers shrink; SDPO's code
    takes the first.)

    Args:
        group: The rollouts of a problem.
        episode: The one whose teacher is to read the solution; its own is never chosen.
        state: Whose seed and batch the draw depends on.
        copies: Whether another rollout's copy of the graded one may be chosen, as by SDPO's code. A teacher that is
            shown the answer it grades agrees with it; without copies none is. Other white space, case or thoughts
            then do not count, and texts are drawn, each as often as the others.
    """
    others = [e for e in group.episodes if e.solved and e.id != episode.id and demonstration(e.response)]
    if not copies:
        own = graded_texts(episode)
        others = list({e.response: e for e in others if not is_graded(demonstration(e.response), own)}.values())
    drawn = f"sibling/{state.seed}/{state.step}/{group.task.id}"
    lots = {(e.id if copies else e.response): e for e in others}
    if not lots:
        return Sibling()
    chosen = lots[min(sorted(lots), key=lambda lot: random.Random(f"{drawn}/{lot}").random())]
    return Sibling(demonstration(chosen.response), chosen.id)


def graded_texts(episode: Episode) -> frozenset[str]:
    """What no teacher of a rollout may read: its text, whole and without what was thought before it, normalised."""
    return frozenset({normalise(episode.response), normalise(demonstration(episode.response))} - {""})


def prefers_right(lessons: Sequence[Lesson], rows: Sequence[RowTarget]) -> dict[str, float]:
    """How much more the teacher raises the likelihood of right rollouts than of wrong ones, in nats a token.

    A teacher that knows something is above 0, unless its weights are far behind the policy's. Nothing is said of a
    group in which all rollouts are right, or all wrong.
    """
    raised: dict[bool, list[float]] = {True: [], False: []}
    solved = [lesson.episode.solved for lesson in lessons for _ in lesson.episode.turns]
    for is_right, row in zip(solved, rows, strict=True):
        if row.teacher is not None:
            own = torch.tensor(row.turn.completion.logprobs, device=row.teacher.chosen.device)
            raised[is_right].append(float((row.teacher.chosen - own).mean()))
    if not raised[True] or not raised[False]:
        return {}
    gap = sum(raised[True]) / len(raised[True]) - sum(raised[False]) / len(raised[False])
    return {"teacher_prefers_right": gap}


def shown_stats(
    lessons: Sequence[Lesson], group: Group, *, copies: bool = True, feedback: bool = True
) -> dict[str, float]:
    """What the teachers of a group are shown, as shares of its rollouts.

    ``reprompted`` know more than the student and ``masked`` do not; ``masked_in_sdpo`` is what SDPO's code would mask:
    no other rollout is right, were it word for word the same, and no ``feedback`` is shown. ``own_answer_shown`` has to
    be 0: a context that holds the rollout that is graded. With ``copies`` a solution that another rollout of the group
    wrote may be a copy of it, which is counted as ``copies_shown``; any other that is word for word the same counts as
    the rollout itself.
    """
    blocks = [lesson.blocks for lesson in lessons]
    solved = {e.id for e in group.episodes if e.solved}
    copied = [copies and _solved_alike(x) and x.source not in ("", x.episode.id) for x in lessons]
    unaided = [not (solved - {e.id} or (feedback and e.feedback)) for e in (lesson.episode for lesson in lessons)]
    return {
        "solution_shown": share([bool(b.solution) for b in blocks]),
        "feedback_shown": share([bool(b.feedback) for b in blocks]),
        "reprompted": share([not b.is_empty for b in blocks]),
        "masked": share([b.is_empty for b in blocks]),
        "masked_in_sdpo": share(unaided),
        "own_answer_shown": share(
            [
                _quotes_own(x, group.task.prompt) or (_solved_alike(x) and not y)
                for x, y in zip(lessons, copied, strict=True)
            ]
        ),
        "copies_shown": share(copied),
    }


def _solved_alike(lesson: Lesson) -> bool:
    """Whether the solution that a teacher reads is the rollout that it grades, or word for word the same."""
    shown = lesson.blocks.solution
    own = lesson.source == lesson.episode.id or is_graded(shown, graded_texts(lesson.episode))
    return bool(shown) and own


def _quotes_own(lesson: Lesson, prompt: str) -> bool:
    """Whether the rollout that a teacher grades stands inside what it reads.

    Feedback does not count: the environment quotes what was wrong.
    """
    graded, shown = graded_texts(lesson.episode), lesson.blocks
    return any(quotes_graded(text, graded, prompt) for text in (*shown.strategies, *shown.lessons, *shown.behaviors))


def shortened(asked: Sequence[Lesson], read: Sequence[Lesson]) -> float:
    """Share of the rollouts whose teachers' prompts had no room for all that there was to say."""
    return share([a.blocks != r.blocks for a, r in zip(asked, read, strict=True)])


def share(flags: Sequence[bool]) -> float:
    """Mean of booleans, 0 for none."""
    return sum(flags) / len(flags) if flags else 0.0
