"""What must not get into the memory or out of it.

Three rules. Nothing is learned from a held-out problem. Nothing that states the answer of its own problem
is stored. And a reader never meets the text of the response that is being graded. The first is a caller's
bug and raises; the second is a model's habit and is counted; the third filters what is read. (An insight may
rest on the graded response among others, as in the paper; it may not quote it.)
"""

import re
import unicodedata
from collections.abc import Sequence, Set
from decimal import Decimal

from memory.errors import FirewallError
from memory.notation import as_pattern, normalise, plain_answer, plainly, value_alone, word_alone
from memory.records import Subject

HELD_OUT = frozenset({"test", "validation"})
"""Validation counts as held out too: it chooses checkpoints."""

_QUOTABLE = 16
"""Characters from which finding a graded text inside an item means it was copied, not met by chance."""
_DIGITS = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_GOLD_NUMBER = re.compile(rf"[-+]?\s?\$?\s?{_DIGITS}\s?%?")
_UNIT = r"(?:[kcdm]?m[23]?|[km]?g|[cdm]?l|[mn]?s|h|hr|k?w|v|ft|in|mi|lb|oz|am|pm|[^\W\d_]{3,})"
"""Written right after its number; what ends an ordinal, or multiplies a variable by it, is none."""
_NUMBER = re.compile(rf"(?<![^\W_])(?<![^\W_]_)(?<!\.){_DIGITS}(e[-+]?\d{{1,3}})?{_UNIT}?(?!_*[^\W_]|\.\d)")
_SPACED = re.compile(r"(?<![\w.,])\d{1,3}(?: \d{3})+(?![\w,]|\.\d| \d)")
"""Thousands with spaces between them; two numbers side by side look the same, so each is looked for too."""
_PAIR = re.compile(r"\s*([^:=]+?)\s*[:=]\s*([^:=]+?)\s*")
_ONE_OF_FEW = re.compile(r"[a-z]|yes|no|true|false")
"""Answers that are also everyday words: only announcing them gives them away."""
_NAMES = re.compile(r"[^\W\d_]+(?:\s*,\s*[^\W\d_]+){2,}")
"""An answer that says who comes after whom. Two names are too few: they meet by chance."""
_WORD = re.compile(r"[^\W_]+|[.!?;]")
"""Other marks only separate; these end what belongs together."""
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SUMS_UP = (
    r"(?<![^\W_])(?:(?:answers?|results?|totals?|sum|product|difference|outcome)\s+"
    r"(?:is|are|was|equals|must be|should be|would be|comes to)|equals)[\s:*_]{1,8}"
)
"""Small numbers in words are everyday words too: only announcing them gives them away."""
_ONE_LINER = re.compile(r"def\s+\w+\(([^()]*)\)[^:\n]*:\s*return\s+(\S[^\n]{2,300})")
_PLACE = re.compile(r"(?<![^\W_])\d{1,2}(?:[.)]|st|nd|rd|th)?(?![^\W_])")
_IN_LISTS = frozenset(["then", "and", "next", "finally", "lastly", "before", "followed", "by", ";"])
_IN_SENTENCES = frozenset(
    ("and", "the", "a", "an", "is", "are", "was", "has", "must", "be", "in", "at", "house", "lives", "with", "who")
)


def require_writable(subject: Subject) -> None:
    """Refuse a problem that the policy is measured on."""
    if subject.split in HELD_OUT:
        raise FirewallError(
            f"{subject.id!r} is a {subject.split} problem: the memory learns from training problems only"
        )


def gives_away(text: str, gold: str) -> bool:
    """Whether a text states the answer ``gold``."""
    literal = normalise(gold)
    if not literal:
        return False
    said, answer = plainly(text), plain_answer(gold)
    number = _GOLD_NUMBER.fullmatch(answer)
    if number:
        return _states_number(said, _value(number[1]))
    one_of_few = _ONE_OF_FEW.fullmatch(answer.strip("() "))
    if one_of_few and (_ONE_OF_FEW.fullmatch(literal) or _announces(text, one_of_few[0])):
        return _announces(text, one_of_few[0])
    if "\n" in gold.strip() and re.sub(r"\s", "", answer) in re.sub(r"\s", "", said):
        return True
    if _states_expression(text, gold):
        return True
    return _states_literally(text, gold) or _states_plainly(text, gold) or _states_assignment(normalise(text), gold)


