"""Text of models and data sets as a terminal may show it."""

import re
from collections.abc import Iterable

from pmd_envs.records import StepVerdict, Verdict

_MARKS = {1: "✓", 0: "·", -1: "✗"}

# All control characters but tabs and line breaks, what turns the writing direction, and halves of surrogate pairs.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """The text with everything written out, as Python does, that would steer a terminal or that no encoding has."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def transcript(problem: str, steps: Iterable[tuple[str, StepVerdict]], verdict: Verdict | None) -> str:
    """An episode with the mark of each step, what was wrong with it, and the verdict if it is over."""
    lines = [problem, ""]
    for step, found in steps:
        note = f"   ← {found.reason}" if found.ok is False else ""
        lines.append(f"{_MARKS[found.code]} {step}{note}")
    if verdict is not None:
        lines += ["", f"score {verdict.score:g}: {verdict.reason}"]
    return visible("\n".join(lines))
