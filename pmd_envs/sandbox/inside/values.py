"""Values as tagged JSON, in both directions: no pickle, no repr.

Whatever JSON would blur carries a tag: ``(1, 2.0)`` becomes ``{"tuple": [1, {"float": "0x1.0000000000000p+1"}]}``.
An instance of a subclass may lie about its equality, so only what its base class stores is written, marked with
the name of the class: ``{"sub": ["Point", {"tuple": [1, 2]}]}``. Any other object is opaque.
"""

import datetime
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pmd_envs.records import Json

MAX_DEPTH = 60
DEEP = 200
MAX_ITEMS = 20_000
MANY = 3_000_000
PLAIN_INT = 1 << 53
MAX_DIGITS = 300_000
MUTABLE = (list, dict, set, bytearray, deque, Counter, OrderedDict, defaultdict)
"""What a call may change, so that who made the call has to be told."""
HUGE: "Json" = {"opaque": "huge"}
"""What is said of a value that is too large to be told."""
Keep = Callable[[object], "Json"]


class TooLarge(Exception):  # noqa: N818 (internal signal, not an error of a caller)
    """A value is too deep or has too many items to be reported."""


def name_only(value: object) -> "Json":
    """How an object that cannot cross is written unless the caller knows better."""
    return {"opaque": str(type(value).__name__)[:40]}


class Encoder:
    """One value's way out, with what is left of its caps."""

    def __init__(self, keep: Keep = name_only, items: int = MAX_ITEMS, depth: int = MAX_DEPTH) -> None:
        self.keep = keep
        self.room = items
        self.depth = depth

    def encode(self, value: object, depth: int = 0) -> "Json":
        """Tagged JSON; raise :class:`TooLarge` beyond the caps."""
        self.room -= 1
        if self.room < 0 or depth > self.depth:
            raise TooLarge
        kind = type(value)
        if kind in _TEXTS:
            return _TEXTS[kind](value)
        if kind in _PARTS:
            tag, parts = _PARTS[kind]
            items = self._items(parts(value), depth)
            return items if kind is list else {tag: items}
        return self._other(value, depth)

    def _items(self, values: Iterable[object], depth: int) -> "list[Json]":
        items = list(values)
        if set(map(type, items)) <= {bool, type(None)}:  # the usual long lists need no look at each item
            self.room -= len(items)
            if self.room < 0:
                raise TooLarge
            return items  # type: ignore[return-value]
        return [self.encode(item, depth + 1) for item in items]

    def _other(self, value: object, depth: int) -> "Json":
        """An instance of a subclass of what we know, by what the base class stores."""
        if type(value) in _MOMENTS and type(value.tzinfo) in _ZONES:  # type: ignore[attr-defined]
            tag, parts = _MOMENTS[type(value)]
            zone = [] if value.tzinfo is None else [value.tzinfo]  # type: ignore[attr-defined]
            return {tag: self._items([*parts(value), *zone], depth)}
        plain = stored(value)
        if plain is value:
            return self.keep(value)
        return {"sub": [str(type(value).__name__)[:40], self.encode(plain, depth + 1)]}


def stored(value: object) -> object:
    """What the base class of an instance of a subclass of what we know stores; any other object as it is."""
    for base in type(value).__mro__[1:]:
        if base in _BASES:
            return _BASES[base](value)
    return value


def listed(value: object) -> object:
    """The same value with lists for tuples, as JSON would have it. Its keys and the members of sets stay tuples."""
    kind = type(value)  # isinstance() would believe what an object of the program says of its class
    if issubclass(kind, (list, tuple)):
        return [listed(item) for item in value]  # type: ignore[attr-defined]
    if issubclass(kind, dict):
        return {key: listed(item) for key, item in value.items()}  # type: ignore[attr-defined]
    return value


def encode(value: object) -> "Json":
    """Tagged JSON of a value of ordinary size."""
    return Encoder().encode(value)


def _int(value: int) -> "Json":
    return value if -PLAIN_INT < value < PLAIN_INT else {"int": hex(value)}


def _str(value: str) -> "Json":
    try:
        value.encode()
    except UnicodeEncodeError:  # two lone surrogates would come back as one character
        return {"str": value.encode("utf-8", "surrogatepass").hex()}
    return value


def _pairs_of(value: dict[object, object]) -> list[object]:
    return [[key, item] for key, item in dict.items(value)]


def _iso(moment: datetime.date | datetime.time) -> str:
    return moment.isoformat()


_TEXTS: "dict[type, Callable[..., Json]]" = {
    type(None): lambda value: value,
    bool: lambda value: value,
    int: _int,
    str: _str,
    float: lambda value: {"float": value.hex()},
    complex: lambda value: {"complex": f"{value.real.hex()} {value.imag.hex()}"},
    bytes: lambda value: {"bytes": value.hex()},
    bytearray: lambda value: {"bytearray": value.hex()},
    Decimal: lambda value: {"decimal": str(value)},
    datetime.date: lambda value: {"date": _iso(value)},
    type(...): lambda value: {"ellipsis": ""},  # noqa: ARG005
}
_PARTS: "dict[type, tuple[str, Callable[..., Iterable[object]]]]" = {
    list: ("list", list.__iter__),
    tuple: ("tuple", tuple.__iter__),
    set: ("set", set.__iter__),
    frozenset: ("frozenset", frozenset.__iter__),
    deque: ("deque", deque.__iter__),
    dict: ("dict", _pairs_of),
    Counter: ("counter", _pairs_of),
    OrderedDict: ("ordereddict", _pairs_of),
    defaultdict: ("defaultdict", _pairs_of),
    range: ("range", lambda value: (value.start, value.stop, value.step)),
    slice: ("slice", lambda value: (value.start, value.stop, value.step)),
    Fraction: ("fraction", lambda value: (value._numerator, value._denominator)),
    datetime.timedelta: ("timedelta", lambda value: (value.days, value.seconds, value.microseconds)),
    datetime.timezone: ("timezone", datetime.timezone.__getinitargs__),  # type: ignore[attr-defined]
}
_MOMENTS: "dict[type, tuple[str, Callable[..., Iterable[object]]]]" = {
    datetime.datetime: (
        "datetime",
        lambda value: (value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond),
    ),
    datetime.time: ("time", lambda value: (value.hour, value.minute, value.second, value.microsecond)),
}
"""What may have a time zone after these, one of a fixed distance: a moment with another is no plain value."""
_ZONES = (type(None), datetime.timezone)
_BASES: dict[type, Callable[..., object]] = {
    bool: bool,
    int: int.__int__,
    str: lambda value: str.__getitem__(value, slice(None)),
    float: float.__float__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    deque: lambda value: deque(deque.__iter__(value)),
    dict: lambda value: dict(dict.items(value)),
}


