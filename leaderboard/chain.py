"""A hash chain over the episodes of a run: which line was changed, left out or added since it was written.

Every link is the SHA-256 of the link before it and one line of ``evaluation.jsonl``. ``evaluation.chain`` holds the
first digits of all of them, ``report.json`` the last one whole. A chain is no signature: whoever edits an episode can
make a new one. It makes silent damage and careless edits loud; forgeries fail at the verifiers.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from leaderboard.errors import RefusedError

EPISODES_FILE = "evaluation.jsonl"
CHAIN_FILE = "evaluation.chain"
_START = hashlib.sha256(b"episodes of a PMD Gym run").digest()
_DIGITS = 16


def links(content: bytes) -> Iterator[str]:
    """One link for each line that is not blank."""
    link = _START
    for line in content.split(b"\n"):
        if line.strip():
            link = hashlib.sha256(link + line).digest()
            yield link.hex()


def seal(folder: Path) -> str:
    """Write the chain of a run folder's episodes; its last link, or nothing where there are no episodes yet."""
    episodes = folder / EPISODES_FILE
    if not episodes.is_file():
        return ""
    made = list(links(episodes.read_bytes()))
    unfinished = folder / f".{CHAIN_FILE}.{os.getpid()}"
    try:
        unfinished.write_text("".join(f"{link[:_DIGITS]}\n" for link in made), encoding="ascii")
        unfinished.replace(folder / CHAIN_FILE)
    finally:
        unfinished.unlink(missing_ok=True)
    return made[-1] if made else ""


def check_chain(content: bytes, chain: bytes, last: str) -> None:
    """Refuse episodes that are not, line by line, those that the run sealed.

    ``chain`` is the content of ``evaluation.chain``, ``last`` what the report says.
    """
    if not last:
        raise RefusedError("report.json has no hash chain over its episodes: an older version wrote it; evaluate again")
    sealed = chain.decode("ascii", errors="replace").split()
    found = list(links(content))
    for number, (link, wanted) in enumerate(zip(found, sealed, strict=False), start=1):
        if link[:_DIGITS] != wanted:
            raise RefusedError(f"{EPISODES_FILE} line {number} is not as the run wrote it: the hash chain breaks there")
    if len(found) != len(sealed):
        what = "truncated" if len(found) < len(sealed) else "longer than it was"
        raise RefusedError(
            f"{EPISODES_FILE} is {what}: it has {len(found)} episodes, its hash chain has {len(sealed)} links"
        )
    if not found or found[-1] != last:
        raise RefusedError(f"report.json seals other episodes than those in {EPISODES_FILE}: the hash chains differ")
