import datetime
import gzip
import hashlib
import http.server
import json
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import gymnasium
import huggingface_hub.constants
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmd_envs import sources
from pmd_envs.datasets import Dataset, fingerprint, has_local, missing_local, read_rows
from pmd_envs.errors import ConfigError, DatasetError
from pmd_envs.families.gsm8k import GSM8K, GSM8K_DATA

ROWS = [{"n": n, "text": f"row {n} \u2028 é"} for n in range(200)]
JSONL = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()
SET = Dataset(folder="numbers", files={"train": ("train.jsonl",), "test": ("test.jsonl",)})
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    made = tmp_path / "numbers"
    made.mkdir()
    return made


@pytest.mark.parametrize(
    ("published", "stored", "content"),
    [
        ("test.jsonl", "test.jsonl", JSONL),
        ("test.jsonl", "test.jsonl.gz", gzip.compress(JSONL)),
        ("test.jsonl.gz", "test.jsonl", JSONL),
        ("test.jsonl", "test.jsonl", JSONL.replace(b"\n", b"\r\n\r\n").rstrip()),
        ("test.json", "test.json", json.dumps(ROWS).encode()),
        ("test.json", "test.json", JSONL),
        ("test.json", "test.json", b"\xef\xbb\xbf" + JSONL),
        ("test.json", "test.json", b"\xef\xbb\xbf" + JSONL.replace(b"\n", b"\r\n")),
        ("test.json", "test.json", b"\xef\xbb\xbf" + json.dumps(ROWS).encode()),
        ("test.jsonl", "test.jsonl", b"\xef\xbb\xbf" + JSONL),
        ("test.json", "test.json.gz", gzip.compress(json.dumps(ROWS).encode())),
    ],
)
def test_every_format_gives_the_same_rows(folder: Path, published: str, stored: str, content: bytes):
    (folder / stored).write_bytes(content)
    assert read_rows(replace(SET, files={"test": (published,)}), "test", "local") == tuple(ROWS)


def test_the_file_goes_before_its_compressed_twin(folder: Path):
    (folder / "test.jsonl").write_bytes(JSONL)
    (folder / "test.jsonl.gz").write_bytes(gzip.compress(b""))
    assert read_rows(SET, "test", "local") == tuple(ROWS)


def test_several_files_of_a_split_are_read_in_order(folder: Path):
    for name, rows in (("b.jsonl", ROWS[:3]), ("a.jsonl", ROWS[3:5])):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read_rows(replace(SET, files={"test": ("b.jsonl", "a.jsonl")}), "test", "local") == tuple(ROWS[:5])


def test_a_range_has_its_first_row_and_not_the_one_after_its_last(folder: Path):
    (folder / "all.jsonl").write_bytes(JSONL)
    ranged = replace(SET, files={"train": ("all.jsonl",), "test": ("all.jsonl",)}, ranges={"test": (1, 4)})
    assert read_rows(ranged, "test", "local") == tuple(ROWS[1:4])


def test_validation_is_cut_from_train_and_the_test_file_stays_whole(folder: Path):
    for name in ("train.jsonl", "test.jsonl"):
        (folder / name).write_bytes(JSONL)
    train, validation = (read_rows(SET, split, "local") for split in ("train", "validation"))
    assert sorted([*train, *validation], key=lambda row: row["n"]) == ROWS
    assert 5 <= len(validation) <= 45
    assert read_rows(SET, "test", "local") == tuple(ROWS)


def test_which_rows_are_for_validation_never_changes(folder: Path):
    (folder / "train.jsonl").write_text("".join(json.dumps({"n": n}) + "\n" for n in range(60)))
    assert [row["n"] for row in read_rows(SET, "validation", "local")] == [8, 12, 18, 24, 40, 43]


