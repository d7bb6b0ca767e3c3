"""Prose with arithmetic in it, as tokens that each play one role for arithmetic.

In ``Tom pays 3 pens * $2 each = $6`` there are numbers, signs and words, and the words are units to be passed over.
A token that could be a variable, a power or a word with a meaning of its own ("half") is a "symbol": what it
touches cannot be checked. A "break" separates. All relations are of kind
"="; their text says which. The text is read once from left to right.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

from pmd_envs.verifiers.numbers import DIGITS

_MAX_DIGITS = 30
_MAX_NESTING = 20

Kind = Literal["number", "+", "-", "*", "/", "(", ")", "=", "%", "word", "symbol", "break"]


_ZERO = Fraction(0)


class Token(NamedTuple):
    """A piece of text and what it is to arithmetic; a tuple, since a step of a few words has dozens."""

    kind: Kind
    start: int
    end: int
    text: str
    value: Fraction = _ZERO
    decimals: int = 0
    percent: bool = False
    money: bool = False
    cut: bool = False
    """Whether dots stand for more digits."""


_TOKEN = re.compile(
    rf"""(?P<clock>[0-9]{{1,2}}:[0-5][0-9](?![0-9]))
    | (?P<grouped>(?:[$€£¥₹¢]\s?)[1-9][0-9]{{0,2}}(?:\ [0-9]{{3}})+(?![\w.]) | [1-9][0-9]{{0,2}}(?:\ 000)+(?![\w.]))
    | (?P<ordinal>[0-9]+(?:st|nd|rd|th)s?\b)
    | (?P<mixed>(?:[$€£¥₹¢]\s?)?[0-9]+\s(?:and\s\$?)?\(?[0-9]+/[0-9]+\)?(?![\w/.]|\s+of\b)|[0-9]+\sand\sa\shalf\b)
    | (?P<number>(?:[$€£¥₹¢]\s?)?(?:{DIGITS}(?!,?[0-9])(?:\.[0-9]+)?|\.[0-9]+)
        (?:(?:(?<=\.[0-9][0-9])|(?<=\.[0-9][0-9][0-9]))(?:\.\.\.|…))?)
    | (?P<equals>(?<![<>!:=])==?(?![=>]) | \b(?:is\s+|are\s+)?equals?(?:\s+to)?\b)
    | (?P<relation>\\(?:leq?|geq?|neq?|lt|gt)\b | [≤≥≠] | (?<![-=<>])(?:<=|>=)(?![=>]) | !=(?!=)
        | (?<![-=<>])<(?![-=<>/A-Za-z]) | (?<![-=<>/"'A-Za-z])>(?![=<>]))
    | (?P<times>\\times\b | [×∗∙] | \*(?!\*) | \btimes\b(?=\s*(?:[$(0-9]|\.[0-9])) | \bmultiplied\s+by\b)
    | (?P<over>\\div\b | / | \bdivided\s+by\b)
    | (?P<plus>\+ | \bplus\b(?=\s*(?:[$(0-9]|\.[0-9])))
    | (?P<minus>- | \bminus\b(?=\s*(?:[$(0-9]|\.[0-9])))
    | (?P<open>\() | (?P<close>\))
    | (?P<percent>% | \bpercent\b)
    | (?P<symbol>\*\* | !(?=\s*[-+*/=)]) | [\^_√{{}}\\π∑] | [0-9][0-9,]*)
    | (?P<word>\b(?:sq|cu|ft|lbs?|oz|yds?|hrs?|mins?)\.(?=\s?[-+*/=a-z–])
        | \b(?:[ck]?m|mi|ft|g|m?l)/(?:s|h|g|m|m?l|min|hr)\b | [A-Z]&[A-Z]s?\b
        | [^\W\d_]+(?:['’-][^\W\d_]+)*(?:(?<=s)['’](?=\s))? | (?<=[^\W\d_])\.(?=\s*[-+*/=]) | [$€£¢°])
    | (?P<break>\S | \n)""",
    re.VERBOSE | re.IGNORECASE,
)
_KINDS: dict[str, Kind] = {
    "clock": "symbol",
    "ordinal": "word",
    "mixed": "number",
    "grouped": "number",
    "number": "number",
    "equals": "=",
    "relation": "=",
    "times": "*",
    "over": "/",
    "plus": "+",
    "minus": "-",
    "open": "(",
    "close": ")",
    "percent": "%",
    "symbol": "symbol",
    "word": "word",
    "break": "break",
}
_FACTORS = frozenset({"half", "twice", "double", "triple", "thrice", "third", "quarter", "thirds", "quarters"})
_DETERMINED = frozenset(
    ("the", "a", "each", "every", "first", "second", "last", "next", "final", "other", "one", "this", "that")
)
"""In "the third set" and "the second half" nothing is multiplied."""
_COUNTED = frozenset({"third", "thirds", "quarter", "quarters"})
_FEWEST_COUNTED = 4
_LETTER_UNITS = frozenset("gmlhLA")
_PROSE = "and or so then but because since if when which is are was were that there has have had gives yields"
_STOP_WORDS = frozenset(_PROSE.split())
_OPERAND_END = frozenset({"number", ")", "word", "%"})


def tokenize(text: str) -> list[Token]:
    """The tokens of ``text``, each already in the role that it plays where it stands."""
    raw = [_token(match) for match in _TOKEN.finditer(text)]
    tokens: list[Token] = []
    for index, token in enumerate(raw):
        before = tokens[-1] if tokens else None
        after = raw[index + 1] if index + 1 < len(raw) else None
        if token.kind == "%" and before is not None and before.kind == "number" and not before.percent:
            tokens[-1] = before._replace(end=token.end, value=before.value / 100, percent=True)
        else:
            role = _role(token, before, after, tokens)
            tokens.append(token if role == token.kind else token._replace(kind=role))
    return _settle_brackets(tokens)


def _token(match: re.Match[str]) -> Token:
    name, text = match.lastgroup or "break", match[0]
    token = Token(_KINDS[name], match.start(), match.end(), text)
    if name not in ("number", "mixed", "ordinal", "grouped"):
        return token
    money = not (text[0].isdigit() or text[0] == ".")
    cut = text.endswith(("...", "…"))
    digits = text.replace(",", "").strip("$€£¥₹¢ …").removesuffix("...")
    if len(digits) > _MAX_DIGITS:
        return token._replace(kind="symbol")
    if name == "mixed":
        return _mixed(token, digits)
    if name == "ordinal":
        return token._replace(value=Fraction(digits.rstrip("sthndrSTHNDR")))
    if re.fullmatch("0[0-9]{3}", digits):
        return token._replace(kind="symbol")  # a time such as 0730
    digits = digits.replace(" ", "")
    decimals = len(digits.partition(".")[2])
    value = Fraction(int(digits)) if digits.isdecimal() else Fraction(digits)
    return Token("number", token.start, token.end, text, value, decimals, money=money, cut=cut)


def _mixed(token: Token, text: str) -> Token:
    """``2 1/3``, ``2 and 1/3`` or ``2 and a half``."""
    whole, *parts = map(int, re.findall("[0-9]+", text))
    top, bottom = parts or (1, 2)
    return token._replace(kind="symbol") if top >= bottom else token._replace(value=whole + Fraction(top, bottom))


def _role(token: Token, before: Token | None, after: Token | None, tokens: Sequence[Token]) -> Kind:
    """What a token is, seen between its neighbours."""
    if token.kind == "word":
        return _role_of_word(token, before, after, tokens)
    if token.kind == "%":
        return "symbol"
    if token.kind == "number" and before is not None and before.kind == "word":
        return "symbol" if _touch(before, token) and before.text[-1].isalpha() and not token.money else "number"
    if token.kind in ("-", "/") and after is not None and after.kind == "word" and _is_name(after):
        return _role_before_word(token, before, after)
    return token.kind


def _role_before_word(token: Token, before: Token | None, after: Token) -> Kind:
    """What a minus sign or slash is that stands before a word."""
    if token.kind == "/":
        return "word"  # "$5 / hour"
    if _touch(before, token) and _touch(token, after):
        return "word"  # "10-minute"
    return "break" if before is not None and before.kind == "word" else "symbol"  # "18 eggs - so far"


def _touch(before: Token | None, token: Token) -> bool:
    return before is not None and before.end == token.start


def _is_name(word: Token) -> bool:
    """Whether a word is long enough not to be a variable."""
    return len(word.text) > 1 and word.text[0].isalpha() and word.text.lower() not in _FACTORS


def _role_of_word(token: Token, before: Token | None, after: Token | None, tokens: Sequence[Token]) -> Kind:
    word = token.text.lower()
    if word[0].isdigit():  # an ordinal; in "1/4th" and "6 - 2 = 4th place" it is a number
        return "number" if before is not None and before.kind in ("/", "=") else "word"
    if word == "x" and before is not None and before.kind in _OPERAND_END and _starts_operand(after):
        return "*"
    if word == "of":
        return _role_of_of(before, after, tokens)
    stuck = before is not None and before.kind == "number" and _touch(before, token)
    if word in _FACTORS:
        return "word" if _is_no_factor(word, before, after) else "symbol"
    if len(word) == 1 and word.isalpha() and (stuck or word not in "ai"):
        unit = before is not None and before.kind == "number" and token.text in _LETTER_UNITS
        return "word" if unit and not _starts_operand(after) and (after is None or after.text != "^") else "symbol"
    return "break" if word in _STOP_WORDS else "word"


def _is_no_factor(word: str, before: Token | None, after: Token | None) -> bool:
    """Whether "third" is a place in a row, or "quarters" are coins, rather than a part of something."""
    if before is None or (after is not None and after.text.lower() == "of"):
        return False
    coins = before.kind == "number" and word in _COUNTED and before.value >= _FEWEST_COUNTED
    return coins or before.text.lower() in _DETERMINED


def _starts_operand(token: Token | None) -> bool:
    return token is not None and token.kind in ("number", "(")


def _role_of_of(before: Token | None, after: Token | None, tokens: Sequence[Token]) -> Kind:
    """In "20% of 50" and "1/2 of 50" it multiplies; in "half of 50" it is part of what is not read."""
    if before is None or before.kind == "word":
        return "word"
    if before.kind == "symbol":
        return "symbol"
    fraction = before.kind == "number" and len(tokens) > 1 and tokens[-2].kind == "/"
    multiplies = (before.percent or fraction) and _starts_operand(after)
    return "*" if multiplies else "break"


def _settle_brackets(tokens: list[Token]) -> list[Token]:
    """Turn brackets that group no arithmetic into words or breaks."""
    settled = list(tokens)
    open_at: list[int] = []
    contents: list[set[str]] = [set()]
    for index, token in enumerate(tokens):
        if token.kind == "(":
            open_at.append(index)
            contents.append(set())
        elif token.kind != ")":
            contents[-1].add(token.kind)
        elif open_at:
            inside = contents.pop()
            contents[-1] |= inside
            start = open_at.pop()
            stuck = start > 0 and tokens[start - 1].kind == "number" and _touch(tokens[start - 1], tokens[start])
            for end in (start, index):
                settled[end] = tokens[end]._replace(kind=_bracket_role(tokens[end], inside, len(open_at), stuck))
        else:
            settled[index] = token._replace(kind="break")
    for start in open_at:
        continues = start > 0 and tokens[start - 1].kind in "+-*/"
        settled[start] = tokens[start]._replace(kind="symbol" if continues else "break")
    return settled


def _bracket_role(bracket: Token, inside: set[str], depth: int, stuck: bool) -> Kind:
    if depth >= _MAX_NESTING or inside & {"=", "break"}:
        return "break"
    if inside <= {"word"}:
        return "symbol" if stuck else "word"  # "3(apples)" is a product, "3 (apples)" a remark
    return bracket.kind
