"""Trying attacks and honest answers on families, and what came of it."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import gymnasium

from pmd_envs.audit.attacks import ATTACKS, HONEST, HONEST_BOXED, HONEST_DECORATED, HONEST_MARKED, Attack
from pmd_envs.audit.cases import Case, make_cases
from pmd_envs.audit.programs import HONEST_PROGRAMS, PROGRAM_ATTACKS
from pmd_envs.env import load_family
from pmd_envs.env_ids import known_id
from pmd_envs.errors import ConfigError, unknown
from pmd_envs.family import Family
from pmd_envs.records import StepVerdict
from pmd_envs.registry import environment_ids
from pmd_envs.sources import open_source

MAX_SECONDS = 2.0
"""Processor time that one call may take."""
MAX_WAIT = 60.0
"""Wall-clock time that one call may take: it may wait for a child process, and the machine may be busy."""
_PROGRAM_PROBLEMS = 3
_MAX_SEED = 10_000
_APART = 100_003  # so that seeds start at different levels


@dataclass(frozen=True)
class Finding:
    """One response that a family dealt with in a way it should not."""

    kind: str
    """``false accept``, ``false reject``, ``exception``, ``side effect`` or ``slow``."""
    group: str
    attack: str
    task_id: str
    detail: str


@dataclass
class FamilyAudit:
    """What was tried on one family and what was found."""

    env_id: str
    problems: int
    attacks: int = 0
    honest: int = 0
    worst_seconds: float = 0.0
    """Most processor time of one call."""
    worst_wait: float = 0.0
    """Most wall-clock time of one call."""
    slowest: str = ""
    """The attack that took it."""
    findings: list[Finding] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """How many findings are of one kind."""
        return sum(finding.kind == kind for finding in self.findings)

    @property
    def failed(self) -> bool:
        """Whether the family has to be mended."""
        return bool(self.findings)


def audit(env_ids: Sequence[str] = (), problems: int = 10, seed: int = 0) -> list[FamilyAudit]:
    """Attack the verifiers of some environments, or of all but reasoning-gym's, on problems of their generators.

    Raises:
        ConfigError: An id is not registered, a module in front of it cannot be imported, or a number is out of range.
    """
    env_ids = [known_id(env_id) for env_id in env_ids]
    known = environment_ids()
    for env_id in env_ids:
        if env_id not in known:
            raise unknown("environment", env_id, known)
    if problems < 1 or not 0 <= seed <= _MAX_SEED:
        raise ConfigError(
            f"an audit needs at least one problem and a seed of 0..{_MAX_SEED}, not {problems} and {seed}"
        )
    return [audit_family(env_id, problems, seed) for env_id in env_ids or environment_ids(reasoning_gym=False)]


def audit_family(env_id: str, problems: int, seed: int) -> FamilyAudit:
    """Attack the verifier of one environment."""
    family = load_family(str(gymnasium.spec(env_id).kwargs["family"]))
    count = min(problems, _PROGRAM_PROBLEMS) if family.starts_processes else problems
    source = open_source(family, "train", None, "generated")
    tasks = [source.at(seed * _APART + index) for index in range(count)]
    with tempfile.TemporaryDirectory(prefix="pmd-audit-") as folder:
        canary = Path(folder) / "made"
        return _Audit(family, make_cases(family, tasks, str(canary)), canary).run(env_id)


class _Audit:
    """One family under attack."""

    def __init__(self, family: Family, cases: Sequence[Case], canary: Path) -> None:
        self._family = family
        self._cases = cases
        self._canary = canary
        self._result = FamilyAudit("", len(cases))

    def run(self, env_id: str) -> FamilyAudit:
        """Try everything."""
        self._result.env_id = env_id
        programs = self._cases[0].answer is None
        groups: Mapping[str, tuple[Attack, ...]] = PROGRAM_ATTACKS if programs else ATTACKS
        for group, attacks in groups.items():
            for attack in attacks:
                for case in self._cases[:1] if attack.heavy else self._cases:
                    self._attack(group, attack, case)
        for attack in HONEST_PROGRAMS if programs else self._honest():
            for case in self._cases:
                self._try_honest(attack, case)
        return self._result

    def _honest(self) -> tuple[Attack, ...]:
        asked = self._family.instructions
        marked = HONEST_MARKED if "####" in asked else ()
        decorated = HONEST_DECORATED if marked and "literal" not in asked else ()
        boxed = HONEST_BOXED if "\\boxed" in asked else ()
        return (*HONEST, *marked, *decorated, *boxed)

    def _attack(self, group: str, attack: Attack, case: Case) -> None:
        response = case.fill(attack)
        if response is None:
            return
        self._result.attacks += 1
        score = self._judge(group, attack, case, response)
        if score and not (attack.guesses and self._is_right(case, response)):
            self._find("false accept", group, attack, case, f"scored {score:g}: {response[:200]!r}")
        if self._canary.exists():
            self._canary.unlink()
            self._find("side effect", group, attack, case, "code in the response was run and made a file")

    def _is_right(self, case: Case, response: str) -> bool:
        """Whether a guess is the right answer.

        Where a family says of no response what it answers, the whole of it is compared. The commonest answer is there
        the commonest solution, which is the right one of at least one of the problems it was found among.
        """
        if case.answer is None:
            return response.strip() in (case.task.gold.strip(), case.solution.strip())
        return self._family.answer(response) == case.answer

    def _try_honest(self, attack: Attack, case: Case) -> None:
        response = case.fill(attack)
        if response is None:
            return
        self._result.honest += 1
        score = self._judge("honest", attack, case, response)
        if score is not None and score < 1:
            self._find("false reject", "honest", attack, case, f"scored {score:g}: {response[:200]!r}")

    def _judge(self, group: str, attack: Attack, case: Case, response: str) -> float | None:
        """The score; None if there is no verdict. Whatever else reads a response is called as well."""
        started, cpu = time.perf_counter(), time.process_time()
        try:
            score = float(self._family.verify(case.task, response).score)
            if not self._family.starts_processes:
                self._family.check_step(case.task, (), response)
            self._family.is_final(case.task, response, StepVerdict(None, ""))
            self._family.answer(response)
        except Exception as error:  # noqa: BLE001  an exception is what we look for
            self._find("exception", group, attack, case, f"{type(error).__name__}: {str(error)[:200]}")
            score = None
        self._note_time(group, attack, case, time.process_time() - cpu, time.perf_counter() - started)
        return score

    def _note_time(self, group: str, attack: Attack, case: Case, seconds: float, wait: float) -> None:
        result = self._result
        if seconds > result.worst_seconds:
            result.worst_seconds, result.slowest = seconds, attack.name
        result.worst_wait = max(result.worst_wait, wait)
        if seconds > MAX_SECONDS or wait > MAX_WAIT:
            self._find("slow", group, attack, case, f"{seconds:.1f} s of processor time, {wait:.1f} s in all")

    def _find(self, kind: str, group: str, attack: Attack, case: Case, detail: str) -> None:
        self._result.findings.append(Finding(kind, group, attack.name, case.task.id, detail))