def test_what_a_test_row_asks_is_not_trained_on(folder: Path):
    (folder / "train.jsonl").write_bytes(JSONL)
    asked = [{"n": -n, "text": "in other words"} for n in range(0, 200, 3)]
    (folder / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in asked))
    same = replace(SET, questions=(lambda row: abs(row["n"]),))
    train, validation, test = (read_rows(same, split, "local") for split in ("train", "validation", "test"))
    kept = [row for row in ROWS if row["n"] % 3]
    assert sorted([*train, *validation], key=lambda row: row["n"]) == kept
    assert test == tuple(asked)
    assert validation == tuple(row for row in read_rows(SET, "validation", "local") if row["n"] % 3)


def test_a_row_is_left_out_that_is_like_a_test_row_in_any_way(folder: Path):
    (folder / "train.jsonl").write_bytes(JSONL)
    (folder / "test.jsonl").write_text(
        json.dumps({"n": 3, "text": "none"}) + "\n" + json.dumps({"n": 505, "text": "no"})
    )
    ways = (lambda row: row["n"], lambda row: row["n"] % 100)
    rows = [row for split in ("train", "validation") for row in read_rows(replace(SET, questions=ways), split, "local")]
    assert sorted(rows, key=lambda row: row["n"]) == [row for row in ROWS if row["n"] % 100 not in (3, 5)]


def test_train_rows_cannot_be_told_from_test_rows_that_are_not_there(folder: Path):
    (folder / "train.jsonl").write_bytes(JSONL)
    with pytest.raises(DatasetError, match=r"test\.jsonl .*does not exist"):
        read_rows(replace(SET, questions=(lambda row: row["n"],)), "train", "local")


def test_the_cut_goes_by_content_so_order_and_key_order_do_not_matter(folder: Path):
    (folder / "train.jsonl").write_bytes(JSONL)
    before = read_rows(SET, "validation", "local")
    turned = [dict(reversed(row.items())) for row in reversed(ROWS)]
    (folder / "train.jsonl").write_text("\n".join(map(json.dumps, turned)))
    assert read_rows(SET, "validation", "local") == tuple(reversed(before))


def test_a_published_validation_file_is_used_as_it_is(folder: Path):
    for name in ("train.jsonl", "validation.jsonl"):
        (folder / name).write_bytes(JSONL)
    published = replace(SET, files={"train": ("train.jsonl",), "validation": ("validation.jsonl",)})
    assert read_rows(published, "validation", "local") == read_rows(published, "train", "local") == tuple(ROWS)


@pytest.mark.parametrize("split", ["train", "validation"])
def test_a_split_that_is_not_published_is_refused_with_those_that_are(folder: Path, split: str):
    (folder / "test.jsonl").write_bytes(JSONL)
    with pytest.raises(DatasetError, match=rf"no '{split}' split.*There is: test\."):
        read_rows(replace(SET, files={"test": ("test.jsonl",)}), split, "local")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("test.jsonl", b'{"a": 1}\n\n{"a": \n', r"test\.jsonl, line 3 is not JSON"),
        ("test.jsonl", b'{"a": 1}\n[1]\n', r"line 2 should be a JSON object, not a list"),
        ("test.jsonl", b'{"a": "\xff"}\n', r"line 1 is not JSON"),
        ("test.jsonl", b"[" * 100_000, r"line 1 is not JSON"),
        ("test.jsonl.gz", b"not gzip", r"cannot read .*test\.jsonl\.gz"),
        ("test.jsonl.gz", gzip.compress(JSONL)[:-20], r"cannot read .*test\.jsonl\.gz"),
    ],
)
def test_broken_files_are_named_with_the_line(folder: Path, name: str, content: bytes, words: str):
    (folder / name).write_bytes(content)
    with pytest.raises(DatasetError, match=words):
        read_rows(SET, "test", "local")


