r"""One number in plain text or light LaTeX, as an exact :class:`~fractions.Fraction`.

Reads ``1,234``, ``14{,}916``, ``-3/4``, ``\frac{3}{4}``, ``1 1/2``, ``28%`` (0.28), ``$18``, ``18 eggs a day``,
``1e3``, ``2.5 \times 10^3``, ``½``, ``3 million`` and ``3 dozens``. What is not *one* number is ``None``: lists,
ranges, alternatives, expressions and words. Unit words after a number are dropped; a single letter stuck to it
(``4t``) may be a variable and is not, nor is a word that makes it another number (``3 hundredths``).
"""

import re
import unicodedata
from fractions import Fraction

from pmd_envs.verifiers.magnitudes import (
    ALTERED,
    CARDINALS,
    DENIALS,
    HEDGES,
    ORDINALS,
    PREFIXES,
    SCALES,
    WITHDRAWALS,
    changes,
)
from pmd_envs.verifiers.quotients import TEXT

_MAX_LENGTH = 300
_MAX_DIGITS = 60
_MAX_EXPONENT = 60

DIGITS = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+(?![0-9])|[0-9]+)"
"""A run of digits, with or without thousands separators."""
_DECIMAL = rf"(?:{DIGITS}(?:\.[0-9]*)?|\.[0-9]+)"
_CURRENCY = r"(?:US|CA|AU)?[$€£¥₹]"

_NUMBER = re.compile(
    rf"""(?P<sign>[-+]?)\s*(?:{_CURRENCY}\s*)?(?P<inner>-?)
    (?: (?P<whole>{DIGITS})\s+(?P<part>[0-9]+)\s*/\s*(?P<parts>[0-9]+)
      | (?P<top>-?{_DECIMAL})\s*/\s*(?P<bottom>-?{_DECIMAL})
      | (?P<decimal>{_DECIMAL})(?:[eE](?P<e>[-+]?[0-9]+)|\s*[×x*]\s*10\s*\^\s*\(?(?P<ten>[-+]?[0-9]+)\)?)?
    )
    (?P<rest>(?![0-9]).*)""",
    re.VERBOSE | re.DOTALL,
)
_PERCENT = re.compile(r"\s*(?:%|percent\b|per\s?cent\b)", re.IGNORECASE)
_SCALE = re.compile(rf"\s*({'|'.join(SCALES)})\b", re.IGNORECASE)
_REMARK = re.compile(r"\([^()0-9]*\)")
_UNIT_POWER = re.compile(r"(?<=[^\W\d_])\^\(?-?[0-9]\)?")
_NOT_A_UNIT = re.compile(
    r"""[^\w\s/'’.°¢$€£¥₹-] | [\d_]    # signs and digits: a list, a range, an expression
    | (?<![^\W\d_])- | -(?![^\W\d_])    # a hyphen joins words, or it is a minus
    | /\s*(?![^\W\d_\s])                # a slash stands before a word
    """,
    re.VERBOSE,
)
_SHORT_UNITS = "kg km cm mm ml lb lbs oz ft in mi mph kph hr hrs min mins sec am pm usd gb mb kb tb st nd rd th"
ATTACHED = frozenset(_SHORT_UNITS.split())
"""Short words that are units where they touch a number; others may be variables."""
_LETTERS = frozenset("amgshlAL")
_OTHER_MEANING = """
    and or nor not but to than plus minus times over divided multiplied equals equal by is are was either mod
    squared cubed root pi sqrt factorial infinity unless if except instead modulo basis"""
_NOT_UNITS = HEDGES | WITHDRAWALS | PREFIXES | SCALES.keys() | set(_OTHER_MEANING.split())
_FINAL = "negative ish etc grand gross score about around least most max maximum minimum tops wait sorry binary"
_LAST = DENIALS | set(_FINAL.split())
"""Words that speak of the number where nothing follows them: 5 wrong, but not 5 wrong answers."""
_ALONE = frozenset({"square", "cube", "double", "triple", "twice", "thrice"})
"""Words that do so where nothing else stands beside the number."""
_REMARKED = """
    sure certain likely so less but or not if unless instead times squared cubed root plus minus factorial twice"""
_DOUBTS = HEDGES | WITHDRAWALS | ALTERED | PREFIXES | _LAST | SCALES.keys() | set(_REMARKED.split())
"""What may not stand in a remark in brackets either."""
_UNFIT = DENIALS | WITHDRAWALS | {"not", "maybe", "perhaps", "possibly", "probably", "about", "roughly", "nearly"}
"""What is in no name of a number: ``not = 5``."""
_COMPARED = frozenset({"more", "fewer", "higher", "lower"})
"""In a remark of more words the number would be another one: 5 (really more)."""
_WORD = re.compile(r"[^\W\d_]+")
_GRADE = re.compile(rf"\b(?:{'|'.join(ORDINALS)})(?=[ -]grade)", re.IGNORECASE)
"""Third graders are no thirds."""

