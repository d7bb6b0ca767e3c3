"""What people in knights-and-knaves puzzles say: claims, and the wordings of each claim.

A claim is a truth function of two people. In a personal claim they are the speaker and one other, in a claim
about others two people besides the speaker. Wordings of one claim mean the same and differ in their logical form
(``I am a knave or Bo is a knight`` and ``If I am a knight then Bo is a knight``), which is why every wording has a
formula of its own; a test holds all of them to the claim's ``brief``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pmd_envs.logic.formulas import And, Formula, Iff, Implies, Not, Or

Build = Callable[[Formula, Formula], Formula]


@dataclass(frozen=True)
class Wording:
    """One way to make a claim: the quoted words, and the formula they stand for."""

    text: str
    build: Build


@dataclass(frozen=True)
class Claim:
    """A truth function of two people: ``{x}`` and the speaker ``{me}``, or ``{x}`` and ``{y}``."""

    name: str
    brief: str
    """The claim in the third person, as gold solutions repeat it."""
    wordings: tuple[Wording, ...]
    personal: bool = True
    """Whether the first person of the formula is the speaker."""


def _w(text: str, build: Build) -> Wording:
    return Wording(text, build)


SAME_KIND = Claim(
    "same_kind",
    "{x} and {me} are the same kind",
    (
        _w("{x} and I are the same kind", Iff),
        _w("{x} and I are not different kinds", lambda m, x: Not(Not(Iff(m, x)))),
        _w("{x} is a knight if and only if I am a knight", lambda m, x: Iff(x, m)),
        _w("I am a knave if and only if {x} is a knave", lambda m, x: Iff(Not(m), Not(x))),
        _w("{x} and I are both knights or both knaves", lambda m, x: Or(And(x, m), And(Not(x), Not(m)))),
        _w("We are one kind, {x} and I", lambda m, x: Iff(x, m)),
    ),
)
DIFFERENT_KINDS = Claim(
    "different_kinds",
    "{x} and {me} are different kinds",
    (
        _w("{x} and I are different kinds", lambda m, x: Not(Iff(m, x))),
        _w("{x} and I are not the same kind", lambda m, x: Not(Iff(x, m))),
        _w("Exactly one of {x} and me is a knave", lambda m, x: Or(And(Not(x), m), And(x, Not(m)))),
        _w("Exactly one of {x} and me is a knight", lambda m, x: Or(And(x, Not(m)), And(Not(x), m))),
        _w("{x} is a knave if and only if I am a knight", lambda m, x: Iff(Not(x), m)),
        _w("I am a knave if and only if {x} is a knight", lambda m, x: Iff(Not(m), x)),
    ),
)
BOTH_KNAVES = Claim(
    "both_knaves",
    "{x} and {me} are both knaves",
    (
        _w("{x} and I are both knaves", lambda m, x: And(Not(x), Not(m))),
        _w("I am a knave and {x} is a knave", lambda m, x: And(Not(m), Not(x))),
        _w("Neither {x} nor I am a knight", lambda m, x: And(Not(x), Not(m))),
        _w("There is no knight among {x} and me", lambda m, x: Not(Or(x, m))),
    ),
)
SOME_KNAVE = Claim(
    "some_knave",
    "{x} or {me} is a knave",
    (
        _w("At least one of {x} and me is a knave", lambda m, x: Or(Not(x), Not(m))),
        _w("I am a knave or {x} is a knave", lambda m, x: Or(Not(m), Not(x))),
        _w("{x} and I are not both knights", lambda m, x: Not(And(x, m))),
        _w("If {x} is a knight then I am a knave", lambda m, x: Implies(x, Not(m))),
        _w("If I am a knight then {x} is a knave", lambda m, x: Implies(m, Not(x))),
    ),
)
KNIGHT_IF_ME = Claim(
    "knight_if_me",
    "{x} is a knight if {me} is",
    (
        _w("I am a knave or {x} is a knight", lambda m, x: Or(Not(m), x)),
        _w("If I am a knight then {x} is a knight", Implies),
        _w("If {x} is a knave then I am a knave", lambda m, x: Implies(Not(x), Not(m))),
        _w("{x} is a knight if I am a knight", Implies),
    ),
)
ONLY_ME_KNAVE = Claim(
    "only_me_knave",
    "{me} is a knave and {x} is not",
    (
        _w("I am a knave and {x} is a knight", lambda m, x: And(Not(m), x)),
        _w("{x} is a knight but I am a knave", lambda m, x: And(x, Not(m))),
        _w("Of {x} and me, only {x} is a knight", lambda m, x: And(x, Not(m))),
        _w("Of {x} and me, only I am a knave", lambda m, x: And(Not(m), x)),
    ),
)
PRAISE = Claim(
    "praise",
    "{x} is a knight",
    (
        _w("{x} is a knight", lambda _, x: x),
        _w("{x} is not a knave", lambda _, x: Not(Not(x))),
        _w("{x} never lies", lambda _, x: x),
        _w("{x} always tells the truth", lambda _, x: x),
        _w("It is false that {x} is a knave", lambda _, x: Not(Not(x))),
        _w("You can trust {x}", lambda _, x: x),
    ),
)
BLAME = Claim(
    "blame",
    "{x} is a knave",
    (
        _w("{x} is a knave", lambda _, x: Not(x)),
        _w("{x} is not a knight", lambda _, x: Not(x)),
        _w("{x} always lies", lambda _, x: Not(x)),
        _w("{x} never tells the truth", lambda _, x: Not(x)),
        _w("It is false that {x} is a knight", lambda _, x: Not(x)),
        _w("You cannot trust {x}", lambda _, x: Not(x)),
    ),
)
BOTH_KNIGHTS = Claim(
    "both_knights",
    "{x} and {me} are both knights",
    (
        _w("{x} and I are both knights", lambda m, x: And(x, m)),
        _w("I am a knight and {x} is a knight", And),
        _w("Neither {x} nor I am a knave", lambda m, x: And(Not(Not(x)), Not(Not(m)))),
        _w("There is no knave among {x} and me", lambda m, x: Not(Or(Not(x), Not(m)))),
        _w("{x} and I both tell the truth", lambda m, x: And(x, m)),
        _w("{x} is a knight and I am one too", lambda m, x: And(x, m)),
    ),
)
ONLY_ME_KNIGHT = Claim(
    "only_me_knight",
    "{me} is a knight and {x} is not",
    (
        _w("I am a knight and {x} is a knave", lambda m, x: And(m, Not(x))),
        _w("{x} is a knave but I am a knight", lambda m, x: And(Not(x), m)),
        _w("Of {x} and me, only I am a knight", lambda m, x: And(m, Not(x))),
        _w("Of {x} and me, only {x} is a knave", lambda m, x: And(Not(x), m)),
        _w("{x} lies but I tell the truth", lambda m, x: And(Not(x), m)),
        _w("I am a knight and {x} is not", lambda m, x: And(m, Not(x))),
    ),
)
SOME_KNIGHT = Claim(
    "some_knight",
    "{x} or {me} is a knight",
    (
        _w("At least one of {x} and me is a knight", lambda m, x: Or(x, m)),
        _w("I am a knight or {x} is a knight", Or),
        _w("{x} and I are not both knaves", lambda m, x: Not(And(Not(x), Not(m)))),
        _w("If I am a knave then {x} is a knight", lambda m, x: Implies(Not(m), x)),
        _w("If {x} is a knave then I am a knight", lambda m, x: Implies(Not(x), m)),
        _w("{x} is a knight or I am one", lambda m, x: Or(x, m)),
    ),
)
ME_IF_KNIGHT = Claim(
    "me_if_knight",
    "{me} is a knight if {x} is",
    (
        _w("I am a knight or {x} is a knave", lambda m, x: Or(m, Not(x))),
        _w("If {x} is a knight then I am a knight", lambda m, x: Implies(x, m)),
        _w("If I am a knave then {x} is a knave", lambda m, x: Implies(Not(m), Not(x))),
        _w("I am a knight if {x} is a knight", lambda m, x: Implies(x, m)),
        _w("{x} is a knave or I am a knight", lambda m, x: Or(Not(x), m)),
        _w("{x} is a knave if I am a knave", lambda m, x: Implies(Not(m), Not(x))),
    ),
)

PERSONAL = (
    SAME_KIND,
    DIFFERENT_KINDS,
    BOTH_KNAVES,
    SOME_KNAVE,
    KNIGHT_IF_ME,
    ONLY_ME_KNAVE,
    PRAISE,
    BLAME,
    BOTH_KNIGHTS,
    ONLY_ME_KNIGHT,
    SOME_KNIGHT,
    ME_IF_KNIGHT,
)
DECIDING = PERSONAL[:6]
"""Claims that settle somebody's kind whoever makes them."""

