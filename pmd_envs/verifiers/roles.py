"""The role that each token of a text plays for arithmetic where it stands.

Most words say what is counted and are passed over. Some change the arithmetic around them: "half", "squared", "mod",
the names of functions, a word such as "tenths" behind a number, and "of" where it does not plainly multiply. None of
these is computed; what they touch is left open.
"""

from collections.abc import Sequence

from pmd_envs.verifiers.magnitudes import ORDINALS, SCALES, SHORT
from pmd_envs.verifiers.numbers import ATTACHED
from pmd_envs.verifiers.pieces import Kind, Token

DOTS = frozenset(("...", "....", "…", "⋯"))
_MAX_SCALE = 10**15
_MAX_BRACKET = 20
_FACTORS = frozenset({"half", "twice", "double", "triple", "thrice", "third", "quarter", "thirds", "quarters"})
_DETERMINED = frozenset(
    ("the", "a", "each", "every", "first", "second", "last", "next", "final", "other", "one", "this", "that")
)
"""In "the third set" and "the second half" nothing is multiplied."""
_COUNTED = frozenset({"third", "quarter", "quarters"})
_FEWEST_COUNTED = 4
_LETTER_UNITS = frozenset("gmlhLA")
_FEWEST_LETTERS = 4
"""Of a word that touches a number and can only be a unit."""
_SHORT_UNITS = ATTACHED | {"mg", "lb", "pt"}
_PROSE = "and or so then but because since if when which is are was were that there has have had gives yields"
_STOP_WORDS = frozenset(_PROSE.split())
_OPERAND_END = frozenset({"number", ")", "word", "%"})
_SIGNS = frozenset({"+", "-", "*", "/"})
_MULTIPLE = "halves lakh lakhs crore crores mil mils mln mn mio bn bln gross grand score"
_FUNCTION = "sqrt cbrt root abs log ln lg exp sin cos gcd lcm hcf"
_NAME = "root roots square cube power log logarithm factorial reciprocal inverse floor ceiling"
_LABEL = "day night week month year hour game round step case part option question problem number no page"
_CALCULATING = frozenset(("squared", "cubed", "factorial", "pi"))
_BETWEEN = frozenset(("mod", "modulo", "choose"))
_PARTS = frozenset(f"{word}s" for word in ORDINALS)
_MULTIPLES = frozenset(_MULTIPLE.split())
_FUNCTIONS = frozenset(_FUNCTION.split())
_BRACKETED = _FUNCTIONS | {"floor", "ceil", "ceiling", "round", "tan", "max", "min"}
"""Before a bracket these are functions, too: "round (3.4)", but not "each round 2 + 3"."""
NAMING = frozenset(_NAME.split())
"""In "the square root of 9 + 16" what follows "of" is not all that is meant."""
_ADDED_UP = frozenset({"total", "sum", "out"})
_LABELS = frozenset(_LABEL.split())


def scale_of(token: Token, before: Token | None, tokens: Sequence[Token]) -> int | None:
    """What a word behind a number multiplies it by, as in ``3 million``; not in ``1/2 million`` and ``20% million``."""
    factor = SCALES.get(token.text.lower())
    if factor is None or before is None or before.kind != "number" or before.percent or before.cut:
        return None
    divides = len(tokens) > 1 and tokens[-2].kind == "/"
    return None if divides or before.scale * factor > _MAX_SCALE else factor


def role_of(token: Token, before: Token | None, after: Token | None, tokens: Sequence[Token]) -> Kind:
    """What a token is, seen between its neighbours; ``tokens`` are those before it, with their roles."""
    if token.kind == "word":
        return _role_of_word(token, before, after, tokens)
    if token.kind == "%":
        return "symbol"
    if token.kind == "number" and before is not None and before.kind == "word":
        return "symbol" if touch(before, token) and before.text[-1].isalpha() and not token.money else "number"
    if token.kind in ("-", "/") and after is not None and after.kind == "word" and _is_name(after):
        return _role_before_word(token, before, after)
    ratio = token.text == ":" and _is_ratio(token, before, after, tokens)
    return "symbol" if ratio or (token.text in DOTS and _leaves_out(before, after)) else token.kind


def touch(before: Token | None, token: Token) -> bool:
    """Whether nothing stands between two tokens."""
    return before is not None and before.end == token.start


def _role_before_word(token: Token, before: Token | None, after: Token) -> Kind:
    """What a minus sign or slash is that stands before a word."""
    if token.kind == "/":
        return "word"  # "$5 / hour"
    if touch(before, token) and touch(token, after):
        return "word"  # "10-minute"
    return "break" if before is not None and before.kind == "word" else "symbol"  # "18 eggs - so far"


def _is_ratio(colon: Token, before: Token | None, after: Token | None, tokens: Sequence[Token]) -> bool:
    """Whether a colon divides, as in ``12:8`` and ``12 : 8``, but not in ``Day 3:100`` and ``Step 2: 5 + 3``."""
    if before is None or before.kind not in ("number", ")") or after is None or not _starts_operand(after):
        return False
    labelled = len(tokens) > 1 and tokens[-2].text.lower().rstrip("s") in _LABELS
    return touch(before, colon) == touch(colon, after) and not labelled


