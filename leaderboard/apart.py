"""Verifying a run in a process of its own, for servers: it ends in time, and readers are answered meanwhile.

Verdicts compute, and while Python computes, the other threads of its process wait. A process can be ended, whatever it
is doing; a thread cannot.
"""

import multiprocessing
import signal
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path

from leaderboard.entry import Entry
from leaderboard.errors import RefusedError
from pmd_envs.env_ids import import_module, imported_modules
from pmd_envs.errors import PMDError

_VERIFIED, _REFUSED = b"+", b"-"


def verify_apart(folder: Path, seconds: float) -> Entry:
    """As :meth:`Entry.from_run`.

    Raises:
        RefusedError: For whatever reason that one gives, or because it took longer than ``seconds``.
    """
    context = _context()
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_verify, args=(folder, imported_modules(), sending))
    process.start()
    sending.close()
    try:
        if not receiving.poll(seconds):
            raise RefusedError(f"its answers could not all be scored again within {seconds:g} seconds")
        said = receiving.recv_bytes()  # text, never objects: that process has read what strangers wrote
    except EOFError as error:
        process.join()
        raise RefusedError(f"its verification broke off (exit status {process.exitcode})") from error
    finally:
        process.kill()
        process.join()
        receiving.close()
    text = said[1:].decode()
    if said[:1] != _VERIFIED:
        raise RefusedError(text)
    return Entry.from_json(text)


@cache
def _context() -> ForkServerContext | SpawnContext:
    """Not a copy of this process, which has threads that may hold locks; of one that has imported all that it takes."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _verify(folder: Path, modules: tuple[str, ...], sending: Connection) -> None:
    """In the other process: send a byte for whether it is verified, then the entry or the reason."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C in a terminal ends it too, and without a word
    try:
        for module in modules:
            import_module(module)
        answer = _VERIFIED + Entry.from_run(folder).to_json().encode()
    except PMDError as error:
        answer = _REFUSED + str(error).encode("utf-8", "backslashreplace")
    sending.send_bytes(answer)
