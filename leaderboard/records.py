"""What a run reports: scores with their intervals, and everything needed to obtain them again.

``report.json`` is this file's :class:`Report`. It is defined here, and not beside the code that measures,
because the leaderboard decides what may be ranked. ``rows`` usually holds the policy before training
(:data:`BASELINE`), after training, and after training with its memory in the prompt.
"""

import json
import os
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from leaderboard.chain import seal
from leaderboard.fields import Fields, parse, read_bytes
from pmd_envs.records import Json

FORMAT = 1
BASELINE = "frozen (start)"
"""Label of the row that measures the policy before training. It is shown, never ranked."""
UNKNOWN_COMMIT = "unknown"
MAX_REPORT_BYTES = 1_000_000


@dataclass(frozen=True)
class Scores:
    """Accuracy on some problems, each answered ``k`` times."""

    avg_at_k: float
    low: float
    """Lower end of the 95 % interval of ``avg_at_k``."""
    high: float
    pass_at_k: float
    maj_at_k: float | None
    """None where a vote makes no sense: two right programs are rarely the same text."""
    k: int
    problems: int
    different: int | None = None
    """How many of the problems ask different things; None in older reports."""

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """Read and check one score."""
        scores = cls(
            avg_at_k=fields.share("avg_at_k"),
            low=fields.share("low"),
            high=fields.share("high"),
            pass_at_k=fields.share("pass_at_k"),
            maj_at_k=fields.share_or_none("maj_at_k"),
            k=fields.whole("k", least=1),
            problems=fields.whole("problems", least=1),
            different=fields.whole_or_none("different") if fields.has("different") else None,
        )
        fields.finish()
        if scores.low > scores.high:
            raise fields.wrong("low", f"is {scores.low!r}, above high ({scores.high!r})")
        return scores


@dataclass(frozen=True)
class ResultRow:
    """Scores of one policy in one setting."""

    label: str
    with_memory: bool
    policy_step: int
    per_env: dict[str, Scores]
    overall: Scores
    """Every environment counts the same, however many problems it has."""

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """Read and check one row."""
        per_env = fields.object("per_env")
        row = cls(
            label=fields.name("label"),
            with_memory=fields.flag("with_memory"),
            policy_step=fields.whole("policy_step"),
            per_env={name: Scores.from_fields(per_env.object(name)) for name in per_env.names()},
            overall=Scores.from_fields(fields.object("overall")),
        )
        fields.finish()
        return row


@dataclass(frozen=True)
class EnvUsed:
    """One environment of the suite and the data it really used."""

    id: str
    kwargs: dict[str, Json]
    """What ``gymnasium.make`` got. Without ``split`` the test split is meant."""
    fingerprint: str
    dataset: str

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """Read and check one environment."""
        env = cls(
            id=fields.name("id"),
            kwargs=fields.object("kwargs").values(),
            fingerprint=fields.name("fingerprint"),
            dataset=fields.name("dataset"),
        )
        fields.finish()
        return env


@dataclass(frozen=True)
class Provenance:
    """Which code ran, and where, as it was when the process that ended the run began."""

    commit: str
    dirty: bool
    """Whether the checkout had changes that the commit does not show, or another commit ran a part of the run."""
    python: str
    platform: str
    processor: str
    cores: int
    threads: int
    packages: dict[str, str]
    verifiers: dict[str, str] = field(default_factory=dict)
    """Version of the verifier of each environment, see :mod:`leaderboard.verifiers`."""
    sandbox: tuple[str, ...] = ()
    """What confined the programs that were run: names of the layers in force."""
    accelerator: str = ""
    """The GPU that computed; empty for a run on processors, or by somebody else's server."""

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """Read and check where a run comes from."""
        packages = fields.object("packages")
        provenance = cls(
            commit=fields.name("commit"),
            dirty=fields.flag("dirty"),
            python=fields.name("python"),
            platform=fields.name("platform"),
            processor=fields.text("processor"),
            cores=fields.whole("cores", least=1),
            threads=fields.whole("threads", least=1),
            packages={name: packages.text(name) for name in packages.names()},
            verifiers=fields.texts("verifiers"),
            sandbox=fields.list_of_names("sandbox"),
            accelerator=fields.text("accelerator") if fields.has("accelerator") else "",
        )
        fields.finish()
        return provenance


