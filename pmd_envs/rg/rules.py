"""Rules of ours that say whether a stated answer is the right one.

The usual one compares, as text without regard to spaces, as a number or as JSON. The others stand in for scorers of
reasoning-gym that run the answer as Python (``eval``, sympy's parser), pay wrong answers in full, or raise. Where they
change what is right:

- game_of_life_halting: theirs compares the truth of two strings, which pays for any text.
- coin_flip: within 0.01 % of the probability; theirs allows an error of 0.0001, so that 0 is right for rare events.
- complex_arithmetic: theirs pays ``nan``. polynomial_equations: theirs pays any prose where there is no solution.
- puzzle24: the given numbers have to be used; theirs takes any four. number_sorting: the given numbers; theirs lets
  each be off by one. word_sorting: no further words; pool_matrix: within 0.01 instead of 1 %.
- gsm_symbolic, time_intervals, fraction_simplification: the answer alone; theirs takes the first number it finds.
- decimal_arithmetic: all digits that are asked for; theirs allows an error in the last place of the numbers to compute
  with, which are fewer by far. It rounds each operation, so that the exact value, rounded once, is right too.
- propositional_logic: theirs pays for anything that follows, and so for a weak formula that is always the same one.
- rubiks_cube: theirs passes over the moves of inner layers, of which its own scrambles are made.
"""

import ast
import importlib
import json
import operator
import re
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import reduce

from pmd_envs.rg.entries import Entry
from pmd_envs.rg.formulas import exact_value, integers_in, read_formula, value_at
from pmd_envs.rg.propositions import true_cases
from pmd_envs.verifiers.numbers import parse_number

Rule = Callable[[Entry, str, str], bool]
"""Takes the problem, the right answer and the stated one; may raise where the latter cannot be read."""

_MAX_NUMBER = 200
_THOUSANDS = re.compile(r"^[-+]?[1-9]\d{0,2}(?:,\d{3})+(?!\d)")
_NO_NUMBER = re.compile(r"[,_]")
"""What Python or a reader who skips commas would pass over: "1,2" is two numbers."""
_FRACTION = re.compile(r"\$?\s*(?:\\d?frac\s*\{\s*(\d+)\s*\}\s*\{\s*(\d+)\s*\}|(\d+)\s*/\s*(\d+))\s*\$?", re.ASCII)
_TURN = re.compile(r"([1-9]?)([LRUDFBMESXYZ]w?)([23]?)('?)", re.ASCII)
_MAX_TURNS = 1_000
_DIGITS = re.compile(r"maximum of (\d{1,3}) significant digits")
_DECIMAL = re.compile(r"\d+\.\d+")
_TIMES = re.compile(r"[×x*]")
_POINTS = (0.31, 0.67, 1.13, 1.74, 2.39, 3.07)
_STEP = 1e-4
_NEEDED_POINTS = 3


def plain(text: str) -> str:
    """A text without the differences in spaces that make no other answer."""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def same(entry: Entry, gold: str, answer: str) -> bool:
    """The same text, number or JSON."""
    del entry
    if plain(answer) == plain(gold):
        return True
    number = _number(gold)
    if number is not None:
        return _number(answer) == number
    wanted = _json(gold)
    return wanted is not None and _json(answer) == wanted


def same_in_any_case(entry: Entry, gold: str, answer: str) -> bool:
    """The same, in capitals or not."""
    return same(entry, gold.casefold(), answer.casefold())