def is_graded(text: str, graded: frozenset[str]) -> bool:
    """Whether a stored response is, up to white space and case, one of the ``graded`` (normalised) texts."""
    return bool(graded) and normalise(text) in graded


def quotes_graded(text: str, graded: frozenset[str]) -> bool:
    """Whether an insight or behavior is or contains one of the ``graded`` (normalised) texts."""
    said = normalise(text) if graded else ""
    return any(part and (said == part or (len(part) >= _QUOTABLE and part in said)) for part in graded)


def _value(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


def _states_number(said: str, value: Decimal) -> bool:
    """The sign is left out of the comparison: "10-7" and "-7" both show a 7."""
    in_digits = any(_value(found[1] + (found[2] or "")) == value for found in _NUMBER.finditer(said))
    word = _numeral(value)
    spaced = any(int(found[0].replace(" ", "")) == value for found in _SPACED.finditer(said))
    return in_digits or spaced or bool(word and re.search(rf"{_SUMS_UP}{word}(?![\w-])", said))


def _numeral(value: Decimal) -> str:
    """A pattern for a whole number below 100 in words; empty for others."""
    if value != int(value) or not 0 <= value < 100:
        return ""
    tens, ones = divmod(int(value), 10)
    if tens < 2:
        return _ONES[int(value)]
    return _TENS[tens - 2] + (rf"[\s-]{_ONES[ones]}" if ones else rf"(?!\s(?:{'|'.join(_ONES[1:10])})(?!\w))")


def _announces(text: str, answer: str) -> bool:
    link, marks = r"(?:\s+(?:is|are|must be|was|would be|should be))?", r"""[\s:*_`"'“”‘’$(\[]{0,8}"""
    cue = rf"(?<![^\W_])(?:answers?|options?|choices?|choose|pick|select|conclude|result){link}"
    # Lessons about conclusions in general say "if the conclusion is true", and "the conclusion is true when ...".
    plain = r"(?<!whether )(?<!whether the )(?<!if )(?<!if the )(?<!when )(?<!when the )(?<!and the )(?<!\w)conclusion"
    only_if = r"(?!\s+(?:if|when|whenever|unless|only|or)(?!\w))"
    stated = (
        rf"{cue}{marks}{answer}(?![^\W_])",
        rf"{plain}{link}{marks}{answer}(?![^\W_]){only_if}",
        rf"(?<!\w)\({answer}\)",
        rf"(?<!\w){answer}{marks}(?:is|was|must be)\s+(?:the\s+)?(?:correct|right)(?!\w)",
        rf"(?<!\w)(?:correct|right) one{link}{marks}{answer}(?![^\W_])",
        rf"\\boxed\s?\{{\s?(?:\\text\w{{0,6}}\s?\{{\s?)?{answer}\s?\}}",
        rf"(?<!#)####{marks}{answer}(?![^\W_])",  # as our environments ask for it
        rf"<answer>{marks}{answer}(?![^\W_])",
    )
    return any(re.search(pattern, said) for pattern in stated for said in {normalise(text), plainly(text)})


def _states_literally(text: str, gold: str) -> bool:
    said, answer = normalise(text), normalise(gold)
    return _states_words(said, answer) or _states_order(said, answer)


def _states_plainly(text: str, gold: str) -> bool:
    """Whether the answer is there in another way of writing."""
    said, answer = plainly(text), plain_answer(gold)
    word, value = word_alone(gold), value_alone(answer)
    if word:  # of names every mention counts; "even" and "pi" are everyday words too
        named = word[0].isupper() and _states_words(unicodedata.normalize("NFKC", text), word)
        return named or _announces(text, answer) or _sums_up(said, answer)
    if _GOLD_NUMBER.fullmatch(value):  # of any number that is the one that is asked for
        return _sums_up(said, value) or _states_assignment(said, answer)
    pattern = as_pattern(value or answer)
    return pattern.search(said) is not None if pattern else _states_words(said, answer)


def _sums_up(said: str, answer: str) -> bool:
    cue = rf"{_SUMS_UP}|(?<!\w)answers?\s?:|boxed\s?\{{"
    return re.search(rf"(?:{cue})[\s*_(]{{0,4}}{re.escape(answer)}(?!\w|\.\d)", said) is not None


def _states_words(said: str, answer: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", said) is not None


def _states_order(said: str, answer: str) -> bool:
    """Whether the names of the answer follow each other as there, whatever separates or numbers them."""
    if not _NAMES.fullmatch(answer):
        return False
    names = _words(answer, frozenset())
    words = _words(_PLACE.sub(" ", said), _IN_LISTS - set(names))
    return any(words[start : start + len(names)] == names for start, word in enumerate(words) if word == names[0])


def _states_assignment(said: str, gold: str) -> bool:
    """Whether every "name: value" of the answer is there, in any order and in everyday wording."""
    pairs = _pairs(gold)
    names = [name for name, _ in pairs]
    values = {value for _, several in pairs for value in several}
    if len(pairs) > 1 and len(values) == 1 and _states_all(said, values.pop()):
        return True
    return bool(pairs) and all(
        _states_pair(said, name, values[0]) or _states_shared(said, name, values[0], names)
        if len(values) == 1
        else _states_values(said, name, values)
        for name, values in pairs
    )


def _pairs(gold: str) -> list[tuple[str, list[str]]]:
    """The names of an answer with their values; none if it is of another form."""
    pairs: list[tuple[str, list[str]]] = []
    for part in filter(str.strip, re.split(r"[,;\n]", gold)):
        pair = _PAIR.fullmatch(normalise(part))
        if pair:
            pairs.append((pair[1], [pair[2]]))
        elif pairs and not re.search("[:=]", part):
            pairs[-1][1].append(normalise(part))
        else:
            return []
    return pairs


def _states_pair(said: str, name: str, value: str) -> bool:
    own, its = re.escape(name), re.escape(value)
    be = r"(?:is|was|must be|has to be|can only be|turns out to be)"
    link = rf"\s*(?:[:=]|->|→|(?<!\w){be}(?!\w))?\s*(?:(?:an?|the)\s+)?"
    forms = (
        rf"(?<!\w){own}{link}{its}(?!\w|\.\d)",
        rf"(?<!\w){own}\s*\(\s*(?:(?:an?|the)\s+)?{its}\s*\)",
        rf"(?<!\w)the\s+{its}\s+{be}\s+{own}(?!\w|\.\d)",
        rf"(?:^|[,;.\n])\s*{its}\s*[:=]\s*{own}(?!\w|\.\d)",
    )
    return any(re.search(form, said) for form in forms)


def _states_all(said: str, value: str) -> bool:
    """Whether everybody is said to be the same; lessons in general say "if both are knaves"."""
    everyone = r"(?<!if )(?<!whether )(?<!when )(?<!unless )(?<!not )(?<!\w)(?:both|all|each)(?:\sof\s\w+)?"
    return (
        re.search(rf"{everyone}\s(?:are|is|must be|have to be)\s(?:an?\s)?{re.escape(value)}s?(?!\w)", said) is not None
    )


def _states_expression(text: str, gold: str) -> bool:
    """Whether what a program of one line returns is returned in a text, whatever its parameters are called there."""
    program = _ONE_LINER.fullmatch(gold.strip())
    if program is None:
        return False
    names = {name.strip().partition(":")[0].partition("=")[0].strip() for name in program[1].split(",")}
    groups: dict[str, str] = {}
    parts: list[str] = []
    for token in re.findall(r"\w+|[^\w\s]", program[2]):
        if token not in names:
            parts.append(re.escape(token))
        elif token in groups:
            parts.append(f"(?P={groups[token]})")
        else:
            groups[token] = f"p{len(groups)}"
            parts.append(rf"(?P<{groups[token]}>[^\W\d]\w*)")
    if len(parts) < 3:  # a name or a number alone: "return the ..." would be one too
        return False
    returned = r"\s*".join(parts)
    return re.search(rf"(?<!\w)returns?[\s`]+{returned}(?!\w|\s*[-+*/%(\[]|\.\w)", text, re.IGNORECASE) is not None


def _states_shared(said: str, name: str, value: str, names: Sequence[str]) -> bool:
    """Whether several are said to be the same, such as "Ann and Bo are knaves", and ``name`` is one of them."""
    one = "|".join(re.escape(each) for each in sorted(names, key=len, reverse=True))
    more = rf"(?:\s?(?:,\s?and\s|,|\sand\s|&)\s?(?:{one})){{0,{len(names)}}}"
    are = rf"\s(?:are|were|must be)\s(?:both\s|all\s)?{re.escape(value)}s(?!\w)"
    own = rf"(?<!\w){re.escape(name)}(?!\w)"
    return any(re.search(own, found[0]) for found in re.finditer(rf"(?<!\w)(?:{one}){more}{are}", said))


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
