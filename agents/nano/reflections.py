"""Documents that ask for the help itself: attempts in, and out the JSON that the memory reads."""

import json
import random
from collections.abc import Sequence
from typing import Literal

from agents.nano.documents import Document
from agents.nano.teaching import (
    BEYOND,
    CURRICULUM,
    HELP_TAIL,
    Taught,
    advice_text,
    advice_title,
    beyond,
    draw_helped,
    draw_lesson,
)
from agents.prompts import reflection_prompt
from memory import Behavior, Experience, Insight, InsightMode, Provenance, Subject
from memory.reflection import BehaviorRequest, InsightRequest, ProblemSummary


def reflection(rng: random.Random) -> Document:
    """Attempts at a problem of the curriculum, and what they teach."""
    return insights(rng, draw_helped(rng, HELP_TAIL))


def insights(rng: random.Random, lesson: Taught) -> Document:
    """Attempts at one problem, and what they teach."""
    family = lesson.family
    n_success = rng.randint(0, 8)
    mode: InsightMode = "strategies" if n_success == 8 else "lessons" if n_success == 0 else "contrastive"
    successes: tuple[Experience, ...] = ()
    failures: tuple[Experience, ...] = ()
    if n_success:
        successes = (_experience(lesson, lesson.solution, 1.0, ""),)
    if n_success < 8:
        wrong = family.wrong_solution(rng, lesson.task)
        failures = (_experience(lesson, wrong, 0.0, family.feedback_on_wrong(lesson.task, wrong)),)
    reply: dict[str, list[dict[str, str]]] = {}
    if mode != "lessons":
        reply["strategies"] = [{"title": lesson.title, "content": lesson.plan}]
    if mode != "strategies":
        reply["lessons"] = [{"title": advice_title(rng), "content": advice_text(lesson)}]
    request = InsightRequest(_subject(lesson), mode, successes, failures, n_success, 8)
    return Document(reflection_prompt(request), json.dumps(reply), "reflection")


def consolidation(rng: random.Random) -> Document:
    """What was learnt about problems of the curriculum, and the behaviors that hold for them."""
    part = rng.choices(CURRICULUM, [subject.weight for subject in CURRICULUM])[0]
    if rng.random() < BEYOND:
        part = beyond(part)
    first = draw_lesson(rng, HELP_TAIL, part)
    lessons = [first, *(draw_lesson(rng, HELP_TAIL, part) for _ in range(2))]
    if rng.random() < 0.5:  # clusters often hold problems of one kind
        lessons[1] = draw_lesson(rng, 0, part, first.kind)
    rng.shuffle(lessons)
    return behaviors(rng, lessons)


def behaviors(rng: random.Random, lessons: Sequence[Taught]) -> Document:
    """What was learnt about several problems, and the behaviors that hold for them."""
    plans = {lesson.kind: lesson.plan for lesson in lessons}
    known = [kind for kind in plans if rng.random() < 0.4] if rng.random() < 0.6 else []
    request = BehaviorRequest(
        tuple(_summary(rng, lesson) for lesson in lessons),
        tuple(_behavior(kind, plans[kind]) for kind in known),
    )
    fresh = [(f"behavior_{kind}", plan) for kind, plan in plans.items() if kind not in known]
    if known:
        reply = {"actions": [{"action": "new", "name": name, "instruction": plan} for name, plan in fresh]}
    else:
        reply = {"behaviors": [{"name": name, "instruction": plan} for name, plan in fresh]}
    return Document(reflection_prompt(request), json.dumps(reply), "consolidation")


def _subject(lesson: Taught) -> Subject:
    task = lesson.task
    return Subject(task.id, task.family, task.split, task.prompt, task.gold, task.fingerprint)


def _provenance(lesson: Taught | None, reward: float) -> Provenance:
    ids = (lesson.task.id,) if lesson else ()
    return Provenance(ids, (), "train", (), (), reward, 0)


def _experience(lesson: Taught, text: str, score: float, feedback: str) -> Experience:
    return Experience(0, lesson.task.id, "", text, score, feedback, 0, None, _provenance(lesson, score))


def _behavior(kind: str, plan: str) -> Behavior:
    return Behavior(0, f"behavior_{kind}", plan, (), 0, None, _provenance(None, 1.0))


def _summary(rng: random.Random, lesson: Taught) -> ProblemSummary:
    title, content = (lesson.title, lesson.plan)
    kind: Literal["strategy", "lesson"] = "strategy"
    if rng.random() < 0.25:
        kind, title, content = "lesson", advice_title(rng), advice_text(lesson)
    insight = Insight(0, lesson.task.id, kind, title, content, 1.0, 0, None, (), _provenance(lesson, 1.0))
    return ProblemSummary(_subject(lesson), (insight,), ())
