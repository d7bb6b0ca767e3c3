"""When a disk is called full: only where a library says so."""

import errno
import os
import sqlite3
from types import SimpleNamespace

import pytest
from safetensors import SafetensorError

from benchmarks import disk
from benchmarks.disk import is_full
from benchmarks.files import check_folder, make_own_folder
from memory import MemoryStoreError
from pmd_envs.errors import ConfigError

TORCH = "[enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0"


def of_sqlite(code):
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = code
    return error


def of_memory(cause):
    error = MemoryStoreError("memory.sqlite: database or disk is full")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "free", "full"),
    [
        (OSError(errno.ENOSPC, "x"), 2**40, True),
        (OSError(errno.EDQUOT, "x"), 2**40, True),
        (FileNotFoundError(errno.ENOENT, "x"), 0, False),
        (of_sqlite(sqlite3.SQLITE_FULL), 2**40, True),
        (of_sqlite(sqlite3.SQLITE_BUSY), 0, False),
        (of_memory(of_sqlite(sqlite3.SQLITE_FULL)), 2**40, True),
        (of_memory(None), 0, False),
        (SafetensorError("I/O error: No space left on device (os error 28)"), 2**40, True),
        (SafetensorError("Error while deserializing header"), 0, False),
        (RuntimeError(TORCH), 0, True),
        (RuntimeError(TORCH), 2**40, False),
        (RuntimeError("a shape is wrong"), 0, False),
    ],
)
def test_a_disk_is_full_where_something_says_so(error, free, full, tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "shutil", SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=free)))
    assert is_full(error, tmp_path / "not" / "there") == full


def test_a_folder_that_cannot_be_made_is_a_mistake(tmp_path):
    make_own_folder(tmp_path / "a" / "b")
    make_own_folder(tmp_path / "a" / "b")
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path / "file", tmp_path / "file" / "x" / "y"):
        with pytest.raises(ConfigError, match=f"--out {place} cannot be a folder: {tmp_path}/file is a file"):
            check_folder(place)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_cannot_be_written_to_is_a_mistake(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda place, mode: not (place == tmp_path and mode & os.W_OK))  # root may all
    make_own_folder(tmp_path / "a")
    with pytest.raises(ConfigError, match=f"the folder {tmp_path} cannot be written to; name another place"):
        make_own_folder(tmp_path)


def test_a_full_disk_is_not_taken_for_a_bad_name(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.mkdir", full)
    with pytest.raises(OSError, match="No space left"):
        make_own_folder(tmp_path / "a")
