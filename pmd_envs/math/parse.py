r"""From tokens to a tree, by operator precedence.

From loosest to tightest: commas, "and" and "or"; relations; unions; sums; products, whether signed or by juxtaposition;
the sign of a number; powers; what follows a value (``!``, ``%``, ``°``, "million").
"""

from collections.abc import Callable
from fractions import Fraction
from typing import ClassVar

from pmd_envs.math.binding import (
    AFTER,
    BINDING,
    INTERVALS,
    JOINERS,
    JUXTAPOSED,
    LIST,
    MATRICES,
    POWER,
    PRODUCT,
    RELATION,
    SIGN,
)
from pmd_envs.math.build import function, has_value, mixed, plain_fraction, relate, subscript
from pmd_envs.math.limits import MAX_ANSWER, MAX_DEPTH, MAX_ITEMS, NotRead, TooBig
from pmd_envs.math.normalise import normalise
from pmd_envs.math.scan import Token, scan
from pmd_envs.math.syntax import Apply, Name, Node, Number, apply, is_op, number, product, total
from pmd_envs.verifiers.magnitudes import SCALES


def parse(text: str) -> Node:
    """The tree of an answer.

    Raises:
        NotRead: It is not mathematics that we read.
    """
    if len(text) > MAX_ANSWER:
        raise TooBig("it is too long")
    parser = _Parser(scan(normalise(text)))
    tree = parser.expression(0)
    if parser.peek.kind != "end":
        raise NotRead(f"{parser.peek.text or parser.peek.kind!r} does not fit where it stands")
    return tree


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.index = self.depth = self.bars = 0

    @property
    def peek(self) -> Token:
        return self.tokens[self.index]

    def take(self) -> Token:
        token = self.tokens[self.index]
        self.index += token.kind != "end"
        return token

    def expect(self, *kinds: str) -> Token:
        token = self.take()
        if token.kind not in kinds:
            raise NotRead(f"{kinds[0]!r} is missing")
        return token

    def expression(self, power: int) -> Node:
        """Everything from here that binds more strongly than ``power``."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooBig("it is nested too deeply")
        left = self.operand()
        while self._binding(self.peek) > power:
            left = self._continue(left, self.peek)
        self.depth -= 1
        return left

    def _binding(self, token: Token) -> int:
        if token.kind in JUXTAPOSED or (token.kind == "|" and not self.bars):
            return PRODUCT
        return BINDING.get(token.kind, 0)

    def _continue(self, left: Node, token: Token) -> Node:
        if token.kind in JUXTAPOSED or token.kind == "|":
            return self._juxtapose(left, token)
        self.take()
        binding = BINDING[token.kind]
        if binding == AFTER:
            return self._after(left, token)
        if binding == LIST:
            return self._list(left, token.kind)
        if binding == RELATION:
            return relate(left, token.kind, self.expression(RELATION))
        if binding == POWER:
            return self._power(left)
        return self._binary(left, token.kind, self.expression(binding))

    def _binary(self, left: Node, sign: str, right: Node) -> Node:
        if sign in ("+", "-", "±", "∓"):
            signed = {"+": right, "-": apply("neg", right), "±": apply("pm", right), "∓": apply("mp", right)}
            return total(left, signed[sign])
        if sign == "*":
            return product(left, right)
        return apply({"/": "div", ":": "ratio"}.get(sign, sign), left, right)

    def _juxtapose(self, left: Node, token: Token) -> Node:
        """A product without a sign, a mixed number, or a number with its unit."""
        before = self.tokens[self.index - 1].kind
        if token.kind == "number" and (before in ("number", "word", "%", "scale", "!") or plain_fraction(left)):
            raise NotRead("two numbers or words stand side by side")
        if token.kind == "word" and before == "word" and not has_value(left):
            raise NotRead("it is prose")
        right = self.expression(PRODUCT)
        if before == "number" and token.kind == "function" and token.text == "div" and plain_fraction(right):
            return mixed(left, right)
        return product(left, right)

    def _list(self, left: Node, sign: str) -> Node:
        if sign == "," and self.peek.kind in ("and", "or"):
            sign = self.take().kind
        op, right = JOINERS[sign], self.expression(LIST)
        items = left.args if isinstance(left, Apply) and left.op in JOINERS.values() else (left,)
        if isinstance(left, Apply) and left.op in JOINERS.values() and left.op != op:
            op = "list" if "list" not in (left.op, op) else ({left.op, op} - {"list"}).pop()
        if len(items) > MAX_ITEMS:
            raise TooBig("it has too many elements")
        return apply(op, *items, right)

    def _after(self, left: Node, token: Token) -> Node:
        if token.kind == "scale":
            factor = Fraction(SCALES[token.text])
            return Number(left.value * factor) if isinstance(left, Number) else product(left, number(factor))
        if token.kind == "_":
            digits = self.tokens[self.index - 2]
            return subscript(left, digits.text if digits.kind == "number" else "", self.operand())
        return apply({"!": "fact", "%": "percent", "°": "degree"}[token.kind], left)

    def _power(self, left: Node) -> Node:
        if self._degrees():
            return apply("degree", left)
        exponent = self.expression(POWER - 1)
        return apply("pow", left, exponent)

    def _degrees(self) -> bool:
        """Whether ``°``, perhaps in braces, stands here as an exponent."""
        kinds = [token.kind for token in self.tokens[self.index : self.index + 3]]
        length = 1 if kinds[:1] == ["°"] else 3 if kinds == ["{", "°", "}"] else 0
        self.index += length
        return length > 0

    def operand(self) -> Node:
        """A value with what stands in front of it."""
        token = self.take()
        if token.node is not None and token.kind != "currency":
            return self._number(token) if token.kind == "number" else token.node
        reader = self._READERS.get(token.kind)
        if reader is None:
            raise NotRead(
                "it ends too early" if token.kind == "end" else f"{token.kind!r} does not fit where it stands"
            )
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooBig("it is nested too deeply")
        node = reader(self, token)
        self.depth -= 1
        return node

    def _number(self, token: Token) -> Node:
        """A number, together with the fraction of a mixed number such as ``2 1/3``."""
        assert isinstance(token.node, Number)
        kinds = [after.kind for after in self.tokens[self.index : self.index + 3]]
        if kinds != ["number", "/", "number"] or not self.peek.spaced:
            return token.node
        top, _, bottom = (self.take().node for _ in range(3))
        assert isinstance(top, Number)
        assert isinstance(bottom, Number)
        return mixed(token.node, apply("div", top, bottom))

    def _sign(self, token: Token) -> Node:
        value = self.expression(SIGN)
        return value if token.kind == "+" else apply({"-": "neg", "±": "pm", "∓": "mp"}[token.kind], value)

    def _currency(self, token: Token) -> Node:
        assert token.node is not None
        return product(self.expression(PRODUCT), token.node)

    def _bracket(self, token: Token) -> Node:
        bars, self.bars = self.bars, 0
        if self.peek.kind == "]" and token.kind == "[":
            raise NotRead("an empty bracket")
        inside = self.expression(0)
        closing = self.expect(")", "]").kind
        self.bars = bars
        if is_op(inside, "list"):
            assert isinstance(inside, Apply)
            return apply(INTERVALS[token.kind, closing], *inside.args)
        if INTERVALS[token.kind, closing] not in ("()", "[]"):
            raise NotRead("brackets do not match")
        return apply("[]", inside) if token.kind == "[" and is_op(inside, "[]") else inside

    def _braces(self, token: Token) -> Node:
        r"""Braces group in LaTeX and hold a set in plain text; ``\{ \}`` always hold a set."""
        closing = {"{": "}", "\\{": "\\}"}[token.kind]
        if self.peek.kind == closing:
            self.take()
            return Name("{}")
        bars, self.bars = self.bars, 0
        inside = self.expression(0)
        self.expect(closing)
        self.bars = bars
        if is_op(inside, "list", "and", "or"):
            assert isinstance(inside, Apply)
            return apply("set", *inside.args)
        return apply("set", inside) if token.kind == "\\{" else inside

    def _bar(self, token: Token) -> Node:
        self.bars += 1
        inside = self.expression(0)
        self.expect(token.kind)
        self.bars -= 1
        return apply("abs", inside)

    def _rounding(self, token: Token) -> Node:
        inside = self.expression(0)
        self.expect("r" + token.kind[1:])
        return apply(token.kind[1:], inside)

    def _function(self, token: Token) -> Node:
        if token.text in ("div", "binom"):
            return apply(token.text, self.operand(), self.operand())
        if token.text in ("sqrt", "cbrt"):
            return self._root(token.text)
        base: Node | None = None
        exponent: Node | None = None
        while self.peek.kind in ("_", "^"):
            if self.take().kind == "_":
                base = self.operand()
            else:
                exponent = self.expression(POWER)
        value = function(token.text, base, self._argument())
        if exponent is None:
            return value
        if isinstance(exponent, Apply) and exponent.op == "neg" and exponent.args == (number(1),) and not base:
            assert isinstance(value, Apply)
            return apply("a" + value.op.removeprefix("a"), *value.args)
        return apply("pow", value, exponent)

    def _root(self, name: str) -> Node:
        degree: Node = number(2 if name == "sqrt" else 3)
        if self.peek.kind == "[" and name == "sqrt":
            self.take()
            degree = self.expression(0)
            self.expect("]")
        return apply("root", self.operand(), degree)

    def _argument(self) -> Node:
        """What a function is applied to: a bracket, or a product such as ``2x`` up to the next sign or function."""
        if self.peek.kind in ("(", "{", "[", "|"):
            return self.operand()
        value = self.expression(SIGN)
        while self.peek.kind in ("name", "number") and self.tokens[self.index - 1].kind != "word":
            value = product(value, self.expression(SIGN))
        return value

    def _matrix(self, token: Token) -> Node:
        if token.text not in MATRICES:
            raise NotRead(f"{token.text!r} is not read")
        rows: list[Node] = []
        cells: list[Node] = []
        while self.peek.kind != "finish":
            cells.append(self.expression(0))
            if self.peek.kind == "&":
                self.take()
                continue
            rows.append(apply("row", *cells))
            cells = []
            if self.peek.kind == "row":
                self.take()
            elif self.peek.kind != "finish":
                raise NotRead("a matrix has something between its rows")
        self.take()
        if not rows or cells or len({len(row.args) for row in rows if isinstance(row, Apply)}) != 1:
            raise NotRead("a matrix has rows of different lengths")
        return apply("matrix", *rows)

    _READERS: ClassVar[dict[str, "Callable[[_Parser, Token], Node]"]] = {
        **dict.fromkeys(("+", "-", "±", "∓"), _sign),
        **dict.fromkeys(("(", "["), _bracket),
        **dict.fromkeys(("{", "\\{"), _braces),
        **dict.fromkeys(("lfloor", "lceil"), _rounding),
        "|": _bar,
        "function": _function,
        "currency": _currency,
        "begin": _matrix,
    }
