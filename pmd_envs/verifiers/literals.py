"""Python literals as answers: read without running anything, compared by value and exact type."""

import ast
import threading
import warnings

from pmd_envs.records import Json
from pmd_envs.sandbox.values import TooLarge, canonical, encode

MAX_LITERAL = 10_000
_LOCK = threading.Lock()


def read_literal(text: str) -> Json:
    """The value as tagged JSON in one fixed order, for :func:`pmd_envs.sandbox.same`.

    Raises:
        ValueError: The text is no literal, or too long.
    """
    if len(text) > MAX_LITERAL:
        raise ValueError("the text is too long for a value")
    try:
        # Python warns of odd escapes in a literal, which is nobody's business here.
        with _LOCK, warnings.catch_warnings(action="ignore"):
            return canonical(encode(ast.literal_eval(text.strip())))
    except (SyntaxError, TypeError, RecursionError, MemoryError, TooLarge) as error:
        raise ValueError("the text is no Python literal") from error
