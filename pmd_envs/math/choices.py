"""Which of several choices an answer names.

An answer such as ``(C) the text of option C`` names C. One that goes on to name another letter, or to take the first
back, is a hedge and names none. The options are not known here, so what may be either is taken for a hedge: an option
"both A and B" has to be answered by its letter alone. Words such as "or" and "not" between other words are text.
"""

import re

_STATED = re.compile(r"(?:(?:[Oo]ption|[Cc]hoice)\s+)?\(?([A-Z])(?:\)?|[).:]\s(.*))", re.DOTALL)
_USUAL = "ABCDEFGH"
"""Letters of other choices where the one that is named is among them; else every letter may be one."""
_LETTER = re.compile(
    r"""(?:(?<=[\s,;])|^)[(\[*$"]*([A-Z])(?=[)\]*$".:!?]*(?:[\s,;/&|]|$))|(?<=[A-Z][/&|])([A-Z])(?![\w(])"""
)
"""One that stands alone, not inside a formula: in ``CC(C)O`` there is none."""
_BRACKETED = re.compile(r"(?<!\w)\(\s*([a-h])\s*\)")
_ARTICLE = re.compile(r"\s+(?!(?:or|and|nor|but|is|if|not|maybe|perhaps|seems|looks|instead)\b)\w[\w-]+")
_MARKED = re.compile(r"\s*[).:]\s*\S")
_PART_BEFORE = re.compile(
    r"""(?:(?:\d | \^\{[-\d]+\} | \b(?:N|V|J|W|kg|m|s|eV|mol|K|T|g)\s*/)\s*(?P<unit>)
    | \w\( | [=+*^<>_]\s* | \\(?:circ\}?|mu|angle|triangle|vec|cup|cap|times|cdot|setminus|subset)\s*
    | \b(?:vitamin|hepatitis|point|line|side|angle|vertex|type|group|class|grade|set|event|vector|matrix|plan)\s+)$""",
    re.VERBOSE | re.IGNORECASE,
)
_PART_AFTER = re.compile(r"\s*(?:[=+*^<>_]|\\(?:cup|cap|times|cdot|setminus|subset)\b)")
_UNITS = "ACFH"
_CONTEXT = 20
_DOUBT = re.compile(
    r"""^\W*(?:(?:or|nor)\b | [&/])                          # goes on to something else
    | (?:\b(?:or|nor|and) | [&/])\W*$
    | \b(?:maybe|perhaps|unsure|alternatively|and/or)\b
    | \b(?:not|isn['’]t)\s+(?:sure|certain\s+(?:about|which|whether)|right|correct|the\s+(?:\w+\s+)?answer)\b
    | \b(?:don['’]?t|do\s+not)\s+know\b | \bno\s+idea\b | \b(?:I|my|a|just)\s+guess\b | \bguessing\b
    | \bis\s+(?:wrong|incorrect)\b | \bnot\s+\(?(?-i:[A-Z])\b(?!['’(])
    | \b(?:or|nor|and|maybe|not)\(\s*[A-Z]\s*\)
    | ^\W*(?:not|probably|possibly|presumably|I\s+think|I\s+believe)\W*$
    | ^\W*\?\W*$""",
    re.VERBOSE | re.IGNORECASE,
)


def chosen_letter(text: str) -> str | None:
    """The letter that an answer names; empty if it hedges, ``None`` if it is no letter with perhaps its text."""
    stated = _STATED.fullmatch(text)
    if stated is None:
        return None
    return "" if stated[2] and _hedges(stated[1], stated[2]) else stated[1]


def _hedges(letter: str, text: str) -> bool:
    """Whether what follows a letter names another one or takes it back."""
    others = _USUAL if letter in _USUAL else ""
    letters = (
        found for found in _LETTER.finditer(text) if _of(found) != letter and (not others or _of(found) in others)
    )
    return (
        _DOUBT.search(text) is not None
        or any(found[1] != letter.lower() for found in _BRACKETED.finditer(text))
        or any(not _is_text(text, found) for found in letters)
    )


def _of(found: re.Match[str]) -> str:
    return found[1] or found[2]


def _is_text(text: str, found: re.Match[str]) -> bool:
    """Whether a letter is part of an option: an article, a unit, a variable, the name of a point or a vitamin."""
    if _of(found) == "A" and _ARTICLE.match(text, found.end()):
        return True
    if _PART_AFTER.match(text, found.end()):
        return True
    before = text[max(0, found.end() - 1 - _CONTEXT) : found.end() - 1]
    part = _PART_BEFORE.search(before)
    if part is None or (part["unit"] is not None and _of(found) not in _UNITS):
        return False
    return before.endswith("(") or not _MARKED.match(text, found.end())