def _number(text: str) -> Decimal | None:
    stripped = text.strip()
    if len(stripped) > _MAX_NUMBER or _NO_NUMBER.search(_THOUSANDS.sub("", stripped)):
        return None
    try:
        value = Decimal(stripped.replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _json(text: str) -> str | None:
    """A list or an object in one spelling; None for everything else."""
    if not text.lstrip().startswith(("[", "{")):
        return None
    for spelling in (text, text.replace("'", '"')):
        try:
            return json.dumps(json.loads(spelling), sort_keys=True)
        except (ValueError, RecursionError):
            continue
    return None


def _numbers(text: str, separator: str | None) -> list[float]:
    return [float(part) for part in text.strip().split(separator) if part.strip()]


def _sorted_numbers(entry: Entry, gold: str, answer: str) -> bool:
    del entry
    lists = [json.loads(text.replace("'", '"')) for text in (gold, answer)]
    wanted, stated = ([_number(str(item)) for item in items] for items in lists)
    return wanted == stated


def _sorted_words(entry: Entry, gold: str, answer: str) -> bool:
    del gold
    return [word.strip() for word in answer.split(",")] == list(entry.metadata["sorted_words"])


def _pooled(entry: Entry, gold: str, answer: str) -> bool:
    del entry
    wanted, stated = ([_numbers(line, None) for line in text.strip().splitlines()] for text in (gold, answer))
    if [len(row) for row in wanted] != [len(row) for row in stated]:
        return False
    pairs = ((a, b) for left, right in zip(wanted, stated, strict=True) for a, b in zip(left, right, strict=True))
    return all(abs(a - b) <= 0.01 for a, b in pairs)  # averages are rounded to two places


def _reduced(entry: Entry, gold: str, answer: str) -> bool:
    del gold
    found = _FRACTION.fullmatch(answer.strip())
    if found is None:
        return False
    parts = [int(part) for part in found.groups() if part is not None]
    return parts == [entry.metadata["simplified_numerator"], entry.metadata["simplified_denominator"]]


def _factors(entry: Entry, gold: str, answer: str) -> bool:
    del entry
    wanted, stated = (sorted(int(part) for part in _TIMES.split(text)) for text in (gold, answer))
    return wanted == stated


def _reaches(entry: Entry, answer: str, target: int) -> bool:
    formula = read_formula(answer.replace("×", "*").replace("÷", "/"))
    used = Counter(integers_in(formula))
    return used == Counter(entry.metadata["numbers"]) and exact_value(formula) == target


def _countdown(entry: Entry, gold: str, answer: str) -> bool:
    del gold
    return _reaches(entry, answer, int(entry.metadata["target"]))


def _twenty_four(entry: Entry, gold: str, answer: str) -> bool:
    del gold
    return _reaches(entry, answer, 24)


def _one_of_the_boards(entry: Entry, gold: str, answer: str) -> bool:
    return plain(answer) in {plain(gold), *map(plain, entry.metadata["valid_answers"])}


def _probability(entry: Entry, gold: str, answer: str) -> bool:
    del gold
    stated = parse_number(answer)
    exact = entry.metadata["rational"]
    if stated is None:
        return False
    right, parts = int(exact["numerator"]), int(exact["denominator"])
    return abs(stated * parts - right) * 10_000 <= right


def _digits(entry: Entry, gold: str, answer: str) -> bool:
    """The package's result, or the exact one with as many digits as are asked for."""
    asked = _DIGITS.search(entry.question)
    if same(entry, gold, answer) or asked is None:
        return same(entry, gold, answer)
    formula = entry.question.rpartition("\n")[2].removesuffix("= ?")
    exact = exact_value(read_formula(_DECIMAL.sub(lambda number: f"({_as_fraction(number[0])})", formula)))
    rounded = Context(int(asked[1]), ROUND_HALF_UP).divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return _number(answer) == rounded


def _as_fraction(number: str) -> str:
    """A decimal number as a fraction of whole numbers."""
    whole, _, places = number.partition(".")
    return f"{int(whole + places)}/{10 ** len(places)}"


def _complex(entry: Entry, gold: str, answer: str) -> bool:
    del gold
    text = answer.strip().strip("()").replace(" ", "").lower().replace("i", "j")
    if not re.fullmatch(r"[0-9.+\-ej]{1,100}", text):
        return False
    stated = complex(re.sub(r"(?<![0-9.])j", "1j", text))
    return abs(stated - complex(*entry.metadata["result"])) <= 1e-6


def _roots(entry: Entry, gold: str, answer: str) -> bool:
    del entry
    if not gold:
        return not answer.strip("\"' ")
    wanted, stated = sorted(_numbers(gold, ",")), sorted(_numbers(answer, ","))
    if len(wanted) != len(stated):
        return False
    return all(abs(a - b) <= 1e-3 * max(1.0, abs(a)) for a, b in zip(wanted, stated, strict=True))


def _expanded(entry: Entry, gold: str, answer: str) -> bool:
    """The same polynomial, multiplied out. Letters get values that have nothing to do with one another."""
    del entry
    if "(" in answer:
        return False
    wanted, stated = read_formula(gold), read_formula(answer)
    for point in _POINTS:
        names = {letter: complex(point + 0.0371 * place) for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
        expected, found = value_at(wanted, names), value_at(stated, names)
        if not abs(expected - found) <= 1e-9 * max(1.0, abs(expected)):
            return False
    return True


def _antiderivative(entry: Entry, gold: str, answer: str) -> bool:
    """The slope is that of the known one: they may differ by a constant, which may be called C.

    Not by one beside which floating point loses the rest: a bare 1e20 has the same values.
    """
    letter = str(entry.metadata["variable"])
    wanted, stated = read_formula(gold), read_formula(answer)

    def slope(formula: ast.expr, point: float) -> complex:
        low, high = (
            value_at(formula, {"C": 0.5 + 0j, "c": 0.5 + 0j, letter: complex(x)})
            for x in (point - _STEP, point + _STEP)
        )
        return (high - low) / (2 * _STEP)

    checked = 0
    for point in _POINTS:
        try:
            expected, found = slope(wanted, point), slope(stated, point)
        except ArithmeticError:
            continue
        if not abs(found - expected) <= 1e-5 * max(1.0, abs(expected)):
            return False
        checked += 1
    return checked >= _NEEDED_POINTS


def _concluded(entry: Entry, gold: str, answer: str) -> bool:
    """It follows from the premises together and from none of them alone, and says no less than the known conclusion.

    The premises have to leave more than one case open. Otherwise one formula is right for many problems: everything
    follows from premises that contradict one another, and P ∧ Q wherever both are said.
    """
    letters = tuple(map(str, entry.metadata["variables"]))
    premises = [true_cases(str(premise), letters) for premise in entry.metadata["premises"]]
    known, stated = true_cases(gold, letters), true_cases(answer, letters)
    possible = reduce(operator.and_, premises)
    follows = possible & ~stated == 0 and all(premise & ~stated for premise in premises)
    return possible.bit_count() > 1 and follows and stated & ~known == 0


def _solves_the_cube(entry: Entry, gold: str, answer: str) -> bool:
    """After the scramble and the answer, the cube is solved."""
    del gold
    moves: list[str] = []
    for written in answer.replace(",", " ").split():
        found = _TURN.fullmatch(written.replace("’", "'"))
        if found is None or len(moves) > _MAX_TURNS:
            return False
        layer, face, times, back = found.groups()
        moves += [f"{layer}{face}{back}"] * int(times or 1)
    cube = importlib.import_module("magiccube").Cube(entry.metadata["cube_size"])
    cube.rotate(entry.metadata["scramble_moves"])
    cube.rotate(" ".join(moves))
    return bool(cube.is_done())


RULES: Mapping[str, Rule] = {
    "coin_flip": _probability,
    "complex_arithmetic": _complex,
    "countdown": _countdown,
    "decimal_arithmetic": _digits,
    "fraction_simplification": _reduced,
    "intermediate_integration": _antiderivative,
    "n_queens": _one_of_the_boards,
    "number_sorting": _sorted_numbers,
    "polynomial_equations": _roots,
    "polynomial_multiplication": _expanded,
    "pool_matrix": _pooled,
    "prime_factorization": _factors,
    "propositional_logic": _concluded,
    "puzzle24": _twenty_four,
    "rubiks_cube": _solves_the_cube,
    "simple_integration": _antiderivative,
    "word_sorting": _sorted_words,
}
