r"""Which part of a response is its final answer.

In this order: the last ``\boxed{}`` or ``\fbox{}``; the line after the last ``####``; the last
``<answer>...</answer>``; what follows the last "the answer is", "final answer is" or "Answer:". A thinking block
never counts, and one that is not closed leaves no answer. Boxes joined by a comma, "and" or "or" are one
answer of several values, which equals no single value: hedging does not pay.
"""

import re

MAX_TAIL = 8192
"""Only the end of a response is searched for its answer."""
_MAX_ANSWER = 512

_THINK_TAG = re.compile(r"<(/?)(?:think|thinking)>", re.IGNORECASE)
_BOX = re.compile(r"\\(?:boxed|fbox)\s*")
_JOINT = re.compile(
    r"(?:[\s$.,;:&/()*}]|\\[()\[\],; ]|\\quad|\\text\{"
    r"|\b(?:and|or|else|maybe|perhaps|possibly|alternatively|otherwise|unless|also)\b)*",
    re.IGNORECASE,
)
_HASHES = re.compile(r"(?<!#)####(?!#)")
_TAGGED = re.compile(r"<answer>((?:(?!</?answer>).)*)</answer>", re.IGNORECASE | re.DOTALL)
_PHRASE = re.compile(
    r"\b(?:final\s+answer|the\s+(?:correct\s+)?answer)\s*(?:is\b|:|=)|\banswer\s*(?:\*\*)?\s*:|\bfinal\s+answer\s*\*\*\s*:",
    re.IGNORECASE,
)
_HEADING = re.compile(r"[\s*]*(?:the\s+)?(?:final\s+)?answer\s*(?:is)?[\s:*]*", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!](?=\s|$|[*\"')])|\n|,?\s+(?:because|since)\b")


def extract_answer(response: str) -> str | None:
    """The final answer that ``response`` states, or ``None`` if it states none."""
    spoken = without_thinking(response)
    if spoken is None:
        return None
    tail = spoken[-MAX_TAIL:]
    for rule in (_boxed, _after_hashes, _tagged, _after_phrase):
        answer = rule(tail)
        if answer is not None:
            return answer[:_MAX_ANSWER]
    return None


def without_thinking(response: str) -> str | None:
    """``response`` without its thinking blocks, or ``None`` if one is still open at the end.

    A closing tag alone ends a block that the prompt had opened.
    """
    spoken: list[str] = []
    start, thinking = 0, False
    for tag in _THINK_TAG.finditer(response):
        closing = bool(tag[1])
        if closing and not thinking:
            spoken.clear()
        elif not closing and not thinking:
            spoken.append(response[start : tag.start()])
        thinking = not closing
        start = tag.end()
    if thinking:
        return None
    return "".join([*spoken, response[start:]])


def _boxed(text: str) -> str | None:
    """The last complete box; boxes before it that belong to the same list come along."""
    boxes = [box for box in (_read_box(text, match) for match in _BOX.finditer(text)) if box is not None]
    if not boxes:
        return None
    first, _, content = boxes[-1]
    values = [content]
    for start, end, content in reversed(boxes[:-1]):
        if end > first or not _JOINT.fullmatch(text, end, first):
            break
        values.append(content)
        first = start
    return ", ".join(dict.fromkeys(reversed(values)))


def _read_box(text: str, opening: re.Match[str]) -> tuple[int, int, str] | None:
    r"""Start, end and content of a box; ``\boxed 5`` boxes up to the next space."""
    start = opening.end()
    if not text.startswith("{", start):
        bare = re.compile(r"[^\s$\\{}]+").match(text, start)
        return (opening.start(), bare.end(), bare[0].rstrip(".,")) if bare else None
    depth = 0
    for brace in re.compile(r"\\[{}]|[{}]").finditer(text, start):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0:
            return opening.start(), brace.end(), text[start + 1 : brace.start()].strip()
        if brace.end() - start > 2 * _MAX_ANSWER:
            return None
    return None


def _after_hashes(text: str) -> str | None:
    marks = list(_HASHES.finditer(text))
    return _first_line(text[marks[-1].end() :]) if marks else None


def _tagged(text: str) -> str | None:
    answers = _TAGGED.findall(text)
    return answers[-1].strip() or None if answers else None


def _after_phrase(text: str) -> str | None:
    phrases = list(_PHRASE.finditer(text))
    if not phrases:
        return None
    line = _first_line(text[phrases[-1].end() :].lstrip(" :*"))
    return _sentence(line) or None if line else None


def _first_line(text: str) -> str | None:
    """The first line that says something; a heading such as "Final answer:" does not."""
    lines = (line.strip() for line in text.split("\n"))
    return next((line for line in lines if line and not _HEADING.fullmatch(line)), None)


def _sentence(line: str) -> str:
    end = _SENTENCE_END.search(line)
    return line[: end.start()].strip() if end else line
