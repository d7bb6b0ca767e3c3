"""Finding and checking the arithmetic that a line of reasoning claims.

``Janet sells 16 - 3 - 4 = 9 eggs`` claims ``16 - 3 - 4 = 9``, and so does ``<<16-3-4=9>>``. Around each ``=`` the
longest expression on either side is read: numbers with + - * /, brackets and percent signs; currency signs and unit
words are passed over. Sides are compared exactly, except that a division that never ends may be rounded to two or
more decimals. In a chain ``a = b = c`` each link is a claim of its own, and so is each inequality. Where letters stand
for numbers, or a side is not arithmetic, there is nothing to check: a wrong step has to be certain.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

from pmd_envs.records import StepVerdict
from pmd_envs.verifiers.answers import PLAIN_ANSWER
from pmd_envs.verifiers.claims import EquationCheck, finding
from pmd_envs.verifiers.expressions import read_pieces
from pmd_envs.verifiers.measures import may_be_range, may_change, may_have_rest, meet
from pmd_envs.verifiers.numbers import parse_number, plain_text, show_number
from pmd_envs.verifiers.pieces import Piece, Token
from pmd_envs.verifiers.quotients import with_quotients
from pmd_envs.verifiers.scales import factor, is_counted_in, may_be_counted_or_rounded, without_scales
from pmd_envs.verifiers.tokens import tokenize

_MAX_TEXT = 4_000
_MAX_KEPT = 500
_INEQUALITIES: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    **dict.fromkeys(("<", r"\lt"), operator.lt),
    **dict.fromkeys((">", r"\gt"), operator.gt),
    **dict.fromkeys(("<=", "≤", r"\le", r"\leq"), operator.le),
    **dict.fromkeys((">=", "≥", r"\ge", r"\geq"), operator.ge),
    **dict.fromkeys(("!=", "≠", r"\ne", r"\neq"), operator.ne),
}
_BOLD = re.compile(r"(?<!\S)\*\*(?=\S)|(?<=\S)\*\*(?=[\s.,;:!?)]|$)")
_BULLET = re.compile(r"^[ \t]*(?:[-*+•][ \t]+|step[ \t]+[0-9]+[ \t]*[-:.)][ \t]*)", re.IGNORECASE | re.MULTILINE)
_NOTHING = StepVerdict(None, "no arithmetic to check")
_COPIED = re.compile(r"\s*[$€£]?\s*(-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)(?![.,/]?[0-9])")
# Without one of these, a text in ASCII claims nothing: all other relations are of other characters.
_MAYBE_RELATION = re.compile(r"[=<>\\]|equal", re.IGNORECASE)
_ANNOTATION = re.compile(r"<<([^<>\n]*)>>")
_WHOLE = r"(?:0|[1-9][0-9]{0,8})"
_PLAIN = re.compile(rf"(?:[A-Za-z]+(?: [A-Za-z]+)*: )?(({_WHOLE}(?: [-+*/] {_WHOLE}){{1,9}}) = ({_WHOLE}))")
"""A line that is one equation of whole numbers, perhaps after a label: ``Eggs left: 16 - 3 - 4 = 9``."""


def strip_annotations(text: str) -> str:
    """``text`` without calculator annotations such as ``<<48/2=24>>``."""
    return _ANNOTATION.sub("", text)


def readable(text: str) -> str:
    """``text`` without what only decorates its arithmetic."""
    text = _BULLET.sub("", _BOLD.sub("", strip_annotations(text)))
    if "\\" in text:
        text = with_quotients(text)
    return plain_text(text)


def check_equations(text: str) -> list[EquationCheck]:
    """Every arithmetic claim in ``text`` that can be checked, in order; last, those that only annotations make.

    Of a longer text the sentences that end within the first 4,000 characters are read.
    """
    plain = plain_claim(text)
    if plain is not None:
        return [plain]
    return list(_known_claims(text) if len(text) <= _MAX_KEPT else all_claims(text))


def plain_claim(text: str) -> EquationCheck | None:
    """What :func:`all_claims` finds in a line that is one equation of whole numbers and holds, but forty times as soon.

    Most lines of most solutions are such. Where the two sides differ, words may say what else is meant.
    """
    found = _PLAIN.fullmatch(text) if len(text) <= _MAX_KEPT else None
    if found is None:
        return None
    value = _whole_value(found[2].split(" "))
    return EquationCheck(found[1], True, found[3]) if value == int(found[3]) else None


def _whole_value(words: Sequence[str]) -> int | None:
    """The value of whole numbers with signs between them; None where a division leaves a rest."""
    total, term = 0, int(words[0])
    for sign, word in zip(words[1::2], words[2::2], strict=True):
        number = int(word)
        if sign == "*":
            term *= number
        elif sign == "/":
            if number == 0 or term % number:
                return None
            term //= number
        else:
            total, term = total + term, number if sign == "+" else -number
    return total + term


def all_claims(text: str) -> tuple[EquationCheck, ...]:
    """:func:`check_equations` of any text, read anew."""
    if len(text) > _MAX_TEXT:
        text = text[: max(text.rfind(end, 0, _MAX_TEXT) for end in ("\n", ". ")) + 1]
    if text.isascii() and not _MAYBE_RELATION.search(text):
        return ()
    checks = _claims(readable(text))
    stated = {(check.ok, check.computed) for check in checks}
    annotated = [check for match in _ANNOTATION.finditer(text) for check in _annotated(match)]
    return (*checks, *(check for check in annotated if (check.ok, check.computed) not in stated))


# Attempts at one problem say the same lines, and an episode of steps is judged once more at its end.
_known_claims = lru_cache(maxsize=2048)(all_claims)


def _annotated(annotation: re.Match[str]) -> list[EquationCheck]:
    """What a calculator annotation claims, and that the number after it is its result."""
    checks = list(_claims(readable(annotation[1])))
    copied = _COPIED.match(annotation.string, annotation.end())
    result = parse_number(annotation[1].rpartition("=")[2])
    number = parse_number(copied[1]) if copied else None
    if copied and number is not None and result is not None and number != result and all(check.ok for check in checks):
        checks.append(EquationCheck(f"{copied[1]} after {annotation[0]}", False, show_number(result)))
    return checks


def _claims(text: str) -> tuple[EquationCheck, ...]:
    tokens = tokenize(text)
    pieces = read_pieces(tokens)
    ending = {piece.reach: piece for piece in pieces}
    starting = {piece.start: piece for piece in pieces}
    checks = []
    for index, token in enumerate(tokens):
        if token.kind == "=" and index in ending and index + 1 in starting:
            left, right = ending[index], starting[index + 1]
            check = _check_link(text, tokens, left, right)
            if check is not None:
                checks.append(check)
    return tuple(checks)


def _is_relation(tokens: Sequence[Token], index: int) -> bool:
    return 0 <= index < len(tokens) and tokens[index].kind == "="


def check_step_arithmetic(text: str, asked: int | None = None) -> StepVerdict:
    """Judge one step by its arithmetic: wrong if any claim is, right if all are, not checkable without one.

    Args:
        text: The step.
        asked: How many numbers the question has, if the question is what an expression of them comes to. What one
            of as many numbers comes to is not told.
    """
    if PLAIN_ANSWER.fullmatch(text):
        return _NOTHING
    checks = check_equations(text)
    wrong = next((check for check in checks if not check.ok), None)
    if wrong is not None:
        return StepVerdict(False, finding(checks, wrong, asked is None or wrong.numbers < asked))
    if not checks:
        return _NOTHING
    return StepVerdict(True, checks[0].reason if len(checks) == 1 else f"all {len(checks)} equations are right")


def evaluate(expression: str) -> Fraction | None:
    """The value of a text that is one arithmetic expression of at most 4,000 characters, else ``None``."""
    if len(expression) > _MAX_TEXT:
        return None
    tokens = tokenize(readable(expression))
    pieces = read_pieces(tokens)
    whole = len(pieces) == 1 and pieces[0].start == 0 and pieces[0].stop == len(tokens)
    return pieces[0].value if whole else None


def _check_link(text: str, tokens: Sequence[Token], left: Piece, right: Piece) -> EquationCheck | None:
    if left.value is None or right.value is None:
        return None
    sign = tokens[right.start - 1].text
    ok = any(_holds(sign, one, other) for one, other in _readings(left, right))
    is_open = not ok and (_is_open(text, tokens, left, right) or _may_be_counted(sign, tokens, left, right))
    if left.letters != right.letters or is_open or (sign in _INEQUALITIES and meet(tokens, left, right)):
        return None
    if not (left.computes or right.computes) and not (left.bare and right.bare):
        return None
    claim = text[tokens[left.start].start : tokens[right.stop - 1].end]
    chained = _is_relation(tokens, left.start - 1) or _is_relation(tokens, right.reach)
    numbers = max(_count_numbers(tokens, side) for side in (left, right))
    return EquationCheck(" ".join(claim.split()), ok, _computed(left, right), chained, numbers)


def _count_numbers(tokens: Sequence[Token], side: Piece) -> int:
    return sum(token.kind == "number" for token in tokens[side.start : side.stop])


def _holds(sign: str, left: Piece, right: Piece) -> bool:
    """Whether a relation holds; only equations may be between a value and its rounding."""
    compare = _INEQUALITIES.get(sign)
    if compare is None:
        return _agree(left, right) or _agree(right, left)
    assert left.value is not None
    assert right.value is not None
    return compare(left.value, right.value)


def _readings(left: Piece, right: Piece) -> list[tuple[Piece, Piece]]:
    """The claim as written and, since "5 / 20 * 100 = 25%" and "5 / 20 * 100% = 25" are common, without the sign."""
    assert left.value is not None
    assert right.value is not None
    readings = [(left, right)]
    if right.percent:
        readings.append((left, right._replace(value=right.value * 100, percent=False)))
    if left.hundred:
        readings.append((left._replace(value=left.value * 100), right))
    if right.lead is not None:
        # "3/3 - 2/3 = 1/3 of $150": the first number may be the result, and the rest what it is a part of.
        readings.append((left, right._replace(value=right.lead)))
    if is_counted_in(left, right):
        readings.append((left, right._replace(value=right.value / factor(right), scales=frozenset())))
    return readings


def _may_be_counted(sign: str, tokens: Sequence[Token], left: Piece, right: Piece) -> bool:
    """Whether a word such as "dozen" may only say what is counted, or a result be rounded to it."""
    if not (left.scales or right.scales):
        return False
    sides = without_scales(tokens, left, right)
    return sides is None or _holds(sign, *sides) or may_be_counted_or_rounded(left, right)


def _is_open(text: str, tokens: Sequence[Token], left: Piece, right: Piece) -> bool:
    """Whether an equation that does not hold as arithmetic may still be meant in another way."""
    percents = right.all_percent and left.bare and left.value is not None and abs(left.value) > 1
    # In "2 times the sum of 3 and 4 = 14" the 4 alone is not what equals 14.
    joined = left.start > 0 and tokens[left.start - 1].text.lower() in ("and", "or") and not left.computes
    unclear = joined or percents or bool(left.letters) or _may_relate_units(left, right)
    ranges = may_be_range(tokens, left, right) or may_be_range(tokens, right, left)
    return unclear or ranges or may_change(tokens, left, right) or may_have_rest(text, tokens, left, right)


def _may_relate_units(left: Piece, right: Piece) -> bool:
    """Whether the equation may say, as "2 hours = 2 * 60 minutes" does, that two measures are the same."""
    assert right.value is not None
    return not (left.computes or left.bare) or (left.fraction and abs(right.value) >= 1)


def _agree(exact: Piece, shown: Piece) -> bool:
    """Whether ``shown`` is the value of ``exact``, or that value correctly rounded."""
    assert exact.value is not None
    assert shown.value is not None
    if exact.value == shown.value:
        return True
    if shown.computes or not shown.decimals:
        return False
    places = shown.decimals + (2 if shown.percent else 0)
    scale = Fraction(10) ** places / factor(shown)
    scaled = exact.value * scale
    if shown.cut and shown.value * scale == int(scaled):
        return True
    return shown.decimals >= 2 and not _terminates(exact.value) and shown.value * scale == round(scaled)


def _terminates(value: Fraction) -> bool:
    """Whether the decimal form of ``value`` ends."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def _computed(left: Piece, right: Piece) -> str:
    assert left.value is not None
    assert right.value is not None
    if left.computes == right.computes:
        return f"{show_number(left.value)} on the left and {show_number(right.value)} on the right"
    return show_number(left.value if left.computes else right.value)
