"""Messages between our processes: JSON of a stated length over a socket."""

import json
import socket
import time
from collections.abc import Sequence

MAX_MESSAGE = 32 * 2**20
PIECE, LARGE_PIECE = 2**12, 2**20
DRIVER, PROGRAM = b"d", b"p"
"""What the server is asked for."""


class Ended(Exception):  # noqa: N818 (what the other side did, not an error of ours)
    """The other side closed, was too slow or sent what is no message."""


class Wire:
    """One end of a socket that carries messages."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self._come = bytearray()
        """What has come already of the next messages."""

    def send(self, message: object, fds: Sequence[int] = (), most: int | None = None) -> None:
        """Send one message of at ``most`` so many bytes; a side that is gone is noticed when it is asked to answer."""
        text = json.dumps(message).encode()
        if most is not None and len(text) > most:
            raise Ended("size")
        data = len(text).to_bytes(4, "big") + text
        try:
            if fds:
                data = data[socket.send_fds(self.channel, [data], fds) :]
            self.channel.sendall(data)
        except TimeoutError as error:
            raise Ended("time") from error
        except OSError as error:
            raise Ended("closed") from error

    def receive(self, deadline: float | None = None) -> "dict[str, object]":
        """One message, waited for until ``deadline`` on the monotonic clock."""
        size = int.from_bytes(self._exactly(4, deadline), "big")
        if size > MAX_MESSAGE:
            raise Ended("size")
        try:
            message = json.loads(self._exactly(size, deadline))
        except (ValueError, RecursionError) as error:
            raise Ended("rubbish") from error
        if not isinstance(message, dict):
            raise Ended("rubbish")
        return message

    def receive_with(self, count: int) -> "tuple[dict[str, object], list[int]]":
        """One message and the descriptors that come with it, however long it takes."""
        try:
            data, fds, _, _ = socket.recv_fds(self.channel, PIECE, count)
        except OSError as error:
            raise Ended("closed") from error
        if not data:
            raise Ended("closed")
        self._come += data
        return self.receive(), list(fds)

    def _exactly(self, size: int, deadline: float | None) -> bytes:
        come = self._come
        while len(come) < size:
            if deadline is not None:
                self.channel.settimeout(max(deadline - time.monotonic(), 0.000_001))
            try:
                chunk = self.channel.recv(min(max(size - len(come), PIECE), LARGE_PIECE))
            except TimeoutError as error:
                raise Ended("time") from error
            except OSError as error:
                raise Ended("closed") from error
            if not chunk:
                raise Ended("closed")
            come += chunk
        data = bytes(come[:size])
        del come[:size]
        return data
