"""Tasks and advice that nano is taught with.

Kinds of problem appear with a long tail: some are seen all the time, and half of each level only with help, until the
hasty writers of the last phases (:mod:`agents.nano.corpus`) read them without. Only train-split problems are drawn, so
held-out problems stay held out.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Protocol

from pmd_envs import Problem, StepVerdict, Task, Verdict
from pmd_envs.env import load_family
from pmd_envs.generated import split_of

KNOWN = 0.5
"""Share of a level's kinds that are ever seen without help; the policy has to learn the rest in training."""
HASTE = {1: (0.4, 0.6, 0.7), 2: (0.8, 0.9, 0.95), 3: (0.98, 0.99, 0.995)}
"""By difficulty, the shares of documents that a hasty writer gets wrong; every kind of problem has one of them."""
HELP_TAIL = 0.4
"""Zipf exponent of mixed help and of reflections."""
BEYOND = 0.3
"""Share of the documents with help whose problem is beyond what is ever solved without."""
_DRAWS = 1000


class TeachableFamily(Protocol):
    """What a family offers beyond solving: problems by kind, and realistic mistakes."""

    name: str
    version: int

    def kinds(self, difficulty: int) -> tuple[str, ...]:
        """Names of the kinds of problem at a difficulty."""
        ...

    def generate_kind(self, rng: random.Random, kind: str, difficulty: int) -> Problem:
        """A problem of one kind."""
        ...

    def content(self, problem: Problem) -> str:
        """What decides the split."""
        ...

    def gold_solution(self, task: Task) -> str:
        """A correct response."""
        ...

    def wrong_solution(self, rng: random.Random, task: Task) -> str:
        """A plausible wrong response."""
        ...

    def misreading(self, rng: random.Random, task: Task) -> str:
        """A wrong response of somebody who misunderstood the problem; its sums are right."""
        ...

    def feedback_on_wrong(self, task: Task, response: str) -> str:
        """What the environment would say of that response."""
        ...

    def check_step(self, task: Task, accepted: Sequence[str], step: str) -> StepVerdict:
        """As in :class:`pmd_envs.Family`."""
        ...

    def verify(self, task: Task, response: str) -> Verdict:
        """As in :class:`pmd_envs.Family`."""
        ...


@dataclass(frozen=True)
class Subject:
    """One part of the curriculum: a family at some difficulties, with weights."""

    path: str
    weight: float
    levels: tuple[tuple[int, float], ...]
    """(difficulty, weight)."""
    beyond: tuple[int, ...]
    """Difficulties that are only ever seen with help, so that using help is learnt apart from solving."""
    continues: bool = True

    @property
    def family(self) -> TeachableFamily:
        """The family itself."""
        return load_family(self.path)  # type: ignore[return-value]  # ours define the teaching methods too


CURRICULUM = (
    Subject("pmd_envs.families.gsm8k:GSM8K", 0.42, ((1, 0.3), (2, 0.45), (3, 0.25)), beyond=(4, 5)),
    Subject("pmd_envs.families.knights_knaves:KnightsKnaves", 0.26, ((1, 0.4), (2, 0.6)), beyond=(3,)),
    Subject(
        "pmd_envs.families.function_synthesis:FunctionSynthesis",
        0.32,
        ((1, 0.35), (2, 0.4), (3, 0.25)),
        beyond=(4, 5),
        continues=False,
    ),
)


@dataclass(frozen=True)
class Taught:
    """A task with its scripted advice."""

    family: TeachableFamily
    task: Task

    @property
    def kind(self) -> str:
        """The kind of problem, as words."""
        return str(self.task.facts["kind"])

    @property
    def title(self) -> str:
        """The kind as a short title."""
        return self.kind.replace("_", " ")

    @property
    def plan(self) -> str:
        """How problems of this kind are solved, in one sentence."""
        return str(self.task.facts["plan"])

    @property
    def solution(self) -> str:
        """A correct response."""
        return self.family.gold_solution(self.task)


