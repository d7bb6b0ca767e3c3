"""Answers that say of several things what each is: "Gus: knight, Wes: knave", or "1: Ida, pilot; 2: Fay, painter".

Every pair has to be stated, in any order and in everyday wording.
"""

import re
from collections.abc import Sequence, Set

from memory.notation import normalise
from memory.wording import BE, SIGN, VERB

_PAIR = re.compile(r"\s*([^:=]+?)\s*[:=]\s*([^:=]+?)\s*")
_MARKUP = re.compile(r"""[*_`"'“”‘’|#{}\s]+""")
_WORD = re.compile(r"[^\W_]+|[.!?;]")
"""Other marks only separate; these end what belongs together."""
_IN_SENTENCES = frozenset(
    ("and", "the", "a", "an", "is", "are", "was", "has", "must", "be", "in", "at", "house", "lives", "with", "who")
)
_ARTICLE = r"(?:(?:an?|the)\s)?"
_JOINT = r"\s?(?:,\s?and\s|,|\sand\s|&)\s?"
_ALSO_KNOWN = {
    "knight": r"knight|truthful|honest|telling the truth|truth[\s-]?teller|(?:not|no)\s(?:an?\s)?(?:knave|liar)",
    "knave": r"knave|liar|lying|(?:not|no)\s(?:an?\s)?knight|not telling the truth",
}
_DOES = {
    "knight": r"(?:always\s)?(?:tells?|speaks?)\s(?:only\s)?the\struth",
    "knave": r"(?:always\s)?(?:lies|lie)",
}
_NO_CASE = r"(?<!if )(?<!whether )(?<!when )(?<!unless )(?<!that )"
_MOST = 12
"""Names that may share a value."""


def states_assignment(said: str, gold: str) -> bool:
    """Whether every "name: value" of the answer is there."""
    pairs = _pairs(gold)
    names = [name for name, _ in pairs]
    values = {value for _, several in pairs for value in several}
    said = _bare(said)
    if len(pairs) > 1 and len(values) == 1 and _states_all(said, next(iter(values))):
        return True
    return bool(pairs) and all(
        _states_pair(said, name, values[0]) or _states_shared(said, name, values[0], names)
        if len(values) == 1
        else _states_values(said, name, values)
        for name, values in pairs
    )


def _bare(text: str) -> str:
    """A text without what sets words in bold type, quotes or tables."""
    return _MARKUP.sub(" ", text).strip()


def _pairs(gold: str) -> list[tuple[str, list[str]]]:
    """The names of an answer with their values; none if it is of another form."""
    pairs: list[tuple[str, list[str]]] = []
    for part in filter(str.strip, re.split(r"[,;\n]", gold)):
        pair = _PAIR.fullmatch(_bare(normalise(part)))
        if pair:
            pairs.append((pair[1], [pair[2]]))
        elif pairs and not re.search("[:=]", part):
            pairs[-1][1].append(_bare(normalise(part)))
        else:
            return []
    return pairs


def _states_pair(said: str, name: str, value: str) -> bool:
    own, its = re.escape(name), _value(value)
    link = rf"(?:\s?{SIGN}|{VERB}|\sas|\s?[-–—](?=\s?(?:an?\s)?{its})|,(?=\san?\s))?\s?{_ARTICLE}"
    forms = [
        rf"(?<!\w){own}{link}{its}(?!\w|\.\d)",
        rf"(?<!\w){own}\s?\(\s?{_ARTICLE}{its}\s?\)",
        rf"(?<!\w)the\s{its}{VERB}\s{own}(?!\w|\.\d)",
        rf"(?:^|[,;.\n])\s?{its}\s?[:=]\s?{own}(?!\w|\.\d)",
    ]
    if value.isalpha():
        forms += [rf"(?<!\w){its}\s{own}(?!\w)", rf"(?<!\w){its}\s?\(\s?{own}\s?\)"]
    if value in _DOES:
        forms.append(rf"(?<!\w){_NO_CASE}{own}(?:\s\w{{1,12}})?\s{_DOES[value]}(?!\w)")
    return any(re.search(form, said) for form in forms)


def _value(value: str) -> str:
    return rf"(?:{_ALSO_KNOWN[value]})" if value in _ALSO_KNOWN else re.escape(value)


def _states_all(said: str, value: str) -> bool:
    """Whether everybody is said to be the same; lessons in general say "if both are knaves"."""
    everyone = (
        rf"(?<!\w){_NO_CASE}(?<!not )(?:(?:both|all|each)(?:\sof\s\w+|\s(?:two|three|four|five))?|every(?:one|body))"
    )
    said_to_be = rf"{VERB}\s(?:an?\s)?{re.escape(value)}s?(?!\w)"
    return re.search(rf"{everyone}{said_to_be}", said) is not None


def _states_shared(said: str, name: str, value: str, names: Sequence[str]) -> bool:
    """Whether several are said to be the same, such as "Ann and Bo are knaves", and ``name`` is one of them."""
    one = "|".join(re.escape(each) for each in sorted(names, key=len, reverse=True))
    several = rf"(?:{one})(?:{_JOINT}(?:{one})){{0,{min(len(names), _MOST)}}}"
    its = re.escape(value)
    forms = [rf"(?<!\w){several}{VERB}\s{its}s(?!\w)"]
    if value.isalpha():
        forms.append(rf"(?<!\w){its}s?(?:\s?{SIGN}|\s{BE}|\s)\s?{several}(?!\w)")
    if value in _DOES:
        forms.append(rf"(?<!\w){_NO_CASE}{several}\s(?:both\s|all\s)?{_DOES[value]}(?!\w)")
    own = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return any(own.search(found[0]) for form in forms for found in re.finditer(form, said))


def _states_values(said: str, name: str, values: Sequence[str]) -> bool:
    """Whether all ``values`` stand right behind or right before ``name``, in any order, with small words between."""
    own, *others = (_words(part, frozenset()) for part in (name, *values))
    wanted = sorted(word for other in others for word in other)
    words = _words(said, _IN_SENTENCES - {*own, *wanted})
    for start in range(len(words)):
        after = start + len(own)
        if own and words[start:after] == own:
            around = words[after : after + len(wanted)], words[max(start - len(wanted), 0) : start]
            if wanted in map(sorted, around):
                return True
    return False


def _words(text: str, passed_over: Set[str]) -> list[str]:
    return [word for word in _WORD.findall(text) if word not in passed_over]
