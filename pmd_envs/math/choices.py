"""Which of several choices an answer names.

An answer such as ``(C) the text of option C`` names C. One that goes on to name another letter, or to take the first
back, is a hedge and names none. The options are not known here, so what may be either is taken for a hedge: an option
"both A and B" has to be answered by its letter alone. Words such as "or" and "not" between other words are text.
"""

import re

from pmd_envs.math.prose import is_word
from pmd_envs.math.vocabulary import FUNCTIONS, GREEK, NOT_A_UNIT, TAKEN_BACK

_LEAD = re.compile(
    r"""(?:(?:so|thus|hence|therefore)\b,?\s+)?
    (?:(?:the\s+)?(?:(?:correct|right|best|final)\s+)?(?:answer|option|choice)(?:\s+is)?\s*:?(?:\s+|(?=[(*]))){0,2}""",
    re.VERBOSE | re.IGNORECASE,
)
_STATED = re.compile(
    r"""\**\(?(?P<letter>[A-Z]|(?P<lower>[a-h]))
    (?: (?P<closed>\))?\**
      | \)?\**(?P<judged>\s+is)\s+(?:the\s+)?(?:correct|right|best)(?:\s+(?:answer|option|choice|one))?
      | (?: \)?[.:] | \) | \)?[.:,]?\*\*[.:,]? )\s(?P<text>.*)
      | \)?\**(?: ,\s+ | \s+-{1,3}\s+ | \s*[–—]\s* )(?P<words>.*) )""",
    re.VERBOSE | re.DOTALL,
)
"""The letter alone, with a judgement, or with the text of its option behind a mark."""
_FIRST_WORD = re.compile(r"[(\"'“‘*]*([^\W\d_]{3,})")
_NO_TEXT = NOT_A_UNIT | TAKEN_BACK | frozenset(("otherwise", "although", "though", "however", "rather", "actually"))
"""What an option behind a comma or a dash does not begin with; such an answer goes on to something else."""
_SINGLE = re.compile(r"(?<![\w'’])[a-h](?![\w'’])")
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
    | ^\W*(?:not|probably|possibly|presumably|I\s+think|I\s+believe|idk|nope|nah)\W*$
    | ^\W*\?\W*$""",
    re.VERBOSE | re.IGNORECASE,
)


def chosen_letter(text: str, lower: bool = False) -> str | None:
    """The letter that an answer names; empty if it hedges, ``None`` if it is no letter with perhaps its text.

    Args:
        text: The answer.
        lower: Whether a lower-case letter that stands alone is known to be a choice and no variable.
    """
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    stated = _STATED.fullmatch(text, start)
    if stated is None or (stated["words"] is not None and not _is_option(stated["words"])):
        return None
    said = stated["text"] or stated["words"] or ""
    if stated["lower"]:
        if not (lower or start or stated["closed"] or stated["judged"] or said):
            return None
        said = _SINGLE.sub(lambda single: single[0].upper(), said)
    letter = stated["letter"].upper()
    return "" if said and _hedges(letter, said) else letter


def _is_option(text: str) -> bool:
    """Whether what stands behind ``C,`` or ``C -`` is the text of an option, and no term or element of its own."""
    first = _FIRST_WORD.match(text)
    if first is None or first[1].lower() in _NO_TEXT or first[1] in FUNCTIONS or first[1] in GREEK:
        return False
    return is_word(first[1])


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