@dataclass(frozen=True)
class Lesson(Taught):
    """One of the curriculum's."""

    subject: Subject
    level: int
    """Difficulty."""


def advice_title(rng: random.Random) -> str:
    """The title of a scripted lesson."""
    return rng.choice(("wrong order", "missed step", "careless slip"))


def advice_text(lesson: Taught) -> str:
    """A scripted lesson."""
    return f"Do not guess. {lesson.plan}"


def haste(lesson: Lesson) -> float:
    """How often a hasty writer gets this kind of problem wrong."""
    shares = HASTE.get(lesson.level, HASTE[max(HASTE)])
    return random.Random(f"haste/{lesson.subject.path}/{lesson.kind}").choice(shares)


def misreading(lesson: Lesson) -> str:
    """How a hasty writer gets it wrong: in the same way for all problems of a kind."""
    rng = random.Random(f"misreading/{lesson.subject.path}/{lesson.kind}")
    return lesson.family.misreading(rng, lesson.task)


def draw_helped(rng: random.Random, tail: float) -> Lesson:
    """A problem for a document with help: some are never seen without it."""
    return draw_beyond(rng) if rng.random() < BEYOND else draw_lesson(rng, tail)


def draw_beyond(rng: random.Random) -> Lesson:
    """A train-split task of a difficulty that is never seen without help, every kind as likely as another."""
    part = rng.choices(CURRICULUM, [part.weight for part in CURRICULUM])[0]
    return draw_lesson(rng, 0.0, beyond(part))


def beyond(part: Subject) -> Subject:
    """The same family at the difficulties that are never seen without help."""
    return replace(part, levels=tuple((level, 1.0) for level in part.beyond))


def draw_known(rng: random.Random, tail: float) -> Lesson:
    """A train-split task of a kind that is solved without help; ``tail`` as in :func:`draw_lesson`."""
    return draw_lesson(rng, tail, share=KNOWN)


def draw_lesson(
    rng: random.Random, tail: float, subject: Subject | None = None, kind: str = "", share: float = 1.0
) -> Lesson:
    """A train-split task.

    Args:
        rng: Source of all randomness.
        tail: Zipf exponent over the kinds: 0 makes all equally likely, 1.5 makes most of them rare.
        subject: Draw from this part of the curriculum.
        kind: Draw this kind.
        share: Draw only from the commonest kinds of each level, this share of them.
    """
    chosen = subject or rng.choices(CURRICULUM, [part.weight for part in CURRICULUM])[0]
    for _ in range(_DRAWS):
        level = rng.choices([d for d, _ in chosen.levels], [w for _, w in chosen.levels])[0]
        kinds = ranked_kinds(chosen.path, level)
        kinds = kinds[: math.ceil(share * len(kinds))]
        if kind and kind not in kinds:
            continue
        weights = [1 / (rank + 1) ** tail for rank in range(len(kinds))]
        picked = kind or rng.choices(kinds, weights)[0]
        problem = chosen.family.generate_kind(rng, picked, level)
        if split_of(chosen.family.content(problem)) == "train":
            return Lesson(chosen.family, _as_task(problem, chosen, rng), chosen, level)
    raise RuntimeError(f"no train problem of {chosen.path} {kind!r} in {_DRAWS} draws")


@cache
def ranked_kinds(path: str, difficulty: int) -> tuple[str, ...]:
    """Kinds from common to rare, in an order that has nothing to do with their names."""
    family: TeachableFamily = load_family(path)  # type: ignore[assignment]  # ours define the teaching methods too
    kinds = list(family.kinds(difficulty))
    random.Random(f"rank/{family.name}/{difficulty}").shuffle(kinds)
    return tuple(kinds)


def _as_task(problem: Problem, subject: Subject, rng: random.Random) -> Task:
    name = subject.family.name
    return Task(f"nano/{rng.getrandbits(48):x}", name, "train", problem.prompt, problem.gold, problem.facts, "")
