"""The scores of training attempts that are kept and shown: they are given again too, though they rank nothing."""

from collections.abc import Callable, Sequence

from leaderboard.episodes import EvaluatedEpisode
from leaderboard.errors import RefusedError
from leaderboard.lessons import Lesson
from leaderboard.rescoring import changed_scores, turns_continue


def as_episode(lesson: Lesson, number: int) -> EvaluatedEpisode:
    """A training attempt in the form of an evaluated one. Where turns are new submissions, the last one is judged."""
    attempt = lesson.attempts[number]
    return EvaluatedEpisode(
        row="training",
        env=lesson.env,
        kwargs=lesson.kwargs,
        task_id=lesson.task_id,
        fingerprint=lesson.fingerprint,
        sample=number,
        response="\n".join(attempt.turns if turns_continue(lesson.env) else attempt.turns[-1:]),
        score=attempt.score,
        reason=attempt.reason,
        context=attempt.teacher,
    )


def check_lessons(lessons: Sequence[Lesson], rescore: Callable[[Sequence[EvaluatedEpisode]], list[float]]) -> None:
    """Refuse attempts that the verifiers of this checkout score otherwise.

    Left alone are those that cannot be judged: their pages show them without verdicts (problems that are not here), or
    what is kept of them is not the whole text.
    """
    for lesson in lessons:
        episodes = [as_episode(lesson, n) for n, attempt in enumerate(lesson.attempts) if attempt.is_whole]
        try:
            changed = changed_scores(episodes, rescore)
        except RefusedError:
            continue
        for episode, score in changed:
            raise RefusedError(
                f"training step {lesson.step}, {lesson.task_id!r}: episodes.jsonl says {episode.score:g}, the verifier "
                f"says {score:g}"
            )
