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


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "does not answer as a web server does: SSH-2.0-OpenSSH_9.6"),
        (b"\x1b[2J\r\n", r"does not answer as a web server does: \x1b[2J"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "does not answer as a web server does: "),
        (b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "says 500: IncompleteRead"),
        (b"", "cannot reach http://127.0.0.1:"),
    ],
    ids=["ssh", "escape", "no chunk", "no chunk of an error", "nothing"],
)
def test_what_is_no_web_server_is_said_to_be_none(run, reply, reason):
    with answering(reply) as (address, _):
        assert reason in refusal(run, address)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://127.0.0.1:84x70", "'84x70'"),
        ("http://127.0.0.1:99999", "Port out of range"),
        ("http://127.0.0.1:0", "http://HOST:PORT"),
        ("http://[::1", "Invalid IPv6 URL"),
        ("http://127.0.0.1:1/ x", "control characters"),
        ("http://127.0.0.1:1/\n", "control characters"),
        ("http://127.0.0.1:1/\u2192", "can't encode character"),
    ],
)
def test_what_is_no_address_is_said_to_be_none(run, address, reason):
    said = refusal(run, address)
    assert said.startswith(f"{address!r} is not the address of a server: ")
    assert reason in said


@pytest.mark.parametrize(
    ("token", "reason"), [("secret\n", r"character 7 is '\n'"), ("Schl\u00fcssel\u2192", "character 10 is '\u2192'")]
)
def test_a_token_that_no_header_can_hold_is_not_told(run, token, reason):
    said = refusal(run, "http://127.0.0.1:1", token)
    assert said == f"the token cannot be sent: its {reason}"


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"303 See", b"307 Moved", b"308 Moved"])
def test_a_token_is_not_taken_to_where_a_server_points(run, status, monkeypatch):
    monkeypatch.setattr("leaderboard.upload.MAX_SECONDS", -58)  # the other one never answers
    with socket.create_server(("127.0.0.1", 0)) as other:
        elsewhere = f"http://127.0.0.1:{other.getsockname()[1]}/api/runs"
        with answering(http(status, b"", f"Location: {elsewhere}".encode())) as (address, asked):
            code = status[:3].decode()
            assert refusal(run, address).startswith(f"{address} says {code}: it points to '{elsewhere}', where nothing")
        other.settimeout(0.1)
        with pytest.raises(TimeoutError):
            other.accept()
    assert "Authorization: Bearer token" in asked[0]
