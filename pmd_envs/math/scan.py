r"""The tokens of an answer.

Letters are the hard part: ``xy`` is a product, ``sin`` a function, ``cm`` a unit, ``Evelyn`` a word. Two or three
letters that are none of those are variables, unless they follow a number at a distance (``5 men``); longer runs and
all text inside ``\text{}`` are words. Commas separate thousands only outside brackets.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from pmd_envs.math.limits import MAX_DIGITS, MAX_EXPONENT, NotRead, TooBig
from pmd_envs.math.syntax import Name, Node, Number
from pmd_envs.math.vocabulary import (
    ABBREVIATED,
    CONSTANTS,
    CURRENCIES,
    DROPPED,
    FUNCTIONS,
    GREEK,
    NOT_A_UNIT,
    SIGNS,
    STYLE_COMMANDS,
    TEXT_COMMANDS,
    UNITS,
    WORD_SIGNS,
)
from pmd_envs.verifiers.magnitudes import SCALES


@dataclass(frozen=True)
class Token:
    """A piece of an answer: ``kind`` is ``number``, ``name``, ``word``, ``function``, ``scale`` or a sign."""

    kind: str
    text: str = ""
    node: Node | None = None
    spaced: bool = False
    """Whether a space stands before it."""


_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<begin>\\begin\s*\{(?P<shape>[a-zA-Z]+)\*?\}(?:\{[clr|\s]*\})?) | (?P<end>\\end\s*\{[a-zA-Z]+\*?\})
    | (?P<row>\\\\(?:\[[0-9a-z.\s]*\])?)
    | (?P<command>\\[A-Za-z]+)
    | (?P<escaped>\\[{}|$%&\#_])
    | (?P<repeating>(?P<fixed>[0-9]*\.[0-9]*)(?:\\(?:overline|bar|dot)\s*(?:\{(?P<cycle>[0-9]+)\}|(?P<digit>[0-9]))
        | \((?P<period>[0-9]+)\)))
    | (?P<dots>(?P<start>[0-9]{0,20}\.[0-9]{0,20}?)(?P<again>[0-9]{1,12}?)(?P=again){2,}\.\.\.)
    | (?P<power>(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE](?P<exponent>[-+]?[0-9]+)(?![0-9.A-Za-z]))
    | (?P<thousands>[1-9][0-9]{0,2}(?:,[0-9]{3})+(?![0-9])(?!,[0-9])(?:\.[0-9]+)?)
    | (?P<decimal>[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+)
    | (?P<letters>[^\W\d_]+)
    | (?P<sign>\*\*|<=|>=|=<|!=|<>|=(?!=)|[-+*/^_<>(){}\[\],;:|!%°±∓&$€£¥₹¢'])""",
    re.VERBOSE,
)
_NOTHING_MORE = re.compile(r"[\s.}$]*\Z")
_FRACTION_ARGUMENTS = 2
_LETTER_UNITS = frozenset(spelling for spelling in UNITS if len(spelling) == 1)
_ALIASES = {"**": "^", "<>": "!=", "=<": "<="}
_OPENING, _CLOSING = ("(", "[", "\\{"), (")", "]", "\\}")
LONGEST_PRODUCT = 3
"""Letters that are read as a product of variables where they stand together."""


def scan(text: str) -> list[Token]:
    """The tokens of a normalised text, ending with one of kind ``end``."""
    return [*_Scanner(text).read(prose=False), Token("end")]


