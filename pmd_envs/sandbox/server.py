"""The trusted end of the fork server: start it, ask it for sessions, leave nothing of it behind."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from pmd_envs.errors import VerifierError
from pmd_envs.sandbox.inside.root import NAMESPACES

# The fixed hash seed gives a program that iterates over a set of strings the same verdict every time. Functions of
# libraries are found once here instead of in each fork.
ENVIRONMENT = {"PYTHONHASHSEED": "0", "LD_BIND_NOW": "1"}
INSIDE = Path(__file__).with_name("inside")
START_SECONDS = 30.0
# What threading and random would do after each fork is for processes with several threads, and for drawing other
# numbers each time: here there is one thread, and the same program gets the same verdict.
BOOT = """
import os, sys, types
del os.environ["LD_BIND_NOW"]
package = sys.modules["inside"] = types.ModuleType("inside")
package.__path__ = [sys.argv[1]]
register_at_fork, os.register_at_fork = os.register_at_fork, lambda **hooks: None
from inside.server import main
os.register_at_fork = register_at_fork
main()
"""


class Gone(Exception):  # noqa: N818 (caught by the pool, which starts another server)
    """The server or a process of a session is not there any more."""


class Server:
    """One running fork server.

    Args:
        without: Layers to leave out.
    """

    def __init__(self, without: Collection[str]) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-P", "-s", "-S", "-B", "-c", BOOT, str(INSIDE)]
        command += [str(theirs.fileno()), json.dumps(sorted(without))]
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=ENVIRONMENT,
                cwd="/",
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        except OSError as error:
            self.control.close()
            raise VerifierError(f"could not start {sys.executable} to run programs: {error}") from error
        finally:
            theirs.close()
        self.layers = self._hello()

    def _hello(self) -> tuple[str, ...]:
        self.control.settimeout(START_SECONDS)
        try:
            hello = json.loads(self.control.recv(4096) or b"{}")
        except OSError as error:
            hello = {"error": str(error)}
        if "layers" not in hello:
            self.stop()
            raise Gone(hello.get("error", "it ended at its start"))
        self.control.settimeout(None)
        return tuple(hello["layers"])

    def request(self, order: bytes) -> socket.socket:
        """Ask for a process of a kind; it is forked while we go on."""
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self.control, [order], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise Gone(str(error)) from error
        finally:
            theirs.close()
        return ours

    def forget(self) -> None:
        """In a forked copy of our process: let go of the server, which belongs to the original."""
        self.control.close()
        self.process.returncode = 0  # not our child

    def stop(self) -> None:
        """End the server and with it all it has started."""
        self.control.close()
        self.process.kill()
        self.process.wait()


def start(without: Collection[str]) -> Server:
    """A server with all layers that this machine allows."""
    try:
        return Server(without)
    except Gone:
        pass
    # Some machines allow namespaces and then refuse what they are for.
    try:
        return Server({*without, *NAMESPACES})
    except Gone as error:
        raise VerifierError(f"the process that runs programs could not be started: {error}") from error


def describe_machine() -> str:
    """Kernel and user, for reports."""
    system = os.uname()
    return f"{system.sysname} {system.release} {system.machine}, uid {os.geteuid()}, Python {sys.version.split()[0]}"
