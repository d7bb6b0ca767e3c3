"""Arithmetic expressions among the tokens of a text, with their values.

``Tom pays 3 pens * $2 each = $6`` holds two, ``3 * 2`` and ``6``. Tokens are read once from left to right with explicit
stacks, so neither length nor nesting costs more than linear time, and values are exact. An expression that touches
a symbol has no value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from pmd_envs.verifiers.tokens import Token

_MAX_OPERANDS = 60
_MAX_UNIT_WORDS = 8


@dataclass(frozen=True)
class Piece:
    """One expression: where it stands among the tokens, and its value."""

    start: int
    stop: int
    """One past its last token."""
    reach: int
    """One past the unit words that follow it."""
    value: Fraction | None
    """``None`` if it is not plain arithmetic."""
    computes: bool
    """Whether it holds an operation, so that there is something to get wrong."""
    bare: bool
    """Whether it is one number without unit, currency, percent sign or a word before it."""
    decimals: int
    """Decimals shown, of a single number."""
    percent: bool
    """Whether it is a single number with a percent sign."""
    fraction: bool
    """Whether it is a lone proper fraction such as ``3/4``."""
    hundred: bool
    """Whether ``100%`` occurs in it."""


def read_pieces(tokens: Sequence[Token]) -> list[Piece]:
    """The expressions among ``tokens``, in order and without overlap."""
    pieces: list[Piece] = []
    index, spoiled = 0, False
    while index < len(tokens):
        if tokens[index].kind in ("word", "=", "break"):
            spoiled = spoiled and tokens[index].kind == "word"
            index += 1
            continue
        reader = _Reader(tokens, index, spoiled)
        pieces.append(reader.read())
        index, spoiled = max(reader.index, index + 1), reader.spoils_next
    return pieces


class _Reader:
    """Reads one expression: operator precedence with two stacks, stopping where prose goes on."""

    def __init__(self, tokens: Sequence[Token], start: int, spoiled: bool) -> None:
        self.tokens = tokens
        self.start = self.stop = self.index = start
        self.spoils_next = False
        self._plain = not spoiled
        self._values: list[Fraction] = []
        self._operators: list[str] = []
        self._depth = self._operands = self._operations = self._words = 0
        self._wants_operand = True
        self._units = False
        self._last_division: bool | None = None
        self._after_word = start > 0 and tokens[start - 1].kind == "word"

    def read(self) -> Piece:
        while self.index < len(self.tokens) and self._take(self.tokens[self.index]):
            self.index += 1
        value = self._finish()
        first = self.tokens[self.start]
        single = self._operands == 1 and self._operations == 0 and value is not None
        numbers = [token for token in self.tokens[self.start : self.stop] if token.kind == "number"]
        number = numbers[0] if numbers else first
        return Piece(
            start=self.start,
            stop=max(self.stop, self.start + 1),
            reach=self.index,
            value=value,
            computes=self._operations > 0,
            bare=single and not (self._units or self._after_word or number.money or number.percent),
            decimals=number.decimals if single else 0,
            percent=single and number.percent,
            fraction=[token.kind for token in self.tokens[self.start : self.stop]] == ["number", "/", "number"]
            and value is not None
            and 0 < abs(value) < 1,
            hundred=any(token.percent and token.value == 1 for token in numbers),
        )

    def _take(self, token: Token) -> bool:
        """Take one token in; false where the expression ends before it."""
        if token.kind in ("=", "break"):
            return False
        if token.kind == "symbol":
            self._plain = self._wants_operand = False
            self._end_at(self.index)
            return True
        return self._take_operand(token) if self._wants_operand else self._take_after_operand(token)

    def _take_operand(self, token: Token) -> bool:
        if token.kind == "number":
            self._push(token)
        elif token.kind == "(":
            self._open()
        elif token.kind in ("-", "+") and self._may_be_sign(token):
            if token.kind == "-":
                self._operators.append("negate")
        else:
            self._plain = False
            self.spoils_next = token.kind == "word"
            return not self.spoils_next
        return True

    def _take_after_operand(self, token: Token) -> bool:
        if token.kind == "word":
            self._words += 1
            self._units = True
            return self._words <= _MAX_UNIT_WORDS
        if token.kind == ")":
            self._close()
        elif token.kind == "(" and self.tokens[self.index - 1].end == token.start:
            self._operate("*")
            self._open()
        elif token.kind in ("number", "("):
            return self._meet_operand(token)
        else:
            self._operate(token.kind)
            self._note_division(token)
        self._words = 0
        return True

    def _meet_operand(self, token: Token) -> bool:
        """Two operands in a row: prose went on in between, or something unknown stands there."""
        previous = self.tokens[self.index - 1].kind
        if previous == "symbol":
            self._end_at(self.index)
            return True
        self.spoils_next = token.kind == "(" or previous != "word"
        self._plain = self._plain and (token.kind == "(" or previous == "word")  # "3 000" is no 3
        return False

    def _note_division(self, token: Token) -> None:
        """``2 / 1/4`` means to divide by a quarter: two divisions in a row that are spaced differently are skipped."""
        if token.kind == "/":
            following = self.tokens[self.index + 1 : self.index + 2]
            tight = self.tokens[self.index - 1].end == token.start and token.end == (following or [token])[0].start
            self._plain = self._plain and self._last_division in (None, tight)
            self._last_division = tight
        else:
            self._last_division = None

    def _may_be_sign(self, token: Token) -> bool:
        if self.index > self.start or not self._after_word:
            return True
        previous, following = self.tokens[self.index - 1], self.tokens[self.index + 1 : self.index + 2]
        return previous.end < token.start and bool(following) and following[0].start == token.end

    def _push(self, token: Token) -> None:
        self._operands += 1
        self._values.append(token.value)
        self._wants_operand = False
        self._end_at(self.index)
        self._negate()

    def _negate(self) -> None:
        while self._operators and self._operators[-1] == "negate":
            self._operators.pop()
            self._values[-1] = -self._values[-1]

    def _open(self) -> None:
        self._depth += 1
        self._operators.append("(")
        self._wants_operand = True

    def _close(self) -> None:
        if self._depth == 0 or not self._plain:
            self._plain = False
        else:
            self._reduce(0)
            self._operators.pop()
            self._depth -= 1
            self._negate()
        self._end_at(self.index)

    def _operate(self, sign: str) -> None:
        self._operations += 1
        self._wants_operand = True
        if self._plain:
            self._reduce(2 if sign in "*/" else 1)
            self._operators.append(sign)

    def _reduce(self, precedence: int) -> None:
        """Apply the operators on the stack that bind at least as strongly."""
        while self._operators and self._operators[-1] in "+-*/":
            if (2 if self._operators[-1] in "*/" else 1) < precedence:
                return
            right = self._values.pop()
            self._values[-1] = self._apply(self._operators.pop(), self._values[-1], right)

    def _apply(self, sign: str, left: Fraction, right: Fraction) -> Fraction:
        if sign == "/" and right == 0:
            self._plain = False
            return left
        if sign in "*/":
            return left * right if sign == "*" else left / right
        return left + right if sign == "+" else left - right

    def _end_at(self, index: int) -> None:
        self.stop = index + 1
        self._plain = self._plain and self._operands <= _MAX_OPERANDS

    def _finish(self) -> Fraction | None:
        if not self._plain or self._wants_operand or self._depth:
            return None
        self._reduce(0)
        return self._values[0] if self._plain else None
