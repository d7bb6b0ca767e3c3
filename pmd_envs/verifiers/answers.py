r"""Which part of a response is its final answer.

In this order: the last ``\boxed{}`` or ``\fbox{}``; the line after the last ``####`` that heads no step; the last
``<answer>...</answer>``; what follows the last "the answer is", "final answer is" or "Answer:"; if asked for, the last
line. A thinking block never counts, and one that is not closed leaves no answer. Boxes joined by a comma, "and" or
"or", also with a label such as ``x_2 =`` before the next, marks that follow each other, and a mark after a box that
says something else are one answer of several values, which equals no single value: hedging does not pay.
"""

import re
from collections.abc import Iterable, Iterator

from pmd_envs.thoughts import without_thinking
from pmd_envs.verifiers.numbers import parse_number

MAX_TAIL = 8192
"""Only the end of a response is searched for its answer."""
_MAX_ANSWER = 512
_CUT = " ⋯"
"""Ends an answer that was cut off, so that what is left is not taken for the whole."""

PLAIN_ANSWER = re.compile(r"#### ?(-?[0-9]{1,40})")
"""A whole response that is a number behind its mark, as most are: there is nothing to search, nor to compute."""

# Without one of these, a text in ASCII marks no answer (other characters may fold to these letters).
_MARKS = ("boxed", "fbox", "####", "answer")
_BOX = re.compile(r"\\(?:boxed|fbox)\s*")
_BARE = re.compile(r"[^\s$\\{}]+")
_BRACE = re.compile(r"\\[{}\\]|[{}]")
_JOINT = re.compile(
    r"(?:[\s$.,;:&/()*}]|\\[()\[\],; ]|\\q?quad|\\text\{"
    r"|\b(?:and|or|else|maybe|perhaps|possibly|alternatively|otherwise|unless|also)\b)*",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"""(?P<joint> [,;&] | \b(?:and|or|else|maybe|perhaps|possibly|alternatively|otherwise)\b )
    (?P<set> (?:[\s$*(}]|\\[()\[\],;\ ]|\\q?quad\b|\\text\{){0,20} )
    (?: [A-Za-z](?:_\{?[0-9A-Za-z]{1,2}\}?)?\s*=
      | (?:it|this|that)(?:['’]s|\s+(?:is|equals|(?:could|may|might|can|should|would|must)\s+be))\b )""",
    re.IGNORECASE | re.VERBOSE,
)
"""What the next value is called: ``, x_2 =`` or "or it is". In a sentence of its own it may correct the one before."""
_HASHES = re.compile(r"(?<!#)####(?!#)(?![ \t*_]*step\s*#?[0-9])", re.IGNORECASE)
"""Before "Step 3" it is a heading of Markdown and marks no answer."""
_TAGGED = re.compile(r"<answer>((?:(?!</?answer>).)*)</answer>", re.IGNORECASE | re.DOTALL)
_PHRASE = re.compile(
    r"\b(?:final\s+answer|the\s+(?:correct\s+)?answer)\s*(?:is\b|:|=)|\banswer\s*(?:\*\*)?\s*:|\bfinal\s+answer\s*\*\*\s*:",
    re.IGNORECASE,
)
_HEADING = re.compile(r"[\s*]*(?:the\s+)?(?:final\s+)?answer\s*(?:is)?[\s:*]*", re.IGNORECASE)
_CALLED = re.compile(r"[\s*]*(?:the\s+)?(?:final\s+)?answer\s*(?:\*\*)?\s*(?:is\b|:|=)[\s:*]*", re.IGNORECASE)
"""What may stand between a mark and its answer: ``#### Final answer: 7``."""
FENCE = re.compile(r"(?:`{3,}|~{3,}) *[\w+.-]{0,20}|\$\$|\\[\[\]]")
"""A line that opens or closes a block of code, or a formula that has lines of its own."""
_DISPLAYS = {"$$": "$$", r"\[": r"\]"}
"""What opens such a formula, and what closes it."""
_QUOTED = re.compile(r"`([^`]+)`[.!]?")
_SENTENCE_END = re.compile(r"(?<!\\)[.!](?=\s|$|[*\"')])|\n|,?\s+(?:because|since)\b")


def extract_answer(response: str, last_line: bool = False) -> str | None:
    """The final answer that ``response`` states, or ``None`` if it states none.

    Args:
        response: What a model wrote.
        last_line: Whether the last line is the answer of a response that marks none.
    """
    plain = PLAIN_ANSWER.fullmatch(response)
    if plain is not None:
        return plain[1]
    if not last_line and response.isascii() and not _has_mark(response):
        return None
    spoken = without_thinking(response)
    if spoken is None:
        return None
    tail = spoken[-MAX_TAIL:]
    for rule in (_boxed, _after_hashes, _tagged, _after_phrase, *((_last_line,) if last_line else ())):
        answer = rule(tail)
        if answer is not None:
            return _limited(_QUOTED.sub(r"\1", answer) if _QUOTED.fullmatch(answer) else answer)
    return None


def _has_mark(response: str) -> bool:
    """Plain searches: on a long text a pattern that ignores case takes a hundred times as long."""
    lower = response.lower()
    for mark in _MARKS:  # noqa: SIM110  any() would double what this costs on a line
        if mark in lower:
            return True
    return False


