"""The child that compares expressions numerically, to as many digits as it takes. It imports no package of ours.

One request a line, as JSON: two trees and the processor time that they may take. A tree is a list: ``["n", "3/4"]``,
``["v", "x"]`` or an operator with its arguments. Both are evaluated at several real points, for negative and positive
arguments, far more precisely than any intermediate result is large or small. Processor time is limited by a timer that
ends the process; the answer says how much it was.
"""

import json
import resource
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, TypeAlias

from mpmath import mp, mpc, mpf  # type: ignore[import-untyped]

Tree: TypeAlias = list[Any]
"""JSON from our own parser."""
Value: TypeAlias = "mpf | mpc"

DIGITS = 60
_AGREE = 45
"""Digits that have to agree, relative to the size of the values."""
_LEAST_SECONDS = 0.01
_MAX_SCALE = 1500
"""Powers of ten beyond which nothing is shown."""
_MAX_FAR_SCALE = 80
"""The same at far points: a function that is so large there is compared at the near ones only, and soon enough."""
_POINTS = (
    (1.3718, 0.7393, 2.1147, 1.7331, 0.5519, 3.1929),
    (-1.2173, 2.6391, -0.4427, -3.1193, 1.9171, -0.8117),
    (4.7319, -1.8173, 0.3391, 2.2713, -5.1137, 1.4479),
    (-0.3917, -0.6173, -2.7391, 0.8893, -0.2339, 5.7713),
    (0.1339, 11.3917, 7.2143, -0.1931, 9.3371, -6.4213),
    (-7.9133, 0.2917, 13.1173, 6.1973, -2.8319, 0.9137),
)
_FAR_POINTS = (
    (61.7133, 83.2917, 71.1173, 66.1973, 97.8319, 58.9137),
    (-63.3719, -59.7393, -87.1147, -73.7331, -67.5519, -91.1929),
    (1013.1173, 1171.6391, 1093.4427, 1231.1193, 1057.9171, 1307.8117),
    (-1009.7319, -1181.8173, -1103.3391, -1061.2713, -1259.1137, -1301.4479),
)
"""Far from zero on both sides, since functions with an absolute value may agree near it only."""


class Unclear(ArithmeticError):  # noqa: N818  it says what happened
    """There is no value here, or none of a size that comparison can handle."""