ABOUT_OTHERS = (
    Claim("others_same", "{x} and {y} are the same kind", (_w("{x} and {y} are the same kind", Iff),), False),
    Claim(
        "others_different",
        "{x} and {y} are different kinds",
        (
            _w("{x} and {y} are different kinds", lambda x, y: Not(Iff(x, y))),
            _w("Exactly one of {x} and {y} is a knave", lambda x, y: Or(And(Not(x), y), And(x, Not(y)))),
        ),
        False,
    ),
    Claim(
        "others_both_knaves",
        "{x} and {y} are both knaves",
        (
            _w("{x} and {y} are both knaves", lambda x, y: And(Not(x), Not(y))),
            _w("Neither {x} nor {y} is a knight", lambda x, y: Not(Or(x, y))),
        ),
        False,
    ),
    Claim("others_both_knights", "{x} and {y} are both knights", (_w("{x} and {y} are both knights", And),), False),
    Claim(
        "others_some_knave",
        "{x} or {y} is a knave",
        (
            _w("{x} or {y} is a knave", lambda x, y: Or(Not(x), Not(y))),
            _w("If {x} is a knight then {y} is a knave", lambda x, y: Implies(x, Not(y))),
        ),
        False,
    ),
    Claim(
        "others_some_knight",
        "{x} or {y} is a knight",
        (
            _w("{x} or {y} is a knight", Or),
            _w("If {x} is a knave then {y} is a knight", lambda x, y: Implies(Not(x), y)),
        ),
        False,
    ),
    Claim(
        "others_if",
        "{y} is a knight if {x} is",
        (
            _w("If {x} is a knight then {y} is a knight", Implies),
            _w("{x} is a knave or {y} is a knight", lambda x, y: Or(Not(x), y)),
        ),
        False,
    ),
    Claim(
        "others_only",
        "{x} is a knight and {y} is not",
        (_w("{x} is a knight and {y} is a knave", lambda x, y: And(x, Not(y))),),
        False,
    ),
)

NAMES = (
    "Ann", "Bo", "Cal", "Dee", "Eli", "Fay", "Gus", "Hal", "Ida", "Jon", "Kim", "Lea",
    "Max", "Ned", "Ola", "Pam", "Quin", "Ray", "Sue", "Tom", "Una", "Vic", "Wes", "Zoe",
)  # fmt: skip