def _limited(answer: str) -> str:
    if len(answer) <= _MAX_ANSWER:
        return answer
    answer = " ".join(answer.split())
    return answer if len(answer) <= _MAX_ANSWER else answer[:_MAX_ANSWER] + _CUT


def _boxed(text: str) -> str | None:
    """The last complete box; boxes before it that belong to the same list come along."""
    values: list[str] = []
    first = last = len(text)
    closed = _closing(text)
    for opening in reversed(list(_BOX.finditer(text))):
        box = _read_box(text, opening, closed)
        if box is None:
            continue
        start, end, content = box
        if not values:
            last = end
        elif end > first or not _joins(text[end:first]):
            break
        values.append(content)
        first = start
    if not values:
        return None
    after = text[last:]
    return _joined([*reversed(values), *(later for later in (_after_hashes(after), _tagged(after)) if later)])


def _joins(between: str) -> bool:
    """Whether what stands between two answers makes them one list."""
    return _JOINT.fullmatch(_LABEL.sub(r"\g<joint>\g<set>", between)) is not None


def _closing(text: str) -> dict[int, int]:
    """Where each brace is closed, for those whose content has none beyond what an answer may take."""
    closed: dict[int, int] = {}
    opened: list[int] = []
    before = 0
    for brace in _BRACE.finditer(text):
        if brace[0] == "{":
            opened.append(brace.start())
        elif brace[0] == "}" and opened:
            start = opened.pop()
            if before - start <= 2 * _MAX_ANSWER:
                closed[start] = brace.start()
        before = brace.end()
    return closed


def _joined(values: Iterable[str]) -> str:
    """Several values as one answer; the same number twice is one value."""
    values = list(values)
    if len(values) == 1:
        return values[0]
    kept: dict[object, str] = {}
    for value in values:
        number = parse_number(value)
        kept.setdefault(value.strip("$ ") if number is None else number, value)
    return ", ".join(kept.values())


def _read_box(text: str, opening: re.Match[str], closed: dict[int, int]) -> tuple[int, int, str] | None:
    r"""Start, end and content of a box; ``\boxed 5`` boxes up to the next space."""
    start = opening.end()
    if not text.startswith("{", start):
        bare = _BARE.match(text, start)
        return (opening.start(), bare.end(), bare[0].rstrip(".,")) if bare else None
    end = closed.get(start)
    return None if end is None else (opening.start(), end + 1, text[start + 1 : end].strip())


def _after_hashes(text: str) -> str | None:
    """The line after the last mark; lines with marks right before it come along."""
    marks = list(_HASHES.finditer(text))
    if not marks:
        return None
    last = _first_line(text[marks[-1].end() :])
    if last is None:
        return None
    values = [_uncalled(last)]
    for mark, following in zip(reversed(marks[:-1]), reversed(marks), strict=False):
        between = text[mark.end() : following.start()].strip()
        if not between or "\n" in between:
            break
        if not _HEADING.fullmatch(between):
            values.append(_uncalled(between))
    return _joined(reversed(values))


def without_mark(line: str) -> str | None:
    """What a line says that begins with the mark; empty for a heading alone, None if it does not mark an answer."""
    mark = _HASHES.match(line)
    if mark is None:
        return None
    said = line[mark.end() :].strip()
    return "" if _HEADING.fullmatch(said) else _uncalled(said)


def _uncalled(answer: str) -> str:
    """An answer behind its mark without "the final answer is", and without the emphasis of both."""
    called = _CALLED.match(answer)
    if called is None:
        return answer
    rest = answer[called.end() :]
    return (rest.removesuffix("**") if rest.count("**") == 1 else rest).strip() or answer


def _tagged(text: str) -> str | None:
    answers = list(_TAGGED.finditer(text))
    if not answers or not answers[-1][1].strip():
        return None
    values = [answers[-1][1].strip()]
    for answer, following in zip(reversed(answers[:-1]), reversed(answers), strict=False):
        if not _joins(text[answer.end() : following.start()]):
            break
        values.append(answer[1].strip())
    return _joined(reversed(values))


def _last_line(text: str) -> str | None:
    *_, last = None, *_said(text)
    return last


def _after_phrase(text: str) -> str | None:
    phrases = list(_PHRASE.finditer(text))
    if not phrases:
        return None
    line = _first_line(text[phrases[-1].end() :].lstrip(" :*"))
    return _sentence(line) or None if line else None


def _first_line(text: str) -> str | None:
    """The first line that says something; a heading such as "Final answer:" does not."""
    return next((line for line in _said(text) if not _HEADING.fullmatch(line)), None)


def _said(text: str) -> Iterator[str]:
    """The lines that say something, which those around a block do not; a formula of several lines is one of them.

    So no part of a formula is taken for the whole of it.
    """
    formula: list[str] = []
    end = ""
    for line in map(str.strip, text.split("\n")):
        if end and line == end:
            if formula:
                yield " ".join(formula)
            formula, end = [], ""
        elif not end and line in _DISPLAYS:
            end = _DISPLAYS[line]
        elif not line or FENCE.fullmatch(line):
            continue
        elif end:
            formula.append(line)
        else:
            yield line
    yield from formula  # of which nobody says where it ends


def _sentence(line: str) -> str:
    end = _SENTENCE_END.search(line)
    return line[: end.start()].strip() if end else line
