"""``python -m agents.nano.probe``: the teacher gap of nano, or of any other policy with ``--policy``.

It is ``benchmarks/probe.py`` by another name, with the same arguments. A probe is made of environments and statistics
of which agents know nothing, so that script runs in a process of its own.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "probe.py"


def main(arguments: Sequence[str]) -> int:
    """Run the probe; its exit status, or 130 where Ctrl-C has stopped it."""
    try:
        return subprocess.run([sys.executable, str(SCRIPT), *arguments], check=False).returncode
    except KeyboardInterrupt:  # the script got it too, and has said so
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
