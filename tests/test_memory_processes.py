import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from memory_scene import attempts, subject

from memory import Memory

WRITER = """
import sys
from memory_scene import attempts, subject
from memory import Memory
path, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with Memory(path) as memory:
    print("open", flush=True)
    for number in range(first, first + count):
        memory.record(subject(number), attempts(3, number) + attempts(2, number + 3, 0.0, "wrong"), number)
        memory.note_shown(subject(number), [1, 2], number)
        print(number, flush=True)
"""


def start_writer(path, first, count):
    here = Path(__file__).parent
    env = {**os.environ, "PYTHONPATH": f"{here.parent}{os.pathsep}{here}"}
    command = [sys.executable, "-c", WRITER, str(path), str(first), str(count)]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)


def integrity(path):
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return connection.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        connection.close()


def test_two_processes_create_and_write_one_file(tmp_path):
    path = tmp_path / "memory.sqlite"
    writers = [start_writer(path, first, 40) for first in (0, 1000)]
    for writer in writers:
        output, _ = writer.communicate(timeout=60)
        assert writer.returncode == 0
        assert len(output.split()) == 41
    alone = tmp_path / "alone.sqlite"
    with Memory(alone) as memory:
        for number in (*range(40), *range(1000, 1040)):
            memory.record(subject(number), attempts(3, number) + attempts(2, number + 3, 0.0, "wrong"), number)
        expected = {(item.subject_id, item.text) for item in memory.items("experience")}
    with Memory(path, "r") as memory:
        items = memory.items("experience")
    assert {(item.subject_id, item.text) for item in items} == expected
    assert sum(item.provenance.shown for item in items) >= 80
    assert integrity(path) == "ok"


def test_a_killed_writer_leaves_a_consistent_file(tmp_path):
    path = tmp_path / "memory.sqlite"
    writer = start_writer(path, 0, 10**6)
    done = [writer.stdout.readline() for _ in range(20)]
    time.sleep(0.013)
    os.kill(writer.pid, signal.SIGKILL)
    rest = writer.stdout.read().split("\n")
    writer.stdout.close()
    assert writer.wait() == -signal.SIGKILL
    finished = int([line for line in (*done, *rest[:-1]) if line.strip()][-1])
    assert integrity(path) == "ok"
    with Memory(path) as memory:
        recorded = {item.subject_id for item in memory.items("experience")}
        assert {subject(number).id for number in range(finished + 1)} <= recorded
        assert len(recorded) <= finished + 2
        memory.rewind(finished)
        memory.record(subject(finished + 1), attempts(1), finished + 1)
        assert len({item.subject_id for item in memory.items("experience")}) == finished + 2
