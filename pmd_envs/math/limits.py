"""How big an answer may be. Everything is checked before any work is done."""

MAX_ANSWER = 1000
"""Characters of an answer."""
MAX_DEPTH = 50
"""Nesting of brackets, powers and function calls."""
MAX_DIGITS = 1000
"""Digits of one written number."""
MAX_EXPONENT = 1000
"""The power of ten in scientific notation."""
MAX_BITS = 200_000
"""Size of a computed number; 2006! has 19,000."""
MAX_FACTORIAL = 5000
MAX_TERMS = 1000
"""Terms of a multiplied-out expression."""
MAX_WORK = 60_000
"""Products of two terms in one comparison."""
MAX_WORK_OF_VERDICT = 5 * MAX_WORK
"""The same for all comparisons of one verdict together."""
MAX_COMPARISONS = 30_000
"""Comparisons of two parts in one verdict. Two sets of ``MAX_ITEMS`` elements take about half as many."""
MAX_ROOT_BITS = 100_000
"""Size of a number whose root is looked for."""
MAX_ITEMS = 100
"""Elements of a list, set or matrix."""


class NotRead(Exception):  # noqa: N818  it says what happened
    """A text is not mathematics that we read; the message says why."""


class TooBig(NotRead):
    """A text asks for more work than any honest answer needs."""
