"""A course in one environment: a policy reads gold solutions of all kinds of problem of all of its levels.

What a policy has read before differs from level to level and from family to family, so how often it solves a level says
little about the level. After a course that reads all levels alike it has read as many solutions of each kind at each
level, and what differs between levels is how hard their problems are.

A small model learns nothing of a family that is new to it that way: hard levels have the longest solutions, and so most
of what it reads is out of its reach. A course that grows begins with the first level and adds one after the other.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import TypeAlias

from agents.nano.trainer import Row, Trainer
from agents.policy import Policy
from agents.prompts import Blocks
from agents.records import View
from agents.sampling import Advance
from pmd_envs import Family, Task

Lessons: TypeAlias = Sequence[Sequence[Row]]
"""Of a level: rows of each kind of problem."""


@dataclass(frozen=True)
class Course:
    """How a policy is taught."""

    steps: int
    rows: int = 32
    """Solutions in one optimizer step."""
    rate: float = 0.3
    """Learning rate at the start, as a share of that of nano's pretraining; it falls to zero."""
    warmup: int = 20
    seed: int = 0
    grows: bool = False
    """Whether it adds level after level, each for an equal share of the steps, and reads as many tokens of each level
    that it has come to; otherwise the kinds of all levels take turns."""

    def share(self, step: int) -> float:
        """Share of the full learning rate at a step."""
        return self.rate * min((step + 1) / self.warmup, (self.steps - step) / self.steps)


def lesson(policy: Policy, family: Family, task: Task, blocks: Blocks | None = None) -> Row:
    """A problem of a family, help with it if there is some, and its gold solution, which is learnt."""
    view = View(task.prompt, "", "", family.instructions, family.continues)
    return answered(policy, policy.ask(view, blocks), family.gold_solution(task))


def answered(policy: Policy, prompt: Sequence[int], text: str) -> Row:
    """A prompt and an answer that ends, which is learnt."""
    answer = policy.tokenizer(text, add_special_tokens=False)["input_ids"]
    return [*prompt, *answer, policy.tokenizer.eos_token_id], [False] * len(prompt) + [True] * (len(answer) + 1)


def take_course(policy: Policy, levels: Sequence[Lessons], course: Course, advance: Advance | None = None) -> Policy:
    """A copy of a policy after a course, which is trained no further.

    It learns in float32, whose steps coarser weights would round away, and is then as coarse as the policy.

    Args:
        policy: Stays as it is.
        levels: Lessons of each level, easiest first.
        course: How long and how.
        advance: Told of every step.
    """
    student = policy.twin()
    kept_in = student.model.dtype
    trainer = Trainer(student.model.float().requires_grad_(True), student.tokenizer)
    if student.device.type == "cuda":  # it waits for small operations; processors wait for padding
        trainer.micro_batch = course.rows
    rng = random.Random(f"course/{course.seed}")
    batches = _growing(levels, course, rng) if course.grows else _alike(levels, course, rng)
    for step, rows in enumerate(batches):
        trainer.learn(rows, course.share(step))
        if advance is not None:
            advance(1)
    student.model.requires_grad_(False).to(kept_in)  # type: ignore[arg-type]  # transformers hides torch's signature
    return student


def _alike(levels: Sequence[Lessons], course: Course, rng: random.Random) -> Iterator[list[Row]]:
    """All kinds of all levels equally often."""
    kinds = [rows for level in levels for rows in level]
    for step in range(course.steps):
        first = step * course.rows
        yield [rng.choice(kinds[number % len(kinds)]) for number in range(first, first + course.rows)]


def _growing(levels: Sequence[Lessons], course: Course, rng: random.Random) -> Iterator[list[Row]]:
    """First the first level alone, and in the end all of them, in as many tokens."""
    lengths = [mean(len(ids) for rows in level for ids, _ in rows) for level in levels]
    for step in range(course.steps):
        known = levels[: step * len(levels) // course.steps + 1]
        drawn = rng.choices(known, [1 / length for length in lengths[: len(known)]], k=course.rows)
        yield [rng.choice(rng.choice(level)) for level in drawn]
