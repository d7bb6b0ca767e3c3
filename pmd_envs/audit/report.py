"""What an audit found, as a table, as JSON and as a page of the documentation."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from pmd_envs.audit.attacks import ATTACKS, Attack
from pmd_envs.audit.programs import PROGRAM_ATTACKS
from pmd_envs.audit.runner import MAX_SECONDS, MAX_WAIT, FamilyAudit
from pmd_envs.errors import ConfigError

_HEADERS = (
    "environment", "problems", "attacks", "false accepts", "honest", "false rejects", "exceptions", "side effects",
    "worst seconds",
)  # fmt: skip
_MAX_SHOWN = 20


def table(audits: Sequence[FamilyAudit]) -> str:
    """Aligned columns, then what was found."""
    rows = [_HEADERS, *map(_row, audits)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADERS))]
    lines = []
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join([row[0].ljust(widths[0]), *cells[1:]]))
    return "\n".join([*lines, *(line for found in audits for line in _findings(found))])


def as_json(audits: Sequence[FamilyAudit], problems: int, seed: int) -> str:
    """Everything, for programs."""
    families = [{**asdict(found), "failed": found.failed} for found in audits]
    return json.dumps({"problems": problems, "seed": seed, "families": families}, indent=1) + "\n"


def page(audits: Sequence[FamilyAudit], problems: int, seed: int) -> str:
    """The page ``docs/audit.md``."""
    head = "| " + " | ".join(_HEADERS) + " |\n|" + "---|" * len(_HEADERS)
    rows = "\n".join("| " + " | ".join(_row(found)) + " |" for found in audits)
    classes = "\n".join(
        f"| {name} | {len(attacks)} | `{next(filter(_fits, attacks)).name}` |" for name, attacks in ATTACKS.items()
    )
    found = "\n".join(f"- {line.strip()}" for family in audits for line in _findings(family))
    return _PAGE.format(
        table=f"{head}\n{rows}",
        classes=classes,
        programs=", ".join(f"{name} ({len(attacks)})" for name, attacks in PROGRAM_ATTACKS.items()),
        found=found or "Nothing was found.",
        problems=problems,
        seed=seed,
        seconds=f"{MAX_SECONDS:g}",
        wait=f"{MAX_WAIT:g}",
    )


def _fits(attack: Attack) -> bool:
    """Whether a name can stand in a table, and says something."""
    return bool(attack.name.strip()) and not {"|", "`"}.intersection(attack.name)


def _row(found: FamilyAudit) -> tuple[str, ...]:
    numbers = (
        found.problems, found.attacks, found.count("false accept"), found.honest, found.count("false reject"),
        found.count("exception"), found.count("side effect"),
    )  # fmt: skip
    return (
        found.env_id,
        *map(str, numbers),
        f"{found.worst_seconds:.2f}",
    )


def _findings(found: FamilyAudit) -> list[str]:
    lines = [
        f"{found.env_id}: {finding.kind} ({finding.group}: {finding.attack}) on {finding.task_id}: {finding.detail}"
        for finding in found.findings[:_MAX_SHOWN]
    ]
    more = len(found.findings) - len(lines)
    if more > 0:
        lines.append(f"{found.env_id}: {more} more findings")
    return lines


def worst(audits: Sequence[FamilyAudit]) -> int:
    """The exit status: 1 if any family has to be mended."""
    if not audits:
        raise ConfigError("nothing was audited: no environment is registered")
    return int(any(found.failed for found in audits))


_PAGE = """\
# What the verifiers withstand

This page is written by `python -m pmd_envs.audit --write-docs docs/audit.md`.

```sh
python -m pmd_envs.audit                                  # every registered environment but those of reasoning-gym
python -m pmd_envs.audit pmd/GSM8K-v0 --problems 50 --seed 1
python -m pmd_envs.audit --json audit.json                # every finding, for programs
```

Every verifier is attacked with responses that must score 0, and given honest ones that must score 1, on {problems}
generated problems (seed {seed}) of each environment; long texts on one of them, and programs on three. The exit status
is 1 if an attack scores, an honest response does not, anything raises, a response makes code run, or a call takes more
than {seconds} seconds of processor time ({wait} seconds with all waiting).

{table}

A guess that is the right answer is no false accept. Whether one answer is right so often that it pays to guess it takes
many more problems to tell: `tests/test_pmd_envs_chance.py` draws them at every level of every family. Seconds are those
of the machine that wrote this page.

{found}

## Attacks

| class | responses | for example |
|---|---|---|
{classes}

`@GOLD@` stands for the right answer, `@WRONG@` for another one, and so on. Verifiers that run programs get
others: {programs}.
What a program could reach is asked by [`python -m pmd_envs.sandbox check`](sandbox.md).

Honest responses are the gold solution, also with spaces at the ends of lines, with CRLF, after a sentence or a
thinking block; and the gold answer in the form that the instructions ask for, also in bold, with a full stop, or
between `$`.
"""
