"""Arithmetic expressions among the tokens of a text, with their values.

``Tom pays 3 pens * $2 each = $6`` holds two, ``3 * 2`` and ``6``. Tokens are read once from left to right with explicit
stacks, so neither length nor nesting costs more than linear time, and values are exact. An expression that touches
a symbol has no value.
"""

from collections.abc import Sequence
from fractions import Fraction

from pmd_envs.verifiers.context import INTRODUCING, QUALIFYING, spoils, stands_for_more
from pmd_envs.verifiers.pieces import Piece, Token
from pmd_envs.verifiers.roles import may_be_letters

_MAX_OPERANDS = 60
_MAX_UNIT_WORDS = 8
_JOINING = frozenset({"and", "or", "that", "which", "are", "there"})
"""Words that end a clause, unless they stand inside what is counted: "19 green and pink hats + 24 hats"."""


def read_pieces(tokens: Sequence[Token]) -> list[Piece]:
    """The expressions among ``tokens``, in order and without overlap."""
    pieces: list[Piece] = []
    index, spoiled = 0, False
    while index < len(tokens):
        if tokens[index].kind in ("word", "=", "break"):
            spoiled = spoils(tokens, index) or (spoiled and tokens[index].kind == "word")
            index += 1
            continue
        reader = _Reader(tokens, index, spoiled or stands_for_more(tokens, index))
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
        self._lead: Fraction | None = None
        self._letters: frozenset[str] = frozenset()
        self._divisions: list[bool | None] = [None]
        """For each open bracket: whether the last sign in it is a division, and then whether it touches its sides."""
        self._after_word = start > 0 and tokens[start - 1].kind == "word"

    def read(self) -> Piece:
        while self.index < len(self.tokens) and self._take(self.tokens[self.index]):
            self.index += 1
        value = self._finish()
        numbers = [token for token in self.tokens[self.start : self.stop] if token.kind == "number"]
        if self._operations and any(token.cut for token in numbers):
            value = None
        first = self.tokens[self.start]
        single = self._operands == 1 and self._operations == 0 and value is not None
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
            fraction=self._is_fraction() and value is not None and 0 < abs(value) < 1,
            hundred=any(token.percent and token.value == 1 for token in numbers),
            cut=single and number.cut,
            scales=frozenset(token.scale for token in numbers if token.scale != 1),
            lead=self._lead,
            letters=self._letters,
            all_percent=bool(numbers) and all(token.percent for token in numbers),
        )

    def _is_fraction(self) -> bool:
        """Whether it is one quotient, such as ``3/4``, perhaps in brackets."""
        kinds = [token.kind for token in self.tokens[self.start : self.stop]]
        return [kind for kind in kinds if kind not in ("(", ")")] == ["number", "/", "number"]

    def _take(self, token: Token) -> bool:
        """Take one token in; false where the expression ends before it."""
        if token.kind == "=" or (token.kind == "break" and not self._goes_on(token)):
            return False
        if token.kind == "break":
            self._words += 1
            return True
        if token.kind == "symbol":
            if not self._wants_operand and self._ends_before_symbol(token):
                self.spoils_next = True
                return False
            self._plain = self._wants_operand = False
            self._end_at(self.index)
            return True
        return self._take_operand(token) if self._wants_operand else self._take_after_operand(token)

    def _ends_before_symbol(self, token: Token) -> bool:
        """Whether a letter or "half" belongs to the words after a number: "20 goats from farm Y"."""
        return token.text[0].isalpha() and self.tokens[self.index - 1].kind == "word"

    def _goes_on(self, token: Token) -> bool:
        """Whether a word such as "and" only joins words of what is counted, so that a sign and a number follow."""
        if self._wants_operand or token.text.lower() not in _JOINING:
            return False
        ahead = self.tokens[self.index + 1 : self.index + 2 + _MAX_UNIT_WORDS]
        place = next((at for at, word in enumerate(ahead) if not _is_joined(word)), len(ahead))
        kinds = [after.kind for after in ahead[place : place + 2]]
        if any(word.text == "$" for word in ahead[:place]):
            return False  # "$2 + 3 = 5$ and $-1 + 2 = 1$" in LaTeX
        return len(kinds) == 2 and kinds[0] in ("+", "-", "*", "/") and kinds[1] == "number"

    def _take_operand(self, token: Token) -> bool:
        if token.kind == "number":
            self._push(token)
        elif token.kind == "(":
            self._open()
        elif token.kind in ("-", "+") and self._may_be_sign(token):
            if token.kind == "-":
                self._operators.append("negate")
        elif token.kind != "word" or not self._introduces():
            self._plain = False
            self.spoils_next = token.kind == "word"
            return not self.spoils_next
        return True

    def _introduces(self) -> bool:
        """Whether a word only introduces the operand: "7 gallons + Cynthia's 8 gallons", "$25 + her original $98"."""
        before, word, *after = self.tokens[self.index - 1 : self.index + 3]
        text = word.text.lower().replace("’", "'")
        known = text in INTRODUCING or text.endswith(("'s", "s'"))
        if self._operations == 0 or not (known or (text in QUALIFYING and before.text.lower() in INTRODUCING)):
            return False
        if after and after[0].text.lower() in QUALIFYING:
            return [token.kind for token in after[1:]] == ["number"]
        return bool(after) and after[0].kind == "number"

    def _take_after_operand(self, token: Token) -> bool:
        if token.kind == "word":
            self._words += 1
            self._units = True
            if may_be_letters(self.tokens[self.index - 1], token):
                self._letters |= {token.text}
            return self._words <= _MAX_UNIT_WORDS
        if token.kind == ")":
            self._close()
        elif token.kind == "(" and self._touches(token):
            self._operate("*")
            self._divisions[-1] = None
            self._open()
        elif token.kind in ("number", "("):
            return self._meet_operand(token)
        else:
            self._note_lead(token)
            self._plain = self._plain and not self._may_take_of_all(token)
            self._operate(token.kind)
            self._note_division(token)
        self._words = 0
        return True

    def _touches(self, bracket: Token) -> bool:
        """Whether a bracket multiplies what it touches."""
        before = self.tokens[self.index - 1]
        return before.end == bracket.start and before.kind != "word"

    def _note_lead(self, token: Token) -> None:
        """The value so far where a spelled sign follows: "100 / 5 = 20 times 2 people came"."""
        if token.text[0].isalpha() and len(token.text) > 1 and self._depth == 0 and self._lead is None and self._plain:
            self._reduce(2)
            self._lead = None if self._operators else self._values[0]

    def _may_take_of_all(self, token: Token) -> bool:
        """Whether "of" may take a part of all that stands before it: "1 - 1/4 of 12"."""
        if token.text.lower() != "of":
            return False
        self._reduce(2)
        return self._operators[-1:] in (["+"], ["-"]) and self._values[-2] == 1

    def _meet_operand(self, token: Token) -> bool:
        """Two operands in a row: prose went on in between, or something unknown stands there."""
        previous = self.tokens[self.index - 1].kind
        if previous == "symbol":
            self._end_at(self.index)
            return True
        between = self.tokens[self.stop : self.index]
        of_symbol = self._operands == 0 and all(word.text.lower() in INTRODUCING for word in between)
        self.spoils_next = token.kind == "(" or previous != "word" or of_symbol  # "half the 50 eggs"
        self._plain = self._plain and (token.kind == "(" or previous == "word" or self._describes(token))
        return False

    def _describes(self, token: Token) -> bool:
        """Whether a second number says what is counted: "4 $5 bills", "12 5-minute intervals"; but "3 100" is no 3."""
        after = self.tokens[self.index + 1 : self.index + 2]
        hyphen = bool(after) and after[0].kind == "word" and after[0].text[0] == "-"
        return (token.money and not self.tokens[self.index - 1].money) or hyphen

    def _note_division(self, token: Token) -> None:
        """``2 / 1/4`` means to divide by a quarter: two divisions in a row that are spaced differently are skipped."""
        last = self._divisions[-1]
        self._divisions[-1] = None
        if token.kind == "/":
            following = self.tokens[self.index + 1 : self.index + 2]
            tight = self.tokens[self.index - 1].end == token.start and token.end == (following or [token])[0].start
            self._plain = self._plain and last in (None, tight)
            self._divisions[-1] = tight

    def _may_be_sign(self, token: Token) -> bool:
        # "(1, 2) + 3" goes on from what is no number.
        after_list = self.start > 0 and self.tokens[self.start - 1].text == ")"
        if self.index > self.start or not (self._after_word or after_list):
            return True
        previous, following = self.tokens[self.index - 1], self.tokens[self.index + 1 : self.index + 2]
        return previous.end < token.start and bool(following) and following[0].start == token.end

    def _push(self, token: Token) -> None:
        self._operands += 1
        self._values.append(token.value)
        self._wants_operand = False
        self._end_at(self.index)
        self._negate()
        self._plain = self._plain and not (token.percent and self._is_part_of_sum())

    def _is_part_of_sum(self) -> bool:
        """Whether a percentage is added to or taken from a larger number, of which it is meant: "$80 - 25%"."""
        if self._operators[-1:] not in (["+"], ["-"]) or abs(self._values[-2]) <= 1:
            return False
        following = next((token for token in self.tokens[self.index + 1 :] if token.kind != "word"), None)
        earlier = self.tokens[self.start : self.index]
        return (following is None or following.kind not in ("*", "/")) and any(
            token.kind == "number" and not token.percent for token in earlier
        )

    def _negate(self) -> None:
        while self._operators and self._operators[-1] == "negate":
            self._operators.pop()
            self._values[-1] = -self._values[-1]

    def _open(self) -> None:
        self._depth += 1
        self._divisions.append(None)
        self._operators.append("(")
        self._wants_operand = True

    def _close(self) -> None:
        if self._depth == 0 or not self._plain:
            self._plain = False
        else:
            self._reduce(0)
            self._operators.pop()
            self._divisions.pop()
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


def _is_joined(token: Token) -> bool:
    return token.kind == "word" or (token.kind == "break" and token.text.lower() in _JOINING)
