"""What a run took: time, attempts in training, and tokens where their number was recorded."""

from collections.abc import Sequence
from dataclasses import dataclass

from leaderboard.curves import rollouts_a_step
from leaderboard.entry import Entry
from leaderboard.records import Usage
from leaderboard.training import TrainingPoint


@dataclass(frozen=True)
class Cost:
    """Zero where something is not known."""

    seconds: float
    attempts: int
    """In training."""
    tokens: int
    """Read and written by all models in training: rollouts, teachers, reflections and updates."""
    solved: float
    """Held-out problems that the ranked row solves, in expectation."""
    answers_only: bool = False
    """Whether the tokens are only those of answers, from their mean length: older runs counted no others."""
    others_known: bool = True
    """Whether it is known that these counted no others; what an older database kept does not say."""
    usage: Usage | None = None
    """Tokens of the answers, where a server counted them."""

    @property
    def seconds_per_solved(self) -> float | None:
        """What one solved problem cost; None if none was solved."""
        return self.seconds / self.solved if self.solved else None

    @property
    def tokens_per_solved(self) -> float | None:
        """The same in tokens of training; None also where they are not known."""
        return self.tokens / self.solved if self.solved and self.tokens else None

    @property
    def answer_tokens_per_solved(self) -> float | None:
        """Tokens of prompts and answers for one solved problem; None where a server counted no such thing."""
        if self.usage is None or self.usage.prompt_tokens is None or self.usage.completion_tokens is None:
            return None
        return (self.usage.prompt_tokens + self.usage.completion_tokens) / self.solved if self.solved else None


def cost_of(entry: Entry, training: Sequence[TrainingPoint]) -> Cost:
    """The cost of a run as far as its folder tells."""
    report, row = entry.report, entry.headline
    attempts = rollouts_a_step(report) * report.steps
    counts = [point.spent for point in training if point.spent is not None]
    spent = _mean(counts) * report.steps
    written = _mean([point.tokens for point in training]) * attempts
    solved = sum(scores.avg_at_k * scores.problems for scores in row.per_env.values()) if row is not None else 0.0
    return Cost(
        seconds=sum(report.seconds.values()),
        attempts=attempts,
        tokens=round(spent or written),
        solved=solved,
        answers_only=not spent and written > 0,
        others_known=len(counts) == len(training),
        usage=report.usage,
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
