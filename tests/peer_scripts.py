"""The scripts that compare us with peers: files of ``benchmarks/peers`` that are run, beside modules of theirs."""

from pathlib import Path

FOLDER = Path(__file__).parent.parent / "benchmarks" / "peers"


def peer_scripts() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.py") if "def main(" in path.read_text("utf-8"))
