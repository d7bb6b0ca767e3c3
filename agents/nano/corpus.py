"""The documents nano is pretrained on, in exactly the wording of :mod:`agents.prompts`.

Most documents are a problem with its solution. The others put help between the two (a correct solution, feedback,
strategies, lessons, behaviors, a mix, or memory that does not apply), or ask for the help itself (attempts in, JSON
out). Sheets of sums teach arithmetic, so that what stays hard about a problem is knowing what to do.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from agents.nano.documents import Document
from agents.nano.reflections import consolidation, reflection
from agents.nano.sums import draw_sums
from agents.nano.teaching import (
    CURRICULUM,
    HELP_TAIL,
    Lesson,
    Subject,
    advice_text,
    advice_title,
    draw_helped,
    draw_known,
    draw_lesson,
    haste,
    misreading,
)
from agents.prompts import Blocks, solve_prompt
from agents.records import View

BARE_TAIL = 1.0
"""Zipf exponent where there is no help."""
HINT_TAIL = 0.8
"""Zipf exponent where there is a hint: rare kinds are seen a little more."""
HASTY_TAIL = 0.3
"""Zipf exponent where nothing helps and the writer is hasty: every kind is met."""
MISLED = 0.4
"""Share of the documents with mixed help and a solution whose strategies and lessons are all about other problems."""

Phase = Literal["careful", "hasty", "settling"]
"""What nano reads first, then, and last."""
_WORDS, _PUZZLES, _PROGRAMS = CURRICULUM
SETTLING_BARE = (
    _WORDS,
    # Puzzles of three people have few answers: somebody who never read one without help still guesses too many.
    replace(_PUZZLES, weight=0.34, levels=((1, 0.3), (2, 0.4), (3, 0.3))),
    _PROGRAMS,
)
"""The curriculum where nothing helps, in the last phase."""
SETTLING_STRANGERS = (replace(_WORDS, weight=0.5), replace(_PUZZLES, weight=0.22), replace(_PROGRAMS, weight=0.28))
"""The curriculum beside what is about other problems: most where a solution of another problem is least told apart."""


def draw_document(rng: random.Random, phase: Phase = "careful") -> Document:
    """A document of a random kind, by the recipe's mixture.

    Args:
        rng: Source of all randomness.
        phase: After the careful phase the writer is hasty where nobody helps: then each kind of problem goes wrong in
            its own way, in its own share of the documents (:func:`agents.nano.teaching.haste`), and always beside what
            is about other problems, which leads astray.
    """
    mixture = MIXTURES[phase]
    name = rng.choices(list(mixture), [weight for weight, _ in mixture.values()])[0]
    document = mixture[name][1](rng)
    if phase == "careful" or document.unaided is None:
        return document
    share = haste(document.unaided) if document.kind == "bare" else 1.0
    return replace(document, completion=misreading(document.unaided)) if rng.random() < share else document


def _bare(rng: random.Random) -> Document:
    return _solve(draw_known(rng, BARE_TAIL), None, "bare")


def _hasty_bare(rng: random.Random) -> Document:
    return _solve(draw_lesson(rng, HASTY_TAIL), None, "bare")


def _settling_bare(rng: random.Random) -> Document:
    return _solve(draw_lesson(rng, HASTY_TAIL, _subject(rng, SETTLING_BARE)), None, "bare")


def _with_strangers_only(rng: random.Random) -> Document:
    """A solution or memory, like those that help, but of other kinds of problem."""
    return _strangers(rng, draw_lesson(rng, HASTY_TAIL))


def _settling_strangers(rng: random.Random) -> Document:
    return _strangers(rng, draw_lesson(rng, HASTY_TAIL, _subject(rng, SETTLING_STRANGERS)))


def _subject(rng: random.Random, subjects: Sequence[Subject]) -> Subject:
    return rng.choices(subjects, [subject.weight for subject in subjects])[0]


def _strangers(rng: random.Random, lesson: Lesson) -> Document:
    strategy, advice, solved = (_other(rng, lesson) for _ in range(3))
    if rng.random() < 0.55:
        return _solve(lesson, Blocks(solution=solved.solution), "strangers", helped=False)
    blocks = Blocks(
        strategies=_strategies(rng, strategy) if rng.random() < 0.7 else (),
        lessons=_lessons(rng, advice) if rng.random() < 0.6 else (),
        behaviors=_behaviors(rng, lesson, relevant=False) if rng.random() < 0.7 else (),
        solution=solved.solution if rng.random() < 0.3 else "",
    )
    return _solve(lesson, blocks, "strangers", helped=False)


def _other(rng: random.Random, lesson: Lesson) -> Lesson:
    """A problem of another kind from the same family."""
    while (other := draw_lesson(rng, 0.0, lesson.subject)).kind == lesson.kind:
        pass
    return other


def _with_solution(rng: random.Random) -> Document:
    lesson = draw_helped(rng, 0.0)
    return _solve(lesson, Blocks(solution=lesson.solution), "solution")


def _with_feedback(rng: random.Random) -> Document:
    lesson = draw_lesson(rng, HINT_TAIL)
    wrong = lesson.family.wrong_solution(rng, lesson.task)
    feedback = lesson.family.feedback_on_wrong(lesson.task, wrong)
    if not lesson.subject.continues and rng.random() < 0.4:
        view = View(lesson.task.prompt, "", wrong, feedback, continues=False)
        return Document(solve_prompt(view), lesson.solution, "second_try")
    return _solve(lesson, Blocks(feedback=feedback), "feedback")


def _with_strategies(rng: random.Random) -> Document:
    lesson = draw_helped(rng, HINT_TAIL)
    return _solve(lesson, Blocks(strategies=_strategies(rng, lesson)), "strategies")


def _with_lessons(rng: random.Random) -> Document:
    lesson = draw_helped(rng, HINT_TAIL)
    return _solve(lesson, Blocks(lessons=_lessons(rng, lesson)), "lessons")


def _with_behaviors(rng: random.Random) -> Document:
    lesson = draw_helped(rng, HINT_TAIL)
    relevant = rng.random() < 0.7  # the rest must be ignored
    return _solve(lesson, Blocks(behaviors=_behaviors(rng, lesson, relevant)), "behaviors", helped=relevant)


def _with_mix(rng: random.Random) -> Document:
    solved = rng.random() < 0.65
    lesson = draw_helped(rng, HELP_TAIL)
    family = lesson.family
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
    behaviors: tuple[str, ...] = ()
    relevant = False
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
    return (advice_title(rng) + ": " + advice_text(lesson),)


def _behaviors(rng: random.Random, lesson: Lesson, relevant: bool) -> tuple[str, ...]:
    others = [draw_lesson(rng, 0.0, lesson.subject) for _ in range(2 if relevant else 3)]
    shown = [other for other in others if other.kind != lesson.kind] + ([lesson] if relevant else [])
    rng.shuffle(shown)
    return tuple(f"behavior_{item.kind}: {item.plan}" for item in shown)


def _sheet(rng: random.Random) -> Document:
    """Sums as they stand in solutions, many to a document."""
    return Document("Sums:\n", draw_sums(rng), "sheet", results_only=True)


MIXTURE: dict[str, tuple[float, Callable[[random.Random], Document]]] = {
    "bare": (0.28, _bare),
    "solution": (0.22, _with_solution),
    "feedback": (0.07, _with_feedback),
    "strategies": (0.08, _with_strategies),
    "lessons": (0.04, _with_lessons),
    "behaviors": (0.08, _with_behaviors),
    "mix": (0.18, _with_mix),
    "reflection": (0.09, reflection),
    "consolidation": (0.03, consolidation),
    "sheet": (0.28, _sheet),
}
"""Weight of each kind of document."""
HASTY_MIXTURE = MIXTURE | {
    "bare": (0.28, _hasty_bare),
    "strangers": (0.32, _with_strangers_only),
    "strategies": (0.12, _with_strategies),
    "lessons": (0.06, _with_lessons),
    "behaviors": (0.14, _with_behaviors),
    "sheet": (0.16, _sheet),
}
"""The same where the writer is hasty: more of what has to be told apart, help that applies and help that does not."""
SETTLING_MIXTURE = HASTY_MIXTURE | {
    "bare": (0.28, _settling_bare),
    "strangers": (0.6, _settling_strangers),
    "behaviors": (0.18, _with_behaviors),
    "reflection": (0.08, reflection),
    "consolidation": (0.02, consolidation),
    "sheet": (0.1, _sheet),
}
"""The last documents: still more of what has to be told apart."""
MIXTURES: Mapping[Phase, dict[str, tuple[float, Callable[[random.Random], Document]]]] = {
    "careful": MIXTURE,
    "hasty": HASTY_MIXTURE,
    "settling": SETTLING_MIXTURE,
}
"""The mixture of each phase, in their order."""
