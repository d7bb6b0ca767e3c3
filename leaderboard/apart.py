"""Verifying a run in a process of its own, for servers: it ends in time, and readers are answered meanwhile.

Verdicts compute, and while Python computes, the other threads of its process wait. A process can be ended, whatever it
is doing; a thread cannot.
"""

import multiprocessing
import signal
from multiprocessing.connection import Connection
from pathlib import Path

from leaderboard.entry import Entry
from leaderboard.errors import RefusedError
from pmd_envs.errors import PMDError


def verify_apart(folder: Path, seconds: float) -> Entry:
    """As :meth:`Entry.from_run`.

    Raises:
        RefusedError: For whatever reason that one gives, or because it took longer than ``seconds``.
    """
    context = multiprocessing.get_context("spawn")  # a copy of a process with threads may hold their locks
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_verify, args=(folder, sending))
    process.start()
    sending.close()
    try:
        if not receiving.poll(seconds):
            raise RefusedError(f"its answers could not all be scored again within {seconds:g} seconds")
        verified, text = receiving.recv()
    except EOFError as error:
        process.join()
        raise RefusedError(f"its verification broke off (exit status {process.exitcode})") from error
    finally:
        process.kill()
        process.join()
        receiving.close()
    if not verified:
        raise RefusedError(text)
    return Entry.from_json(text)


def _verify(folder: Path, sending: Connection) -> None:
    """In the other process: send whether it is verified, and the entry or the reason."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C in a terminal ends it too, and without a word
    try:
        answer = True, Entry.from_run(folder).to_json()
    except PMDError as error:
        answer = False, str(error)
    sending.send(answer)
