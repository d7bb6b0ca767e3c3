r"""What a string of JSON says, where a language model put LaTeX into it.

In JSON a backslash begins an escape, and models write ``\frac`` there as in any other text. Most commands of LaTeX are
no escapes, so that nothing of the reply could be read; ``\frac``, ``\times`` or ``\boxed`` are a form feed, a tab or a
backspace with the rest of the word behind it, which no longer states the answer that it is.
"""

import json
import re

_CODE = re.compile("u[0-9a-fA-F]{4}")
_ESCAPE = re.compile(rf"\\({_CODE.pattern}|[A-Za-z]+|.)", re.DOTALL)
_COMMANDS = frozenset(
    (
        *("nabla", "natural", "ne", "nearrow", "neg", "neq", "newline", "ngeq", "nleq", "noindent", "nolimits"),
        *("nonumber", "not", "notin", "nsubseteq", "nu", "nwarrow"),
        *("raisebox", "rangle", "rbrace", "rbrack", "rceil", "rfloor", "rho", "right", "rightarrow"),
        *("rightharpoonup", "rightleftharpoons", "rm", "root", "rule", "rvert"),
        *("tag", "tan", "tanh", "tau", "tbinom", "text", "textbf", "textit", "textnormal", "textrm", "textsf"),
        *("textstyle", "textsuperscript", "texttt", "tfrac", "therefore", "theta", "thinspace", "tilde", "times"),
        *("tiny", "to", "top", "triangle", "triangleq"),
    )
)
r"""Commands that begin like a line feed, a carriage return or a tab. A word may stand behind one of these too: it is a
command only if all of its letters are one of these. Commands without whose first letter there is a word of English,
such as ``\nless``, are not among them. Of a tab before "an" or a new line before "e" (``\tan``, ``\ne``) LaTeX is the
likelier."""


def unquoted(token: str) -> str:
    """The text that a string of JSON stands for, with its quotes; line feeds may stand in it as they are."""
    if "\\" not in token:
        return token[1:-1]
    return str(json.loads(_ESCAPE.sub(_meant, token), strict=False))


def _meant(found: re.Match[str]) -> str:
    after = found[1]
    if after == "'":  # as Python escapes it
        return after
    return found[0] if _is_escape(after) else "\\" + found[0]


def _is_escape(after: str) -> bool:
    if after[:1] in ("b", "f"):  # nobody writes a backspace or a form feed before a word
        return len(after) == 1
    if after[:1] in ("n", "r", "t"):
        return after not in _COMMANDS
    return after in ('"', "\\", "/") or _CODE.fullmatch(after) is not None
