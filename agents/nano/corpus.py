"""The documents nano is pretrained on, in exactly the wording of :mod:`agents.prompts`.

Most documents are a problem with its solution. The others put help between the two (a correct solution, feedback,
strategies, lessons, behaviors, a mix, or memory that does not apply), or ask for the help itself (attempts in, JSON
out). Sheets of sums teach arithmetic, so that what stays hard about a problem is knowing what to do.
"""

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from transformers import PreTrainedTokenizerFast

from agents.nano.sums import draw_sums
from agents.nano.teaching import (
    CURRICULUM,
    Lesson,
    beyond,
    draw_beyond,
    draw_known,
    draw_lesson,
    haste,
    misreading,
)
from agents.prompts import Blocks, reflection_prompt, solve_prompt
from agents.records import View
from memory import Behavior, Experience, Insight, Provenance, Subject
from memory.reflection import BehaviorRequest, InsightRequest, ProblemSummary

BARE_TAIL = 1.0
"""Zipf exponent where there is no help."""
HINT_TAIL = 0.8
"""Zipf exponent where there is a hint: rare kinds are seen a little more."""
HELP_TAIL = 0.4
"""Zipf exponent of mixed help and of reflections."""
HASTY_TAIL = 0.3
"""Zipf exponent where there is no help and the writer is hasty: every kind is met."""
BEYOND = 0.3
"""Share of the documents with help whose problem is beyond what is ever solved without."""
MISLED = 0.4
"""Share of the documents with mixed help and a solution whose strategies and lessons are all about other problems."""


