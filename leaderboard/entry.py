"""From a run folder to something that may be ranked.

An :class:`Entry` exists only if the folder's report is complete, follows from its episodes, these are the ones that
the run sealed, and they get the same scores from the verifiers of this checkout.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self, TypeAlias

from leaderboard.chain import CHAIN_FILE, EPISODES_FILE, check_chain
from leaderboard.episodes import EvaluatedEpisode, read_episodes
from leaderboard.errors import RefusedError, ReportError
from leaderboard.fields import parse, read_bytes
from leaderboard.intervals import with_own_intervals
from leaderboard.lesson_scores import check_lessons
from leaderboard.lessons import read_lessons
from leaderboard.records import BASELINE, MAX_REPORT_BYTES, Report, ResultRow
from leaderboard.reproducibility import check_reproducible, check_same_config, is_confined, suite_version
from leaderboard.rescoring import changed_scores, rescore, runs_programs
from leaderboard.verification import check_scores
from leaderboard.votes import check_votes

REPORT_FILE = "report.json"
CONFIG_FILE = "config.json"
MAX_EPISODES_BYTES = 512_000_000
MAX_CHAIN_BYTES = 32_000_000

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
    """How many of them were scored again when this was posted: all, which older versions did not do."""
    answers: str = ""
    """Digest of the answers of the row that is ranked, whoever is said to have given them."""
    mark: str = ""
    """Why this is shown but has no rank; empty for most."""

    @classmethod
    def from_run(cls, folder: Path, rescore: Rescore = rescore) -> Self:
        """Read and verify a run folder.

        Raises:
            ReportError: A file is missing, damaged, too large or of another format.
            RefusedError: The scores cannot be reproduced or confirmed.
        """
        if not folder.is_dir():
            raise ReportError(f"{folder} is not a run folder: there is no such directory")
        written = read_bytes(folder / REPORT_FILE, MAX_REPORT_BYTES)
        report = Report.from_fields(parse(written, str(folder / REPORT_FILE)))
        check_reproducible(report)
        _check_config_file(report, folder)
        lines = read_bytes(folder / EPISODES_FILE, MAX_EPISODES_BYTES)
        episodes = read_episodes(lines)
        check_chain(lines, read_bytes(folder / CHAIN_FILE, MAX_CHAIN_BYTES), report.chain)
        problem_set = check_scores(report, episodes)
        content = hashlib.sha256(hashlib.sha256(written).digest() + hashlib.sha256(lines).digest()).hexdigest()
        _confirm(report, episodes, rescore)
        check_votes(report, episodes)
        check_lessons(read_lessons(folder, report), rescore)
        report = with_own_intervals(report, episodes)
        entry = cls(report, content, problem_set, len(episodes), len(episodes), mark=_mark(report))
        return cls(**{**vars(entry), "answers": answers_of(entry.headline, episodes)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`to_json` wrote."""
        fields = parse(text, "entry", deepest=1000)  # older versions took what was deeper than a file may be now
        entry = cls(
            report=Report.from_fields(fields.object("report")),
            content=fields.name("content"),
            problem_set=fields.name("problem_set"),
            episodes=fields.whole("episodes"),
            rescored=fields.whole("rescored"),
            answers=fields.text("answers") if fields.has("answers") else "",
            mark=fields.text("mark") if fields.has("mark") else "",
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
    def settings(self) -> str:
        """Digest of what was run: two entries evaluate one run if they have the same name and the same settings."""
        report = self.report
        parts = [report.agent, report.policy, report.seed, report.steps, report.config]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @property
    def board(self) -> str:
        """Digest of everything that must be equal for two runs to be comparable."""
        report = self.report
        overall = report.rows[0].overall
        envs = sorted((env.id, json.dumps(env.kwargs, sort_keys=True), env.fingerprint) for env in report.environments)
        parts = [report.suite, suite_version(report), envs, overall.k, overall.problems, self.problem_set]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def _check_config_file(report: Report, folder: Path) -> None:
    path = folder / CONFIG_FILE
    if path.exists():
        check_same_config(report, parse(read_bytes(path, MAX_REPORT_BYTES), str(path)).values())


def _confirm(report: Report, episodes: Sequence[EvaluatedEpisode], rescore: Rescore) -> None:
    changed = changed_scores(episodes, rescore)
    if changed:
        episode, score = changed[0]
        raise RefusedError(
            f"row {episode.row!r}, {episode.task_id!r}, sample {episode.sample}: evaluation.jsonl says "
            f"{episode.score:g}, the verifier says {score:g} (the run was scored by verifier "
            f"{report.provenance.verifiers.get(episode.env, 'unknown')}; {len(changed)} of "
            f"{len(episodes)} scores differ)"
        )


def _mark(report: Report) -> str:
    programs = [env.id for env in report.environments if runs_programs(env.id)]
    if programs and not is_confined(report):
        layers = ", ".join(report.provenance.sandbox) or "no layer recorded"
        return (
            f"unsafe sandbox: {programs[0]} ran programs that were not kept from the network and from files ({layers})"
        )
    return ""


def answers_of(headline: ResultRow | None, episodes: Sequence[EvaluatedEpisode]) -> str:
    """Digest of a row's answers, by which a copy is known.

    Order, numbers of samples, labels and white space do not count.
    """
    if headline is None:
        return ""
    own = [episode for episode in episodes if episode.row == headline.label]
    given = sorted((e.env, e.task_id, " ".join(e.response.split())) for e in own)
    return hashlib.sha256(json.dumps(given).encode()).hexdigest()
