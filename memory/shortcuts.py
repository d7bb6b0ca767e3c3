"""Anti-shortcut filter: insights that are about the test instead of the subject.

Reflection tends to produce items that talk about attempts, name option letters, recycle advice for
exam-takers, or only hold for the problem at hand. Four groups of patterns find them. They are written to
spare ordinary mathematics and other subjects, so that "attempt to factor", "choose A and B with A + B = C", "P(A)",
"count the number of attempts" and "type (B) cells" pass.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

ShortcutCategory = Literal["meta-language", "option letter", "test-taking", "this question"]

_OF_SOMETHING = r"(?!\s+of\b(?!\s+(?:the|this|a)\s+(?:model|policy|problem|question|task)\b))"
"""Solutions of an equation and runs of a machine belong to the subject."""
_COUNTED = r"(?<!number of )(?<!numbers of )(?<!count of )(?<!how many )"
"""Attempts that are counted are a player's, in the problem."""
_LETTERED = (
    *(
        "event",
        "events",
        "type",
        "set",
        "sets",
        "point",
        "points",
        "class",
        "group",
        "vitamin",
        "matrix",
        "case",
        "part",
    ),
    *("vertex", "node", "line", "circle", "angle", "player", "team", "town", "city", "person", "variable", "hepatitis"),
)
"""Things that have a letter for a name."""
_NO_NAME = "".join(rf"(?i:(?<!\b{noun}\s))" for noun in _LETTERED) + r"(?<!\b[A-Za-z]\s)"
"""P (A) and f (A) are no options either."""
_GOES_ON = r"(?![AI]\s+(?!(?:is|if|when|or|and|because|since)\b)[a-z])"
"""In "the answer is A number" and "the choice I made" they are words."""

_PATTERNS: Mapping[ShortcutCategory, str] = {
    "meta-language": (
        rf"(?i:{_COUNTED}\battempts?\b(?!\s+(?:to|at)\b)|\brollouts?\b"
        rf"|\b(?:un)?successful\s+(?:responses?|solutions?|answers?|completions?|runs?|tries)\b{_OF_SOMETHING}"
        r"|\b(?:failed|previous|earlier|sampled|incorrect)\s+(?:responses?|solutions?|completions?|runs?|tries)\b"
        rf"{_OF_SOMETHING}"
        r"|\b(?:language\s+model|the\s+model'?s?\s+(?:answers?|responses?|outputs?|mistakes?)|as\s+an\s+ai)\b)"
    ),
    "option letter": (
        r"\b(?i:options?|choices?|answers?)(?i:\s+is|\s*[:=])?\s*(?:\s|[:=(])[*_\"'`(]{0,3}"
        rf"{_GOES_ON}[A-J](?:\)|(?![\w'(]|\.\w))"
        r"|\b(?i:options?|choices?)(?:\s*[:=])?\s+[*_\"'`(]{0,3}[b-hj](?![\w'(]|\.\w|\s*[+*/^=<>])"
        r"|\b(?i:choose|pick|select|mark)\s+[A-J]"
        r"(?:\s*(?:\.(?!\s+[a-z])|[;:!?]|$)|,?\s+(?:if|when|whenever|because|since|unless)\b)"
        rf"|(?<!\w){_NO_NAME}\([A-J]\)"
    ),
    "test-taking": (
        r"(?i:\bprocess\s+of\s+elimination\b"
        r"|\beliminat\w+\s+(?:\w+\s+){0,2}(?:options?|choices?|distractors?|answers?)\b"
        r"|\b(?:educated|best|random|lucky)\s+guess|\bguess(?:ing)?\s+the\s+answer\b"
        r"|\b(?:unsure|uncertain|not\s+sure|in\s+doubt|stuck),?\s+(?:you\s+can\s+|then\s+|just\s+|simply\s+){0,2}"
        r"(?:guess|pick|choose|select|go\s+with)\b"
        r"|\b(?:longest|shortest|most\s+(?:likely|plausible|common|specific))\s+(?:option|choice|answer)s?\b"
        r"|\b(?:all|none)\s+of\s+the\s+above\b(?!\s+(?!is\b|are\b|options?\b|choices?\b|answers?\b)\w)"
        r"|\bread\s+the\s+(?:questions?|problems?|prompts?)\s+(?:very\s+)?carefully\b"
        r"|\bmanage\s+(?:your\s+)?time\b)"
    ),
    "this question": (
        r"(?i:\b(?:this|the\s+(?:given|current|above|present))\s+(?:(?:specific|particular|exact|very)\s+)?"
        r"(?:question|problem|puzzle|task|exercise)\b(?![\s-]+(?:types?|kinds?|class(?:es)?|famil(?:y|ies)|solving)\b))"
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
