"""Answers that are everyday words too, such as a letter, "no" or "seven": only announcing them gives them away.

What announces is "the answer is", or any of the ways in which that is said. Lessons about conclusions in general say
"if the conclusion is true" and "the conclusion is true when ...", which announces nothing.
"""

import re
from functools import lru_cache

from memory.notation import normalise, plainly
from memory.wording import LINK, MARKS, VERB

ONE_OF_FEW = re.compile(r"[a-z]|yes|no|true|false|unknown|uncertain")
_GOOD = r"(?:correct|right|best|final|only|proper|expected|intended|valid)"
_NOUN = r"(?:answers?|options?|choices?)"
_ABOUT = r"(?:\s(?:here|now|overall|then|below)|\s(?:to|for|of|in)(?:\s\w{1,20}){1,5}?)"
"""What the answer is the answer to."""
_CUE = (
    rf"(?<![^\W_])(?:(?:{_NOUN}|result|choose|pick|select|conclude(?: that it is)?)(?:{LINK})?"
    rf"|(?:{_NOUN}|result|{_GOOD}\s(?:one|response|reply|verdict|letter|label|statement)){_ABOUT}?{LINK})"
)
_CLAIM = r"(?<!\w)(?:(?:the|this|that)\s(?:statement|claim|hypothesis|proposition)(?=[\s:=])|(?<!and the )conclusion)"
_SUPPOSED = re.compile(
    r"(?<!\w)(?:if|whether|when|whenever|unless|until|where|case|suppose|supposing|assume|assuming|imagine|try|why)(?!\w)"
    r"[^.,;:!?]{0,60}$"
)
_HEAD = 80
"""Characters before a claim in which it is looked for what makes it a supposition."""
_ONLY_IF = r"(?!\s(?:(?:exactly|precisely|just|only)\s)?(?:if|when|whenever|unless|only|or)(?!\w))"
_GOES_ON = r"(?!\s(?!(?:because|since|as|so|and|but|here|if|when|unless|is|was{})(?!\w))[^\W\d_])"
_IN_SENTENCES = {"a": _GOES_ON.format(""), "i": _GOES_ON.format(""), "no": _GOES_ON.format("|for|in|by|to")}
"""What must not follow these: "the answer is a number" and "is no longer" announce nothing."""
_SUMS_UP = (
    rf"(?<![^\W_])(?:(?:answers?|results?|outcome|final (?:value|number|count)){_ABOUT}?(?:{LINK}|\scomes to)"
    rf"|(?:totals?|sum|product|difference)(?:{LINK}|\scomes to)|equals|totals|(?:a|the|grand|final) total of)"
    r"[\s:*_]{1,8}"
)
_BOXED = r"(?<!\w)answers?\s?:|boxed\s?\{"


def announces(text: str, answer: str) -> bool:
    """Whether a text says that ``answer``, a letter or another everyday word, is the answer."""
    marked, claimed = _announcements(answer)
    return any(
        marked.search(said) or any(not _is_supposed(said, found.start()) for found in claimed.finditer(said))
        for said in {normalise(text), plainly(text)}
    )


def sums_up(said: str, answer: str, *, is_pattern: bool = False) -> bool:
    """Whether a plain text says that what comes out is ``answer``, which may be a pattern for many ways to say it."""
    if is_pattern:
        return _summing_up(answer).search(said) is not None
    wanted = re.escape(answer)
    return re.search(rf"(?:{_SUMS_UP}|{_BOXED})[\s*_(]{{0,4}}{wanted}(?!\w|\.\d)", said) is not None


@lru_cache(maxsize=512)
def _summing_up(words: str) -> re.Pattern[str]:
    is_it = rf"{VERB}\s(?:the|our|your)\s(?:{_GOOD}\s)?(?:answer|result|total)(?!\w)"
    return re.compile(rf"(?:{_SUMS_UP}|{_BOXED}){MARKS}{words}|(?<![\w-]){words}{is_it}")


@lru_cache(maxsize=512)
def _announcements(answer: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What announces an answer wherever it stands, and what does if it is no supposition."""
    word = rf"{re.escape(answer)}(?![^\W_]){_IN_SENTENCES.get(answer, '')}"
    it_is = rf"{VERB}\s(?:(?:the|our|your)\s)?"
    marked = (
        rf"{_CUE}{MARKS}{word}",
        rf"(?<!\w)\({answer}\)",
        rf"(?<!\w){answer}(?:{MARKS}{it_is}(?:correct|right)|[*_`\"')\]]{{0,3}}{it_is}(?:{_GOOD}\s){{0,2}}{_NOUN})(?!\w)",
        rf"\\boxed\s?\{{\s?(?:\\text\w{{0,6}}\s?\{{\s?)?{answer}\s?\}}",
        rf"(?<!#)####{MARKS}{word}",  # as our environments ask for it
        rf"<answer>{MARKS}{word}",
    )
    return re.compile("|".join(marked)), re.compile(rf"{_CLAIM}(?:{LINK})?{MARKS}{word}{_ONLY_IF}")


def _is_supposed(said: str, start: int) -> bool:
    return _SUPPOSED.search(said[max(start - _HEAD, 0) : start]) is not None
