"""Files that are written as a whole: by several processes at once, and where that fails."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.files import write_text

ROOT = Path(__file__).resolve().parent.parent
WRITER = """
import sys
from pathlib import Path
from benchmarks.files import write_text
print("ready", flush=True)
sys.stdin.readline()
for _ in range(1000):
    write_text(Path(sys.argv[1]), sys.argv[2] * 500)
"""


def test_two_processes_may_write_one_file(tmp_path):
    """As runs of a matrix do that keep the same evaluation."""
    path = tmp_path / "kept.jsonl"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), text],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for text in ("one\n", "other\n")
    ]
    try:
        assert [writer.stdout.readline() for writer in writers] == ["ready\n", "ready\n"]
        for writer in writers:  # together
            writer.stdin.write("go\n")
            writer.stdin.flush()
        said = [writer.communicate(timeout=120)[1] for writer in writers]
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()
    assert said == ["", ""]
    assert path.read_text() in ("one\n" * 500, "other\n" * 500)
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "a.json"
    write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new \ud800")
    assert path.read_text() == "old"
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        write_text(tmp_path / "folder", "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "folder"]