class _Scanner:
    """Reads one text; :attr:`tokens` is what it has read so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.brackets = self.braces = 0
        self.sets: list[bool] = []
        """For each open brace: whether it holds a set rather than an argument."""
        self.arguments: list[tuple[int, int]] = []
        r"""For each open ``\\frac``: the brace depth and how many arguments are still to come."""

    def read(self, prose: bool, position: int = 0, stop: int | None = None) -> list[Token]:
        stop = len(self.text) if stop is None else stop
        spaced = False
        while position < stop:
            match = _TOKEN.match(self.text, position, stop)
            if match is None and self._abbreviates(position):
                position, spaced = position + 1, True
                continue
            if match is None:
                raise NotRead(f"{self.text[position]!r} is not a sign of mathematics")
            if match["thousands"] and self.brackets:
                match = re.compile(r"(?P<decimal>[0-9]+)").match(self.text, position) or match
            kind = match.lastgroup or "sign"
            if match.group(0) and kind == "space":
                position, spaced = match.end(), True
                continue
            position = self._take(match, prose, spaced)
            spaced = False
        return self.tokens

    def _abbreviates(self, position: int) -> bool:
        """Whether a full stop ends the abbreviation of a unit such as ``sq`` or ``ft``."""
        word = self.tokens[-1].text if self.tokens and self.tokens[-1].kind == "word" else ""
        return self.text[position] == "." and (word in UNITS or word in ABBREVIATED)

    def _take(self, match: re.Match[str], prose: bool, spaced: bool) -> int:
        """Add the token of one match and return where to go on."""
        found = match.groupdict()
        if found.get("command"):
            return self._command(match, spaced)
        if found.get("letters"):
            self._letters(match, prose, spaced)
        elif found.get("begin") or found.get("end") or found.get("row"):
            kind = next(kind for kind in ("begin", "end", "row") if found[kind])
            self.tokens.append(Token("finish" if kind == "end" else kind, found["shape"] or ""))
        elif found.get("sign") or found.get("escaped"):
            self._sign(match, spaced)
        else:
            return self._number(match, spaced)
        return match.end()

    def _number(self, match: re.Match[str], spaced: bool) -> int:
        if self.arguments and self.arguments[-1][0] == self.braces:
            digit = match[0][0]  # \frac12 is one half
            self.tokens.append(Token("number", digit, Number(Fraction(digit)), spaced))
            self._argument_ends()
            return match.start() + 1
        self.tokens.append(Token("number", match[0], _literal(match), spaced))
        return match.end()

    def _argument_ends(self) -> None:
        """One argument of the innermost fraction is complete, if it is the one at this depth."""
        if self.arguments and self.arguments[-1][0] == self.braces:
            depth, left = self.arguments.pop()
            if left > 1:
                self.arguments.append((depth, left - 1))

    def _command(self, match: re.Match[str], spaced: bool) -> int:
        name = match[0][1:]
        if name in TEXT_COMMANDS:
            return self._prose(match)
        if name in DROPPED or name in STYLE_COMMANDS:
            return self._skip(match.end(), name)
        if name in ("frac", "dfrac", "tfrac", "cfrac", "binom", "dbinom", "tbinom"):
            self.tokens.append(Token("function", "binom" if "binom" in name else "div", spaced=spaced))
            self.arguments.append((self.braces, _FRACTION_ARGUMENTS))
            return match.end()
        if name in SIGNS:
            self._add_sign(SIGNS[name], spaced)
        elif name in FUNCTIONS:
            self.tokens.append(Token("function", FUNCTIONS[name], spaced=spaced))
        elif name in CONSTANTS or name in GREEK or name == "reals":
            self.tokens.append(Token("name", name, Name(CONSTANTS.get(name, name)), spaced))
            self._argument_ends()
        else:
            raise NotRead(f"\\{name} is not read")
        return match.end()

    def _skip(self, position: int, name: str) -> int:
        r"""``\\left.`` has no bracket."""
        if name in ("left", "right") and self.text.startswith(".", position):
            return position + 1
        return position

    def _prose(self, match: re.Match[str]) -> int:
        opening = re.compile(r"\s*\{([^{}]*)\}").match(self.text, match.end())
        if opening is None:
            raise NotRead(f"{match[0]} without a text")
        words = opening[1].rstrip().removesuffix(".")  # a sentence may end inside
        self.read(prose=True, position=opening.start(1), stop=opening.start(1) + len(words))
        self._argument_ends()
        return opening.end()

    def _letters(self, match: re.Match[str], prose: bool, spaced: bool) -> None:
        run = match[0]
        before = self.tokens[-1].kind if self.tokens else ""
        if self.arguments and self.arguments[-1][0] == self.braces and not prose:
            self.tokens.append(Token("name", run, Name(run), spaced))
            self._argument_ends()
            return
        known = _known_run(run, spaced)
        if known is not None:
            self.tokens.append(known)
        elif run.lower() in NOT_A_UNIT and not self._counts(match):
            raise NotRead(f"{run!r} is not part of one answer")
        elif run == "in" and before != "number":
            self._add_sign("in", spaced)
        elif run in ("x", "X") and before == "number" and re.compile(r"\s*[0-9(]").match(self.text, match.end()):
            self._cross(run, spaced, self.text[match.end() :][:1].isspace())
        elif self._is_word(run, prose, spaced, before):
            self.tokens.append(Token("word", run, Name(UNITS.get(run, run), word=True), spaced))
        else:
            self.tokens.extend(Token("name", char, Name(char), spaced and not at) for at, char in enumerate(run))

    def _counts(self, word: re.Match[str]) -> bool:
        """Whether "times" says how often: after a number, and with nothing after it."""
        counted = word[0] == "times" and bool(self.tokens) and self.tokens[-1].kind == "number"
        return counted and _NOTHING_MORE.match(self.text, word.end()) is not None

    def _cross(self, run: str, before: bool, after: bool) -> None:
        """``2 x 10^3`` multiplies as ``2x10^3`` does; ``2x(1)`` is a product anyway."""
        if before == after:
            self.tokens.append(Token("*"))
        else:
            self.tokens.append(Token("name", run, Name(run), before))

    def _is_word(self, run: str, prose: bool, spaced: bool, before: str) -> bool:
        if len(run) == 1:
            follows = spaced and before == "number" and run in _LETTER_UNITS
            return (prose and run not in "ei") or follows or (before == "°" and run in "CF")
        follows = spaced and before in ("number", "word", "%", "°")
        known = run in UNITS or (follows and run in ABBREVIATED)
        return prose or known or len(run) > LONGEST_PRODUCT or (follows and len(run) == LONGEST_PRODUCT)

    def _sign(self, match: re.Match[str], spaced: bool) -> None:
        sign = match[0]
        if sign in ("\\%", "\\$", "\\&", "\\_", "\\#"):
            sign = sign[1:]
        if sign in CURRENCIES:
            node = Name(CURRENCIES[sign], word=True)
            leads = re.compile(r"[}\s]*[-0-9.]").match(self.text, match.end())
            self.tokens.append(Token("currency" if leads else "word", sign, node, spaced))
            return
        self._add_sign(_ALIASES.get(sign, sign), spaced)

    def _add_sign(self, sign: str, spaced: bool) -> None:
        self.brackets += (sign in _OPENING) - (sign in _CLOSING)
        if sign == "{":
            self.sets.append(not self.tokens or self.tokens[-1].kind in ("=", "in", "union", "cap", "minus"))
            self.brackets += self.sets[-1]
        if sign == "}":
            self.brackets -= bool(self.sets) and self.sets.pop()
            self.braces -= 1
            while self.arguments and self.arguments[-1][0] > self.braces:
                self.arguments.pop()
            self._argument_ends()
        self.braces += sign == "{"
        self.tokens.append(Token(sign, spaced=spaced))


def _known_run(run: str, spaced: bool) -> Token | None:
    """Functions, constants and words that act as signs; case matters only for single letters."""
    lower = run.lower()
    if lower in WORD_SIGNS:
        return Token(WORD_SIGNS[lower], spaced=spaced)
    if run in FUNCTIONS:
        return Token("function", FUNCTIONS[run], spaced=spaced)
    if run in CONSTANTS or run in GREEK:
        return Token("name", run, Name(CONSTANTS.get(run, run)), spaced)
    return Token("scale", lower, spaced=spaced) if lower in SCALES else None


def _literal(match: re.Match[str]) -> Number:
    """The exact value of a written number."""
    found = match.groupdict()
    if len(match[0]) > MAX_DIGITS:
        raise TooBig("a number in it has too many digits")
    if found.get("repeating") or found.get("dots"):
        cycle = found["cycle"] or found["digit"] or found["period"] or found["again"]
        whole, _, fixed = (found["fixed"] or found["start"]).partition(".")
        start = Fraction(int((whole or "0") + fixed), 10 ** len(fixed))
        return Number(start + Fraction(int(cycle), (10 ** len(cycle) - 1) * 10 ** len(fixed)))
    text = match[0].replace(",", "")
    if found.get("power") and (len(found["exponent"]) > 5 or abs(int(found["exponent"])) > MAX_EXPONENT):
        raise TooBig("a power of ten in it is too large")
    digits = text.rstrip(".") if not found.get("power") else text
    return Number(Fraction(digits), places=len(digits.partition(".")[2]) if "." in digits else None)
