"""An object that stays in the program's process, as tests see it.

It can be called, asked for attributes and items, iterated and compared with another one. A comparison or an operation
with a plain value is never sent over: that value may be the expected one, and the answer would be the program's word.
The one exception are sums and products of an instance of a class that the tests name as one names classes, by a
capital letter; the verdict then counts as weaker evidence.

What an object says of itself, as a number or as text, is asked for once and holds until the program is asked for
something else: one that counts how often it is asked could be another number at each place of a formula.
"""

from collections import deque
from collections.abc import Callable, Iterator

from .words import short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .link import Link

UNARY = ("neg", "pos", "abs", "invert")
ORDER = ("eq", "ne", "lt", "le", "gt", "ge")
MUTABLE = (list, dict, set, deque)
SAYINGS = frozenset(("len", "bool", "int", "index", "float", "round", "str", "format", "repr", "hash", *UNARY))
"""What an object is asked about itself, which changes nothing."""
BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift")


class Remote:
    """An object that lives in the program's process."""

    _pmd_state: "tuple[Link, int, str, str]"
    _pmd_owned: bool
    """An instance of a class that the tests name."""
    _pmd_plain: bool
    """Its class is derived from one of Python's own, and it compares by what that one stores."""
    _pmd_said: dict[tuple[object, ...], tuple[int, object]]
    """What it said of itself, with how much the program had been asked to do by then."""

    def __init__(self, link: "Link", number: int, kind: str, name: str = "") -> None:
        object.__setattr__(self, "_pmd_state", (link, number, kind, name))
        object.__setattr__(self, "_pmd_owned", False)
        object.__setattr__(self, "_pmd_plain", False)
        object.__setattr__(self, "_pmd_said", {})

    def _pmd_ask(self, operation: str, *args: object) -> object:
        link = self._pmd_state[0]
        if operation not in SAYINGS or not all(type(arg) in (int, str) for arg in args):
            return link.apply(operation, self, *args)
        question = (operation, *args)
        done, answer = self._pmd_said.get(question, (-1, None))
        if done != link.done:
            answer = link.apply(operation, self, *args)
            self._pmd_said[question] = link.done, answer
        return answer

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Call it over there; the call as text is kept for the feedback."""
        link, _, kind, name = self._pmd_state
        shown = [short(arg) for arg in args] + [f"{key}={short(value)}" for key, value in kwargs.items()]
        text = f"{name or kind}({', '.join(shown)})"
        link.last_call = (text, None)
        result = self._pmd_ask("call", list(args), kwargs)
        link.last_call = (text, result)
        return _own(result) if name[:1].isupper() else result

    def __getattr__(self, name: str) -> object:
        return self._pmd_state[0].named(self._pmd_ask("getattr", name), name)

    def __setattr__(self, name: str, value: object) -> None:
        self._pmd_ask("setattr", name, value)

    def __delattr__(self, name: str) -> None:
        self._pmd_ask("delattr", name)

    def __getitem__(self, key: object) -> object:
        return self._pmd_ask("getitem", key)

    def __setitem__(self, key: object, value: object) -> None:
        self._pmd_ask("setitem", key, value)

    def __delitem__(self, key: object) -> None:
        self._pmd_ask("delitem", key)

    def __iter__(self) -> Iterator[object]:
        iterator = self._pmd_ask("iter")
        return iterator if isinstance(iterator, Remote) else iter(())

    def __reversed__(self) -> Iterator[object]:
        iterator = self._pmd_ask("reversed")
        return iterator if isinstance(iterator, Remote) else iter(())

    def __next__(self) -> object:
        return self._pmd_ask("next")

    def __contains__(self, item: object) -> bool:
        if isinstance(item, Remote) or self._pmd_owned:
            self._pmd_state[0].compared = True
            return self._pmd_ask("contains", item) is True
        return any(item is member or item == member for member in self)

    def __enter__(self) -> object:
        return self._pmd_ask("enter")

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        """What happens inside is the tests' own: the program cannot make it unhappen."""
        builtin = kind if kind is None or kind.__module__ == "builtins" else Exception
        self._pmd_ask("exit", builtin)

    def __len__(self) -> int:
        return _int(self._pmd_ask("len"))

    def __bool__(self) -> bool:
        return self._pmd_ask("bool") is True

    def __int__(self) -> int:
        return _int(self._pmd_ask("int"))

    def __index__(self) -> int:
        return _int(self._pmd_ask("index"))

    def __float__(self) -> float:
        value = self._pmd_ask("float")
        return value if type(value) is float else float("nan")

    def __round__(self, *digits: int) -> object:
        return self._pmd_ask("round", *digits)

    def __str__(self) -> str:
        return _text(self._pmd_ask("str"))

    def __format__(self, form: str) -> str:
        return _text(self._pmd_ask("format", form))

    def __repr__(self) -> str:
        return f"<{self._pmd_state[2]} object>"

    def __hash__(self) -> int:
        return _int(self._pmd_ask("hash"))

    def __copy__(self) -> object:
        return self._pmd_copied("copy")

    def __deepcopy__(self, _: object) -> object:
        return self._pmd_copied("deepcopy")

    def _pmd_copied(self, operation: str) -> object:
        result = self._pmd_ask(operation)
        return _own(result) if self._pmd_owned else result

    def _pmd_with(self, operation: str, other: object) -> object:
        link, number, _, _ = self._pmd_state
        if isinstance(other, Remote):
            if number_of(other) == number and operation == "eq":
                return True
        elif self._pmd_plain and operation in ("eq", "ne"):
            plain = self._pmd_ask("plain")
            return NotImplemented if isinstance(plain, Remote) else (plain == other) is (operation == "eq")
        elif not self._pmd_owned or operation in ORDER:
            return NotImplemented
        link.compared = True
        result = self._pmd_ask(operation, other)
        return _own(result) if self._pmd_owned else result

    def __eq__(self, other: object) -> bool:
        return self._pmd_with("eq", other)  # type: ignore[return-value]


