"""Program text in a response: find it, and refuse what cannot be a program without starting a process."""

import ast
import re
import threading
import warnings

from pmd_envs.sandbox.inside.program import PROGRAM
from pmd_envs.thoughts import spoken

MAX_PROGRAM = 20_000
_FENCE = re.compile(r"^ {0,3}```[ \t]*(?:([\w+-]+)[ \t]*)?\r?$", re.MULTILINE)
_LOCK = threading.Lock()


def extract_program(response: str) -> str:
    """Of what is said after the thoughts, the last fenced block that is Python, else the last unnamed, else the whole.

    What an unnamed block after a program holds is often what the program prints.
    """
    said = spoken(response)
    fences = list(_FENCE.finditer(said[: 4 * MAX_PROGRAM]))
    openings = [(index, (fences[index][1] or "").lower()) for index in reversed(range(0, len(fences), 2))]
    for labels in (("py", "python", "python3"), ("",)):
        for index, label in openings:
            if label in labels:
                end = fences[index + 1].start() if index + 1 < len(fences) else None
                return said[fences[index].end() + 1 : end].strip("\r\n")
    return said.removeprefix("\ufeff").strip("\r\n")


def syntax_error(program: str) -> str:
    """Why the text is not a Python program, or nothing."""
    if len(program) > MAX_PROGRAM:
        return f"the program is longer than {MAX_PROGRAM} characters"
    try:
        # Warnings about a program are its author's business, and must not become errors here.
        with _LOCK, warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=re.escape(PROGRAM))
            tree = ast.parse(program, PROGRAM)
    except SyntaxError as error:
        message = " ".join(error.msg.split())[:120]
        return f"{type(error).__name__}: {message}" + (f" (line {error.lineno})" if error.lineno else "")
    except (ValueError, RecursionError, MemoryError):
        return "SyntaxError: the text is no program that Python can read"
    return "" if tree.body else "the response contains no program"