@pytest.mark.parametrize(("content", "words"), [(b'{"a": 1}', "should hold a JSON list"), (b"[3]", "entry 0")])
def test_json_has_to_be_a_list_of_objects(folder: Path, content: bytes, words: str):
    (folder / "test.json").write_bytes(content)
    with pytest.raises(DatasetError, match=words):
        read_rows(replace(SET, files={"test": ("test.json",)}), "test", "local")


def test_an_unknown_format_is_refused(folder: Path):
    (folder / "test.csv").write_text("a,b\n")
    with pytest.raises(DatasetError, match=r"only \.jsonl, \.json and \.parquet"):
        read_rows(replace(SET, files={"test": ("test.csv",)}), "test", "local")


def test_parquet_without_pyarrow_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    (folder / "test.parquet").write_bytes(b"PAR1")
    with pytest.raises(DatasetError, match="pip install pyarrow"):
        read_rows(replace(SET, files={"test": ("test.parquet",)}), "test", "local")


def test_parquet_is_read_if_pyarrow_is_there(folder: Path):
    pyarrow, writer = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    writer.write_table(pyarrow.Table.from_pylist(ROWS), folder / "test.parquet")
    parquet = replace(SET, files={"test": ("test.parquet",)})
    assert read_rows(parquet, "test", "local") == tuple(ROWS)
    (folder / "test.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DatasetError, match="as parquet"):
        read_rows(parquet, "test", "local")


PARQUET = [
    # what a column holds, and how a row has it
    (datetime.date(2024, 2, 29), "2024-02-29"),
    (datetime.datetime(2024, 2, 29, 12, 30), "2024-02-29T12:30:00"),
    (datetime.time(12, 30), "12:30:00"),
    (Decimal("1.50"), "1.50"),
    ([datetime.date(2024, 2, 29), None], ["2024-02-29", None]),
    ({"on": datetime.date(2024, 2, 29), "n": 1}, {"on": "2024-02-29", "n": 1}),
    (True, True),
    (0.5, 0.5),
    (b"bytes", None),
    (datetime.timedelta(days=1), None),
    ([b"bytes"], None),
]


@pytest.mark.parametrize(("value", "read"), PARQUET)
def test_what_parquet_holds_is_read_as_json_or_named(folder: Path, value: object, read: object):
    pyarrow, writer = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    writer.write_table(pyarrow.Table.from_pylist([{"n": 1, "when": value}]), folder / "test.parquet")
    parquet = replace(SET, files={"test": ("test.parquet",)})
    if read is None:
        kind = type(value[0] if isinstance(value, list) else value).__name__
        with pytest.raises(DatasetError, match=f"test.parquet, column 'when' holds values of type {kind}"):
            read_rows(parquet, "test", "local")
        return
    rows = read_rows(parquet, "test", "local")
    assert rows == ({"n": 1, "when": read},)
    assert fingerprint(rows) == fingerprint(json.loads(json.dumps(rows)))


@pytest.mark.parametrize(
    "failure", ["ArrowNotImplementedError", "ArrowKeyError", "ArrowTypeError", "ArrowCapacityError"]
)
def test_what_pyarrow_cannot_read_is_a_fault_of_the_data(folder: Path, monkeypatch: pytest.MonkeyPatch, failure: str):
    lib, reader = pytest.importorskip("pyarrow.lib"), pytest.importorskip("pyarrow.parquet")

    def fails(_: object) -> None:
        raise getattr(lib, failure)("cannot")

    monkeypatch.setattr(reader, "read_table", fails)
    (folder / "test.parquet").write_bytes(b"PAR1")
    with pytest.raises(DatasetError, match=r"cannot read .*test.parquet as parquet: .*cannot"):
        read_rows(replace(SET, files={"test": ("test.parquet",)}), "test", "local")


def test_a_time_that_python_cannot_hold_is_a_fault_of_the_data(folder: Path):
    pyarrow, writer = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    column = pyarrow.array([2**62], pyarrow.int64()).cast(pyarrow.timestamp("ms"))
    writer.write_table(pyarrow.table({"when": column}), folder / "test.parquet")
    with pytest.raises(DatasetError, match="as parquet"):
        read_rows(replace(SET, files={"test": ("test.parquet",)}), "test", "local")


def test_a_missing_file_is_named_together_with_the_nearest(folder: Path):
    (folder / "tests.jsonl").write_bytes(JSONL)
    with pytest.raises(DatasetError) as caught:
        read_rows(SET, "test", "local")
    assert str(folder / "test.jsonl") in str(caught.value)
    assert str(folder / "tests.jsonl") in str(caught.value)


@pytest.mark.parametrize("name", ["train.jsonl", "train.jsonl.gz"])
def test_what_is_there_but_no_file_is_not_said_to_be_missing(folder: Path, name: str):
    (folder / name).symlink_to(folder / "content that was not fetched")
    with pytest.raises(DatasetError, match=rf"/{name} is a link to no file\. PMD_DATA_DIR"):
        read_rows(replace(SET, files={"train": ("train.jsonl",)}), "train", "local")
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(DatasetError, match=rf"/{name} is no file\. PMD_DATA_DIR"):
        read_rows(replace(SET, files={"train": ("train.jsonl",)}), "train", "local")


def test_a_missing_folder_is_named_together_with_the_nearest(folder: Path):
    with pytest.raises(DatasetError, match=rf"nearest there is {folder}"):
        read_rows(replace(SET, folder="number"), "test", "local")


def test_without_pmd_data_dir_there_is_nothing_local(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PMD_DATA_DIR", raising=False)
    assert not has_local(SET)
    with pytest.raises(DatasetError, match="PMD_DATA_DIR is not set"):
        read_rows(SET, "test", "local")


def test_a_split_that_leaves_out_rows_of_test_needs_its_file_too(folder: Path):
    compared = replace(SET, questions=(lambda row: row["n"],))
    (folder / "train.jsonl").write_bytes(JSONL)
    assert [has_local(SET, split) for split in ("train", "validation", "test")] == [True, True, False]
    assert not has_local(compared, "train")
    assert missing_local(compared, "train") == ("numbers/test.jsonl",)
    (folder / "test.jsonl.gz").write_bytes(gzip.compress(JSONL))
    assert has_local(compared, "train")
    assert missing_local(compared) == ()


def test_has_local_wants_every_file_of_what_is_asked_for(folder: Path):
    assert not has_local(SET)
    (folder / "test.jsonl.gz").write_bytes(gzip.compress(JSONL))
    assert not has_local(SET)
    assert has_local(SET, "test")
    assert not has_local(SET, "validation")
    (folder / "train.jsonl").write_bytes(JSONL)
    assert has_local(SET)
    assert has_local(SET, "validation")


def test_content_is_held_to_its_checksum_also_when_compressed(folder: Path):
    pinned = replace(SET, checksums={"test.jsonl": hashlib.sha256(JSONL).hexdigest()})
    (folder / "test.jsonl.gz").write_bytes(gzip.compress(JSONL))
    assert len(read_rows(pinned, "test", "local")) == len(ROWS)
    (folder / "test.jsonl.gz").write_bytes(gzip.compress(JSONL + b"{}\n"))
    with pytest.raises(DatasetError, match=r"is not the published test\.jsonl.*Delete it and fetch it again"):
        read_rows(pinned, "test", "local")


JSON_ROWS = st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3), max_size=4)


