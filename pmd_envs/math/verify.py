r"""The verdict on a mathematical answer.

>>> from pmd_envs import verify_math
>>> verify_math("So it is \\boxed{\\frac{6}{4}}.", "1.5").score
1.0
>>> verify_math("It is 3 or 4.", "3").reason
"the answer '3 or 4' is not correct"
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from pmd_envs.errors import DatasetError
from pmd_envs.math.choices import chosen_letter
from pmd_envs.math.compare import Comparison, NotShown
from pmd_envs.math.limits import MAX_ANSWER, NotRead
from pmd_envs.math.normalise import normalise
from pmd_envs.math.parse import parse
from pmd_envs.math.policy import Computed, Decimals, Percent, Policy, Units
from pmd_envs.math.scan import words_of
from pmd_envs.math.shapes import is_result, is_worked_out
from pmd_envs.math.syntax import Node
from pmd_envs.math.vocabulary import NOT_A_UNIT
from pmd_envs.records import Verdict
from pmd_envs.verifiers.answers import extract_answer

_PLAIN = re.compile(
    r"""\s*(?P<sign>[-+]?)(?:
        (?P<whole>[0-9]{1,40})(?:/(?P<below>[0-9]{1,40}))?
        | (?P<grouped>[1-9][0-9]{0,2}(?:,[0-9]{3}){1,12})
        | (?P<decimal>[0-9]{0,40}\.[0-9]{1,40})
        | \\[dt]?frac\{(?P<top>-?[0-9]{1,40})\}\{(?P<bottom>[0-9]{1,40})\}
    )\.?\s*""",
    re.VERBOSE,
)
_WORDS = re.compile(r"[^\W\d_]+(?:[ '’-]+[^\W_]+)*")
_ARTICLES = ("a", "an", "the")
_SPACING = re.compile(r"\\[ ,;:!]|(?<=\S)~|\\q?quad(?![A-Za-z])")
_MAX_QUOTED = 40
_MAX_WORDS = 12
_EVERYTHING = {("all", "real", "numbers"), ("all", "reals"), ("every", "real", "number"), ("any", "real", "number")}
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*([ap])\.?\s*m\.?", re.IGNORECASE)
_NOTHING = {("no", "solution"), ("no", "solutions"), ("no", "real", "solution"), ("no", "real", "solutions"), ("none",)}


@dataclass(frozen=True)
class _Gold:
    """A gold answer, read once."""

    text: str
    plain: Fraction | None
    """Its value if it is written as a plain number."""
    words: tuple[str, ...]
    """Its words if it is prose."""
    clock: tuple[str, ...] = ()
    """Hour, minute and half of the day if it is a time such as 10:45 a.m."""
    choice: str = ""
    """Its letter if it is one of several choices."""


def verify_math(  # noqa: PLR0913  each rule is one keyword
    response: str,
    gold: str,
    *,
    percent: Percent = "value",
    decimals: Decimals = "exact",
    units: Units = "optional",
    computed: Computed = "optional",
    last_line: bool = True,
) -> Verdict:
    """Whether the final answer of ``response`` is ``gold``.

    Args:
        response: What a model wrote; its answer is found as :mod:`pmd_envs.verifiers.answers` says.
        gold: The right answer, as LaTeX or plain text.
        percent: Whether 28 is 28%; see :class:`pmd_envs.math.policy.Policy`.
        decimals: Whether a rounded decimal is an exact value.
        units: Whether units may be missing or differ.
        computed: Whether "3 + 4" is an answer where the gold is 7.
        last_line: Whether a response that marks no answer is judged by its last line.

    Raises:
        DatasetError: ``gold`` is not an answer that can be read.
        ConfigError: A rule has no such setting.
        VerifierError: The child processes that compare expressions cannot be started.
    """
    policy = _policy(percent, decimals, units, computed)
    expected = _read_gold(gold)
    answer = extract_answer(response, last_line=last_line)
    if answer is None:
        return Verdict(0.0, "no final answer")
    if expected.plain is not None:
        value = _plain_value(answer)
        result = (
            policy.computed == "optional" or value is None or value.denominator > 1 or answer.strip("+-. ").isdigit()
        )
        if value is not None and result and (value == expected.plain or policy.decimals == "exact"):
            return _verdict(value == expected.plain, answer)
    try:
        if policy.computed == "required" and expected.plain is not None and not is_worked_out(_tree(answer)):
            return Verdict(0.0, f"the answer {_quoted(answer)} is not worked out")
        return _verdict(_equal(expected, answer, policy), answer)
    except NotShown as reason:
        return Verdict(0.0, f"the answer {_quoted(answer)} is not accepted: {reason}")
    except NotRead as reason:
        return Verdict(0.0, f"the answer {_quoted(answer)} cannot be read: {reason}")


def check_gold(gold: str) -> None:
    """Make sure that a gold answer can be read, when a data set is loaded.

    Raises:
        DatasetError: It cannot.
    """
    _read_gold(gold)


def states_result(answer: str) -> bool:
    r"""Whether an answer is a number that is worked out, and nothing else but its unit and a label.

    ``f(3) = 5``, ``5\text{ cm}^2`` and ``\frac{5}{4}`` are; ``2 + 3`` is none, nor ``2 + 3 = 5``.
    """
    if _plain_value(answer) is not None and "/" not in answer and "frac" not in answer:
        return True
    try:
        return is_result(_tree(answer))
    except NotRead:
        return False


@lru_cache(maxsize=32)
def _policy(percent: Percent, decimals: Decimals, units: Units, computed: Computed) -> Policy:
    return Policy(percent, decimals, units, computed)


def _equal(gold: _Gold, answer: str, policy: Policy) -> bool:
    if answer.strip() == gold.text:
        return True
    if gold.words and _prose(answer) == gold.words:
        return True
    if gold.clock:
        return _clock(answer) == gold.clock
    chosen = chosen_letter(_spoken(answer)) if gold.choice else None
    if chosen is not None:
        return chosen == gold.choice
    try:
        expected = _tree(gold.text)
    except NotRead:
        return False  # a gold in prose
    return Comparison(policy).same(expected, _tree(answer))


@lru_cache(maxsize=8192)
def _read_gold(gold: str) -> _Gold:
    text = gold.strip()
    if not text or len(text) > MAX_ANSWER:
        raise DatasetError(f"a gold answer has 1 to {MAX_ANSWER} characters, this one {len(text)}")
    plain = _plain_value(text)
    if plain is not None:
        return _Gold(text, plain, ())
    words, clock = _prose(text), _clock(text)
    try:
        _tree(text)
    except NotRead as reason:
        if not words and not clock:
            raise DatasetError(f"the gold answer {_quoted(text)} cannot be read: {reason}") from None
    choice = _spoken(text).strip("() ")
    return _Gold(text, None, words, clock, choice if len(choice) == 1 and chosen_letter(choice) else "")


@lru_cache(maxsize=8192)
def _tree(text: str) -> Node:
    words = _prose(text)
    return parse("\\emptyset" if words in _NOTHING else "\\reals" if words in _EVERYTHING else text)


def _plain_value(text: str) -> Fraction | None:
    """The value of a number without any decoration, read without a parser."""
    match = _PLAIN.fullmatch(text)
    if match is None:
        return None
    sign, whole, below, grouped, decimal, top, bottom = match.groups()
    if decimal:
        value = Fraction(decimal)
    else:
        under = int(below or bottom or 1)
        if not under:
            return None
        value = Fraction(int(whole or top or grouped.replace(",", "")), under)
    return -value if sign == "-" else value


def _clock(text: str) -> tuple[str, ...]:
    """The parts of a time of the day; empty if it is none."""
    match = _CLOCK.fullmatch(_spoken(normalise(text)))
    return tuple(part.lower().lstrip("0") for part in match.groups()) if match else ()


def _spoken(text: str) -> str:
    """An answer without the commands that only set it as text or leave space in it."""
    text = _SPACING.sub(" ", text) if "\\" in text or "~" in text else text
    return re.sub(r"\\(?:text|mbox|textbf|textit|textrm|mathrm|mathbf)\s*\{([^{}]*)\}", r"\1", text).strip(" $*.")


def _prose(text: str) -> tuple[str, ...]:
    """The words of an answer in prose, without a leading article; empty if it is not prose."""
    spoken = _spoken(normalise(text))
    if not _WORDS.fullmatch(spoken) or len(spoken) == 1:
        return ()
    words = tuple(words_of(spoken))
    if any(char.isdigit() for char in spoken) and NOT_A_UNIT.intersection(words):
        return ()
    return words[1:] if words[0] in _ARTICLES and len(words) > 1 else words[:_MAX_WORDS]


def _verdict(equal: bool, answer: str) -> Verdict:
    return (
        Verdict(1.0, "the answer is correct") if equal else Verdict(0.0, f"the answer {_quoted(answer)} is not correct")
    )


def _quoted(answer: str) -> str:
    return repr(answer if len(answer) <= _MAX_QUOTED else f"{answer[:_MAX_QUOTED]}...")
