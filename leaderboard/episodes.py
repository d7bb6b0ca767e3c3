"""The evidence behind a report: ``evaluation.jsonl``, one evaluated response a line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from leaderboard.fields import Fields, parse
from pmd_envs.records import Json


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
        )
        fields.finish()
        return episode


def read_episodes(content: bytes) -> list[EvaluatedEpisode]:
    """Every line of an ``evaluation.jsonl``; an error names the line."""
    return [
        EvaluatedEpisode.from_fields(parse(line, f"evaluation.jsonl line {number}"))
        for number, line in enumerate(content.split(b"\n"), start=1)
        if line.strip()
    ]
