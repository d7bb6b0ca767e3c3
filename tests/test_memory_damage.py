"""A file that another program or a disk damaged: one line that names the item, never a traceback."""

import sqlite3

import numpy as np
import pytest
from memory_scene import Scripted, attempts, live_a_step, subject

from memory import Memory, MemoryStoreError, MemoryUseError
from memory.__main__ import main
from memory.novelty import pack, unpack

NEWEST = "(SELECT max(id) FROM items WHERE removed_step IS NULL AND level = 'experience')"


@pytest.fixture
def run(tmp_path):
    with Memory(tmp_path / "memory.sqlite") as memory:
        for step in range(2):
            live_a_step(memory, step)
    return tmp_path


def damage(run, change):
    """The id of the newest attempt, after ``change`` was made to it."""
    connection = sqlite3.connect(run / "memory.sqlite")
    newest = connection.execute(f"SELECT {NEWEST}").fetchone()[0]
    connection.execute(f"UPDATE items SET {change}")
    connection.commit()
    connection.close()
    return newest


@pytest.mark.parametrize(
    "provenance",
    ["substr(provenance, 1, 40)", "'{}'", "'[]'", "'7'", "json_set(provenance, '$.episodes', json('[]'))", "x'ff'"],
)
@pytest.mark.parametrize("command", ["show", "export", "search"])
def test_a_damaged_origin_is_one_line(run, capsys, command, provenance):
    newest = damage(run, f"provenance = {provenance} WHERE id = {NEWEST}")
    assert main([command, str(run), *(["apples", "--limit", "500"] if command == "search" else [])]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"memory: item {newest} is damaged")
    assert said.count("\n") == 1


@pytest.mark.parametrize("vector", ["x'00'", "x'0000'", "x''", "7", "'text'", "zeroblob(1026)"])
def test_a_damaged_vector_is_one_line(run, capsys, vector):
    newest = damage(run, f"vector = {vector} WHERE id = {NEWEST}")
    assert main(["search", str(run), "apples"]) == 2
    assert f"item {newest} is damaged" in capsys.readouterr().err
    with Memory(run / "memory.sqlite") as memory:
        about = next(item.subject_id for item in memory.items("experience") if item.id == newest)
        with pytest.raises(MemoryStoreError, match=f"item {newest} is damaged"):
            memory.record(subject(int(about.rpartition("/")[2])), attempts(2, 70) + attempts(2, 80, 0.0), 3)


@pytest.mark.parametrize(
    ("level", "use"),
    [
        ("behavior", lambda memory: memory.context(subject())),
        ("behavior", lambda memory: memory.consolidate(Scripted(90), 3)),
        ("insight", lambda memory: memory.reflect([subject(1)], Scripted(90), 3)),
    ],
)
def test_vectors_that_are_all_of_a_wrong_size_are_noticed_by_who_uses_them(run, level, use):
    damage(run, f"vector = x'0000', retrieval_key = iif(level = 'behavior', x'0000', NULL) WHERE level = '{level}'")
    with Memory(run / "memory.sqlite") as memory, pytest.raises(MemoryStoreError, match=r"item \d+ is damaged"):
        use(memory)


def test_the_vector_that_differs_from_most_is_the_damaged_one():
    vectors = np.eye(3, 8, dtype=np.float32)
    rows = [(number, pack(vector)) for number, vector in enumerate(vectors, 5)]
    assert (unpack(rows, "item") == vectors).all()
    for place in range(3):
        with pytest.raises(MemoryStoreError, match=f"item {place + 5} is damaged"):
            unpack([(key, blob[: 4 if key == place + 5 else None]) for key, blob in rows], "item")


@pytest.mark.parametrize("change", ["written_step = 'soon'", "removed_step = 'soon', removed_for = 'evicted'"])
def test_a_damaged_step_is_one_line(run, capsys, change):
    damage(run, f"{change} WHERE id = {NEWEST}")
    assert main(["stats", str(run)]) == 2
    assert capsys.readouterr().err == "memory: an item of level 'experience' is damaged: its policy step is 'soon'\n"


