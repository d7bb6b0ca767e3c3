"""Answers that go over several lines, put into one: the lines behind a mark that list nothing but parts of an answer.

    #### 1234
    3412

is the step ``#### 1234 3412``, as it is with the rows in a block of code. A line of anything else ends an answer, so
that no later prose is taken for a part of it, and lines that only say once more what stands behind the mark are none
of it.
"""

import re
from collections.abc import Callable, Sequence

from pmd_envs.verifiers.answers import FENCE, extract_answer

Parts = tuple[str, ...]
"""What an answer lists, in one spelling."""
_MARK_LAST = re.compile(
    r"(?:^[\s*]*(?:the\s+)?(?:final\s+)?answer(?:\s+is)?|####|\banswer(?:\s+is)?\s*(?:\*\*)?\s*:)[\s:*]*$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^[-*•]\s+")
_MAX_LINE = 1_000


def in_one_line(lines: Sequence[str], parts: Callable[[str], Parts], joint: str) -> Parts:
    """The lines, with each answer in one of them.

    Args:
        lines: What was written, without empty lines.
        parts: The parts of an answer that a text lists; none if it says anything else.
        joint: What stands between two lines of an answer.
    """
    put: list[str] = []
    at = 0
    while at < len(lines):
        line, first = lines[at], _first_parts(lines[at], parts)
        at += 1
        more, listed, behind = _listed(lines, at, parts) if first is not None else ([], [], at)
        if more and not _repeats(first or (), listed):
            put.append(_together(line, more, joint))
            at = behind
        else:
            put.append(line)
    return tuple(put)


def _listed(lines: Sequence[str], at: int, parts: Callable[[str], Parts]) -> tuple[list[str], list[str], int]:
    """The lines from ``at`` on that list parts, the parts, and where what is no part of them begins.

    What opens or closes a block of code or a formula does not count.
    """
    more: list[str] = []
    listed: list[str] = []
    behind, is_open = at, False
    for place in range(at, len(lines)):
        line = lines[place]
        if FENCE.fullmatch(line):
            behind = place + 1 if is_open and behind == place else behind
            is_open = not is_open
            continue
        item = _BULLET.sub("", line, count=1)
        found = parts(bare(item)) if len(item) <= _MAX_LINE else ()
        if not found:
            break
        more.append(item)
        listed += found
        behind = place + 1
    return more, listed, behind


def _repeats(first: Sequence[str], more: Sequence[str]) -> bool:
    """Whether what comes behind an answer only says it again."""
    return bool(first) and list(more) == list(first) * (len(more) // len(first))


def bare(text: str) -> str:
    """A text without emphasis and what ends a sentence, on one line."""
    return " ".join(text.replace("**", "").strip(" \t*$.,;!").split())


def _first_parts(line: str, parts: Callable[[str], Parts]) -> Parts | None:
    """What a line that ends in a part of an answer lists, none behind a mark alone; None for another line."""
    if len(line) > _MAX_LINE or not ("####" in line or "answer" in line.casefold()):
        return None
    stated = extract_answer(line)
    if stated is None or not stated.strip(" *:"):
        return () if _MARK_LAST.search(line) else None
    return (parts(bare(stated)) or None) if bare(line).endswith(bare(stated)) else None


def _together(line: str, more: Sequence[str], joint: str) -> str:
    rest = joint.join([item.rstrip(" ,;.") for item in more])
    if _MARK_LAST.search(line):  # behind a heading, what is in a line of its own is read as the answer
        return f"{line} {rest}" if line.endswith("####") else f"{line}\n{rest}"
    return f"{line.rstrip(' ,;.')}{joint}{rest}"
