"""Studies in one file: what comes back is what was packed, and nothing else is touched."""

import io
import json
import sys
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_leaderboard_entry import write_run

from benchmarks.archive import main, pack, unpack
from benchmarks.study_results import load_study
from pmd_envs.errors import ConfigError

ARMS = ("sdpo", "pmd")


def study_in(folder):
    """A study of two arms and one seed, with files beside that nobody needs."""
    for arm in ARMS:
        cell = folder / "hard" / arm / "seed3"
        write_run(cell, arm, agent=arm, seed=3, suite="hard", labels=(arm,), config={"split": "test"})
        answers = cell / "evaluation.jsonl"
        told = [
            json.loads(line) | {"reason": "no", "context": "Behaviors:"} for line in answers.read_text().splitlines()
        ]
        answers.write_text("".join(json.dumps(line) + "\n" for line in told))
        (cell / "config.json").write_text('{"format": 1}')
        (cell / "metrics.jsonl").write_text('{"step": 0, "reward": 0.5}\n')
        (cell / "seconds.jsonl").write_text('{"step": 0, "rollout": 0.5}\n')
        (cell / "unseen").mkdir()
        (cell / "unseen" / f"{arm}.jsonl").write_text((cell / "evaluation.jsonl").read_text())
        (cell / "policy").mkdir()
        (cell / "policy" / "model.safetensors").write_bytes(b"many")
    (folder / "hard" / "pmd" / "seed4").mkdir()  # under way
    (folder / "hard" / "pmd" / "seed4" / "config.json").write_text('{"format": 1}')
    return folder


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def archive_of(file, **entries):
    with tarfile.open(file, "w:xz") as archive:
        for name, text in entries.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    return file


def test_a_study_comes_back_without_weights_and_texts(tmp_path):
    study, file = study_in(tmp_path / "study"), tmp_path / "some" / "study.tar.xz"
    assert pack(study, file) == 2
    assert unpack(file, tmp_path / "again") == (2, 2)
    before, after = contents(study), contents(tmp_path / "again")
    assert {name for name in after if "pmd" in name} == {
        f"hard/pmd/seed3/{name}"
        for name in (
            "config.json",
            "report.json",
            "metrics.jsonl",
            "seconds.jsonl",
            "evaluation.jsonl",
            "unseen/pmd.jsonl",
        )
    }
    for name, text in after.items():
        if "evaluation" not in name and "unseen" not in name:
            assert text == before[name]
    texts = ("response", "reason", "context")
    told = [json.loads(line) for line in before["hard/pmd/seed3/evaluation.jsonl"].splitlines()]
    kept = [json.loads(line) for line in after["hard/pmd/seed3/evaluation.jsonl"].splitlines()]
    assert kept == [{key: value for key, value in row.items() if key not in texts} for row in told]
    assert all(any(text in row for row in told) for text in texts)
    one, other = (load_study(folder / "hard", ARMS, [3]) for folder in (study, tmp_path / "again"))
    assert [arm.measured["final"].score for arm in one.arms] == [arm.measured["final"].score for arm in other.arms]
    assert one.commits == other.commits


def test_cells_of_some_seeds_can_be_packed(tmp_path):
    study = study_in(tmp_path / "study")
    assert pack(study, tmp_path / "x", [3, 5]) == 2
    with pytest.raises(ConfigError, match="has no finished cell of seed 4, 5: expected"):
        pack(study, tmp_path / "y", [4, 5])
    assert not (tmp_path / "y").exists()


