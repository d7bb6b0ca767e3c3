"""The people of the stories, and tables of words that belong together."""

from collections.abc import Callable, Mapping

from pmd_envs.word_problems.numbers import choose

_SHE = ("Ada", "Bea", "Clara", "Dora", "Eva", "Fay", "Gina", "Hana", "Iris", "Jane", "Lena", "Mia", "Nina", "Rosa")
_HE = ("Adam", "Ben", "Carl", "Dan", "Eli", "Finn", "Hugo", "Ivan", "Jack", "Leo", "Max", "Omar", "Paul", "Tom")
_FEMALE = {"he": "she", "his": "her", "him": "her", "himself": "herself"}
_MALE = {"he": "he", "his": "his", "him": "him", "himself": "himself"}
_NAMES = _SHE + _HE


def with_capitals(words: Mapping[str, str]) -> dict[str, str]:
    """The words, and each of them once more with a capital under its capitalised key (``{Item}``)."""
    return {**words, **{key.capitalize(): word[:1].upper() + word[1:] for key, word in words.items()}}


def _about(name: str, friend: str) -> dict[str, str]:
    return with_capitals({"name": name, "friend": friend, **(_FEMALE if name in _SHE else _MALE)})


_ABOUT = {name: {friend: tuple(_about(name, friend).values()) for friend in _NAMES} for name in _NAMES}
PEOPLE = tuple(_about(*_NAMES[:2]))
"""What :func:`people` says: ``name``, with pronouns ``he``, ``his``, ``him``, ``himself``, and ``friend``.

Each word is there once more with a capital under its capitalised key (``He``).
"""


def people(random_bits: Callable[[int], int]) -> tuple[str, ...]:
    """The words for two people with different names, in the order of :data:`PEOPLE`."""
    name = friend = choose(random_bits, _NAMES)
    while friend == name:
        friend = choose(random_bits, _NAMES)
    return _ABOUT[name][friend]


def scenes(header: str, *rows: str) -> tuple[Mapping[str, str], ...]:
    """Rows of words that go together: ``scenes("item, box", "pens, box", "eggs, tray")``."""
    keys = _cells(header)
    return tuple(dict(zip(keys, _cells(row), strict=True)) for row in rows)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.split(",")]
