"""A run's folder: its files, and what of them survives a killed process.

``config.json``        what was asked for; written once
``data.json``          which data and weights it began with
``code.txt``           the commit of every process that worked on it, with "+" where it had changes besides
``metrics.jsonl``      one line a training step, the same on every machine of a kind for the same seed
``seconds.jsonl``      one line a training step: wall-clock time by part
``episodes.jsonl``     every training episode, with what its teacher was shown beside the problem
``memory.sqlite``      what the agent remembers, if it does
``checkpoint/``        the state to go on from
``evaluation/``        one file for each finished evaluation
``evaluation.jsonl``   all evaluations, in the form the leaderboard checks
``unseen/``            the same about kinds of problem that training lacked, and their rows in ``unseen.json``
``best/``              the best weights on validation problems, if those are looked at
``policy/``            the final weights, in Hugging Face form
``report.json``        the result
``learning_curve.png`` the curve, the same as ``.svg``, and TensorBoard events beside it
``memory_growth.png``  items at each level of the memory, likewise
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from agents.agent import TrainState
from agents.checkpoint import checkpoint_step, load_checkpoint, save_checkpoint
from agents.folder_lock import FolderLock
from agents.records import Episode, Group
from benchmarks.data_used import DataUsed, check_data, write_data
from benchmarks.files import TRAIN_AGAIN, append, keep_lines_before, make_own_folder, read_lines, write_text
from benchmarks.memory_file import BRING_BACK, check_counts
from benchmarks.report import Provenance
from pmd_envs.errors import ConfigError
from pmd_envs.records import Json

FORMAT = 1
CODE = "code.txt"
_SHOWN = 6
"""Settings that differ, of which a message shows so many."""
_LONGEST = 60
"""Letters of a value that it shows."""
LOOKED = "validation/"
"""Begins the metrics that are about the policy after a batch, not about the batch."""
_RESULTS = ("checkpoint", "checkpoint.old", "metrics.jsonl", "evaluation", "unseen", "best", "best.old")
"""What a run takes up again where it finds it."""


class TakenError(ConfigError):
    """There is a run in the folder, and it is not to be resumed."""


class RunFolder:
    """Where one run keeps its files.

    Raises:
        ConfigError: The folder cannot be made, or holds a run of another version, of another configuration or with
            other data.
        TakenError: It holds a run at all, and that is not to be resumed.
        InUseError: Another process works in it.
    """

    def __init__(self, path: Path, config: dict[str, Json], *, resume: bool, data: Sequence[DataUsed] = ()) -> None:
        self.path = path
        self._writer: SummaryWriter | None = None
        self._early: list[tuple[str, float, int]] = []
        wanted = _as_written(config)
        if resume and not (path / "config.json").exists():
            raise ConfigError(f"{path} holds no run to resume{_nearest_run(path)}")
        make_own_folder(path)
        self._lock = FolderLock(path)
        try:
            self._claim(wanted, data, resume=resume)
        except ConfigError:
            self._lock.release()
            raise

    def _claim(self, wanted: dict[str, Json], data: Sequence[DataUsed], *, resume: bool) -> None:
        path = self.path
        if not (path / "config.json").exists():
            if left := next((name for name in _RESULTS if (path / name).exists()), None):
                raise ConfigError(
                    f"{path} holds {left} of a run, and no config.json that says of which: choose another --out"
                )
            write_data(path, data)  # first: a run that has its config has begun
            write_text(path / "config.json", json.dumps(wanted, indent=2) + "\n")
        elif not resume:
            raise TakenError(f"{path} already holds a run; add --resume to go on with it, or choose another --out")
        else:
            check_settings(path, wanted)
            check_data(path, data)

    @property
    def memory(self) -> Path:
        """The memory's file."""
        return self.path / "memory.sqlite"

    def with_earlier_code(self, now: Provenance) -> Provenance:
        """Note which code goes on with this run, and say whether it is all of the code that ran it."""
        file = self.path / CODE
        earlier = set(file.read_text().splitlines()) if file.exists() else set()
        with file.open("a") as lines:
            lines.write(f"{now.commit}{'+' if now.dirty else ''}\n")
        return replace(now, dirty=now.dirty or bool(earlier - {now.commit}))

    def require_memory(self) -> None:
        """Refuse to go on from a checkpoint without the memory that belongs to it: opening it would make an empty one.

        Raises:
            ConfigError: The memory's file is gone, or the checkpoint is damaged.
        """
        step = checkpoint_step(self.path / "checkpoint")
        if step and not self.memory.exists():
            raise ConfigError(f"{self.memory} is missing, and the checkpoint of step {step} goes with it; {BRING_BACK}")

    def restore(self, state: TrainState) -> bool:
        """Go back to the last checkpoint, and forget whatever was written after it.

        Raises:
            ConfigError: The checkpoint or what was noted of its steps is damaged, or the memory holds less than then.
        """
        found = load_checkpoint(state, self.path / "checkpoint")
        for name in ("metrics.jsonl", "seconds.jsonl", "episodes.jsonl"):
            keep_lines_before(self.path / name, state.step)
        rows = self.metrics()
        if [row["step"] for row in rows] != [*range(state.step)]:
            raise ConfigError(f"{self.path}/metrics.jsonl lacks some of the first {state.step} steps; {TRAIN_AGAIN}")
        if state.memory is not None:
            counts = asdict(state.memory.counts(state.step - 1))
            check_counts(self.memory, counts, rows[-1] if rows else {}, state.step)
            state.memory.rewind(state.step - 1)
        self._open(state.step)
        return found

    def _open(self, step: int) -> None:
        """Begin a file of TensorBoard events, which ends what earlier files say of this step and later ones."""
        self._writer = SummaryWriter(str(self.path), purge_step=step)
        for name, value, at in self._early:
            if at >= step:  # the rest stands in the files of earlier processes
                self._writer.add_scalar(name, value, at)
        self._early.clear()
        for row in self.metrics()[-1:]:  # what was measured after the last batch is said of the step that follows it
            self._looks(int(row["step"]), row)

    def _looks(self, step: int, metrics: Mapping[str, float]) -> None:
        for name, value in metrics.items():
            if name.startswith(LOOKED):
                self.scalar(name, value, step + 1)

    def record(
        self,
        step: int,
        groups: Sequence[Group],
        metrics: dict[str, float],
        seconds: dict[str, float],
        shown: Mapping[str, str],
    ) -> None:
        """Append one training step. ``shown`` is what teachers read beside the problem, by episode."""
        episodes = (episode for group in groups for episode in group.episodes)
        append(self.path / "episodes.jsonl", (_episode_line(step, e, shown.get(e.id, "")) for e in episodes))
        append(self.path / "seconds.jsonl", [{"step": step, **seconds}])
        append(self.path / "metrics.jsonl", [{"step": step, **metrics}])
        if self._writer is not None:
            self._looks(step, metrics)
            for name, value in metrics.items():
                if not name.startswith(LOOKED):
                    self._writer.add_scalar(f"train/{name}" if "/" not in name else name, value, step)
            for name, value in seconds.items():
                self._writer.add_scalar(f"seconds/{name}", value, step)

    def scalar(self, name: str, value: float, step: int) -> None:
        """One value for TensorBoard; what comes before training is kept until :meth:`restore` or :meth:`close`."""
        if self._writer is None:
            self._early.append((name, value, step))
        else:
            self._writer.add_scalar(name, value, step)

    def checkpoint(self, state: TrainState) -> None:
        """Make everything up to here durable."""
        if self._writer is not None:  # whoever goes on from here does not say it again
            self._writer.flush()
        save_checkpoint(state, self.path / "checkpoint")

    def metrics(self) -> list[dict[str, float]]:
        """The recorded steps."""
        return read_lines(self.path / "metrics.jsonl")

    def training_seconds(self) -> float:
        """What the recorded steps took, those of earlier processes included."""
        rows = read_lines(self.path / "seconds.jsonl")
        return sum(value for row in rows for name, value in row.items() if name != "step")

    def close(self) -> None:
        """Flush what is buffered, and let others into the folder."""
        if self._early:  # nothing was trained
            self._open(0)
        if self._writer is not None:
            self._writer.close()
        self._lock.release()


