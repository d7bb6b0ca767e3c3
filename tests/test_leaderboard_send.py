"""Posting to whatever may stand at an address: what goes wrong is one line, and says what it was."""

import socket
import threading
from contextlib import contextmanager

import pytest
from test_leaderboard_entry import write_run

from leaderboard import RefusedError
from leaderboard.upload import send


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("sent") / "run")


@contextmanager
def answering(reply):
    """The address of something that answers with these bytes, and what it was asked."""
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(20)

        def answer():
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as file:
                head = b"".join(iter(file.readline, b"\r\n"))
                asked.append(head.decode())
                length = next((line for line in head.splitlines() if line.lower().startswith(b"content-length")), b":0")
                file.read(int(length.partition(b":")[2]))
                connection.sendall(reply)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
        thread.join()


def http(status, body=b"", *head):
    return b"\r\n".join([b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *head, b"", body])


def refusal(run, address, token="token"):
    with pytest.raises(RefusedError) as error:
        send(run, address, token)
    assert str(error.value).isprintable()
    return str(error.value)


def test_what_a_server_says_cannot_steer_a_terminal(run):
    with answering(http(b"422 No", b'{"error": "\\u001b[2J"}')) as (address, _):
        assert refusal(run, address) == rf"{address} says 422: \x1b[2J"
    posted = b'{"entry_id": 1, "board": "b", "rank": null, "of": 1, "already": false, "mark": "\\u001b[2J"}'
    with answering(http(b"201 Created", posted)) as (address, _):
        assert send(run, address, "token").mark == r"\x1b[2J"
