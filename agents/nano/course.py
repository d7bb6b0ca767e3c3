"""A course in one environment: a policy reads gold solutions of all kinds of problem of all of its levels alike.

What a policy has read before differs from level to level and from family to family, so how often it solves a level says
little about the level. After a course it has read as many solutions of each kind at each level, and what differs
between levels is how hard their problems are.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.chat_template import closing_of
from agents.nano.curve import EVERY
from agents.nano.trainer import Row, Trainer
from agents.nano.training_folder import checkpoint, restore
from agents.policy import Policy
from agents.prompts import Blocks
from agents.records import View
from agents.sampling import Advance
from pmd_envs import Family, Task

KEPT_EVERY = 2 * EVERY
"""Steps between two checkpoints of a course."""


@dataclass(frozen=True)
class Course:
    """How a policy is taught."""

    steps: int
    rows: int = 32
    """Solutions in one optimizer step; the groups of lessons take turns."""
    rate: float = 0.3
    """Learning rate at the start, as a share of that of nano's pretraining; it falls to zero."""
    warmup: int = 20
    seed: int = 0
    compiled: bool = False
    """Compile the model, as in pretraining: faster for a course of many steps, and needs a C++ compiler."""

    def share(self, step: int) -> float:
        """Share of the full learning rate at a step."""
        return self.rate * min((step + 1) / self.warmup, (self.steps - step) / self.steps)


def lesson(policy: Policy, family: Family, task: Task, blocks: Blocks | None = None, stop: Sequence[str] = ()) -> Row:
    """A problem of a family, help with it if there is some, and its gold solution, which is learnt.

    ``stop`` are the texts that will end what the policy says in a turn.
    """
    view = View(task.prompt, "", "", family.instructions, family.continues)
    return answered(policy, policy.ask(view, blocks), family.gold_solution(task), stop)


def answered(policy: Policy, prompt: Sequence[int], text: str, stop: Sequence[str] = ()) -> Row:
    """A prompt and an answer that ends, which is learnt; where the prompt leaves a thought open, it closes it first."""
    said = closing_of(policy.begun_thought, stop) + text
    answer = policy.tokenizer(said, add_special_tokens=False)["input_ids"]
    return [*prompt, *answer, policy.tokenizer.eos_token_id], [False] * len(prompt) + [True] * (len(answer) + 1)


def take_course(
    policy: Policy,
    groups: Sequence[Sequence[Row]],
    course: Course,
    advance: Advance | None = None,
    folder: Path | None = None,
) -> Policy:
    """A copy of a policy after a course, which is trained no further.

    It learns in float32, whose steps coarser weights would round away, and is then as coarse as the policy.

    Args:
        policy: Stays as it is.
        groups: Lessons in groups, such as those of one kind at one level; all groups are read equally often. What a
            group has few of is read again and again, and then learnt by heart.
        course: How long and how.
        advance: Told of every step.
        folder: Where checkpoints and the loss are kept; a course that was stopped goes on from there.
    """
    student = policy.twin()
    trainer = Trainer(student.model.float().requires_grad_(True), student.tokenizer)
    if student.device.type == "cuda":  # it waits for small operations; processors wait for padding
        trainer.micro_batch = course.rows
    if course.compiled:
        trainer.compile()
    rng = random.Random(f"course/{course.seed}")
    done, curve = restore(trainer, folder) if folder else (0, None)
    for step in range(course.steps):
        first = step * course.rows
        rows = [rng.choice(groups[number % len(groups)]) for number in range(first, first + course.rows)]
        if step >= done:
            loss = trainer.learn(rows, course.share(step))
            if folder and curve:
                curve.add(step, loss)
                if (step + 1) % KEPT_EVERY == 0 or step + 1 == course.steps:
                    checkpoint(trainer, step + 1, folder, curve)
        if advance is not None:
            advance(1)
    taught = policy.twin()  # a model as it was made: what trained may be compiled, and in another precision
    taught.model.load_state_dict(student.model.state_dict())
    return taught