USES = {
    "context": lambda memory: memory.context(subject(1)),
    "record": lambda memory: memory.record(subject(1), attempts(2, 70), 0),
    "reflect": lambda memory: memory.reflect([subject(1)], Scripted(90), 3),
    "consolidate": lambda memory: memory.consolidate(Scripted(90), 3),
    "rewind": lambda memory: memory.rewind(0),
}


@pytest.mark.parametrize(
    ("change", "named", "uses"),
    [
        (
            "UPDATE meta SET value = 'x' WHERE name = 'bank_version'",
            "bank_version",
            ("context", "consolidate", "rewind"),
        ),
        (
            "UPDATE meta SET value = 'x' WHERE name = 'last_id'",
            "last_id",
            ("record", "reflect", "consolidate", "rewind"),
        ),
        ("UPDATE groups SET successes = 'x'", r"problem '.*' is damaged", ("reflect",)),
        ("UPDATE groups SET total = x'00'", r"problem '.*' is damaged", ("reflect",)),
        (
            "UPDATE items SET written_step = 'x' WHERE level = 'behavior'",
            r"item \d+ is damaged",
            ("context", "consolidate"),
        ),
        (
            "UPDATE items SET removed_step = 'x', removed_for = 'evicted' WHERE level = 'behavior'",
            r"item \d+ is damaged",
            ("context", "consolidate"),
        ),
        ("UPDATE items SET written_step = 'x' WHERE level = 'experience'", "is damaged", ("context",)),
        ("UPDATE subjects SET written_step = 'x'", r"problem '.*' is damaged", ("record",)),
        ("UPDATE subjects SET split = x'74'", r"problem '.*' is damaged", ("consolidate",)),
        ("UPDATE subjects SET gold = x'74'", r"problem '.*' is damaged", ("consolidate",)),
    ],
)
def test_damage_is_named(run, change, named, uses):
    connection = sqlite3.connect(run / "memory.sqlite")
    connection.execute(change)
    connection.commit()
    connection.close()
    for use in uses:
        with Memory(run / "memory.sqlite") as memory, pytest.raises(MemoryStoreError, match=named):
            USES[use](memory)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_vector_that_is_not_finite_is_named(run, number):
    vector = np.zeros(512, np.float32)
    vector[7] = number
    blob = f"x'{pack(vector).hex()}'"
    newest = damage(run, f"vector = {blob} WHERE id = {NEWEST}")
    with Memory(run / "memory.sqlite") as memory:
        about = next(item.subject_id for item in memory.items("experience") if item.id == newest)
        with pytest.raises(MemoryStoreError, match=f"item {newest} is damaged: its vector is not finite"):
            memory.record(subject(int(about.rpartition("/")[2])), attempts(2, 70) + attempts(2, 80, 0.0), 3)
    damage(run, f"retrieval_key = {blob} WHERE level = 'behavior'")
    with Memory(run / "memory.sqlite") as memory, pytest.raises(MemoryStoreError, match=r"item \d+ .* is not finite"):
        memory.context(subject())


def test_an_embedder_whose_vectors_are_not_finite_is_not_stored(tmp_path):
    class Broken:
        name = "broken"

        def embed(self, texts):
            return np.full((len(texts), 4), 1e6, np.float32)

    with Memory(tmp_path / "m.sqlite", embedder=Broken()) as memory:
        with pytest.raises(MemoryUseError, match="not finite"):
            memory.record(subject(), attempts(1), 0)
        assert memory.counts().total == 0


@pytest.mark.parametrize("step", [2**63, 2**70, -(2**64)])
@pytest.mark.parametrize(
    "use",
    [
        lambda memory, step: memory.as_of(step).items("insight"),
        lambda memory, step: memory.as_of(step).counts(),
        lambda memory, step: memory.as_of(step).context(subject()),
        lambda memory, step: memory.context(subject(), as_of=step),
        lambda memory, step: memory.record(subject(), attempts(2, 70), step),
        lambda memory, step: memory.rewind(step),
    ],
)
def test_a_step_that_is_too_large_is_an_error_that_says_so(run, use, step):
    with Memory(run / "memory.sqlite") as memory:
        before = memory.counts()
        with pytest.raises(MemoryUseError, match="beyond the 64 bits"):
            use(memory, step)
        assert memory.counts() == before
