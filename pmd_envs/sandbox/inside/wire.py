"""Messages between our processes: JSON of a stated length over a socket."""

import json
import socket
import time

MAX_MESSAGE = 32 * 2**20
DRIVER, PROGRAM = b"d", b"p"
"""What the server is asked for."""


class Ended(Exception):  # noqa: N818 (what the other side did, not an error of ours)
    """The other side closed, was too slow or sent what is no message."""


def send(channel: socket.socket, message: object) -> None:
    """Send one message; a side that is gone is noticed when it is asked for its answer."""
    data = json.dumps(message).encode()
    try:
        channel.sendall(len(data).to_bytes(4, "big") + data)
    except TimeoutError as error:
        raise Ended("time") from error
    except OSError as error:
        raise Ended("closed") from error


def receive(channel: socket.socket, deadline: float | None = None) -> "dict[str, object]":
    """One message, waited for until ``deadline`` on the monotonic clock."""
    size = int.from_bytes(_exactly(channel, 4, deadline), "big")
    if size > MAX_MESSAGE:
        raise Ended("size")
    try:
        message = json.loads(_exactly(channel, size, deadline))
    except (ValueError, RecursionError) as error:
        raise Ended("rubbish") from error
    if not isinstance(message, dict):
        raise Ended("rubbish")
    return message


def _exactly(channel: socket.socket, size: int, deadline: float | None) -> bytes:
    data = bytearray()
    while len(data) < size:
        if deadline is not None:
            channel.settimeout(max(deadline - time.monotonic(), 0.000_001))
        try:
            chunk = channel.recv(min(size - len(data), 2**20))
        except TimeoutError as error:
            raise Ended("time") from error
        except OSError as error:
            raise Ended("closed") from error
        if not chunk:
            raise Ended("closed")
        data += chunk
    return bytes(data)