_DEGREES = re.compile(r"\s*°\s*[CF]\b")
_COINS = re.compile(r"\s*quarters\b(?!\s+of\b)", re.IGNORECASE)
_FEWEST_COINS = 4
"""Fewer quarters may be a part of something: 3 quarters are 0.75."""
_OFTEN = "times"
"""How often something is done, where nothing follows it: 11 times, but not 3 times 4."""
_JOINING = frozenset({"or", "and", "actually", "rather", "no"})

_VULGAR = re.compile(r"(?<=[0-9])(?=[¼-¾⅐-⅞])")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉", "0123456789-0123456789")
_RAISED_RUN = re.compile(r"[⁰¹²³⁴-⁹⁻]+")
_LOWERED_RUN = re.compile(r"[₀-₉]+")
_DASHES = str.maketrans({"−": "-", "–": "-", "⁄": "/", "∕": "/", "·": "*", "⋅": "*", "÷": "/"})
_SPACES = re.compile(
    r"""\\[,;:!\ ] | \\quad\b
    | (?<=[\w}).%*×+/-])~ | (?<=~=)~ | (?<!^)~(?=(?!(?:US|CA|AU)\$)[^\W\d_])""",
    re.VERBOSE,
)
"""In LaTeX a tilde between two things is a space; in ``~18`` it says about."""
_TIGHT = re.compile(r",\s*\\!\s*")
_FRACTION = re.compile(
    rf"\\[dtc]?frac\s*(?:\{{\s*(\$?-?{_DECIMAL})\s*\}}|([0-9]))\s*(?:\{{\s*(-?{_DECIMAL})\s*\}}|([0-9]))"
)
"""Of numbers only: what else may stand there, such as a sum, would need brackets to stay what it is."""
_NAME = re.compile(r"\s*[^\W\d_][\w ]{0,40}=(?!=)")


def parse_number(text: str) -> Fraction | None:
    """The value of ``text`` if it is one number, else ``None``."""
    if len(text) <= _MAX_DIGITS and text.isascii() and text.isdigit():
        return Fraction(int(text))  # most answers by far, and reading anything else takes fifty times as long
    if len(text) > _MAX_LENGTH:
        return None
    plain = _strip_name(_unwrap(plain_text(text)))
    if len(plain) > 2 * _MAX_LENGTH:
        return None
    match = _NUMBER.fullmatch(plain)
    if match is None or (match["sign"] and match["inner"]):
        return None
    value = _value(match)
    if value is None:
        return None
    if match["sign"] == "-" or match["inner"]:
        value = -value
    return _with_rest(value, match["rest"])


def plain_text(text: str) -> str:
    """``text`` without the LaTeX that numbers come in, its digits and signs in ASCII."""
    if not text.isascii():
        text = _RAISED_RUN.sub(lambda run: "^" + run[0].translate(_RAISED), _VULGAR.sub(" ", text))
        text = _LOWERED_RUN.sub(lambda run: "_" + run[0].translate(_RAISED), text)
        text = unicodedata.normalize("NFKC", text).translate(_DASHES)
        text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    text = _TIGHT.sub(",", text).replace("{,}", ",").replace("\\%", "%").replace("\\$", "$")
    text = text.replace("\\times", "×").replace("\\cdot", "*").replace("^{\\circ}", "°").replace("^\\circ", "°")
    text = re.sub(r"\^\{([-+]?[0-9]+)\}", r"^\1", text)
    text = TEXT.sub(r" \1 ", text)
    text = _FRACTION.sub(lambda parts: f" {parts[1] or parts[2]}/{parts[3] or parts[4]} ", text)
    text = _SPACES.sub(" ", text)
    for opening, closing in (("\\(", "\\)"), ("\\[", "\\]")):
        text = text.replace(opening, " ").replace(closing, " ")
    return text


def show_number(value: Fraction) -> str:
    """A value as a person would write it: an integer, a short decimal, or a rounded one after "about"."""
    if abs(value) >= 10**15:
        return f"about 10^{len(str(abs(int(value)))) - 1}"
    if value.denominator == 1:
        return str(value.numerator)
    for places in range(1, 7):
        if (value * 10**places).denominator == 1:
            return f"{float(value):.{places}f}"
    return f"about {float(value):.2f}" if abs(value) >= Fraction(1, 100) else f"about {float(value):.2g}"


