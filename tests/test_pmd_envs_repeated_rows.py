"""Published train rows of MBPP that ask what a test row asks are left out, and ids count those that stay."""

import json
from dataclasses import replace

import pytest

from pmd_envs.datasets import fingerprint, read_rows
from pmd_envs.families.mbpp import MBPP, MBPP_DATA
from pmd_envs.sources import open_source

ROW = {"code": "def put(x):\n    return x", "test_setup_code": ""}


def test_what_a_test_task_of_mbpp_asks_is_not_trained_on(tmp_path, monkeypatch):
    monkeypatch.setenv("PMD_DATA_DIR", str(tmp_path))
    (tmp_path / "mbpp").mkdir()
    rows = [{**ROW, "text": f"{n}", "test_list": [f"assert put({n}) == {n}"]} for n in range(1, 975)]
    rows[100] = {**ROW, "text": "Put it there.", "test_list": ["assert put(1) == 1", "assert put(2) == 2"]}
    renamed = ["assert (lay( 2 )) == 2", "assert lay(2) == 2", "assert lay(1) == 1"]
    rows[600] = {**rows[100], "text": "Lay it.", "code": "def lay(x):\n    ...", "test_list": renamed[1:]}
    rows[601] = {**rows[600], "test_list": renamed}  # more is tested
    rows[602] = {**rows[602], "text": "put it  there."}
    rows[603] = {**rows[600], "code": "def other(x):\n    ..."}  # whose name is not lay
    (tmp_path / "mbpp" / "mbpp.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = replace(MBPP_DATA, checksums={})
    assert read_rows(data, "train", "local") == (rows[601], *rows[603:])
    assert read_rows(data, "test", "local") == tuple(rows[10:510])
    assert read_rows(data, "validation", "local") == tuple(rows[510:600])

    class Published(MBPP):
        dataset = data

    source = open_source(Published(), "train", None, "local")
    assert [source.at(0).id, source.at(371).id] == ["MBPP-v0/data/train/0", "MBPP-v0/data/train/371"]
    assert source.at(0).prompt == "Lay it.\nassert (lay( 2 )) == 2"
    assert source.fingerprint == fingerprint((rows[601], *rows[603:]))  # so these ids are not mixed up with others


@pytest.mark.realdata
def test_the_published_rows_that_stay(data_dir):
    kept = {split: read_rows(MBPP_DATA, split, "local") for split in MBPP_DATA.files}
    assert {split: len(rows) for split, rows in kept.items()} == {"train": 368, "validation": 90, "test": 500}
    for question, left_out in zip(MBPP_DATA.questions, (3, 3), strict=True):
        assert len(read_rows(replace(MBPP_DATA, questions=(question,)), "train", "local")) == 374 - left_out
