"""The numbers of a list, which count its points and say nothing of a problem."""

import re

_MARK = re.compile(r"(?:^|(?<=[.!?:;]\s))(?:step\s)?\(?(\d{1,2})[.):](?=\s|[^\W\d_])\s?", re.IGNORECASE)
"""At the beginning of a sentence: "multiply by 2. Then" is no mark, and 3.5 is none."""


def without_numbering(text: str) -> str:
    """A text without the marks that count from 1 on, such as "1." or "2)": a small answer is not stated by them.

    A mark alone counts something only at the beginning of the text: "The answer: 1. Then stop" states one.
    """
    marks: list[re.Match[str]] = []
    for mark in _MARK.finditer(text):
        if int(mark[1]) == len(marks) + 1:
            marks.append(mark)
    if len(marks) == 1 and marks[0].start():
        return text
    for mark in reversed(marks):
        text = text[: mark.start()] + text[mark.end() :]
    return text
