"""What flows through the training loop: turns, episodes, groups and the targets made of them."""

from dataclasses import dataclass, field

import torch

from pmd_envs import Task, Verdict


@dataclass(frozen=True)
class Completion:
    """One sampled continuation of a prompt."""

    text: str
    """Decoded, without the end token or stop string; in an episode, with the tag of a thought that the prompt began."""
    tokens: tuple[int, ...]
    """As sampled, the end token included."""
    logprobs: tuple[float, ...]
    """Log-probability of each token under the sampling distribution (temperature included)."""
    finished: bool
    """Ended by itself rather than by the length limit."""
    likeliest: torch.Tensor | None = field(default=None, compare=False, repr=False)
    """(T, K) int32, the K likeliest tokens at each position, best first; None where the sampling kept none."""


@dataclass(frozen=True)
class View:
    """What a policy sees of an episode before a turn."""

    problem: str
    instructions: str
    steps: str
    feedback: str
    continues: bool
    """Whether an action goes on where ``steps`` ends, or is a new submission."""


@dataclass(frozen=True)
class Turn:
    """One action of an episode, with the tokens it was sampled as."""

    view: View
    prompt_tokens: tuple[int, ...]
    completion: Completion
    verified: int
    """-1 wrong, 0 not checkable, 1 right."""


@dataclass(frozen=True)
class Episode:
    """One attempt at one task."""

    id: str
    task: Task
    turns: tuple[Turn, ...]
    verdict: Verdict
    feedback: str
    """What the environment said of the last turn; empty after a success."""
    policy_step: int
    """Optimizer batches the sampling policy had seen."""

    @property
    def response(self) -> str:
        """The whole answer: every turn's text, or the last submission where turns do not continue each other."""
        if self.turns and not self.turns[-1].view.continues:
            return self.turns[-1].completion.text
        return "\n".join(turn.completion.text for turn in self.turns)

    @property
    def solved(self) -> bool:
        """Whether the verifier gave full marks."""
        return self.verdict.score >= 1


@dataclass(frozen=True)
class Group:
    """All attempts at one task in one batch (G of them)."""

    task: Task
    episodes: tuple[Episode, ...]


@dataclass(frozen=True)
class TeacherLogprobs:
    """The teacher's view of one completion.

    ``logprobs`` is (T, V), or (T, K) at ``indices`` (T, K), normalised over the full vocabulary either way.
    """

    logprobs: torch.Tensor
    indices: torch.Tensor | None
    chosen: torch.Tensor
    """(T,) log-probabilities of the sampled tokens themselves."""


@dataclass(frozen=True)
class RowTarget:
    """What the update should do with one turn: follow an advantage, a teacher, both or nothing."""

    turn: Turn
    advantage: float | None = None
    teacher: TeacherLogprobs | None = None
    before: tuple[float, ...] | None = None
    """Log-probability of each token as the policy computed it in training before the batch's first step. None where
    the update finds that out itself, or the sampler's are as good."""
    episode: str | None = None
    """The id of the turn's episode, whose turns are averaged as one sequence; training fills it in. None: the row is
    one by itself."""

    @property
    def is_active(self) -> bool:
        """Whether the row contributes any gradient."""
        return self.teacher is not None or bool(self.advantage)


@dataclass(frozen=True)
class Targets:
    """The rows of one group, and counters for the log (name to value; averaged over groups)."""

    rows: tuple[RowTarget, ...]
    stats: dict[str, float]
