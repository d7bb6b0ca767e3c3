"""Standard input and output of a script, from the driver's side."""

import os
import select
import time

from .wire import Ended

MAX_OUTPUT = 4 * 2**20
PIECE = 2**16


def pump(source: int, sink: int, data: bytes, deadline: float) -> str:
    """Feed ``source``, close it, and collect what comes out of ``sink`` until the program closes that."""
    os.set_blocking(source, False)
    poll = select.poll()
    poll.register(sink, select.POLLIN)
    poll.register(source, select.POLLOUT)
    output, left = bytearray(), memoryview(data)
    feeding = True
    try:
        while True:
            if feeding and not left:
                poll.unregister(source)
                os.close(source)
                feeding = False
            events = dict(poll.poll(max(deadline - time.monotonic(), 0) * 1000))
            if not events:
                raise Ended("time")
            if feeding and source in events:
                left = _feed(source, left)
            if sink in events and not _collect(sink, output):
                return output.decode("utf-8", "surrogateescape")
    finally:
        if feeding:
            os.close(source)


def _collect(fd: int, output: bytearray) -> bool:
    """Take what there is; False at the end."""
    chunk = os.read(fd, PIECE)
    output += chunk
    if len(output) > MAX_OUTPUT:
        raise Ended("size")
    return bool(chunk)


def _feed(fd: int, data: memoryview) -> memoryview:
    try:
        return data[os.write(fd, data[:PIECE]) :]
    except BrokenPipeError:  # a program need not read all its input
        return data[:0]