def _unwrap(text: str) -> str:
    """Drop Markdown and dollar signs that stand around the whole text, and the brackets of ``(5)``."""
    text = text.strip().strip("*`").strip()
    if text.endswith("$"):
        text = text.rstrip("$").rstrip()
        # In $18$ both signs are LaTeX; in 18$ there is only the one that went.
        text = text.removeprefix("$$").removeprefix("$").strip()
    bracketed = re.fullmatch(r"\(([^(),]*)\)", text)
    return bracketed[1].strip() if bracketed else text


def _strip_name(text: str) -> str:
    """``x = 5`` and ``total cost = 5`` state 5."""
    match = _NAME.match(text)
    return text[match.end() :].strip() if match and may_name(match[0]) else text


def may_name(text: str) -> bool:
    """Whether words before an equals sign may say what the number is, rather than that it is none."""
    return _UNFIT.isdisjoint(_WORD.findall(text.lower()))


def _exact(digits: str) -> Fraction | None:
    digits = digits.replace(",", "")
    return Fraction(digits) if sum(char.isdigit() for char in digits) <= _MAX_DIGITS else None


def _value(match: re.Match[str]) -> Fraction | None:
    if match["top"]:
        return _quotient(match["top"], match["bottom"])
    if match["whole"]:
        whole, part = _exact(match["whole"]), _quotient(match["part"], match["parts"])
        # "4 10/3" is not how anybody writes a mixed number, so it is not guessed at.
        return None if whole is None or part is None or part >= 1 else whole + part
    decimal = _exact(match["decimal"])
    power = match["e"] or match["ten"] or "0"
    if decimal is None or len(power) > 4 or abs(int(power)) > _MAX_EXPONENT:
        return None
    return decimal * Fraction(10) ** int(power)


def _quotient(top: str, bottom: str) -> Fraction | None:
    above, below = _exact(top), _exact(bottom)
    return None if above is None or not below else above / below


def _with_rest(value: Fraction, rest: str) -> Fraction | None:
    """Apply a percent sign or a scale word and drop units; anything else means it was not one number."""
    percent = _PERCENT.match(rest)
    if percent:
        value, rest = value / 100, rest[percent.end() :]
    while not percent and (scale := _SCALE.match(rest)):
        value, rest = value * SCALES[scale[1].lower()], rest[scale.end() :]
    if any(_is_doubtful(remark) for remark in _REMARK.findall(rest)):
        return None
    if any(_names_another(value * 100 if percent else value, remark) for remark in _REMARK.findall(rest)):
        return None
    rest = _without_known_unit(value, rest) if not percent else rest
    return value if _is_unit(_UNIT_POWER.sub("", _REMARK.sub(" ", _GRADE.sub("school", rest))).rstrip(" .,;")) else None


def _without_known_unit(value: Fraction, rest: str) -> str:
    """What follows degrees of a scale, or quarters that are coins."""
    unit = _DEGREES.match(rest)
    if unit is None and value.denominator == 1 and value >= _FEWEST_COINS:
        unit = _COINS.match(rest)
    return rest[unit.end() :] if unit else rest


def _names_another(value: Fraction, remark: str) -> bool:
    """Whether a remark is another number in words, as in "12 (thirteen)": that is a second answer."""
    words = [word for word in _WORD.findall(remark.lower()) if word not in _JOINING]
    return bool(words) and CARDINALS.keys() >= set(words) and sum(CARDINALS[word] for word in words) != value


def _is_doubtful(remark: str) -> bool:
    """Whether a remark takes back the number that it is about, or says that it is another one."""
    words = _WORD.findall(remark.lower())
    return any(map(_is_doubt, words)) or (len(words) > 1 and words[-1] in _COMPARED)


def _is_doubt(word: str) -> bool:
    return word.lower() in _DOUBTS or (word.endswith("s") and changes(word))


def _is_unit(rest: str) -> bool:
    """Whether what stands behind a number may be ignored: unit words such as "eggs a day" or "km/h"."""
    words = _WORD.findall(rest)
    if words and words[-1].lower() == _OFTEN:
        words.pop()
    if _NOT_A_UNIT.search(rest) or any(word.lower() in _NOT_UNITS or changes(word) for word in words):
        return False
    if words and (words[-1].lower() in _LAST or (len(words) == 1 and words[0].lower() in _ALONE)):
        return False
    if rest[:1].isalpha() and words and len(words[0]) < 4 and words[0].lower() not in ATTACHED:
        return False
    return all(len(word) > 1 or word in _LETTERS for word in words)
