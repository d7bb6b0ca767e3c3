"""The evidence behind a report: ``evaluation.jsonl``, one evaluated response a line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from leaderboard.errors import ReportError
from leaderboard.fields import Fields, parse
from pmd_envs.records import Json

MAX_LINE_BYTES = 2_000_000


@dataclass(frozen=True)
class EvaluatedEpisode:
    """One response and the score it got."""

    row: str
    """Label of the report's row that this response counts for."""
    env: str
    kwargs: Mapping[str, Json]
    task_id: str
    fingerprint: str
    sample: int
    """0 to k - 1: which of the k answers to this problem."""
    response: str
    score: float
    reason: str = ""
    """What the verifier said; empty where it was not recorded."""
    context: str = ""
    """What the policy was shown beside the problem, where that was recorded."""

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """Read and check one line."""
        episode = cls(
            row=fields.name("row"),
            env=fields.name("env"),
            kwargs=fields.object("kwargs").values(),
            task_id=fields.name("task_id"),
            fingerprint=fields.name("fingerprint"),
            sample=fields.whole("sample"),
            response=fields.text("response"),
            score=fields.share("score"),
            reason=fields.text("reason") if fields.has("reason") else "",
            context=fields.text("context") if fields.has("context") else "",
        )
        fields.finish()
        return episode


def read_episodes(content: bytes) -> list[EvaluatedEpisode]:
    """Every line of an ``evaluation.jsonl``; an error names the line."""
    return [read_episode(line, number) for number, line in enumerate(content.split(b"\n"), start=1) if line.strip()]


def read_episode(line: bytes, number: int) -> EvaluatedEpisode:
    """One line, the ``number``-th of its file."""
    where = f"evaluation.jsonl line {number}"
    if len(line) > MAX_LINE_BYTES:
        raise ReportError(f"{where} is longer than {MAX_LINE_BYTES:,} bytes")
    return EvaluatedEpisode.from_fields(parse(line, where))
