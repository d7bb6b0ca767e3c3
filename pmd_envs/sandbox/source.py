"""Program text in a response: find it, and refuse what cannot be a program without starting a process."""

import ast
import re
import threading
import warnings
from collections.abc import Collection

from pmd_envs.sandbox.assembly import with_earlier
from pmd_envs.sandbox.fences import PYTHON, UNNAMED, fenced_blocks
from pmd_envs.sandbox.inside.program import PROGRAM
from pmd_envs.thoughts import spoken

MAX_PROGRAM = 20_000
_LOCK = threading.Lock()


def extract_program(response: str, names: Collection[str] = ()) -> str:
    """The program in what is said after the thoughts.

    It is the last fenced block that defines one of ``names``, one that is called Python before one that is called
    nothing, together with what it uses of the blocks before it (:func:`pmd_envs.sandbox.assembly.with_earlier`).
    Blocks behind it, with examples or tests, do not count.

    Where no block defines one, or no name is known, it is the last block that is Python, else the last unnamed, else
    the whole. What an unnamed block after a program holds is often what the program prints.

    Args:
        response: What was written.
        names: What the tests call, where that is known.
    """
    said = spoken(response)
    blocks = fenced_blocks(said, 4 * MAX_PROGRAM)
    kinds = [[block.text for block in blocks if block.language == kind] for kind in (PYTHON, UNNAMED)]
    for texts in kinds:
        for index in reversed(range(len(texts))):
            if any(defines(texts[index], name) for name in names):
                return with_earlier(texts[index], texts[:index], _parsed)
    candidates = [text for texts in reversed(kinds) for text in texts]
    filled = [text for text in candidates if text.strip()]
    if candidates:
        return [*candidates, *filled][-1]
    return said.removeprefix("\ufeff").strip("\r\n")


def defines(program: str, name: str) -> bool:
    """Whether a program says what ``name`` is, at its top level."""
    name = re.escape(name)
    return re.search(rf"^(?:(?:async\s+)?def|class)\s+{name}\b|^{name}\s*=(?!=)", program, re.M) is not None


def syntax_error(program: str) -> str:
    """Why the text is not a Python program, or nothing."""
    if len(program) > MAX_PROGRAM:
        return f"the program is longer than {MAX_PROGRAM} characters"
    try:
        tree = _parse(program)
    except SyntaxError as error:
        message = " ".join(error.msg.split())[:120]
        return f"{type(error).__name__}: {message}" + (f" (line {error.lineno})" if error.lineno else "")
    except (ValueError, RecursionError, MemoryError):
        return "SyntaxError: the text is no program that Python can read"
    return "" if tree.body else "the response contains no program"


def _parse(program: str) -> ast.Module:
    # Warnings about a program are its author's business, and must not become errors here.
    with _LOCK, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=re.escape(PROGRAM))
        return ast.parse(program, PROGRAM)


def _parsed(program: str) -> ast.Module | None:
    if len(program) > MAX_PROGRAM:
        return None
    try:
        return _parse(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