def _unary(operation: str) -> "Callable[[Remote], object]":
    def method(self: Remote) -> object:
        return self._pmd_ask(operation)

    return method


def _binary(operation: str) -> "Callable[[Remote, object], object]":
    def method(self: Remote, other: object) -> object:
        return self._pmd_with(operation, other)

    return method


for _name in UNARY:
    setattr(Remote, f"__{_name}__", _unary(_name))
for _name in (*ORDER[1:], *BINARY, *(f"r{name}" for name in BINARY)):
    setattr(Remote, f"__{_name}__", _binary(_name))
# An attribute of the class would hide the program's own.
Remote.__doc__ = property(lambda remote: remote._pmd_ask("getattr", "__doc__"))  # type: ignore[assignment]


def _own(value: object) -> object:
    """Mark an instance of a class that the tests name; one that may change stays where its methods are."""
    remote = vars(value).get("_pmd_remote") if isinstance(value, MUTABLE) and type(value) not in MUTABLE else value
    if not isinstance(remote, Remote):
        return value
    object.__setattr__(remote, "_pmd_owned", True)
    object.__setattr__(remote, "_pmd_plain", remote is not value)
    return remote


def number_of(remote: Remote) -> int:
    """Which object it is, for the program's side."""
    return int(remote._pmd_state[1])


def text_of(value: object) -> str:
    """``repr``, of the program's objects by their own method."""
    return _text(value._pmd_ask("repr")) if isinstance(value, Remote) else repr(value)


def is_instance(value: object, kinds: object) -> bool:
    """``isinstance`` that also knows classes of the program."""
    for kind in kinds if isinstance(kinds, tuple) else (kinds,):
        if isinstance(kind, Remote):
            if isinstance(value, Remote) and value._pmd_ask("isinstance", kind) is True:
                return True
        elif isinstance(value._pmd_ask("plain") if isinstance(value, Remote) and value._pmd_plain else value, kind):
            return True
    return False


def _int(value: object) -> int:
    if type(value) is not int:
        raise TypeError("the program's answer is no int")
    return value


def _text(value: object) -> str:
    if type(value) is not str:
        raise TypeError("the program's answer is no str")
    return value