@dataclass(frozen=True)
class Usage:
    """Tokens of all answers of a served policy, as its server counts them; None where it does not."""

    prompt_tokens: int | None
    completion_tokens: int | None

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """Read and check what a run used."""
        usage = cls(fields.whole_or_none("prompt_tokens"), fields.whole_or_none("completion_tokens"))
        fields.finish()
        return usage


@dataclass(frozen=True)
class Report:
    """The result of one run."""

    run_id: str
    agent: str
    policy: str
    suite: str
    seed: int
    steps: int
    created: str
    """ISO 8601, UTC."""
    config: dict[str, Json]
    environments: tuple[EnvUsed, ...]
    rows: tuple[ResultRow, ...]
    memory_counts: dict[str, int]
    provenance: Provenance
    seconds: dict[str, float]
    chain: str = ""
    """Last link of the hash chain over the episodes; :meth:`write` fills it in."""
    usage: Usage | None = None
    """None for a policy that is not served by somebody else."""
    format: int = FORMAT

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """Read and check a report, its rows and environments included."""
        found = fields.json("format")
        if found != FORMAT:
            raise fields.wrong("format", f"is {found!r:.80}; this version reads format {FORMAT}")
        memory_counts, seconds = fields.object("memory_counts"), fields.object("seconds")
        report = cls(
            run_id=fields.name("run_id"),
            agent=fields.name("agent"),
            policy=fields.name("policy"),
            suite=fields.name("suite"),
            seed=fields.whole("seed"),
            steps=fields.whole("steps"),
            created=_utc(fields, "created"),
            config=fields.object("config").values(),
            environments=tuple(map(EnvUsed.from_fields, fields.objects("environments"))),
            rows=tuple(map(ResultRow.from_fields, fields.objects("rows"))),
            memory_counts={name: memory_counts.whole(name) for name in memory_counts.names()},
            provenance=Provenance.from_fields(fields.object("provenance")),
            seconds={name: seconds.number(name) for name in seconds.names()},
            chain=fields.text("chain"),
            usage=_usage(fields),
        )
        fields.finish()
        _check_rows(report, fields)
        return report

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read ``report.json``; a :class:`ReportError` names the file and the field at fault."""
        return cls.from_fields(parse(read_bytes(path, MAX_REPORT_BYTES), str(path)))

    def to_json(self) -> str:
        """The text of ``report.json``, readable by people too."""
        return json.dumps(asdict(self), indent=2, allow_nan=False) + "\n"

    def write(self, path: Path) -> None:
        """Write the file as a whole or not at all, and only if :meth:`read` will take it.

        Episodes beside it are sealed: from then on a change of any of them can be told.
        """
        text = replace(self, chain=seal(path.parent)).to_json()
        self.from_fields(parse(text, str(path)))
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def _usage(fields: Fields) -> Usage | None:
    """Older reports have none."""
    if not fields.has("usage") or fields.json("usage") is None:
        return None
    return Usage.from_fields(fields.object("usage"))


def _utc(fields: Fields, name: str) -> str:
    value = fields.name(name)
    try:
        time = datetime.fromisoformat(value)
    except ValueError as error:
        raise fields.wrong(name, f"is {value!r}, not an ISO 8601 time") from error
    if time.utcoffset() != timedelta(0):
        raise fields.wrong(name, f"is {value!r}, not a time in UTC")
    return value


def _check_rows(report: Report, fields: Fields) -> None:
    ids = [env.id for env in report.environments]
    labels = [row.label for row in report.rows]
    for name, names in (("environments", ids), ("rows", labels)):
        if not names:
            raise fields.wrong(name, "is empty")
        if len(set(names)) < len(names):
            raise fields.wrong(name, f"holds {max(names, key=names.count)!r} twice")
    for index, row in enumerate(report.rows):
        if set(row.per_env) != set(ids):
            raise fields.wrong(f"rows[{index}].per_env", f"has scores for {sorted(row.per_env)}, not for {sorted(ids)}")
