r"""Mathematics in one way of writing, so that an answer is found in LaTeX, Unicode and plain text alike.

Only writing is made alike, such as ``3\sqrt{2}``, ``3√2`` and ``3*sqrt(2)``. There is no algebra: 0.75 is not 3/4 here.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

_WRAPPED = r"\\(?:text[a-z]{0,6}|mbox|hbox|math(?:rm|bf|it|sf)|operatorname)\s?\{([^{}]{0,80})\}"
_WORDS = re.compile(_WRAPPED)
_RAISED_OR_LOWERED = re.compile("([⁰¹²³⁴-⁹⁺⁻ⁿ]+)|([₀-₉₊₋]+)")
_DEGREES = re.compile(r"\^\s?(?:\\circ(?![a-z])|\{\s?\\circ\s?\})|\\degree(?![a-z])|°")
_IN_BRACES = re.compile(r"([\^_])\s?\{\s?([^{}]{1,40}?)\s?\}")
_ROOT = re.compile(
    r"(?:\\sqrt|√|(?<![^\W\d_])sqrt)\s?(?:\{([^{}]{1,40})\}|\(([^(){}]{1,40})\)|(\d+|[^\W\d_](?![^\W\d_])))"
)
_FRACTION = re.compile(r"(?<!\\)\\[cdt]?frac\s?(?:\{([^{}]{1,40})\}|(\w))\s?(?:\{([^{}]{1,40})\}|(\w))")
_OVER = re.compile(r"(?<=[\d)}])\sover\s(?=[\d(\\√])")
_MINUS = re.compile(r"(?<!\w)(?:negative|minus)\s(?=[\d(\\√.])")
_POWER = re.compile(r"(?<=[\w)])(?:\*\*(?=[\w(])|\s\*\*\s(?=[\w(]))")
"""As in a program; what is set in bold type has a space on one side."""
_ALONE_ABOVE = re.compile(r"(?<![^\W_])(?<![)\]])\(\s?(\w{1,40})\s?\)\s?(?=/)")
_ALONE_BELOW = re.compile(r"(?<=/)\s?\(\s?(\w{1,40})\s?\)")
"""Parentheses of a fraction around a single number or letter."""
_NO_SPACE = re.compile(r"(?<!\\)\\!\s?")
_SPACE = re.compile(r"(?<!\\)\\[,;: ]|\\?\$")
_COMMAND = re.compile(r"(?<!\\)\\([a-z]+)")
_ESCAPED = re.compile(r"(?<!\\)\\([%{}#&_])")
_SIZES = ("left", "right", "big", "bigl", "bigr", "bigg", "biggl", "biggr", "displaystyle", "quad", "qquad")
_COMMANDS = {
    **dict.fromkeys(_SIZES, " "),
    **dict.fromkeys(("times", "cdot", "ast"), "*"),
    **{"div": "/", "pm": "±", "leq": "<=", "le": "<=", "geq": ">=", "ge": ">=", "cup": " u ", "in": "∈"},
}
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("×·⋅∙", "*"),
        **dict.fromkeys('"“”‘’', "'"),
        **{"−": "-", "⁄": "/", "÷": "/", "π": " pi ", "∞": " infty ", "∪": " u ", "≤": "<=", "≥": ">="},
    }
)
_INFINITY = re.compile(r"(?<!\w)infinity(?!\w)")
_PLUS_MINUS = re.compile(r"\+/?-(?=\s?[\d√(])")
_MEASURED = re.compile(rf"(?<=[\d}}])\s?{_WRAPPED}(?:\^\{{?\d\}}?)?$")
_NAMED = re.compile(r"(?:[a-z]|[a-z]\s?\([a-z]\))\s?(?:=|∈)\s?((?=[^=]*\d)[^=]+)")
"""A value with its name before it."""
_ALONE = re.compile(r"\s*" + _WRAPPED + r"\s*")
_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\w\s]|_")
_SYMBOL = re.compile(r"[-+*/=^_()\[\]{}<>|\\√±]|\d\s?(?:,|[^\W\d_])")
_TIMES = re.compile(r"(?<=[\d)])\s?\*\s?(?=[^\W\d_]|[√(])")
_GRID = re.compile(r"\d+(?: \d+)+")
_LONG = 16
"""Digits, those of the smallest grid, that do not meet by chance, so that nothing has to separate rows."""
_LONGEST = 1_000
"""Characters of an answer that is looked for sign by sign."""


@lru_cache(maxsize=2048)
def normalise(text: str) -> str:
    """Text without differences that do not matter: Unicode form, case, runs of white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=2048)
