"""What is kept of a run besides its report: its episodes as they were, training, what it remembered and taught.

Everything is cut into compressed parts, so that a page reads only what it shows and a database of thousands of runs
stays small. ``verify`` scores the kept episodes again, years later and without the run folder.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from leaderboard.alike import alike
from leaderboard.chain import EPISODES_FILE
from leaderboard.curves import LearningCurve, read_curve, rollouts_a_step
from leaderboard.entry import MAX_EPISODES_BYTES, REPORT_FILE, Entry
from leaderboard.episodes import EvaluatedEpisode, read_episode
from leaderboard.errors import RefusedError
from leaderboard.fields import read_bytes
from leaderboard.learned import Learned, read_learned
from leaderboard.lessons import Lesson, lessons_of, read_lessons
from leaderboard.records import MAX_REPORT_BYTES
from leaderboard.training import TrainingPoint, read_training

CHUNK = 64
"""Episodes in a part."""


@dataclass(frozen=True)
class Attempt:
    """One answer to a problem: its score, and the number of its line (from 0)."""

    score: float
    line: int


@dataclass(frozen=True)
class ProblemScores:
    """How every row of a run did on one problem."""

    env: str
    task_id: str
    attempts: Mapping[str, Sequence[Attempt]]
    """By row, in the order of the samples."""
    asks: str = ""
    """Id of the first problem that asks the same, where it is another one."""

    def mean(self, row: str) -> float:
        """Mean score of a row's attempts."""
        attempts = self.attempts[row]
        return sum(attempt.score for attempt in attempts) / len(attempts)


@dataclass(frozen=True)
class Evidence:
    """Everything of a run folder that is kept beside its entry."""

    lines: tuple[bytes, ...]
    """Of ``evaluation.jsonl``, as they were."""
    training: tuple[TrainingPoint, ...]
    learned: tuple[Learned, ...]
    lessons: tuple[Lesson, ...] = ()
    curve: LearningCurve | None = None

    @classmethod
    def from_run(cls, folder: Path, entry: Entry) -> Self:
        """Read the folder that became ``entry``.

        Raises:
            ReportError: A file is damaged or too large.
            RefusedError: It changed since it was verified.
        """
        content = read_bytes(folder / EPISODES_FILE, MAX_EPISODES_BYTES)
        written = read_bytes(folder / REPORT_FILE, MAX_REPORT_BYTES)
        digest = hashlib.sha256(hashlib.sha256(written).digest() + hashlib.sha256(content).digest()).hexdigest()
        if digest != entry.content:
            raise RefusedError(f"{folder} changed while it was being verified: post it again when nobody writes to it")
        lines = tuple(line for line in content.split(b"\n") if line.strip())
        curve = read_curve(folder, rollouts_a_step(entry.report))
        return cls(lines, read_training(folder), read_learned(folder), read_lessons(folder, entry.report), curve)

    def parts(self) -> Iterator[tuple[str, int, bytes]]:
        """Name, number and compressed content of every part."""
        for number, start in enumerate(range(0, len(self.lines), CHUNK)):
            yield "episodes", number, zlib.compress(b"\n".join(self.lines[start : start + CHUNK]))
        yield "problems", 0, pack_problems(problem_scores(self.lines))
        yield "training", 0, _packed([asdict(point) for point in self.training])
        yield "learned", 0, _packed([asdict(item) for item in self.learned])
        if self.lessons:
            yield "lessons", 0, _packed([asdict(lesson) for lesson in self.lessons])
        if self.curve is not None:
            yield "curve", 0, _packed(asdict(self.curve))


def problem_scores(lines: Sequence[bytes]) -> list[ProblemScores]:
    """The problems of a run in the order in which they first appear."""
    found: dict[tuple[str, str], dict[str, dict[int, Attempt]]] = {}
    first: dict[str, EvaluatedEpisode] = {}
    for number, line in enumerate(lines):
        episode = read_episode(line, number + 1)
        rows = found.setdefault((episode.env, episode.task_id), {})
        rows.setdefault(episode.row, {})[episode.sample] = Attempt(episode.score, number)
        first.setdefault(episode.env, episode)
    asks = _asks(first.values(), found)
    return [
        ProblemScores(
            env,
            task_id,
            {row: [by[sample] for sample in sorted(by)] for row, by in rows.items()},
            asks.get((env, task_id), ""),
        )
        for (env, task_id), rows in found.items()
    ]


def _asks(episodes: Iterable[EvaluatedEpisode], problems: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The first problem that asks the same, for those that are not the first. ``episodes`` tell of the environments."""
    asks: dict[tuple[str, str], str] = {}
    for one in episodes:
        ids = [task_id for env, task_id in problems if env == one.env]
        same = alike(one.env, one.kwargs, one.fingerprint, ids)
        asks |= {(one.env, ids[i]): ids[place] for i, place in enumerate(same) if place != i}
    return asks


def _attempts(problem: ProblemScores) -> dict[str, list[list[float]]]:
    return {row: [[a.score, a.line] for a in attempts] for row, attempts in problem.attempts.items()}


def pack_problems(problems: Sequence[ProblemScores]) -> bytes:
    """The part ``problems``."""
    return _packed([[p.env, p.task_id, _attempts(p), p.asks] for p in problems])


def unpack_problems(content: bytes) -> list[ProblemScores]:
    """The part ``problems``."""
    return [
        ProblemScores(
            env,
            task_id,
            {row: [Attempt(score, int(line)) for score, line in made] for row, made in rows.items()},
            *asks,  # which older versions did not write down
        )
        for env, task_id, rows, *asks in json.loads(zlib.decompress(content))
    ]


def unpack_training(content: bytes) -> tuple[TrainingPoint, ...]:
    """The part ``training``."""
    return tuple(TrainingPoint(**point) for point in json.loads(zlib.decompress(content)))


def unpack_curve(content: bytes) -> LearningCurve:
    """The part ``curve``."""
    return LearningCurve(**json.loads(zlib.decompress(content)))


def unpack_learned(content: bytes) -> tuple[Learned, ...]:
    """The part ``learned``."""
    return tuple(Learned(**item) for item in json.loads(zlib.decompress(content)))


def unpack_lessons(content: bytes) -> tuple[Lesson, ...]:
    """The part ``lessons``."""
    return lessons_of(json.loads(zlib.decompress(content)))


def unpack_episode(content: bytes, line: int) -> EvaluatedEpisode:
    """One episode of the part that holds it."""
    return read_episode(zlib.decompress(content).split(b"\n")[line % CHUNK], line + 1)


def unpack_lines(content: bytes) -> list[bytes]:
    """All lines of one part."""
    return zlib.decompress(content).split(b"\n")


def _packed(value: object) -> bytes:
    return zlib.compress(json.dumps(value, allow_nan=False).encode())
