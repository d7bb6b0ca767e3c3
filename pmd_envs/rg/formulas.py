"""Values of formulas in Python's notation, without running them.

A formula is read by Python's parser and walked here: numbers, names, the four operations, powers, and a few functions
of one argument. Anything else raises ValueError.
"""

import ast
import cmath
import operator
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

MAX_LENGTH = 10_000
_OPERATIONS: Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPLEX_OPERATIONS: Mapping[type[ast.operator], Callable[[complex, complex], complex]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_CONSTANTS = {"pi": complex(cmath.pi), "E": complex(cmath.e)}
_FUNCTIONS: Mapping[str, Callable[[complex], complex]] = {
    **{name: getattr(cmath, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: getattr(cmath, name) for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
    "Abs": abs,
    "abs": abs,
    "ln": cmath.log,
    "sec": lambda x: 1 / cmath.cos(x),
    "csc": lambda x: 1 / cmath.sin(x),
    "cot": lambda x: 1 / cmath.tan(x),
}


def read_formula(text: str) -> ast.expr:
    """The tree of a formula; ``^`` is a power, as in a textbook.

    Raises:
        ValueError: It is no formula, or longer than 10,000 characters.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a formula of {len(text)} characters")
    try:
        return ast.parse(text.strip().replace("^", "**"), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"not a formula: {type(error).__name__}") from error


def integers_in(formula: ast.expr) -> Iterator[int]:
    """The whole numbers that a formula is written with.

    Raises:
        ValueError: It holds a constant that is none.
    """
    for node in ast.walk(formula):
        if isinstance(node, ast.Constant):
            if type(node.value) is not int:
                raise ValueError(f"{node.value!r} is not a whole number")
            yield node.value


def exact_value(formula: ast.expr) -> Fraction:
    """The value of a formula of whole numbers, ``+ - * /`` and brackets.

    Raises:
        ValueError: It holds something else.
        ZeroDivisionError: It divides by zero.
    """
    match formula:
        case ast.Constant(value=int() as number) if type(number) is int:
            return Fraction(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -exact_value(operand)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATIONS:
            return _OPERATIONS[type(sign)](exact_value(left), exact_value(right))
    raise ValueError(f"{type(formula).__name__} in arithmetic")


def value_at(formula: ast.expr, names: Mapping[str, complex]) -> complex:
    """The value of a formula with these values for its letters.

    Raises:
        ValueError: It holds an unknown name or something that is no formula.
        ArithmeticError: It has no value there, or one that is too large.
    """
    match formula:
        case ast.Constant(value=(int() | float()) as number) if type(number) is not bool:
            return complex(number)
        case ast.Name(id=name) if name in names or name in _CONSTANTS:
            return names[name] if name in names else _CONSTANTS[name]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            value = value_at(operand, names)
            return -value if isinstance(sign, ast.USub) else value
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _COMPLEX_OPERATIONS:
            return _COMPLEX_OPERATIONS[type(operation)](value_at(left, names), value_at(right, names))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return complex(_FUNCTIONS[name](value_at(argument, names)))
    raise ValueError(f"{type(formula).__name__} in a formula")
