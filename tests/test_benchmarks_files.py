"""Files that are written as a whole: by several processes at once, and where that fails."""

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from benchmarks.files import append, keep_lines_before, read_lines, write_text
from pmd_envs.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
WRITER = """
import sys
from pathlib import Path
from benchmarks.files import append, read_lines, write_text
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


@pytest.mark.parametrize("size", [0, 1, 2**16 - 1, 2**16, 2**17 + 5])
@pytest.mark.parametrize("whole", [0, 1, 3])
def test_what_is_added_takes_the_place_of_a_line_that_was_cut(tmp_path, whole, size):
    path = tmp_path / "rows.jsonl"
    rows = [{"n": float(n)} for n in range(whole)]
    append(path, rows)
    with path.open("a") as file:
        file.write("{" * size)  # a process was killed here
    append(path, [{"n": 7.0}])
    append(path, [{"n": 8.0}])
    assert read_lines(path) == [*rows, {"n": 7.0}, {"n": 8.0}]


@pytest.mark.parametrize("torn", ["", "{", '{"step": 1, "text": "an', '{"step": 9}'])
@pytest.mark.parametrize("step", [0, 1, 2, 3, 9])
def test_lines_of_later_steps_and_one_that_was_cut_are_dropped(tmp_path, step, torn):
    path = tmp_path / "rows.jsonl"
    rows = [{"step": float(number // 2), "n": float(number)} for number in range(6)]
    append(path, rows)
    with path.open("a") as file:
        file.write(torn)
    keep_lines_before(path, step)
    assert path.read_text() == "".join(json.dumps(row) + "\n" for row in rows if row["step"] < step)
    keep_lines_before(tmp_path / "none.jsonl", step)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("line", ["garbage", "[]", "{}", '{"step": null}', "\udcff"])
def test_a_line_that_is_none_of_a_step_is_named_unless_all_are_dropped(tmp_path, line):
    path = tmp_path / "rows.jsonl"
    path.write_text(f'{{"step": 0}}\n{line}\n{{"step": 2}}\n', errors="surrogateescape")
    with pytest.raises(ConfigError, match=f"{path} cannot be read: its line 2 is none of a training step"):
        keep_lines_before(path, 3)
    keep_lines_before(path, 0)
    assert path.read_text() == ""


def test_a_long_file_is_cut_without_being_read_into_memory(tmp_path):
    path = tmp_path / "episodes.jsonl"
    append(path, ({"step": number // 10, "text": "x" * 20_000} for number in range(1000)))
    assert path.stat().st_size > 20_000_000
    tracemalloc.start()
    try:
        keep_lines_before(path, 90)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000
    assert [row["step"] for row in read_lines(path)] == [number // 10 for number in range(900)]