class Evaluator:
    """Values of one tree at one point; remembers how large or small anything on the way was."""

    def __init__(self, point: dict[str, "mpf"], real: bool, limit: int) -> None:
        self.point = point
        self.real = real
        """Whether nothing on the way may leave the reals."""
        self.limit = limit
        """Powers of ten that nothing on the way may exceed."""
        self.scale = 0

    def value(self, tree: Tree) -> Value:
        """The value of a tree or a part of one."""
        op, *args = tree
        if op == "n":
            top, _, bottom = args[0].partition("/")
            return self.note(mpf(int(top)) / mpf(int(bottom or "1")))
        if op == "v":
            return self.point[args[0]] if args[0] in self.point else CONSTANTS[args[0]]()
        return self.note(OPERATORS[op](*[self.value(arg) for arg in args]))

    def note(self, value: Value) -> Value:
        """Keep the largest and smallest powers of ten in view."""
        if not mp.isfinite(value):
            raise Unclear("no finite value")
        if self.real and not is_real(value):
            raise Unclear("not a real number")
        size = abs(value)
        if size:
            self.scale = max(self.scale, abs(int(mp.mag(size)) * 3 // 10))
        if self.scale > self.limit:
            raise Unclear("too large or too small")
        return value


def real_root(value: Value, degree: Value) -> Value:
    """Roots over the reals: the cube root of -8 is -2."""
    if is_real(value) and mp.re(value) < 0 and is_odd(degree):
        return -mp.root(-value, int(mp.re(degree)))
    return mp.power(value, 1 / degree)


def power(base: Value, exponent: Value) -> Value:
    """Powers over the reals, where a third is as good as a cube root."""
    if is_real(base) and is_real(exponent) and mp.re(base) < 0:
        for degree in (3, 5, 7, 9):
            top = mp.nint(mp.re(exponent) * degree)
            if abs(mp.re(exponent) * degree - top) < mpf(10) ** (5 - mp.dps) and int(top) % degree:
                return (-1) ** int(top) * mp.power(-base, exponent)
    if exponent == mp.nint(mp.re(exponent)) and abs(exponent) < 10**6:
        return base ** int(mp.re(exponent))
    return mp.power(base, exponent)


def is_real(value: Value) -> bool:
    """Whether the imaginary part is nothing but rounding."""
    return bool(abs(mp.im(value)) <= mpf(10) ** (10 - mp.dps) * (1 + abs(mp.re(value))))


def is_odd(value: Value) -> bool:
    """Whether a value is an odd number."""
    return bool(value == mp.nint(mp.re(value)) and int(mp.re(value)) % 2 == 1)


def log(base: Value, value: Value) -> Value:
    """The logarithm to a base."""
    return mp.log(value) / mp.log(base)


def total(*terms: Value) -> Value:
    """A sum."""
    return mp.fsum(terms)


def factors(*values: Value) -> Value:
    """A product."""
    return mp.fprod(values)


def factorial(value: Value) -> Value:
    """A factorial, of any number but a large one."""
    if abs(value) > 10**4:
        raise Unclear("a large factorial")
    return mp.gamma(value + 1)


CONSTANTS: dict[str, Callable[[], Value]] = {"pi": lambda: +mp.pi, "e": lambda: +mp.e, "i": lambda: mpc(0, 1)}
OPERATORS: dict[str, Callable[..., Value]] = {
    "add": total, "mul": factors, "neg": lambda x: -x, "div": lambda x, y: x / y, "pow": power, "root": real_root,
    "fact": factorial, "abs": abs, "floor": mp.floor, "ceil": mp.ceil, "binom": mp.binomial, "log": log,
    "percent": lambda x: x / 100, "degree": lambda x: x * mp.pi / 180,
    "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "cot": mp.cot, "sec": mp.sec, "csc": mp.csc,
    "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh, "asin": mp.asin, "acos": mp.acos, "atan": mp.atan,
    "acot": lambda x: mp.pi / 2 - mp.atan(x), "asec": mp.asec, "acsc": mp.acsc,
}  # fmt: skip


def names_in(tree: Tree) -> set[str]:
    """The variables of a tree."""
    if tree[0] == "v":
        return {tree[1]} - set(CONSTANTS)
    return set() if tree[0] == "n" else set().union(*(names_in(arg) for arg in tree[1:]))


def values_at(trees: list[Tree], numbers: dict[str, float], real: bool, limit: int) -> tuple[list[Value], int]:
    """The values of both trees at a point, and the largest power of ten on the way."""
    evaluator = Evaluator({name: mpf(repr(number)) for name, number in numbers.items()}, real, limit)
    return [evaluator.value(tree) for tree in trees], evaluator.scale


def agree(trees: list[Tree], numbers: dict[str, float], real: bool, limit: int) -> bool | None:
    """Whether two trees agree at one point; ``None`` where they have no value or leave the reals."""
    scale = -1
    mp.dps = DIGITS
    try:
        # More digits may bring to light something smaller, which needs more digits.
        while True:
            (left, right), found = values_at(trees, numbers, real, limit)
            if found <= scale:
                break
            scale = found
            mp.dps = DIGITS + 3 * scale
    except (ArithmeticError, ValueError):
        return None
    size = max(abs(left), abs(right))
    tolerance = mpf(10) ** -(_AGREE + 2 * scale)
    return bool(size <= tolerance or abs(left - right) <= size * tolerance)


def uses(tree: Tree, name: str) -> bool:
    """Whether a name occurs in a tree."""
    return tree[1] == name if tree[0] == "v" else tree[0] != "n" and any(uses(arg, name) for arg in tree[1:])


def compare(trees: list[Tree]) -> bool | None:
    """Whether two trees agree wherever both have a value; ``None`` if that is nowhere."""
    names = sorted(names_in(trees[0]) | names_in(trees[1]))
    if len(names) > len(_POINTS[0]):
        return None
    real = bool(names) and not any(uses(tree, "i") for tree in trees)
    points = [(numbers, _MAX_SCALE) for numbers in (_POINTS if names else _POINTS[:1])]
    points += [(numbers, _MAX_FAR_SCALE) for numbers in _FAR_POINTS if names]
    shown: bool | None = None
    for numbers, limit in points:
        found = agree(trees, dict(zip(names, numbers, strict=False)), real, limit)
        if found is False:
            return False
        shown = shown or found
    return shown


def main() -> None:
    """Answer requests until the input ends."""
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        *trees, seconds = json.loads(line)
        started = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, max(seconds, _LEAST_SECONDS))
        try:
            answer = compare(trees)
        except (MemoryError, RecursionError, KeyError, TypeError, OverflowError, ValueError):
            answer = None
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.write(f"{json.dumps(answer)} {time.process_time() - started:.6f}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
