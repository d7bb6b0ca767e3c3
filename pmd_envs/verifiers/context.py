"""What the words before an expression say of it: whether it is all that is meant, or only a part.

``1/2 of the 50 eggs + 5`` and ``the square root of 9 + 16`` do not claim anything of 50 + 5 and 9 + 16.
"""

from collections.abc import Sequence

from pmd_envs.verifiers.magnitudes import SCALES
from pmd_envs.verifiers.pieces import Token
from pmd_envs.verifiers.roles import DOTS, NAMING

_MAX_BACK = 8
INTRODUCING = frozenset(["the", "her", "his", "their", "its", "another", "an", "additional"])
QUALIFYING = frozenset(
    ("first", "original", "other", "extra", "more", "additional", "remaining", "initial", "next", "last")
)
_LEADING = INTRODUCING | QUALIFYING | {"all", "these", "those", "this", "my", "your", "our"}
_PAIRING = frozenset(("sum", "product", "difference", "quotient", "average", "mean", "ratio", "between"))
_LABELS = frozenset(("day", "days", "week", "weeks", "month", "months", "year", "years"))
"""In "on day 1 * 2" it is open what is multiplied."""


def stands_for_more(tokens: Sequence[Token], index: int) -> bool:
    """Whether an expression that begins here is no more than a part of what the words around it say."""
    return _is_label(tokens, index) or _ends_longer(tokens, index) or _is_taken_from(tokens, index)


def _is_label(tokens: Sequence[Token], index: int) -> bool:
    """Whether a number only names something and does not begin a calculation: "on day 1 * 2", "weeks 1-2"."""
    return index > 0 and tokens[index].kind == "number" and tokens[index - 1].text.lower() in _LABELS


def spoils(tokens: Sequence[Token], index: int) -> bool:
    """Whether what follows in the same words is not what is meant: "the root of the sum 9 + 16"."""
    return _is_open_of(tokens[index]) and index > 0 and tokens[index - 1].text.lower() in NAMING


def _is_open_of(token: Token) -> bool:
    return token.kind == "break" and token.text.lower() == "of"


def _is_taken_from(tokens: Sequence[Token], index: int) -> bool:
    """Whether something else is a part of a number, and not the number itself is meant: "1/2 of the 50 eggs + 5"."""
    before = index - 1
    while before > 0 and tokens[before].text.lower() in _LEADING:
        before -= 1
    return before > 0 and _is_open_of(tokens[before])


def _ends_longer(tokens: Sequence[Token], index: int) -> bool:
    """Whether a number only ends what is meant: "2 hundred and 50", "the sum of 3 and 4", "1, 2, ..., 10"."""
    if index < 2 or tokens[index - 1].text.lower() not in ("and", ","):
        return False
    before = tokens[index - 2]
    if tokens[index - 1].text == ",":
        return before.kind == "symbol" and before.text in DOTS
    for token in reversed(tokens[max(0, index - _MAX_BACK) : index - 1]):
        if token.kind == "=" or token.text.lower() in _PAIRING:
            return token.kind != "="
    return before.scale != 1 or before.text.lower() in SCALES
