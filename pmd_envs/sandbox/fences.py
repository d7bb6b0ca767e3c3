"""Blocks of code in a response, between fences as Markdown has them and as models write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

PYTHON, UNNAMED, OTHER = "python", "", "other"
BODY = 4
_FENCE = re.compile(r"( {0,3})(`{3,}|~{3,})(.*)")
_WORD = re.compile(r"[\w+-]+")
# `python3.11`, `py title="a.py"`, `{python}`, `{.python .numberLines}`, `python:a.py`; not `python-repl`, nor `pycon`.
_PYTHON = re.compile(r"\{?[ \t]*\.?(?:python|py)(?:\d[\d.]*)?(?![\w+#-])", re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """A block of code and its language: Python, unnamed or another."""

    language: str
    text: str


@dataclass(frozen=True)
class _Fence:
    indent: int
    marks: str
    info: str
    start: int
    """Where the line after it begins."""
    resumes: bool = False
    """It stands in a block, which it ends if it begins another."""

    def closes(self, opening: "_Fence") -> bool:
        return not self.info and self.marks.startswith(opening.marks)

    def interrupts(self, opening: "_Fence") -> bool:
        """Whether it shows that the block in which it stands was never closed."""
        return bool(self.info) and self.marks == opening.marks and self.opens()

    def opens(self) -> bool:
        # Without a name, tildes underline a heading in a docstring, and words after backticks are a sentence.
        if not self.info:
            return self.marks[0] == "`"
        return bool(_WORD.fullmatch(self.info) or _PYTHON.match(self.info))

    @property
    def language(self) -> str:
        if not self.info:
            return UNNAMED
        return PYTHON if _PYTHON.match(self.info) else OTHER


def fenced_blocks(text: str, limit: int) -> list[Block]:
    """The blocks of a text whose fences stand in its first ``limit`` characters, in their order.

    A block that is not closed goes on to the end. One in a longer or another fence, where that holds text, follows it.
    """
    found: list[Block] = []
    for opening, content in _contents(text, limit):
        found.append(_block(opening, content))
        quoted = opening.language != PYTHON or content.lstrip().startswith(("```", "~~~python"))
        if quoted and opening.marks != "```":  # an answer that is in Markdown as a whole
            found += [_block(inner, part) for inner, part in _contents(content, limit)]
    return found


def _contents(text: str, limit: int) -> Iterator[tuple[_Fence, str]]:
    opening: _Fence | None = None
    for end, fence in _fences(text, limit):
        if opening is None:
            opening = fence if fence.opens() else None
        elif fence.closes(opening):
            yield opening, text[opening.start : end]
            opening = None
        elif fence.interrupts(opening):
            yield opening, text[opening.start : end]
            opening = _Fence(fence.indent, fence.marks, fence.info, fence.start, resumes=True)
    if opening is not None and not opening.resumes:
        yield opening, text[opening.start :]


def _fences(text: str, limit: int) -> Iterator[tuple[int, _Fence]]:
    """Lines that may be fences, each with where it begins."""
    start = 0
    for line in text[:limit].split("\n"):
        after = start + len(line) + 1
        found = _FENCE.match(line)
        info = found[3].strip() if found else ""
        if found and not (found[2][0] == "`" and "`" in info):  # that would be code in a line
            yield start, _Fence(len(found[1]), found[2], info, after)
        start = after


def _block(opening: _Fence, content: str) -> Block:
    return Block(opening.language, _dedented(content.strip("\r\n"), opening.indent))


def _dedented(text: str, indent: int) -> str:
    """Code without the indentation that its fence has, as in an item of a list, if it has it as well.

    Code whose lines begin there, or a body below a signature, is no further to the right than that.
    """
    lines = text.split("\n")
    least = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    return "\n".join(line[indent:] for line in lines) if indent and least - indent in (0, BODY) else text