@given(JSON_ROWS, JSON_ROWS)
def test_a_fingerprint_stands_for_the_rows_and_nothing_else(rows: list, others: list):
    again = [dict(reversed(row.items())) for row in rows]
    assert fingerprint(rows) == fingerprint(again)
    assert (fingerprint(rows) == fingerprint(others)) == (rows == others)


class _Hub(http.server.BaseHTTPRequestHandler):
    """Serves one data set file by the protocol of the Hugging Face hub."""

    path_of_file = f"/datasets/somebody/numbers/resolve/{COMMIT}/data/test.jsonl"
    tag = hashlib.sha256(JSONL).hexdigest()

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        if self._answer():
            self.wfile.write(JSONL)

    def _answer(self) -> bool:
        there = self.path == self.path_of_file
        self.send_response(200 if there else 404)
        self.send_header("X-Repo-Commit", COMMIT)
        if not there:
            self.send_header("X-Error-Code", "EntryNotFound")
        self.send_header("ETag", f'"{self.tag}"')
        self.send_header("Content-Length", str(len(JSONL) if there else 0))
        self.end_headers()
        return there

    def log_message(self, *args: object) -> None:
        pass


class _HubOfLargeFiles(http.server.BaseHTTPRequestHandler):
    """Sends on whoever asks for a file, as the hub does with large ones, to a store that knows them by their sha256."""

    files: ClassVar[dict[str, bytes]] = {}
    """Contents by the path that the hub knows them by."""
    fetched: ClassVar[list[str]] = []
    instead: ClassVar[bytes] = b""
    """What the store gives in the place of any content."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        stored = {hashlib.sha256(content).hexdigest(): content for content in self.files.values()}
        if self.path in self.files:
            content = self.files[self.path]
            tag = hashlib.sha256(content).hexdigest()
            self.send_response(302)
            self.send_header("X-Repo-Commit", self.path.partition("/resolve/")[2].partition("/")[0])
            self.send_header("X-Linked-Etag", f'"{tag}"')
            self.send_header("X-Linked-Size", str(len(content)))
            self.send_header("ETag", '"of the answer that sends on"')
            # By another name, as the store is on another host: the client only goes on by itself on the same one.
            self.send_header("Location", f"http://localhost:{self.server.server_port}/store/{tag}?signed=yes")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path = self.path.partition("?")[0]
        content = self.instead or stored.get(path.removeprefix("/store/"), b"")
        self.send_response(200 if content else 404)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", '"of the store"')
        self.end_headers()
        if body:
            self.fetched.append(path)
            self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "cache"


@contextmanager
def _served(
    by: type[http.server.BaseHTTPRequestHandler], monkeypatch: pytest.MonkeyPatch
) -> Iterator[http.server.HTTPServer]:
    """A server of this machine in the place of the hub."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), by)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hub(hub_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[http.server.HTTPServer]:
    assert not hub_cache.exists()
    with _served(_Hub, monkeypatch) as server:
        yield server


