"""Training as people can look at it: some problems on the way, attempts at them, and what their teachers were shown.

They come from ``episodes.jsonl`` and rank nothing; :mod:`leaderboard.lesson_scores` scores them again. The file may
have gigabytes, so it is read line by line, and only the lines of a few steps, evenly spread over the run, are looked
into.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from leaderboard.errors import ReportError
from leaderboard.fields import Fields, opened, parse
from leaderboard.records import Report
from pmd_envs.records import Json

TRAINED_FILE = "episodes.jsonl"
MAX_TRAINED_BYTES = 4_000_000_000
MAX_LINE_BYTES = 1_000_000
STEPS = 12
"""Of which a problem is kept."""
PROBLEMS = 64
"""Of a step that are looked at."""
ATTEMPTS = 8
"""At each of them."""
_TURNS = 32
_LENGTH = 8_000
_STEP = re.compile(rb'\{"step": ([0-9]{1,9}),')


@dataclass(frozen=True)
class TrainingAttempt:
    """One attempt at a training problem."""

    turns: tuple[str, ...]
    score: float
    reason: str
    teacher: str
    """What the teacher that graded it was shown beside the problem; empty where it was shown nothing, or had none."""

    @property
    def is_whole(self) -> bool:
        """Whether no turn is missing or was cut."""
        return 0 < len(self.turns) < _TURNS and all(len(turn) <= _LENGTH for turn in self.turns)


@dataclass(frozen=True)
class Lesson:
    """A problem of one training step."""

    step: int
    env: str
    """Empty if the run's environments do not have the problem."""
    kwargs: Mapping[str, Json]
    task_id: str
    fingerprint: str
    attempts: tuple[TrainingAttempt, ...]

    @property
    def solved(self) -> int:
        """How many of the attempts were right."""
        return sum(attempt.score >= 1 for attempt in self.attempts)


def read_lessons(folder: Path, report: Report) -> tuple[Lesson, ...]:
    """One problem of each chosen step: the first with a teacher that was shown something, else the first.

    Raises:
        ReportError: The file is too large or not a regular one, or a line of a chosen step is damaged.
    """
    path = folder / TRAINED_FILE
    if not path.exists() or report.steps < 1:
        return ()
    wanted = {round(i * (report.steps - 1) / (STEPS - 1)) for i in range(STEPS)}
    steps: dict[int, dict[str, Lesson]] = {}
    with opened(path, MAX_TRAINED_BYTES) as file:
        for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES), b""), start=1):
            found = _STEP.match(line)
            if found is not None and int(found[1]) in wanted:
                if len(line) == MAX_LINE_BYTES:
                    raise ReportError(f"{TRAINED_FILE} line {number} is longer than {MAX_LINE_BYTES:,} bytes")
                _add(steps.setdefault(int(found[1]), {}), parse(line, f"{TRAINED_FILE} line {number}"), report)
    return tuple(_choose(list(by_task.values())) for _, by_task in sorted(steps.items()))


def _add(by_task: dict[str, Lesson], fields: Fields, report: Report) -> None:
    """Add an attempt to those at the same problem in the same step."""
    task_id = fields.name("task_id")
    lesson = by_task.get(task_id)
    if lesson is None and len(by_task) < PROBLEMS:
        env = next((env for env in report.environments if env.id.partition("/")[2] == task_id.partition("/")[0]), None)
        kwargs: dict[str, Json] = {**env.kwargs, "split": "train"} if env else {}
        data = fields.text("fingerprint") if fields.has("fingerprint") else ""
        lesson = Lesson(fields.whole("step"), env.id if env else "", kwargs, task_id, data, ())
    if lesson is not None and len(lesson.attempts) < ATTEMPTS:
        by_task[task_id] = replace(lesson, attempts=(*lesson.attempts, _attempt(fields)))


def _choose(lessons: list[Lesson]) -> Lesson:
    return next((one for one in lessons if any(attempt.teacher for attempt in one.attempts)), lessons[0])


def _attempt(fields: Fields) -> TrainingAttempt:
    turns = fields.json("turns")
    if not isinstance(turns, list) or not all(isinstance(turn, str) for turn in turns):
        raise fields.wrong("turns", "is not a list of texts")
    return TrainingAttempt(
        turns=tuple(_cut(str(turn)) for turn in turns[:_TURNS]),
        score=fields.share("score"),
        reason=_cut(fields.text("reason")),
        teacher=_cut(fields.text("teacher")) if fields.has("teacher") else "",
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LENGTH else f"{text[:_LENGTH]} ..."


def lessons_of(values: Iterable[Mapping[str, Json]]) -> tuple[Lesson, ...]:
    """Lessons from their JSON form (``asdict``).

    Raises:
        ReportError: It is another form.
    """
    return tuple(_from_json(Fields(dict(value), "lessons")) for value in values)


def _from_json(fields: Fields) -> Lesson:
    return Lesson(
        step=fields.whole("step"),
        env=fields.text("env"),
        kwargs=fields.object("kwargs").values(),
        task_id=fields.name("task_id"),
        fingerprint=fields.text("fingerprint"),
        attempts=tuple(map(_attempt, fields.objects("attempts"))),
    )
