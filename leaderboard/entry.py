"""From a run folder to something that may be ranked.

An :class:`Entry` exists only if the folder's report is complete, follows from its episodes, and a sample of those
episodes gets the same scores from the verifiers of this checkout.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self, TypeAlias

from leaderboard.episodes import EvaluatedEpisode, read_episodes
from leaderboard.errors import RefusedError, ReportError
from leaderboard.fields import parse, read_bytes
from leaderboard.records import BASELINE, Report, ResultRow
from leaderboard.rescoring import choose, rescore
from leaderboard.verification import TOLERANCE, check_provenance, check_scores

REPORT_FILE = "report.json"
EPISODES_FILE = "evaluation.jsonl"
CURVE_FILE = "learning_curve.png"
MAX_CURVE_BYTES = 2_000_000
MAX_REPORT_BYTES = 1_000_000
_PNG = b"\x89PNG\r\n\x1a\n"

Rescore: TypeAlias = Callable[[Sequence[EvaluatedEpisode]], list[float]]


@dataclass(frozen=True)
class Entry:
    """A run whose scores were confirmed."""

    report: Report
    content: str
    """SHA-256 of ``report.json`` and ``evaluation.jsonl``."""
    problem_set: str
    """Digest of the ids of the problems answered."""
    episodes: int
    rescored: int
    """How many episodes were scored again when this was posted."""

    @classmethod
    def from_run(cls, folder: Path, rescore: Rescore = rescore) -> Self:
        """Read and verify a run folder.

        Raises:
            ReportError: A file is missing, damaged or of another format.
            RefusedError: The scores cannot be reproduced or confirmed.
        """
        if not folder.is_dir():
            raise ReportError(f"{folder} is not a run folder: there is no such directory")
        written = read_bytes(folder / REPORT_FILE)
        if len(written) > MAX_REPORT_BYTES:
            raise ReportError(f"{folder / REPORT_FILE} is larger than {MAX_REPORT_BYTES:,} bytes")
        report = Report.from_fields(parse(written, str(folder / REPORT_FILE)))
        check_provenance(report)
        lines = read_bytes(folder / EPISODES_FILE)
        episodes = read_episodes(lines)
        problem_set = check_scores(report, episodes)
        content = hashlib.sha256(hashlib.sha256(written).digest() + hashlib.sha256(lines).digest()).hexdigest()
        chosen = choose(episodes, seed=content)
        _confirm(chosen, rescore(chosen))
        return cls(report, content, problem_set, len(episodes), len(chosen))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`to_json` wrote."""
        fields = parse(text, "entry")
        entry = cls(
            report=Report.from_fields(fields.object("report")),
            content=fields.name("content"),
            problem_set=fields.name("problem_set"),
            episodes=fields.whole("episodes"),
            rescored=fields.whole("rescored"),
        )
        fields.finish()
        return entry

    def to_json(self) -> str:
        """The entry as JSON text."""
        return json.dumps(asdict(self), allow_nan=False)

    @property
    def headline(self) -> ResultRow | None:
        """The row that is ranked: the first one after training and without memory, if there is one."""
        rows = (row for row in self.report.rows if row.label != BASELINE and not row.with_memory)
        return next(rows, None)

    @property
    def rows(self) -> list[ResultRow]:
        """The report's rows as tables show them: headline first, baseline last."""
        return sorted(self.report.rows, key=lambda row: (row is not self.headline, row.label == BASELINE))

    @property
    def board(self) -> str:
        """Digest of everything that must be equal for two runs to be comparable."""
        overall = self.report.rows[0].overall
        envs = sorted(
            (env.id, json.dumps(env.kwargs, sort_keys=True), env.fingerprint) for env in self.report.environments
        )
        parts = [self.report.suite, envs, overall.k, overall.problems, self.problem_set]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def _confirm(episodes: Sequence[EvaluatedEpisode], scores: Sequence[float]) -> None:
    for episode, score in zip(episodes, scores, strict=True):
        if abs(episode.score - score) > TOLERANCE:
            raise RefusedError(
                f"row {episode.row!r}, {episode.task_id!r}, sample {episode.sample}: "
                f"evaluation.jsonl says {episode.score:g}, the verifier says {score:g}"
            )


def read_curve(folder: Path) -> bytes | None:
    """The run's learning curve, if it has one.

    Raises:
        ReportError: The file is too large or not a PNG image.
    """
    path = folder / CURVE_FILE
    if not path.exists():
        return None
    image = read_bytes(path)
    if len(image) > MAX_CURVE_BYTES or not image.startswith(_PNG):
        raise ReportError(f"{path} is not a PNG image of at most {MAX_CURVE_BYTES:,} bytes")
    return image