@pytest.fixture
def hub_of_large_files(hub_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_HubOfLargeFiles]]:
    assert not hub_cache.exists()
    monkeypatch.setattr(_HubOfLargeFiles, "files", {})
    monkeypatch.setattr(_HubOfLargeFiles, "fetched", [])
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with _served(_HubOfLargeFiles, monkeypatch):
        yield _HubOfLargeFiles


HUB_SET = replace(SET, hub_repo="somebody/numbers", hub_revision=COMMIT, hub_files={"test": ("data/test.jsonl",)})


@pytest.mark.usefixtures("hub")
def test_the_hub_is_read_once_and_then_its_cache(monkeypatch: pytest.MonkeyPatch):
    pinned = replace(HUB_SET, checksums={"data/test.jsonl": hashlib.sha256(JSONL).hexdigest()})
    assert read_rows(pinned, "test", "hub") == tuple(ROWS)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    assert read_rows(pinned, "test", "hub") == tuple(ROWS)


@pytest.mark.usefixtures("hub")
def test_a_download_is_held_to_its_checksum():
    with pytest.raises(DatasetError, match=r"is not the published data/test\.jsonl"):
        read_rows(replace(HUB_SET, checksums={"data/test.jsonl": "0" * 64}), "test", "hub")


@pytest.mark.parametrize("shares", [False, True])
@pytest.mark.usefixtures("hub")
def test_whoever_deletes_what_the_error_names_gets_a_whole_file(shares: bool, hub_cache: Path):
    pinned = replace(HUB_SET, checksums={"data/test.jsonl": hashlib.sha256(JSONL).hexdigest()})
    assert read_rows(pinned, "test", "hub") == tuple(ROWS)
    (blob,) = hub_cache.rglob(_Hub.tag)
    if shares:
        (hub_cache / "shared").mkdir()
        blob.symlink_to(blob.rename(hub_cache / "shared" / "file"))
    blob.write_bytes(JSONL.replace(b"row 7", b"row 8"))  # as long as before
    with pytest.raises(DatasetError, match=r"is not the published data/test\.jsonl") as caught:
        read_rows(pinned, "test", "hub")
    named = re.search("Delete (.*) and fetch it again", str(caught.value))
    assert named is not None
    for path in named[1].split(" and "):
        Path(path).unlink()
    assert read_rows(pinned, "test", "hub") == tuple(ROWS)


