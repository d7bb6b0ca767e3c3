"""A leaderboard that is served by a process of its own, as anybody would start it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from memory_scene import live_a_step
from test_leaderboard_entry import write_run
from test_leaderboard_lessons import write_training
from test_leaderboard_page import write_metrics

from leaderboard import Leaderboard
from memory import Memory

ROOT = Path(__file__).parent.parent
TOKEN = "a token that nobody guesses"
RUNS = (("pmd-0", "pmd", "nano", 3), ("sdpo-0", "sdpo", "nano", 2), ("rlvr-0", "rlvr", "small", 1))


def filled(folder: Path) -> Leaderboard:
    """Three runs of two policies; the one of PMD has a memory, and training episodes with what teachers were shown."""
    board = Leaderboard(folder / "board.sqlite")
    for name, agent, policy, solved in RUNS:
        run = write_metrics(write_run(folder / name, name, agent=agent, policy=policy, solved=solved))
        if agent == "pmd":
            write_training(run, steps=10)
            with Memory(run / "memory.sqlite") as memory:
                for step in range(4):
                    live_a_step(memory, step)
        board.post(run)
    return board


@contextmanager
def served(database: Path, token: str = TOKEN) -> Iterator[str]:
    """The address of a server that stops when the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "leaderboard", "serve", "--port", "0", "--db", str(database)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PMD_LEADERBOARD_TOKEN": token},
    )
    try:
        assert process.stdout is not None
        yield re.search(r"http://[\d.]+:\d+", process.stdout.readline())[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 0
