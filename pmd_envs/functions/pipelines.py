"""Longer functions: a list goes through several passes, one line each. Example: keep, multiply, and add up.

A pass is a :class:`Pass`, in words and as code; a kind is a row of passes, so that its description stays one line and
its program grows with the level: three passes at level 6, seven at level 10.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pmd_envs.functions.inputs import MANY
from pmd_envs.functions.kind import FunctionKind, Parameter

_MARKS = ("-", "+", "*", "#")


@dataclass(frozen=True)
class Pass:
    """One pass over ``xs``, or what is returned in the end."""

    words: tuple[str, str]
    """What it does, twice."""
    short: str
    """The same for a plan."""
    code: str
    slip: str
    """The code with a mistake."""


def _each(value: str, slip: str, words: tuple[str, str], short: str) -> Pass:
    return Pass(words, short, f"xs = [{value} for x in xs]", f"xs = [{slip} for x in xs]")


def _kept(test: str, slip: str, words: tuple[str, str], short: str) -> Pass:
    return Pass(words, short, f"xs = [x for x in xs if {test}]", f"xs = [x for x in xs if {slip}]")


_PASSES = {
    "above": _kept(
        "x > {k}", "x < {k}", ("keep the numbers above {k}", "leave only numbers greater than {k}"), "keep large"
    ),
    "below": _kept(
        "x < {k}", "x > {k}", ("keep the numbers below {k}", "leave only numbers less than {k}"), "keep small"
    ),
    "indivisible": _kept(
        "x % {m} != 0", "x % {m} == 0", ("drop the multiples of {m}", "remove all that {m} divides"), "drop multiples"
    ),
    "times": _each("x * {a}", "x + {a}", ("multiply each by {a}", "make each {a} times as large"), "multiply"),
    "plus": _each("x + {b}", "x * {b}", ("add {b} to each", "increase each by {b}"), "add"),
    "cap": _each(
        "min(x, {c})", "max(x, {c})", ("lower each to at most {c}", "put {c} for whatever is above {c}"), "limit"
    ),
    "squares": _each("x * x", "x + x", ("square each", "multiply each by itself"), "square"),
    "sort": Pass(("sort them", "put them in rising order"), "sort", "xs = sorted(xs)", "xs = sorted(xs)[::-1]"),
    "reverse": Pass(("reverse the order", "turn the list around"), "reverse", "xs = xs[::-1]", "xs = sorted(xs)"),
    "unique": Pass(
        ("keep only the first of equal numbers", "remove later repeats"),
        "drop repeats",
        "xs = list(dict.fromkeys(xs))",
        "xs = [x for x in xs if xs.count(x) == 1]",
    ),
    "differences": Pass(
        ("take the differences of neighbours, later minus earlier", "take each number minus the one before it"),
        "subtract neighbours",
        "xs = [y - x for x, y in zip(xs, xs[1:])]",
        "xs = [x - y for x, y in zip(xs, xs[1:])]",
    ),
    "totals": Pass(
        ("take the running totals", "put at each place the sum so far"),
        "total up",
        "xs = [sum(xs[:i + 1]) for i in range(len(xs))]",
        "xs = [sum(xs[:i]) for i in range(len(xs))]",
    ),
    "tail": Pass(("skip the first {n}", "leave out the first {n}"), "skip some", "xs = xs[{n}:]", "xs = xs[:{n}]"),
}
_ENDS = {
    "sum": Pass(("return their sum", "add all up"), "sum", "return sum(xs)", "return len(xs)"),
    "count": Pass(("return how many are left", "count what is left"), "count", "return len(xs)", "return sum(xs)"),
    "largest": Pass(
        ("return the largest, or 0 if none is left", "give the largest, or 0 for an empty list"),
        "take the largest",
        "return max(xs, default=0)",
        "return min(xs, default=0)",
    ),
    "joined": Pass(
        ('return them as a text with "{d}" between', 'write them in one text, joined with "{d}"'),
        "join",
        'return "{d}".join(map(str, xs))',
        'return "{d}".join(map(str, xs)) + "{d}"',
    ),
    "list": Pass(("return the list", "give the list back"), "return the list", "return xs", "return xs[::-1]"),
}


def _pipeline(
    name: str, passes: Sequence[str], end: str, parameters: Mapping[str, tuple[Parameter, ...]]
) -> FunctionKind:
    """A kind of function. What is returned counts as a pass of the level, unless it is the list itself."""
    row = [*(_PASSES[each] for each in passes), _ENDS[end]]
    lines = [each.code for each in row]
    middle = len(passes) // 2
    wrong = ([row[0].slip, *lines[1:]], [*lines[:middle], *lines[middle + 1 :]], [*lines[:-1], row[-1].slip])
    first, second = ([each.words[way] for each in row] for way in (0, 1))
    shorts = [each.short for each in row]
    return FunctionKind(
        name=name,
        difficulty=len(passes) + 4 - (end == "list"),
        inputs=MANY,
        spec=(f"take xs, {', '.join(first[:-1])}, and {first[-1]}", f"start from xs: {', then '.join(second)}"),
        body="\n".join(lines),
        wrong=tuple("\n".join(body) for body in wrong),
        plan=f"Work through the list in passes: {', '.join(shorts[:-1])}, then {shorts[-1]}.",
        parameters=tuple(parameters.items()),
    )


PIPELINE_KINDS = (
    _pipeline(
        "scale_large_sum",
        ("above", "times"),
        "sum",
        {"k": (2, 4, 6, 8), "a": (2, 3, 4, 5)},
    ),
    _pipeline(
        "sort_rest_join",
        ("indivisible", "sort"),
        "joined",
        {"m": (2, 3, 4, 5), "d": _MARKS},
    ),
    _pipeline(
        "unique_scale_shift",
        ("unique", "times", "plus"),
        "list",
        {"a": (2, 3, 4, 5), "b": (2, 3, 5, 7)},
    ),
    _pipeline(
        "largest_small_square",
        ("below", "squares"),
        "largest",
        {"k": tuple(range(4, 14))},
    ),
    _pipeline(
        "shift_total_reverse",
        ("plus", "totals", "reverse"),
        "list",
        {"b": tuple(range(2, 13))},
    ),
    _pipeline(
        "gaps_of_rest_join",
        ("indivisible", "sort", "differences"),
        "joined",
        {"m": (2, 3, 4, 5), "d": _MARKS},
    ),
    _pipeline(
        "unique_large_scaled_sum",
        ("unique", "above", "times"),
        "sum",
        {"k": (1, 2, 4, 6), "a": (2, 3, 4, 5)},
    ),
    _pipeline(
        "back_totals_capped",
        ("reverse", "totals", "cap", "plus"),
        "list",
        {"c": (6, 9, 12, 15), "b": (2, 3, 5, 7)},
    ),
    _pipeline(
        "count_small_squares",
        ("plus", "squares", "below"),
        "count",
        {"b": (2, 3, 4, 5), "k": (40, 60, 80, 120)},
    ),
    _pipeline(
        "tail_sorted_join",
        ("tail", "sort", "times"),
        "joined",
        {"n": (2, 3), "a": (2, 3, 4), "d": _MARKS},
    ),
    _pipeline(
        "capped_rises_sum",
        ("cap", "differences", "above", "times"),
        "sum",
        {"c": (7, 9, 11), "k": (1, 2, 3), "a": (2, 3)},
    ),
    _pipeline(
        "unique_gaps_join",
        ("unique", "sort", "differences", "plus"),
        "joined",
        {"b": (2, 3, 5, 7), "d": _MARKS},
    ),
    _pipeline(
        "large_back_totals",
        ("above", "reverse", "totals", "times", "plus"),
        "list",
        {"k": (1, 3, 5), "a": (2, 3), "b": (2, 5, 7)},
    ),
    _pipeline(
        "larger_squares_sum",
        ("indivisible", "squares", "sort", "tail"),
        "sum",
        {"m": (2, 3, 4, 5, 6, 7), "n": (2, 3)},
    ),
    _pipeline(
        "shifted_rest_join",
        ("plus", "indivisible", "unique", "sort"),
        "joined",
        {"b": (2, 3, 4), "m": (2, 3), "d": _MARKS},
    ),
    _pipeline(
        "unique_large_gaps_sum",
        ("unique", "above", "sort", "differences", "times"),
        "sum",
        {"k": (1, 2, 3, 4), "a": (2, 3, 4, 5)},
    ),
    _pipeline(
        "capped_totals_join",
        ("cap", "plus", "totals", "indivisible", "reverse"),
        "joined",
        {"c": (6, 8), "b": (2, 3), "m": (2, 3), "d": _MARKS},
    ),
    _pipeline(
        "back_tail_squares",
        ("reverse", "tail", "squares", "below", "times", "plus"),
        "list",
        {"n": (2, 3), "k": (50, 90), "a": (2, 3), "b": (4, 7)},
    ),
    _pipeline(
        "wide_gaps_sum",
        ("sort", "differences", "unique", "above", "times"),
        "sum",
        {"k": (0, 1, 2), "a": (2, 3, 4, 5, 6)},
    ),
    _pipeline(
        "largest_back_total",
        ("indivisible", "cap", "plus", "reverse", "totals"),
        "largest",
        {"m": (2, 3, 4), "c": (6, 8, 10), "b": (2, 5)},
    ),
    _pipeline(
        "rest_gaps_shifted_sum",
        ("unique", "indivisible", "sort", "differences", "times", "plus"),
        "sum",
        {"m": (2, 3), "a": (2, 3), "b": (3, 4, 5, 7)},
    ),
    _pipeline(
        "shift_cap_totals_join",
        ("plus", "cap", "reverse", "totals", "indivisible", "unique"),
        "joined",
        {"b": (2, 3), "c": (7, 9), "m": (2, 3), "d": _MARKS},
    ),
    _pipeline(
        "square_gaps_of_tail",
        ("tail", "sort", "squares", "below", "differences", "times", "plus"),
        "list",
        {"n": (2, 3), "k": (50, 90), "a": (2, 3), "b": (3, 5)},
    ),
    _pipeline(
        "capped_sorted_totals",
        ("above", "plus", "indivisible", "sort", "totals", "cap"),
        "sum",
        {"k": (1, 2), "b": (2, 3), "m": (3, 5), "c": (15, 20)},
    ),
    _pipeline(
        "back_square_gaps_sum",
        ("reverse", "differences", "squares", "unique", "below", "plus"),
        "sum",
        {"k": (50, 70, 90, 110), "b": (2, 3, 4, 5)},
    ),
)