def test_the_same_cells_are_the_same_bytes_whenever_they_are_packed(tmp_path):
    study = study_in(tmp_path / "study")
    pack(study, tmp_path / "one")
    unpack(tmp_path / "one", tmp_path / "again")
    pack(tmp_path / "again", tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_cells_that_are_there_stay_and_other_runs_are_not_replaced(tmp_path):
    study, file = study_in(tmp_path / "study"), tmp_path / "study.tar.xz"
    pack(study, file)
    before = contents(study)
    assert unpack(file, study) == (2, 0)  # the texts are still there
    assert contents(study) == before
    report = study / "hard" / "sdpo" / "seed3" / "report.json"
    report.write_bytes(report.read_bytes() + b" ")
    before = contents(study)
    with pytest.raises(ConfigError, match="sdpo/seed3 holds another run"):
        unpack(file, study)
    assert contents(study) == before
    report.unlink()  # under way, with a process at work perhaps
    with pytest.raises(ConfigError, match="sdpo/seed3 holds another run"):
        unpack(file, study)


def test_a_folder_without_finished_cells_is_a_mistake(tmp_path):
    with pytest.raises(ConfigError, match=r"no finished cell: expected .*SUITE/ARM/seedN/report\.json"):
        pack(tmp_path, tmp_path / "study.tar.xz")
    assert contents(tmp_path) == {}


def test_a_damaged_line_is_named_and_an_earlier_file_stays(tmp_path):
    study, file = study_in(tmp_path / "study"), tmp_path / "study.tar.xz"
    file.write_bytes(b"earlier")
    (study / "hard" / "pmd" / "seed3" / "evaluation.jsonl").write_text('{"row": "pm')
    with pytest.raises(ConfigError, match=r"seed3/evaluation\.jsonl is damaged"):
        pack(study, file)
    assert file.read_bytes() == b"earlier"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["study.tar.xz"]


@pytest.mark.parametrize(
    "name",
    [
        "hard/pmd/seed3/policy.py",
        "hard/pmd/seed3/sub/report.json",
        "hard/pmd/report.json",
        "report.json",
        "../../../report.json",
        "hard/../../report.json",
        "/hard/pmd/report.json",
        "hard/pmd/seed3/unseen/../report.json",
    ],
)
def test_an_archive_writes_nothing_but_files_of_cells(name, tmp_path):
    good = "hard/pmd/seed3/report.json"
    archive_of(tmp_path / "x", **{good: b"{}", name: b"{}"})
    with pytest.raises(ConfigError, match="which is no file of a study's cell"):
        unpack(tmp_path / "x", tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_links_are_no_files_of_cells(tmp_path):
    with tarfile.open(tmp_path / "x", "w:xz") as archive:
        entry = tarfile.TarInfo("hard/pmd/seed3/report.json")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)
    with pytest.raises(ConfigError, match="no file of a study's cell"):
        unpack(tmp_path / "x", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_sparse_file_is_no_file_of_a_cell(tmp_path):
    holes = tarfile.TarInfo("hard/pmd/seed3/metrics.jsonl")
    holes.pax_headers = {"GNU.sparse.size": "300000000", "GNU.sparse.numblocks": "0", "GNU.sparse.map": "0,0"}
    with tarfile.open(tmp_path / "x", "w:xz", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(holes, io.BytesIO(b""))
    with tarfile.open(tmp_path / "x") as archive:
        assert [(entry.issparse(), entry.size) for entry in archive] == [(True, 300_000_000)]
    with pytest.raises(ConfigError, match="no file of a study's cell"):
        unpack(tmp_path / "x", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "most", "message"),
    [("MOST_OF_FILE", 999, "of 1,000 bytes, and 999 are the most"), ("MOST_OF_ALL", 9999, "more than 9,999 bytes")],
)
def test_what_is_too_large_was_not_written_here(name, most, message, tmp_path, monkeypatch):
    archive_of(tmp_path / "x", **{"hard/pmd/seed3/report.json": b" " * 1000})
    monkeypatch.setattr(f"benchmarks.archive.{name}", most)
    with pytest.raises(ConfigError, match=message):
        unpack(tmp_path / "x", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_name_that_no_system_takes_is_a_mistake(tmp_path):
    with tarfile.open(tmp_path / "x", "w:xz", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("short")
        entry.pax_headers = {"path": "hard/pm\0d/seed3/report.json"}
        archive.addfile(entry)
    with pytest.raises(ConfigError, match="cannot be read: embedded null byte"):
        unpack(tmp_path / "x", tmp_path / "out")


@given(data=st.data())
def test_a_broken_archive_changes_nothing(data, tmp_path_factory):
    place = tmp_path_factory.mktemp("broken")
    good = archive_of(place / "x", **{"hard/pmd/seed3/report.json": b'{"a": 1}' * 50}).read_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    broken = data.draw(st.sampled_from([good[:at], good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :]]))
    (place / "x").write_bytes(broken)
    with pytest.raises(ConfigError, match="cannot be read"):
        unpack(place / "x", place / "out")
    assert list((place / "out").iterdir()) == []


def test_the_command_says_what_it_did(tmp_path, monkeypatch, capsys):
    study = study_in(tmp_path / "study")
    monkeypatch.setattr(sys, "argv", ["archive.py", "pack", str(study), str(tmp_path / "x")])
    assert main() == 0
    size = (tmp_path / "x").stat().st_size
    assert capsys.readouterr().out == f"{tmp_path}/x: 2 cells, {size:,} bytes\n"
    monkeypatch.setattr(sys, "argv", ["archive.py", "unpack", str(tmp_path / "x"), str(tmp_path / "out")])
    assert main() == 0
    assert capsys.readouterr().out == f"{tmp_path}/x: 2 cells, 2 of them new in {tmp_path}/out\n"
    assert main() == 0
    assert capsys.readouterr().out == f"{tmp_path}/x: 2 cells, 0 of them new in {tmp_path}/out\n"
    monkeypatch.setattr(sys, "argv", ["archive.py", "unpack", str(tmp_path / "none"), str(tmp_path / "out")])
    assert main() == 2
    assert "none cannot be read" in capsys.readouterr().err
