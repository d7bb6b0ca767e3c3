"""Choosing a checkpoint without looking at what is reported: the best one on problems of the validation split.

The policy is measured there before training, after every so many batches and at the end; the weights with the best mean
are kept in ``best/``. Of equal ones the earliest stays. The reported problems are others: of another split, or, where
they are validation problems too, those before.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from agents.agent import TrainState
from agents.checkpoint import read_weights, replace_folder, write_weights
from agents.policy import Policy, Sampling
from agents.rollout import Rollout
from benchmarks.evaluate import Problems, evaluate, samples_of
from benchmarks.files import write_text
from benchmarks.folder import RunFolder
from benchmarks.report import ResultRow, result_row
from benchmarks.suites import Suite
from leaderboard.curves import START_FILE
from pmd_envs.errors import ConfigError

SPLIT = "validation"


@dataclass(frozen=True)
class Validation:
    """How often a run looks at validation problems, and at how many."""

    every: int = 0
    """Batches between two looks; 0 never looks."""
    problems: int = 24
    """Of each environment."""
    k: int = 4
    """Attempts at each."""

    def __post_init__(self) -> None:
        if self.every < 0 or self.problems < 1 or self.k < 1:
            raise ConfigError(f"validation looks every 0 or more batches at 1 or more problems: {self}")

    def looks(self, steps: int) -> int:
        """How often a run of so many batches is measured."""
        return 0 if not self.every or not steps else 1 + len({*range(self.every, steps, self.every), steps})

    def open(self, suite: Suite, reported: str) -> tuple[Problems, ...]:
        """The problems to look at; none where it never looks.

        Args:
            suite: What is run.
            reported: The split of the held-out problems, which are no problems to look at.

        Raises:
            ConfigError: All validation problems of an environment are held-out ones.
        """
        if not self.every:
            return ()
        if reported != SPLIT:
            return tuple(Problems.open(env, SPLIT, self.problems) for env in suite.known_envs)
        return tuple(self._beside(Problems.open(env, SPLIT, suite.held_out)) for env in suite.known_envs)

    def _beside(self, reported: Problems) -> Problems:
        """Validation problems that ask something else than the reported ones."""
        choice, size = reported.choice, reported.env.dataset.size
        asked = {task.prompt for task in reported.tasks}
        # Of generated problems some are drawn more than once, so that more are needed than will be taken.
        drawn = Problems.open(choice, SPLIT, len(reported.tasks) + 2 * self.problems if size is None else size)
        left = tuple(task for task in drawn.tasks if task.prompt not in asked)
        if not left:
            raise ConfigError(
                f"{choice.id}: with --split validation all its {len(reported.tasks)} validation problems are held-out "
                "ones, and none is left to choose the best weights by: take --split test, --validate-every 0 or a "
                "suite with fewer held-out problems"
            )
        count = min(self.problems, len(left))
        spread = [i if size is None else i * len(left) // count for i in range(count)]
        return replace(drawn, tasks=tuple(left[i] for i in spread))


@dataclass(frozen=True)
class Best:
    """The best weights so far."""

    step: int
    """Batches they had learnt from."""
    score: float


class BestKeeper:
    """Called after every batch: measures when it is time, and keeps the best weights of a run."""

    def __init__(
        self, how: Validation, problems: tuple[Problems, ...], sampling: Sampling, last: int, folder: RunFolder
    ) -> None:
        self.how, self.problems, self.sampling, self.last = how, problems, sampling, last
        self.folder = folder
        self.place: Path = folder.path / "best"

    @property
    def best(self) -> Best | None:
        """The best weights so far; None before the first look."""
        place = next((p for p in (self.place, self.place.with_name("best.old")) if (p / "best.json").exists()), None)
        return None if place is None else Best(**json.loads((place / "best.json").read_text()))

    def begin(self, state: TrainState) -> None:
        """Measure the policy before training, unless an earlier process did."""
        if state.step:  # its checkpoint is later than what it measured
            return
        if not (self.folder.path / START_FILE).exists():
            write_text(self.folder.path / START_FILE, json.dumps(self._look(state)) + "\n")
        for name, value in read_start(self.folder.path).items():
            self.folder.scalar(name, value, 0)

    def __call__(self, state: TrainState) -> dict[str, float]:
        """What was measured after this batch; nothing where it is not time."""
        if state.step % self.how.every and state.step != self.last:
            return {}
        return self._look(state)

    def load(self, policy: Policy) -> Best:
        """Give the policy its best weights."""
        found = self.best
        if found is None:
            raise ConfigError(f"{self.place} holds no weights: nothing was measured on validation problems")
        place = self.place if self.place.exists() else self.place.with_name("best.old")
        read_weights(policy, place / "policy.safetensors")
        return found

    def _look(self, state: TrainState) -> dict[str, float]:
        rollout = Rollout(self.how.k, self.sampling, seed=1_000_003 * (state.seed + 1) + 1)
        groups = evaluate(state.policy, self.problems, rollout, policy_step=state.step)
        row = result_row(
            SPLIT, samples_of(groups, self.problems), with_memory=False, policy_step=state.step, seed=state.seed
        )
        score, best = row.overall.avg_at_k, self.best
        # A run that was killed before its checkpoint comes to the same step again.
        if best is None or score > best.score or state.step == best.step:
            self._keep(state.policy, Best(state.step, score))
        return row_metrics(SPLIT, row)

    def _keep(self, policy: Policy, best: Best) -> None:
        def write(new: Path) -> None:
            weights = policy.model.named_parameters()
            write_weights({name: w for name, w in weights if w.requires_grad}, new / "policy.safetensors")
            (new / "best.json").write_text(json.dumps(asdict(best)))

        replace_folder(self.place, write)


def read_start(folder: Path) -> dict[str, float]:
    """What a run measured on validation problems before training; nothing if it did not look at any."""
    path = folder / START_FILE
    if not path.exists():
        return {}
    found: dict[str, float] = json.loads(path.read_text())
    return found


def row_metrics(name: str, row: ResultRow) -> dict[str, float]:
    """The scores of a row for a log, means over its environments.

    ``maj`` and ``headroom`` are over those in which a vote makes sense; headroom is what a perfect choice among the k
    answers adds to the most frequent one.
    """
    found = {f"{name}/avg": row.overall.avg_at_k, f"{name}/pass": row.overall.pass_at_k}
    votes = [(s.maj_at_k, s.pass_at_k - s.maj_at_k) for s in row.per_env.values() if s.maj_at_k is not None]
    if votes:
        found[f"{name}/maj"] = sum(maj for maj, _ in votes) / len(votes)
        found[f"{name}/headroom"] = sum(headroom for _, headroom in votes) / len(votes)
    return found | {f"{name}/{env.rpartition('/')[2]}": scores.avg_at_k for env, scores in row.per_env.items()}
