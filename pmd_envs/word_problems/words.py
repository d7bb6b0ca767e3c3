"""The people of the stories, and tables of words that belong together."""

import random
from collections.abc import Mapping
from functools import cache

_SHE = ("Ada", "Bea", "Clara", "Dora", "Eva", "Fay", "Gina", "Hana", "Iris", "Jane", "Lena", "Mia", "Nina", "Rosa")
_HE = ("Adam", "Ben", "Carl", "Dan", "Eli", "Finn", "Hugo", "Ivan", "Jack", "Leo", "Max", "Omar", "Paul", "Tom")
_FEMALE = {"he": "she", "his": "her", "him": "her", "himself": "herself"}
_MALE = {"he": "he", "his": "his", "him": "him", "himself": "himself"}
_NAMES = _SHE + _HE


def people(rng: random.Random) -> Mapping[str, str]:
    """Two people with different names: ``name``, with pronouns ``he``, ``his``, ``him``, and ``friend``.

    Each word is there once more with a capital under its capitalised key (``{He}``).
    """
    name = friend = rng.choice(_NAMES)
    while friend == name:
        friend = rng.choice(_NAMES)
    return _pair(name, friend)


@cache
def _pair(name: str, friend: str) -> Mapping[str, str]:
    return with_capitals({"name": name, "friend": friend, **(_FEMALE if name in _SHE else _MALE)})


def scenes(header: str, *rows: str) -> tuple[Mapping[str, str], ...]:
    """Rows of words that go together: ``scenes("item, box", "pens, box", "eggs, tray")``."""
    keys = _cells(header)
    return tuple(dict(zip(keys, _cells(row), strict=True)) for row in rows)


def with_capitals(words: Mapping[str, str]) -> dict[str, str]:
    """The words, and each of them once more with a capital under its capitalised key (``{Item}``)."""
    return {**words, **{key.capitalize(): word[:1].upper() + word[1:] for key, word in words.items()}}


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.split(",")]