def plainly(text: str) -> str:
    """A text in the one way of writing; what is no mathematics stays as :func:`normalise` has it, but for quotes."""
    said = normalise(_RAISED_OR_LOWERED.sub(lambda found: ("^" if found[1] else "_") + found[0], text))
    said = _DEGREES.sub(" ", _WORDS.sub(r" \1 ", said)).replace("{,}", ",")
    for _ in range(3):  # what stands in braces inside of braces
        said = _IN_BRACES.sub(lambda found: found[1] + _grouped(found[2], r"\w+"), said)
        said = _ROOT.sub(lambda found: "√" + _grouped(found[1] or found[2] or found[3], r"\w+"), said)
        said = _FRACTION.sub(_divided, said)
    said = _SPACE.sub(" ", _NO_SPACE.sub("", said))
    said = _COMMAND.sub(lambda found: _COMMANDS.get(found[1], f" {found[1]} "), said)
    said = _INFINITY.sub("infty", _ESCAPED.sub(r"\1", said).translate(_SIGNS))
    said = _POWER.sub("^", _MINUS.sub("-", _OVER.sub("/", said)))
    said = _ALONE_BELOW.sub(r"\1", _ALONE_ABOVE.sub(r"\1", said))
    return " ".join(_PLUS_MINUS.sub("±", said).split())


@lru_cache(maxsize=2048)
def plain_answer(gold: str) -> str:
    """An answer as :func:`plainly` writes it, without a unit in words."""
    return plainly(_MEASURED.sub("", gold.strip()))


def value_alone(answer: str) -> str:
    """What a plain answer says that a variable or function is; empty for other answers."""
    named = _NAMED.fullmatch(answer)
    return named[1] if named else ""


def word_alone(gold: str) -> str:
    r"""The word that an answer such as ``\text{odd}`` or ``\pi`` is, in its own case; empty for other answers."""
    wrapped = _ALONE.fullmatch(gold) or re.fullmatch(r"\s*\\([A-Za-z]+)\s*", gold)
    word = unicodedata.normalize("NFKC", wrapped[1]).strip() if wrapped else ""
    return word if word.isalpha() else ""


@lru_cache(maxsize=2048)
def as_pattern(answer: str) -> re.Pattern[str] | None:
    """What finds a plain answer with signs in it, however it is spaced; None for answers without signs."""
    if len(answer) > _LONGEST:
        return None
    if _GRID.fullmatch(answer):
        return _grid(answer)
    if not _SYMBOL.search(answer):
        return None
    tokens = _TOKEN.findall(_TIMES.sub("", answer))
    listed = "," in tokens and not set(tokens) & set("()[]{}")
    spoken = listed and (tokens.count(",") > 1 or len(tokens) > 3)  # "2 and 3" says many things
    parts = [re.escape(tokens[0])]
    for before, token in pairwise(tokens):
        parts.append(_comma() if spoken and token == "," else _gap(before, token) + re.escape(token))
    beyond = (r"(?<!\d,)(?<!\d, )", r"(?!\s?,\s?-?\d)") if listed else ("", "")
    return re.compile(rf"(?<![\w^/])(?<!\d\.){beyond[0]}{''.join(parts)}(?!\w|\s?\^|\.\d){beyond[1]}")


def _comma() -> str:
    return r"(?:\s*,\s*(?:and\s|or\s)?|\s+(?:and|or)\s+)"


def _gap(before: str, after: str) -> str:
    """What may stand between two parts of an answer: two numbers or two words stay apart."""
    if (before.isdigit() and after.isdigit()) or (before.isalpha() and after.isalpha()):
        return r"\s+"
    times = (before.isdigit() or before == ")") and (after.isalpha() or after in "√(")
    return r"\s*\*?\s*" if times else r"\s*"


def _grid(answer: str) -> re.Pattern[str]:
    """Rows of digits, with marks or labels between them."""
    rows, mark = answer.split(), r"[\s,;/|\[\]]"
    if len(answer.replace(" ", "")) < _LONG:
        return re.compile(rf"(?<![\w.]){rf'{mark}{{1,4}}'.join(rows)}(?!\w|\.\d)")
    label = r"(?:row\s?)?\d\s?[:.)]\s?"
    inside = [rf"{mark}{{0,4}}".join(row) for row in rows]
    return re.compile(rf"(?<!\d){rf'{mark}{{0,4}}(?:{label})?{mark}{{0,4}}'.join(inside)}(?!\d)")


def _grouped(part: str, as_it_is: str) -> str:
    part = part.strip()
    return part if re.fullmatch(as_it_is, part) else f"({part})"


def _divided(found: re.Match[str]) -> str:
    r"""``\frac{3}{4}`` as ``3/4``; behind a whole number apart from it."""
    over, under = (_grouped(part, r"-?[^-+±]*") for part in (found[1] or found[2], found[3] or found[4]))
    return f"{' ' if found.string[found.start() - 1 : found.start()].isdigit() else ''}{over}/{under}"