def _read_int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError("an integer is too long")
    return int(text, 16)


def _read_complex(text: str) -> complex:
    real, imaginary = text.split(" ")
    return complex(float.fromhex(real), float.fromhex(imaginary))


def _read_decimal(text: str) -> Decimal:
    if len(text) > MAX_DIGITS:
        raise ValueError("a decimal is too long")
    try:
        return Decimal(text)
    except ArithmeticError as error:
        raise ValueError("not a decimal") from error


FROM_TEXT: dict[str, Callable[[str], object]] = {
    "int": _read_int,
    "float": float.fromhex,
    "complex": _read_complex,
    "str": lambda text: bytes.fromhex(text).decode("utf-8", "surrogatepass"),
    "bytes": bytes.fromhex,
    "bytearray": bytearray.fromhex,
    "decimal": _read_decimal,
    "date": datetime.date.fromisoformat,
    "ellipsis": lambda text: ...,  # noqa: ARG005
}


def _ints(items: list[object]) -> list[int]:
    """The integers that a range or a fraction is made of; a text would be read as a number of any length."""
    if not all(type(item) is int for item in items):
        raise ValueError("not made of integers")
    return items  # type: ignore[return-value]


def _read_fraction(items: list[object]) -> Fraction:
    numerator, denominator = _ints(items)
    return Fraction(numerator, denominator)


FROM_PAIRS: dict[str, Callable[[list[tuple[object, object]]], object]] = {
    "dict": dict,
    "counter": lambda pairs: Counter(dict(pairs)),
    "ordereddict": OrderedDict,
    "defaultdict": lambda pairs: defaultdict(None, pairs),
}
FROM_ITEMS: dict[str, Callable[[list[object]], object]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "deque": deque,
    "range": lambda items: range(*_ints(items)),
    "slice": lambda items: slice(*items),
    "fraction": _read_fraction,
    "datetime": lambda items: datetime.datetime(*items),  # type: ignore[arg-type]
    "time": lambda items: datetime.time(*items),  # type: ignore[arg-type]
    "timedelta": lambda items: datetime.timedelta(*items),  # type: ignore[arg-type]
    "timezone": lambda items: datetime.timezone(*items),  # type: ignore[arg-type]
}
Give = Callable[[str, "str | list[Json]"], object]
_PLAIN = {int, str, bool, type(None)}


class Decoder:
    """Tagged JSON's way back in.

    Args:
        give: What becomes of the tags that are not values: opaque objects, functions.
    """

    def __init__(self, give: Give) -> None:
        self.give = give

    def decode(self, tree: "Json") -> object:
        """The value; raise ValueError where the tags make no sense."""
        if isinstance(tree, list):
            return tree if set(map(type, tree)) <= _PLAIN else [self.decode(item) for item in tree]
        if not isinstance(tree, dict):
            return tree
        tag, content = tagged(tree)
        try:
            return self._tagged(tag, content)
        except (TypeError, ArithmeticError) as error:  # unhashable members, numbers out of range
            raise ValueError(f"not a {tag}") from error

    def _tagged(self, tag: str, content: "str | list[Json]") -> object:
        if isinstance(content, str):
            return FROM_TEXT[tag](content) if tag in FROM_TEXT else self.give(tag, content)
        if tag in FROM_PAIRS:
            return FROM_PAIRS[tag]([(self.decode(key), self.decode(value)) for key, value in pairs(content)])
        if tag in FROM_ITEMS:
            return FROM_ITEMS[tag]([self.decode(item) for item in content])
        if tag == "sub":
            return self.decode(content[1])
        return self.give(tag, content)


def tagged(tree: "dict[str, Json]") -> "tuple[str, str | list[Json]]":
    """Tag and content, checked to fit each other."""
    if len(tree) != 1:
        raise ValueError("a tagged value has exactly one tag")
    [(tag, content)] = tree.items()
    if isinstance(content, str):
        fits = tag not in FROM_PAIRS and tag not in FROM_ITEMS and tag != "sub"
    elif isinstance(content, list):
        fits = tag not in FROM_TEXT and (tag != "sub" or (len(content) == 2 and isinstance(content[0], str)))
    else:
        fits = False
    if not fits:
        raise ValueError(f"a value cannot be tagged {tag!r}")
    return tag, content  # type: ignore[return-value]


def pairs(items: "list[Json]") -> "list[tuple[Json, Json]]":
    """The pairs of a dict."""
    found: list[tuple[Json, Json]] = []
    for item in items:
        if not isinstance(item, list) or len(item) != 2:
            raise ValueError("a dict is a list of pairs")
        found.append((item[0], item[1]))
    return found