GIT_HASH = "96600ae48daff6f93013d5c3cfa9f3b502ddfcf6"  # what `git hash-object` says of JSONL


@pytest.mark.parametrize("tag", [hashlib.sha256(JSONL).hexdigest(), GIT_HASH])
@pytest.mark.usefixtures("hub")
def test_without_a_checksum_a_file_is_held_to_what_the_hub_says_of_it(
    tag: str, hub_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(_Hub, "tag", tag)
    assert read_rows(HUB_SET, "test", "hub") == tuple(ROWS)
    (blob,) = hub_cache.rglob(tag)
    blob.write_bytes(JSONL.replace(b"row 7", b"row 8"))  # as long as before
    with pytest.raises(DatasetError, match=f"the hub gave {tag}"):
        read_rows(HUB_SET, "test", "hub")


@pytest.mark.parametrize("tag", [hashlib.sha256(JSONL).hexdigest(), GIT_HASH])
@pytest.mark.usefixtures("hub")
def test_a_file_that_repositories_share_is_held_to_it_too(tag: str, hub_cache: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_Hub, "tag", tag)
    assert read_rows(HUB_SET, "test", "hub") == tuple(ROWS)
    (blob,) = hub_cache.rglob(tag)
    shared = hub_cache / "blobs" / "ab" / f"ab{'c' * 62}"  # where the client keeps it, by a hash of another kind
    shared.parent.mkdir(parents=True)
    blob.rename(shared)
    blob.symlink_to(Path("..") / ".." / shared.relative_to(hub_cache))
    assert read_rows(HUB_SET, "test", "hub") == tuple(ROWS)
    shared.write_bytes(JSONL.replace(b"row 7", b"row 8"))
    with pytest.raises(DatasetError, match=f"the hub gave {tag}. Delete {blob} and {shared} and fetch it again"):
        read_rows(HUB_SET, "test", "hub")
    blob.unlink()
    shared.unlink()
    assert read_rows(HUB_SET, "test", "hub") == tuple(ROWS)


@pytest.mark.usefixtures("hub")
def test_a_link_that_leads_out_of_the_cache_has_no_hash_of_the_hub(hub_cache: Path, tmp_path: Path):
    read_rows(HUB_SET, "test", "hub")
    (link,) = hub_cache.rglob("test.jsonl")
    link.unlink()
    link.symlink_to(tmp_path / "mine.jsonl")
    (tmp_path / "mine.jsonl").write_bytes(JSONL)
    with pytest.raises(DatasetError, match=r"the tag 'mine\.jsonl', which is neither"):
        read_rows(HUB_SET, "test", "hub")


@pytest.mark.parametrize("tag", ["0" * 64, "0" * 40, hashlib.md5(JSONL, usedforsecurity=False).hexdigest()])
@pytest.mark.usefixtures("hub")
def test_a_download_that_the_hub_describes_otherwise_is_refused(tag: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_Hub, "tag", tag)
    with pytest.raises(DatasetError, match=tag):
        read_rows(HUB_SET, "test", "hub")
    pinned = replace(HUB_SET, checksums={"data/test.jsonl": hashlib.sha256(JSONL).hexdigest()})
    assert read_rows(pinned, "test", "hub") == tuple(ROWS)


@pytest.mark.usefixtures("hub")
def test_a_cache_without_links_keeps_no_hash(hub_cache: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("huggingface_hub.file_download.are_symlinks_supported", lambda _=None: False)
    assert read_rows(HUB_SET, "test", "hub") == tuple(ROWS)
    assert not any(path.is_symlink() for path in hub_cache.rglob("*"))


@pytest.mark.usefixtures("hub")
def test_a_file_that_the_hub_does_not_have_is_named():
    with pytest.raises(DatasetError, match=r"cannot download data/none\.jsonl of .* somebody/numbers"):
        read_rows(replace(HUB_SET, hub_files={"test": ("data/none.jsonl",)}), "test", "hub")


def test_large_files_are_read_from_where_the_hub_sends_on(hub_of_large_files: type[_HubOfLargeFiles], hub_cache: Path):
    hub_of_large_files.files[f"/datasets/somebody/numbers/resolve/{COMMIT}/data/test.jsonl"] = JSONL
    assert read_rows(HUB_SET, "test", "hub") == tuple(ROWS)
    sha256 = hashlib.sha256(JSONL).hexdigest()
    assert hub_of_large_files.fetched == [f"/store/{sha256}"]
    (blob,) = hub_cache.rglob(sha256)  # kept by what the hub says of the file, and not by the store's own tag
    blob.write_bytes(JSONL.replace(b"row 7", b"row 8"))  # as long as before
    with pytest.raises(DatasetError, match=f"the hub gave {sha256}"):
        read_rows(HUB_SET, "test", "hub")


def test_a_large_file_that_is_not_what_the_hub_says_is_refused(
    hub_of_large_files: type[_HubOfLargeFiles], monkeypatch: pytest.MonkeyPatch
):
    hub_of_large_files.files[f"/datasets/somebody/numbers/resolve/{COMMIT}/data/test.jsonl"] = JSONL
    monkeypatch.setattr(hub_of_large_files, "instead", JSONL.replace(b"row 7", b"row 8"))  # as long as it has to be
    with pytest.raises(DatasetError, match=f"the hub gave {hashlib.sha256(JSONL).hexdigest()}"):
        read_rows(HUB_SET, "test", "hub")


class _HubWithoutStore(http.server.BaseHTTPRequestHandler):
    """Sends whoever asks for a file to a store of the kind that ``hf_xet`` asks, which has none."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        here = f"http://127.0.0.1:{self.server.server_port}"
        self.send_response(404 if self.path.startswith("/store") else 200)
        if self.path == "/token":
            self.send_header("X-Xet-Cas-Url", f"{here}/store")
            self.send_header("X-Xet-Access-Token", "token")
            self.send_header("X-Xet-Token-Expiration", str(int(time.time()) + 600))
        elif "/resolve/" in self.path:
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("X-Linked-Etag", f'"{hashlib.sha256(JSONL).hexdigest()}"')
            self.send_header("X-Linked-Size", str(len(JSONL)))
            self.send_header("X-Xet-Hash", "b" * 64)
            self.send_header("Link", f'<{here}/token>; rel="xet-auth"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.mark.usefixtures("hub_cache")
def test_a_store_of_large_files_that_fails_is_data_that_is_not_there(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("hf_xet")
    with (
        _served(_HubWithoutStore, monkeypatch),
        pytest.raises(DatasetError, match=r"cannot download data/test\.jsonl of .* somebody/numbers"),
    ):
        read_rows(HUB_SET, "test", "hub")


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_an_environment_reads_parquet_from_the_hub(
    split: str, hub_of_large_files: type[_HubOfLargeFiles], monkeypatch: pytest.MonkeyPatch
):
    pyarrow, writer = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    asked = {name: [f"Of {name}: what is {n} + 1?" for n in range(60)] for name in ("train", "test")}
    checksums = {}
    for name, questions in asked.items():
        rows = [{"question": text, "answer": f"{n} + 1 = {n + 1}\n#### {n + 1}"} for n, text in enumerate(questions)]
        body = BytesIO()
        writer.write_table(pyarrow.Table.from_pylist(rows), body)
        (file,) = GSM8K_DATA.hub_files[name]
        hub_of_large_files.files[f"/datasets/openai/gsm8k/resolve/{GSM8K_DATA.hub_revision}/{file}"] = body.getvalue()
        checksums[file] = hashlib.sha256(body.getvalue()).hexdigest()
    monkeypatch.setattr(GSM8K, "dataset", replace(GSM8K_DATA, checksums=checksums))
    sources._open.cache_clear()  # what others have opened is not ours, and ours not for others
    try:
        env = gymnasium.make("pmd/GSM8K-v0", source="hub", split=split, granularity="episode")
        observation, info = env.reset(seed=0)
        _, reward, terminated, _, _ = env.step(env.unwrapped.family.gold_solution(env.unwrapped.task))
    finally:
        sources._open.cache_clear()
    assert observation["problem"] in asked["test" if split == "test" else "train"]
    assert (info["dataset"], reward, terminated) == ("hub", 1, True)
    assert info["task_id"].startswith(f"GSM8K-v0/data/{split}/")
    assert len(hub_of_large_files.fetched) == 1  # no other split's file


@pytest.mark.usefixtures("hub_cache")
def test_an_unreachable_hub_fails_quickly(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    started = time.monotonic()
    with pytest.raises(DatasetError, match="does not answer"):
        read_rows(HUB_SET, "test", "hub")
    assert time.monotonic() - started < 10


@pytest.mark.usefixtures("hub")
def test_offline_mode_asks_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(DatasetError, match="HF_HUB_OFFLINE is set"):
        read_rows(HUB_SET, "test", "hub")


def test_a_set_without_a_hub_copy_says_so():
    with pytest.raises(DatasetError, match="has no copy on the Hugging Face hub"):
        read_rows(SET, "test", "hub")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"train": "train.jsonl"}, r"of toy: those of 'train' are a tuple of names, .*, not 'train\.jsonl'"),
        ({"train": (3,)}, r"of toy: those of 'train' are a tuple of names, .*, not \(3,\)"),
        (("train.jsonl",), " of toy are a mapping of splits, not "),
        ({"training": ("train.jsonl",)}, "of toy 'training'. Did you mean 'train'"),
        ({"train": ("train.jsonl",), "dev": ("dev.jsonl",)}, "of toy 'dev'. .* train, validation, test"),
    ],
)
@pytest.mark.parametrize("name", ["files", "hub_files"])
def test_files_are_names_by_split(name: str, files: object, words: str):
    with pytest.raises(ConfigError, match=words):
        Dataset(**{"folder": "toy", "files": {}, name: files})


@pytest.mark.parametrize("revision", ["", "main", COMMIT[1:], COMMIT.upper(), f"{COMMIT}0"])
def test_a_hub_copy_has_to_be_pinned(revision: str):
    with pytest.raises(ConfigError, match=f"somebody/numbers is not pinned: hub_revision='{revision}'"):
        replace(HUB_SET, hub_revision=revision)


@pytest.mark.realdata
def test_the_published_gsm8k_has_its_checksums_and_sizes():
    sizes = [len(read_rows(GSM8K_DATA, split, "local")) for split in ("train", "validation", "test")]
    assert sizes[0] + sizes[1] == 7473
    assert sizes[2] == 1319
