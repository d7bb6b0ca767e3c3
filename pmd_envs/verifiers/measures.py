"""Equations that may change units on the way, as in ``30 minutes * 4 = 2 hours``, and what else looks like a wrong one.

Nothing is converted: where two units of one dimension meet, a result that is not that of the numbers alone is open,
unless it is so close to it that no change of units explains it. A quotient may be followed by its rest (``30 / 7 = 4
weeks and 2 days``), and ``2010-2020`` may be a range.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from pmd_envs.verifiers.pieces import Piece, Token

_UNITS = {
    "time": "second sec s, minute min, hour hr h, day, week wk, month mo, year yr, decade, century centurie",
    "weight": "milligram mg, gram gm g, kilogram kilo kg, ounce oz, pound lb, ton tonne",
    "length": "millimeter millimetre mm, centimeter centimetre cm, inch inche, foot feet ft, yard yd, meter metre m, "
    "kilometer kilometre km, mile mi",
    "volume": "milliliter millilitre ml, teaspoon tsp, tablespoon tbsp, cup, pint pt, quart qt, liter litre l, "
    "gallon gal",
    "money": "cent ¢ penny pennie pence, nickel, dime, dollar buck $, euro €, sterling £, yen ¥, rupee ₹",
}
_MEASURES: Mapping[str, tuple[str, str]] = {
    word: (dimension, words.split()[0])
    for dimension, kinds in _UNITS.items()
    for words in kinds.split(",")
    for word in words.split()
}
"""Spelling, without the s of the plural, to dimension and unit."""
_RATES = {
    "mph": ("mile", "hour"),
    "kph": ("kilometer", "hour"),
    "kmh": ("kilometer", "hour"),
    "fps": ("foot", "second"),
}
_HOLDS = """minute second 60, hour minute 60, hour second 3600, day hour 24, day minute 1440, week day 7,
    week hour 168, month day 30, month day 31, month week 4, year month 12, year week 52, year day 365, decade year 10,
    century year 100, century decade 10, gram milligram 1000, kilogram gram 1000, ton kilogram 1000, pound ounce 16,
    ton pound 2000, centimeter millimeter 10, meter millimeter 1000, meter centimeter 100, kilometer meter 1000,
    foot inch 12, yard inch 36, yard foot 3, mile foot 5280, mile yard 1760, liter milliliter 1000,
    tablespoon teaspoon 3, cup tablespoon 16, pint cup 2, quart cup 4, quart pint 2, gallon cup 16, gallon pint 8,
    gallon quart 4, dollar cent 100"""
"""Larger unit, smaller one and how often it is in it; some are about."""
_CLOSE = Fraction(1, 20)
"""No two units of one dimension are as close as this, so a result that is off by less is no change of units."""
_WORD = re.compile(r"(?<!['’])\b[^\W\d_]+|[$€£¥₹¢]")
_SAID = re.compile(r"\bremain|\bleft[ -]?over\b|\bround(?:ed|ing|s?\s+(?:up|down|off|to)\b)|\binteger\b", re.IGNORECASE)
"""What tells that a quotient is not all, or not exact."""
_NEARBY = 80
_SENTENCE_ENDS = frozenset(".;!?\n")
_PARTS = frozenset(("half", "quarter", "third", "quarters", "thirds"))
_SIGNS = frozenset("+-*/=")
_HOURS = (12, 24)


def _conversions() -> Mapping[str, frozenset[Fraction]]:
    """What a number is divided by where it is given in this unit and was in another one."""
    found: dict[str, set[Fraction]] = defaultdict(set)
    for words in _HOLDS.split(","):
        large, small, times = words.split()
        found[large].add(Fraction(int(times)))
        found[small].add(Fraction(1, int(times)))
    return {unit: frozenset(factors) for unit, factors in found.items()}


_CONVERSIONS = _conversions()


def meet(tokens: Sequence[Token], left: Piece, right: Piece) -> bool:
    """Whether an equation goes from one unit to another of its dimension; ``3 * 2 hours = 6 hours a week`` does not."""
    given, result = _units(tokens[left.start : left.reach]), _units(tokens[right.start : right.reach])
    for dimension in {of for of, _ in given}:
        units = [unit for of, unit in result if of == dimension]
        met = {unit for of, unit in given if of == dimension} | set(units if right.computes else units[:1])
        if len(met) > 1:
            return True
    return False


def may_change(tokens: Sequence[Token], left: Piece, right: Piece) -> bool:
    """Whether an equation that does not hold for its numbers alone may hold for its quantities."""
    assert left.value is not None
    assert right.value is not None
    if meet(tokens, left, right):
        adds = any(token.kind in "+-" for token in (*tokens[left.start : left.stop], *tokens[right.start : right.stop]))
        return adds or abs(left.value - right.value) >= _CLOSE * max(abs(left.value), abs(right.value))
    given, result = _units(tokens[left.start : left.reach]), _units(tokens[right.start : right.reach])
    if right.computes or not right.value or {of for of, _ in given} & {of for of, _ in result}:
        return False
    return any(left.value / right.value in _CONVERSIONS.get(unit, ()) for _, unit in result)


def _units(tokens: Iterable[Token]) -> list[tuple[str, str]]:
    """Dimension and name of the units among ``tokens``, in order."""
    words = [
        word for token in tokens if token.kind == "word" or token.money for word in _WORD.findall(token.text.lower())
    ]
    found = [_measure(unit) for word in words for unit in _RATES.get(word, (word,))]
    return [measure for measure in found if measure is not None]


def _measure(word: str) -> tuple[str, str] | None:
    return _MEASURES.get(word) or _MEASURES.get(word.removesuffix("s"))


def may_have_rest(text: str, tokens: Sequence[Token], left: Piece, right: Piece) -> bool:
    """Whether a quotient is whole and the sentence goes on with its rest: "13 / 6 = 2 boxes with 1 left"."""
    if not left.computes or right.computes or right.value is None or left.value is None or left.value.denominator == 1:
        return False
    end = tokens[right.stop - 1].end
    said = _SAID.search(text, end, end + _NEARBY) is not None
    if right.value != left.value // 1:
        return said and right.value == left.value // 1 + 1  # "10 / 4 = 3, rounded up"
    part = left.value - right.value
    rests = {part * token.value for token in tokens[left.start : left.stop] if token.kind == "number"}
    return said or _goes_on(tokens, right.reach, rests)


def _goes_on(tokens: Sequence[Token], start: int, rests: set[Fraction]) -> bool:
    """Whether a rest stands in the sentence, or a number before the next calculation."""
    calculates = False
    for index in range(start, len(tokens)):
        token = tokens[index]
        if token.kind == "break" and token.text in _SENTENCE_ENDS:
            return False
        if token.kind == "number" and token.value in rests:
            return True
        following = tokens[index + 1].kind if index + 1 < len(tokens) else ""
        calculates = calculates or token.kind in _SIGNS or (token.kind == "number" and following in _SIGNS)
        if not calculates and (token.kind == "number" or token.text.lower() in _PARTS):
            return True
    return False


def may_be_range(tokens: Sequence[Token], piece: Piece, other: Piece) -> bool:
    """Whether a piece is no difference but a range, and the other side says how long it is: "2010-2020 = 10 years"."""
    assert other.value is not None
    inside, words = (
        tokens[piece.start : piece.stop],
        {token.text.lower() for token in tokens[piece.start : piece.reach]},
    )
    if [token.kind for token in inside if token.kind != "word"] != ["number", "-", "number"]:
        return False
    if words & {"am", "pm"}:
        return True
    first, last = (int(token.value) for token in inside if token.kind == "number")
    if len(inside) > 3 or inside[0].end != inside[1].start or inside[1].end != inside[2].start:
        return False
    if first < last:
        return other.value - (last - first) in (0, 1)
    hours = ("time", "hour") in _units(tokens[other.start : other.reach])
    return hours and any(first <= day and other.value == (last - first) % day for day in _HOURS)
