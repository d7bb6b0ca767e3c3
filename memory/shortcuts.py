"""Anti-shortcut filter: insights that are about the test instead of the subject.

Reflection tends to produce items that talk about attempts, name option letters, recycle advice for
exam-takers, or only hold for the problem at hand. Four groups of patterns find them. They are written to
spare ordinary mathematics, so that "attempt to factor", "choose A and B with A + B = C" and "P(A)" pass.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

ShortcutCategory = Literal["meta-language", "option letter", "test-taking", "this question"]

_PATTERNS: Mapping[ShortcutCategory, str] = {
    "meta-language": (
        r"(?i:\battempts?\b(?!\s+(?:to|at)\b)|\brollouts?\b"
        r"|\b(?:un)?successful\s+(?:responses?|solutions?|answers?|completions?|runs?|tries)\b"
        r"|\b(?:failed|previous|earlier|sampled|incorrect)\s+(?:responses?|solutions?|completions?|runs?|tries)\b(?!\s+of\b)"
        r"|\b(?:language\s+model|the\s+model'?s?\s+(?:answers?|responses?|outputs?|mistakes?)|as\s+an\s+ai)\b)"
    ),
    "option letter": (
        r"\b(?i:options?|choices?|answers?)\s+(?i:is\s+)?\(?[A-J](?:\)|(?![\w']))"
        r"|\b(?i:choose|pick|select|mark)\s+[A-J](?:\s*(?:[.;:!?]|$)|,?\s+(?:if|when|whenever|because|since|unless)\b)"
        r"|(?<!\w)\([A-J]\)"
    ),
    "test-taking": (
        r"(?i:\bprocess\s+of\s+elimination\b"
        r"|\beliminat\w+\s+(?:\w+\s+){0,2}(?:options?|choices?|distractors?|answers?)\b"
        r"|\b(?:educated|best|random|lucky)\s+guess|\bguess(?:ing)?\s+the\s+answer\b"
        r"|\b(?:longest|shortest|most\s+(?:likely|plausible|common|specific))\s+(?:option|choice|answer)s?\b"
        r"|\b(?:all|none)\s+of\s+the\s+above\b(?!\s+(?!is\b|are\b|options?\b|choices?\b|answers?\b)\w)"
        r"|\bread\s+the\s+(?:questions?|problems?|prompts?)\s+(?:very\s+)?carefully\b"
        r"|\bmanage\s+(?:your\s+)?time\b)"
    ),
    "this question": (
        r"(?i:\b(?:this|the\s+(?:given|current|above|present))\s+(?:(?:specific|particular|exact|very)\s+)?"
        r"(?:question|problem|puzzle|task|exercise)\b)"
    ),
}
_COMPILED = {category: re.compile(pattern) for category, pattern in _PATTERNS.items()}


def find_shortcuts(text: str) -> frozenset[ShortcutCategory]:
    """The categories of shortcut that a text falls into; empty for a clean one."""
    return frozenset(category for category, pattern in _COMPILED.items() if pattern.search(text))


def contamination_rate(texts: Iterable[str]) -> float:
    """Share of texts with at least one shortcut; 0 for no texts."""
    found = [bool(find_shortcuts(text)) for text in texts]
    return sum(found) / len(found) if found else 0.0
