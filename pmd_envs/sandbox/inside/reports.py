"""What the driver passes on of what a program said: no more than whoever asked can read in a moment."""

from collections.abc import Collection

from .values import MAX_ITEMS, PLAIN_INT
from .wire import MAX_MESSAGE, Ended, Wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pmd_envs.records import Json

MAX_PARTS = 3 * MAX_ITEMS + 10
"""Of an item are a tag, its content and perhaps the name of a class, and of a message a little more."""
TOO_LONG = "returned more than can be read"


def reported(reply: "dict[str, Json]") -> "dict[str, Json]":
    """A reply to a call as whoever asked wants it: a value of ordinary size, or the text of an error.

    Raises:
        Ended: Our side of the program has not written it.
    """
    error = reply.get("error")
    if len(reply) == 1 and isinstance(error, dict):
        reply = {"error": error.get("text")}
    if not is_ordinary(reply):
        raise Ended("rubbish")
    return reply


def is_ordinary(tree: "Json") -> bool:
    """Whether JSON has no more parts, nor longer numbers, than the tagged JSON of a value of ordinary size can have.

    A megabyte of empty lists takes twenty in memory, and one of long numbers a while to read.
    """
    todo, count = [tree], 1
    while todo:
        part = todo.pop()
        if isinstance(part, int) and not -PLAIN_INT < part < PLAIN_INT:
            return False
        inner: Collection[Json] = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        count += len(inner)
        if count > MAX_PARTS:
            return False
        todo += inner
    return True


def send_report(wire: Wire, report: "dict[str, object]") -> None:
    """Send a report, or that it is too long: what is said of a program may be as long as all that it has sent."""
    try:
        wire.send(report, most=MAX_MESSAGE)
    except Ended as end:
        if str(end) != "size":
            raise
        wire.send({"failure": TOO_LONG, "tired": True})
