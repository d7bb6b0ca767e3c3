"""Reading the answer of a zebra puzzle: everything once, each at one house, and nothing else."""

import re

from pmd_envs.families.puzzle_family import quoted
from pmd_envs.families.zebra_text import CATEGORIES, Street

_HOUSE = re.compile(r"(?:house\s*)?([0-9])\s*[:=]\s*(.*)", re.IGNORECASE | re.DOTALL)
_NEXT = re.compile(r"\s*[;\n]\s*|\s*[.]\s*(?=house\b)", re.IGNORECASE)
_VALUE = rf"(?:{'|'.join(value for category in CATEGORIES for value in category.values)})\b"
_ONE_HOUSE = rf"(?:house\s*)?[0-9]\s*[:=]\s*{_VALUE}(?:\s*,\s*(?:and\s+)?{_VALUE}){{0,8}}"
_HOUSES = re.compile(rf"{_ONE_HOUSE}(?:\s*;\s*{_ONE_HOUSE}){{0,8}}", re.IGNORECASE)
_DECORATION = re.compile(r"\*\*|\$|\\(?:text|textbf|mathrm)\b|[{}]")


def houses(text: str) -> tuple[str, ...]:
    """The houses that a text lists, if it says nothing else."""
    if _HOUSES.fullmatch(text) is None:
        return ()
    return tuple(" ".join(re.findall(r"\w+", house.casefold().replace("house", ""))) for house in text.split(";"))


def parse_houses(answer: str, street: Street) -> tuple[tuple[int, ...], str]:
    """Where each thing is, or what is wrong with the answer."""
    text = _DECORATION.sub("", answer).strip().rstrip(".;").strip()
    things = {name.casefold(): thing for thing, name in enumerate(street.names)}
    places: dict[int, int] = {}
    houses: set[int] = set()
    for part in _NEXT.split(text):
        match = _HOUSE.fullmatch(part)
        house = int(match[1]) - 1 if match else -1
        if match is None or house not in range(street.size):
            return (), f"the answer should only list the houses, not say {quoted(part, 30)}"
        if house in houses:
            return (), f"house {house + 1} is listed twice"
        houses.add(house)
        problem = _fill(house, match[2], things, places, street)
        if problem:
            return (), problem
    missing = [name for thing, name in enumerate(street.names) if thing not in places]
    return (tuple(places[thing] for thing in range(len(street.names))), "") if not missing else ((), _absent(missing))


def _absent(missing: list[str]) -> str:
    return f"no house is given for {missing[0]}"


def _fill(house: int, text: str, things: dict[str, int], places: dict[int, int], street: Street) -> str:
    """Put what is listed for one house there; what is wrong with it."""
    groups: set[int] = set()
    for word in re.split(r"\s*,\s*(?:and\s+)?", text.strip()):
        thing = things.get(word.casefold())
        if thing is None:
            return f"{quoted(word, 30)} is not one of the things to place"
        if thing in places:
            return f"{word} is placed twice"
        if thing // street.size in groups:
            return f"house {house + 1} is given two of a kind"
        groups.add(thing // street.size)
        places[thing] = house
    return ""
