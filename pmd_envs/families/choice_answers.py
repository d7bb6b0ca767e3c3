r"""Answers that choose one of several options: the letter, perhaps with the text of its option.

``B``, ``(b)``, ``\textbf{B}`` and ``Option B`` choose B, and so do ``B: 24 N`` and ``B) 24 N`` if that is its text.
With that of another option, or any other text, a letter is no answer.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

OPTION = re.compile(r"^([A-D]): ", re.MULTILINE)
"""What each option of a question begins with."""
_MARKUP = re.compile(r"\\(?:text(?:bf|it|rm|sf|tt)?|math(?:rm|bf|sf|it))(?![A-Za-z])|\\[()\[\]]|[*$`{}]")
_CHOICE = re.compile(
    r"""[\s(\["']* (?:option|choice)? [\s:(\["']* (?P<letter>[A-D])
    (?: [\s)\].:"']*
      | [\s)\]"']* (?: :\s* | (?<=[)\]])\s+ | \.\s+ ) (?P<text>\S.*) )""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


class Choice(NamedTuple):
    """What an answer says."""

    letter: str
    text: str
    """What it says the option is; empty for the letter alone."""


def read_choice(stated: str) -> Choice | None:
    """The letter that an answer begins with, and what follows it; None for any other answer."""
    found = _CHOICE.fullmatch(_plain(stated))
    return Choice(found["letter"].upper(), found["text"] or "") if found else None


def options_of(prompt: str) -> Mapping[str, str]:
    """The options of a question by their letters, as :func:`is_of` compares them."""
    _, *options = OPTION.split(prompt)
    return {letter: _even(_plain(text)) for letter, text in zip(options[::2], options[1::2], strict=True)}


def is_of(choice: Choice, options: Mapping[str, str]) -> bool:
    """Whether a choice is one of the options, and has no other text than that one's."""
    return choice.letter in options and (not choice.text or _even(choice.text) == options[choice.letter])


def _plain(text: str) -> str:
    """A text without emphasis and the LaTeX that words come in, its letters in ASCII."""
    return _MARKUP.sub("", text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()


def _even(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(" .")
