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
from pmd_envs.math.parse import parse
from pmd_envs.math.policy import Computed, Decimals, Letters, Percent, Policy, Units
from pmd_envs.math.prose import cased_words, clock, is_word, plain_words, prose, spoken
from pmd_envs.math.remarks import as_number, without_remarks
from pmd_envs.math.scan import LONGEST_PRODUCT
from pmd_envs.math.shapes import is_result, is_worked_out
from pmd_envs.math.syntax import Name, Node, Number
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
_MAX_QUOTED = 40
_EVERYTHING = {("all", "real", "numbers"), ("all", "reals"), ("every", "real", "number"), ("any", "real", "number")}
_NOTHING = {("no", "solution"), ("no", "solutions"), ("no", "real", "solution"), ("no", "real", "solutions"), ("none",)}


@dataclass(frozen=True)
class _Gold:
    """A gold answer, read once."""

    text: str
    plain: Fraction | None
    """Its value if it is written as a plain number."""
    words: tuple[str, ...]
    """Its words if it is prose."""
    variables: bool = False
    """Whether it is mathematics too, so that its letters may be variables and their case matters."""
    clock: tuple[str, ...] = ()
    """Hour, minute and half of the day if it is a time such as 10:45 a.m."""
    choice: str = ""
    """Its letter if it is one of several choices."""
    marked: bool = False
    """Whether brackets or text tell that the letter is a choice and no variable."""


def verify_math(  # noqa: PLR0913  each rule is one keyword
    response: str,
    gold: str,
    *,
    percent: Percent = "value",
    decimals: Decimals = "exact",
    units: Units = "optional",
    computed: Computed = "optional",
    letters: Letters = "cased",
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
        letters: Whether a gold letter is known to be a choice, so that ``c`` is ``C``.
        last_line: Whether a response that marks no answer is judged by its last line.

    Raises:
        DatasetError: ``gold`` is not an answer that can be read.
        ConfigError: A rule has no such setting.
        VerifierError: The child processes that compare expressions cannot be started.
    """
    policy = _policy(percent, decimals, units, computed, letters)
    expected = _read_gold(gold)
    try:
        return _judge(expected, response, policy, last_line)
    except (ValueError, OverflowError, RecursionError, MemoryError):
        # Nothing is known to lead here, but no response may end a training run.
        return Verdict(0.0, "the answer cannot be read: it asks for too much")


def _judge(expected: _Gold, response: str, policy: Policy, last_line: bool) -> Verdict:
    answer = extract_answer(response, last_line=last_line)
    if answer is None:
        return Verdict(0.0, "no final answer")
    answer = without_remarks(answer)
    if expected.plain is not None:
        value = _plain_value(answer)
        result = (
            policy.computed == "optional" or value is None or value.denominator > 1 or answer.strip("+-. ").isdigit()
        )
        if value is not None and result and (value == expected.plain or policy.decimals == "exact"):
            return _verdict(value == expected.plain, answer)
    try:
        if policy.computed == "required" and expected.plain is not None and not is_worked_out(_tree(as_number(answer))):
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
def _policy(percent: Percent, decimals: Decimals, units: Units, computed: Computed, letters: Letters) -> Policy:
    return Policy(percent, decimals, units, computed, letters)


def _equal(gold: _Gold, answer: str, policy: Policy) -> bool:
    if answer.strip() == gold.text:
        return True
    if gold.words and _words(answer, gold.variables) == gold.words:
        return True
    if gold.clock:
        return clock(answer) == gold.clock
    bare = gold.marked or policy.letters == "caseless"
    chosen = chosen_letter(spoken(answer), lower=bare) if gold.choice else None
    if chosen is not None:
        return chosen == gold.choice
    try:
        expected = _tree(gold.text)
    except NotRead:
        return False  # a gold in prose
    return Comparison(policy).same(expected, _tree(as_number(answer) if gold.plain is not None else answer))


def _words(text: str, variables: bool) -> tuple[str, ...]:
    return cased_words(prose(text)) if variables else plain_words(prose(text))


@lru_cache(maxsize=8192)
def _read_gold(gold: str) -> _Gold:
    text = gold.strip()
    if not text or len(text) > MAX_ANSWER:
        raise DatasetError(f"a gold answer has 1 to {MAX_ANSWER} characters, this one {len(text)}")
    plain = _plain_value(text)
    if plain is not None:
        return _Gold(text, plain, ())
    spoken_as, time = prose(text), clock(text)
    try:
        variables = _has_letters(_tree(text))
    except NotRead as reason:
        if not spoken_as and not time:
            raise DatasetError(f"the gold answer {_quoted(text)} cannot be read: {reason}") from None
        variables = False
    choice = spoken(text).strip("() ")
    choice = choice if len(choice) == 1 and chosen_letter(choice) else ""
    return _Gold(text, None, _words(text, variables), variables, time, choice, text.strip(" $*.") != choice)


def _has_letters(node: Node) -> bool:
    """Whether a tree holds letters that are no word: a variable, a constant, or a product as long as ``ABCD``."""
    if isinstance(node, Name):
        product = len(node.text) > LONGEST_PRODUCT and not is_word(node.text)
        return (not node.word or product) and node.text not in ("{}", "reals")
    return not isinstance(node, Number) and any(_has_letters(arg) for arg in node.args)


@lru_cache(maxsize=8192)
def _tree(text: str) -> Node:
    words = plain_words(prose(text))
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


def _verdict(equal: bool, answer: str) -> Verdict:
    return (
        Verdict(1.0, "the answer is correct") if equal else Verdict(0.0, f"the answer {_quoted(answer)} is not correct")
    )


def _quoted(answer: str) -> str:
    return repr(answer if len(answer) <= _MAX_QUOTED else f"{answer[:_MAX_QUOTED]}...")
