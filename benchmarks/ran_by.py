"""Which code and which machines ran the cells of a comparison: where they differ, a page says so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.data_used import FILE, precision_of, read_data
from leaderboard.records import Report


def commits_of(reports: Iterable[Report]) -> tuple[str, ...]:
    """Of the code that ran, shortened; "+" where the checkout had changes besides, or another commit ran a part."""
    ran = [report.provenance for report in reports]
    return tuple(sorted({f"{code.commit[:7]}{'+' if code.dirty else ''}" for code in ran}))


def machines_of(cells: Mapping[Path, Report]) -> tuple[str, ...]:
    """What computed, as far as the same seed may give other numbers on another: different ones only."""
    return tuple(sorted({_machine(folder, report) for folder, report in cells.items()}))


def _machine(folder: Path, report: Report) -> str:
    ran = report.provenance
    threads = f"{ran.threads} thread{'' if ran.threads == 1 else 's'}"
    torch = f"torch {ran.packages['torch']}" if "torch" in ran.packages else ""
    read = precision_of(read_data(folder)) if (folder / FILE).exists() else ""
    return ", ".join(part for part in (ran.accelerator or ran.processor, threads, torch, read) if part)


def said_of(commits: Sequence[str], machines: Sequence[str]) -> Iterator[str]:
    """Sentences about both."""
    noun = "commit" if len(commits) == 1 else "commits"
    changed = " (+: with changes besides, or a part by another commit)" if any(c.endswith("+") for c in commits) else ""
    yield f"The cells were run by the code of {len(commits)} {noun}: {', '.join(commits)}{changed}."
    if len(machines) > 1:
        yield f"They did not run alike, which alone gives other numbers for the same seed: {'; '.join(machines)}."
