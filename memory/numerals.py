"""Numbers as answers: in digits any mention counts, in words what announces them, and long words by themselves."""

import re
from decimal import Decimal
from functools import lru_cache

from memory.announced import sums_up

_DIGITS = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
GOLD_NUMBER = re.compile(rf"[-+]?\s?\$?\s?{_DIGITS}\s?%?")
"""A plain answer that is a number."""
_UNIT = r"(?:[kcdm]?m[23]?|[km]?g|[cdm]?l|[mn]?s|h|hr|k?w|v|ft|in|mi|lb|oz|am|pm|[^\W\d_]{3,})"
"""Written right after its number; what ends an ordinal, or multiplies a variable by it, is none."""
_NUMBER = re.compile(rf"(?<![^\W_])(?<![^\W_]_)(?<!\.){_DIGITS}(e[-+]?\d{{1,3}})?{_UNIT}?(?!_*[^\W_]|\.\d)")
_SPACED = re.compile(r"(?<![\w.,])\d{1,3}(?: \d{3})+(?![\w,]|\.\d| \d)")
"""Thousands with spaces between them; two numbers side by side look the same, so each is looked for too."""
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_MORE = rf"(?:{'|'.join((*_ONES[1:], *_TENS))})(?!\w)"
_NOT_IT = r"(?!\s(?:times|more|less|fewer|halves|thirds|quarters|fourths|fifths|tenths{})(?!\w))"
"""After a small number in words: what makes it one of another sentence, such as "the result is two times ..."."""
_LARGEST = 999_999
"""Of numbers that are looked for in words."""


def states_number(said: str, answer: str) -> bool:
    """Whether a plain text has the number that a plain answer is.

    The sign is left out of the comparison: "10-7" and "-7" both show a 7.
    """
    number = GOLD_NUMBER.fullmatch(answer)
    if number is None:
        return False
    value = _value(number[1])
    in_digits = any(_value(found[1] + (found[2] or "")) == value for found in _NUMBER.finditer(said))
    spaced = any(int(found[0].replace(" ", "")) == value for found in _SPACED.finditer(said))
    return in_digits or spaced or _in_words(said, value)


def _value(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


def _in_words(said: str, value: Decimal) -> bool:
    if value != int(value) or not 0 <= value <= _LARGEST:
        return False
    words = numeral(int(value))
    if value > 100 and value % 100 and re.search(rf"(?<![\w-])(?<!hundred )(?<!thousand )(?<!and ){words}", said):
        return True  # nobody says "one hundred and seven" by chance
    return sums_up(said, rf"(?:(?:minus|negative)\s)?{words}", is_pattern=True)


@lru_cache(maxsize=512)
def numeral(value: int) -> str:
    """A pattern for a whole number from 0 to 999,999 in words, and for no larger number that begins like it."""
    ends = r"(?![\w-])(?!\s(?:hundred|thousand|million)(?!\w))"
    if 0 < value < 13:
        ends += _NOT_IT.format("|of|or|to|by|that|which|who|half|third|quarter" if value == 1 else "")
    elif value % 100 == 0:
        ends += rf"(?!,?\s(?:and\s)?{_MORE})"
    elif value % 10 == 0 and value % 100 >= 20:
        ends += rf"(?!\s(?:{'|'.join(_ONES[1:10])})(?!\w))"
    return _spelled(value) + ends


def _spelled(value: int) -> str:
    if value >= 1000:
        thousands, rest = divmod(value, 1000)
        return rf"{_some(thousands)}[\s-]thousand" + (rf",?\s(?:and\s)?{_spelled(rest)}" if rest else "")
    if value >= 100:
        hundreds, rest = divmod(value, 100)
        return rf"{_some(hundreds)}[\s-]hundred" + (rf"(?:\sand)?[\s-]{_spelled(rest)}" if rest else "")
    if value < 20:
        return _ONES[value]
    tens, ones = divmod(value, 10)
    return _TENS[tens - 2] + (rf"[\s-]{_ONES[ones]}" if ones else "")


def _some(count: int) -> str:
    return "(?:one|a)" if count == 1 else _spelled(count)
