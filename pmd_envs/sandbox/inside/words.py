"""What feedback shows of values and exceptions."""

import ast
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pmd_envs.records import Json

_LONG = 10_000
"""Characters from which a text is not read as Python, which would take too long."""
ADDRESS = re.compile(r" at 0x[0-9a-f]+(?=>)")


def short(value: object, limit: int = 300) -> str:
    """A value as a person would type it, cut to a length; what nobody can type has no address, so that runs agree."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # integers of more than 4,300 digits, deep lists
        text = f"<a very large {type(value).__name__}>"
    if not isinstance(value, str):
        text = without_addresses(text)
    return text if len(text) <= limit else f"{text[: limit - 20]}... ({len(text)} characters)"


def without_addresses(text: str) -> str:
    """``<function g at 0x7f34bf253920>`` as ``<function g>``, unless it stands in a string of a plain value."""
    if not ADDRESS.search(text):
        return text
    if len(text) > _LONG:
        return ADDRESS.sub("", text)
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ADDRESS.sub("", text)
    return text


def said(error: BaseException) -> str:
    """What an exception of a test says; it may want to ask the program, which may raise once more."""
    try:
        return short(without_addresses(str(error)))
    except Exception as again:  # noqa: BLE001 (whatever that is, the test has not passed)
        return type(again).__name__


def raised(reply: "dict[str, Json]") -> str:
    """The exception of a reply with its trace, or nothing."""
    error = reply.get("error")
    if not isinstance(error, dict):
        return ""
    trace = str(error.get("trace", ""))
    return str(error.get("text", "")) + (f"\n{trace}" if trace else "")
