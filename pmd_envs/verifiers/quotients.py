r"""Fractions in LaTeX as quotients in plain signs that keep what binds together.

``\frac{10 + 4}{2}`` is ``((10 + 4)/(2))``. A fraction that cannot be read becomes a sign that nobody computes with, so
that it is left open rather than read as something else.
"""

import re

UNREAD = "√"
"""Stands for what cannot be read; whatever it touches has no value."""
_DEEPEST = 20
"""Fractions inside fractions; brackets deeper than this are not computed either."""
TEXT = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|mbox|operatorname)\s*\{([^{}]*)\}")
"""What only sets its content as text."""
_ARGUMENT = r"(?:[^{}=;\n,]|,(?=[0-9]{3}(?![0-9])))*"
"""What may be brackets: no list, and nothing that says something of its own."""
_FRACTION = re.compile(
    rf"\\[dtc]?frac\s*(?:\{{({_ARGUMENT})\}}|([0-9]))\s*(?:\{{({_ARGUMENT})\}}|([0-9])(?![.,]?[0-9]))"
)
_LEFT = re.compile(r"\\[dtc]?frac(?![A-Za-z])")
_UNLIKE_PLAIN = re.compile(r"(?<=[0-9])(?:\s*(?=\\[dtc]?frac)|\.[0-9]*\s*(?=\\overline|\\bar\b|\\dot\b))")
r"""Before ``\frac`` in ``2\frac{1}{2}``, which may be a sum or a product, and what ``\overline`` goes on from."""


def with_quotients(text: str) -> str:
    """``text`` with its fractions as quotients in brackets; in time linear in its length."""
    text = TEXT.sub(r" \1 ", text.replace("{,}", ","))
    text = _UNLIKE_PLAIN.sub(UNREAD, text)
    for _ in range(_DEEPEST):
        text, count = _FRACTION.subn(_quotient, text)
        if not count:
            break
    return _LEFT.sub(UNREAD, text)


def _quotient(fraction: re.Match[str]) -> str:
    above, one, below, other = fraction.groups()
    return f"(({one or above})/({other or below}))"