def _leaves_out(before: Token | None, after: Token | None) -> bool:
    """Whether dots stand for terms, as in ``1 + 2 + ... + 10`` and ``1, 2, ..., 10``."""
    if before is None or after is None:
        return False
    return (before.kind in _SIGNS or before.kind in ("number", ")") or before.text == ",") and (
        after.kind in _SIGNS or _starts_operand(after) or after.text == ","
    )


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
    stuck = before is not None and before.kind == "number" and touch(before, token)
    if word in _FACTORS:
        return "word" if _is_no_factor(word, before, after) else "symbol"
    if len(word) == 1 and word.isalpha() and (stuck or word not in "ai"):
        unit = before is not None and before.kind == "number" and token.text in _LETTER_UNITS
        return "word" if unit and not _starts_operand(after) and (after is None or after.text != "^") else "symbol"
    calculates = _calculates(token, before, after)
    return "symbol" if calculates else "break" if word in _STOP_WORDS else "word"


def _calculates(token: Token, before: Token | None, after: Token | None) -> bool:
    """Whether a word makes another number of what it touches, in a way that is not computed."""
    word, counts = token.text.lower(), before is not None and before.kind in ("number", ")")
    if word in SCALES or word in _CALCULATING:
        return True
    if word in _BETWEEN:
        return counts and _starts_operand(after)
    if word in _BRACKETED and not counts:
        return after is not None and (after.kind == "(" or (after.kind == "number" and word in _FUNCTIONS))
    if word in ORDINALS:  # "5 fifth graders", but "a fifth of 20" and "1 tenth"
        ends = after is None or after.kind != "word"
        return (after is not None and after.text.lower() == "of") or (counts and ends)
    return counts and (word in _PARTS or word in _MULTIPLES or token.text in SHORT)


def _is_no_factor(word: str, before: Token | None, after: Token | None) -> bool:
    """Whether "third" is a place in a row, or "quarters" are coins, rather than a part of something."""
    if before is None or (after is not None and after.text.lower() == "of"):
        return False
    coins = before.kind == "number" and word in _COUNTED and before.value >= _FEWEST_COUNTED
    return coins or before.text.lower() in _DETERMINED


def _starts_operand(token: Token | None) -> bool:
    return token is not None and token.kind in ("number", "(")


def _role_of_of(before: Token | None, after: Token | None, tokens: Sequence[Token]) -> Kind:
    """What "of" is: it multiplies in "20% of 50", "1/2 of 50", "(1/2) of 50" and "0.5 of 50".

    As a break it leaves open what follows it ("1/2 of the 50 eggs", "3 boxes of 12", "the average of 3").
    """
    if before is None:
        return "word"
    if before.kind == "word":
        return "break" if _says_what_of(before, after, tokens) else "word"
    if before.kind == "symbol":
        return "symbol"
    fraction = before.kind == "number" and len(tokens) > 1 and tokens[-2].kind == "/"
    decimal = before.decimals > 0 and not before.money
    part = before.percent or decimal or fraction or _is_fraction_in_brackets(tokens)
    return "*" if part and _starts_operand(after) else "break"


def _says_what_of(before: Token, after: Token | None, tokens: Sequence[Token]) -> bool:
    """Whether what follows "of" belongs to the words before: "the root of 9 + 16", "2 big boxes of 12 + 3"."""
    word = before.text.lower()
    counted = any(token.kind == "number" for token in tokens[-2:-1]) or (
        len(tokens) > 2 and tokens[-3].kind == "number" and tokens[-2].kind == "word"
    )
    the_mean = word in ("average", "mean", "median") and any(token.text.lower() == "the" for token in tokens[-2:-1])
    return word in NAMING or the_mean or (counted and word not in _ADDED_UP and _starts_operand(after))


def _is_fraction_in_brackets(tokens: Sequence[Token]) -> bool:
    """Whether ``(1/2)``, ``((3)/(4))`` or ``(1 - 20%)`` stands at the end of ``tokens``."""
    depth, divides = 0, False
    for token in reversed(tokens[-_MAX_BRACKET:]):
        if token.kind not in ("number", "(", ")") and token.kind not in _SIGNS:
            return False
        divides = divides or token.kind == "/" or token.percent or token.decimals > 0
        depth += (token.kind == ")") - (token.kind == "(")
        if depth == 0:
            return token.kind == "(" and divides
    return False


def may_be_letters(before: Token, word: Token) -> bool:
    """Whether a word that touches what it stands behind may be variables, as in ``4t`` and ``3ab``."""
    if before.end != word.start or not word.text.isalpha():
        return False
    short = len(word.text) < _FEWEST_LETTERS and word.text.lower().rstrip("s") not in _SHORT_UNITS
    return len(word.text) == 1 or (short and before.kind in ("number", ")"))