@dataclass(frozen=True)
class Document:
    """One training example."""

    prompt: str
    completion: str
    """What is learnt."""
    kind: str
    results_only: bool = False
    """Learn only what follows an equals sign: the rest of the completion is drawn at random."""
    unaided: Lesson | None = None
    """What is solved, where nothing in the prompt helps with it."""

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The completion cut into texts, and which of them are learnt."""
        if not self.results_only:
            return [(self.completion, True)]
        cut = re.split(r"(?<==)( [0-9]+(?:\n|$))", self.completion)
        return [(text, i % 2 == 1) for i, text in enumerate(cut) if text]


def encode(document: Document, tokenizer: PreTrainedTokenizerFast) -> tuple[list[int], list[bool]]:
    """Token ids of prompt, completion and end, and whether each is learnt."""
    ids = list(tokenizer(document.prompt)["input_ids"])
    learnt = [False] * len(ids)
    for text, is_learnt in document.pieces:
        piece = tokenizer(text)["input_ids"]
        ids += piece
        learnt += [is_learnt] * len(piece)
    return [*ids, tokenizer.eos_token_id], [*learnt, True]


def draw_document(rng: random.Random, hasty: bool = False) -> Document:
    """A document of a random kind, by the recipe's mixture.

    Args:
        rng: Source of all randomness.
        hasty: Whether the writer is careless where nobody helps: then each kind of problem goes wrong in its own way,
            in its own share of the documents (:func:`agents.nano.teaching.haste`).
    """
    name = rng.choices(list(MIXTURE), [weight for weight, _ in MIXTURE.values()])[0]
    document = _hasty_bare(rng) if hasty and name == "bare" else MIXTURE[name][1](rng)
    if hasty and document.unaided is not None and rng.random() < haste(document.unaided):
        return replace(document, completion=misreading(document.unaided))
    return document


def _bare(rng: random.Random) -> Document:
    return _solve(draw_known(rng, BARE_TAIL), None, "bare")


def _hasty_bare(rng: random.Random) -> Document:
    return _solve(draw_lesson(rng, HASTY_TAIL), None, "bare")


def _with_solution(rng: random.Random) -> Document:
    lesson = _helped(rng, 0.0)
    return _solve(lesson, Blocks(solution=lesson.solution), "solution")


def _helped(rng: random.Random, tail: float) -> Lesson:
    """A problem for a document with help: some are never seen without it."""
    return draw_beyond(rng) if rng.random() < BEYOND else draw_lesson(rng, tail)


def _with_feedback(rng: random.Random) -> Document:
    lesson = draw_lesson(rng, HINT_TAIL)
    wrong = lesson.subject.family.wrong_solution(rng, lesson.task)
    feedback = lesson.subject.family.feedback_on_wrong(lesson.task, wrong)
    if not lesson.subject.continues and rng.random() < 0.4:
        view = View(lesson.task.prompt, "", wrong, feedback, continues=False)
        return Document(solve_prompt(view), lesson.solution, "second_try")
    return _solve(lesson, Blocks(feedback=feedback), "feedback")


def _with_strategies(rng: random.Random) -> Document:
    lesson = _helped(rng, HINT_TAIL)
    return _solve(lesson, Blocks(strategies=_strategies(rng, lesson)), "strategies")


def _with_lessons(rng: random.Random) -> Document:
    lesson = _helped(rng, HINT_TAIL)
    return _solve(lesson, Blocks(lessons=_lessons(rng, lesson)), "lessons")


def _with_behaviors(rng: random.Random) -> Document:
    lesson = _helped(rng, HINT_TAIL)
    relevant = rng.random() < 0.7  # the rest must be ignored
    return _solve(lesson, Blocks(behaviors=_behaviors(rng, lesson, relevant)), "behaviors", helped=relevant)


def _with_mix(rng: random.Random) -> Document:
    solved = rng.random() < 0.65
    lesson = _helped(rng, HELP_TAIL)
    family = lesson.subject.family
    feedback = ""
    if rng.random() < 0.4:
        feedback = family.feedback_on_wrong(lesson.task, family.wrong_solution(rng, lesson.task))
    misled = rng.random() < (
        MISLED if solved else MISLED / 2
    )  # what a policy writes itself is often about something else
    strategies = () if misled else _strategies(rng, lesson)
    lessons = () if misled else _lessons(rng, lesson)
    strategies = _with_strangers(rng, lesson, strategies, 2) if rng.random() < 0.7 else ()
    lessons = _with_strangers(rng, lesson, lessons, 2) if rng.random() < 0.6 else ()
    behaviors, relevant = (), False
    if rng.random() < 0.7:
        relevant = rng.random() < 0.6
        behaviors = _behaviors(rng, lesson, relevant)
    advised = relevant or (not misled and bool(strategies or lessons))
    blocks = Blocks(strategies, lessons, behaviors, lesson.solution if solved else "", feedback)
    return _solve(lesson, blocks, "mix", helped=solved or bool(feedback) or advised)


def _with_strangers(rng: random.Random, lesson: Lesson, lines: tuple[str, ...], most: int) -> tuple[str, ...]:
    """Among advice that applies, some that was written for another kind of problem, as a real memory has it."""
    others = [draw_lesson(rng, 0.0, lesson.subject) for _ in range(rng.randint(0, most))]
    shown = [*lines, *(f"{other.title}: {other.plan}" for other in others)]
    rng.shuffle(shown)
    return tuple(shown)


def _solve(lesson: Lesson, blocks: Blocks | None, kind: str, helped: bool = True) -> Document:
    view = View(lesson.task.prompt, "", "", "", lesson.subject.continues)
    unaided = None if helped and blocks else lesson
    return Document(solve_prompt(view, blocks), lesson.solution, kind, unaided=unaided)


def _strategies(rng: random.Random, lesson: Lesson) -> tuple[str, ...]:
    line = f"{lesson.title}: {lesson.plan}"
    return (line,) if rng.random() < 0.7 else _repeat(rng, lesson)


def _repeat(rng: random.Random, lesson: Lesson) -> tuple[str, ...]:
    """What a memory of several rounds looks like: the same advice twice, in other words."""
    lines = [f"{lesson.title}: {lesson.plan}", f"plan: {lesson.plan}"]
    rng.shuffle(lines)
    return tuple(lines)


def _lessons(rng: random.Random, lesson: Lesson) -> tuple[str, ...]:
    return (_lesson_title(rng) + ": " + _lesson_text(lesson),)


def _lesson_title(rng: random.Random) -> str:
    return rng.choice(("wrong order", "missed step", "careless slip"))


def _lesson_text(lesson: Lesson) -> str:
    return f"Do not guess. {lesson.plan}"


def _behaviors(rng: random.Random, lesson: Lesson, relevant: bool) -> tuple[str, ...]:
    others = [draw_lesson(rng, 0.0, lesson.subject) for _ in range(2 if relevant else 3)]
    shown = [other for other in others if other.kind != lesson.kind] + ([lesson] if relevant else [])
    rng.shuffle(shown)
    return tuple(f"behavior_{item.kind}: {item.plan}" for item in shown)


def _reflection(rng: random.Random) -> Document:
    lesson = _helped(rng, HELP_TAIL)
    family = lesson.subject.family
    n_success = rng.randint(0, 8)
    mode = "strategies" if n_success == 8 else "lessons" if n_success == 0 else "contrastive"
    successes, failures = (), ()
    if n_success:
        successes = (_experience(lesson, lesson.solution, 1.0, ""),)
    if n_success < 8:
        wrong = family.wrong_solution(rng, lesson.task)
        failures = (_experience(lesson, wrong, 0.0, family.feedback_on_wrong(lesson.task, wrong)),)
    reply: dict[str, list[dict[str, str]]] = {}
    if mode != "lessons":
        reply["strategies"] = [{"title": lesson.title, "content": lesson.plan}]
    if mode != "strategies":
        reply["lessons"] = [{"title": _lesson_title(rng), "content": _lesson_text(lesson)}]
    request = InsightRequest(_subject(lesson), mode, successes, failures, n_success, 8)
    return Document(reflection_prompt(request), json.dumps(reply), "reflection")


def _consolidation(rng: random.Random) -> Document:
    part = rng.choices(CURRICULUM, [subject.weight for subject in CURRICULUM])[0]
    if rng.random() < BEYOND:
        part = beyond(part)
    first = draw_lesson(rng, HELP_TAIL, part)
    lessons = [first, *(draw_lesson(rng, HELP_TAIL, part) for _ in range(2))]
    if rng.random() < 0.5:  # clusters often hold problems of one kind
        lessons[1] = draw_lesson(rng, 0, part, first.kind)
    rng.shuffle(lessons)
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


def _sheet(rng: random.Random) -> Document:
    """Sums as they stand in solutions, many to a document."""
    return Document("Sums:\n", draw_sums(rng), "sheet", results_only=True)


def _subject(lesson: Lesson) -> Subject:
    task = lesson.task
    return Subject(task.id, task.family, task.split, task.prompt, task.gold, task.fingerprint)


def _provenance(lesson: Lesson | None, reward: float) -> Provenance:
    ids = (lesson.task.id,) if lesson else ()
    return Provenance(ids, (), "train", (), (), reward, 0)


def _experience(lesson: Lesson, text: str, score: float, feedback: str) -> Experience:
    return Experience(0, lesson.task.id, "", text, score, feedback, 0, None, _provenance(lesson, score))


def _behavior(kind: str, plan: str) -> Behavior:
    return Behavior(0, f"behavior_{kind}", plan, (), 0, None, _provenance(None, 1.0))


def _summary(rng: random.Random, lesson: Lesson) -> ProblemSummary:
    title, content = (lesson.title, lesson.plan)
    kind = "strategy"
    if rng.random() < 0.25:
        kind, title, content = "lesson", _lesson_title(rng), _lesson_text(lesson)
    insight = Insight(0, lesson.task.id, kind, title, content, 1.0, 0, None, (), _provenance(lesson, 1.0))
    return ProblemSummary(_subject(lesson), (insight,), ())


MIXTURE: dict[str, tuple[float, Callable[[random.Random], Document]]] = {
    "bare": (0.28, _bare),
    "solution": (0.22, _with_solution),
    "feedback": (0.07, _with_feedback),
    "strategies": (0.08, _with_strategies),
    "lessons": (0.04, _with_lessons),
    "behaviors": (0.08, _with_behaviors),
    "mix": (0.18, _with_mix),
    "reflection": (0.09, _reflection),
    "consolidation": (0.03, _consolidation),
    "sheet": (0.28, _sheet),
}
"""Weight of each kind of document."""
