"""What self-distilling agents share: a teacher reads the student's own tokens after a longer prompt.

The teacher is the same model knowing more. Its prompt is the student's with extra blocks; the student's completion
tokens are appended as they are, without tokenising them again (SDPO's code, METHODS of its appendix B).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from agents.agent import TrainState
from agents.policy import Policy
from agents.prompts import Blocks
from agents.records import Episode, Group, RowTarget, TeacherLogprobs, Turn


@dataclass(frozen=True)
class Lesson:
    """One episode and what its teacher is shown."""

    episode: Episode
    blocks: Blocks


def teach(lessons: Sequence[Lesson], state: TrainState, top_k: int | None) -> tuple[RowTarget, ...]:
    """Targets for every turn of every episode; turns whose teacher knows nothing more stay without one.

    Args:
        lessons: The episodes of a group.
        state: Whose teacher reads.
        top_k: Compare only the student's likeliest tokens and one bucket for the rest; None compares all.
    """
    turns = [(turn, lesson.blocks) for lesson in lessons for turn in lesson.episode.turns]
    active = [(turn, blocks) for turn, blocks in turns if not blocks.is_empty and turn.completion.tokens]
    taught = iter(_read(active, state, top_k) if active else [])
    rows = []
    for turn, blocks in turns:
        has_teacher = not blocks.is_empty and bool(turn.completion.tokens)
        rows.append(RowTarget(turn, teacher=next(taught) if has_teacher else None))
    return tuple(rows)


@torch.no_grad()
def _read(turns: Sequence[tuple[Turn, Blocks]], state: TrainState, top_k: int | None) -> list[TeacherLogprobs]:
    teacher = state.teacher or state.policy
    completions = [turn.completion.tokens for turn, _ in turns]
    prompts = [teacher.ask(turn.view, blocks) for turn, blocks in turns]
    logprobs = (teacher.response_logits(prompts, completions).float() / state.temperature).log_softmax(-1)
    indices = _likeliest(state.policy, turns, top_k) if top_k else None
    if indices is not None:
        logprobs = logprobs.gather(-1, indices)
    return [
        TeacherLogprobs(logprobs[i, : len(row)], None if indices is None else indices[i, : len(row)])
        for i, row in enumerate(completions)
    ]


def _likeliest(student: Policy, turns: Sequence[tuple[Turn, Blocks]], top_k: int) -> torch.Tensor:
    completions = [turn.completion.tokens for turn, _ in turns]
    logits = student.response_logits([turn.prompt_tokens for turn, _ in turns], completions)
    return logits.topk(min(top_k, logits.shape[-1]), -1).indices


def sibling_solution(group: Group, episode: Episode, state: TrainState) -> str:
    """A correct answer of another rollout of the same group, at random; empty where there is none.

    The rollout's own text is never chosen, not even as another rollout's copy of it: a teacher that is shown the
    answer it grades agrees with it. (Always taking the shortest or first makes answers shrink.)
    """
    own = episode.response.strip()
    candidates = sorted({e.response for e in group.episodes if e.solved and e.id != episode.id})
    others = [text for text in candidates if text.strip() != own]
    if not others:
        return ""
    return random.Random(f"sibling/{state.seed}/{state.step}/{episode.id}").choice(others)


def follow_policy(state: TrainState, rate: float) -> None:
    """Move a teacher with weights of its own towards the policy; a live teacher is the policy already."""
    if state.teacher is not None and rate > 0:
        state.teacher.follow(state.policy, rate)


def share(flags: Sequence[bool]) -> float:
    """Mean of booleans, 0 for none."""
    return sum(flags) / len(flags) if flags else 0.0