def check_settings(path: Path, config: Mapping[str, Json]) -> None:
    """Refuse to take the run at ``path`` for one of this configuration if it is not.

    Raises:
        ConfigError: It was run with other settings, or by another version, or is no run.
    """
    found, wanted = read_config(path), _as_written(config)
    changed = _differences(found, wanted)
    if changed:
        more = [f"and {len(changed) - _SHOWN} more"] if len(changed) > _SHOWN else []
        said = ", ".join([*changed[:_SHOWN], *more])
        raise ConfigError(
            f"{path} was run with other settings: {said}; repeat the original command, or choose another --out"
        )


def _differences(then: Json, now: Json, name: str = "") -> list[str]:
    """Settings that are not the same, with both values, such as ``suite.steps (6, now 8)``."""
    if isinstance(then, dict) and isinstance(now, dict):
        parts = [(f"{name}.{key}".lstrip("."), then.get(key), now.get(key)) for key in sorted(then.keys() | now.keys())]
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        parts = [(f"{name}[{i}]", *pair) for i, pair in enumerate(zip(then, now, strict=True))]
    else:
        return [] if then == now else [f"{name} ({_short(then)}, now {_short(now)})"]
    return [said for part, one, other in parts for said in _differences(one, other, part)]


def _short(value: Json) -> str:
    text = "nothing" if value is None else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _as_written(config: Mapping[str, Json]) -> dict[str, Json]:
    written: dict[str, Json] = json.loads(json.dumps({"format": FORMAT, **config}))  # tuples become lists
    return written


def file_name(label: str) -> str:
    """The label of a row as a name of a file."""
    return "".join(c if c.isalnum() else "-" for c in label).strip("-")


def _nearest_run(path: Path) -> str:
    runs = sorted(p.parent.name for p in path.parent.glob("*/config.json")) if path.parent.is_dir() else []
    return f"; runs beside it: {', '.join(runs[:8])}" if runs else ""


def read_config(path: Path) -> dict[str, Json]:
    """The configuration a run was started with.

    Raises:
        ConfigError: Not a run folder, or one of another version.
    """
    try:
        config: dict[str, Json] = json.loads((path / "config.json").read_text())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}/config.json cannot be read: {error}") from error
    if config.get("format") != FORMAT:
        raise ConfigError(f"{path} is a run of format {config.get('format')!r}; this version reads format {FORMAT}")
    return config


def _episode_line(step: int, episode: Episode, teacher: str) -> dict[str, Json]:
    line: dict[str, Json] = {
        "step": step,
        "episode_id": episode.id,
        "task_id": episode.task.id,
        "fingerprint": episode.task.fingerprint,
        "turns": [turn.completion.text for turn in episode.turns],
        "verified": [turn.verified for turn in episode.turns],
        "score": episode.verdict.score,
        "reason": episode.verdict.reason,
        "first_wrong_step": episode.verdict.first_wrong_step,
    }
    return line | {"teacher": teacher} if teacher else line
