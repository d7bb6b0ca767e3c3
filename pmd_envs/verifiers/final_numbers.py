"""The number that an answer states where one plain number is asked for.

:func:`~pmd_envs.verifiers.numbers.parse_number` reads a number and its unit. Answers also come as ``USD 42``, ``= 42``,
``42, as required``, ``42 ✅`` and ``6 * 7 = 42``, which is a number if the equation holds. ``42 pairs`` and ``42 ppm``
are 42 only where pairs or ppm are asked for.
"""

import re
from fractions import Fraction
from typing import NamedTuple

from pmd_envs.verifiers.arithmetic import evaluate
from pmd_envs.verifiers.numbers import may_name, parse_number, plain_text

_CHEERS = "✅✔☑🎉🎊🥳😀😃😄😁😊🙂😎👍👏🙌💪🎯⭐🌟✨🏆👉➡\ufe0f "
"""Signs that say no more than that the answer is there; others may take it back."""
_REMARK = re.compile(
    r""",?\s+as\s+(?:required|requested|desired|needed|wanted|expected|asked|claimed|stated|shown|computed|calculated)
        (?:\s+(?:above|before|for|by\s+the\s+(?:problem|question)))?[\s.!]*$
    | ,\s*(?:in\s+(?:total|all|the\s+end)|altogether|overall|exactly|together)[\s.!]*$""",
    re.IGNORECASE | re.VERBOSE,
)
_CURRENCY = re.compile(r"(?:[Rr]s\.?|USD|EUR|GBP|INR|CAD|AUD|JPY|CNY|CHF)\s*(?=[-\d.$€£¥₹])")
_NAME = re.compile(r"\s*[^\W\d_][\w ]{0,40}")
_QUOTIENT = re.compile(r"[0-9.)]\s*/\s*\$?[0-9.(]")
"""In ``42 km/h`` the slash stands before a word."""
_DIGIT = re.compile("[0-9]")
_GROUP = re.compile(
    r"""(?<!\bper\s)(?<!\ba\s)(?<!\beach\s)(?<!\bevery\s)(?<!\bin\s)(?<!\bby\s)
    \b(?: (?P<group>pair|couple|score|duo|trio)s? | (?P<gross>gross)(?:es)?(?!\s+(?!of\b)[a-z])
      | (?P<share>ppm|ppb|permille) )\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words that count several at once, or by the thousand, unless it is they that are asked for."""


class Stated(NamedTuple):
    """What an answer states."""

    text: str
    """The number as it is written, without what is only said around it."""
    value: Fraction | None
    """None if it is not one number."""

    @property
    def is_worked_out(self) -> bool:
        """Whether the number is no quotient, which would still be to be computed."""
        text = self.text
        plain = text.isascii() and "/" not in text and "\\" not in text
        return plain or _QUOTIENT.search(plain_text(text)) is None


def read_final(answer: str, question: str = "") -> Stated:
    """The number that an answer states.

    Args:
        answer: What stands behind its mark.
        question: What was asked: whether pairs are, for example.
    """
    if answer.isdigit():  # as most are
        return Stated(answer, parse_number(answer))
    number = _DIGIT.search(answer)
    counted = _GROUP.search(answer, number.end()) if number else None
    if counted is not None:
        if not _asks_for(counted, question):
            return Stated(answer, None)
        answer = f"{answer[: counted.start()]}of them{answer[counted.end() :]}"
    value = parse_number(answer)
    if value is not None:
        return Stated(answer, value)
    text = _undressed(answer)
    return Stated(text, parse_number(text) if text != answer else None)


def _asks_for(counted: re.Match[str], question: str) -> bool:
    word = counted[counted.lastgroup or 0]
    return re.search(rf"\b(?:how\s+many|number\s+of|in)\s+(?:\w+\s+){{0,3}}{word}", question, re.IGNORECASE) is not None


def _undressed(answer: str) -> str:
    """An answer without what is said around its number."""
    return _without_currency(_result(_REMARK.sub("", answer.strip(_CHEERS).strip("* ").strip(_CHEERS))))


def _without_currency(text: str) -> str:
    text = text.strip()
    named = _CURRENCY.match(text)
    return text[named.end() :] if named else text


def _result(text: str) -> str:
    """The right side of an equation that holds, and of ``= 42``; any other text as it is."""
    *sides, result = text.split("=")
    value = parse_number(_without_currency(result))
    first, *others = sides or [""]
    named = not first.strip() or (_NAME.fullmatch(first) is not None and may_name(first))
    holds = value is not None and all(evaluate(side) == value for side in (others if named else sides))
    return result if holds else text
