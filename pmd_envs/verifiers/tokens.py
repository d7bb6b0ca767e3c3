"""Prose with arithmetic in it, as tokens that each play one role for arithmetic.

In ``Tom pays 3 pens * $2 each = $6`` there are numbers, signs and words, and the words are units to be passed over.
A token that could be a variable, a power or a word with a meaning of its own ("half") is a "symbol": what it
touches cannot be checked. A "break" separates. All relations are of kind
"="; their text says which. The text is read once from left to right.
"""

import re
from fractions import Fraction

from pmd_envs.verifiers.numbers import DIGITS
from pmd_envs.verifiers.pieces import Kind, Token
from pmd_envs.verifiers.roles import DOTS, role_of, scale_of, touch

_MAX_DIGITS = 30
_MAX_NESTING = 20

_TOKEN = re.compile(
    rf"""(?P<clock>[0-9]{{1,2}}:[0-5][0-9](?![0-9]))
    | (?P<grouped>(?:[$€£¥₹¢]\s?)[1-9][0-9]{{0,2}}(?:\ [0-9]{{3}})+(?![\w.]) | [1-9][0-9]{{0,2}}(?:\ 000)+(?![\w.]))
    | (?P<ordinal>[0-9]+(?:st|nd|rd|th)s?\b)
    | (?P<mixed>(?:[$€£¥₹¢]\s?)?[0-9]+\s(?:and\s\$?)?\(?[0-9]+/[0-9]+\)?(?![\w/.]|\s+of\b)|[0-9]+\sand\sa\shalf\b)
    | (?P<number>(?:[$€£¥₹¢]\s?)?(?:{DIGITS}(?!,?[0-9])(?:\.[0-9]+)?|\.[0-9]+))
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
    | (?P<break>\.{{3,}} | \S | \n)""",
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


def tokenize(text: str) -> list[Token]:
    """The tokens of ``text``, each already in the role that it plays where it stands."""
    raw = [_token(match) for match in _TOKEN.finditer(text)]
    tokens: list[Token] = []
    for index, token in enumerate(raw):
        before = tokens[-1] if tokens else None
        after = raw[index + 1] if index + 1 < len(raw) else None
        if token.kind == "%" and before is not None and before.kind == "number" and not before.percent:
            tokens[-1] = before._replace(end=token.end, value=before.value / 100, percent=True)
        elif before is not None and (factor := scale_of(token, before, tokens)) is not None:
            scale = before.scale * factor
            tokens[-1] = before._replace(end=token.end, value=before.value * factor, scale=scale)
        elif before is not None and token.text in DOTS and before.decimals and touch(before, token):
            tokens[-1] = before._replace(end=token.end, cut=True)
        else:
            role = role_of(token, before, after, tokens)
            tokens.append(token if role == token.kind else token._replace(kind=role))
    return _settle_brackets(tokens)


def _token(match: re.Match[str]) -> Token:
    name, text = match.lastgroup or "break", match[0]
    token = Token(_KINDS[name], match.start(), match.end(), text)
    if name not in ("number", "mixed", "ordinal", "grouped"):
        return token
    money = not (text[0].isdigit() or text[0] == ".")
    digits = text.replace(",", "").strip("$€£¥₹¢ ")
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
    return Token("number", token.start, token.end, text, value, decimals, money=money)


def _mixed(token: Token, text: str) -> Token:
    """``2 1/3``, ``2 and 1/3`` or ``2 and a half``."""
    whole, *parts = map(int, re.findall("[0-9]+", text))
    top, bottom = parts or (1, 2)
    return token._replace(kind="symbol") if top >= bottom else token._replace(value=whole + Fraction(top, bottom))


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
            before = tokens[start - 1] if start > 0 and touch(tokens[start - 1], tokens[start]) else None
            stuck = before is not None and before.kind == "number"
            for end in (start, index):
                settled[end] = tokens[end]._replace(kind=_bracket_role(tokens[end], inside, len(open_at), stuck))
            if before is not None and before.kind == "word" and before.text[-1].isalpha():
                # "floor(7/2)" may be any function; "fee(s)" and "eggs(white ones)" are not.
                named = settled[start].kind == "("
                settled[start - 1] = before._replace(kind="symbol" if named else "word")
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
