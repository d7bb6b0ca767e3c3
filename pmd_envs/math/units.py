"""Telling the unit of a quantity from its value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pmd_envs.math.syntax import Apply, Name, Node, Number, apply, number, product
from pmd_envs.math.vocabulary import GROUPED, GROUPS, TELLING, UNITS
from pmd_envs.verifiers.magnitudes import SHORT, changes

_FILLERS = frozenset(
    (
        "left",
        "total",
        "each",
        "altogether",
        "all",
        "of",
        "a",
        "an",
        "the",
        "different",
        "possible",
        "distinct",
        "in",
        "on",
    )
)
_BEFORE = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
_AFTER = {"squared": 2, "cubed": 3}
_COMPOUND = {"mph": {"mile": 1, "h": -1}, "kph": {"km": 1, "h": -1}, "inch2": {"inch": 2}, "foot2": {"foot": 2}}


@dataclass(frozen=True)
class Quantity:
    """A value and the powers of its units."""

    value: Node
    units: Mapping[str, int] = field(default_factory=dict)


def split_unit(node: Node) -> Quantity:
    """The value and the unit of an answer that is one quantity."""
    if isinstance(node, Apply) and node.op == "neg":
        inner = split_unit(node.args[0])
        return Quantity(apply("neg", inner.value), inner.units)
    if isinstance(node, Apply) and node.op == "degree":
        return Quantity(node.args[0], {"°": 1})
    if isinstance(node, Apply) and node.op == "mul":
        return _from_factors(node)
    if isinstance(node, Apply) and node.op == "div":
        return _from_division(node)
    return Quantity(node)


def _from_factors(node: Apply) -> Quantity:
    units: dict[str, int] = {}
    values: list[Node] = []
    power, last = 1, ""
    for factor in node.args:
        name, exponent = _unit_factor(factor)
        if not name or not values:  # a word before the value is no unit: "negative x"
            inner = split_unit(factor)
            values.append(inner.value)
            _add(units, inner.units, 1)
        elif name in _BEFORE:
            power = _BEFORE[name]
        elif name in _AFTER and last:
            _add(units, {last: 1}, _AFTER[name] - 1)
        elif name not in _FILLERS:
            _add(units, _named(name), exponent * power)
            power, last = 1, _singular(name)
    value = values[0]
    for other in values[1:]:
        value = product(value, other)
    return Quantity(value, units)


def _from_division(node: Apply) -> Quantity:
    above, below = split_unit(node.args[0]), node.args[1]
    units = dict(above.units)
    factors: Sequence[Node] = below.args if isinstance(below, Apply) and below.op == "mul" else (below,)
    for factor in factors:
        name, exponent = _unit_factor(factor, letters=bool(units))
        if not name:
            return Quantity(node) if not units else Quantity(apply("div", above.value, below), units)
        _add(units, _named(name) if name not in _FILLERS else {}, -exponent)
    return Quantity(above.value, units)


def _unit_factor(node: Node, letters: bool = False) -> tuple[str, int]:
    """The unit and its power if a factor is one; ``letters`` reads ``s`` in ``m/s`` as one."""
    exponent = 1
    if isinstance(node, Apply) and node.op == "pow":
        node, power = node.args
        if isinstance(power, Apply) and power.op == "neg" and isinstance(power.args[0], Number):
            power = number(-power.args[0].value)
        if not isinstance(power, Number) or power.value.denominator != 1:
            return "", 0
        exponent = int(power.value)
    if isinstance(node, Name) and (node.word or (letters and node.text in UNITS)):
        return node.text, exponent
    return "", 0


def _named(name: str) -> Mapping[str, int]:
    return _COMPOUND.get(name, {_singular(name): 1})


def may_be_missing(units: Mapping[str, int]) -> bool:
    """Whether all of these only name what is counted, so that the value is the same without them."""
    names = units.keys() - GROUPS if units.keys() & GROUPED else units.keys()
    return not any(changes(name) or TELLING.intersection((name, name.rstrip("s"), f"{name}s")) for name in names)


def _singular(name: str) -> str:
    """Units of our table have one name already; other words lose their plural."""
    if len(name) == 1 or name in SHORT:
        return UNITS.get(name, name)  # the case of a letter tells m from M
    lower = UNITS.get(name) or UNITS.get(name.lower()) or name.lower()
    plural = lower == name.lower() and len(lower) > 3 and lower.endswith("s") and not lower.endswith("ss")
    return lower[:-1] if plural else lower


def _add(units: dict[str, int], more: Mapping[str, int], times: int) -> None:
    for name, power in more.items():
        units[name] = units.get(name, 0) + power * times
        if not units[name]:
            del units[name]
