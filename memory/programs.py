"""Answers that are programs of one line, or a sum of numbers that has to come to something."""

import ast
import re
from collections.abc import Iterator
from fractions import Fraction

from memory.notation import plainly

_ONE_LINER = re.compile(r"def\s+\w+\(([^()]*)\)[^:\n]*:\s*return\s+(\S[^\n]{2,300})")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_CODE = r"(?:(?<!\w)returns?[\s`]+|(?<!\w)lambda\b[^:\n]{0,80}:\s*|(?<![=<>!])=\s*|[`(]\s*)"
"""What says that code follows."""
_TELLING = 5
"""Parts from which an expression that is met outside of code is no chance."""
_SUM = re.compile(r"[\d()+*/ -]{3,200}")
_PIECE = re.compile(r"[\d(][\d()+*/ -]*[\d)]")
_CROSS = re.compile(r"(?<=[\d)])\s?x\s?(?=[\d(])")
_LONGEST = 200
"""Characters of a sum that is worked out."""


def states_expression(text: str, gold: str) -> bool:
    """Whether a text has what a program of one line returns, whatever its parameters are called there."""
    program = _ONE_LINER.fullmatch(gold.strip())
    if program is None:
        return False
    names = {name.strip().partition(":")[0].partition("=")[0].strip() for name in program[1].split(",")}
    groups: dict[str, str] = {}
    parts: list[str] = []
    for token in _TOKEN.findall(program[2]):
        if token not in names:
            parts.append(re.escape(token))
        elif token in groups:
            parts.append(f"(?P={groups[token]})")
        else:
            groups[token] = f"p{len(groups)}"
            parts.append(rf"(?P<{groups[token]}>[^\W\d]\w{{0,40}})")
    if len(parts) < 3:  # a name or a number alone: "return the ..." would be one too
        return False
    begins = rf"{_CODE}|(?<![\w.])(?<![-+*/%])(?<![-+*/%]\s)" if len(parts) >= _TELLING else _CODE
    returned = r"\s*".join(parts)
    return re.search(rf"(?:{begins}){returned}(?!\w|\s*[-+*/%(\[]|\.\w)", text, re.IGNORECASE) is not None


def states_sum(text: str, gold: str) -> bool:
    """Whether an answer is a sum of several numbers, and a text has one, of these or others, that comes to the same."""
    if not (_SUM.fullmatch(gold.strip()) and re.search(r"[+*]|\d\s*-|/.*/", gold)):
        return False  # a single fraction is a number
    wanted = _worked_out(gold.strip())
    if wanted is None:
        return False
    return any(_worked_out(piece) == wanted for piece in _pieces(_CROSS.sub("*", plainly(text))))


def _pieces(said: str) -> Iterator[str]:
    """The sums in a text, as far as their parentheses match."""
    for found in _PIECE.finditer(_matched(said)):
        if re.search(r"\d\D*[-+*/]", found[0]):
            yield found[0]


def _matched(said: str) -> str:
    """A text with a full stop for every parenthesis that has no partner."""
    open_at, signs = list[int](), list(said)
    for place, sign in enumerate(said):
        if sign == "(":
            open_at.append(place)
        elif sign == ")" and open_at:
            open_at.pop()
        elif sign == ")":
            signs[place] = "."
    for place in open_at:
        signs[place] = "."
    return "".join(signs)


def _worked_out(written: str) -> Fraction | None:
    """What a sum comes to; None for what is none."""
    if len(written) > _LONGEST:
        return None
    try:
        return _value(ast.parse(written.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int(number)):
            return Fraction(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _value(left) + _value(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _value(left) - _value(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _value(left) * _value(right)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _value(left) / _value(right)
    raise ValueError("not a sum of whole numbers")
